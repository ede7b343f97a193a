"""What the freelancer answers to an offer, and how it ends without an answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.queries import Gap, gaps_before_work
from contracts.actions.clocks import end_of_day
from contracts.actions.offers.refusals import (
    LegalStatusMissing,
    OfferChanged,
    OfferNotLive,
    OfferNotPending,
    OfferStillRuns,
    OfferTooOld,
)
from contracts.actions.offers.steps import (
    ask_for_end,
    check_free,
    check_pending,
    close,
    end,
    give_up_payment,
    return_money,
    tell,
    unbind_proposal,
)
from contracts.actions.rows import lock_offer
from contracts.models import Contract, Milestone, Offer, OfferMilestone
from contracts.permissions import can_answer_offer, can_withdraw_offer
from core.actor import Actor
from core.errors import NotAllowed
from events.actions import record
from jobs.actions import record_hire
from jobs.models import Job
from messaging.actions import open_room
from messaging.models import Room
from payments.actions import carry_holding
from proposals.actions import mark_proposal_hired

Status = Offer.Status


@transaction.atomic
def accept_offer(*, offer_id: int, seen_version: int, by: Actor, at: datetime) -> Contract:
    """Take the offer as it was shown: the contract begins, with its first milestone funded.

    From: pending. To: accepted; exactly one contract, its first milestone funded and the others agreed, its room open,
    the proposal hired, the hire counted on the job, where it has these. Money: a3, from the offer to the first
    milestone, whichever payments are behind it. Event: contracts.offer_accepted, contracts.contract_started.

    Raises NotAllowed if `by` may not bind the freelancer, OfferNotPending in any other state (a second acceptance
    included, and one while new terms are being paid), OfferChanged for another version, OfferTooOld from the moment it
    expires, LegalStatusMissing while the freelancer has not declared what an invoice needs: the offer stays as it is.
    ExclusiveToAgency where the freelancer joined an agency that has them to itself meanwhile, WorkerGone where the
    worker left the agency.
    """
    offer = lock_offer(offer_id)
    if not can_answer_offer(by, offer):
        raise NotAllowed(_("Only the freelancer can accept this offer."))
    check_pending(offer)
    if offer.expires_at is None:
        raise OfferNotPending(_("This offer was answered, withdrawn or has expired."))
    if offer.version != seen_version:
        raise OfferChanged(_("This offer was changed after you opened the page. Look at it again, then decide."))
    if at >= offer.expires_at:
        raise OfferTooOld(_("This offer has expired. Ask the client to send it again."))
    _check_legal_status(offer.freelancer_id, at)
    check_free(offer)

    end(offer, Status.ACCEPTED, at)
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
        duration=offer.duration,
        currency=offer.currency,
        fee_version=offer.fee_version,
        started_at=at,
    )
    milestones = [_agree(contract, terms, offer, at) for terms in offer.milestones.order_by("position")]
    agreed = sum(milestone.amount for milestone in milestones)
    job = record_hire(job_id=offer.job_id, agreed=agreed, at=at) if offer.job_id is not None else None
    if offer.proposal_id is not None:
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
    tell("offer_accepted", offer, by, at, contract=contract.pk)
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
        is_first_of_job=job is not None and job.hires_made == 1,
        is_late=job is not None and job.status in {Job.Status.CLOSED, Job.Status.EXPIRED},
        amount=agreed,
        currency=contract.currency,
    )
    return contract


@transaction.atomic
def decline_offer(*, offer_id: int, note: str, by: Actor, at: datetime) -> Offer:
    """Say no to an offer; the client gets the money back.

    From: pending. To: declined; the proposal is again as it was before. From raising: the payment of the new terms is
    given up, and the offer ends once the provider has said how that went. Money: c1. Event: contracts.offer_declined.

    Raises NotAllowed if `by` may not decide for the freelancer, OfferNotPending in any other state, OfferNotLive where
    it is being ended already.
    """
    offer = lock_offer(offer_id)
    if not can_answer_offer(by, offer):
        raise NotAllowed(_("Only the freelancer can decline this offer."))
    if offer.status != Status.RAISING:
        check_pending(offer)
    offer.decline_note = note.strip()
    if offer.status == Status.RAISING:
        ask_for_end(offer, Status.DECLINED, at)
        return offer
    close(offer, Status.DECLINED, at)
    tell("offer_declined", offer, by, at)
    return offer


@transaction.atomic
def withdraw_offer(*, offer_id: int, by: Actor, at: datetime) -> Offer:
    """Take an offer back: a draft at once, one that waits for its answer with its money.

    From: draft, pending. To: withdrawn. From paying and raising: the payment is given up, and the offer ends once the
    provider has said how that went. Money: c1. Event: contracts.offer_withdrawn; contracts.offer_discarded if it was
    never sent.

    Raises NotAllowed if `by` may not hire for the client, OfferNotLive once it has ended or is being ended.
    """
    offer = lock_offer(offer_id)
    if not can_withdraw_offer(by, offer):
        raise NotAllowed(_("Only the client can withdraw this offer."))
    if offer.status not in Offer.LIVE:
        raise OfferNotLive(_("This offer was answered, withdrawn or has expired."))
    if offer.status in {Status.PAYING, Status.RAISING}:
        ask_for_end(offer, Status.WITHDRAWN, at)
    elif offer.status == Status.DRAFT:
        end(offer, Status.WITHDRAWN, at)
        tell("offer_discarded", offer, by, at, charged=0)
    else:
        close(offer, Status.WITHDRAWN, at)
        tell("offer_withdrawn", offer, by, at)
    return offer


@transaction.atomic
def expire_offer(*, offer_id: int, by: Actor, at: datetime) -> Offer:
    """End an offer that nobody answered in time; the client gets the money back.

    From: pending. To: expired; the proposal is again as it was before. From raising: as `withdraw_offer`. Money: c1.
    Event: contracts.offer_expired.

    Raises NotAllowed for people, OfferNotPending in any other state, OfferStillRuns before its time is over,
    OfferNotLive where it is being ended already.
    """
    offer = lock_offer(offer_id)
    if not by.is_system:
        raise NotAllowed(_("Only the clock decides this."))
    if offer.status != Status.RAISING:
        check_pending(offer)
    if offer.expires_at is None or at < offer.expires_at:
        raise OfferStillRuns(_("The freelancer still has time to answer."))
    if offer.status == Status.RAISING:
        ask_for_end(offer, Status.EXPIRED, at)
        return offer
    close(offer, Status.EXPIRED, at)
    tell("offer_expired", offer, by, at)
    return offer


def freeze_charged_back_offer(offer_id: int, rest: int, at: datetime) -> None:
    """End an offer whose payer contests a payment of it at the bank; what the bank did not take goes back (inner).

    From: pending, raising. To: withdrawn; the proposal is again as it was before, and a payment that runs is given up:
    what comes of it all the same goes back. Money: c1 of the `rest`. Event: contracts.offer_charged_back.
    """
    offer = lock_offer(offer_id)
    if offer.status not in Offer.OUT:
        return
    amount = offer.milestones.order_by("position")[0].amount
    if offer.status == Status.RAISING and offer.end_requested_at is None:
        give_up_payment(offer, at)
    end(offer, Status.WITHDRAWN, at)
    if rest:
        return_money(offer, rest, at)
    unbind_proposal(offer, at)
    tell("offer_charged_back", offer, Actor.system(), at, amount=amount)


def return_contested_offer(offer_id: int, gross: int, at: datetime) -> None:
    """Give back what a bank left with us after all, of an offer that ended when it was contested (inner).

    From, to: withdrawn. Money: c1. Event: none of its own.
    """
    return_money(lock_offer(offer_id), gross, at)


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
