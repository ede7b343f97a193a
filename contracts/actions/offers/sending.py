"""Paying for an offer and sending it, and what the end of a payment does to it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.actions.offers.raises import fail_raise, receive_raise
from contracts.actions.offers.refusals import JobNotLive, OfferChanged, OfferNotDraft
from contracts.actions.offers.steps import (
    charge_offer,
    check_free,
    check_not_proposed,
    check_proposal_open,
    check_reachable,
    contract_of,
    end,
    is_job_removed,
    pay_offer_from_credit,
    return_money,
    show,
    tell,
)
from contracts.actions.rows import above_limit, lock_offer
from contracts.models import Contract, Offer
from contracts.permissions import can_send_offer, can_write_offer
from core.actor import Actor
from core.errors import NotAllowed
from jobs.actions import touch_job
from jobs.models import Job
from payments.actions import hold_charge
from payments.models import Charge
from payments.queries import ChargeQuote, charge_taxes, current_fees, quote_charge
from proposals.models import Proposal


@transaction.atomic
def send_offer(
    *, offer_id: int, method_id: int, seen_version: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Offer:
    """Pay for the first milestone; the freelancer sees the offer once the payment is confirmed.

    From: draft. To: paying. Money: a charge of the first milestone and the client's fee, each with its VAT as both
    sides stand with it now, is planned. Event: none before the payment is confirmed.

    Raises NotAllowed if `by` may not both hire and spend for the client, OfferNotDraft in any other state (a second
    tab included), OfferChanged if the draft or the fees changed since `seen_version` or the charge is not the
    `seen_total` that a page has shown, ProposalNotOpen, JobNotLive, NotReachable, HasProposed,
    payments.MethodNotUsable.
    """
    offer = lock_offer(offer_id)
    quote = _check_sendable(offer, seen_version, seen_total, by)

    offer.status, offer.payment_failure = Offer.Status.PAYING, ""
    offer.save(update_fields=["status", "payment_failure"])
    charge_offer(offer, quote, method_id=method_id, by=by, at=at)
    _touch(offer, at)
    return offer


@transaction.atomic
def send_offer_from_credit(
    *, offer_id: int, seen_version: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Offer:
    """Pay for the first milestone with the client's credit, where that covers all of it; the offer is sent at once.

    From: draft. To: pending with its clock. Money: a4 on the offer, the first milestone and the client's fee, each with
    its VAT as both sides stand with it now. Event: contracts.offer_sent.

    Raises what `send_offer` raises, and payments.CreditNotEnough instead of MethodNotUsable.
    """
    offer = lock_offer(offer_id)
    quote = _check_sendable(offer, seen_version, seen_total, by)

    pay_offer_from_credit(offer, quote, by=by, at=at)
    offer.payment_failure = ""
    offer.save(update_fields=["payment_failure"])
    _touch(offer, at)
    show(offer, at)
    tell("offer_sent", offer, by, at, amount=quote.gross, charged=0)
    return offer


def lock_offer_payment(reference: int) -> None:
    """Lock the rows that the end of an offer's payment changes (payments calls it before it locks its own).

    Once the offer is accepted its money is that of the contract, whose lock stands for all its milestones.
    """
    lock_offer(reference)
    contract_id = contract_of(reference)
    if contract_id is not None:
        Contract.objects.locked(contract_id)


def receive_offer_payment(charge: Charge, at: datetime) -> None:
    """Hold the money of a confirmed payment and let the offer go on (payments calls it when it settles).

    From: paying. To: pending with its clock; withdrawn where the offer was taken back, or the proposal or job ended,
    while the payment ran. From: raising. To: as `receive_raise`. Money: a1 on the offer, and c1 at once where it came
    too late. Event: contracts.offer_sent, or contracts.offer_discarded.
    """
    offer = lock_offer(charge.reference)
    hold_charge(charge=charge, holder=offer.holder, payee_id=offer.freelancer_id, at=at)
    if offer.status == Offer.Status.RAISING:
        receive_raise(offer, charge, at)
        return
    is_awaited = offer.status == Offer.Status.PAYING and offer.end_requested_at is None
    is_wanted = (offer.proposal is None or offer.proposal.status in Proposal.LIVE) and not is_job_removed(offer)
    if is_awaited and is_wanted:
        show(offer, at)
        tell("offer_sent", offer, Actor.system(), at, amount=charge.gross, charged=charge.amount)
        return

    return_money(offer, charge.gross, at)
    if offer.status == Offer.Status.PAYING:
        end(offer, Offer.Status.WITHDRAWN, at)
    tell("offer_discarded", offer, Actor.system(), at, amount=charge.gross, charged=charge.amount)


def fail_offer_payment(charge: Charge, at: datetime) -> None:
    """Take note that a payment did not go through; nothing was charged (payments calls it when it settles).

    From: paying. To: draft with the reason, to try again; withdrawn where the offer was taken back meanwhile.
    From: raising. To: as `fail_raise`. Money: none.
    Event: contracts.offer_payment_failed, or contracts.offer_discarded.
    """
    offer = lock_offer(charge.reference)
    if offer.status == Offer.Status.RAISING:
        fail_raise(offer, charge, at)
        return
    if offer.status != Offer.Status.PAYING:
        return
    if offer.end_requested_at is not None:
        end(offer, Offer.Status.WITHDRAWN, at)
        tell("offer_discarded", offer, Actor.system(), at, amount=charge.gross, charged=0)
        return
    offer.status, offer.payment_failure = Offer.Status.DRAFT, charge.failure_code
    offer.save(update_fields=["status", "payment_failure"])
    tell("offer_payment_failed", offer, Actor.system(), at, amount=charge.gross, code=charge.failure_code)


def _touch(offer: Offer, at: datetime) -> None:
    """Let the job's 30 days begin anew: sending an offer is an act of its client."""
    if offer.job_id is not None:
        touch_job(job_id=offer.job_id, at=at)


def _check_sendable(offer: Offer, seen_version: int, seen_total: int | None, by: Actor) -> ChargeQuote:
    """Return what sending a locked offer costs now, or refuse."""
    if not can_send_offer(by, offer):
        if can_write_offer(by, offer.client_id):
            raise NotAllowed(above_limit())
        raise NotAllowed(_("Your role in this account may not send offers."))
    if offer.status != Offer.Status.DRAFT:
        raise OfferNotDraft(_("This offer was sent or withdrawn before. Nothing more was charged."))
    if offer.version != seen_version:
        raise OfferChanged(_("This offer was changed after you opened the page. Look at it again before you pay."))
    if offer.fee_version != current_fees().version:
        raise OfferChanged(_("The fees changed after this offer was written. Save it again to see the new total."))
    if offer.proposal is not None:
        check_proposal_open(offer.proposal)
    else:
        check_reachable(offer)
        check_not_proposed(offer)
    check_free(offer)
    if offer.job is not None and offer.job.status not in Job.LIVE:
        raise JobNotLive(_("This job has ended: nobody can be hired for it any more. Nothing was charged."))
    first = offer.milestones.order_by("position")[0]
    taxes = charge_taxes(payer_id=offer.client_id, payee_id=offer.freelancer_id)
    quote = quote_charge(first.amount, offer.fee_version, taxes)
    if seen_total not in {None, quote.total}:
        raise OfferChanged(_("The VAT on this offer changed after you opened the page. Look at the new total."))
    return quote
