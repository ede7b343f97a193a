"""Best match: what speaks for a proposal on a job, what each of it weighs, and the order that comes of it.

A score is counted when the inbox is read, from what is true then. Nobody can buy a part of it; the marked places stand
before it and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields import FloatField
from django.db.models.functions import Coalesce
from django.template.defaultfilters import capfirst
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs.models import Invitation, Job
from jobs.queries import price_quartiles
from profiles.models import Entry, Level, Profile
from proposals.models import Proposal
from proposals.queries import boosted_places
from proposals.registry import past_work_of

#: Contracts from which on the history counts in full, and how far above the budget a price counts half.
MANY_CONTRACTS, CLOSE = 5, 1.2


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that speaks for a proposal: at most its weight, all of it where its value reaches `full`."""

    name: str
    weight: int
    label: Promise
    how: Promise
    full: int = 1

    @property
    def column(self) -> str:
        """Return the name of its value in the query."""
        return f"for_{self.name}"


#: All that decides the order, for the query, the cards and the public page. The weights add up to 100.
CRITERIA = (
    Criterion("skills", 30, gettext_lazy("Skills"), gettext_lazy("The part of the job’s skills that the profile has.")),
    Criterion(
        "price",
        15,
        gettext_lazy("Price"),
        gettext_lazy(
            "At or below the budget; half of it up to a fifth above. Without a budget: at or below what three "
            "quarters of similar jobs cost."
        ),
    ),
    Criterion(
        "speciality",
        10,
        gettext_lazy("Speciality"),
        gettext_lazy("The job’s speciality is on the profile; half of it for the category alone."),
    ),
    Criterion(
        "level", 10, gettext_lazy("Level"), gettext_lazy("The level of the profile is the one asked for, or above.")
    ),
    Criterion(
        "language",
        10,
        gettext_lazy("Language"),
        gettext_lazy("The letter, the profile or the spoken languages have the language of the job."),
    ),
    Criterion(
        "past_work", 10, gettext_lazy("Past work together"), gettext_lazy("A contract with this client, now or before.")
    ),
    Criterion(
        "history",
        8,
        gettext_lazy("Work history"),
        gettext_lazy("Contracts that ended here, all of it from five."),
        MANY_CONTRACTS,
    ),
    Criterion(
        "availability",
        4,
        gettext_lazy("Availability"),
        gettext_lazy("Available now; half of it for hours named on the profile and no vacation."),
    ),
    Criterion("invitation", 3, gettext_lazy("Invitation"), gettext_lazy("The client invited the freelancer.")),
)
_RANKS = {Level.ENTRY: 1, Level.INTERMEDIATE: 2, Level.EXPERT: 3}
_LANGUAGES: dict[str, Promise | str] = dict(Entry.Language.choices)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job asks for, as proposals are measured by it. `most` is a price in minor units, None for any."""

    job: Job
    language: str
    most: int | None
    is_budget: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A proposal in its place: its number, its score from 0 to 100 and the value of each criterion, by name."""

    pk: int
    score: float
    is_boosted: bool
    values: Mapping[str, float]


def wanted_of(job: Job, at: datetime) -> Wanted:
    """Return what the proposals on a job are measured by. One statement where the client named no price."""
    most = job.budget if job.kind == Job.Kind.FIXED else job.rate_high
    is_budget = most is not None
    if most is None:
        usual = price_quartiles(
            category_id=job.category_id, kind=job.kind, currency=job.currency, client_id=job.client_id, at=at
        )
        most = usual.high if usual else None
    return Wanted(job, job.wanted_language or job.language, most, is_budget)


def best_first(
    chosen: QuerySet[Proposal],
    wanted: Wanted,
    *,
    at: datetime,
    order: str = "score DESC",
    are_places_first: bool = True,
    start: int = 0,
    length: int,
) -> list[Match]:
    """Return a part of the chosen proposals in their order, each with what speaks for it. One statement.

    `order` is by columns of `measured`; with `are_places_first` those in marked places come before all others.
    """
    inner, inner_params = measured(chosen, wanted, at).query.sql_with_params()
    places = boosted_places(wanted.job.pk).select_related(None).values_list("pk", flat=True)
    held, held_params = places.query.sql_with_params()
    parts = [f"{each.weight} * least({each.column}::float8 / {_full(each)}, 1)" for each in CRITERIA]
    sql = f"""
        WITH measured AS MATERIALIZED ({inner}), boosted AS MATERIALIZED (SELECT ARRAY({held}) AS ids)
        SELECT id, {" + ".join(parts)} AS score, array_position(ids, id) IS NOT NULL,
            wanted_skills, {", ".join(each.column for each in CRITERIA)}
        FROM measured, boosted
        ORDER BY CASE WHEN %s THEN array_position(ids, id) END, {order}, created_at DESC, id DESC
        LIMIT %s OFFSET %s
    """  # noqa: S608  (texts of this project; everything from outside is a parameter)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*inner_params, *held_params, are_places_first, length, start])
        rows = cursor.fetchall()
    names = ("wanted_skills", *(each.name for each in CRITERIA))
    return [Match(row[0], row[1], row[2], dict(zip(names, row[3:], strict=True))) for row in rows]


def measured(chosen: QuerySet[Proposal], wanted: Wanted, at: datetime) -> QuerySet[Proposal, Any]:
    """Return the chosen proposals with the value of each criterion, a number that is never missing."""
    job = wanted.job
    asked = Job.skills.through.objects.filter(job_id=job.pk)
    has_skill = Profile.skills.through.objects.filter(
        profile_id=OuterRef("party__profile__pk"), skill_id__in=asked.values("skill_id")
    )
    has_speciality = Profile.specialities.through.objects.filter(
        profile_id=OuterRef("party__profile__pk"), speciality_id=job.speciality_id or 0
    )
    speaks = Entry.objects.filter(
        profile_id=OuterRef("party__profile__pk"), section="languages", language=wanted.language
    ).exclude(fluency=Entry.Fluency.BASIC)
    asked_to = Invitation.objects.filter(job_id=job.pk, party_id=OuterRef("party_id"))
    enough = [level for level, rank in _RANKS.items() if job.level and rank >= _RANKS[Level(job.level)]]
    at_work = Q(party__profile__availability__in=["full", "part", "as_needed"], party__profile__vacation_until=None)
    rows: QuerySet[Proposal, Any] = (
        chosen.order_by()
        .annotate(
            wanted_skills=Coalesce(Subquery(_count(asked, by="job_id")), 0),
            for_skills=Coalesce(Subquery(_count(has_skill)), 0),
            for_price=_price_value(wanted),
            for_speciality=_first(1.0, Exists(has_speciality), (0.5, Q(party__profile__category=job.category_id or 0))),
            for_level=_first(1.0, Q(party__profile__level__in=enough)),
            for_language=_first(
                1.0, Q(language=wanted.language) | Q(party__profile__language=wanted.language) | Exists(speaks)
            ),
            for_past_work=_first(1.0, Q(party_id__in=past_work_of(job.client_id))),
            for_history=Coalesce(F("party__facts__contracts_ended"), 0),
            for_availability=_first(1.0, Q(party__profile__available_until__gt=at), (0.5, at_work)),
            for_invitation=_first(1.0, Exists(asked_to.exclude(status=Invitation.Status.WITHDRAWN))),
        )
        .values("id", "created_at", "amount", "wanted_skills", *(each.column for each in CRITERIA))
    )
    return rows


def reasons_for(match: Match, proposal: Proposal, wanted: Wanted) -> list[str]:
    """Return in words what speaks for a proposal, what weighs most first. Its party's profile and facts are at hand."""
    counted = [(each, each.weight * min(match.values[each.name] / _full_for(each, match), 1)) for each in CRITERIA]
    told = sorted((pair for pair in counted if pair[1] > 0), key=lambda pair: -pair[1])
    return [words for each, _weight in told for words in _words(each, match, proposal, wanted)]


def _full(criterion: Criterion) -> str:
    return "greatest(wanted_skills, 1)" if criterion.name == "skills" else str(criterion.full)


def _full_for(criterion: Criterion, match: Match) -> float:
    return max(match.values["wanted_skills"], 1) if criterion.name == "skills" else criterion.full


def _count(rows: QuerySet[Any], by: str = "profile_id") -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return counted


def _price_value(wanted: Wanted) -> Case | Value:
    """Return how well the price fits: a little above counts half where the client named a budget."""
    if wanted.most is None:
        return Value(0.0)
    close = ((0.5, Q(amount__lte=int(wanted.most * CLOSE))),) if wanted.is_budget else ()
    return _first(1.0, Q(amount__lte=wanted.most), *close)


def _first(value: float, condition: Q | Combinable, *others: tuple[float, Q]) -> Case:
    """Return the value of the first condition that holds, and 0 of none."""
    whens = [When(condition, then=Value(value)), *(When(each, then=Value(other)) for other, each in others)]
    return Case(*whens, default=Value(0.0), output_field=FloatField())


def _words(criterion: Criterion, match: Match, proposal: Proposal, wanted: Wanted) -> Iterator[str]:
    value = match.values[criterion.name]
    say: dict[str, Callable[[], str]] = {
        "skills": lambda: (
            ngettext("%(number)s of %(all)s skills", "%(number)s of %(all)s skills", int(value))
            % {"number": int(value), "all": int(match.values["wanted_skills"])}
        ),
        "price": lambda: _price_words(value, is_budget=wanted.is_budget),
        "speciality": lambda: str(
            wanted.job.speciality if value == 1 and wanted.job.speciality else wanted.job.category
        ),
        "level": lambda: capfirst(str(Level(proposal.party.profile.level).label)),
        "language": lambda: capfirst(str(_LANGUAGES.get(wanted.language, wanted.language))),
        "past_work": lambda: _("Worked with you before"),
        "history": lambda: (
            ngettext("%(number)s contract ended here", "%(number)s contracts ended here", int(value))
            % {"number": int(value)}
        ),
        "availability": lambda: (
            _("Available now") if value == 1 else capfirst(proposal.party.profile.get_availability_display())
        ),
        "invitation": lambda: _("Invited by you"),
    }
    yield say[criterion.name]()


def _price_words(value: float, *, is_budget: bool) -> str:
    if not is_budget:
        return _("Usual price")
    return _("Within your budget") if value == 1 else _("A little above your budget")
