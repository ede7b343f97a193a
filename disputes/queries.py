"""Reads of cases, for the two sides and for mediators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from contracts.models import Contract, Milestone, Submission
from contracts.queries import Work, works_of
from disputes.models import Case
from messaging.models import Message
from messaging.queries import messages_of, room_of
from payments.queries import Held, held

MESSAGES_SHOWN = 100


def cases_of(contract: Contract) -> QuerySet[Case]:
    """Return the cases of a contract, the newest first, for both its sides."""
    return Case.objects.filter(milestone__contract=contract).select_related("milestone", "mediator").order_by("-pk")


def open_cases() -> QuerySet[Case]:
    """Return the cases that wait for a decision, the oldest first, for mediators."""
    return Case.objects.filter(status=Case.Status.MEDIATION).order_by("opened_at", "pk")


@dataclass(frozen=True, slots=True)
class CasePage:
    """All that a mediator needs to decide, on one screen."""

    case: Case
    contract: Contract
    milestone: Milestone
    milestones: list[Milestone]
    works: list[Work]
    messages: list[Message]
    held: Held

    @property
    def submissions(self) -> Iterator[Submission]:
        """Yield what was handed in for the milestone, the newest first."""
        return (work.submission for work in self.works)


def case_page(case_id: int) -> CasePage | None:
    """Return everything about one case for a mediator: contract, work, messages and money."""
    sides = ("milestone__contract__client", "milestone__contract__freelancer")
    case = Case.objects.select_related("mediator", *sides).filter(pk=case_id).first()
    if case is None:
        return None
    milestone = case.milestone
    contract = milestone.contract
    room = room_of(contract.scope)
    return CasePage(
        case=case,
        contract=contract,
        milestone=milestone,
        milestones=list(contract.milestones.order_by("position")),
        works=works_of([milestone]).get(milestone.pk, []),
        messages=messages_of(room, count=MESSAGES_SHOWN) if room and case.status == Case.Status.MEDIATION else [],
        held=held(milestone.holder),
    )
