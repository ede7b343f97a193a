"""Offers: written, paid for and sent, answered once, or ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.queries import Gap, belongs_to, gaps_before_work, share_people
from contracts.actions.clocks import end_of_day, next_reminder
from contracts.actions.rows import above_limit, lock_bid, lock_offer
from contracts.actions.terms import MilestoneTerms, TermsNotPossible, check_day, check_plan
from contracts.models import Contract, Milestone, Offer, OfferMilestone
from contracts.models.offers import PURPOSE
from contracts.permissions import can_answer_offer, can_send_offer, can_withdraw_offer, can_write_offer
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from jobs.actions import record_hire, touch_job
from jobs.models import Job
from messaging.actions import open_room
from messaging.models import Room
from payments.actions import (
    carry_holding,
    give_up_charge,
    hold_charge,
    pay_from_credit,
    refund_holding,
    start_charge,
)
from payments.models import Charge
from payments.queries import ChargeQuote, charge_taxes, current_fees, latest_charge, quote_charge
from proposals.actions import demand_not_exclusive, mark_proposal_hired, mark_proposal_offered, mark_proposal_unoffered
from proposals.models import Proposal


class ProposalNotOpen(DomainError):
    """The proposal was answered, withdrawn or closed: no offer can be made on it."""


class JobNotLive(DomainError):
    """The job of the offer was closed, filled, has expired or was removed: nobody is hired for it."""


class OwnPeople(DomainError):
    """Nobody buys from themselves: the two sides of a contract share no people."""


class WorkerGone(DomainError):
    """Who was proposed for the work does not belong to the agency any more."""


class OfferNotDraft(DomainError):
    """Only a draft can be changed or sent."""


class OfferNotPending(DomainError):
    """The offer is not waiting for an answer."""


class OfferNotLive(DomainError):
    """The offer has ended."""


class OfferTooOld(DomainError):
    """The time to answer the offer is over."""


class OfferStillRuns(DomainError):
    """The freelancer still has time to answer."""


class LegalStatusMissing(DomainError):
    """Paid work is accepted once status, VAT position and billing mandate are given; `gaps` says what is missing."""

    def __init__(self, message: str, gaps: tuple[Gap, ...]) -> None:
        super().__init__(message)
        self.gaps = gaps


class OfferChanged(DomainError):
    """The offer is no longer as it was on the page that the actor saw."""


@transaction.atomic
def write_offer(
    *,
    proposal_id: int,
    title: str,
    deliverables: str,
    starts_on: date | None,
    ends_on: date | None,
    milestones: Sequence[MilestoneTerms],
    language: str,
    by: Actor,
    at: datetime,
) -> Offer:
    """Write down terms for one who made a proposal; again on a draft, it is written anew.

    From: nothing, draft. To: draft, which only the client sees. Money: none. Event: none.

    Raises NotAllowed if `by` may not hire for the client, ProposalNotOpen, ExclusiveToAgency for a freelancer who works
    only through an agency, WorkerGone, OfferNotDraft while an offer is out, TermsNotPossible for terms that cannot be
    agreed.
    """
    proposal = lock_bid(proposal_id)
    job = proposal.job
    if by.user_id is None or not can_write_offer(by, job.client_id):
        raise NotAllowed(_("You may not make offers for this client."))
    offer = Offer.objects.filter(proposal=proposal, status__in=Offer.LIVE).first()
    if offer is not None:
        offer = Offer.objects.locked(offer.pk)
        if offer.status != Offer.Status.DRAFT:
            raise OfferNotDraft(_("This offer was sent: withdraw it before you write another one."))
    _check_proposal_open(proposal)
    _check_free(proposal)
    _check_terms(title, deliverables, starts_on, ends_on)
    check_day(starts_on, at)
    check_day(ends_on, at)
    check_plan(milestones, at)

    if offer is None:
        offer = Offer(
            job=job,
            proposal=proposal,
            client_id=job.client_id,
            freelancer_id=proposal.party_id,
            worker_id=proposal.worker_id,
            created_at=at,
        )
    else:
        offer.version += 1
        offer.milestones.all().delete()
    offer.author_id = by.user_id
    offer.title, offer.deliverables, offer.language = title.strip(), deliverables.strip(), language
    offer.starts_on, offer.ends_on = starts_on, ends_on
    offer.currency, offer.fee_version = rules().currency, current_fees().version
    offer.save()
    OfferMilestone.objects.bulk_create(
        OfferMilestone(
            offer=offer,
            position=position,
            title=terms.title.strip(),
            description=terms.description.strip(),
            amount=terms.amount,
            due_on=terms.due_on,
        )
        for position, terms in enumerate(milestones, start=1)
    )
    return offer


@transaction.atomic
def send_offer(
    *, offer_id: int, method_id: int, seen_version: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Offer:
    """Pay for the first milestone; the freelancer sees the offer once the payment is confirmed.

    From: draft. To: paying. Money: a charge of the first milestone and the client's fee, each with its VAT as both
    sides stand with it now, is planned. Event: none before the payment is confirmed.

    Raises NotAllowed if `by` may not both hire and spend for the client, OfferNotDraft in any other state (a second
    tab included), OfferChanged if the draft or the fees changed since `seen_version` or the charge is not the
    `seen_total` that a page has shown, ProposalNotOpen, JobNotLive, payments.MethodNotUsable.
    """
    offer = lock_offer(offer_id)
    quote = _check_sendable(offer, seen_version, seen_total, by)

    offer.status, offer.payment_failure, offer.withdraw_requested_at = Offer.Status.PAYING, "", None
    offer.save(update_fields=["status", "payment_failure", "withdraw_requested_at"])
    start_charge(
        payer_id=offer.client_id,
        method_id=method_id,
        purpose=PURPOSE,
        reference=offer.pk,
        scope=offer.holder,
        title=_title(offer),
        gross=quote.gross,
        client_fee=quote.client_fee,
        fee_version=offer.fee_version,
        taxes=quote.taxes,
        by=by,
        at=at,
    )
    touch_job(job_id=offer.job_id, at=at)
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

    pay_from_credit(
        payer_id=offer.client_id,
        payee_id=offer.freelancer_id,
        holder=offer.holder,
        purpose=PURPOSE,
        reference=offer.pk,
        scope=offer.holder,
        title=_title(offer),
        gross=quote.gross,
        client_fee=quote.client_fee,
        fee_version=offer.fee_version,
        taxes=quote.taxes,
        by=by,
        at=at,
    )
    offer.payment_failure, offer.withdraw_requested_at = "", None
    offer.save(update_fields=["payment_failure", "withdraw_requested_at"])
    if offer.job.status in Job.LIVE:
        touch_job(job_id=offer.job_id, at=at)
    _show(offer, at)
    _tell("offer_sent", offer, by, at, amount=quote.gross, charged=0)
    return offer


def lock_offer_payment(reference: int) -> None:
    """Lock the rows that the end of an offer's payment changes (payments calls it before it locks its own).

    Once the offer is accepted its money is that of the contract, whose lock stands for all its milestones.
    """
    lock_offer(reference)
    contract_id = Contract.objects.filter(offer_id=reference).values_list("pk", flat=True).first()
    if contract_id is not None:
        Contract.objects.locked(contract_id)


def receive_offer_payment(charge: Charge, at: datetime) -> None:
    """Hold the money of a confirmed payment and show the offer to the freelancer (payments calls it when it settles).

    From: paying. To: pending with its clock; withdrawn where the offer was taken back, or the proposal or job ended,
    while the payment ran. Money: a1 on the offer, and c1 at once where it came too late.
    Event: contracts.offer_sent, or contracts.offer_discarded.
    """
    offer = lock_offer(charge.reference)
    hold_charge(charge=charge, holder=offer.holder, payee_id=offer.freelancer_id, at=at)
    is_awaited = offer.status == Offer.Status.PAYING and offer.withdraw_requested_at is None
    is_wanted = offer.proposal.status in Proposal.LIVE and offer.job.status != Job.Status.REMOVED
    if is_awaited and is_wanted:
        _show(offer, at)
        _tell("offer_sent", offer, Actor.system(), at, amount=charge.gross, charged=charge.amount)
        return

    _return_money(offer, charge.gross, at)
    if offer.status == Offer.Status.PAYING:
        _end(offer, Offer.Status.WITHDRAWN, at)
    _tell("offer_discarded", offer, Actor.system(), at, amount=charge.gross, charged=charge.amount)


def fail_offer_payment(charge: Charge, at: datetime) -> None:
    """Take note that a payment did not go through; nothing was charged (payments calls it when it settles).

    From: paying. To: draft with the reason, to try again; withdrawn where the offer was taken back meanwhile.
    Money: none. Event: contracts.offer_payment_failed, or contracts.offer_discarded.
    """
    offer = lock_offer(charge.reference)
    if offer.status != Offer.Status.PAYING:
        return
    if offer.withdraw_requested_at is not None:
        _end(offer, Offer.Status.WITHDRAWN, at)
        _tell("offer_discarded", offer, Actor.system(), at, amount=charge.gross, charged=0)
        return
    offer.status, offer.payment_failure = Offer.Status.DRAFT, charge.failure_code
    offer.save(update_fields=["status", "payment_failure"])
    _tell("offer_payment_failed", offer, Actor.system(), at, amount=charge.gross, code=charge.failure_code)


@transaction.atomic
def accept_offer(*, offer_id: int, seen_version: int, by: Actor, at: datetime) -> Contract:
    """Take the offer as it was shown: the contract begins, with its first milestone funded.

    From: pending. To: accepted; exactly one contract, its first milestone funded and the others agreed, its room open,
    the proposal hired, the hire counted on the job. Money: a3, from the offer to the first milestone.
    Event: contracts.offer_accepted, contracts.contract_started.

    Raises NotAllowed if `by` may not bind the freelancer, OfferNotPending in any other state (a second acceptance
    included), OfferChanged for another version, OfferTooOld from the moment it expires, LegalStatusMissing while the
    freelancer has not declared what an invoice needs: the offer stays as it is. ExclusiveToAgency where the freelancer
    joined an agency that has them to itself meanwhile, WorkerGone where the worker left the agency.
    """
    offer = lock_offer(offer_id)
    if not can_answer_offer(by, offer):
        raise NotAllowed(_("Only the freelancer can accept this offer."))
    if offer.status != Offer.Status.PENDING or offer.expires_at is None:
        raise OfferNotPending(_("This offer was answered, withdrawn or has expired."))
    if offer.version != seen_version:
        raise OfferChanged(_("This offer was changed after you opened the page. Look at it again, then decide."))
    if at >= offer.expires_at:
        raise OfferTooOld(_("This offer has expired. Ask the client to send it again."))
    _check_legal_status(offer.freelancer_id, at)
    _check_free(offer.proposal)

    _end(offer, Offer.Status.ACCEPTED, at)
    contract = Contract.objects.create(
        offer=offer,
        job_id=offer.job_id,
        client_id=offer.client_id,
        freelancer_id=offer.freelancer_id,
        worker_id=offer.worker_id,
        title=offer.title,
        deliverables=offer.deliverables,
        language=offer.language,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        currency=offer.currency,
        fee_version=offer.fee_version,
        started_at=at,
    )
    milestones = [_agree(contract, terms, offer, at) for terms in offer.milestones.order_by("position")]
    job = record_hire(job_id=offer.job_id, agreed=sum(milestone.amount for milestone in milestones), at=at)
    mark_proposal_hired(proposal_id=offer.proposal_id, at=at)
    open_room(
        kind=Room.Kind.CONTRACT,
        owner=contract.scope,
        title=contract.title,
        party_ids=[contract.client_id, contract.freelancer_id],
        at=at,
    )
    first = milestones[0]
    carry_holding(frm=offer.holder, to=first.holder, gross=first.amount, scope=contract.scope, at=at)
    _tell("offer_accepted", offer, by, at, contract=contract.pk)
    record(
        kind="contracts.contract_started",
        actor=by,
        subject=contract.scope,
        scope=contract.scope,
        at=at,
        title=contract.title,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
        job=contract.job_id,
        is_first_of_job=job.hires_made == 1,
        is_late=job.status in {Job.Status.CLOSED, Job.Status.EXPIRED},
        amount=sum(milestone.amount for milestone in milestones),
        currency=contract.currency,
    )
    return contract


@transaction.atomic
def decline_offer(*, offer_id: int, note: str, by: Actor, at: datetime) -> Offer:
    """Say no to an offer; the client gets the money back.

    From: pending. To: declined; the proposal is again as it was before. Money: c1. Event: contracts.offer_declined.

    Raises NotAllowed if `by` may not decide for the freelancer, OfferNotPending in any other state.
    """
    offer = lock_offer(offer_id)
    if not can_answer_offer(by, offer):
        raise NotAllowed(_("Only the freelancer can decline this offer."))
    _check_pending(offer)
    offer.decline_note = note.strip()
    _close(offer, Offer.Status.DECLINED, at)
    _tell("offer_declined", offer, by, at)
    return offer


@transaction.atomic
def withdraw_offer(*, offer_id: int, by: Actor, at: datetime) -> Offer:
    """Take an offer back: a draft at once, one that waits for its answer with its money.

    From: draft, pending. To: withdrawn. From paying: the payment is given up, and the offer ends once the provider has
    said how that went. Money: c1. Event: contracts.offer_withdrawn; contracts.offer_discarded if it was never sent.

    Raises NotAllowed if `by` may not hire for the client, OfferNotLive once it has ended or is being withdrawn.
    """
    offer = lock_offer(offer_id)
    if not can_withdraw_offer(by, offer):
        raise NotAllowed(_("Only the client can withdraw this offer."))
    if offer.status not in Offer.LIVE:
        raise OfferNotLive(_("This offer was answered, withdrawn or has expired."))
    if offer.withdraw_requested_at is not None:
        raise OfferNotLive(_("This offer is being withdrawn already."))
    if offer.status == Offer.Status.PAYING:
        offer.withdraw_requested_at = at
        offer.save(update_fields=["withdraw_requested_at"])
        charge = latest_charge(PURPOSE, offer.pk)
        if charge is not None:
            give_up_charge(charge_id=charge.pk, by=Actor.system(), at=at)  # who may hire decides, and need not spend
    elif offer.status == Offer.Status.DRAFT:
        _end(offer, Offer.Status.WITHDRAWN, at)
        _tell("offer_discarded", offer, by, at, charged=0)
    else:
        _close(offer, Offer.Status.WITHDRAWN, at)
        _tell("offer_withdrawn", offer, by, at)
    return offer


@transaction.atomic
def expire_offer(*, offer_id: int, by: Actor, at: datetime) -> Offer:
    """End an offer that nobody answered in time; the client gets the money back.

    From: pending. To: expired; the proposal is again as it was before. Money: c1. Event: contracts.offer_expired.

    Raises NotAllowed for people, OfferNotPending in any other state, OfferStillRuns before its time is over.
    """
    offer = lock_offer(offer_id)
    if not by.is_system:
        raise NotAllowed(_("Only the clock decides this."))
    _check_pending(offer)
    if offer.expires_at is None or at < offer.expires_at:
        raise OfferStillRuns(_("The freelancer still has time to answer."))
    _close(offer, Offer.Status.EXPIRED, at)
    _tell("offer_expired", offer, by, at)
    return offer


def freeze_charged_back_offer(offer_id: int, rest: int, at: datetime) -> None:
    """End an offer whose payer contests its payment at the bank; what the bank did not take goes back (inner).

    From: pending. To: withdrawn; the proposal is again as it was before. Money: c1 of the `rest`.
    Event: contracts.offer_charged_back.
    """
    offer = lock_offer(offer_id)
    if offer.status != Offer.Status.PENDING:
        return
    _end(offer, Offer.Status.WITHDRAWN, at)
    if rest:
        _return_money(offer, rest, at)
    mark_proposal_unoffered(proposal_id=offer.proposal_id, at=at)
    _tell("offer_charged_back", offer, Actor.system(), at, amount=offer.milestones.order_by("position")[0].amount)


def return_contested_offer(offer_id: int, gross: int, at: datetime) -> None:
    """Give back what a bank left with us after all, of an offer that ended when it was contested (inner).

    From, to: withdrawn. Money: c1. Event: none of its own.
    """
    _return_money(lock_offer(offer_id), gross, at)


def _agree(contract: Contract, terms: OfferMilestone, offer: Offer, at: datetime) -> Milestone:
    """Make a milestone of the contract; the first is funded by what the offer holds."""
    is_first = terms.position == 1
    return Milestone.objects.create(
        contract=contract,
        position=terms.position,
        status=Milestone.Status.FUNDED if is_first else Milestone.Status.AGREED,
        title=terms.title,
        description=terms.description,
        amount=terms.amount,
        due_on=terms.due_on,
        due_at=end_of_day(terms.due_on, offer.client),
        proposed_by_id=contract.client_id,
        created_at=at,
        funded_at=at if is_first else None,
    )


def _show(offer: Offer, at: datetime) -> None:
    """Show a paid offer to the freelancer, whose time to answer begins."""
    mark_proposal_offered(proposal_id=offer.proposal_id, at=at)
    offer.status, offer.sent_at = Offer.Status.PENDING, at
    offer.expires_at = at + timedelta(days=rules().offer_days)
    offer.remind_at = next_reminder(started_at=at, ends_at=offer.expires_at, after=at)
    offer.save(update_fields=["status", "sent_at", "expires_at", "remind_at"])


def _close(offer: Offer, status: Offer.Status, at: datetime) -> None:
    """End a pending offer: its money goes back, and the proposal is again as it was before."""
    first = offer.milestones.order_by("position")[0]
    _end(offer, status, at)
    _return_money(offer, first.amount, at)
    mark_proposal_unoffered(proposal_id=offer.proposal_id, at=at)


def _end(offer: Offer, status: Offer.Status, at: datetime) -> None:
    offer.status, offer.ended_at, offer.remind_at = status, at, None
    offer.save(update_fields=["status", "ended_at", "remind_at", "decline_note"])


def _return_money(offer: Offer, gross: int, at: datetime) -> None:
    refund_holding(holder=offer.holder, gross=gross, title=_title(offer), scope=offer.holder, at=at)


def _title(offer: Offer) -> str:
    return _("Offer: %(title)s") % {"title": offer.title}


def _tell(event: str, offer: Offer, by: Actor, at: datetime, **data: Any) -> None:
    record(
        kind=f"contracts.{event}",
        actor=by,
        subject=offer.holder,
        scope=offer.scope,
        at=at,
        title=offer.title,
        currency=offer.currency,
        client=offer.client_id,
        freelancer=offer.freelancer_id,
        proposal=offer.proposal_id,
        **data,
    )


def _check_legal_status(freelancer_id: int, at: datetime) -> None:
    gaps = gaps_before_work(freelancer_id, at)
    if Gap.REGISTRATION in gaps:
        raise LegalStatusMissing(
            _("In your country, paid work is accepted as a registered business. The offer waits until it expires."),
            gaps,
        )
    if gaps:
        raise LegalStatusMissing(
            _("Give your legal status and accept the billing mandate first. The offer waits for you until it expires."),
            gaps,
        )


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
    _check_proposal_open(offer.proposal)
    _check_free(offer.proposal)
    if offer.job.status not in Job.LIVE:
        raise JobNotLive(_("This job has ended: nobody can be hired for it any more. Nothing was charged."))
    first = offer.milestones.order_by("position")[0]
    taxes = charge_taxes(payer_id=offer.client_id, payee_id=offer.freelancer_id)
    quote = quote_charge(first.amount, offer.fee_version, taxes)
    if seen_total not in {None, quote.total}:
        raise OfferChanged(_("The VAT on this offer changed after you opened the page. Look at the new total."))
    return quote


def _check_pending(offer: Offer) -> None:
    if offer.status != Offer.Status.PENDING:
        raise OfferNotPending(_("This offer was answered, withdrawn or has expired."))


def _check_free(proposal: Proposal) -> None:
    """Refuse what somebody cannot agree to: one's own people, exclusive to an agency, gone from one."""
    if share_people(proposal.party_id, proposal.job.client_id):
        raise OwnPeople(_("Somebody belongs to both sides: they cannot make a contract with each other."))
    if proposal.worker_id is None:
        demand_not_exclusive(proposal.party)
    elif not belongs_to(proposal.worker_id, proposal.party_id):
        raise WorkerGone(_("The person proposed for this work does not belong to the agency any more."))


def _check_proposal_open(proposal: Proposal) -> None:
    if proposal.status not in Proposal.LIVE:
        raise ProposalNotOpen(_("This proposal was answered, withdrawn or closed: no offer can be made on it."))


def _check_terms(title: str, deliverables: str, starts_on: date | None, ends_on: date | None) -> None:
    if not title.strip():
        raise TermsNotPossible(_("Give the offer a title."))
    if not deliverables.strip():
        raise TermsNotPossible(_("Say what will be delivered."))
    if starts_on and ends_on and ends_on < starts_on:
        raise TermsNotPossible(_("The end cannot be before the start."))
