"""The held money of a milestone: released, asked back, given back, moved, frozen, settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.actions.clocks import next_reminder
from contracts.actions.finishing import finish_when_done
from contracts.actions.milestones import MilestoneNotSubmitted, NoteMissing, milestone_title, tell
from contracts.actions.rows import check_review_open, check_seen, lock_milestone, lock_milestones, turn
from contracts.models import Contract, Milestone
from contracts.permissions import can_ask_milestone_back, can_give_milestone_back, can_release_milestone
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.money import format_money
from core.product import rules
from payments.actions import carry_holding, freeze_holding, refund_holding, release_holding, settle_frozen
from payments.models import Release

Status = Milestone.Status


class MilestoneNotPayable(DomainError):
    """Nothing of this milestone can be released or asked back now."""


class MilestoneNotAskedBack(DomainError):
    """Only money that the client asked back can be answered for."""


class MilestoneHoldsNothing(DomainError):
    """There is no held money that could be given back."""


class MilestoneNotDisputed(DomainError):
    """No case is open on this milestone."""


class AmountNotPossible(DomainError):
    """The amount is not above zero, or more than is held."""


class CannotMove(DomainError):
    """The rest can only move to an agreed, unpaid milestone of the same contract, worth just as much."""


class ClockStillRuns(DomainError):
    """Silence decides when the time is over, not before."""


class SplitDoesNotAddUp(DomainError):
    """The two parts of a decision are not together the sum in question."""


@transaction.atomic
def approve_milestone(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Accept submitted work and release its money to the freelancer.

    From: submitted. To: released. Money: b1, all that is held, to the freelancer's pending balance, less the fee
    (a part, or work never submitted: `release_milestone_part`, `release_milestone`).
    Event: contracts.milestone_approved.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotSubmitted in any other state (a second approval
    included: no money moves), MilestoneChanged if the work was submitted again since `seen_version`.
    """
    milestone = lock_milestone(milestone_id)
    _check_client(may=can_release_milestone(by, milestone))
    if milestone.status != Status.SUBMITTED:
        raise MilestoneNotSubmitted(_("This milestone is not waiting for approval."))
    check_seen(milestone, seen_version)
    _release_all(milestone, "milestone_approved", by, at)
    return milestone


@transaction.atomic
def release_milestone(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Release all the held money without waiting for a submission.

    From: funded, changes_requested. To: released. Money: b1, less the fee. Event: contracts.milestone_released.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotPayable in any other state, MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    _check_client(may=can_release_milestone(by, milestone))
    if milestone.status not in {Status.FUNDED, Status.CHANGES_REQUESTED}:
        raise MilestoneNotPayable(_("This milestone cannot be released now: its state has changed."))
    check_seen(milestone, seen_version)
    _release_all(milestone, "milestone_released", by, at)
    return milestone


@transaction.atomic
def release_milestone_part(*, milestone_id: int, amount: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Release a part and keep the rest held, for the work still to come.

    From: funded, submitted, changes_requested. To: funded. Money: b2, less the fee.
    Event: contracts.milestone_released_part.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotPayable in any other state, MilestoneChanged,
    ApprovedBySilence once the review is over, AmountNotPossible unless the amount is above zero
    and below what is held.
    """
    milestone = lock_milestone(milestone_id)
    _check_payable(milestone, may=can_release_milestone(by, milestone), seen_version=seen_version, at=at)
    _release_part(milestone, amount, by, at)
    turn(milestone, Status.FUNDED, at)
    return milestone


@transaction.atomic
def release_part_and_ask_back(
    *, milestone_id: int, amount: int, note: str, seen_version: int, by: Actor, at: datetime
) -> Milestone:
    """Release a part and ask the rest back.

    From: funded, submitted, changes_requested. To: refund_requested. Money: b2, less the fee.
    Event: contracts.milestone_released_part, contracts.milestone_asked_back.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotPayable in any other state, MilestoneChanged,
    ApprovedBySilence once the review is over, AmountNotPossible unless the amount is above zero and below what is held,
    NoteMissing without a reason.
    """
    milestone = lock_milestone(milestone_id)
    _check_payable(milestone, may=can_ask_milestone_back(by, milestone), seen_version=seen_version, at=at)
    _check_ask_back_note(note)
    _release_part(milestone, amount, by, at)
    _ask_back(milestone, milestone.held, note=note, by=by, at=at)
    return milestone


@transaction.atomic
def release_part_and_move(
    *, milestone_id: int, amount: int, target_id: int, seen_version: int, by: Actor, at: datetime
) -> Milestone:
    """Release a part and use the rest to fund another milestone of the contract.

    From: funded, submitted, changes_requested. To: released; the other one, agreed and worth just the rest: funded.
    Money: b2, less the fee; b3.
    Event: contracts.milestone_released_part, contracts.milestone_moved, contracts.milestone_funded.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotPayable in any other state, MilestoneChanged,
    ApprovedBySilence once the review is over, AmountNotPossible unless the amount is above zero and below what is held,
    CannotMove if the other milestone does not fit.
    """
    others = Milestone.objects.filter(pk=target_id, contract__milestones=milestone_id).exclude(pk=milestone_id)
    milestone, *targets = lock_milestones([milestone_id, *others.values_list("pk", flat=True)])
    _check_payable(milestone, may=can_release_milestone(by, milestone), seen_version=seen_version, at=at)
    if not targets:
        raise CannotMove(_("Choose another milestone of this contract."))
    target = targets[0]
    if target.status != Status.AGREED or milestone.contract.status != Contract.Status.ACTIVE:
        raise CannotMove(_("The rest can only move to an agreed milestone that is not funded."))
    if target.amount != milestone.held - amount:
        raise CannotMove(
            _("The other milestone is worth %(worth)s, but %(rest)s would be left.")
            % {"worth": _text(target, target.amount), "rest": _text(milestone, milestone.held - amount)}
        )
    _release_part(milestone, amount, by, at)
    rest = milestone.held
    carry_holding(frm=milestone.holder, to=target.holder, gross=rest, at=at)
    turn(milestone, Status.RELEASED, at, moved=milestone.moved + rest)
    tell("milestone_moved", milestone, by, at, amount=rest, target=target.title)
    receive_moved_money(target, by, at)
    return milestone


def receive_moved_money(target: Milestone, by: Actor, at: datetime) -> None:
    """Note that a locked milestone was funded by the rest of another (inner). From: agreed. To: funded."""
    turn(target, Status.FUNDED, at, funded_at=at)
    tell("milestone_funded", target, by, at, amount=target.amount, charged=0)


@transaction.atomic
def release_silent_milestone(*, milestone_id: int, by: Actor, at: datetime) -> Milestone:
    """Approve submitted work that the client said nothing about for the whole review.

    From: submitted. To: released. Money: b1, less the fee. Event: contracts.milestone_released_by_silence.

    Raises NotAllowed for people, MilestoneNotSubmitted in any other state, ClockStillRuns before the review is over.
    """
    milestone = lock_milestone(milestone_id)
    _check_system(by)
    if milestone.status != Status.SUBMITTED or milestone.review_ends_at is None:
        raise MilestoneNotSubmitted(_("This milestone is not waiting for approval."))
    if at < milestone.review_ends_at:
        raise ClockStillRuns(_("The review is not over yet."))
    _release_all(milestone, "milestone_released_by_silence", by, at)
    return milestone


@transaction.atomic
def ask_milestone_back(
    *, milestone_id: int, amount: int, note: str, seen_version: int, by: Actor, at: datetime
) -> Milestone:
    """Ask held money back, all or a part. The freelancer has some days to answer.

    From: funded, submitted, changes_requested. To: refund_requested. Money: none before an answer or silence.
    Event: contracts.milestone_asked_back.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotPayable in any other state, MilestoneChanged,
    ApprovedBySilence once the review is over, AmountNotPossible unless the amount is above zero and not more than is
    held, NoteMissing without a reason.
    """
    milestone = lock_milestone(milestone_id)
    _check_payable(milestone, may=can_ask_milestone_back(by, milestone), seen_version=seen_version, at=at)
    _check_amount(milestone, amount, most=milestone.held)
    _check_ask_back_note(note)
    _ask_back(milestone, amount, note=note, by=by, at=at)
    return milestone


@transaction.atomic
def agree_to_ask_back(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Let the client have back what was asked for.

    From: refund_requested. To: refunded, or funded with the rest. Money: c1. Event: contracts.milestone_refunded.

    Raises NotAllowed if `by` may not decide for the freelancer, MilestoneNotAskedBack in any other state,
    MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    if not can_give_milestone_back(by, milestone):
        raise NotAllowed(_("Only the freelancer can agree to give money back."))
    if milestone.status != Status.REFUND_REQUESTED:
        raise MilestoneNotAskedBack(_("No money is being asked back on this milestone."))
    check_seen(milestone, seen_version)
    _refund_asked(milestone, by, at)
    return milestone


@transaction.atomic
def refund_silent_ask_back(*, milestone_id: int, by: Actor, at: datetime) -> Milestone:
    """Give back what the client asked for, when the freelancer never submitted anything and does not answer.

    From: refund_requested. To: refunded, or funded with the rest. Money: c1. Event: contracts.milestone_refunded.

    Raises NotAllowed for people, MilestoneNotAskedBack in any other state, ClockStillRuns before the time is over or
    where work was submitted (that goes to mediation).
    """
    milestone = lock_milestone(milestone_id)
    _check_system(by)
    _check_ask_back_over(milestone, at)
    if milestone.was_submitted:
        raise ClockStillRuns(_("Work was submitted: silence does not give this money back."))
    _refund_asked(milestone, by, at)
    return milestone


@transaction.atomic
def give_milestone_back(*, milestone_id: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Give the client back all that is held.

    From: funded, submitted, changes_requested, refund_requested. To: refunded. Money: c1.
    Event: contracts.milestone_given_back.

    Raises NotAllowed if `by` may not decide for the freelancer, MilestoneHoldsNothing in any other state,
    MilestoneChanged.
    """
    milestone = lock_milestone(milestone_id)
    if not can_give_milestone_back(by, milestone):
        raise NotAllowed(_("Only the freelancer can give money back."))
    if milestone.status not in Milestone.PAYABLE | {Status.REFUND_REQUESTED}:
        raise MilestoneHoldsNothing(_("There is no held money to give back on this milestone."))
    check_seen(milestone, seen_version)
    give_back(milestone, by, at)
    return milestone


def give_back(milestone: Milestone, by: Actor, at: datetime) -> None:
    """Return all that is held of a locked milestone to the client (inner)."""
    amount = milestone.held
    _refund(milestone, amount, at)
    turn(milestone, Status.REFUNDED, at)
    tell("milestone_given_back", milestone, by, at, amount=amount)
    finish_when_done(milestone.contract, at)


@transaction.atomic
def release_undisputed(*, milestone_id: int, amount: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Release held money that neither the open case nor a chargeback is about.

    From, to: disputed, charged_back. Money: b1, b2, less the fee. Event: contracts.milestone_released_part.

    Raises NotAllowed if `by` may not spend for the client, MilestoneNotDisputed in any other state, MilestoneChanged,
    AmountNotPossible unless the amount is above zero and not more than is held and not frozen.
    """
    milestone = lock_milestone(milestone_id)
    _check_client(may=can_release_milestone(by, milestone))
    _check_frozen(milestone)
    check_seen(milestone, seen_version)
    _check_amount(milestone, amount, most=milestone.held)
    paid = _release(milestone, amount, at)
    turn(milestone, Status(milestone.status), at)
    tell("milestone_released_part", milestone, by, at, **paid)
    return milestone


@transaction.atomic
def give_undisputed_back(*, milestone_id: int, amount: int, seen_version: int, by: Actor, at: datetime) -> Milestone:
    """Give back held money that neither the open case nor a chargeback is about.

    From, to: disputed, charged_back. Money: c1. Event: contracts.milestone_refunded.

    Raises NotAllowed if `by` may not decide for the freelancer, MilestoneNotDisputed in any other state,
    MilestoneChanged, AmountNotPossible unless the amount is above zero and not more than is held and not frozen.
    """
    milestone = lock_milestone(milestone_id)
    if not can_give_milestone_back(by, milestone):
        raise NotAllowed(_("Only the freelancer can give money back."))
    _check_frozen(milestone)
    check_seen(milestone, seen_version)
    _check_amount(milestone, amount, most=milestone.held)
    _refund(milestone, amount, at)
    turn(milestone, Status(milestone.status), at)
    tell("milestone_refunded", milestone, by, at, amount=amount)
    return milestone


def freeze_milestone(*, milestone_id: int, case_id: int, at: datetime) -> Milestone:
    """Freeze what the client asked back until the case is decided (inner; `disputes` calls it when it opens a case).

    From: refund_requested. To: disputed. Money: k1. Event: contracts.milestone_frozen.

    Raises MilestoneNotAskedBack in any other state, ClockStillRuns before the time to answer is over.
    """
    milestone = lock_milestone(milestone_id)
    _check_ask_back_over(milestone, at)
    amount = milestone.asked_back or 0
    freeze_holding(holder=milestone.holder, case=f"case:{case_id}", gross=amount, at=at)
    turn(milestone, Status.DISPUTED, at, frozen=amount)
    tell("milestone_frozen", milestone, Actor.system(), at, amount=amount, case=case_id)
    return milestone


def settle_milestone(
    *, milestone_id: int, case_id: int, to_freelancer: int, to_client: int, by: Actor, at: datetime
) -> Milestone:
    """Divide the frozen money as it was decided (inner; `disputes` calls it when it closes a case).

    From: disputed. To: settled, or funded with the rest. Money: d. Event: contracts.milestone_settled.

    Raises MilestoneNotDisputed in any other state, SplitDoesNotAddUp unless the parts are the whole.
    """
    milestone = lock_milestone(milestone_id)
    _check_disputed(milestone)
    if min(to_freelancer, to_client) < 0 or to_freelancer + to_client != milestone.frozen:
        raise SplitDoesNotAddUp(
            _("The two parts must add up to the sum in question: %(sum)s.")
            % {"sum": _text(milestone, milestone.frozen)}
        )
    releases, _refunds = settle_frozen(
        case=f"case:{case_id}",
        to_freelancer=to_freelancer,
        to_client=to_client,
        fee_version=milestone.contract.fee_version,
        title=milestone_title(milestone),
        at=at,
    )
    milestone.frozen = 0
    milestone.released += to_freelancer
    milestone.refunded += to_client
    turn(milestone, Status.FUNDED if milestone.held else Status.SETTLED, at)
    tell(
        "milestone_settled",
        milestone,
        by,
        at,
        to_freelancer=to_freelancer,
        to_client=to_client,
        **_sums(releases),
        case=case_id,
    )
    finish_when_done(milestone.contract, at)
    return milestone


def release_all(milestone: Milestone, by: Actor, at: datetime) -> None:
    """Release all that is held of a locked milestone, as the state it is in calls it (inner)."""
    is_submitted = milestone.status == Status.SUBMITTED
    _release_all(milestone, "milestone_approved" if is_submitted else "milestone_released", by, at)


def ask_all_back(milestone: Milestone, note: str, by: Actor, at: datetime) -> None:
    """Ask back all that is held of a locked milestone (inner).

    Raises ApprovedBySilence once its review is over, NoteMissing without a reason.
    """
    check_review_open(milestone, at)
    _check_ask_back_note(note)
    _ask_back(milestone, milestone.held, note=note, by=by, at=at)


def _release_all(milestone: Milestone, event: str, by: Actor, at: datetime) -> None:
    paid = _release(milestone, milestone.held, at)
    turn(milestone, Status.RELEASED, at)
    tell(event, milestone, by, at, **paid)
    finish_when_done(milestone.contract, at)


def _release_part(milestone: Milestone, amount: int, by: Actor, at: datetime) -> None:
    if amount == milestone.held:
        raise AmountNotPossible(_("This is all that is held: release the whole milestone instead."))
    _check_amount(milestone, amount, most=milestone.held)
    tell("milestone_released_part", milestone, by, at, **_release(milestone, amount, at))


def _release(milestone: Milestone, gross: int, at: datetime) -> dict[str, int]:
    """Release a part of a locked milestone; return its sums for the event."""
    contract = milestone.contract
    releases = release_holding(
        holder=milestone.holder,
        gross=gross,
        fee_version=contract.fee_version,
        title=milestone_title(milestone),
        scope=contract.scope,
        at=at,
    )
    milestone.released += gross
    return {"amount": gross, **_sums(releases)}


def _sums(releases: Sequence[Release]) -> dict[str, int]:
    """Return what was released: without VAT, what arrives with it, and what was earned of it, without VAT again."""
    return {
        "gross": sum(release.gross for release in releases),
        "net": sum(release.net for release in releases),
        "earned": sum(release.gross - release.fee for release in releases),
    }


def _refund(milestone: Milestone, gross: int, at: datetime) -> None:
    """Return a part of a locked milestone to the client's card."""
    scope = milestone.contract.scope
    refund_holding(holder=milestone.holder, gross=gross, title=milestone_title(milestone), scope=scope, at=at)
    milestone.refunded += gross


def _refund_asked(milestone: Milestone, by: Actor, at: datetime) -> None:
    amount = milestone.asked_back or 0
    _refund(milestone, amount, at)
    turn(milestone, Status.FUNDED if milestone.held else Status.REFUNDED, at)
    tell("milestone_refunded", milestone, by, at, amount=amount)
    finish_when_done(milestone.contract, at)


def _ask_back(milestone: Milestone, amount: int, *, note: str, by: Actor, at: datetime) -> None:
    ends_at = at + timedelta(days=rules().ask_back_days)
    turn(
        milestone,
        Status.REFUND_REQUESTED,
        at,
        asked_back=amount,
        asked_back_note=note.strip(),
        asked_back_at=at,
        ask_back_ends_at=ends_at,
        remind_at=next_reminder(started_at=at, ends_at=ends_at, after=at),
    )
    tell("milestone_asked_back", milestone, by, at, amount=amount, ask_back_ends_at=ends_at)


def _check_client(*, may: bool) -> None:
    if not may:
        raise NotAllowed(
            _("Only those who pay for the client do this; a hiring manager approves and releases up to a limit.")
        )


def _check_system(by: Actor) -> None:
    if not by.is_system:
        raise NotAllowed(_("Only the clock decides this."))


def _check_payable(milestone: Milestone, *, may: bool, seen_version: int, at: datetime) -> None:
    _check_client(may=may)
    if milestone.status not in Milestone.PAYABLE:
        raise MilestoneNotPayable(_("This milestone cannot be released or asked back now: its state has changed."))
    check_seen(milestone, seen_version)
    check_review_open(milestone, at)


def _check_ask_back_note(note: str) -> None:
    if not note.strip():
        raise NoteMissing(_("Say why you ask the money back."))


def _check_disputed(milestone: Milestone) -> None:
    if milestone.status != Status.DISPUTED:
        raise MilestoneNotDisputed(_("No case is open on this milestone."))


def _check_frozen(milestone: Milestone) -> None:
    if milestone.status not in Milestone.FROZEN:
        raise MilestoneNotDisputed(_("No case is open on this milestone, and nothing of it is frozen."))


def _check_ask_back_over(milestone: Milestone, at: datetime) -> None:
    if milestone.status != Status.REFUND_REQUESTED or milestone.ask_back_ends_at is None:
        raise MilestoneNotAskedBack(_("No money is being asked back on this milestone."))
    if at < milestone.ask_back_ends_at:
        raise ClockStillRuns(_("The freelancer still has time to answer."))


def _check_amount(milestone: Milestone, amount: int, *, most: int) -> None:
    if not 0 < amount <= most:
        raise AmountNotPossible(
            _("Enter an amount above zero and not above %(most)s, which is what is held.")
            % {"most": _text(milestone, most)}
        )


def _text(milestone: Milestone, amount: int) -> str:
    return format_money(amount, milestone.contract.currency)
