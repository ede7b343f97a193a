"""Every write on cases: opened by silence, decided by staff, kept waiting by a bank."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.permissions import is_mediator
from contracts.actions import (
    ClockStillRuns,
    MilestoneNotAskedBack,
    freeze_milestone,
    refund_silent_ask_back,
    settle_milestone,
)
from contracts.actions.rows import lock_milestone
from contracts.models import Milestone
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.money import format_money
from core.sweeps import for_each
from disputes.models import Case
from disputes.permissions import can_decide_case, can_see_case
from disputes.queries import ROOM_READ, has_read_room
from events.actions import record
from payments.models import Charge, Chargeback, FrozenPart, Holding


class CaseNotOpen(DomainError):
    """The case was decided before."""


class CaseWaits(DomainError):
    """The bank decides about the money first."""


class CaseChanged(DomainError):
    """The case is no longer as it was on the page that the mediator saw."""


class CaseSplitWrong(DomainError):
    """The two parts of the decision are not together the sum in question."""


class ReasonsMissing(DomainError):
    """Both sides are owed the reasons of a decision."""


@transaction.atomic
def open_silent_ask_back_case(*, milestone_id: int, by: Actor, at: datetime) -> Case:
    """Bring an ask-back that nobody answered, on work that was submitted, before a mediator.

    From: nothing. To: mediation; the milestone is disputed. Money: k1, what was asked back is frozen.
    Event: disputes.case_opened, contracts.milestone_frozen.

    Raises NotAllowed for people, MilestoneNotAskedBack in any other state of the milestone, ClockStillRuns before the
    time to answer is over or where nothing was submitted (that money goes back).
    """
    milestone = lock_milestone(milestone_id)
    if not by.is_system:
        raise NotAllowed(_("Only the clock decides this."))
    if milestone.status != Milestone.Status.REFUND_REQUESTED or milestone.ask_back_ends_at is None:
        raise MilestoneNotAskedBack(_("No money is being asked back on this milestone."))
    if at < milestone.ask_back_ends_at or not milestone.was_submitted:
        raise ClockStillRuns(_("This is not for a mediator yet."))
    contract = milestone.contract
    case = Case.objects.create(
        milestone=milestone,
        claim=milestone.asked_back_note,
        gross=milestone.asked_back or 0,
        currency=contract.currency,
        opened_at=at,
    )
    freeze_milestone(milestone_id=milestone.pk, case_id=case.pk, at=at)
    record(
        kind="disputes.case_opened",
        actor=by,
        subject=case.holder,
        scope=contract.scope,
        at=at,
        title=milestone.title,
        amount=case.gross,
        currency=case.currency,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
    )
    return case


@transaction.atomic
def decide_case(
    *, case_id: int, seen_version: int, to_freelancer: int, to_client: int, reasons: str, by: Actor, at: datetime
) -> Case:
    """Divide the sum in question between the two sides, with reasons that both read.

    From: mediation. To: closed; the milestone is settled, or funded with the rest. Money: d, to the freelancer's
    pending balance less the fee, and back to the client's card.
    Event: disputes.case_decided, contracts.milestone_settled.

    Raises NotAllowed if `by` is no mediator or has ever belonged to a side, CaseNotOpen once it was decided (a second
    mediator included: money moves once), CaseWaits while the bank looks at the payment, CaseChanged, CaseSplitWrong
    unless the parts are the whole, ReasonsMissing.
    """
    milestone = lock_milestone(Case.objects.values_list("milestone_id", flat=True).get(pk=case_id))
    case = Case.objects.locked(case_id)
    contract = milestone.contract
    if not can_decide_case(by, contract):
        raise NotAllowed(
            _("You belong or belonged to one of the sides: another mediator has to decide.")
            if is_mediator(by)
            else _("Only mediators decide cases.")
        )
    if case.status == Case.Status.BANK:
        raise CaseWaits(_("The client contests this payment at the bank. The case goes on once the bank has decided."))
    if case.status != Case.Status.MEDIATION:
        raise CaseNotOpen(_("This case was decided before. No money was moved again."))
    if case.version != seen_version:
        raise CaseChanged(_("This case changed after you opened the page. Look at it again, then decide."))
    if min(to_freelancer, to_client) < 0 or to_freelancer + to_client != case.gross:
        raise CaseSplitWrong(
            _("The two parts must add up to the sum in question: %(sum)s.")
            % {"sum": format_money(case.gross, case.currency)}
        )
    if not reasons.strip():
        raise ReasonsMissing(_("Write the reasons: both sides read them."))

    case.status, case.closed_at, case.mediator_id, case.version = Case.Status.CLOSED, at, by.user_id, case.version + 1
    case.to_freelancer, case.to_client, case.reasons = to_freelancer, to_client, reasons.strip()
    case.save()
    settle_milestone(
        milestone_id=milestone.pk,
        case_id=case.pk,
        to_freelancer=to_freelancer,
        to_client=to_client,
        by=by,
        at=at,
    )
    record(
        kind="disputes.case_decided",
        actor=by,
        subject=case.holder,
        scope=contract.scope,
        at=at,
        reason=case.reasons,
        title=milestone.title,
        to_freelancer=to_freelancer,
        to_client=to_client,
        currency=case.currency,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
    )
    return case


def lock_cases_of(charge: Charge) -> None:
    """Lock the open cases that money of a charge is frozen for (payments calls it before it opens a chargeback)."""
    for pk in list(_cases_of(charge).order_by("pk").values_list("pk", flat=True)):
        Case.objects.locked(pk)


def wait_for_bank(chargeback: Chargeback, at: datetime) -> None:
    """Let the cases on contested milestones wait for the bank (payments calls it when a chargeback has opened).

    From: mediation, bank. To: bank. Money: k4, posted by payments. Event: disputes.case_waits.
    """
    for case, taken in _touched_by(chargeback):
        case.status, case.version, case.charged_back = Case.Status.BANK, case.version + 1, case.charged_back + taken
        case.save(update_fields=["status", "version", "charged_back"])
        _tell("case_waits", case, at)


def hear_bank(chargeback: Chargeback, at: datetime) -> None:
    """Let the cases that waited go on, without what the bank kept (payments calls it when a chargeback has closed).

    From: bank. To: mediation; lost where the bank kept all that was in question; still bank while another chargeback
    of the milestone runs. Money: posted by payments. Event: disputes.case_goes_on, disputes.case_lost.
    """
    for case, taken in _touched_by(chargeback):
        case.version += 1
        is_lost = chargeback.status == Chargeback.Status.LOST
        if is_lost and case.gross == taken:
            case.status, case.closed_at = Case.Status.LOST, at
        else:
            case.charged_back -= taken
            case.gross -= taken if is_lost else 0
            is_over = case.milestone.status != Milestone.Status.CHARGED_BACK
            case.status = Case.Status.MEDIATION if is_over else Case.Status.BANK
        case.save()
        if case.status != Case.Status.BANK:
            _tell("case_lost" if case.status == Case.Status.LOST else "case_goes_on", case, at)


def _cases_of(charge: Charge) -> QuerySet[Case]:
    parts = FrozenPart.objects.filter(charge=charge, source__startswith="milestone:")
    held = Holding.objects.filter(charge=charge, holder__startswith="milestone:")
    holders = {*parts.values_list("source", flat=True), *held.values_list("holder", flat=True)}
    milestones = [int(holder.partition(":")[2]) for holder in holders]
    return Case.objects.filter(milestone__in=milestones).exclude(status__in=Case.FINAL)


def _touched_by(chargeback: Chargeback) -> list[tuple[Case, int]]:
    """Return the open cases on milestones whose money a chargeback froze, and what it took of each."""
    parts = list(FrozenPart.objects.filter(case=chargeback.holder, source__startswith="milestone:"))
    touched = []
    for pk in list(_cases_of(chargeback.charge).order_by("pk").values_list("pk", flat=True)):
        case = Case.objects.select_related("milestone__contract").locked(pk)
        mine = [part for part in parts if part.source == case.milestone.holder]
        if mine:
            touched.append((case, sum(part.gross for part in mine if part.taken_from == case.holder)))
    return touched


def _tell(event: str, case: Case, at: datetime) -> None:
    contract = case.milestone.contract
    record(
        kind=f"disputes.{event}",
        actor=Actor.system(),
        subject=case.holder,
        scope=contract.scope,
        at=at,
        title=case.milestone.title,
        amount=case.gross,
        currency=case.currency,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
    )


@transaction.atomic
def note_room_read(*, case_id: int, by: Actor, at: datetime) -> bool:
    """Put on record that a mediator reads the room of an open case, for both sides to see; once for each of them.

    From, to: mediation. Returns whether it was the first time. Event: disputes.room_read, the first time.

    Raises NotAllowed if `by` is no mediator, CaseNotOpen once the case was decided: the room is closed to staff then.
    """
    case = Case.objects.select_related("milestone__contract").locked(case_id)
    if not can_see_case(by) or by.user_id is None:
        raise NotAllowed(_("Only mediators read the room of a case."))
    if case.status in Case.FINAL:
        raise CaseNotOpen(_("This case is decided: staff no longer read its room."))
    if has_read_room(by.user_id, case):
        return False
    record(
        kind=ROOM_READ,
        actor=by,
        subject=case.holder,
        scope=case.milestone.contract.scope,
        at=at,
        title=case.milestone.title,
    )
    return True


def sweep_silent_ask_backs(*, at: datetime) -> int:
    """Decide the ask-backs that nobody answered in time: work never submitted is refunded, the rest is for a mediator.

    Returns how many.
    """
    due = Milestone.objects.filter(status=Milestone.Status.REFUND_REQUESTED, ask_back_ends_at__lte=at)
    due = due.order_by("ask_back_ends_at", "pk")
    refunded = for_each(
        due.filter(was_submitted=False),
        lambda pk: refund_silent_ask_back(milestone_id=pk, by=Actor.system(), at=at),
    )
    opened = for_each(
        due.filter(was_submitted=True),
        lambda pk: open_silent_ask_back_case(milestone_id=pk, by=Actor.system(), at=at),
    )
    return refunded + opened
