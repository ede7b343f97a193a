"""Who may act for a party, and who is staff of which kind."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Membership, Party, User
from core.actor import Actor

Role = Membership.Role
WORKING_KINDS = (Party.Kind.FREELANCER, Party.Kind.AGENCY)
#: The roles that each kind of party gives; a freelancer is one person.
ROLES_OF: Mapping[str, tuple[Role, ...]] = {
    Party.Kind.CLIENT: (Role.OWNER, Role.ADMIN, Role.HIRING_MANAGER, Role.FINANCE, Role.MEMBER),
    Party.Kind.AGENCY: (Role.OWNER, Role.ADMIN, Role.FINANCE, Role.MEMBER, Role.NAMED_WORKER),
}


def can_hire(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may post jobs, choose people and agree terms for this client party."""
    return by.party_kind == Party.Kind.CLIENT and by.acts_for(party_id, Role.OWNER, Role.ADMIN, Role.HIRING_MANAGER)


def can_spend(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may move money and connects of this party."""
    return by.acts_for(party_id, Role.OWNER, Role.ADMIN, Role.FINANCE)


def can_pay_for_work(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may pay for work of this party: hiring managers with a limit too, up to it.

    What is within the limit is for the app that knows the contract to say.
    """
    return can_spend(by, party_id) or (can_hire(by, party_id) and by.pay_limit > 0)


def can_work(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may propose and deliver for this freelancer or agency party."""
    return by.party_kind in WORKING_KINDS and by.acts_for(party_id, Role.OWNER, Role.ADMIN, Role.NAMED_WORKER)


def can_read(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor acts for this party, in whatever role."""
    return by.acts_for(party_id)


def reads_all(by: Actor) -> bool:
    """Test whether the actor reads all jobs and contracts of their party: members read what they were added to."""
    return by.role != Role.MEMBER


def can_edit_party(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may change the name, the place and the description of this party."""
    return by.acts_for(party_id, Role.OWNER, Role.ADMIN)


def can_manage_people(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may invite, remove and change the role of people of this party, but for its owners."""
    return by.acts_for(party_id, Role.OWNER, Role.ADMIN)


def can_give_role(by: Actor, party_id: int | None, role: str) -> bool:
    """Test whether the actor may put people of this party into this role, and take it from them."""
    return by.acts_for(party_id, Role.OWNER) if role == Role.OWNER else can_manage_people(by, party_id)


def can_edit_user(by: Actor, user_id: int) -> bool:
    """Test whether the actor may change this person's own settings and consents: only that person may."""
    return by.user_id == user_id and by.impersonator_id is None


def has_belonged(by: Actor, *party_ids: int) -> bool:
    """Test whether the actor is or was of one of these parties, where they decide nothing as staff."""
    return Membership.objects.filter(user_id=by.user_id or 0, party_id__in=party_ids).exists()


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


def can_see_people(by: Actor) -> bool:
    """Test whether the actor's work needs to know who people are: every staff group's does."""
    return is_support(by) or is_moderator(by) or is_mediator(by) or is_finance_staff(by)


def can_close_account(by: Actor, user: User) -> bool:
    """Test whether the actor may close this account and open it again: support, for staff administrators."""
    return is_administrator(by) if user.is_staff else is_support(by)


def can_appoint_staff(by: Actor) -> bool:
    """Test whether the actor may say who is staff of which group."""
    return is_administrator(by)


def is_administrator(by: Actor) -> bool:
    """Test whether the actor may do what any staff group may."""
    return by.in_group("administrator")


def can_edit_agency(by: Actor, party: Party) -> bool:
    """Test whether the actor may change the rules of this agency."""
    return party.kind == Party.Kind.AGENCY and can_edit_party(by, party.pk)


def can_appear_for_agency(by: Actor, party: Party) -> bool:
    """Test whether the actor decides if this agency names them on its page: everybody decides for themselves."""
    return party.kind == Party.Kind.AGENCY and by.acts_for(party.pk)
