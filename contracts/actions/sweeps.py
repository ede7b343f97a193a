"""The clocks of offers, milestones and contracts: what is due is found by its row and done one by one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from contracts.actions.clocks import next_reminder
from contracts.actions.finishing import finish_contract
from contracts.actions.milestones import tell
from contracts.actions.money import release_silent_milestone
from contracts.actions.offers import expire_offer
from contracts.actions.offers.versions import resume_clock
from contracts.actions.rows import lock_milestone
from contracts.models import Contract, Milestone, Offer
from core.actor import Actor
from core.sweeps import for_each
from events.actions import record


def expire_offers(*, at: datetime) -> int:
    """End the offers whose time is over; return how many."""
    due = Offer.objects.filter(status__in=Offer.OUT, end_requested_at=None, expires_at__lte=at)
    return for_each(due.order_by("expires_at", "pk"), lambda pk: expire_offer(offer_id=pk, by=Actor.system(), at=at))


def release_silent_milestones(*, at: datetime) -> int:
    """Approve the submitted work whose review is over; return how many."""
    due = Milestone.objects.filter(status=Milestone.Status.SUBMITTED, review_ends_at__lte=at)
    return for_each(
        due.order_by("review_ends_at", "pk"),
        lambda pk: release_silent_milestone(milestone_id=pk, by=Actor.system(), at=at),
    )


def finish_contracts(*, at: datetime) -> int:
    """Close the contracts that were ended and have nothing open; return how many."""
    still_open = Milestone.objects.filter(contract=OuterRef("pk")).exclude(status__in=Milestone.FINAL)
    done = Contract.objects.filter(~Exists(still_open), status=Contract.Status.ENDING)
    return for_each(
        done.order_by("pk"),
        lambda pk: finish_contract(contract_id=pk, by=Actor.system(), at=at),
    )


def remind_offers(*, at: datetime) -> int:
    """Remind of the offers at half time and 24 hours before they expire; return how many."""
    due = Offer.objects.filter(status=Offer.Status.PENDING, remind_at__lte=at, expires_at__gt=at)
    return for_each(due.order_by("remind_at", "pk"), lambda pk: _remind_offer(pk, at))


def remind_milestones(*, at: datetime) -> int:
    """Remind of reviews and ask-backs at half time and 24 hours before they end; return how many."""
    due = Milestone.objects.filter(remind_at__lte=at)
    return for_each(due.order_by("remind_at", "pk"), lambda pk: _remind_milestone(pk, at))


@transaction.atomic
def _remind_offer(offer_id: int, at: datetime) -> None:
    offer = Offer.objects.locked(offer_id)
    if offer.remind_at is None or offer.remind_at > at:
        return
    resume_clock(offer, at)
    offer.save(update_fields=["remind_at"])
    record(
        kind="contracts.offer_expiring",
        actor=Actor.system(),
        subject=offer.holder,
        scope=offer.scope,
        at=at,
        title=offer.title,
        client=offer.client_id,
        freelancer=offer.freelancer_id,
        proposal=offer.proposal_id,
        expires_at=offer.expires_at,
    )


@transaction.atomic
def _remind_milestone(milestone_id: int, at: datetime) -> None:
    milestone = lock_milestone(milestone_id)
    if milestone.remind_at is None or milestone.remind_at > at:
        return
    if milestone.review_ends_at is not None:
        event, started_at, ends_at = "milestone_review_ending", milestone.submitted_at, milestone.review_ends_at
    elif milestone.ask_back_ends_at is not None:
        event, started_at, ends_at = "milestone_ask_back_ending", milestone.asked_back_at, milestone.ask_back_ends_at
    else:
        return
    milestone.remind_at = next_reminder(started_at=started_at or at, ends_at=ends_at, after=at)
    milestone.save(update_fields=["remind_at"])
    if at < ends_at:  # once it is over, the decision itself is the news
        tell(event, milestone, Actor.system(), at, ends_at=ends_at)
