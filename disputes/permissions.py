"""Who may decide cases."""

from __future__ import annotations

from accounts.permissions import is_mediator
from core.actor import Actor
from disputes.models import Case


def can_see_case(by: Actor) -> bool:
    """Test whether the actor may read the case page."""
    return is_mediator(by)


def can_decide_case(by: Actor, case: Case) -> bool:
    """Test whether the actor may divide the sum in question; whom they know is asked when they do."""
    return is_mediator(by) and case.status != Case.Status.CLOSED
