"""Posts to start from, kept as data: what a good post of each category says, with blanks for the client to fill in."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from taxonomy.models import Category
from taxonomy.queries import categories, find_skills

DATA = Path(__file__).parent.parent / "data" / "templates.toml"
#: What a client fills in: "[number of pages…]". A link of Markdown does not end like this.
BLANK = re.compile(r"\[[^\[\]\n]{1,120}…\](?!\()")


@dataclass(frozen=True, slots=True)
class Template:
    """A post to start from, in one language."""

    key: str
    category: Category
    title: str
    language: str
    values: dict[str, Any]


@functools.cache
def written() -> tuple[dict[str, Any], ...]:
    """Return the templates as they are kept."""
    return tuple(tomllib.loads(DATA.read_text(encoding="utf-8"))["template"])


def job_templates(language: str) -> list[Template]:
    """Return the templates of the categories that there are, in this language, in the order of the categories.

    No query of its own but those of the categories.
    """
    places = {category.slug: (place, category) for place, category in enumerate(categories())}
    rows = sorted((row for row in written() if row["category"] in places), key=lambda row: places[row["category"]][0])
    return [_template(row, places[row["category"]][1], language) for row in rows]


def initial_of(template: Template) -> dict[str, Any]:
    """Return what the form of a draft shows when it is started from a template; skills that are gone are left out."""
    row = next(row for row in written() if row["key"] == template.key)
    specialities = {each.slug: each.pk for each in template.category.specialities.all()}
    return {
        **template.values,
        "title": template.title,
        "language": template.language,
        "category": template.category.pk,
        "speciality": specialities.get(row["speciality"]),
        "skills": [skill for skill in find_skills(row["skills"]).values() if skill is not None],
    }


def blanks_of(text: str) -> list[str]:
    """Return what is still to be filled in, as it stands in a text."""
    return BLANK.findall(text)


def _template(row: dict[str, Any], category: Category, language: str) -> Template:
    words = row.get(language) or row["en"]
    with translation.override(language):
        parts = ((_("The goal"), "goal"), (_("What you will deliver"), "details"), (_("Why it matters"), "value"))
        description = "\n\n".join(f"## {heading}\n\n{words[name]}" for heading, name in parts)
    values = {
        "description": description,
        "questions": words["questions"],
        "kind": row.get("kind", "fixed"),
        "level": row["level"],
        "duration": row["duration"],
        "weekly_load": row.get("load"),
    }
    return Template(row["key"], category, words["title"], language, values)
