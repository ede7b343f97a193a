"""Search of open jobs: which match, in what order, how many, and what further filters would leave.

Every read is bounded: newest first walks an index, the rest is `taxonomy.matching`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from core.actor import Actor
from jobs.models import Job, JobDocument
from jobs.permissions import can_mark_jobs
from taxonomy import matching
from taxonomy.matching import Conditions, Documents, Facets
from taxonomy.models import normalise
from taxonomy.phrases import NOTHING, Params, Question
from taxonomy.queries import Lexicon

DOCUMENTS = Documents(
    "jobs_jobdocument",
    key="job_id",
    lead="posted_at",
    lead_type="timestamptz",
    counted={
        "category": "category_id",
        "kind": "kind",
        "level": "level",
        "duration": "duration",
        "load": "weekly_load",
        "language": "language",
        "verified": "is_payment_verified",
        "hired": "has_hired",
    },
)
#: How much of its rank a post loses with age, and the seconds after which two thirds of that are lost: 90 days.
FADING, FADES = 0.3, 7_776_000
#: Words of a text that is being typed which are looked for.
MOST_TYPED = 6
#: Characters of the description that a row shows.
EXCERPT = 320
#: How much of its rank a post keeps by its age; takes the moment of the search.
WORTH = f"{1 - FADING} + {FADING} * exp(-extract(epoch FROM %s::timestamptz - posted_at) / {FADES})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a search asks for. Ids of skills and categories; money in minor units; empty means any."""

    words: str = ""
    categories: tuple[int, ...] = ()
    skills: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    loads: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    budget_min: int | None = None
    budget_max: int | None = None
    rate_min: int | None = None
    rate_max: int | None = None
    connects_max: int | None = None
    proposals_below: int | None = None
    posted_days: int | None = None
    is_payment_verified: bool = False
    has_hired: bool = False
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


#: How many jobs match, up to 1,001, and the facets.
Counted = tuple[int, Facets]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results, how many there are (at most 1,001), and where the neighbouring pages begin."""

    rows: list[JobRow]
    count: int
    facets: Facets = field(default_factory=dict)
    newer: tuple[datetime, int] | None = None
    older: tuple[datetime, int] | None = None
    number: int = 1
    has_more: bool = False
    question: Question = NOTHING

    @property
    def is_more_than_counted(self) -> bool:
        """Test whether there are more matches than are counted."""
        return self.count > matching.COUNTED


def _conditions(filters: Filters, actor: Actor, lexicon: Lexicon, at: datetime) -> Conditions:
    """Return what a search asks for, and what the actor may see."""
    asked = Conditions(filters.words, lexicon)
    if actor.user_id is None:
        asked.add("visibility", "visibility = %s", [Job.Visibility.PUBLIC], is_fixed=True)
    if can_mark_jobs(actor):
        hidden = "job_id NOT IN (SELECT job_id FROM jobs_jobmark WHERE party_id = %s AND kind = 'hidden')"
        asked.add("hidden", hidden, [actor.party_id], is_fixed=True)
    asked.any_of("category", "category_id", filters.categories)
    asked.any_of("kind", "kind", filters.kinds)
    asked.any_of("level", "level", filters.levels)
    asked.any_of("duration", "duration", filters.durations)
    asked.any_of("load", "weekly_load", filters.loads)
    asked.any_of("language", "language", filters.languages)
    asked.marked("skills", "k", filters.skills)
    _add_money(asked, filters)
    if filters.connects_max is not None:
        asked.add("connects", "connects_cost <= %s", [filters.connects_max])
    if filters.proposals_below is not None:
        asked.add("proposals", "proposals < %s", [filters.proposals_below])
    if filters.posted_days is not None:
        asked.add("posted", "posted_at > %s", [at - timedelta(days=filters.posted_days)])
    if filters.is_payment_verified:
        asked.add("verified", "is_payment_verified", [])
    if filters.has_hired:
        asked.add("hired", "has_hired", [])
    return asked


def _add_money(asked: Conditions, filters: Filters) -> None:
    """Let a budget choose among fixed prices and a rate among hourly ones; both together let either through."""
    budget = _range("kind = 'fixed'", ("budget >= %s", filters.budget_min), ("budget <= %s", filters.budget_max))
    rate = _range("kind = 'hourly'", ("rate_high >= %s", filters.rate_min), ("rate_low <= %s", filters.rate_max))
    if budget and rate:
        asked.add("money", f"(({budget[0]}) OR ({rate[0]}))", budget[1] + rate[1])
    elif budget or rate:
        asked.add("money", *(budget or rate or ("", [])))


def _range(kind: str, *bounds: tuple[str, int | None]) -> tuple[str, Params] | None:
    given = [(sql, value) for sql, value in bounds if value is not None]
    if not given:
        return None
    return " AND ".join([kind, *(sql for sql, _value in given)]), [value for _sql, value in given]


def search_jobs(filters: Filters, actor: Actor, *, lexicon: Lexicon, at: datetime) -> Page:
    """Return a page of the open jobs that match and that the actor may see: two statements, three ranked."""
    conditions = _conditions(filters, actor, lexicon, at)
    counted = DOCUMENTS.count(conditions)
    if filters.is_best_first and conditions.question:
        return _best(filters, conditions, counted, at)
    return _newest(filters, conditions, counted)


def without_each(filters: Filters, actor: Actor, *, lexicon: Lexicon, at: datetime) -> dict[str, int]:
    """Return how many jobs would match without each one of the filters, counted up to 1,000, in one statement."""
    return DOCUMENTS.without_each(_conditions(filters, actor, lexicon, at))


def jobs_since(
    filters: Filters, actor: Actor, *, lexicon: Lexicon, since: datetime, until: datetime, limit: int
) -> list[tuple[int, str, str]]:
    """Return id, title and language of the open jobs that match and were posted after `since`, until `until`.

    The oldest first, at most `limit`; one statement.
    """
    where, params = _conditions(filters, actor, lexicon, until).where()
    chosen = f"SELECT job_id FROM jobs_jobdocument WHERE {where} AND posted_at > %s AND posted_at <= %s"  # noqa: S608
    found = Job.objects.filter(
        pk__in=RawSQL(f"{chosen} ORDER BY posted_at, job_id LIMIT %s", [*params, since, until, limit])  # noqa: S611
    )
    return list(found.order_by("posted_at", "pk").values_list("pk", "title", "language"))


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
    chosen = f"SELECT job_id FROM jobs_jobdocument WHERE {where} ORDER BY {order} LIMIT {matching.PER_PAGE + 1}"  # noqa: S608
    rows = _rows(f"SELECT job_id FROM ({chosen}) x", params, "-posted_at", "-job_id")  # noqa: S608
    has_more = len(rows) > matching.PER_PAGE
    if filters.before:
        rows = rows[-matching.PER_PAGE :]
        has_newer, has_older = has_more, True
    else:
        rows = rows[: matching.PER_PAGE]
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
    hits, has_more = DOCUMENTS.best(conditions, count=counted[0], page=filters.page, worth=WORTH, worth_params=[at])
    found = {row.pk: row for row in _rows("SELECT unnest(%s::bigint[])", [[hit.pk for hit in hits]])}
    rows = [replace(found[hit.pk], missing=hit.missing) for hit in hits if hit.pk in found]
    return Page(rows, *counted, number=filters.page, has_more=has_more, question=conditions.question)


def titles_like(text: str, actor: Actor, *, lexicon: Lexicon, limit: int) -> list[str]:
    """Return titles of the newest open jobs that the actor may see and that have a word beginning so; one statement."""
    words = [word for word in normalise(text).split() if word.isalnum()][:MOST_TYPED]
    if not words:
        return []
    begun = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*A"])
    conditions = _conditions(Filters(), actor, lexicon, datetime.max.replace(tzinfo=UTC))
    conditions.add("typed", "text @@ %s::tsquery", [begun])
    where, params = conditions.where()
    chosen = f"SELECT job_id FROM jobs_jobdocument WHERE {where} ORDER BY posted_at DESC, job_id DESC LIMIT %s"  # noqa: S608
    found = Job.objects.filter(pk__in=RawSQL(chosen, [*params, limit])).order_by("-posted_at", "-pk")  # noqa: S611
    return list(dict.fromkeys(found.values_list("title", flat=True)))
