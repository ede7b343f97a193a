"""Writes of the words: loading the files that come with the product, and changes by staff."""

from __future__ import annotations

import csv
import tomllib
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Manager
from django.utils.translation import gettext as _

from core.errors import DomainError
from taxonomy.matching import Documents
from taxonomy.models import Category, Edition, Named, Skill, Speciality, Synonym, normalise

DATA = Path(__file__).parent / "data"
#: The file of skills that belong to no trade.
SOFT = "soft"
#: The columns of a skills file that hold other words, and their language ("" for both).
WORD_COLUMNS = {"words": "", "words_en": "en", "words_fr": "fr"}
#: Search documents from which on a table is large, and how many of them its head holds when it is made.
LARGE, HEAD = 300_000, 100_000
Row = TypeVar("Row", bound=Named)


class BadTaxonomy(DomainError):
    """A file of words contradicts itself; the message names the file and the word."""


@dataclass(frozen=True, slots=True)
class SkillLine:
    """One line of a skills file."""

    slug: str
    name_en: str
    name_fr: str
    is_soft: bool
    categories: tuple[str, ...]
    words: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Loaded:
    """What a load found in the files, and what it changed."""

    categories: int = 0
    specialities: int = 0
    skills: int = 0
    soft_skills: int = 0
    synonyms: int = 0
    changes: Counter[str] = field(default_factory=Counter)


@transaction.atomic
def load_taxonomy(*, folder: Path = DATA) -> Loaded:
    """Bring the words in the database up to the files: categories, specialities, skills and synonyms.

    Rows are found by slug, so that a renamed skill stays the one that profiles and jobs have. Nothing is deleted:
    what left the files stays where it is used, and words that staff added stay unless the files give them away.
    Loading the same files again changes nothing.

    Raises BadTaxonomy when a slug or word stands for two things; nothing is loaded then.
    """
    Edition.objects.get_or_create(pk=1)
    Edition.objects.select_for_update().get(pk=1)
    loaded = Loaded()
    _load_categories(folder, loaded)
    lines = list(_read_skills(folder))
    _refuse_contradictions(lines)
    _load_skills(lines, loaded)
    _load_synonyms(lines, loaded)
    if loaded.changes:
        renew_edition()
    return loaded


def renew_edition() -> None:
    """Draw a new stamp, so that every process forgets the words it remembers."""
    Edition.objects.update_or_create(pk=1, defaults={"stamp": uuid.uuid4()})


def _load_categories(folder: Path, loaded: Loaded) -> None:
    with (folder / "categories.toml").open("rb") as file:
        tables = tomllib.load(file)["category"]
    categories = [
        Category(slug=each["slug"], name_en=each["en"], name_fr=each["fr"], icon=each["icon"], position=position)
        for position, each in enumerate(tables, start=1)
    ]
    by_slug = _upsert(Category.objects, categories, ("name_en", "name_fr", "icon", "position"), loaded)
    specialities = [
        Speciality(
            slug=each["slug"],
            name_en=each["en"],
            name_fr=each["fr"],
            category=by_slug[table["slug"]],
            position=position,
        )
        for table in tables
        for position, each in enumerate(table["specialities"], start=1)
    ]
    _upsert(Speciality.objects, specialities, ("name_en", "name_fr", "category_id", "position"), loaded)
    loaded.categories, loaded.specialities = len(categories), len(specialities)


def _read_skills(folder: Path) -> Iterator[SkillLine]:
    for path in sorted((folder / "skills").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                trades = [] if path.stem == SOFT else [path.stem]
                yield SkillLine(
                    slug=line["slug"],
                    name_en=line["en"],
                    name_fr=line["fr"] or line["en"],
                    is_soft=path.stem == SOFT,
                    categories=(*trades, *_parts(line["also"])),
                    words=tuple((word, code) for column, code in WORD_COLUMNS.items() for word in _parts(line[column])),
                )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _refuse_contradictions(lines: list[SkillLine]) -> None:
    doubled = [slug for slug, count in Counter(line.slug for line in lines).items() if count > 1]
    if doubled:
        raise BadTaxonomy(_("The skill “%(slug)s” stands in the files twice.") % {"slug": doubled[0]})
    owners: dict[str, str] = {}
    for line in lines:
        texts = (line.slug, line.name_en, line.name_fr, *(word for word, _code in line.words))
        for text in {normalise(each) for each in texts}:
            owner = owners.setdefault(text, line.slug)
            if owner != line.slug:
                raise BadTaxonomy(
                    _("The word “%(word)s” leads to two skills: “%(one)s” and “%(other)s”.")
                    % {"word": text, "one": owner, "other": line.slug}
                )


def _load_skills(lines: list[SkillLine], loaded: Loaded) -> None:
    skills = [Skill(slug=line.slug, name_en=line.name_en, name_fr=line.name_fr, is_soft=line.is_soft) for line in lines]
    by_slug = _upsert(Skill.objects, skills, ("name_en", "name_fr", "is_soft"), loaded)
    category_ids = dict(Category.objects.values_list("slug", "pk"))
    unknown = {slug for line in lines for slug in line.categories} - category_ids.keys()
    if unknown:
        raise BadTaxonomy(_("There is no category “%(slug)s”.") % {"slug": min(unknown)})
    link = Skill.categories.through
    wanted = {(by_slug[line.slug].pk, category_ids[slug]) for line in lines for slug in line.categories}
    present = set(link.objects.values_list("skill_id", "category_id"))
    missing = wanted - present
    link.objects.bulk_create([link(skill_id=skill, category_id=category) for skill, category in sorted(missing)])
    loaded.changes += Counter({"skill categories added": len(missing)})
    loaded.skills, loaded.soft_skills = len(lines), sum(line.is_soft for line in lines)


def _load_synonyms(lines: list[SkillLine], loaded: Loaded) -> None:
    ids = dict(Skill.objects.values_list("slug", "pk"))
    present = {synonym.word: synonym for synonym in Synonym.objects.all()}
    names = {normalise(text) for line in lines for text in (line.slug, line.name_en, line.name_fr)}
    made, changed = [], []
    for line in lines:
        for word, language in {normalise(word): code for word, code in line.words}.items():
            if word in names:
                continue
            loaded.synonyms += 1
            row = present.get(word)
            if row is None:
                made.append(Synonym(word=word, skill_id=ids[line.slug], language=language))
            elif (row.skill_id, row.language) != (ids[line.slug], language):
                row.skill_id, row.language = ids[line.slug], language
                changed.append(row)
    Synonym.objects.bulk_create(made)
    Synonym.objects.bulk_update(changed, ["skill_id", "language"])
    loaded.changes += Counter({"synonyms added": len(made), "synonyms changed": len(changed)})


def _upsert(manager: Manager[Row], rows: list[Row], fields: tuple[str, ...], loaded: Loaded) -> dict[str, Row]:
    """Insert the rows whose slug is new and update those that differ; return all of them by slug."""
    present = {row.slug: row for row in manager.all()}
    made = [row for row in rows if row.slug not in present]
    changed = []
    for row in rows:
        old = present.get(row.slug)
        if old and any(getattr(old, name) != getattr(row, name) for name in fields):
            for name in fields:
                setattr(old, name, getattr(row, name))
            changed.append(old)
    manager.bulk_create(made)
    if changed:
        manager.bulk_update(changed, [name.removesuffix("_id") for name in fields])
    label = manager.model.__name__.lower()
    loaded.changes += Counter({f"{label} added": len(made), f"{label} changed": len(changed)})
    return present | {row.slug: row for row in made}


def renew_head(documents: Documents, *, large: int = LARGE, head: int = HEAD) -> int:
    """Make the head of a large table of search documents anew once it holds twice or half of what it should.

    The head is an index over the words of the first `head` documents, and the function `<table>_head()` that says
    where they end. The former index serves searches until the new one is there. Returns how many heads were made, 0 or
    1. Must not run inside a transaction.
    """
    table, lead, kind = documents.table, documents.lead, documents.lead_type
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
        if cursor.fetchone()[0] < large:
            return 0
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {table}_head() > '-infinity' AND {lead} >= {table}_head()")  # noqa: S608  (names are written in the code)
        if head // 2 <= cursor.fetchone()[0] <= head * 2:
            return 0
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass AND indpred IS NOT NULL"
            " ORDER BY indisvalid",
            [table],
        )
        former = [name for (name,) in cursor.fetchall()]
        while len(former) > 1:  # one that was cut off while it was made
            cursor.execute(f"DROP INDEX CONCURRENTLY {former.pop(0)}")
        cursor.execute(f"SELECT {lead}::text FROM {table} ORDER BY {lead} DESC OFFSET {head - 1} LIMIT 1")  # noqa: S608  (as above)
        since = f"{kind} '{cursor.fetchone()[0]}'"
        name = next(name for name in (f"{table}_head_1", f"{table}_head_2") if name not in former)
        cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} USING gin (text) WHERE {lead} >= {since}")
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {table}_head() RETURNS {kind} LANGUAGE sql IMMUTABLE PARALLEL SAFE"
            f" AS $$SELECT {since}$$"
        )
        for index in former:
            cursor.execute(f"DROP INDEX CONCURRENTLY {index}")
    return 1
