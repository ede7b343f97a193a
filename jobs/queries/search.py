"""Search of open jobs: which match, in what order, how many, and what further filters would leave.

Every read is bounded. Newest first walks an index; best match ranks the newest 200 matches; counts stop at
1,000 and facets look at the newest 1,000 matches, so that a common word costs no more than a rare one.
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
from jobs.models import Job, JobDocument
from jobs.permissions import can_mark_jobs
from taxonomy.phrases import FAINT_WEIGHT, NOTHING, Piece, Question, question
from taxonomy.queries import Lexicon

PER_PAGE = 20
#: Best match ranks this many of the newest matches.
RANKED = 200
#: Counts and facets stop here.
COUNTED = 1000
#: How much of its rank a post loses with age, and the seconds after which two thirds of that are lost: 90 days.
FADING, FADES = 0.3, 7_776_000
#: Characters of the description that a row shows.
EXCERPT = 320

Params = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a search asks for. Ids of skills and categories; money in minor units; empty means any."""

    words: str = ""
    categories: tuple[int, ...] = ()
    skills: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    budget_min: int | None = None
    budget_max: int | None = None
    rate_min: int | None = None
    rate_max: int | None = None
    connects_max: int | None = None
    is_payment_verified: bool = False
    is_best_first: bool = False
    after: tuple[datetime, int] | None = None
    before: tuple[datetime, int] | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a list shows it, with what it says of its client."""

    pk: int
    title: str
    excerpt: str
    language: str
    kind: str
    budget: int | None
    rate_low: int | None
    rate_high: int | None
    currency: str
    level: str
    duration: str
    place: str
    connects_cost: int
    posted_at: datetime
    client_spent: int
    client_hires: int
    is_payment_verified: bool
    proposals: int
    skill_ids: tuple[int, ...]
    #: Where not every word of the search is in the post: those that are missing.
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the newest matches each further choice would leave, by name of the filter and value."""

    counts: dict[str, dict[Any, int]] = field(default_factory=dict)

    def of(self, name: str) -> dict[Any, int]:
        """Return the counts of one filter."""
        return self.counts.get(name, {})


#: How many jobs match, up to 1,001, and the facets.
Counted = tuple[int, Facets]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results, how many there are (at most 1,001), and where the neighbouring pages begin."""

    rows: list[JobRow]
    count: int
    facets: Facets
    newer: tuple[datetime, int] | None = None
    older: tuple[datetime, int] | None = None
    number: int = 1
    has_more: bool = False
    question: Question = NOTHING

    @property
    def is_more_than_counted(self) -> bool:
        """Test whether there are more matches than are counted."""
        return self.count > COUNTED


class Conditions:
    """The conditions of a search as SQL with parameters, by the name of the filter each comes from."""

    def __init__(self, filters: Filters, actor: Actor, lexicon: Lexicon) -> None:
        self.parts: dict[str, tuple[str, Params]] = {}
        if actor.user_id is None:
            self.parts["visibility"] = ("visibility = %s", [Job.Visibility.PUBLIC])
        if can_mark_jobs(actor):
            hidden = "job_id NOT IN (SELECT job_id FROM jobs_jobmark WHERE party_id = %s AND kind = 'hidden')"
            self.parts["hidden"] = (hidden, [actor.party_id])
        self.question = question(filters.words, lexicon)
        if self.question:
            query, params = self.question.all()
            self.parts["words"] = (f"text @@ ({query})", params)
        self._any("category", "category_id", filters.categories)
        self._any("kind", "kind", filters.kinds)
        self._any("level", "level", filters.levels)
        self._any("duration", "duration", filters.durations)
        self._any("language", "language", filters.languages)
        if filters.skills:
            lexemes = " | ".join(f"'~k{pk}'" for pk in filters.skills)
            self.parts["skills"] = ("text @@ %s::tsquery", [lexemes])
        self._money(filters)
        if filters.connects_max is not None:
            self.parts["connects"] = ("connects_cost <= %s", [filters.connects_max])
        if filters.is_payment_verified:
            self.parts["verified"] = ("is_payment_verified", [])

    def _any(self, name: str, column: str, values: Iterable[Any]) -> None:
        chosen = list(values)
        if chosen:
            self.parts[name] = (f"{column} = ANY(%s)", [chosen])

    def _money(self, filters: Filters) -> None:
        """Let a budget choose among fixed prices and a rate among hourly ones; both together let either through."""
        budget = _range("kind = 'fixed'", ("budget >= %s", filters.budget_min), ("budget <= %s", filters.budget_max))
        rate = _range("kind = 'hourly'", ("rate_high >= %s", filters.rate_min), ("rate_low <= %s", filters.rate_max))
        if budget and rate:
            self.parts["money"] = (f"(({budget[0]}) OR ({rate[0]}))", budget[1] + rate[1])
        elif budget or rate:
            self.parts["money"] = budget or rate or ("", [])

    def where(self, *, without: Iterable[str] = ()) -> tuple[str, Params]:
        """Return the conditions joined, leaving out those of some filters."""
        kept = [part for name, part in self.parts.items() if name not in set(without)]
        sql = " AND ".join(part for part, _params in kept) or "true"
        return sql, [value for _part, params in kept for value in params]

    def flag(self, name: str) -> tuple[str, Params]:
        """Return one condition as an expression; true where there is none."""
        return self.parts.get(name, ("true", []))


def _range(kind: str, *bounds: tuple[str, int | None]) -> tuple[str, Params] | None:
    given = [(sql, value) for sql, value in bounds if value is not None]
    if not given:
        return None
    return " AND ".join([kind, *(sql for sql, _value in given)]), [value for _sql, value in given]


def search_jobs(filters: Filters, actor: Actor, *, lexicon: Lexicon, at: datetime) -> Page:
    """Return a page of the open jobs that match and that the actor may see: two statements, three ranked."""
    conditions = Conditions(filters, actor, lexicon)
    counted = _count(conditions)
    if filters.is_best_first and conditions.question:
        return _best(filters, conditions, counted, at)
    return _newest(filters, conditions, counted)


def without_each(filters: Filters, actor: Actor, *, lexicon: Lexicon) -> dict[str, int]:
    """Return how many jobs would match without each one of the filters, counted up to 1,000, in one statement."""
    conditions = Conditions(filters, actor, lexicon)
    names = [name for name in conditions.parts if name not in {"visibility", "hidden"}]
    if not names:
        return {}
    columns, params = [], []
    for name in names:
        where, values = conditions.where(without=[name])
        columns.append(f"(SELECT count(*) FROM (SELECT 1 FROM jobs_jobdocument WHERE {where} LIMIT {COUNTED}) x)")  # noqa: S608  (conditions are written in this file; everything from outside is a parameter)
        params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return dict(zip(names, cursor.fetchone(), strict=True))


FIELDS = (
    "job_id", "job__title", "excerpt", "language", "kind", "budget", "rate_low", "rate_high", "job__currency", "level",
    "duration", "job__place", "connects_cost", "posted_at",
    "job__client__facts__spent", "job__client__facts__hires", "is_payment_verified", "job__activity__proposals",
    "skills",
)  # fmt: skip


def _rows(subquery: str, params: Params, *order: str) -> list[JobRow]:
    documents = JobDocument.objects.annotate(excerpt=Left("job__description", EXCERPT))
    chosen = documents.filter(job_id__in=RawSQL(subquery, params)).order_by(*order)  # noqa: S611  (no outside text)
    return [_row(*values) for values in chosen.values_list(*FIELDS)]


def _row(*values: Any) -> JobRow:
    row = list(values)
    row[14], row[15], row[17] = (
        row[14] or 0,
        row[15] or 0,
        row[17] or 0,
    )  # a client without facts, a job without activity
    row[18] = tuple(row[18])
    return JobRow(*row)


def _newest(filters: Filters, conditions: Conditions, counted: Counted) -> Page:
    where, params = conditions.where()
    order = "posted_at DESC, job_id DESC"
    if filters.before:
        where, order = f"{where} AND (posted_at, job_id) > (%s, %s)", "posted_at, job_id"
        params = [*params, *filters.before]
    elif filters.after:
        where = f"{where} AND (posted_at, job_id) < (%s, %s)"
        params = [*params, *filters.after]
    chosen = f"SELECT job_id FROM jobs_jobdocument WHERE {where} ORDER BY {order} LIMIT {PER_PAGE + 1}"  # noqa: S608
    rows = _rows(f"SELECT job_id FROM ({chosen}) x", params, "-posted_at", "-job_id")  # noqa: S608
    has_more = len(rows) > PER_PAGE
    if filters.before:
        rows = rows[-PER_PAGE:]
        has_newer, has_older = has_more, True
    else:
        rows = rows[:PER_PAGE]
        has_newer, has_older = filters.after is not None, has_more
    return Page(
        rows,
        *counted,
        newer=(rows[0].posted_at, rows[0].pk) if rows and has_newer else None,
        older=(rows[-1].posted_at, rows[-1].pk) if rows and has_older else None,
        has_more=has_older,
        question=conditions.question,
    )


def _best(filters: Filters, conditions: Conditions, counted: Counted, at: datetime) -> Page:
    """Rank the newest matches; where they do not fill a page, those that have some of the words follow."""
    asked = conditions.question
    pieces = asked.ranked() if counted[0] < PER_PAGE else []
    ranked, params = _ranked(conditions, pieces, at)
    offset = (filters.page - 1) * PER_PAGE
    with connection.cursor() as cursor:
        cursor.execute(f"{ranked} LIMIT {PER_PAGE + 1} OFFSET {offset}", params)
        hits = cursor.fetchall()
    found = {row.pk: row for row in _rows("SELECT unnest(%s::bigint[])", [[hit[0] for hit in hits[:PER_PAGE]]])}
    rows = []
    for job_id, is_full, has in hits:
        if job_id in found:
            missing = () if is_full else tuple(each.text for each, is_in in zip(pieces, has, strict=True) if not is_in)
            rows.append(replace(found[job_id], missing=missing))
    return Page(rows, *counted, number=filters.page, has_more=len(hits) > PER_PAGE, question=asked)


def _ranked(conditions: Conditions, pieces: list[Piece], at: datetime) -> tuple[str, Params]:
    """Return the statement that ranks at most 200 of the newest posts with every word and, with pieces, 200 with some.

    It gives the id, whether every word is there, and which of the pieces are.
    """
    rank, rank_params = conditions.question.rank()
    where, params = conditions.where()
    newest = "ORDER BY posted_at DESC, job_id DESC LIMIT"
    chosen = [f"(SELECT job_id, true AS is_full FROM jobs_jobdocument WHERE {where} {newest} {RANKED})"]  # noqa: S608  (as below)
    has, has_params = [], []
    others, other_params = conditions.where(without=["words"])
    for piece in pieces:
        query, values = piece.matches()
        has.append(f"text @@ {query}")
        has_params += values
        if piece.weight > FAINT_WEIGHT or len(pieces) == 1:
            chosen.append(
                f"(SELECT job_id, false FROM jobs_jobdocument WHERE {others} AND text @@ {query}"  # noqa: S608
                f" {newest} {RANKED // len(pieces)})"
            )
            params = [*params, *other_params, *values]
    statement = f"""
        SELECT job_id, is_full, ARRAY[{", ".join(has)}]::boolean[]
        FROM (SELECT job_id, bool_or(is_full) AS is_full
              FROM ({" UNION ALL ".join(chosen)}) x GROUP BY job_id) candidate
        JOIN jobs_jobdocument USING (job_id)
        ORDER BY is_full DESC, {rank} * ({1 - FADING} + {FADING}
            * exp(-extract(epoch FROM %s::timestamptz - posted_at) / {FADES})) DESC, job_id DESC
    """  # noqa: S608  (the parts are written above; everything from outside is a parameter)
    return statement, [*has_params, *params, *rank_params, at]


#: Filters whose choices are counted, and the column of each.
COUNTED_FILTERS = {
    "category": "category_id",
    "kind": "kind",
    "level": "level",
    "duration": "duration",
    "language": "language",
    "verified": "is_payment_verified",
}


def _count(conditions: Conditions) -> Counted:
    """Return how many jobs match, up to 1,001, and the facets of the newest 1,000, in one statement.

    A choice of a filter is counted among the jobs that pass all the other filters: `fails` is how many of the counted
    filters a candidate does not pass, and a candidate counts for a filter when it fails no other.
    """
    where, params = conditions.where(without=COUNTED_FILTERS)
    flags, flag_params = [], []
    for name in COUNTED_FILTERS:
        sql, values = conditions.flag(name)
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
            SELECT {", ".join(COUNTED_FILTERS.values())}, {", ".join(flags)} FROM jobs_jobdocument
            WHERE {where} ORDER BY posted_at DESC, job_id DESC LIMIT {COUNTED}
        ), candidate AS (SELECT *, {fails} AS fails FROM flagged)
        SELECT '', '', count(*) FROM (SELECT 1 FROM jobs_jobdocument WHERE {total} LIMIT {COUNTED + 1}) x
        UNION ALL {choices}
    """  # noqa: S608  (the parts are written above; everything from outside is a parameter)
    counts: dict[str, dict[Any, int]] = {name: {} for name in COUNTED_FILTERS}
    number = 0
    with connection.cursor() as cursor:
        cursor.execute(statement, [*flag_params, *params, *total_params])
        for name, value, found in cursor.fetchall():
            if name:
                counts[name][value] = found
            else:
                number = found
    return number, Facets(counts)
