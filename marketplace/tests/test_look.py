"""The pages of the house in a real browser: both themes, both sizes, both languages, with and without script."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from marketplace import urls
from tests.browser import MARKS, in_browser, site, violations

__all__ = ["in_browser", "site"]  # fixtures

pytestmark = [*MARKS]

PAGES = {
    "/": 200,
    "/design/": 200,
    "/nowhere/": 404,
    "/theme/": 405,
    "/broken/": 500,
    "/bad/": 400,
    "/denied/": 403,
}
#: Theme, width, language prefix, and which pages: refusals once, the telling ones far from how all pages are walked.
LOOKS = (
    ("light", 1280, "", tuple(address for address, status in PAGES.items() if status != 200)),
    ("dark", 390, "/fr", ("/", "/design/", "/nowhere/")),
)


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def bad(_request: HttpRequest) -> HttpResponse:
    raise BadRequest


def denied(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    *(
        path(f"{prefix}{name}/", view)
        for prefix in ("", "fr/")
        for name, view in (("broken", broken), ("bad", bad), ("denied", denied))
    ),
    *urls.urlpatterns,
]


def problems_of(page: Any, address: str, status: int) -> list[str]:
    """Visit a page and return what axe, the console and its width have to say."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    assert answer.status == status, address
    said = [text for text in said if f"status of {status}" not in text]  # the browser names each refused page
    overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [
        *violations(page),
        *said,
        *(["wider than the window"] if overflow else []),
    ]


@pytest.mark.parametrize(("theme", "width", "prefix", "pages"), LOOKS)
def test_every_page_of_the_house_is_accessible_and_quiet(
    site: str, settings: Any, in_browser: Any, *, theme: str, width: int, prefix: str, pages: tuple[str, ...]
) -> None:
    settings.ROOT_URLCONF = __name__

    def visit(browser: Any) -> dict[str, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB")
        seen = {}
        for address in pages:
            page = context.new_page()
            seen[address] = problems_of(page, f"{site}{prefix}{address}", PAGES[address])
            page.close()
        context.close()
        return seen

    assert in_browser(visit) == {address: [] for address in pages}


@pytest.mark.parametrize("has_script", [True, False])
def test_theme_and_language_are_chosen_with_and_without_script(site: str, in_browser: Any, *, has_script: bool) -> None:
    def choose(browser: Any) -> list[Any]:
        context = browser.new_context(
            java_script_enabled=has_script, locale="en-GB", viewport={"width": 1280, "height": 900}
        )
        page = context.new_page()
        page.goto(f"{site}/fees/?a=1")
        with page.expect_response(lambda response: response.url.endswith("/theme/")):
            page.click("button[name=theme][value=dark]")
        page.wait_for_load_state("networkidle")
        at_once = page.get_attribute("html", "data-theme")
        page.goto(f"{site}/fees/?a=1")
        kept = page.get_attribute("html", "data-theme")
        page.click("button[name=language][value=fr]")
        page.wait_for_url("**/fr/fees/?a=1")
        language = page.get_attribute("html", "lang")
        context.close()
        return [at_once, kept, language]

    assert in_browser(choose) == ["dark", "dark", "fr"]


def test_the_keyboard_reaches_search_and_closes_menus(site: str, in_browser: Any) -> None:
    def press(browser: Any) -> list[Any]:
        context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 900})
        page = context.new_page()
        page.goto(site)
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.className")
        page.keyboard.press("/")
        searched = page.evaluate("document.activeElement.type")
        page.click("details.menu > summary")
        is_open = page.evaluate("document.querySelector('details.menu').open")
        page.keyboard.press("Escape")
        is_open_after = page.evaluate("document.querySelector('details.menu').open")
        context.close()
        return [first, searched, is_open, is_open_after]

    assert in_browser(press) == ["skip", "search", True, False]
