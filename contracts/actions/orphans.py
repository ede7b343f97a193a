"""Offers whose proposal or job has ended: they end with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from contracts.actions.offers import OfferNotLive, withdraw_offer
from contracts.models import Offer
from core.actor import Actor
from events.actions import record


def drop_unsent_offer(*, proposal_id: int, at: datetime) -> None:
    """Drop what was written, or is being paid, for a proposal that has ended; nothing where there is none (inner).

    From, To, Money and Event: those of `withdraw_offer`, from draft and paying.
    """
    unsent = [Offer.Status.DRAFT, Offer.Status.PAYING]
    offer = Offer.objects.filter(proposal_id=proposal_id, status__in=unsent).first()
    if offer is not None:
        withdraw_orphaned_offer(offer_id=offer.pk, at=at)


def tell_offers_of_removal(*, job_id: int, at: datetime) -> int:
    """Record of each live offer on a job that staff removed that its job is gone (inner), so that each ends on its own.

    A verb locks from the party down, so that a second one in the same transaction would lock parties behind a job.
    Event: contracts.job_removed for each. Returns how many.
    """
    live = Offer.objects.filter(job_id=job_id, status__in=Offer.LIVE).order_by("pk")
    for offer in live:
        record(kind="contracts.job_removed", actor=Actor.system(), subject=offer.holder, at=at)
    return len(live)


def withdraw_orphaned_offer(*, offer_id: int, at: datetime) -> None:
    """Take back one offer whose proposal or job is gone, unless it ended or is being withdrawn by then (inner).

    From, To, Money and Event: those of `withdraw_offer`.
    """
    with suppress(OfferNotLive):
        withdraw_offer(offer_id=offer_id, by=Actor.system(), at=at)
