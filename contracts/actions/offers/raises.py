"""New terms put in force: the difference of the first milestone is charged or goes back, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.actions.offers.counters import open_counter, written_revision
from contracts.actions.offers.refusals import NothingToPay, OfferChanged, OfferTooOld
from contracts.actions.offers.steps import (
    charge_offer,
    check_free,
    check_pending,
    end,
    is_job_removed,
    pay_offer_from_credit,
    return_money,
    tell,
    unbind_proposal,
)
from contracts.actions.offers.versions import State, put_in_force, resume_clock, version_in
from contracts.actions.rows import above_limit, lock_offer
from contracts.models import Offer, OfferVersion
from contracts.permissions import can_adopt_version, can_write_offer
from core.actor import Actor
from core.errors import NotAllowed
from payments.models import Charge
from payments.queries import ChargeQuote, charge_taxes, held, quote_charge

Find = Callable[[Offer, int], OfferVersion]
#: What ends the offer is told as, once the payment that it waited for has its answer.
ENDED = {"declined": "offer_declined", "withdrawn": "offer_withdrawn", "expired": "offer_expired"}


@transaction.atomic
def agree_to_counter(
    *,
    offer_id: int,
    version_id: int,
    method_id: int | None = None,
    seen_total: int | None = None,
    by: Actor,
    at: datetime,
) -> Offer:
    """Take the freelancer's counter-offer; they still accept it as the new version of the offer.

    Where its first milestone costs no more, the new version is in force at once, with the whole time to answer, and
    what it costs less goes back. Where it costs more, the difference is charged to a card: until that is confirmed the
    old version stands, and nobody can accept it.

    From: pending. To: pending, or raising. Money: c1 of the difference; or a charge of it with the client's fee, each
    with its VAT as both sides stand with it now, is planned. Event: contracts.offer_counter_agreed once it is in force.

    Raises NotAllowed if `by` may not hire, or not spend what it costs, for the client, OfferNotPending in any other
    state, CounterNotOpen if the counter that was seen does not wait any more, OfferTooOld, OfferChanged if the charge
    is not the `seen_total` of the page, payments.MethodNotUsable.
    """
    offer, version = _lock(offer_id, version_id, open_counter, by=by, at=at)
    return _adopt(offer, version, method_id, seen_total, by=by, at=at)


@transaction.atomic
def agree_to_counter_from_credit(
    *, offer_id: int, version_id: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Offer:
    """Take a counter-offer that costs more and pay the difference with the client's credit, which covers all of it.

    From, to: pending, with the new version and the whole time to answer. Money: a4 of the difference.
    Event: contracts.offer_counter_agreed.

    Raises what `agree_to_counter` raises, NothingToPay where it costs no more, payments.CreditNotEnough instead of
    MethodNotUsable.
    """
    offer, version = _lock(offer_id, version_id, open_counter, by=by, at=at)
    return _adopt_from_credit(offer, version, seen_total, by=by, at=at)


@transaction.atomic
def revise_offer(
    *,
    offer_id: int,
    version_id: int,
    method_id: int | None = None,
    seen_total: int | None = None,
    by: Actor,
    at: datetime,
) -> Offer:
    """Send the client's own new terms; a counter-offer that waits is answered by them.

    From, To and Money: as `agree_to_counter`. Event: contracts.offer_revised once it is in force.

    Raises what `agree_to_counter` raises, RevisionNotWritten instead of CounterNotOpen.
    """
    offer, version = _lock(offer_id, version_id, written_revision, by=by, at=at)
    return _adopt(offer, version, method_id, seen_total, by=by, at=at)


@transaction.atomic
def revise_offer_from_credit(
    *, offer_id: int, version_id: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Offer:
    """Send the client's own new terms and pay the difference with the client's credit, which covers all of it.

    From, To and Money: as `agree_to_counter_from_credit`. Event: contracts.offer_revised.

    Raises what `agree_to_counter_from_credit` raises, RevisionNotWritten instead of CounterNotOpen.
    """
    offer, version = _lock(offer_id, version_id, written_revision, by=by, at=at)
    return _adopt_from_credit(offer, version, seen_total, by=by, at=at)


def difference_of(offer: Offer, version: OfferVersion) -> int:
    """Return what a version's first milestone is worth more than the one that is held; below 0 where it is less."""
    return version.first_amount - offer.milestones.order_by("position")[0].amount


def quote_raise(offer: Offer, more: int) -> ChargeQuote:
    """Return what is charged for a first milestone worth so much more, as both sides stand with VAT now."""
    taxes = charge_taxes(payer_id=offer.client_id, payee_id=offer.freelancer_id)
    return quote_charge(more, offer.fee_version, taxes)


def receive_raise(offer: Offer, charge: Charge, at: datetime) -> None:
    """Put the version in force whose difference has been paid and is held; or end the offer as was asked (inner).

    From: raising. To: pending with the new version and the whole time to answer; declined, withdrawn or expired where
    that was asked for meanwhile, withdrawn where the job was removed. Money: c1 of all that is held where it ends.
    Event: contracts.offer_counter_agreed, contracts.offer_revised, or that of the end.
    """
    version = version_in(offer, State.RAISING)
    if version is None:
        raise LookupError(f"{offer.holder} is being raised to no version")
    if offer.end_requested_at is not None or is_job_removed(offer):
        _end_raised(offer, at)
        return
    put_in_force(offer, version, at)
    _tell_in_force(offer, version, Actor.system(), at, charged=charge.amount)


def fail_raise(offer: Offer, charge: Charge, at: datetime) -> None:
    """Take note that a difference was not paid: nothing was charged, and the old version goes on (inner).

    From: raising. To: pending with the old version and its clock, and the reason; the terms wait as before, to be paid
    with another card. Declined, withdrawn or expired where that was asked for meanwhile. Money: c1 of all that is held
    where it ends. Event: contracts.offer_raise_failed, or that of the end.
    """
    if offer.end_requested_at is not None:
        _end_raised(offer, at)
        return
    version = version_in(offer, State.RAISING)
    if version is not None:
        version.state = State.DRAFT if version.party_id == offer.client_id else State.OPEN
        version.save(update_fields=["state"])
    offer.status, offer.payment_failure = Offer.Status.PENDING, charge.failure_code
    resume_clock(offer, at)
    offer.save(update_fields=["status", "payment_failure", "remind_at"])
    tell("offer_raise_failed", offer, Actor.system(), at, amount=charge.gross, code=charge.failure_code)


def _lock(offer_id: int, version_id: int, find: Find, *, by: Actor, at: datetime) -> tuple[Offer, OfferVersion]:
    """Lock an offer that waits for its answer; return it with the version that was seen, or refuse."""
    offer = lock_offer(offer_id)
    if not can_write_offer(by, offer.client_id):
        raise NotAllowed(_("You may not make offers for this client."))
    check_pending(offer)
    version = find(offer, version_id)
    if not can_adopt_version(by, offer, version):
        raise NotAllowed(above_limit())
    if offer.expires_at is None or at >= offer.expires_at:
        raise OfferTooOld(_("This offer has expired."))
    check_free(offer)
    return offer, version


def _adopt(
    offer: Offer, version: OfferVersion, method_id: int | None, seen_total: int | None, *, by: Actor, at: datetime
) -> Offer:
    more = difference_of(offer, version)
    if more > 0:
        quote = _seen_quote(offer, more, seen_total)
        version.state = State.RAISING
        version.save(update_fields=["state"])
        offer.status, offer.payment_failure, offer.remind_at = Offer.Status.RAISING, "", None
        offer.save(update_fields=["status", "payment_failure", "remind_at"])
        charge_offer(offer, quote, method_id=method_id or 0, by=by, at=at)
        return offer
    if more < 0:
        return_money(offer, -more, at)
    put_in_force(offer, version, at)
    _tell_in_force(offer, version, by, at, charged=0)
    return offer


def _adopt_from_credit(
    offer: Offer, version: OfferVersion, seen_total: int | None, *, by: Actor, at: datetime
) -> Offer:
    more = difference_of(offer, version)
    if more <= 0:
        raise NothingToPay(_("These terms cost no more than what is held: there is nothing to pay."))
    quote = _seen_quote(offer, more, seen_total)
    pay_offer_from_credit(offer, quote, by=by, at=at)
    put_in_force(offer, version, at)
    _tell_in_force(offer, version, by, at, charged=0)
    return offer


def _seen_quote(offer: Offer, more: int, seen_total: int | None) -> ChargeQuote:
    quote = quote_raise(offer, more)
    if seen_total not in {None, quote.total}:
        raise OfferChanged(_("The VAT on this offer changed after you opened the page. Look at the new total."))
    return quote


def _end_raised(offer: Offer, at: datetime) -> None:
    """End an offer whose payment has its answer, as was asked for meanwhile: all that is held goes back."""
    status = Offer.Status(offer.end_requested_as or Offer.Status.WITHDRAWN)
    end(offer, status, at)
    return_money(offer, held(offer.holder).gross, at)
    unbind_proposal(offer, at)
    tell(ENDED[status], offer, Actor.system(), at)


def _tell_in_force(offer: Offer, version: OfferVersion, by: Actor, at: datetime, *, charged: int) -> None:
    event = "offer_revised" if version.party_id == offer.client_id else "offer_counter_agreed"
    first = version.first_amount
    tell(event, offer, by, at, number=version.number, amount=first, charged=charged)
