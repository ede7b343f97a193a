"""The facts about parties, counted by the handlers of the apps in which things happen: once for each event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from profiles.actions.documents import refresh_document_of_party
from profiles.models import PartyFacts


@transaction.atomic
def count_job_posted(*, party_id: int, at: datetime) -> None:
    """Count a job that a client opened."""
    _count(party_id, at, jobs_posted=1)


@transaction.atomic
def count_hire(*, client_id: int, freelancer_id: int, is_first_of_job: bool, at: datetime) -> None:
    """Count a hire for both sides; the first of a job also counts the job as one that led to a hire."""
    _count_both(
        at,
        {
            client_id: {"hires": 1, "jobs_hired": int(is_first_of_job)},
            freelancer_id: {"hires": 1},
        },
    )


@transaction.atomic
def count_release(*, payer_id: int, payee_id: int, gross: int, net: int, at: datetime) -> None:
    """Count money that reached a freelancer: gross as spent by the one side, net as earned by the other.

    Below 0: it went back.
    """
    _count_both(at, {payer_id: {"spent": gross}, payee_id: {"earned": net}})
    refresh_document_of_party(payee_id)


@transaction.atomic
def count_contract_ended(*, client_id: int, freelancer_id: int, at: datetime) -> None:
    """Count a contract that ended, for both sides."""
    _count_both(at, {client_id: {"contracts_ended": 1}, freelancer_id: {"contracts_ended": 1}})
    refresh_document_of_party(freelancer_id)


@transaction.atomic
def count_job_ended(*, party_id: int, hires_made: int, at: datetime) -> None:
    """Count a posted job that was filled, closed or expired, and whether anybody was hired for it."""
    _count(party_id, at, jobs_ended=1, jobs_ended_hired=int(hires_made > 0))


@transaction.atomic
def count_late_hire(*, party_id: int, at: datetime) -> None:
    """Count a job that had ended without a hire among those with one: an offer that was out has been accepted."""
    _count(party_id, at, jobs_ended_hired=1)


@transaction.atomic
def count_proposal_received(*, party_id: int, at: datetime) -> None:
    """Count a proposal on a job of a client."""
    _count(party_id, at, proposals_received=1)


def lock_facts(party_id: int) -> PartyFacts:
    """Lock the facts of a party until the transaction ends, for figures that are read anew and set.

    Whoever reads them under this lock has seen every change whose event was told before: what is set last is right.
    """
    PartyFacts.objects.get_or_create(party_id=party_id)
    return PartyFacts.objects.select_for_update(no_key=True).get(party_id=party_id)


def set_open_jobs(*, facts: PartyFacts, number: int, at: datetime) -> None:
    """Note how many jobs of a client take proposals; the caller holds the lock of `lock_facts`."""
    _count(facts.party_id, at)
    PartyFacts.objects.filter(pk=facts.pk).update(jobs_open=number)


def set_answers(*, facts: PartyFacts, answered: int, minutes: int | None, at: datetime) -> None:
    """Note how many proposals a client answered, and the median of the minutes; the caller holds the lock."""
    _count(facts.party_id, at)
    PartyFacts.objects.filter(pk=facts.pk).update(proposals_answered=answered, answer_minutes=minutes)


@transaction.atomic
def set_payment_verified(*, party_id: int, is_verified: bool, at: datetime) -> None:
    """Note whether a party has a payment method that can be charged."""
    _count(party_id, at)
    PartyFacts.objects.filter(party_id=party_id).update(is_payment_verified=is_verified)


def _count_both(at: datetime, more: dict[int, dict[str, int]]) -> None:
    """Count for two parties, always the lower id first, so that two counts never wait for each other."""
    for party_id in sorted(more):
        _count(party_id, at, **more[party_id])


def _count(party_id: int, at: datetime, **more: int) -> None:
    PartyFacts.objects.get_or_create(party_id=party_id)
    changes: dict[str, Any] = {name: F(name) + amount for name, amount in more.items()}
    PartyFacts.objects.filter(party_id=party_id).update(counted_at=Greatest(F("counted_at"), at), **changes)
