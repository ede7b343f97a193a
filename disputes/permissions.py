"""Who may decide cases."""

from __future__ import annotations

from accounts.models import Membership
from accounts.permissions import is_mediator
from contracts.models import Contract
from core.actor import Actor


def can_see_case(by: Actor) -> bool:
    """Test whether the actor may read the case page."""
    return is_mediator(by)


def can_decide_case(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may divide a sum between the sides: a mediator who never belonged to either."""
    return is_mediator(by) and by.user_id is not None and not knows_a_side(by.user_id, contract)


def knows_a_side(user_id: int, contract: Contract) -> bool:
    """Test whether the user belongs, or ever belonged, to a side of the contract."""
    sides = [contract.client_id, contract.freelancer_id]
    return Membership.objects.filter(user_id=user_id, party_id__in=sides).exists()
