"""Every page of the access table in a real browser: nothing for axe, the console or the security policy to report."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import sign_in
from payments.tests.cards import prove_password
from tests.access import Row
from tests.browser import MARKS, Visitor, in_browser, site, violations
from tests.test_access_table import table
from tests.world import World, make_world

__all__ = ["in_browser", "site"]  # fixtures

pytestmark = [*MARKS]

#: Theme, language and width of a run; all of them in a full run.
LOOKS = [
    pytest.param("light", "en", 1280, id="light-english-desktop"),
    *(
        pytest.param(theme, language, width, id=f"{theme}-{language}-{width}", marks=pytest.mark.full)
        for theme in ("light", "dark")
        for language in ("en", "fr")
        for width in (390, 1280)
        if (theme, language, width) != ("light", "en", 1280)
    ),
]
#: Files, answers to machines, and pieces of a page, which are read with the page that shows them.
NOT_A_PAGE = {
    "files:content", "files:image", "files:open", "healthz", "readyz", "robots", "sitemap", "sitemap_section",
    "payments:statement_csv", "payments:statement_pdf", "payments:invoice", "payments:receipt",
    "payments:earnings", "profiles:cv",
    "jobs:prices", "proposals:quote", "proposals:places", "taxonomy:skill_suggest", "admin:jsi18n", "jobs:suggest",
    "messaging:unread", "messaging:room_news",
    "proposals:interview_file",
}  # fmt: skip


#: Pages whose menus and filters are looked at open too.
OPENED = {"proposals:inbox"}


def reader_of(row: Row) -> str | None:
    """Return a role that sees the page, the closest to everyday use first."""
    seen_by = [role for role, cell in (row.get or {}).items() if cell == "ok"]
    everyday = ("client", "freelancer", "moderator", "finance_staff", "administrator", "anonymous")
    return next((role for role in everyday if role in seen_by), seen_by[0] if seen_by else None)


def addresses(world: World, *, of_staff: bool) -> list[tuple[str, str, str]]:
    """Return role, name and path of every page that somebody sees: of the site, or of the administration."""
    found = []
    for name, row in sorted(table().items()):
        role = reader_of(row)
        if role is not None and name not in NOT_A_PAGE and name.startswith("admin:") == of_staff:
            found.append((role, name, reverse(name, kwargs=row.kwargs(world)) + row.query))
    return sorted(found)


def sessions_of(world: World, roles: set[str]) -> dict[str, str]:
    """Sign each role in, its password proven a moment ago, and return the session keys."""
    keys = {}
    for role in roles - {"anonymous"}:
        browser = Client()
        sign_in(browser, world.people[role])
        prove_password(browser)
        keys[role] = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    return keys


@pytest.mark.parametrize("of_staff", [False, True], ids=["site", "administration"])
@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_every_page_is_accessible_and_quiet(
    site: str, in_browser: Any, settings: Any, *, theme: str, language: str, width: int, of_staff: bool
) -> None:
    settings.BASE_URL = site
    world = make_world()
    pages = addresses(world, of_staff=of_staff)
    sessions = sessions_of(world, {role for role, _name, _path in pages})

    def visit(browser: Any) -> dict[str, list[str]]:
        problems: dict[str, list[str]] = {}
        for role in sorted({role for role, _name, _path in pages}):
            visitor = Visitor(browser, site, language, theme=theme, width=width)
            if role in sessions:
                visitor.sign_in(sessions[role], django_settings.SESSION_COOKIE_NAME)
            for _role, name, path in (page for page in pages if page[0] == role):
                status = visitor.open(path)
                found = [f"{status} for {role}"] if status != 200 else look_at(visitor)
                if status == 200 and name in OPENED:
                    found += look_at_opened(visitor)
                if found or visitor.complaints:
                    problems[name] = [*found, *visitor.complaints]
                    visitor.complaints.clear()
            visitor.close()
        return problems

    assert len(pages) > 60
    assert in_browser(visit) == {}


def look_at(visitor: Visitor) -> list[str]:
    """Return what is wrong with the open page: axe's findings, or wider than the window."""
    if not visitor.page.evaluate("document.contentType === 'text/html'"):
        return []
    is_too_wide = visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*violations(visitor.page), *(["wider than the window"] if is_too_wide else [])]


def look_at_opened(visitor: Visitor) -> list[str]:
    """Return what is wrong with the page once its menus and filters are open, and with those that Escape leaves open."""
    visitor.page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    found = look_at(visitor)
    visitor.page.keyboard.press("Escape")
    is_open = visitor.page.evaluate("document.querySelector('details.menu[open]') !== null")
    return [*found, *(["a menu stays open after Escape"] if is_open else [])]
