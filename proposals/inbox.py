"""The client's inbox of one job: its tabs with their counts, what it can be filtered by, and the rows of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.fields import FloatField, TextField
from django.db.models.functions import Cast, Coalesce

from jobs.models import Job
from proposals.matching import best_first, reasons_for, wanted_of
from proposals.models import Proposal, ProposalNote, Scorecard
from proposals.registry import past_work_of

Status = Proposal.Status
#: Rows of a page, and of a page on which many are chosen at once.
PER_PAGE, MANY = 20, 100
#: Each order by its name in the address: by columns of `matching.measured`.
ORDERS = {
    "best": "score DESC",
    "newest": "created_at DESC",
    "price": "amount ASC",
    "price-high": "amount DESC",
}
#: The parts of the list by their name in the address; withdrawn proposals are in none.
TABS = {
    "all": Q(archived_at=None) & ~Q(status=Status.DECLINED),
    "shortlisted": Q(archived_at=None, shortlisted_at__isnull=False) & ~Q(status=Status.DECLINED),
    "interview": Q(archived_at=None, status=Status.INTERVIEWING),
    "archived": Q(archived_at__isnull=False) & ~Q(status=Status.DECLINED),
    "declined": Q(status=Status.DECLINED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the client asked to see; empty means any. Money in minor units."""

    words: str = ""
    answer: str = ""
    price_min: int | None = None
    price_max: int | None = None
    level: str = ""
    language: str = ""
    country: str = ""
    kind: str = ""
    has_worked: bool = False
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Facets:
    """What the proposals of a tab differ in: a filter is offered where it would leave some and take some away."""

    levels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    has_worked: bool = False
    has_unread: bool = False
    has_prices: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal as the list shows it, with what speaks for it in words."""

    proposal: Proposal
    reasons: Sequence[str]
    is_boosted: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of a job's proposals, the counts of all tabs, and what this one can be filtered by."""

    page: Page[Row]
    counts: Mapping[str, int]
    facets: Facets


def inbox_of(
    job: Job,
    *,
    tab: str,
    order: str,
    filters: Filters,
    at: datetime,
    number: str | None = None,
    per_page: int = PER_PAGE,
) -> Inbox:
    """Return a page of the inbox of a job. Three statements, and one where the job names no price."""
    every = listed_on(job.pk)
    asked = _condition(filters, job)
    counts, total, facets = _counted(every, tab, asked, job)
    page = Paginator(range(total), per_page).get_page(number)
    if not total:
        return Inbox(_filled(page, []), counts, facets)
    wanted = wanted_of(job, at)
    matches = best_first(
        every.filter(TABS[tab], asked),
        wanted,
        at=at,
        order=ORDERS[order],
        are_places_first=order == "best",
        start=page.start_index() - 1,
        length=per_page,
    )
    found = rows_of(every).in_bulk([match.pk for match in matches])
    rows = [
        Row(found[match.pk], reasons_for(match, found[match.pk], wanted), match.is_boosted)
        for match in matches
        if match.pk in found
    ]
    return Inbox(_filled(page, rows), counts, facets)


def listed_on(job_id: int) -> QuerySet[Proposal]:
    """Return the proposals of a job that its client finds in one of the tabs."""
    every = Proposal.objects.filter(job_id=job_id).exclude(status=Status.WITHDRAWN)
    return every.alias(answers_text=Cast("answers", TextField()))


def rows_of(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return proposals with what a row shows of each: its party, its letter's print, how the team marked it."""
    notes = ProposalNote.objects.filter(proposal=OuterRef("pk")).order_by().values("proposal")
    return proposals.select_related("party__profile", "party__facts", "worker", "letter_print").annotate(
        note_count=Coalesce(Subquery(notes.annotate(number=Count("pk")).values("number")), 0),
        team_mark=team_mark(OuterRef("pk")),
    )


def team_mark(proposal: OuterRef) -> Subquery:
    """Return the mean of all marks that a client's people gave a proposal; None where nobody gave any."""
    marks = sum((Coalesce(F(name), 0) for name in Scorecard.CRITERIA), start=Value(0))
    given = sum(
        (Case(When(**{name: None}, then=0), default=1) for name in Scorecard.CRITERIA),
        start=Value(0),
    )
    cards = Scorecard.objects.filter(proposal=proposal).order_by().values("proposal")
    mean = Cast(Sum(marks), FloatField()) / Sum(given, output_field=IntegerField())
    return Subquery(cards.annotate(mean=mean).values("mean"))


def _filled(page: Page[Any], rows: list[Row]) -> Page[Row]:
    page.object_list = rows
    return page


def _condition(filters: Filters, job: Job) -> Q:
    asked = Q()
    for word in filters.words.split():
        asked &= Q(letter__icontains=word)
    for word in filters.answer.split():
        asked &= Q(answers_text__icontains=word)
    if filters.price_min is not None:
        asked &= Q(amount__gte=filters.price_min)
    if filters.price_max is not None:
        asked &= Q(amount__lte=filters.price_max)
    for name, value in (
        ("party__profile__level", filters.level),
        ("language", filters.language),
        ("party__country", filters.country),
        ("party__kind", filters.kind),
    ):
        if value:
            asked &= Q(**{name: value})
    if filters.has_worked:
        asked &= Q(party_id__in=past_work_of(job.client_id))
    if filters.is_unread:
        asked &= Q(status=Status.SUBMITTED)
    return asked


def _counted(every: QuerySet[Proposal], tab: str, asked: Q, job: Job) -> tuple[dict[str, int], int, Facets]:
    """Return the counts of all tabs, of what the filters leave of this one, and what it can be filtered by."""
    here = TABS[tab]

    def values(name: str) -> ArrayAgg:
        return ArrayAgg(name, filter=here, distinct=True, default=Value([]))

    worked = Q(party_id__in=past_work_of(job.client_id))
    counted = every.aggregate(
        **{f"tab_{name}": Count("pk", filter=condition) for name, condition in TABS.items()},
        total=Count("pk", filter=here & asked),
        levels=values("party__profile__level"),
        languages=values("language"),
        countries=values("party__country"),
        kinds=values("party__kind"),
        lowest=Min("amount", filter=here),
        highest=Max("amount", filter=here),
        worked=Count("pk", filter=here & worked),
        unread=Count("pk", filter=here & Q(status=Status.SUBMITTED)),
    )
    counts = {name: counted[f"tab_{name}"] for name in TABS}

    def differing(name: str) -> frozenset[str]:
        found = set(counted[name])
        return frozenset(value for value in found if value) if len(found) > 1 else frozenset()

    facets = Facets(
        levels=differing("levels"),
        languages=differing("languages"),
        countries=differing("countries"),
        kinds=differing("kinds"),
        has_worked=0 < counted["worked"] < counts[tab],
        has_unread=0 < counted["unread"] < counts[tab],
        has_prices=counted["lowest"] != counted["highest"],
    )
    return counts, counted["total"], facets
