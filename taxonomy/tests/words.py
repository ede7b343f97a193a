"""The words of the product for tests of every app."""

from __future__ import annotations

from taxonomy.actions import load_taxonomy
from taxonomy.models import Category


def ensure_words() -> None:
    """Load categories, skills and synonyms unless this test has them already."""
    if not Category.objects.exists():
        load_taxonomy()
