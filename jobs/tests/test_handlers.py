"""What jobs hear from below."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.tests.cast import Person
from core.sweeps import sweeps
from events.actions import deliver_due
from jobs.models import JobDocument
from jobs.tests.posts import open_job
from payments.actions import remove_payment_method
from payments.tests.cards import make_card
from profiles.models import PartyFacts


def test_a_card_makes_a_clients_jobs_payment_verified_and_its_removal_undoes_it(
    alice: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at)
    card = make_card(alice, at=at)
    deliver_due(at=at + timedelta(minutes=1))
    assert JobDocument.objects.get().is_payment_verified
    assert PartyFacts.objects.get(party=alice.party).jobs_posted == 1
    remove_payment_method(method_id=card.pk, by=alice.actor, at=at)
    deliver_due(at=at + timedelta(minutes=2))
    assert not JobDocument.objects.get().is_payment_verified


def test_a_job_opened_with_a_card_is_verified_at_once(alice: Person, marc: Person, at: datetime) -> None:
    make_card(alice, at=at)
    open_job(alice, moderator=marc, at=at)
    assert JobDocument.objects.get().is_payment_verified


def test_the_clocks_of_jobs_are_registered() -> None:
    every = {sweep.name: sweep.every for sweep in sweeps()}
    assert (every["jobs.expire"], every["jobs.remind"]) == (60, 600)
