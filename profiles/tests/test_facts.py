"""Facts about parties, and what a job page makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import Party
from accounts.tests.cast import make_client, make_freelancer
from core.actor import Actor
from events.actions import deliver_due, record
from payments.tests.cards import make_card
from profiles.actions import (
    count_contract_ended,
    count_hire,
    count_job_ended,
    count_job_posted,
    count_late_hire,
    count_proposal_received,
    count_release,
    lock_facts,
    set_answers,
    set_payment_verified,
)
from profiles.models import PartyFacts
from profiles.queries import Share, client_block
from profiles.templatetags.profiles import minutes_text

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def alice() -> Party:
    party = make_client("Alice").party
    assert party is not None
    return party


@pytest.fixture
def bob() -> Party:
    party = make_freelancer("Bob").party
    assert party is not None
    return party


def _shown(party: Party) -> str:
    return " ".join(render_to_string("profiles/_client_block.html", {"client": client_block(party)}).split())


def test_acts_are_counted_for_both_sides(alice: Party, bob: Party) -> None:
    count_job_posted(party_id=alice.pk, at=AT)
    count_job_posted(party_id=alice.pk, at=AT)
    count_hire(client_id=alice.pk, freelancer_id=bob.pk, is_first_of_job=True, at=AT)
    count_hire(client_id=alice.pk, freelancer_id=bob.pk, is_first_of_job=False, at=AT)
    count_release(payer_id=alice.pk, payee_id=bob.pk, gross=100_000, net=90_000, at=AT)
    count_contract_ended(client_id=alice.pk, freelancer_id=bob.pk, at=AT)

    hers, his = PartyFacts.objects.get(party=alice), PartyFacts.objects.get(party=bob)
    assert (hers.jobs_posted, hers.jobs_hired, hers.hires, hers.spent, hers.earned) == (2, 1, 2, 100_000, 0)
    assert (his.jobs_posted, his.hires, his.spent, his.earned, his.contracts_ended) == (0, 2, 0, 90_000, 1)
    assert hers.counted_at == AT


def test_a_client_without_facts_is_new_and_shows_no_zero(alice: Party) -> None:
    count_job_posted(party_id=alice.pk, at=AT)
    block = client_block(alice)
    assert (block.is_new, block.hired, block.hires, block.spent, block.jobs_posted) == (True, None, None, None, 1)
    shown = _shown(alice)
    assert "New client" in shown
    assert "%" not in shown
    assert "€0" not in shown


def test_the_hire_rate_is_of_the_jobs_that_ended(alice: Party, bob: Party) -> None:
    for _ in range(4):
        count_job_posted(party_id=alice.pk, at=AT)
    count_hire(client_id=alice.pk, freelancer_id=bob.pk, is_first_of_job=True, at=AT)
    count_release(payer_id=alice.pk, payee_id=bob.pk, gross=100_000, net=90_000, at=AT)
    for hires in (1, 0, 0):
        count_job_ended(party_id=alice.pk, hires_made=hires, at=AT)
    block = client_block(alice)
    assert (block.is_new, block.hired, block.unhired) == (False, Share(1, 3, 33), Share(2, 3, 67))
    assert (block.hires, block.spent) == (1, 100_000)
    shown = _shown(alice)
    assert "New client" not in shown
    assert "<strong>33%</strong> hire rate: 1 of 3 jobs that ended" in shown

    count_late_hire(party_id=alice.pk, at=AT)

    assert client_block(Party.objects.get(pk=alice.pk)).hired == Share(2, 3, 67)


def test_two_ended_jobs_are_too_few_for_a_rate(alice: Party) -> None:
    for _ in range(2):
        count_job_posted(party_id=alice.pk, at=AT)
        count_job_ended(party_id=alice.pk, hires_made=0, at=AT)
    block = client_block(alice)
    assert (block.hired, block.is_new) == (Share(0, 2, None), True)
    assert "%" not in _shown(alice)
    figures = render_to_string("profiles/_client_figures.html", {"client": block})
    assert figures.count("Too few to say: fewer than 3") == 2

    count_job_ended(party_id=alice.pk, hires_made=0, at=AT)

    block = client_block(Party.objects.get(pk=alice.pk))
    assert (block.hired, block.is_new) == (Share(0, 3, 0), False), "three that hired nobody are told"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "1 minute"), (59, "59 minutes"), (89, "1 hour"), (90, "2 hours"), (47 * 60, "47 hours"), (60 * 60, "3 days")],
)
def test_a_span_is_said_in_the_unit_that_fits(minutes: int, words: str) -> None:
    assert minutes_text(minutes) == words


def test_the_median_is_told_from_three_answers_on(alice: Party) -> None:
    with transaction.atomic():
        for _ in range(4):
            count_proposal_received(party_id=alice.pk, at=AT)
        set_answers(facts=lock_facts(alice.pk), answered=2, minutes=300, at=AT)
    assert client_block(alice).answer_minutes is None
    with transaction.atomic():
        set_answers(facts=lock_facts(alice.pk), answered=3, minutes=300, at=AT)
    block = client_block(Party.objects.get(pk=alice.pk))
    assert (block.answer_minutes, block.answered) == (300, Share(3, 4, 75))
    assert "<strong>5 hours</strong> to the first answer" in _shown(Party.objects.get(pk=alice.pk))


def test_the_block_costs_one_query(alice: Party, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        client_block(alice)


def test_payment_is_verified_while_there_is_a_card() -> None:
    alice = make_client("Alice")
    assert alice.party is not None
    make_card(alice)
    deliver_due(at=datetime.now(UTC))
    assert client_block(alice.party).is_payment_verified is True
    set_payment_verified(party_id=alice.party.pk, is_verified=False, at=AT)
    record(
        kind="payments.method_removed",
        actor=Actor.system(),
        subject="payment_method:1",
        scope=f"party:{alice.party.pk}",
        at=AT,
    )
    deliver_due(at=datetime.now(UTC))
    assert client_block(Party.objects.get(pk=alice.party.pk)).is_payment_verified is True, (
        "as it is now, not as the event had it"
    )
