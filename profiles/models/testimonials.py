"""What clients from outside say about a freelancer, once staff have read it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.machine import table, transition
from core.models import LockedQuerySet
from profiles.models.profiles import Profile


class Testimonial(models.Model):
    """Words of a client from outside, asked for by e-mail; the address is kept only while an answer is possible."""

    class Status(models.TextChoices):
        ASKED = "asked", _("asked")
        WRITTEN = "written", _("being checked")
        PUBLISHED = "published", _("published")
        REFUSED = "refused", _("refused")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("expired")
        WITHDRAWN = "withdrawn", _("withdrawn")

    TRANSITIONS = table(
        transition(None, "ask_for_testimonial", "freelancer", Status.ASKED),
        transition(Status.ASKED, "write_testimonial", "client", Status.WRITTEN),
        transition(Status.ASKED, "decline_testimonial", "client", Status.DECLINED),
        transition(Status.ASKED, "expire_testimonial", "system", Status.EXPIRED),
        transition(
            [Status.ASKED, Status.WRITTEN, Status.PUBLISHED], "withdraw_testimonial", "freelancer", Status.WITHDRAWN
        ),
        transition(Status.WRITTEN, "publish_testimonial", "staff", Status.PUBLISHED),
        transition([Status.WRITTEN, Status.PUBLISHED], "refuse_testimonial", "staff", Status.REFUSED),
    )

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="testimonials")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ASKED)
    name = models.CharField(
        _("name"), max_length=80, help_text="As the freelancer wrote it, then as the client agrees."
    )
    company = models.CharField(_("company"), max_length=80, blank=True)
    project = models.CharField(_("project"), max_length=120)
    language = models.CharField(_("language"), max_length=2, choices=User.Language.choices, help_text="Of the mail.")
    email = models.EmailField(_("e-mail address"), blank=True, help_text="Shown on no page; gone once it has ended.")
    address_key = models.CharField(max_length=64, help_text="Keyed hash of the address: who said no is left in peace.")
    text = models.TextField(_("text"), max_length=1500, blank=True, help_text="The client's own words.")
    text_language = models.CharField(max_length=2, blank=True, help_text="Of the page on which they were written.")
    is_hidden = models.BooleanField(_("hidden"), default=False, help_text="By the freelancer; it stays published.")
    reason = models.TextField(_("reason"), max_length=1000, blank=True, help_text="Of staff's decision.")
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("link valid until"))
    written_at = models.DateTimeField(_("written"), null=True, blank=True, help_text="When they agreed to its use.")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mail_due_at = models.DateTimeField(null=True, blank=True, help_text="When the mail is sent, or tried again.")
    mail_attempts = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar = LockedQuerySet["Testimonial"].as_manager()

    class Meta:
        verbose_name = _("testimonial")
        verbose_name_plural = _("testimonials")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status__in=["written", "published", "refused"])
                | (Q(written_at__isnull=False) & ~Q(text="")),
                name="profiles_testimonial_written",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["published", "refused"])
                | (Q(decided_at__isnull=False) & Q(decided_by__isnull=False)),
                name="profiles_testimonial_decided",
            ),
            models.CheckConstraint(condition=~Q(status="refused") | ~Q(reason=""), name="profiles_testimonial_why"),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "written"]) & ~Q(email="")
                | ~Q(status__in=["asked", "written"]) & Q(email=""),
                name="profiles_testimonial_address",
            ),
            models.CheckConstraint(
                condition=Q(mail_due_at=None) | Q(status="asked"), name="profiles_testimonial_mail_while_asked"
            ),
            models.UniqueConstraint(
                fields=["profile", "address_key"],
                condition=Q(status__in=["asked", "written"]),
                name="profiles_testimonial_one_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="profiles_testimonial_mail"
            ),
            models.Index(fields=["expires_at"], condition=Q(status="asked"), name="profiles_testimonial_due"),
            models.Index(fields=["written_at"], condition=Q(status="written"), name="profiles_testimonial_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.project}"
