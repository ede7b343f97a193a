"""Money cases: opened for whatever cannot settle by itself, taken by one of finance staff, closed with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from payments.models import MoneyCase
from payments.permissions import can_handle_money_case

Status = MoneyCase.Status


class ReasonMissing(DomainError):
    """What staff do with other people's money is done with a reason."""


class MoneyCaseClosed(DomainError):
    """The case is over."""


class MoneyCaseTaken(DomainError):
    """Somebody else took the case after the page was opened."""


@transaction.atomic
def open_money_case(
    *,
    kind: str,
    subject: str,
    title: str = "",
    scope: str = "",
    party_id: int | None = None,
    amount: int | None = None,
    currency: str = "",
    due_at: datetime | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> MoneyCase:
    """Open a case about something that a person of finance has to settle, or return the one that is open about it.

    `subject` names a row ("credit:7") or the provider's object; `amount` is in minor units of `currency`. Without
    `due_at` the deadline is `money_case_days` away.

    From: nothing. To: open. Money: none. Event: payments.money_case_opened, which tells finance staff.

    Raises NotAllowed unless `by` is the system or finance staff.
    """
    if not (by.is_system or can_handle_money_case(by)):
        raise NotAllowed(_("Only finance staff can do this."))
    case, is_new = MoneyCase.objects.get_or_create(
        kind=kind,
        subject=subject,
        status=Status.OPEN,
        defaults={
            "title": title[:240],
            "scope": scope,
            "party_id": party_id,
            "amount": amount,
            "currency": currency,
            "opened_at": at,
            "due_at": due_at or at + timedelta(days=rules().money_case_days),
        },
    )
    if is_new:
        _tell("payments.money_case_opened", case, by, at, reason=reason.strip())
    return case


@transaction.atomic
def take_money_case(*, case_id: int, seen_owner_id: int | None, by: Actor, at: datetime) -> MoneyCase:
    """Make a case one's own: one that nobody has, or one that somebody else had when the page was opened.

    From: open. To: open. Money: none. Event: payments.money_case_taken.

    Raises NotAllowed unless `by` is finance staff, MoneyCaseClosed, MoneyCaseTaken if its owner is no longer
    `seen_owner_id`.
    """
    case = _locked_open(case_id, by)
    if case.owner_id == by.user_id:
        return case
    if case.owner_id != seen_owner_id:
        raise MoneyCaseTaken(_("Somebody else took this case after you opened this page."))
    case.owner_id = by.user_id
    case.save(update_fields=["owner"])
    _tell("payments.money_case_taken", case, by, at)
    return case


@transaction.atomic
def close_money_case(*, case_id: int, reason: str, by: Actor, at: datetime) -> MoneyCase:
    """Close a case that is settled, saying how it ended.

    From: open. To: closed. Money: none; what moves money is a verb of its own. Event: payments.money_case_closed.

    Raises NotAllowed unless `by` is finance staff, MoneyCaseClosed, ReasonMissing.
    """
    case = _locked_open(case_id, by)
    if not reason.strip():
        raise ReasonMissing(_("Say why."))
    case.status, case.closed_at = Status.CLOSED, at
    case.closed_by_id, case.close_reason = by.user_id, reason.strip()
    case.save(update_fields=["status", "closed_at", "closed_by", "close_reason"])
    _tell("payments.money_case_closed", case, by, at, reason=case.close_reason)
    return case


@transaction.atomic
def settle_money_cases(*subjects: str, kind: str = "", at: datetime) -> int:
    """Close the open cases about things that have settled by themselves after all; return how many.

    From: open. To: closed. Money: none. Event: payments.money_case_settled.
    """
    waiting = MoneyCase.objects.filter(subject__in=subjects, status=Status.OPEN)
    if kind:
        waiting = waiting.filter(kind=kind)
    settled = list(waiting.order_by("pk").select_for_update(of=("self",), no_key=True))
    for case in settled:
        case.status, case.closed_at = Status.CLOSED, at
        case.save(update_fields=["status", "closed_at"])
        _tell("payments.money_case_settled", case, Actor.system(), at)
    return len(settled)


def tell_overdue_cases(*, at: datetime) -> int:
    """Tell finance staff, once for each, of the open cases whose deadline has passed; return how many."""
    due = MoneyCase.objects.filter(status=Status.OPEN, overdue_told_at=None, due_at__lte=at)
    return for_each(due.order_by("due_at", "pk"), lambda pk: _tell_overdue(pk, at))


@transaction.atomic
def _tell_overdue(case_id: int, at: datetime) -> int:
    """Note that staff are told. Event: payments.money_case_overdue."""
    case = MoneyCase.objects.locked(case_id)
    if not case.is_open or case.overdue_told_at is not None or case.due_at > at:
        return 0
    case.overdue_told_at = at
    case.save(update_fields=["overdue_told_at"])
    _tell("payments.money_case_overdue", case, Actor.system(), at)
    return 1


def _locked_open(case_id: int, by: Actor) -> MoneyCase:
    case = MoneyCase.objects.locked(case_id)
    if not can_handle_money_case(by):
        raise NotAllowed(_("Only finance staff can do this."))
    if not case.is_open:
        raise MoneyCaseClosed(_("This case is closed."))
    return case


def _tell(kind: str, case: MoneyCase, by: Actor, at: datetime, *, reason: str = "") -> None:
    sums: dict[str, Any] = {} if case.amount is None else {"amount": case.amount, "currency": case.currency}
    record(
        kind=kind,
        actor=by,
        subject=f"money_case:{case.pk}",
        at=at,
        reason=reason,
        case_kind=case.kind,
        about=case.subject,
        party=case.party_id,
        owner=case.owner_id,
        **sums,
    )
