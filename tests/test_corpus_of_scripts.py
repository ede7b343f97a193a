"""Hostile texts in rooms and letters: read as text, and nothing of them runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.tests.cast import sign_in
from contracts.models import Contract
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.clock import now
from messaging.actions import post_message
from messaging.models import Message
from messaging.queries import room_of
from proposals.models import Proposal
from tests.corpus_of_scripts import PAYLOADS, live_parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal() -> Deal:
    """Alice's job with Bob's proposal."""
    return cast.make_deal()


@pytest.fixture
def contract(deal: Deal) -> Contract:
    """The contract that came of it."""
    return cast.sign(deal)


def test_the_corpus_is_large_and_what_runs_is_noticed() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 40
    assert live_parts("<p>1 < 2</p><script src='/static/js/app.js'></script><a href='/messages/'>x</a>") == []
    raw = [text for text in PAYLOADS if text.startswith(("<", '"><', "</"))]
    unseen = [text for text in raw if not live_parts(f"<p>{text}</p>")]
    assert unseen == [
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<javascript:alert(1)>",
        "<!--><script>alert(1)</script>-->",
    ]


def test_nothing_in_a_message_an_answer_a_list_or_a_search_runs(client: Client, contract: Contract, deal: Deal) -> None:
    room = room_of(contract.scope)
    assert room is not None
    for number, payload in enumerate(PAYLOADS):
        text = f"{payload} zebra{number}"
        message = post_message(room_id=room.pk, text=text, token=f"p{number}", by=deal.bob.actor, at=now())
        post_message(
            room_id=room.pk, text="Seen", token=f"a{number}", by=deal.bob.actor, at=now(), quoted_id=message.pk
        )
    sign_in(client, deal.alice)
    newest = Message.objects.latest("pk").pk
    own, shown = f"/messages/{room.pk}/", ""
    pages = [own, f"{own}?before={newest - 49}", f"{own}news/?after=0", f"{own}?answer={message.pk}"]
    pages += ["/messages/", "/messages/?q=zebra", f"/contracts/{contract.pk}/messages/"]

    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert live_parts(page) == []
        shown += page
    for number in range(len(PAYLOADS)):
        assert f"zebra{number}" in shown


def test_nothing_in_a_refused_message_runs(client: Client, contract: Contract, deal: Deal) -> None:
    room = room_of(contract.scope)
    assert room is not None
    sign_in(client, deal.bob)
    text = "\n\n".join(PAYLOADS) + "a" * 5000

    answer = client.post(f"/rooms/{room.pk}/messages/", {"text": text, "token": "long"})

    assert answer.status_code == 422
    assert live_parts(answer.content.decode()) == []


def test_nothing_in_a_letter_runs(client: Client, deal: Deal) -> None:
    letter = "\n\n".join(f"{payload} zebra{number}" for number, payload in enumerate(PAYLOADS)).replace("\x00", "")
    Proposal.objects.filter(pk=deal.proposal.pk).update(letter=letter, created_at=now() - timedelta(hours=1))
    sign_in(client, deal.alice)

    page = client.get(f"/proposals/{deal.proposal.pk}/").content.decode()

    assert live_parts(page) == []
    assert f"zebra{len(PAYLOADS) - 1}" in page
