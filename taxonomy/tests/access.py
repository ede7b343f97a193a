"""Who may ask for suggestions: everybody. Who may change the words: moderators."""

from __future__ import annotations

from typing import Any

from taxonomy.models import Category, Skill
from tests.access import Row, admin_pages, cells, staff_cells

WRITERS = staff_cells(ok="moderator")


def _skill(_world: Any) -> int:
    return Skill.objects.earliest("pk").pk


ACCESS = {
    "taxonomy:skill_suggest": Row(get=cells(ok="anonymous *"), query="?q=dja"),
    **admin_pages("taxonomy_category", "moderator", lambda _world: Category.objects.earliest("pk").pk),
    **admin_pages("taxonomy_speciality", "moderator"),
    **admin_pages("taxonomy_skill", "moderator", _skill),
    **admin_pages("taxonomy_synonym", "moderator"),
    "admin:taxonomy_category_add": Row(get=WRITERS),
    "admin:taxonomy_speciality_add": Row(get=WRITERS),
    "admin:taxonomy_skill_add": Row(get=WRITERS),
    "admin:taxonomy_synonym_add": Row(get=WRITERS),
    "admin:taxonomy_synonym_delete": Row(
        kwargs=lambda _world: {"object_id": 0}, get=staff_cells(redirect="moderator"), note="no synonym here"
    ),
}
