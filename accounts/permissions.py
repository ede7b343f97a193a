"""Who may act for a party, and who is staff of which kind."""

from __future__ import annotations

from accounts.models import Membership, Party
from core.actor import Actor

Role = Membership.Role
WORKING_KINDS = (Party.Kind.FREELANCER, Party.Kind.AGENCY)


def can_hire(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may post jobs, choose people and agree terms for this client party."""
    return by.party_kind == Party.Kind.CLIENT and by.acts_for(party_id, Role.OWNER, Role.ADMIN, Role.HIRING_MANAGER)


def can_spend(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may move money and connects of this party."""
    return by.acts_for(party_id, Role.OWNER, Role.ADMIN, Role.FINANCE)


def can_work(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may propose and deliver for this freelancer or agency party."""
    return by.party_kind in WORKING_KINDS and by.acts_for(party_id, Role.OWNER, Role.ADMIN, Role.NAMED_WORKER)


def can_read(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor acts for this party, in whatever role."""
    return by.acts_for(party_id)


def can_edit_party(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may change the name, the place and the description of this party."""
    return by.acts_for(party_id, Role.OWNER, Role.ADMIN)


def can_edit_user(by: Actor, user_id: int) -> bool:
    """Test whether the actor may change this person's own settings and consents: only that person may."""
    return by.user_id == user_id and by.impersonator_id is None


def is_moderator(by: Actor) -> bool:
    """Test whether the actor reviews profiles and jobs."""
    return by.in_group("moderator")


def is_mediator(by: Actor) -> bool:
    """Test whether the actor decides disputes."""
    return by.in_group("mediator")


def is_finance_staff(by: Actor) -> bool:
    """Test whether the actor looks after the books and the money moves."""
    return by.in_group("finance")


def is_support(by: Actor) -> bool:
    """Test whether the actor helps people with their accounts."""
    return by.in_group("support")


def ever_belonged(by: Actor, *party_ids: int) -> bool:
    """Test whether the person belongs, or ever belonged, to one of these parties: no staff act on what is theirs."""
    return by.user_id is not None and Membership.objects.filter(user_id=by.user_id, party_id__in=party_ids).exists()


def can_appoint_staff(by: Actor) -> bool:
    """Test whether the actor may say who is staff of which group."""
    return is_administrator(by)


def is_administrator(by: Actor) -> bool:
    """Test whether the actor may do what any staff group may."""
    return by.in_group("administrator")
