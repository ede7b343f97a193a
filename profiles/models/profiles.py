"""Freelancer profiles, their reviews by staff, and the facts written about parties from above."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from files.models import StoredFile
from taxonomy.models import Category, Skill, Speciality


class Level(models.TextChoices):
    """How experienced a freelancer is, or must be for a job."""

    ENTRY = "entry", _("entry level")
    INTERMEDIATE = "intermediate", _("intermediate")
    EXPERT = "expert", _("expert")


class ProfileQuerySet(LockedQuerySet["Profile"]):
    """Named selections of profiles."""

    def approved(self) -> ProfileQuerySet:
        """Return the profiles that are public."""
        return self.filter(status=Profile.Status.APPROVED, party__closed_at=None)


class Profile(models.Model):
    """The page of a freelancer or an agency; only an approved one is public, and its party may propose."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("in review")
        APPROVED = "approved", _("approved")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("everybody")
        SIGNED_IN = "signed_in", _("signed-in people only")
        PRIVATE = "private", _("nobody but you")

    class Availability(models.TextChoices):
        FULL = "full", _("more than 30 hours a week")
        PART = "part", _("less than 30 hours a week")
        AS_NEEDED = "as_needed", _("as needed")
        AWAY = "away", _("not available for now")

    TRANSITIONS = table(
        transition(None, "create_profile", "freelancer", Status.DRAFT),
        transition([Status.DRAFT, Status.CHANGES_REQUESTED], "submit_profile", "freelancer", Status.SUBMITTED),
        transition(Status.SUBMITTED, "approve_profile", "staff", Status.APPROVED),
        transition(Status.SUBMITTED, "request_profile_changes", "staff", Status.CHANGES_REQUESTED),
        transition(Status.APPROVED, "request_profile_changes", "staff", Status.CHANGES_REQUESTED),
    )

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="profile")
    slug = models.SlugField(_("address"), max_length=60, unique=True, help_text="/f/<address>/")
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.DRAFT)
    language = models.CharField(_("language of the texts"), max_length=2, choices=User.Language.choices, default="en")
    photo = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(_("title"), max_length=100, blank=True)
    overview = models.TextField(_("overview"), max_length=5000, blank=True, help_text="Markdown.")
    video = models.URLField(_("introduction video"), max_length=300, blank=True)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="profiles")
    specialities = models.ManyToManyField(Speciality, blank=True, related_name="profiles")
    skills = models.ManyToManyField(Skill, blank=True, related_name="profiles")
    level = models.CharField(_("level"), max_length=12, choices=Level.choices, blank=True)
    hourly_rate = models.BigIntegerField(_("hourly rate"), null=True, blank=True, help_text="Minor units.")
    currency = models.CharField(max_length=3)
    visibility = models.CharField(
        _("who sees it"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    availability = models.CharField(_("availability"), max_length=10, choices=Availability.choices, blank=True)
    away_until = models.DateField(_("not available until"), null=True, blank=True, help_text="With `away` only.")
    available_until = models.DateTimeField(
        _("available now until"), null=True, blank=True, help_text="When “available now” lapses unless it is confirmed."
    )
    available_reminded_at = models.DateTimeField(null=True, blank=True, help_text="When its freelancer was reminded.")
    vacation_until = models.DateField(_("on vacation until"), null=True, blank=True, help_text="The last day of it.")
    version = models.PositiveIntegerField(
        default=1, help_text="Rises with each change, so that a review is of what was read."
    )
    created_at = models.DateTimeField(_("created"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    objects: ClassVar = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(away_until__isnull=True) | Q(availability="away"), name="profiles_profile_away_until"
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(submitted_at__isnull=False), name="profiles_profile_submitted_at"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_at__isnull=False), name="profiles_profile_approved_at"
            ),
            models.CheckConstraint(
                condition=Q(available_until=None) | Q(vacation_until=None), name="profiles_profile_now_or_vacation"
            ),
            models.CheckConstraint(
                condition=Q(available_reminded_at=None) | Q(available_until__isnull=False),
                name="profiles_profile_reminded_of_something",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["available_until"],
                condition=Q(available_until__isnull=False),
                name="profiles_profile_available",
            ),
            models.Index(
                fields=["vacation_until"], condition=Q(vacation_until__isnull=False), name="profiles_profile_vacation"
            ),
            models.Index(fields=["approved_at"], condition=Q(status="approved"), name="profiles_profile_newest"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_agency(self) -> bool:
        """Test whether it is the page of an agency."""
        return self.party.kind == Party.Kind.AGENCY


class OldAddress(models.Model):
    """An address that a profile had; it leads to the profile and is given to no other."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="old_addresses")
    left_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")

    def __str__(self) -> str:
        return self.slug


class ProfileReview(models.Model):
    """One decision of staff on a submitted profile, with the points that must change."""

    class Point(models.TextChoices):
        PHOTO = "photo", _("photo")
        TITLE = "title", _("title")
        OVERVIEW = "overview", _("overview")
        CATEGORY = "category", _("category and level")
        SKILLS = "skills", _("skills")
        RATE = "rate", _("hourly rate")
        CONTACT = "contact", _("contact details")
        LANGUAGE = "language", _("language")
        VIDEO = "video", _("introduction video")
        PORTFOLIO = "portfolio", _("portfolio")
        EMPLOYMENT = "employment", _("employment")
        EDUCATION = "education", _("education")
        CERTIFICATES = "certificates", _("certifications")
        EXPERIENCE = "experience", _("other experience")
        LANGUAGES = "languages", _("spoken languages")

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="reviews")
    is_approved = models.BooleanField(_("approved"))
    points = models.JSONField(_("points"), default=list, help_text="Values of Point.")
    note = models.TextField(_("note"), max_length=1000, blank=True)
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("profile review")
        verbose_name_plural = _("profile reviews")

    def __str__(self) -> str:
        return f"{self.profile}: {'approved' if self.is_approved else 'changes requested'}"


class PartyFacts(models.Model):
    """What lists and job pages show about a party, counted from its acts; one row a party."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="facts", primary_key=True)
    jobs_posted = models.PositiveIntegerField(default=0)
    jobs_hired = models.PositiveIntegerField(default=0, help_text="Posted jobs with at least one hire.")
    hires = models.PositiveIntegerField(default=0)
    spent = models.BigIntegerField(default=0, help_text="Minor units released to others.")
    earned = models.BigIntegerField(default=0, help_text="Minor units net, released to the party.")
    contracts_ended = models.PositiveIntegerField(default=0)
    jobs_open = models.PositiveIntegerField(default=0, help_text="Posted jobs that take proposals now.")
    jobs_ended = models.PositiveIntegerField(
        default=0, help_text="Posted jobs that were filled, were closed by the client, or expired."
    )
    jobs_ended_hired = models.PositiveIntegerField(default=0, help_text="Of them with at least one hire.")
    proposals_received = models.PositiveIntegerField(
        default=0, help_text="On the party's jobs, whatever became of them."
    )
    proposals_answered = models.PositiveIntegerField(
        default=0, help_text="Of them opened, shortlisted, declined or answered with an offer."
    )
    answer_minutes = models.PositiveIntegerField(
        null=True, help_text="Median of the minutes from a proposal to the client's first act on it; of those answered."
    )
    is_payment_verified = models.BooleanField(default=False, help_text="Has an active payment method.")
    counted_at = models.DateTimeField(null=True, help_text="When the newest of these acts happened.")

    class Meta:
        verbose_name = _("facts about a party")
        verbose_name_plural = _("facts about parties")

    def __str__(self) -> str:
        return f"{self.party_id}"


class ProfileDocument(models.Model):
    """An approved profile as search sees it; written by one function and deleted when the profile is not public."""

    profile = models.OneToOneField(Profile, on_delete=models.CASCADE, primary_key=True, related_name="document")
    quality = models.FloatField(help_text="0 to 1, in steps of 0.01: how complete the profile and proven its work is.")
    visibility = models.CharField(max_length=12)
    kind = models.CharField(max_length=12, default=Party.Kind.FREELANCER, help_text="Of the party.")
    category = models.PositiveIntegerField(db_column="category_id")
    level = models.CharField(max_length=12)
    language = models.CharField(max_length=2)
    country = models.CharField(max_length=2)
    rate = models.BigIntegerField(help_text="Minor units an hour.")
    earned = models.BigIntegerField(default=0, help_text="Minor units net.")
    availability = models.CharField(max_length=10, default="", db_default="")
    available_until = models.DateTimeField(null=True, help_text="“Available now” counts until then.")
    skills = ArrayField(models.PositiveIntegerField(), default=list)
    text = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["text"], name="profiles_document_text"),
            models.Index(fields=["-quality", "-profile"], name="profiles_document_best"),
            models.Index(fields=["category", "-quality", "-profile"], name="profiles_document_category"),
            models.Index(
                fields=["available_until"],
                condition=Q(available_until__isnull=False),
                name="profiles_document_available",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}"
