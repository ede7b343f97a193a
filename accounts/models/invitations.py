"""Invitations by e-mail to act for a party."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.people import Membership, Party, User
from core.machine import CLIENT, FREELANCER, SYSTEM, table, transition
from core.models import LockedQuerySet


class PartyInvitationQuerySet(LockedQuerySet["PartyInvitation"]):
    """Named selections of invitations."""

    def open(self) -> PartyInvitationQuerySet:
        """Return the invitations that wait for an answer."""
        return self.filter(status=PartyInvitation.Status.OPEN)


class PartyInvitation(models.Model):
    """An invitation to act for a party, sent to one address; at most one is open for each address of a party.

    Only whoever proves to own the address can accept it. The link is not kept: it is made of the seal and a key of the
    installation, and known again by its digest.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("invitation", "open")
        ACCEPTED = "accepted", pgettext_lazy("invitation", "accepted")
        DECLINED = "declined", pgettext_lazy("invitation", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("invitation", "withdrawn")
        EXPIRED = "expired", pgettext_lazy("invitation", "expired")

    TRANSITIONS = table(
        transition(None, "invite_member", f"{CLIENT}, {FREELANCER}", Status.OPEN),
        transition(Status.OPEN, "resend_invitation", f"{CLIENT}, {FREELANCER}", Status.OPEN),
        transition(Status.OPEN, "accept_invitation", f"{CLIENT}, {FREELANCER}", Status.ACCEPTED),
        transition(Status.OPEN, "decline_invitation", f"{CLIENT}, {FREELANCER}", Status.DECLINED),
        transition(Status.OPEN, "withdraw_invitation", f"{CLIENT}, {FREELANCER}", Status.WITHDRAWN),
        transition(Status.OPEN, "expire_invitation", SYSTEM, Status.EXPIRED),
    )

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="member_invitations")
    email = models.EmailField(_("e-mail address"), max_length=254, help_text="In lower case, as accounts keep it.")
    language = models.CharField(
        _("language"), max_length=2, choices=User.Language.choices, help_text="Of the mail to one who has no account."
    )
    role = models.CharField(_("role"), max_length=16, choices=Membership.Role.choices)
    is_exclusive = models.BooleanField(
        _("exclusive"), default=False, help_text="Will propose only through this party; of agencies alone."
    )
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.OPEN)
    seal = models.CharField(max_length=43, help_text="Random; the link is made of it and changes with it.")
    token_digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the link in force.")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), help_text="Last.")
    times_sent = models.PositiveSmallIntegerField(default=1)
    next_mail_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail is tried; nothing once it went out."
    )
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, help_text="Accepted, declined, withdrawn …")
    ended_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="Nobody when it expired; whoever declined need not have an account.",
    )

    objects: ClassVar = PartyInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a party")
        verbose_name_plural = _("invitations to parties")
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="accounts_invitation_due"),
            models.Index(
                fields=["next_mail_at"], condition=Q(next_mail_at__isnull=False), name="accounts_invitation_mail_due"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["party", "email"], condition=Q(status="open"), name="accounts_partyinvitation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None, ended_by=None)
                | Q(status__in=["accepted", "withdrawn"], ended_at__isnull=False, ended_by__isnull=False)
                | Q(status="declined", ended_at__isnull=False)
                | Q(status="expired", ended_at__isnull=False, ended_by=None),
                name="accounts_partyinvitation_state_has_its_fields",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at"), sent_at__gte=F("created_at")),
                name="accounts_partyinvitation_times_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.role} ({self.status})"
