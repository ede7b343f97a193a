"""Reports: what people think breaks the rules, gathered by thing until staff have decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from jobs.models import Job
from profiles.models import Profile

#: Most characters of a report.
LONGEST = 1000


class ReportCase(models.Model):
    """What was reported about one job, one profile or one client's page; a thing has at most one open case."""

    class Kind(models.TextChoices):
        JOB = "job", pgettext_lazy("reported", "job")
        PROFILE = "profile", pgettext_lazy("reported", "profile")
        CLIENT = "client", pgettext_lazy("reported", "client’s page")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("reports", "open")
        DISMISSED = "dismissed", pgettext_lazy("reports", "dismissed")
        UPHELD = "upheld", pgettext_lazy("reports", "upheld")

    class Decision(models.TextChoices):
        REMOVED = "removed", _("the job was removed")
        SENT_BACK = "sent_back", _("the profile was sent back")
        CLEARED = "cleared", _("the text of the page was taken down")
        NOTED = "noted", _("noted, nothing was changed")

    TRANSITIONS = table(
        transition(None, "report_job", "client, freelancer, staff", Status.OPEN),
        transition(None, "report_profile", "client, freelancer, staff", Status.OPEN),
        transition(None, "report_client", "client, freelancer, staff", Status.OPEN),
        transition(Status.OPEN, "report_job", "client, freelancer, staff", Status.OPEN),
        transition(Status.OPEN, "report_profile", "client, freelancer, staff", Status.OPEN),
        transition(Status.OPEN, "report_client", "client, freelancer, staff", Status.OPEN),
        transition(Status.OPEN, "dismiss_reports", "staff", Status.DISMISSED),
        transition(Status.OPEN, "uphold_reports", "staff", Status.UPHELD),
        transition(Status.OPEN, "remove_reported_job", "staff", Status.UPHELD),
        transition(Status.OPEN, "send_back_reported_profile", "staff", Status.UPHELD),
        transition(Status.OPEN, "clear_reported_page", "staff", Status.UPHELD),
        # Staff did the same on the thing's own screen.
        transition(Status.OPEN, "hear_decision", "system", Status.UPHELD),
    )

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="report_cases", help_text="Whose thing it is; the client itself."
    )
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="report_cases")
    profile = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.PROTECT, related_name="report_cases")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, blank=True, help_text="Of an upheld case."
    )
    note = models.TextField(_("reason"), max_length=LONGEST, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("first reported"))
    due_at = models.DateTimeField(_("deadline"), help_text="Until when staff want to have decided.")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["ReportCase"].as_manager()

    class Meta:
        verbose_name = _("reported thing")
        verbose_name_plural = _("reported things")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="job", job__isnull=False, profile=None)
                | Q(kind="profile", job=None, profile__isnull=False)
                | Q(kind="client", job=None, profile=None),
                name="trust_case_of_one_thing",
            ),
            models.UniqueConstraint(fields=["job"], condition=Q(status="open"), name="trust_case_job_open_once"),
            models.UniqueConstraint(
                fields=["profile"], condition=Q(status="open"), name="trust_case_profile_open_once"
            ),
            models.UniqueConstraint(
                fields=["party"], condition=Q(status="open", kind="client"), name="trust_case_client_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None, decision="", note="")
                | Q(status="dismissed", decided_at__isnull=False, decision="")
                | (Q(status="upheld", decided_at__isnull=False) & ~Q(decision="")),
                name="trust_case_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(status="open"), name="trust_case_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.job_id or self.profile_id or self.party_id}"


class Report(models.Model):
    """What one person says of a thing; once for each case. Nobody but staff learns who it was."""

    class Reason(models.TextChoices):
        SCAM = "scam", _("a scam, or payment outside")
        CONTACT = "contact", _("contact data")
        ILLEGAL = "illegal", _("discriminatory or illegal")
        SPAM = "spam", _("spam, or a copy")
        FAKE = "fake", _("not a real person or business")
        OTHER = "other", _("something else")

    case = models.ForeignKey(ReportCase, on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reports")
    reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices)
    text = models.TextField(_("what is wrong"), max_length=LONGEST, blank=True)
    created_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "reporter"], name="trust_report_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["reporter", "-created_at"], name="trust_report_reporter")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.pk}"
