"""Jobs that clients post, what happens on them, and the document that search reads."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from profiles.models import Level
from taxonomy.models import Category, Skill, Speciality

#: The kind under which the files of a job are kept.
ATTACHMENT = "jobs.attachment"


class JobQuerySet(LockedQuerySet["Job"]):
    """Named selections of jobs."""

    def kept(self) -> JobQuerySet:
        """Return the jobs without the drafts that their clients deleted."""
        return self.exclude(status=Job.Status.REMOVED, removal_reason="")

    def live(self) -> JobQuerySet:
        """Return the jobs that are open or paused: those with a day on which they expire."""
        return self.filter(status__in=Job.LIVE)


class Job(models.Model):
    """Work that a client wants done. An open one has a price in connects and a day on which it expires."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        FILLED = "filled", _("filled")
        CLOSED = "closed", _("closed")
        EXPIRED = "expired", _("expired")
        REMOVED = "removed", _("removed")

    class Kind(models.TextChoices):
        FIXED = "fixed", _("fixed price")
        HOURLY = "hourly", _("hourly")

    class Duration(models.TextChoices):
        WEEKS = "weeks", _("less than a month")
        MONTHS = "months", _("1 to 3 months")
        HALF_YEAR = "half_year", _("3 to 6 months")
        LONG = "long", _("more than 6 months")

    class Load(models.IntegerChoices):
        LIGHT = 10, _("up to 10 hours a week")
        HALF = 20, _("about 20 hours a week")
        FULL = 40, _("30 hours a week or more")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("everyone")
        SIGNED_IN = "signed_in", _("people who are signed in")
        INVITED = "invited", _("those invited")

    WEEKS: ClassVar[dict[str, int]] = {Duration.WEEKS: 3, Duration.MONTHS: 8, Duration.HALF_YEAR: 18, Duration.LONG: 26}
    LIVE: ClassVar = frozenset({Status.OPEN, Status.PAUSED})

    TRANSITIONS = table(
        transition(None, "start_draft", "client", Status.DRAFT),
        transition(None, "copy_job", "client", Status.DRAFT),
        transition(Status.DRAFT, "edit_draft", "client", Status.DRAFT),
        transition(Status.DRAFT, "delete_draft", "client", Status.REMOVED),
        transition(Status.DRAFT, "publish_job", "client", Status.OPEN),
        transition(Status.DRAFT, "publish_job", "client", Status.IN_REVIEW),
        transition(Status.IN_REVIEW, "withdraw_job", "client", Status.DRAFT),
        transition(Status.IN_REVIEW, "approve_job", "staff", Status.OPEN),
        transition(Status.IN_REVIEW, "send_back_job", "staff", Status.DRAFT),
        transition([Status.IN_REVIEW, Status.OPEN, Status.PAUSED], "remove_job", "staff", Status.REMOVED),
        transition(Status.OPEN, "edit_job", "client", Status.OPEN),
        transition(Status.PAUSED, "edit_job", "client", Status.PAUSED),
        transition([Status.OPEN, Status.PAUSED], "edit_job", "client", Status.FILLED),
        transition(Status.OPEN, "pause_job", "client", Status.PAUSED),
        transition(Status.PAUSED, "resume_job", "client", Status.OPEN),
        transition([Status.OPEN, Status.PAUSED], "close_job", "client", Status.CLOSED),
        transition([Status.OPEN, Status.PAUSED], "record_hire", "system", Status.FILLED),
        transition(Status.OPEN, "record_hire", "system", Status.OPEN),
        transition(Status.PAUSED, "record_hire", "system", Status.PAUSED),
        transition(Status.FILLED, "record_hire", "system", Status.FILLED),
        transition(Status.CLOSED, "record_hire", "system", Status.CLOSED),
        transition(Status.EXPIRED, "record_hire", "system", Status.EXPIRED),
        transition([Status.OPEN, Status.PAUSED], "expire_job", "system", Status.EXPIRED),
        transition(Status.OPEN, "remind_expiring_job", "system", Status.OPEN),
        transition(Status.PAUSED, "remind_expiring_job", "system", Status.PAUSED),
    )

    client = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="jobs")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=10_000, blank=True, help_text="Markdown.")
    language = models.CharField(_("language of the post"), max_length=2, choices=User.Language.choices, default="en")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs")
    speciality = models.ForeignKey(Speciality, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs")
    skills = models.ManyToManyField(Skill, blank=True, related_name="jobs")
    kind = models.CharField(_("how it is paid"), max_length=8, choices=Kind.choices, default=Kind.FIXED)
    budget = models.BigIntegerField(_("budget"), null=True, blank=True, help_text="Minor units; fixed price.")
    rate_low = models.BigIntegerField(_("rate from"), null=True, blank=True, help_text="Minor units an hour.")
    rate_high = models.BigIntegerField(_("rate to"), null=True, blank=True, help_text="Minor units an hour.")
    currency = models.CharField(max_length=3)
    duration = models.CharField(_("duration"), max_length=12, choices=Duration.choices, blank=True)
    weekly_load = models.PositiveSmallIntegerField(_("load"), choices=Load.choices, null=True, blank=True)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices, blank=True)
    hires_wanted = models.PositiveSmallIntegerField(_("people wanted"), default=1)
    hires_made = models.PositiveSmallIntegerField(_("people hired"), default=0)
    visibility = models.CharField(_("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.PUBLIC)
    place = models.CharField(_("place"), max_length=80, blank=True)
    wanted_country = CountryField(
        _("preferred country"), blank=True, help_text="Where the freelancer should live; warns, never blocks."
    )
    wanted_language = models.CharField(
        _("preferred language"),
        max_length=2,
        choices=User.Language.choices,
        blank=True,
        help_text="In which the profile should be written; warns, never blocks.",
    )
    starts_on = models.DateField(_("start"), null=True, blank=True)
    due_on = models.DateField(_("delivery"), null=True, blank=True)
    questions = models.JSONField(_("questions"), default=list, blank=True, help_text="List of texts.")
    connects_cost = models.PositiveSmallIntegerField(
        _("connects"), null=True, blank=True, help_text="Of one proposal; fixed when the job is published."
    )
    risks = models.JSONField(
        _("risks"), default=list, blank=True, help_text="Rules it touched when it was last published or changed."
    )
    risk_weight = models.PositiveSmallIntegerField(_("risk"), default=0, help_text="What these rules weigh together.")
    review_note = models.TextField(_("why it was sent back"), max_length=1000, blank=True)
    removal_reason = models.TextField(
        _("why it was removed"),
        max_length=1000,
        blank=True,
        help_text="Of staff; empty for a draft its client deleted.",
    )
    import_key = models.CharField(
        max_length=64, null=True, blank=True, unique=True, help_text="Hash of an imported row."
    )
    version = models.PositiveIntegerField(default=1, help_text="Rises with each change of what is shown.")
    created_at = models.DateTimeField(_("created"))
    submitted_at = models.DateTimeField(_("sent to review"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    acted_at = models.DateTimeField(_("last act of the client"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status__in=["open", "paused"])
                | Q(posted_at__isnull=False, expires_at__isnull=False, connects_cost__isnull=False),
                name="jobs_job_open_is_priced",
            ),
            models.CheckConstraint(
                condition=Q(rate_low=None) | Q(rate_high=None) | Q(rate_low__lte=models.F("rate_high")),
                name="jobs_job_rates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on=None) | Q(starts_on__lte=models.F("due_on")),
                name="jobs_job_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["filled", "closed", "expired", "removed"], ended_at__isnull=False)
                | Q(status__in=["draft", "in_review", "open", "paused"], ended_at__isnull=True),
                name="jobs_job_ended_at",
            ),
            models.CheckConstraint(
                condition=~Q(status="in_review") | Q(submitted_at__isnull=False, connects_cost__isnull=False),
                name="jobs_job_submitted_at",
            ),
            models.CheckConstraint(condition=Q(hires_wanted__gte=1), name="jobs_job_wants_someone"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-created_at"], name="jobs_job_client"),
            models.Index(fields=["expires_at"], condition=Q(status__in=["open", "paused"]), name="jobs_job_expiring"),
            models.Index(
                fields=["category", "-posted_at"], condition=Q(posted_at__isnull=False), name="jobs_job_compared"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class JobActivity(models.Model):
    """What happens on a job, counted by the apps above; one row a job."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="activity")
    proposals = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveIntegerField(default=0)
    interviewing = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Proposals about which the client writes, those with an offer among them."
    )
    invitations = models.PositiveIntegerField(default=0, help_text="Sent and not withdrawn.")
    invitations_unanswered = models.PositiveIntegerField(default=0, help_text="Those that still wait for an answer.")
    agreed = models.BigIntegerField(default=0, help_text="Minor units that contracts of a fixed price were agreed at.")
    agreed_hires = models.PositiveIntegerField(default=0, help_text="Of how many contracts.")
    viewed_at = models.DateTimeField(_("last viewed by the client"), null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.job_id}"


class JobMark(models.Model):
    """A job that a freelancer's party saved, or hid with a reason; one row for each party and job."""

    class Kind(models.TextChoices):
        SAVED = "saved", _("saved")
        HIDDEN = "hidden", _("hidden")

    class Reason(models.TextChoices):
        PRICE = "price", _("it pays too little")
        FIELD = "field", _("it is not my field")
        CLIENT = "client", _("I have doubts about the client")
        VAGUE = "vague", _("it is unclear what is wanted")
        OTHER = "other", _("another reason")

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="job_marks")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    reason = models.CharField(
        _("reason"), max_length=8, choices=Reason.choices, blank=True, help_text="Of a hidden job."
    )
    created_at = models.DateTimeField(_("marked"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "job"], name="jobs_mark_once"),
            models.CheckConstraint(
                condition=Q(kind="saved", reason="") | (Q(kind="hidden") & ~Q(reason="")), name="jobs_mark_reason"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["party", "kind", "-created_at"], name="jobs_mark_list")]

    def __str__(self) -> str:
        return f"{self.party_id}: {self.job_id} {self.kind}"


class JobDocument(models.Model):
    """An open job as search sees it; written by one function and deleted when the job is no longer open."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="document")
    posted_at = models.DateTimeField()
    category = models.PositiveIntegerField(db_column="category_id")
    kind = models.CharField(max_length=8)
    level = models.CharField(max_length=12)
    duration = models.CharField(max_length=12, blank=True)
    language = models.CharField(max_length=2)
    visibility = models.CharField(max_length=12)
    budget = models.BigIntegerField(null=True, help_text="Minor units: the budget of a fixed price.")
    rate_low = models.BigIntegerField(null=True, help_text="Minor units an hour.")
    rate_high = models.BigIntegerField(null=True, help_text="Minor units an hour.")
    is_payment_verified = models.BooleanField(default=False)
    connects_cost = models.PositiveSmallIntegerField()
    weekly_load = models.PositiveSmallIntegerField(null=True, help_text="Hours a week.")
    proposals = models.PositiveIntegerField(default=0, db_default=0)
    has_hired = models.BooleanField(default=False, db_default=False, help_text="Whether its client ever hired.")
    skills = ArrayField(models.PositiveIntegerField(), default=list)
    text = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["text"], name="jobs_document_text"),
            models.Index(fields=["-posted_at", "-job"], name="jobs_document_newest"),
            models.Index(fields=["category", "-posted_at", "-job"], name="jobs_document_category"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}"
