"""The words in which each app writes its rows of the access table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ROLES = (
    "anonymous",
    "client",
    "client_admin",
    "hiring_manager",
    "finance",
    "member",
    "other_client",
    "freelancer",
    "other_freelancer",
    "named_worker",
    "wrong_hat",
    "support",
    "moderator",
    "mediator",
    "finance_staff",
    "administrator",
)
STAFF = ("support", "moderator", "mediator", "finance_staff", "administrator")
#: Who is tried at the pages of staff: the roles inside a party make no difference there.
ADMIN_ROLES = ("anonymous", "client", "freelancer", *STAFF)
#: What each kind of cell expects of an answer.
STATUSES = {
    "ok": {200, 204},
    "redirect": {302, 303},
    "deny": {403},
    "missing": {404},
    "login": {302},
    "bad": {400},
    "conflict": {409},
    "invalid": {422},
}


def cells(**kinds: str) -> Mapping[str, str]:
    """Return the expected answer of each role.

    Keys are the names in STATUSES, values are space separated roles; "*" stands for everybody not named.
    Anonymous visitors are sent to sign in unless they are named.
    """
    row: dict[str, str] = {}
    rest = ""
    for kind, names in kinds.items():
        if kind not in STATUSES:
            raise ValueError(f"unknown kind of cell: {kind}")
        for name in names.split():
            if name == "*":
                rest = kind
            elif name not in ROLES:
                raise ValueError(f"unknown role: {name}")
            elif name in row:
                raise ValueError(f"{name} is named twice")
            else:
                row[name] = kind
    row.setdefault("anonymous", "login")
    unnamed = [role for role in ROLES if role not in row]
    if unnamed and not rest:
        raise ValueError(f"no cell for {', '.join(unnamed)}")
    return {role: row.get(role, rest) for role in ROLES}


def staff_cells(**kinds: str) -> Mapping[str, str]:
    """Return the expected answers of an admin page, in the words of `cells`; "*" stands for every group of staff.

    Administrators may do what any group may: they get the first kind unless they are named. Staff not named are
    refused, and everybody else is sent to sign in.
    """
    row = dict.fromkeys(ADMIN_ROLES, "login") | dict.fromkeys(STAFF, "deny")
    for number, (kind, names) in enumerate(kinds.items()):
        if kind not in STATUSES:
            raise ValueError(f"unknown kind of cell: {kind}")
        chosen = STAFF if names == "*" else names.split()
        if unknown := set(chosen) - set(ADMIN_ROLES):
            raise ValueError(f"unknown role: {', '.join(unknown)}")
        row |= dict.fromkeys([*chosen, *(["administrator"] if number == 0 else [])], kind)
    return row


def nothing(_world: Any) -> dict[str, Any]:
    """Return no arguments."""
    return {}


@dataclass(frozen=True, slots=True)
class Row:
    """One URL: how to build it from the world, and who gets which answer to GET and to POST.

    `data` builds a valid POST body. A method that is None is not offered: everybody gets 405, or what keeps them
    from seeing the page at all.
    """

    get: Mapping[str, str] | None = None
    post: Mapping[str, str] | None = None
    kwargs: Callable[[Any], dict[str, Any]] = nothing
    data: Callable[[Any], dict[str, Any]] = nothing
    query: str = ""
    note: str = ""


def admin_pages(model: str, readers: str, key: Callable[[Any], int] | None = None) -> dict[str, Row]:
    """Return the rows of a model's list and of the page of one of its rows, for those groups of staff that read it.

    Without a `key` the world has no such row: the page leads its readers to the index.
    """
    return {
        f"admin:{model}_changelist": Row(get=staff_cells(ok=readers)),
        f"admin:{model}_change": Row(
            get=staff_cells(ok=readers) if key else staff_cells(redirect=readers),
            kwargs=lambda world: {"object_id": key(world) if key else 0},
        ),
    }
