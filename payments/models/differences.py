"""What reconciliation has found: each way in which our books and the provider's own records differ, one row each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models.cases import MoneyCase
from payments.models.moves import MoneyMove


class Reconciliation(models.Model):
    """One comparison of our books with everything that a provider lists."""

    gateway = models.CharField(_("gateway"), max_length=16)
    since = models.DateTimeField(_("since"), help_text="Objects made before were not compared; balances always are.")
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"))
    records = models.PositiveIntegerField(_("objects compared"), help_text="Of the provider.")
    found = models.PositiveIntegerField(_("differences"), help_text="That nobody has explained.")
    has_balances = models.BooleanField(
        _("balances compared"), help_text="No where payments were under way each time they were looked at."
    )

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")

    def __str__(self) -> str:
        return f"{self.gateway} {self.began_at}"


class Difference(models.Model):
    """One thing that our books and the provider say differently; while it lasts there is one row about it."""

    class Kind(models.TextChoices):
        MISSING = "missing", _("missing at the provider")
        LOST = "lost", _("sent, and never arrived")
        DOUBLE = "double", _("made twice")
        ORPHAN = "orphan", _("not made by us")
        FOREIGN = "foreign", _("made for an unknown move")
        WRONG_VERB = "wrong_verb", _("another kind of payment")
        WRONG_OBJECT = "wrong_object", _("another object")
        WRONG_AMOUNT = "wrong_amount", _("another amount")
        WRONG_CURRENCY = "wrong_currency", _("another currency")
        WRONG_ACCOUNT = "wrong_account", _("another account")
        WRONG_PARENT = "wrong_parent", _("taken from another payment")
        NOT_SENT = "not_sent", _("made before it was sent")
        DENIED_BUT_MOVED = "denied_but_moved", _("refused in our books, made at the provider")
        CONFIRMED_BUT_FAILED = "confirmed_but_failed", _("final in our books, failed at the provider")
        CONFIRMED_TOO_EARLY = "confirmed_too_early", _("final in our books, under way at the provider")
        UNSETTLED = "unsettled", _("final at the provider, under way in our books")
        FEE_MISSING = "fee_missing", _("provider's fee not booked")
        WRONG_FEE = "wrong_fee", _("another fee of the provider")
        OVER_REFUNDED = "over_refunded", _("refunded more than was charged")
        OVER_REVERSED = "over_reversed", _("taken back more than was transferred")
        DISPUTE_NOT_BOOKED = "dispute_not_booked", _("chargeback not booked")
        DISPUTE_DIFFERS = "dispute_differs", _("chargeback booked otherwise")
        DISPUTE_ORPHAN = "dispute_orphan", _("chargeback of an unknown payment")
        PLATFORM_BALANCE = "platform_balance", _("the platform's balance")
        ACCOUNT_BALANCE = "account_balance", _("the balance of an account")
        ACCOUNT_GONE = "account_gone", _("an account that cannot be looked into")
        WITHHELD = "withheld", _("the sum kept back for chargebacks")
        EQUATION = "equation", _("what came in and what went out")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        EXPLAINED = "explained", _("explained")
        IN_CASE = "in_case", _("in a case")
        GONE = "gone", _("gone")

    TRANSITIONS = table(
        transition(None, "note_differences", "system", Status.OPEN),
        transition([Status.OPEN, Status.IN_CASE], "explain_difference", "staff", Status.EXPLAINED),
        transition([Status.OPEN, Status.EXPLAINED], "take_difference_to_case", "staff", Status.IN_CASE),
        transition([Status.EXPLAINED, Status.IN_CASE], "note_differences", "system", Status.OPEN),
        transition([Status.OPEN, Status.EXPLAINED, Status.IN_CASE], "note_differences", "system", Status.GONE),
    )
    #: States that still have to be looked into.
    UNEXPLAINED = frozenset({Status.OPEN, Status.IN_CASE})

    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    gateway = models.CharField(_("gateway"), max_length=16)
    verb = models.CharField(_("payment"), max_length=10, blank=True, help_text="A verb of the gateway, or dispute.")
    subject = models.CharField(
        _("about"), max_length=140, help_text="A move of ours, an object or an account of the provider, or a sum."
    )
    move = models.ForeignKey(
        MoneyMove, on_delete=models.PROTECT, null=True, blank=True, related_name="differences", verbose_name=_("move")
    )
    provider_id = models.CharField(_("provider id"), max_length=120, blank=True)
    ours = models.CharField(_("our side"), max_length=140, blank=True, help_text="An id or a state.")
    theirs = models.CharField(_("provider's side"), max_length=140, blank=True)
    our_amount = models.BigIntegerField(_("our amount"), null=True, blank=True, help_text="Minor units.")
    their_amount = models.BigIntegerField(_("provider's amount"), null=True, blank=True, help_text="Minor units.")
    currency = models.CharField(max_length=3, blank=True)
    made_at = models.DateTimeField(
        null=True, blank=True, help_text="When the move was sent or the object made; empty for sums."
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    gone_at = models.DateTimeField(_("gone"), null=True, blank=True)
    explanation = models.TextField(_("explanation"), max_length=1000, blank=True)
    case = models.ForeignKey(
        MoneyCase, on_delete=models.PROTECT, null=True, blank=True, related_name="differences", verbose_name=_("case")
    )

    objects: ClassVar = LockedQuerySet["Difference"].as_manager()

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway", "kind", "subject"],
                condition=~Q(status="gone"),
                name="payments_difference_one_lasting",
            ),
            models.CheckConstraint(
                condition=(Q(status="gone", gone_at__isnull=False) | (~Q(status="gone") & Q(gone_at=None)))
                & (~Q(status="explained") | ~Q(explanation=""))
                & (~Q(status="in_case") | Q(case__isnull=False)),
                name="payments_difference_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"

    @property
    def is_lasting(self) -> bool:
        """Test whether it was still there when it was last looked for."""
        return self.status != self.Status.GONE
