"""A mediator who reads a room leaves a trace that both sides see, once for each case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_staff, sign_in
from contracts.models import Contract
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotAllowed
from disputes import actions
from disputes.models import Case
from disputes.tests.conftest import OPENED
from events.models import Event
from tests.nothing import nothing_happens

AT = OPENED + timedelta(days=1)
WORDS = "A mediator reads this room for the case about"


def _decided(case: Case, dora: Person) -> None:
    actions.decide_case(
        case_id=case.pk,
        seen_version=case.version,
        to_freelancer=100_000,
        to_client=0,
        reasons="Done.",
        by=dora.actor,
        at=AT,
    )


def _reads() -> list[tuple[int | None, str]]:
    rows = Event.objects.filter(kind="disputes.room_read").order_by("pk")
    return list(rows.values_list("actor_user_id", "scope"))


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_both_sides_see_in_the_room_that_it_is_read(
    case: Case, deal: Deal, contract: Contract, dora: Person, who: str
) -> None:
    side, mediator = Client(), Client()
    sign_in(side, getattr(deal, who))
    sign_in(mediator, dora)
    room = reverse("contracts:messages", kwargs={"contract_id": contract.pk})
    assert WORDS not in side.get(room).content.decode()

    assert mediator.get(reverse("admin:disputes_case_change", args=[case.pk])).status_code == 200

    assert WORDS in side.get(room).content.decode()


def test_each_mediator_is_put_on_record_once(case: Case, contract: Contract, dora: Person) -> None:
    denis = make_staff("Denis", "mediator", at=cast.AT)
    assert actions.note_room_read(case_id=case.pk, by=dora.actor, at=AT) is True
    with nothing_happens():
        assert actions.note_room_read(case_id=case.pk, by=dora.actor, at=AT) is False
    assert actions.note_room_read(case_id=case.pk, by=denis.actor, at=AT) is True
    assert _reads() == [(dora.user.pk, contract.scope), (denis.user.pk, contract.scope)]


def test_only_mediators_and_only_while_the_case_is_open(case: Case, deal: Deal, dora: Person) -> None:
    for by in (deal.alice.actor, deal.bob.actor, make_staff("Denis", "support", at=cast.AT).actor, cast.SYSTEM):
        with cast.nothing_happens(NotAllowed):
            actions.note_room_read(case_id=case.pk, by=by, at=AT)
    _decided(case, dora)
    with cast.nothing_happens(actions.CaseNotOpen):
        actions.note_room_read(case_id=case.pk, by=dora.actor, at=AT)


def test_the_screen_of_a_decided_case_reads_no_room(case: Case, dora: Person, client: Client) -> None:
    _decided(case, dora)
    sign_in(client, dora)
    page = client.get(reverse("admin:disputes_case_change", args=[case.pk]))
    assert page.status_code == 200
    assert "Messages of the room" not in page.content.decode()
    assert _reads() == []


def test_a_prefetch_reads_nothing(case: Case, dora: Person, client: Client) -> None:
    sign_in(client, dora)
    url = reverse("admin:disputes_case_change", args=[case.pk])
    answer = client.get(url, headers={"Sec-Purpose": "prefetch"})
    assert (answer.status_code, answer.content) == (503, b"")
    assert _reads() == []
