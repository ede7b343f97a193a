"""Every address of the site has its row, and every role gets from it what the row says."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.tests.cast import Person, sign_in
from conftest import Size
from messaging.routing import websocket_urlpatterns
from tests.access import STAFF, STATUSES, Row
from tests.nothing import fingerprint, written_to
from tests.world import World, make_world

#: Sockets have their own rows in messaging's tests of the consumer; a new one must be named here.
SOCKETS = {"live"}
#: What a cell says that allows nothing.
REFUSED = {"deny", "missing", "login"}
#: Sent by a visitor of these tests, it would log them out of the rest; tested with logging in.
ENDS_THE_SESSION = {"account_logout", "admin:logout"}
#: Pages that Django's admin makes for each model. One without a row is refused to all, or, for a history, is for those
#: who may see the page of the thing; `test_what_no_page_of_staff_offers_is_refused` says so.
MADE_FOR_EACH_MODEL = ("_add", "_delete", "_history")


def named_routes() -> Iterator[str]:
    """Yield the name of every address, and fail on one without a name; Django's admin has some that only lead on."""

    def walk(patterns: list[Any], namespace: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, inner)
            elif isinstance(pattern, URLPattern):
                if namespace == "admin:" and pattern.name is None:
                    continue
                assert pattern.name, f"{pattern.pattern} has no name"
                yield f"{namespace}{pattern.name}"

    yield from walk(get_resolver().url_patterns, "")


def table() -> dict[str, Row]:
    """Return the rows of all apps."""
    rows: dict[str, Row] = {}
    for config in apps.get_app_configs():
        module = f"{config.name}.tests.access"
        if Path(config.path).parent != settings.BASE_DIR or not find_spec(module):
            continue
        for name, row in importlib.import_module(module).ACCESS.items():
            assert name not in rows, f"{name} has two rows"
            rows[name] = row
    return rows


def test_every_address_has_exactly_one_row() -> None:
    routes, rows = set(named_routes()), set(table())

    needed = {name for name in routes if not (name.startswith("admin:") and name.endswith(MADE_FOR_EACH_MODEL))}
    assert needed - rows == set(), "addresses without a row"
    assert rows - routes == set(), "rows without an address"


def test_every_socket_is_known() -> None:
    assert {pattern.name for pattern in websocket_urlpatterns} == SOCKETS


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: what a role gets from an address by a method."""

    name: str
    role: str
    method: str
    expected: str


def cells_of(rows: dict[str, Row], method: str) -> Iterator[Cell]:
    for name, row in sorted(rows.items()):
        answers = getattr(row, method)
        for role, expected in (answers or {}).items():
            yield Cell(name, role, method, expected)


class Visitors:
    """Signed-in browsers, one for each role."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.browsers: dict[str, Client] = {}

    def browser(self, role: str) -> Client:
        """Return the role's browser, signed in once; a visitor's is new."""
        if role == "anonymous":  # a new one each time: what a visit leaves in a session is taken back with the rest
            return Client(raise_request_exception=False)
        if role not in self.browsers:
            browser = Client(raise_request_exception=False)
            person: Person = self.world.people[role]
            sign_in(browser, person)
            self.browsers[role] = browser
        return self.browsers[role]

    def remember(self, role: str) -> None:
        """Let the role's session be read anew: what a request wrote into it was taken back in the database only."""
        if role in self.browsers:
            cache.delete(SessionStore(self.browsers[role].session.session_key).cache_key)

    def ask(self, cell: Cell, row: Row) -> tuple[int, str]:
        """Send the request of a cell and return its status and where it leads."""
        url = reverse(cell.name, kwargs=row.kwargs(self.world)) + row.query
        browser = self.browser(cell.role)
        answer = browser.get(url) if cell.method == "get" else browser.post(url, row.data(self.world))
        return answer.status_code, answer.headers.get("Location", "")


def problem(cell: Cell, status: int, target: str) -> str:
    """Return what is wrong with an answer, or nothing."""
    to_login = "/login/" in target
    if cell.expected == "login":
        is_right = status == 302 and to_login
    elif cell.expected == "redirect":
        is_right = status in STATUSES["redirect"] and not to_login
    else:
        is_right = status in STATUSES[cell.expected]
    return (
        "" if is_right else f"{cell.method.upper()} {cell.name} as {cell.role}: {status} {target}, not {cell.expected}"
    )


class _Undone(Exception):
    """Leaves the transaction of one request behind."""


def undone(
    visitors: Visitors, cell: Cell, row: Row, rows_before: dict[str, str] | None = None
) -> tuple[int, str, list[str]]:
    """Send one request and take back what it wrote; return its answer and the tables it changed, given them before.

    Only tables that the request wrote to are read again: reading all of them a thousand times takes a minute.
    """
    visitors.browser(cell.role)  # signed in before what is taken back
    outcome: tuple[int, str, list[str]] = (0, "", [])
    written = written_to() if rows_before else {}
    undo = transaction.atomic()
    undo._from_testcase = True  # type: ignore[attr-defined]  # views that call the provider see no transaction of ours
    try:
        with undo:
            status, target = visitors.ask(cell, row)
            changed: list[str] = []
            if rows_before:
                after = fingerprint(name for name, count in written_to().items() if count != written.get(name, 0))
                changed = sorted(name for name in after if rows_before[name] != after[name])
            outcome = (status, target, changed)
            raise _Undone
    except _Undone:
        pass
    visitors.remember(cell.role)
    return outcome


@pytest.mark.django_db
def test_every_role_gets_the_page_its_cell_says() -> None:
    visitors, rows = Visitors(make_world()), table()
    wrong = []
    for cell in cells_of(rows, "get"):
        status, target, _changed = undone(visitors, cell, rows[cell.name])
        wrong.append(problem(cell, status, target))

    assert [line for line in wrong if line] == []


@pytest.mark.django_db
def test_a_refused_post_changes_nothing_and_an_allowed_one_is_answered(size: Size) -> None:
    world, rows = make_world(), table()
    visitors, wrong = Visitors(world), []
    for role in world.people:
        visitors.browser(role)  # signed in before the tables are read
    before = fingerprint()
    for number, cell in enumerate(cells_of(rows, "post")):
        is_refused = cell.expected in REFUSED
        if is_refused and size.name == "quick" and number % 3:  # 16 roles or 8: all take turns
            continue
        status, target, changed = undone(visitors, cell, rows[cell.name], before if is_refused else None)
        wrong.append(problem(cell, status, target))
        if changed:
            wrong.append(f"POST {cell.name} as {cell.role} was {cell.expected} and wrote to {', '.join(changed)}")

    assert [line for line in wrong if line] == []


@pytest.mark.django_db
def test_a_method_that_is_not_offered_is_refused() -> None:
    visitors, rows = Visitors(make_world()), table()
    wrong = []
    for name, row in sorted(rows.items()):
        for method in ("get", "post"):
            if getattr(row, method) is not None or name in ENDS_THE_SESSION:
                continue
            status, target = visitors.ask(Cell(name, "client", method, "ok"), row)
            if status not in {302, 403, 404, 405}:
                wrong.append(f"{method.upper()} {name}: {status} {target}")

    assert wrong == []


@pytest.mark.django_db
def test_what_no_page_of_staff_offers_is_refused() -> None:
    """Adding, deleting and overwriting are refused to administrators, who may do what any group may."""
    world, rows = make_world(), table()
    visitors, wrong = Visitors(world), []
    browser = visitors.browser("administrator")
    for role in STAFF:
        visitors.browser(role)  # signed in before the tables are compared
    browser.get(reverse("admin:disputes_case_change", args=[world.case.pk]))  # reading its room leaves a trace, once
    before = fingerprint()
    for name in named_routes():
        model, _line, page = name.rpartition("_")
        change = rows.get(f"{model}_change")
        if not name.startswith("admin:") or name in rows or change is None or change.get is None:
            continue
        if page == "history":  # whoever sees the thing; without one it leads to the index
            refused = [role for role in STAFF if change.get[role] == "deny"]
            roles = ["administrator", *refused[:1]] if change.get["administrator"] == "ok" else []
            cells = [Cell(name, role, "get", change.get[role]) for role in roles]
            wrong += [problem(cell, *visitors.ask(cell, change)) for cell in cells]
            continue
        url = reverse(name, kwargs={} if page == "add" else change.kwargs(world))
        status = browser.post(url, {"post": "yes"}).status_code
        wrong.append(problem(Cell(name, "administrator", "post", "deny"), status, ""))
    for name, row in rows.items():
        if name.startswith("admin:") and name.endswith("_change") and "taxonomy" not in name:
            browser.post(reverse(name, kwargs=row.kwargs(world)), {"status": "closed", "amount": "1"})
    after = fingerprint()

    assert [line for line in wrong if line] == []
    assert [each for each in before if before[each] != after[each]] == []
