"""The weight of what every page loads, and what it must not contain."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
KILO = 1_000


def weight(*files: Path) -> int:
    return sum(len(brotli.compress(file.read_bytes())) for file in files)


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [("css/app.css", 12 * KILO), ("fonts/*.woff2", 20 * KILO), ("img/icons.svg", 6 * KILO)],
)
def test_what_pages_load_stays_within_its_budget(pattern: str, limit: int) -> None:
    files = sorted(STATIC.glob(pattern))
    assert files
    assert weight(*files) <= limit


def test_scripts_stay_within_their_budget() -> None:
    """What every page loads, and each that only pages load which need it."""
    everywhere = {"app.js", "bell.js", "live.js"}
    scripts = sorted(STATIC.glob("js/*.js"))
    assert everywhere <= {script.name for script in scripts}
    assert weight(*(script for script in scripts if script.name in everywhere)) <= 4 * KILO
    assert [script.name for script in scripts if script.name not in everywhere and weight(script) > 2.5 * KILO] == []


def test_what_a_call_loads_stays_within_its_budget() -> None:
    assert weight(*sorted(STATIC.glob("js/call/*.js"))) <= 7 * KILO


def test_the_stylesheet_sizes_and_places_by_logical_sides_only() -> None:
    text = (STATIC / "css/app.css").read_text()
    physical = r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right)|text-align:\s*(?:left|right)|float)\b"
    assert re.findall(physical, text) == []


def test_scripts_need_no_permission_beyond_the_strict_policy() -> None:
    for file in STATIC.glob("js/**/*.js"):
        text = file.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|\.style\b", text), file.name


PAGES = [
    file
    for file in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    if "mail" not in file.name and file.parent.name != "email"  # mail programs load no stylesheet
]


@pytest.mark.parametrize("template", PAGES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_template_has_an_inline_style_or_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(
        r"\sstyle=|<style|\son(?:click|change|submit|load|input|key\w+)=|hx-on|<script(?![^>]*\bsrc=)", text
    )


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (STATIC / "img/icons.svg").read_text()
    templates = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    named = {
        name for file in templates for name in re.findall(r'(?:\{% icon |\bicon=)"([a-z0-9-]+)"', file.read_text())
    }
    assert sorted(name for name in named if f'id="i-{name}"' not in sprite) == []
