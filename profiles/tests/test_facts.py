"""Facts about parties, and what a job page makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

from accounts.models import Party
from accounts.tests.cast import make_client, make_freelancer
from core.actor import Actor
from events.actions import deliver_due, record
from payments.tests.cards import make_card
from profiles.actions import (
    count_contract_ended,
    count_hire,
    count_job_posted,
    count_release,
    set_payment_verified,
)
from profiles.models import PartyFacts
from profiles.queries import client_block

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
    assert (block.is_new, block.hire_rate, block.hires, block.spent, block.jobs_posted) == (True, None, None, None, 1)
    shown = _shown(alice)
    assert "New client" in shown
    assert "%" not in shown
    assert "€0" not in shown


def test_figures_are_shown_once_there_are_some(alice: Party, bob: Party) -> None:
    for _ in range(3):
        count_job_posted(party_id=alice.pk, at=AT)
    count_hire(client_id=alice.pk, freelancer_id=bob.pk, is_first_of_job=True, at=AT)
    count_release(payer_id=alice.pk, payee_id=bob.pk, gross=100_000, net=90_000, at=AT)
    block = client_block(alice)
    assert (block.is_new, block.hire_rate, block.hires, block.spent) == (False, 33, 1, 100_000)
    shown = _shown(alice)
    assert "New client" not in shown
    assert "33% of posted jobs" in shown


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
