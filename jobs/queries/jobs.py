"""Jobs as their pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields import BooleanField, CharField
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from accounts.models import Party
from accounts.permissions import WORKING_KINDS, is_moderator, reads_all
from core.actor import Actor
from core.errors import NotFound
from core.product import rules
from files.models import StoredFile
from files.queries import files_of, has_files
from jobs.models import ATTACHMENT, Job, JobMark, JobReader
from jobs.permissions import can_mark_jobs
from jobs.queries.invitations import is_guest, waiting_invitation
from profiles.models import Profile
from taxonomy.models import Skill

Status = Job.Status
#: States in which others may read a post; whether they may bid is another question.
PUBLISHED = (Status.OPEN, Status.PAUSED, Status.FILLED, Status.CLOSED, Status.EXPIRED)
#: Upper ends of the ranges in which numbers of proposals are told.
BUCKETS = (5, 10, 15, 20, 50)


@dataclass(frozen=True, slots=True)
class SkillShown:
    """A skill of a job and whether the reader's own profile has it."""

    slug: str
    name: str
    is_matched: bool


def jobs_for(actor: Actor) -> QuerySet[Job]:
    """Return the jobs that the actor may see: published ones, those of their own party, and for moderators all.

    A job for those invited exists for nobody else.
    """
    jobs = Job.objects.kept()
    if is_moderator(actor):
        return jobs
    seen = Q(status__in=PUBLISHED)
    if actor.user_id is None:
        return jobs.filter(seen, visibility=Job.Visibility.PUBLIC)
    seen &= ~Q(visibility=Job.Visibility.INVITED) | is_guest(actor)
    if actor.party_id is not None and actor.impersonator_id is None:
        seen |= Q(client_id=actor.party_id) & added_to(actor)
    return jobs.filter(seen)


def added_to(actor: Actor, field: str = "pk") -> Q:
    """Return the condition on a party's own jobs that the actor reads: all of them, or those a member was added to."""
    if reads_all(actor):
        return Q()
    return Q(**{f"{field}__in": JobReader.objects.filter(user_id=actor.user_id or 0).values("job_id")})


def readers_of(job: Job) -> QuerySet[JobReader]:
    """Return the members who were added to a job, by name."""
    return JobReader.objects.filter(job=job).select_related("user").order_by("user__first_name", "pk")


def job_for(actor: Actor, job_id: int) -> Job:
    """Return one job the actor may see, with its client, category and activity at hand. Raises NotFound."""
    job = _with_page(jobs_for(actor)).filter(pk=job_id).first()
    if job is None:
        raise NotFound(_("There is no such job."))
    return job


def job_page_for(actor: Actor, job_id: int) -> tuple[Job, list[SkillShown], list[StoredFile]]:
    """Return a job as `job_for` does, with its skills as `job_skills` does and its files. Raises NotFound.

    One query, and one more where there are files.
    """
    facts = JSONObject(slug="slug", name_en="name_en", name_fr="name_fr", is_matched="is_matched")
    skills = ArraySubquery(_skills_of(OuterRef("pk"), actor).values(facts=facts))
    files = has_files(ATTACHMENT, Cast(OuterRef("pk"), CharField()))
    job = (
        _with_page(jobs_for(actor))
        .annotate(skill_facts=skills, has_files=files, mark=_mark_of(actor), invitation=waiting_invitation(actor))
        .filter(pk=job_id)
        .first()
    )
    if job is None:
        raise NotFound(_("There is no such job."))
    rows: list[dict[str, Any]] = job.skill_facts
    shown = _shown((Skill(**_names(row)), row["is_matched"]) for row in rows)
    return job, shown, files_of(ATTACHMENT, job_id) if job.has_files else []


def job_skills(job: Job, actor: Actor) -> list[SkillShown]:
    """Return what a job asks for, by name; for a freelancer, what their own profile has comes first. One query."""
    return _shown((skill, skill.is_matched) for skill in _skills_of(Value(job.pk), actor))


def _with_page(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.select_related("client__facts", "category", "speciality", "activity")


def _mark_of(actor: Actor) -> Subquery | Value:
    """Return whether the actor's party saved or hid the job; nothing for who marks no jobs."""
    if actor.party_id is None or not can_mark_jobs(actor):
        return Value("")
    return Subquery(JobMark.objects.filter(party_id=actor.party_id, job=OuterRef("pk")).values("kind")[:1])


def _skills_of(job_id: OuterRef | Value, actor: Actor) -> QuerySet[Any]:
    """Return the skills of a job, each with whether the profile of the party that the actor works for has it."""
    mine = (
        Exists(Profile.skills.through.objects.filter(profile__party_id=actor.party_id, skill_id=OuterRef("pk")))
        if actor.party_id is not None and actor.party_kind in WORKING_KINDS
        else Value(False, output_field=BooleanField())
    )
    return Skill.objects.filter(jobs=job_id).annotate(is_matched=mine)


def _names(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("slug", "name_en", "name_fr")}


def _shown(skills: Iterable[tuple[Skill, bool]]) -> list[SkillShown]:
    shown = [SkillShown(skill.slug, skill.name, is_matched) for skill, is_matched in skills]
    return sorted(shown, key=lambda skill: (not skill.is_matched, skill.name.casefold()))


def unmet_wishes(job: Job, actor: Actor) -> list[str]:
    """Return in words which of the client's wishes the freelancer who reads does not meet; they forbid nothing.

    One query for a freelancer where the job has a wish, none otherwise.
    """
    if not (job.wanted_country or job.wanted_language):
        return []
    if actor.party_id is None or actor.party_kind not in WORKING_KINDS:
        return []
    party = Party.objects.select_related("profile").filter(pk=actor.party_id).first()
    if party is None:
        return []
    unmet = []
    if job.wanted_country and party.country != job.wanted_country:
        unmet.append(
            _("The client prefers someone who lives here: %(country)s.") % {"country": job.wanted_country.name}
        )
    profile = getattr(party, "profile", None)
    if job.wanted_language and profile is not None and profile.language != job.wanted_language:
        unmet.append(
            _("The client prefers a profile in this language: %(language)s.")
            % {"language": job.get_wanted_language_display()}
        )
    return unmet


def jobs_of(party_id: int) -> QuerySet[Job]:
    """Return the jobs of a client, newest first, without the drafts it deleted."""
    return Job.objects.kept().filter(client_id=party_id).order_by("-created_at", "-pk")


def open_job_count(party_id: int) -> int:
    """Return how many jobs of a client take proposals now, without those for invited people: it is a public figure."""
    return Job.objects.filter(client_id=party_id, status=Status.OPEN).exclude(visibility=Job.Visibility.INVITED).count()


def own_jobs(actor: Actor, statuses: tuple[str, ...] = ()) -> QuerySet[Job]:
    """Return the rows of a client's own list, newest first, with the activity of each at hand."""
    jobs = jobs_of(actor.party_id or 0).filter(added_to(actor)).select_related("activity")
    return jobs.filter(status__in=statuses) if statuses else jobs


def own_job_counts(actor: Actor) -> dict[str, int]:
    """Return how many jobs a client has in each state it has any in."""
    rows = (
        jobs_of(actor.party_id or 0)
        .filter(added_to(actor))
        .order_by()
        .values_list("status")
        .annotate(number=Count("pk"))
    )
    return dict(rows)


def bucket(proposals: int) -> str:
    """Return a number of proposals as the range in which it is told, so that nobody learns of a single rival."""
    if proposals < BUCKETS[0]:
        return _("Fewer than %(number)s") % {"number": BUCKETS[0]}
    for low, high in pairwise(BUCKETS):
        if proposals < high:
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
    return _("%(number)s or more") % {"number": BUCKETS[-1]}


@dataclass(frozen=True, slots=True)
class ReaderProfile:
    """What the job list shows a freelancer of their own profile."""

    status: str
    title: str
    skill_ids: frozenset[int]


def reader_profile(actor: Actor) -> ReaderProfile | None:
    """Return the profile of the party the actor works for, if it has one. One query, none for others."""
    if actor.party_id is None or actor.party_kind not in WORKING_KINDS:
        return None
    row = (
        Profile.objects.filter(party_id=actor.party_id)
        .annotate(skill_ids=ArrayAgg("skills", filter=Q(skills__isnull=False), default=Value([])))
        .values_list("status", "title", "skill_ids")
        .first()
    )
    return ReaderProfile(row[0], row[1], frozenset(row[2])) if row else None


def can_read_attachment(actor: Actor, ref: str) -> bool:
    """Test whether the actor may open the files of a job: whoever may see the job may."""
    return jobs_for(actor).filter(pk=int(ref)).exists()


def review_deadline(job: Job) -> datetime | None:
    """Return until when staff read a job in review; None for others."""
    if job.status != Job.Status.IN_REVIEW or job.submitted_at is None:
        return None
    return job.submitted_at + timedelta(hours=rules().job_review_hours)


def is_first_post(job: Job) -> bool:
    """Test whether no job of this client was ever open."""
    return not Job.objects.filter(client_id=job.client_id, posted_at__isnull=False).exists()
