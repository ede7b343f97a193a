"""Who may decide cases."""

from __future__ import annotations

from accounts.permissions import ever_belonged, is_mediator
from contracts.models import Contract
from core.actor import Actor


def can_see_case(by: Actor) -> bool:
    """Test whether the actor may read the case page."""
    return is_mediator(by)


def can_decide_case(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may divide a sum between the sides: a mediator who never belonged to either."""
    is_known = by.user_id is not None
    return is_mediator(by) and is_known and not ever_belonged(by, contract.client_id, contract.freelancer_id)
