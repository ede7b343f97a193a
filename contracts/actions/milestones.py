"""The work of a milestone: proposed, agreed, paid for, handed in, sent back for changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Party
from accounts.permissions import can_hire
from contracts.actions.clocks import end_of_day, next_reminder
from contracts.actions.finishing import finish_when_done
from contracts.actions.rows import MilestoneChanged, above_limit, check_review_open, check_seen, lock_milestone, turn
from contracts.actions.terms import MILESTONES_MAXIMUM, MilestoneTerms, TermsNotPossible, check_milestone_terms
from contracts.models import Contract, Milestone, Submission
from contracts.models.milestones import PURPOSE, SUBMISSION_FILES
from contracts.permissions import (
    can_answer_milestone,
    can_cancel_milestone,
    can_fund_milestone,
    can_propose_milestone,
    can_request_milestone_changes,
    can_submit_milestone,
    can_withdraw_milestone,
)
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from files.actions import attach_files
from payments.actions import give_up_charge, hold_charge, pay_from_credit, refund_holding, start_charge
from payments.models import Charge
from payments.queries import ChargeQuote, charge_taxes, latest_charge, quote_charge


class ContractNotActive(DomainError):
    """The contract was ended: nothing new is agreed or paid for in it."""


class MilestoneNotProposed(DomainError):
    """The proposed milestone was answered or taken back before."""


class MilestoneNotAgreed(DomainError):
    """Only an agreed milestone that is not funded can be paid for or cancelled."""


class MilestoneNotBeingPaid(DomainError):
    """No payment is running for this milestone, or it was given up before."""


class MilestoneNotInWork(DomainError):
    """Work is handed in for funded milestones, and once until the client has looked at it."""


class MilestoneNotSubmitted(DomainError):
    """Only submitted work can be approved or sent back for changes."""


class NothingSubmitted(DomainError):
    """A submission needs a note or a file."""


class NoteMissing(DomainError):
    """The other side has to be told why."""


@transaction.atomic
def propose_milestone(*, contract_id: int, terms: MilestoneTerms, by: Actor, at: datetime) -> Milestone:
    """Propose one more milestone to the other side.

    From: nothing. To: draft. Money: none. Event: contracts.milestone_proposed.

    Raises NotAllowed if `by` may not agree terms for a side, ContractNotActive once it was ended, TermsNotPossible
    for an amount out of bounds, a missing title or more milestones than a contract has.
    """
    contract = Contract.objects.locked(contract_id)
    if not can_propose_milestone(by, contract):
        raise NotAllowed(_("You may not agree milestones of this contract."))
    _check_active(contract)
    check_milestone_terms(terms, at)
    if contract.milestones.count() >= MILESTONES_MAXIMUM:
        raise TermsNotPossible(_("A contract has at most %(count)d milestones.") % {"count": MILESTONES_MAXIMUM})
    last = contract.milestones.aggregate(last=Max("position"))["last"] or 0
    milestone = Milestone.objects.create(
        contract=contract,
        position=last + 1,
        status=Milestone.Status.DRAFT,
        title=terms.title.strip(),
        description=terms.description.strip(),
        amount=terms.amount,
        due_on=terms.due_on,
        proposed_by_id=by.party_id,
        created_at=at,
    )
    tell("milestone_proposed", milestone, by, at, amount=milestone.amount)
    return milestone


@transaction.atomic
def accept_milestone(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Agree to a milestone that the other side proposed.

    From: draft. To: agreed. Money: none. Event: contracts.milestone_accepted.

    Raises NotAllowed if it is not for `by` to answer, ContractNotActive, MilestoneNotProposed in any other state,
    MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    _check_proposed(milestone, may=can_answer_milestone(by, milestone), seen_version=seen_version)
    _check_active(milestone.contract)
    client = Party.objects.get(pk=milestone.contract.client_id)
    turn(milestone, Milestone.Status.AGREED, at, due_at=end_of_day(milestone.due_on, client))
    tell("milestone_accepted", milestone, by, at, amount=milestone.amount)
    return milestone


@transaction.atomic
def decline_milestone(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Say no to a milestone that the other side proposed.

    From: draft. To: cancelled. Money: none. Event: contracts.milestone_declined.

    Raises NotAllowed if it is not for `by` to answer, MilestoneNotProposed in any other state, MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    _check_proposed(milestone, may=can_answer_milestone(by, milestone), seen_version=seen_version)
    turn(milestone, Milestone.Status.CANCELLED, at)
    tell("milestone_declined", milestone, by, at, amount=milestone.amount)
    return milestone


@transaction.atomic
def withdraw_milestone(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Take back a milestone that one's own side proposed.

    From: draft. To: cancelled. Money: none. Event: contracts.milestone_withdrawn.

    Raises NotAllowed for the other side, MilestoneNotProposed in any other state, MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    _check_proposed(milestone, may=can_withdraw_milestone(by, milestone), seen_version=seen_version)
    turn(milestone, Milestone.Status.CANCELLED, at)
    tell("milestone_withdrawn", milestone, by, at, amount=milestone.amount)
    return milestone


@transaction.atomic
def cancel_milestone(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Drop an agreed milestone that nobody has paid for.

    From: agreed. To: cancelled. Money: none. Event: contracts.milestone_cancelled.

    Raises NotAllowed if `by` may not agree terms for a side, MilestoneNotAgreed in any other state, MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    if not can_cancel_milestone(by, milestone):
        raise NotAllowed(_("You may not cancel milestones of this contract."))
    _check_agreed(milestone, seen_version)
    turn(milestone, Milestone.Status.CANCELLED, at)
    tell("milestone_cancelled", milestone, by, at, amount=milestone.amount)
    return milestone


@transaction.atomic
def fund_milestone(
    *, milestone_id: int, method_id: int, seen_version: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Milestone:
    """Start to pay for a milestone, so that work on it can begin.

    From: agreed. To: funding. Money: a charge of the amount and the client's fee, each with its VAT as both sides
    stand with it now, is planned; nothing is held before the provider confirms it. Event: none before that.

    Raises NotAllowed if `by` may not spend for the client, ContractNotActive, MilestoneNotAgreed in any other state
    (a second tab included), MilestoneChanged, also where the charge is not the `seen_total` that a page has shown,
    payments.MethodNotUsable.
    """
    milestone = lock_milestone(milestone_id)
    contract = milestone.contract
    quote = _check_fundable(milestone, seen_version=seen_version, seen_total=seen_total, by=by, at=at)

    turn(milestone, Milestone.Status.FUNDING, at, payment_failure="")
    start_charge(
        payer_id=contract.client_id,
        method_id=method_id,
        purpose=PURPOSE,
        reference=milestone.pk,
        scope=contract.scope,
        title=milestone_title(milestone),
        gross=quote.gross,
        client_fee=quote.client_fee,
        fee_version=contract.fee_version,
        taxes=quote.taxes,
        by=by,
        at=at,
    )
    return milestone


@transaction.atomic
def fund_milestone_from_credit(
    *, milestone_id: int, seen_version: int, seen_total: int | None = None, by: Actor, at: datetime
) -> Milestone:
    """Pay for a milestone with the client's credit, where that covers all of it; work on it can begin at once.

    From: agreed. To: funded. Money: a4, the amount and the client's fee, each with its VAT as both sides stand with it
    now. Event: contracts.milestone_funded.

    Raises NotAllowed if `by` may not spend for the client, ContractNotActive, MilestoneNotAgreed in any other state
    (a second tab included), MilestoneChanged, also where the sum is not the `seen_total` that a page has shown,
    payments.CreditNotEnough.
    """
    milestone = lock_milestone(milestone_id)
    contract = milestone.contract
    quote = _check_fundable(milestone, seen_version=seen_version, seen_total=seen_total, by=by, at=at)

    turn(milestone, Milestone.Status.FUNDED, at, funded_at=at, payment_failure="")
    pay_from_credit(
        payer_id=contract.client_id,
        payee_id=contract.freelancer_id,
        holder=milestone.holder,
        purpose=PURPOSE,
        reference=milestone.pk,
        scope=contract.scope,
        title=milestone_title(milestone),
        gross=quote.gross,
        client_fee=quote.client_fee,
        fee_version=contract.fee_version,
        taxes=quote.taxes,
        by=by,
        at=at,
    )
    tell("milestone_funded", milestone, by, at, amount=quote.gross, charged=0)
    return milestone


@transaction.atomic
def give_up_milestone_payment(*, milestone_id: int, by: Actor, at: datetime) -> Milestone:
    """Stop paying for a milestone, for one who cannot take the bank's second step.

    From: funding. To: funding, until the provider says how the payment ended. Money: none; what arrives all the same
    goes back at once. Event: none before that.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotBeingPaid in any other state or a second time.
    """
    milestone = lock_milestone(milestone_id)
    if not can_fund_milestone(by, milestone):
        raise NotAllowed(_("You may not pay for this client."))
    if milestone.status != Milestone.Status.FUNDING:
        raise MilestoneNotBeingPaid(_("No payment is running for this milestone."))
    if milestone.given_up_at is not None:
        raise MilestoneNotBeingPaid(_("This payment is being stopped already."))
    give_up_payment(milestone, by, at)
    return milestone


def give_up_payment(milestone: Milestone, by: Actor, at: datetime) -> None:
    """Ask the provider to stop the running payment of a locked milestone (inner)."""
    turn(milestone, Milestone.Status.FUNDING, at, given_up_at=at)
    charge = latest_charge(PURPOSE, milestone.pk)
    if charge is not None:
        give_up_charge(charge_id=charge.pk, by=by, at=at)


def lock_milestone_payment(reference: int) -> None:
    """Lock the rows that the end of a milestone's payment changes (payments calls it before it locks its own)."""
    lock_milestone(reference)


def receive_milestone_payment(charge: Charge, at: datetime) -> None:
    """Hold the money of a confirmed payment; send it back if it comes too late (payments calls it when it settles).

    From: funding. To: funded; agreed again if the payment was given up; cancelled if the contract was ended.
    Money: a1 on the milestone, and c1 at once where it came too late.
    Event: contracts.milestone_funded, or contracts.milestone_payment_returned.
    """
    milestone = lock_milestone(charge.reference)
    contract = milestone.contract
    hold_charge(charge=charge, holder=milestone.holder, payee_id=contract.freelancer_id, at=at)
    is_awaited = milestone.status == Milestone.Status.FUNDING and charge.gross == milestone.amount
    is_active = contract.status == Contract.Status.ACTIVE
    if is_awaited and is_active and milestone.given_up_at is None:
        turn(milestone, Milestone.Status.FUNDED, at, funded_at=at)
        tell("milestone_funded", milestone, Actor.system(), at, amount=charge.gross, charged=charge.amount)
        return

    refund_holding(
        holder=milestone.holder, gross=charge.gross, title=milestone_title(milestone), scope=contract.scope, at=at
    )
    if milestone.status == Milestone.Status.FUNDING:
        turn(milestone, _unpaid_state(contract), at)
    tell("milestone_payment_returned", milestone, Actor.system(), at, amount=charge.gross, charged=charge.amount)
    finish_when_done(contract, at)


def fail_milestone_payment(charge: Charge, at: datetime) -> None:
    """Take note that a payment did not go through; nothing was charged (payments calls it when it settles).

    From: funding. To: agreed, with the reason; cancelled if the contract was ended. Money: none.
    Event: contracts.milestone_payment_failed.
    """
    milestone = lock_milestone(charge.reference)
    if milestone.status != Milestone.Status.FUNDING:
        return
    was_given_up = milestone.given_up_at is not None
    turn(milestone, _unpaid_state(milestone.contract), at, payment_failure="" if was_given_up else charge.failure_code)
    tell(
        "milestone_payment_failed",
        milestone,
        Actor.system(),
        at,
        amount=charge.gross,
        code=charge.failure_code,
        was_given_up=was_given_up,
    )
    finish_when_done(milestone.contract, at)


@transaction.atomic
def submit_milestone(
    *, milestone_id: int, note: str, file_ids: Sequence[UUID], seen_version: int, by: Actor, at: datetime
) -> Milestone:
    """Hand in work: a note, files, or both. The client's clock starts, and silence approves.

    From: funded, changes_requested. To: submitted. Money: none. Event: contracts.milestone_submitted.

    Raises NotAllowed if `by` does not work for the freelancer, MilestoneNotInWork in any other state,
    MilestoneChanged, NothingSubmitted without a note and files, files' refusals for a file that cannot be attached.
    """
    milestone = lock_milestone(milestone_id)
    if not can_submit_milestone(by, milestone):
        raise NotAllowed(_("Only the freelancer can submit work."))
    if milestone.status not in {Milestone.Status.FUNDED, Milestone.Status.CHANGES_REQUESTED}:
        raise MilestoneNotInWork(
            _("Work cannot be submitted for this milestone now: it is not funded, or it was submitted.")
        )
    check_seen(milestone, seen_version)
    hand_in(milestone, note=note, file_ids=file_ids, by=by, at=at)
    return milestone


def hand_in(milestone: Milestone, *, note: str, file_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Store a submission of a locked milestone and start the review (inner)."""
    if by.user_id is None:
        raise NotAllowed(_("Only the freelancer can submit work."))
    if not note.strip() and not file_ids:
        raise NothingSubmitted(_("Write a note or add a file: the client needs something to look at."))
    submission = Submission.objects.create(milestone=milestone, author_id=by.user_id, note=note.strip(), created_at=at)
    if file_ids:
        attach_files(file_ids=list(file_ids), kind=SUBMISSION_FILES, ref=str(submission.pk), by=by, at=at)
    ends_at = at + timedelta(days=rules().review_days)
    turn(
        milestone,
        Milestone.Status.SUBMITTED,
        at,
        submitted_at=at,
        was_submitted=True,
        review_ends_at=ends_at,
        remind_at=next_reminder(started_at=at, ends_at=ends_at, after=at),
    )
    tell("milestone_submitted", milestone, by, at, files=len(file_ids), review_ends_at=ends_at)


@transaction.atomic
def request_milestone_changes(*, milestone_id: int, note: str, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Send submitted work back with what should change. The clock of silence stops.

    From: submitted. To: changes_requested. Money: none; all of it stays held.
    Event: contracts.milestone_changes_requested.

    Raises NotAllowed if `by` may not hire for the client, MilestoneNotSubmitted in any other state, MilestoneChanged,
    ApprovedBySilence from the moment the review ends, NoteMissing without a note.
    """
    milestone = lock_milestone(milestone_id)
    if not can_request_milestone_changes(by, milestone):
        raise NotAllowed(_("Only the client can ask for changes."))
    if milestone.status != Milestone.Status.SUBMITTED:
        raise MilestoneNotSubmitted(_("This milestone is not waiting for approval."))
    check_seen(milestone, seen_version)
    check_review_open(milestone, at)
    if not note.strip():
        raise NoteMissing(_("Say what should change."))
    turn(milestone, Milestone.Status.CHANGES_REQUESTED, at, change_note=note.strip())
    tell("milestone_changes_requested", milestone, by, at)
    return milestone


def tell(event: str, milestone: Milestone, by: Actor, at: datetime, **data: Any) -> None:
    """Record what happened to a milestone, with the words and the sides that a line about it needs (inner)."""
    contract = milestone.contract
    record(
        kind=f"contracts.{event}",
        actor=by,
        subject=milestone.holder,
        scope=contract.scope,
        at=at,
        title=milestone.title,
        position=milestone.position,
        currency=contract.currency,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
        **data,
    )


def milestone_title(milestone: Milestone) -> str:
    """Return what a line of a statement says about money of this milestone. Needs `milestone.contract`."""
    return f"{milestone.contract.title}: {milestone.title}"[:240]


def _check_active(contract: Contract) -> None:
    if contract.status != Contract.Status.ACTIVE:
        raise ContractNotActive(_("This contract was ended: nothing new can be agreed or paid for in it."))


def _check_fundable(
    milestone: Milestone, *, seen_version: int, seen_total: int | None, by: Actor, at: datetime
) -> ChargeQuote:
    """Return what funding a locked milestone costs now, or refuse."""
    contract = milestone.contract
    if not can_fund_milestone(by, milestone):
        raise NotAllowed(above_limit() if can_hire(by, contract.client_id) else _("You may not pay for this client."))
    _check_active(contract)
    _check_agreed(milestone, seen_version)
    check_milestone_terms(MilestoneTerms(title=milestone.title, amount=milestone.amount), at)
    taxes = charge_taxes(payer_id=contract.client_id, payee_id=contract.freelancer_id)
    quote = quote_charge(milestone.amount, contract.fee_version, taxes)
    if seen_total not in {None, quote.total}:
        raise MilestoneChanged(_("The VAT on this milestone changed after you opened the page. Look at the new total."))
    return quote


def _check_proposed(milestone: Milestone, *, may: bool, seen_version: int) -> None:
    if not may:
        raise NotAllowed(_("It is not for you to answer this proposed milestone."))
    if milestone.status != Milestone.Status.DRAFT:
        raise MilestoneNotProposed(_("This proposed milestone was answered or taken back before."))
    check_seen(milestone, seen_version)


def _check_agreed(milestone: Milestone, seen_version: int) -> None:
    if milestone.status != Milestone.Status.AGREED:
        raise MilestoneNotAgreed(_("This milestone is being paid, is paid for, or was cancelled."))
    check_seen(milestone, seen_version)


def _unpaid_state(contract: Contract) -> Milestone.Status:
    """Return where a milestone goes whose payment came to nothing."""
    return Milestone.Status.AGREED if contract.status == Contract.Status.ACTIVE else Milestone.Status.CANCELLED
