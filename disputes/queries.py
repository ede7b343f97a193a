"""Reads of cases, for the two sides and for mediators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from contracts.models import Contract, Milestone, Submission
from contracts.queries import Work, works_of
from disputes.models import Case
from events.models import Event
from messaging.models import Message
from messaging.queries import messages_of, room_of
from payments.queries import Held, held

MESSAGES_SHOWN = 100
#: The kind of event that says that a mediator read a room.
ROOM_READ = "disputes.room_read"


def cases_of(contract: Contract) -> QuerySet[Case]:
    """Return the cases of a contract, the newest first, for both its sides."""
    return Case.objects.filter(milestone__contract=contract).select_related("milestone", "mediator").order_by("-pk")


def has_read_room(user_id: int, case: Case) -> bool:
    """Test whether it is on record that this mediator read the room of this case."""
    return Event.objects.filter(subject=case.holder, kind=ROOM_READ, actor_user_id=user_id).exists()


def room_reads(contract: Contract) -> QuerySet[Event]:
    """Return when mediators first read the room of a contract and about which milestone, for both its sides."""
    return Event.objects.filter(scope=contract.scope, kind=ROOM_READ).order_by("pk")


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
    def shows_room(self) -> bool:
        """Test whether the messages of the room are on the screen."""
        return self.case.status not in Case.FINAL

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
        messages=messages_of(room, count=MESSAGES_SHOWN) if room and case.status not in Case.FINAL else [],
        held=held(milestone.holder),
    )
