"""The groups into which kinds of notices fall, for each of which a person chooses how they hear of it."""

from __future__ import annotations

from functools import cache

from notifications.catalogue import KINDS
from notifications.models import Group

#: The group of a kind, by how its name begins; the longest beginning decides.
BEGINNINGS: dict[str, Group] = {
    "accounts.": Group.ACCOUNT,
    "contracts.": Group.CONTRACTS,
    "contracts.offer_": Group.OFFERS,
    "disputes.": Group.CONTRACTS,
    "jobs.": Group.JOBS,
    "jobs.search_": Group.ALERTS,
    "messaging.": Group.MESSAGES,
    "payments.": Group.MONEY,
    "profiles.": Group.PROFILE,
    "proposals.": Group.PROPOSALS,
    "proposals.interview": Group.INTERVIEWS,
    "trust.": Group.ACCOUNT,
}


@cache
def group_of(kind: str) -> Group:
    """Return the group of a kind of notice. Raises KeyError for an unknown kind."""
    if KINDS[kind].to == "staff":
        return Group.STAFF
    fitting = [beginning for beginning in BEGINNINGS if kind.startswith(beginning)]
    return BEGINNINGS[max(fitting, key=len)]


@cache
def groups(*, of_staff: bool) -> tuple[Group, ...]:
    """Return the groups that hold something for a person, in the order of the page."""
    held = {group_of(kind) for kind in KINDS}
    return tuple(group for group in Group if group in held and (of_staff or group != Group.STAFF))


@cache
def kinds_of(group: Group) -> tuple[str, ...]:
    """Return the kinds of a group."""
    return tuple(kind for kind in KINDS if group_of(kind) == group)
