"""Reads of profiles and of the facts about parties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Party, User
from core.actor import Actor
from core.errors import NotFound
from core.product import rules
from files.models import StoredFile
from files.queries import files_of_many
from profiles.links import testimonial_in
from profiles.models import (
    AGENCY_SECTIONS,
    Certification,
    Entry,
    OldAddress,
    PortfolioItem,
    Profile,
    ProfileReview,
    Section,
    Testimonial,
    WorkHistory,
)
from profiles.models.profiles import ProfileQuerySet
from profiles.permissions import can_read_proof, can_see_profile
from taxonomy.models import Skill

#: The owners of a portfolio item's files, and of a certificate's proof.
PORTFOLIO, CERTIFICATE = "profiles.portfolio", "profiles.certification"
#: Fewest characters of an overview that can be submitted.
OVERVIEW_LEAST = 100
#: Contracts and testimonials that a page of a profile shows, the latest.
WORK_SHOWN, TESTIMONIALS_SHOWN = 50, 30


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is still missing on a profile, and the section of the edit page where it belongs."""

    section: str
    words: str | Promise
    is_needed: bool
    points: int = 0


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a profile has come, in per cent, and what is left."""

    percent: int
    left: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """Return the best thing to do next: what staff need, then what is worth most."""
        return min(self.left, key=lambda step: (not step.is_needed, -step.points), default=None)

    @property
    def is_submittable(self) -> bool:
        """Test whether nothing that staff need is missing."""
        return not any(step.is_needed for step in self.left)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a profile stands with staff: until when they answer, or what they asked for."""

    deadline: datetime | None
    points: tuple[str, ...]
    note: str


def profiles() -> ProfileQuerySet:
    """Return profiles with all that their page shows of single rows."""
    return Profile.objects.select_related("party", "photo", "category", "party__facts")


def own_profile(party_id: int | None) -> Profile | None:
    """Return the profile of a party, if it has one."""
    return profiles().filter(party_id=party_id).first() if party_id is not None else None


def profile_for_public(actor: Actor, slug: str) -> Profile:
    """Return the profile at this address if the actor may read it. Raises NotFound for others, and for none."""
    profile = profiles().prefetch_related("skills", "specialities").filter(slug=slug, party__closed_at=None).first()
    if profile is None or not can_see_profile(actor, profile):
        raise NotFound(_("There is no such profile."))
    return profile


def new_address(actor: Actor, slug: str) -> str | None:
    """Return the address to which an old one leads, for an actor who may read its profile."""
    old = OldAddress.objects.select_related("profile__party").filter(slug=slug).first()
    if old is None or old.profile.party.closed_at is not None or not can_see_profile(actor, old.profile):
        return None
    return str(old.profile.slug)


def is_approved(party_id: int) -> bool:
    """Test whether the party's profile is public, so that it may propose."""
    return Profile.objects.approved().filter(party_id=party_id).exists()


@dataclass(frozen=True, slots=True)
class Teammate:
    """Somebody of an agency: the name that strangers see, and their own profile where it is for everybody."""

    user_id: int
    name: str
    profile: Profile | None


#: Who of an agency may be named as the one who does the work.
WORKING_ROLES = (Membership.Role.OWNER, Membership.Role.ADMIN, Membership.Role.NAMED_WORKER)


def workers_of(agency_id: int) -> list[Teammate]:
    """Return the people whom an agency may propose, by name: who works for it and has an approved profile."""
    users = User.objects.filter(
        is_active=True,
        memberships__in=Membership.objects.live().filter(party_id=agency_id, role__in=WORKING_ROLES),
    )
    return [each for each in _teammates(users) if each.profile is not None]


def shown_members(agency_id: int) -> list[Teammate]:
    """Return the people of an agency who agreed to be named on its page, by name. Two queries."""
    users = User.objects.filter(
        is_active=True,
        memberships__in=Membership.objects.live().filter(party_id=agency_id, shown_at__isnull=False),
    )
    return _teammates(users)


def teammate(user_id: int) -> Teammate | None:
    """Return one person as an agency names them."""
    return next(iter(_teammates(User.objects.filter(pk=user_id))), None)


def _teammates(users: QuerySet[User]) -> list[Teammate]:
    people = list(users.order_by("first_name", "last_name", "pk"))
    owners = Membership.objects.live().filter(
        user__in=[each.pk for each in people], role=Membership.Role.OWNER, party__kind=Party.Kind.FREELANCER
    )
    owned = {each.party_id: each.user_id for each in owners}
    own = {owned[each.party_id]: each for each in profiles().approved().filter(party_id__in=owned)}
    return [Teammate(each.pk, each.public_name, own.get(each.pk)) for each in people]


def review_deadline(profile: Profile) -> datetime | None:
    """Return until when staff answer a submitted profile; None for others."""
    if profile.status != Profile.Status.SUBMITTED or profile.submitted_at is None:
        return None
    return profile.submitted_at + timedelta(hours=rules().profile_review_hours)


def standing(profile: Profile) -> Standing:
    """Return the deadline of a profile in review, or the points of one that needs changes."""
    if profile.status != Profile.Status.CHANGES_REQUESTED:
        return Standing(review_deadline(profile), (), "")
    review = ProfileReview.objects.filter(profile=profile, is_approved=False).order_by("-created_at", "-pk").first()
    return Standing(None, tuple(review.points), review.note) if review else Standing(None, (), "")


def completeness(profile: Profile) -> Completeness:
    """Return how complete a profile is and what is left, what staff need first. One query."""
    checks = _agency_checks(profile) if profile.is_agency else _freelancer_checks(profile)
    percent = sum(points for is_done, points, _step in checks if is_done)
    return Completeness(percent, tuple(replace(step, points=points) for is_done, points, step in checks if not is_done))


Checks = tuple[tuple[bool, int, Step], ...]


def _freelancer_checks(profile: Profile) -> Checks:
    has = _filled(profile)
    return (
        (bool(profile.title), 10, Step("title", gettext_lazy("Write a title"), is_needed=True)),
        (
            len(profile.overview.strip()) >= OVERVIEW_LEAST,
            20,
            Step("overview", gettext_lazy("Write 100 characters or more about your work"), is_needed=True),
        ),
        (profile.category_id is not None, 5, Step("category", gettext_lazy("Choose a category"), is_needed=True)),
        (bool(profile.level), 5, Step("category", gettext_lazy("Choose your level"), is_needed=True)),
        (profile.hourly_rate is not None, 10, Step("rate", gettext_lazy("Set your hourly rate"), is_needed=True)),
        (has["skills"], 15, Step("skills", gettext_lazy("Name at least one skill"), is_needed=True)),
        (profile.photo_id is not None, 15, Step("photo", gettext_lazy("Add a photo of your face"), is_needed=False)),
        (has["employment"], 10, Step("employment", gettext_lazy("Name a job that you held"), is_needed=False)),
        (has["specialities"], 5, Step("category", gettext_lazy("Choose a speciality"), is_needed=False)),
        (has["languages"], 5, Step("languages", gettext_lazy("Name the languages you speak"), is_needed=False)),
    )


def _agency_checks(profile: Profile) -> Checks:
    has = _filled(profile)
    return (
        (bool(profile.title), 10, Step("title", gettext_lazy("Write a title"), is_needed=True)),
        (
            len(profile.overview.strip()) >= OVERVIEW_LEAST,
            20,
            Step("overview", gettext_lazy("Write 100 characters or more about the agency"), is_needed=True),
        ),
        (profile.category_id is not None, 10, Step("category", gettext_lazy("Choose a category"), is_needed=True)),
        (
            profile.hourly_rate is not None,
            10,
            Step("rate", gettext_lazy("Set the hourly rate from which you work"), is_needed=True),
        ),
        (has["skills"], 15, Step("skills", gettext_lazy("Name at least one skill"), is_needed=True)),
        (profile.photo_id is not None, 10, Step("photo", gettext_lazy("Add your logo"), is_needed=False)),
        (has["portfolio"], 15, Step("portfolio", gettext_lazy("Show a piece of work"), is_needed=False)),
        (has["specialities"], 5, Step("category", gettext_lazy("Choose a speciality"), is_needed=False)),
        (has["languages"], 5, Step("languages", gettext_lazy("Name the languages you speak"), is_needed=False)),
    )


def _filled(profile: Profile) -> dict[str, bool]:
    """Return which lists of a profile hold something."""
    names = ("skills", "specialities", "employment", "languages", "portfolio")
    if not profile.pk:
        return dict.fromkeys(names, False)
    entries = Entry.objects.filter(profile_id=OuterRef("pk"))
    row = (
        Profile.objects.filter(pk=profile.pk)
        .values_list(
            Exists(Profile.skills.through.objects.filter(profile_id=OuterRef("pk"))),
            Exists(Profile.specialities.through.objects.filter(profile_id=OuterRef("pk"))),
            Exists(entries.filter(section=Section.EMPLOYMENT)),
            Exists(entries.filter(section=Section.LANGUAGES)),
            Exists(PortfolioItem.objects.filter(profile_id=OuterRef("pk"))),
        )
        .get()
    )
    return dict(zip(names, row, strict=True))


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work of the portfolio with what belongs to it."""

    item: PortfolioItem
    skills: list[Skill]
    pictures: list[StoredFile]
    files: list[StoredFile]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certification with its proof, and whether it has expired."""

    item: Certification
    proofs: list[StoredFile]
    has_expired: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A section that holds a list: its name, its entries in their order, its works, or its certificates."""

    section: Section
    entries: list[Entry]
    works: list[Work]
    certificates: list[Certificate]

    @property
    def count(self) -> int:
        """Return how many items it holds."""
        return len(self.entries) + len(self.works) + len(self.certificates)


def filled_sections(profile: Profile, today: date) -> list[Filled]:
    """Return every section that holds a list, empty ones too. Six queries at most, whatever they hold."""
    entries: dict[str, list[Entry]] = {section: [] for section in Section}
    if profile.pk:
        for entry in Entry.objects.filter(profile=profile):
            entries[entry.section].append(entry)
    return [
        Filled(
            section,
            entries[section],
            works_of(profile) if section == Section.PORTFOLIO else [],
            certificates_of(profile, today) if section == Section.CERTIFICATES else [],
        )
        for section in sections_of(profile)
    ]


def public_sections(profile: Profile, today: date) -> list[Filled]:
    """Return the sections as visitors see them: those that hold something, without certificates that staff refused."""
    shown = [
        replace(
            filled,
            certificates=[each for each in filled.certificates if each.item.status != Certification.Status.REFUSED],
        )
        for filled in filled_sections(profile, today)
    ]
    return [filled for filled in shown if filled.count]


def sections_of(profile: Profile) -> tuple[Section, ...]:
    """Return the sections that a profile has, in their order: those of a freelancer, or those of an agency."""
    return AGENCY_SECTIONS if profile.is_agency else tuple(Section)


def works_of(profile: Profile) -> list[Work]:
    """Return the portfolio of a profile in its order. Three queries at most, one for an empty portfolio."""
    if not profile.pk:
        return []
    items = list(PortfolioItem.objects.filter(profile=profile).select_related("work").prefetch_related("skills"))
    if not items:
        return []
    files = files_of_many(PORTFOLIO, [item.pk for item in items])
    return [
        Work(
            item,
            list(item.skills.all()),
            [file for file in files.get(str(item.pk), []) if file.is_image],
            [file for file in files.get(str(item.pk), []) if not file.is_image],
        )
        for item in items
    ]


def certificates_of(profile: Profile, today: date) -> list[Certificate]:
    """Return the certificates of a profile in their order. Two queries at most, one where there are none."""
    items = list(Certification.objects.filter(profile=profile)) if profile.pk else []
    files = files_of_many(CERTIFICATE, [item.pk for item in items]) if items else {}
    return [Certificate(item, files.get(str(item.pk), []), item.has_expired(today)) for item in items]


@dataclass(frozen=True, slots=True)
class WorkShown:
    """A contract of the work history as a reader may see it; without a title or an amount where that is not theirs."""

    work: WorkHistory
    title: str
    amount: int | None


def work_history(profile: Profile, actor: Actor) -> list[WorkShown]:
    """Return the ended contracts of a profile's freelancer as the actor may read them, the latest first. One query."""
    rows = WorkHistory.objects.filter(party_id=profile.party_id, ended_at__isnull=False).order_by("-ended_at", "-pk")
    is_own = actor.acts_for(profile.party_id)
    return [
        WorkShown(
            work,
            work_title(work, actor, is_own=is_own),
            work.amount if (is_own or not work.is_amount_hidden) and work.amount > 0 else None,
        )
        for work in rows[:WORK_SHOWN]
    ]


def work_title(work: WorkHistory, actor: Actor, *, is_own: bool) -> str:
    """Return the title of a contract for a reader; empty where its job was not for everybody and they are a visitor."""
    return work.title if work.is_title_public or is_own or actor.user_id is not None else ""


def own_work(party_id: int | None) -> QuerySet[WorkHistory]:
    """Return every contract of a freelancer, running ones first, then the latest."""
    return WorkHistory.objects.filter(party_id=party_id or 0).order_by(F("ended_at").desc(nulls_first=True), "-pk")


def shown_testimonials(profile: Profile) -> list[Testimonial]:
    """Return what clients from outside say about a freelancer, as visitors see it, the latest first. One query."""
    rows = Testimonial.objects.filter(profile=profile, status=Testimonial.Status.PUBLISHED, is_hidden=False)
    return list(rows.defer("email").order_by("-written_at", "-pk")[:TESTIMONIALS_SHOWN])


def own_testimonials(profile: Profile) -> list[Testimonial]:
    """Return what a freelancer asked for, the latest first; what has come to nothing is left out."""
    gone = {Testimonial.Status.WITHDRAWN}
    rows = Testimonial.objects.filter(profile_id=profile.pk or 0).exclude(status__in=gone)
    return list(rows.defer("email").order_by("-asked_at", "-pk")[:TESTIMONIALS_SHOWN])


def testimonial_asked(token: str) -> Testimonial:
    """Return the testimonial that a signed link is for. Raises NotFound for any other link."""
    testimonial_id = testimonial_in(token)
    found = (
        Testimonial.objects.select_related("profile__party")
        .filter(pk=testimonial_id, profile__party__closed_at=None)
        .first()
        if testimonial_id
        else None
    )
    if found is None:
        raise NotFound(_("This link leads nowhere."))
    return found


def item_of(profile: Profile, section: Section, item_id: int) -> Entry | PortfolioItem | Certification:
    """Return one entry, work or certificate of a profile's section. Raises NotFound for any other."""
    item: Entry | PortfolioItem | Certification | None
    if section == Section.PORTFOLIO:
        item = PortfolioItem.objects.filter(profile=profile, pk=item_id).first()
    elif section == Section.CERTIFICATES:
        item = Certification.objects.filter(profile=profile, pk=item_id).first()
    else:
        item = Entry.objects.filter(profile=profile, section=section, pk=item_id).first()
    if item is None:
        raise NotFound(_("This entry is not there any more."))
    return item


def can_read_certificate(actor: Actor, ref: str) -> bool:
    """Test whether the actor may read the proof of certification `ref`: its freelancer and moderators."""
    item = Certification.objects.select_related("profile").filter(pk=int(ref)).first() if ref.isdecimal() else None
    return item is not None and can_read_proof(actor, item.profile)


def can_read_work(actor: Actor, ref: str) -> bool:
    """Test whether the actor may read the files of portfolio item `ref`: whoever may read its profile."""
    item = PortfolioItem.objects.select_related("profile").filter(pk=int(ref)).first() if ref.isdecimal() else None
    return item is not None and can_see_profile(actor, item.profile)


def can_read_photo(actor: Actor, ref: str) -> bool:
    """Test whether the actor may see the photo of profile `ref`: whoever may read the profile."""
    profile = Profile.objects.filter(pk=int(ref)).first() if ref.isdecimal() else None
    return profile is not None and can_see_profile(actor, profile)
