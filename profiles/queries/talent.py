"""Search of freelancers: which match, in what order, how many, and what further filters would leave.

Every read is bounded: without words the best profiles are read from an index, the rest is `taxonomy.matching`. At most
three statements.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from accounts.models import Party
from core.actor import Actor
from profiles.models import Profile, ProfileDocument, ProfileReview
from taxonomy import matching
from taxonomy.matching import Conditions, Documents, Facets
from taxonomy.phrases import NOTHING, Params, Question
from taxonomy.queries import Lexicon

DOCUMENTS = Documents(
    "profiles_profiledocument",
    key="profile_id",
    lead="quality",
    lead_type="float8",
    counted={
        "category": "category_id",
        "availability": "availability",
        "level": "level",
        "language": "language",
        "country": "country",
        "kind": "kind",
    },
)
#: How much of its rank a profile keeps whatever its quality; the rest is in proportion to it.
KEPT = 0.6
WORTH = f"{KEPT} + {1 - KEPT} * quality"
EXCERPT = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class TalentFilters:
    """What a search of freelancers asks for. Ids of skills and categories; money in minor units; empty means any."""

    words: str = ""
    categories: tuple[int, ...] = ()
    skills: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    availabilities: tuple[str, ...] = ()
    #: The moment at which they say that they can begin at once; None for whenever.
    available_at: datetime | None = None
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rate_min: int | None = None
    rate_max: int | None = None
    earned_min: int | None = None
    after: tuple[float, int] | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class TalentRow:
    """A freelancer or an agency as a list shows them."""

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
    available_until: datetime | None
    vacation_until: date | None
    skill_ids: tuple[int, ...]
    kind: str = Party.Kind.FREELANCER
    #: Where not every word of the search is in the profile: those that are missing.
    missing: tuple[str, ...] = ()

    @property
    def is_agency(self) -> bool:
        """Test whether it is an agency."""
        return self.kind == Party.Kind.AGENCY


@dataclass(frozen=True, slots=True)
class TalentPage:
    """One page of freelancers, how many match (at most 1,001), the facets, and where the next page begins."""

    rows: list[TalentRow]
    count: int
    facets: Facets = field(default_factory=dict)
    after: tuple[float, int] | None = None
    number: int = 1
    has_more: bool = False
    question: Question = NOTHING

    @property
    def is_more_than_counted(self) -> bool:
        """Test whether there are more matches than are counted."""
        return self.count > matching.COUNTED


def _conditions(filters: TalentFilters, actor: Actor, lexicon: Lexicon) -> Conditions:
    """Return what a search asks for, and what the actor may see."""
    asked = Conditions(filters.words, lexicon)
    if actor.user_id is None:
        asked.add("visibility", "visibility = %s", [Profile.Visibility.PUBLIC], is_fixed=True)
    asked.any_of("category", "category_id", filters.categories)
    asked.any_of("availability", "availability", filters.availabilities)
    if filters.available_at is not None:
        asked.add("now", "available_until > %s", [filters.available_at])
    asked.any_of("level", "level", filters.levels)
    asked.any_of("language", "language", filters.languages)
    if filters.kinds == (Party.Kind.AGENCY,):  # few of many: found by their word, not by reading on
        asked.marked("kind", "p", filters.kinds)
    else:
        asked.any_of("kind", "kind", filters.kinds)
    asked.marked("skills", "k", filters.skills)
    asked.marked("country", "o", filters.countries)
    for name, least, most in (("rate", filters.rate_min, filters.rate_max), ("earned", filters.earned_min, None)):
        given = [(f"{name} {sign} %s", value) for sign, value in ((">=", least), ("<=", most)) if value is not None]
        if given:
            asked.add(name, " AND ".join(sql for sql, _value in given), [value for _sql, value in given])
    return asked


def search_talent(filters: TalentFilters, actor: Actor, *, lexicon: Lexicon) -> TalentPage:
    """Return a page of the profiles that match and that the actor may see."""
    conditions = _conditions(filters, actor, lexicon)
    count, facets = DOCUMENTS.count(conditions)
    if conditions.question:
        return _best(filters, conditions, count, facets)
    where, params = conditions.where()
    if filters.after:
        where, params = f"{where} AND (quality, profile_id) < (%s, %s)", [*params, *filters.after]
    chosen = DOCUMENTS.first("profile_id", where, matching.PER_PAGE + 1, enough=matching.PER_PAGE + 1)
    rows = _rows(f"SELECT profile_id FROM ({chosen}) x", [*params, *params])  # noqa: S608  (no outside text)
    shown = rows[: matching.PER_PAGE]
    has_more = len(rows) > matching.PER_PAGE
    after = (shown[-1].quality, shown[-1].pk) if has_more else None
    return TalentPage(shown, count, facets, after=after, has_more=has_more, question=conditions.question)


def talent_without_each(filters: TalentFilters, actor: Actor, *, lexicon: Lexicon) -> dict[str, int]:
    """Return how many profiles would match without each one of the filters, up to 1,000, in one statement."""
    return DOCUMENTS.without_each(_conditions(filters, actor, lexicon))


def talent_since(
    filters: TalentFilters, actor: Actor, *, lexicon: Lexicon, since: datetime, until: datetime, limit: int
) -> list[int]:
    """Return the ids of the profiles that match and were approved first in this time.

    After `since`, until `until`; the oldest first, at most `limit`; one statement. A profile that was approved before
    and is approved again is not new.
    """
    where, params = _conditions(filters, actor, lexicon).where()
    earlier = ProfileReview.objects.filter(profile=OuterRef("pk"), is_approved=True, created_at__lte=since)
    matching_ids = f"SELECT profile_id FROM {DOCUMENTS.table} WHERE {where}"  # noqa: S608  (as above)
    found = Profile.objects.approved().filter(
        ~Exists(earlier),
        approved_at__gt=since,
        approved_at__lte=until,
        pk__in=RawSQL(matching_ids, params),  # noqa: S611  (as above)
    )
    return list(found.order_by("approved_at", "pk").values_list("pk", flat=True)[:limit])


FIELDS = (
    "profile_id", "profile__slug", "profile__party__public_name", "profile__title", "excerpt", "language", "level",
    "rate", "profile__currency", "country", "profile__party__place", "earned",
    "profile__party__facts__contracts_ended", "profile__photo_id", "profile__party__created_at", "quality",
    "profile__available_until", "profile__vacation_until", "skills", "kind",
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


def _best(filters: TalentFilters, conditions: Conditions, count: int, facets: Facets) -> TalentPage:
    """Rank the best matches; where they do not fill a page, those that have some of the words follow."""
    hits, has_more = DOCUMENTS.best(conditions, count=count, page=filters.page, worth=WORTH, worth_params=[])
    found = {row.pk: row for row in _rows("SELECT unnest(%s::bigint[])", [[hit.pk for hit in hits]])}
    rows = [replace(found[hit.pk], missing=hit.missing) for hit in hits if hit.pk in found]
    return TalentPage(rows, count, facets, number=filters.page, has_more=has_more, question=conditions.question)
