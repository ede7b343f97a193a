"""Search of freelancers: which match, in what order, how many, and what further filters would leave.

Every read is bounded: without words the best profiles are read from an index; with words at most 200 of the best
matching profiles are ranked; counts and facets stop at 1,000. At most three statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from core.actor import Actor
from profiles.models import Profile, ProfileDocument
from taxonomy.phrases import FAINT_WEIGHT, NOTHING, Params, Piece, Question, question
from taxonomy.queries import Lexicon

PER_PAGE = 20
#: At most so many of the best profiles that match are ranked.
RANKED = 200
#: Counts and facets stop here.
COUNTED = 1000
#: How much of its rank a profile keeps whatever its quality; the rest is in proportion to it.
KEPT = 0.6
EXCERPT = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class TalentFilters:
    """What a search of freelancers asks for. Ids of skills and categories; money in minor units; empty means any."""

    words: str = ""
    categories: tuple[int, ...] = ()
    skills: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    rate_min: int | None = None
    rate_max: int | None = None
    earned_min: int | None = None
    after: tuple[float, int] | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class TalentRow:
    """A freelancer as a list shows them."""

    pk: int
    slug: str
    name: str
    title: str
    excerpt: str
    language: str
    level: str
    rate: int
    currency: str
    country: str
    place: str
    earned: int
    contracts_ended: int
    photo_id: Any
    since: datetime
    quality: float
    skill_ids: tuple[int, ...]
    #: Where not every word of the search is in the profile: those that are missing.
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TalentPage:
    """One page of freelancers, how many match (at most 1,001), the facets, and where the next page begins."""

    rows: list[TalentRow]
    count: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    after: tuple[float, int] | None = None
    number: int = 1
    has_more: bool = False
    question: Question = NOTHING

    @property
    def is_more_than_counted(self) -> bool:
        """Test whether there are more matches than are counted."""
        return self.count > COUNTED


class Conditions:
    """The conditions of a search as SQL with parameters, by the name of the filter each comes from."""

    def __init__(self, filters: TalentFilters, actor: Actor, lexicon: Lexicon) -> None:
        self.parts: dict[str, tuple[str, Params]] = {}
        if actor.user_id is None:
            self.parts["visibility"] = ("visibility = %s", [Profile.Visibility.PUBLIC])
        self.question = question(filters.words, lexicon)
        if self.question:
            query, params = self.question.all()
            self.parts["words"] = (f"text @@ ({query})", params)
        self._any("category", "category_id", filters.categories)
        self._any("level", "level", filters.levels)
        self._any("language", "language", filters.languages)
        if filters.skills:
            self.parts["skills"] = ("text @@ %s::tsquery", [" | ".join(f"'~k{pk}'" for pk in filters.skills)])
        if filters.countries:
            self.parts["country"] = ("text @@ %s::tsquery", [" | ".join(f"'~o{code}'" for code in filters.countries)])
        self._bound("rate", "rate", filters.rate_min, filters.rate_max)
        self._bound("earned", "earned", filters.earned_min, None)

    def _any(self, name: str, column: str, values: Iterable[Any]) -> None:
        chosen = list(values)
        if chosen:
            self.parts[name] = (f"{column} = ANY(%s)", [chosen])

    def _bound(self, name: str, column: str, least: int | None, most: int | None) -> None:
        given = [(f"{column} {sign} %s", value) for sign, value in ((">=", least), ("<=", most)) if value is not None]
        if given:
            self.parts[name] = (" AND ".join(sql for sql, _value in given), [value for _sql, value in given])

    def where(self, *, without: Iterable[str] = ()) -> tuple[str, Params]:
        """Return the conditions joined, leaving out those of some filters."""
        left_out = set(without)
        kept = [part for name, part in self.parts.items() if name not in left_out]
        sql = " AND ".join(part for part, _params in kept) or "true"
        return sql, [value for _part, params in kept for value in params]


def search_talent(filters: TalentFilters, actor: Actor, *, lexicon: Lexicon) -> TalentPage:
    """Return a page of the profiles that match and that the actor may see."""
    conditions = Conditions(filters, actor, lexicon)
    count, facets = _count(conditions)
    if conditions.question:
        return _best(filters, conditions, count, facets)
    where, params = conditions.where()
    if filters.after:
        where, params = f"{where} AND (quality, profile_id) < (%s, %s)", [*params, *filters.after]
    chosen = (
        f"SELECT profile_id FROM profiles_profiledocument WHERE {where}"  # noqa: S608  (as below)
        f" ORDER BY quality DESC, profile_id DESC LIMIT {PER_PAGE + 1}"
    )
    rows = _rows(f"SELECT profile_id FROM ({chosen}) x", params)  # noqa: S608
    shown = rows[:PER_PAGE]
    has_more = len(rows) > PER_PAGE
    after = (shown[-1].quality, shown[-1].pk) if has_more else None
    return TalentPage(shown, count, facets, after=after, has_more=has_more, question=conditions.question)


def talent_without_each(filters: TalentFilters, actor: Actor, *, lexicon: Lexicon) -> dict[str, int]:
    """Return how many profiles would match without each one of the filters, up to 1,000, in one statement."""
    conditions = Conditions(filters, actor, lexicon)
    names = [name for name in conditions.parts if name != "visibility"]
    columns, params = [], []
    for name in names:
        where, values = conditions.where(without=[name])
        columns.append(
            f"(SELECT count(*) FROM (SELECT 1 FROM profiles_profiledocument WHERE {where} LIMIT {COUNTED}) x)"  # noqa: S608
        )
        params += values
    if not columns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return dict(zip(names, cursor.fetchone(), strict=True))


FIELDS = (
    "profile_id", "profile__slug", "profile__party__public_name", "profile__title", "excerpt", "language", "level",
    "rate", "profile__currency", "country", "profile__party__place", "earned",
    "profile__party__facts__contracts_ended", "profile__photo_id", "profile__party__created_at", "quality", "skills",
)  # fmt: skip


def _rows(subquery: str, params: Params) -> list[TalentRow]:
    documents = ProfileDocument.objects.annotate(excerpt=Left("profile__overview", EXCERPT))
    chosen = documents.filter(
        profile_id__in=RawSQL(subquery, params),  # noqa: S611  (no outside text)
        profile__status=Profile.Status.APPROVED,
        profile__party__closed_at=None,
    )
    found = []
    for values in chosen.order_by("-quality", "-profile_id").values_list(*FIELDS):
        row = dict(zip(TalentRow.__dataclass_fields__, values, strict=False))
        found.append(
            TalentRow(**{**row, "contracts_ended": row["contracts_ended"] or 0, "skill_ids": tuple(row["skill_ids"])})
        )
    return found


def _best(filters: TalentFilters, conditions: Conditions, count: int, facets: dict[str, dict[str, int]]) -> TalentPage:
    """Rank the best matches; where they do not fill a page, those that have some of the words follow."""
    asked = conditions.question
    pieces = asked.ranked() if count < PER_PAGE else []
    ranked, params = _ranked(conditions, pieces)
    offset = (filters.page - 1) * PER_PAGE
    with connection.cursor() as cursor:
        cursor.execute(f"{ranked} LIMIT {PER_PAGE + 1} OFFSET {offset}", params)
        hits = cursor.fetchall()
    found = {row.pk: row for row in _rows("SELECT unnest(%s::bigint[])", [[hit[0] for hit in hits[:PER_PAGE]]])}
    rows = []
    for profile_id, is_full, has in hits:
        if profile_id in found:
            missing = () if is_full else tuple(each.text for each, is_in in zip(pieces, has, strict=True) if not is_in)
            rows.append(replace(found[profile_id], missing=missing))
    return TalentPage(rows, count, facets, number=filters.page, has_more=len(hits) > PER_PAGE, question=asked)


def _ranked(conditions: Conditions, pieces: list[Piece]) -> tuple[str, Params]:
    """Return the statement that ranks at most 200 profiles with every word and, with pieces, 200 with some of them.

    It gives the id, whether every word is there, and which of the pieces are.
    """
    rank, rank_params = conditions.question.rank()
    where, params = conditions.where()
    best = "ORDER BY quality DESC, profile_id DESC LIMIT"
    chosen = [f"(SELECT profile_id, true AS is_full FROM profiles_profiledocument WHERE {where} {best} {RANKED})"]  # noqa: S608  (as below)
    has, has_params = [], []
    others, other_params = conditions.where(without=["words"])
    for piece in pieces:
        query, values = piece.matches()
        has.append(f"text @@ {query}")
        has_params += values
        if piece.weight > FAINT_WEIGHT or len(pieces) == 1:
            chosen.append(
                f"(SELECT profile_id, false FROM profiles_profiledocument WHERE {others} AND text @@ {query}"  # noqa: S608
                f" {best} {RANKED // len(pieces)})"
            )
            params = [*params, *other_params, *values]
    statement = f"""
        SELECT profile_id, is_full, ARRAY[{", ".join(has)}]::boolean[]
        FROM (SELECT profile_id, bool_or(is_full) AS is_full
              FROM ({" UNION ALL ".join(chosen)}) x GROUP BY profile_id) candidate
        JOIN profiles_profiledocument USING (profile_id)
        ORDER BY is_full DESC, {rank} * ({KEPT} + {1 - KEPT} * quality) DESC, profile_id DESC
    """  # noqa: S608  (the parts are written above; everything from outside is a parameter)
    return statement, [*has_params, *params, *rank_params]


#: Filters whose choices are counted, and the column of each.
COUNTED_FILTERS = {"category": "category_id", "level": "level", "language": "language", "country": "country"}


def _count(conditions: Conditions) -> tuple[int, dict[str, dict[str, int]]]:
    """Return how many profiles match, up to 1,001, and the facets of the best 1,000, in one statement.

    A choice of a filter is counted among the profiles that pass all the other filters.
    """
    where, params = conditions.where(without=COUNTED_FILTERS)
    flags, flag_params = [], []
    for name in COUNTED_FILTERS:
        sql, values = conditions.parts.get(name, ("true", []))
        flags.append(f"(NOT ({sql}))::int AS {name}_fails")
        flag_params += values
    total, total_params = conditions.where()
    fails = " + ".join(f"{name}_fails" for name in COUNTED_FILTERS)
    choices = " UNION ALL ".join(
        f"SELECT '{name}', {column}::text, count(*) FROM candidate WHERE fails - {name}_fails = 0 GROUP BY 2"  # noqa: S608
        for name, column in COUNTED_FILTERS.items()
    )
    statement = f"""
        WITH flagged AS MATERIALIZED (
            SELECT {", ".join(COUNTED_FILTERS.values())}, {", ".join(flags)} FROM profiles_profiledocument
            WHERE {where} ORDER BY quality DESC, profile_id DESC LIMIT {COUNTED}
        ), candidate AS (SELECT *, {fails} AS fails FROM flagged)
        SELECT '', '', count(*) FROM (SELECT 1 FROM profiles_profiledocument WHERE {total} LIMIT {COUNTED + 1}) x
        UNION ALL {choices}
    """  # noqa: S608
    facets: dict[str, dict[str, int]] = {name: {} for name in COUNTED_FILTERS}
    number = 0
    with connection.cursor() as cursor:
        cursor.execute(statement, [*flag_params, *params, *total_params])
        for name, value, found in cursor.fetchall():
            if name:
                facets[name][value] = found
            else:
                number = found
    return number, facets
