"""Money that cannot settle by itself: a case with an owner, an age and a deadline, until somebody has settled it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet


class MoneyCase(models.Model):
    """Something about money that needs a person of finance; of each kind at most one is open about one subject."""

    class Kind(models.TextChoices):
        REFUND_DENIED = "refund_denied", _("A card refused a refund")
        CREDIT_NOT_PAID_OUT = "credit_not_paid_out", _("Credit could not be paid out")
        MOVE_UNKNOWN = "move_unknown", _("Nobody knows what became of a payment")
        MOVE_MISMATCH = "move_mismatch", _("The provider's answer is about another payment")
        WITHDRAWAL_UNKNOWN = "withdrawal_unknown", _("Nobody knows what became of a withdrawal")
        DIFFERENCE = "difference", _("The books and the provider differ")
        CHARGEBACK = "chargeback", _("A payment is contested at the bank")
        CHARGEBACK_UNCLEAR = "chargeback_unclear", _("The provider's word on a contested payment does not fit")
        CHARGEBACK_UNCOVERED = "chargeback_uncovered", _("Nobody's money answers for a contested payment")
        DEBT = "debt", _("A party owes money that was paid out to it")
        EVENT_FAILED = "event_failed", _("An event of the provider could not be worked through")
        FORMER_MEMBER = "former_member", _("Money came back for a deleted account")
        SHORTFALL = "shortfall", _("The platform's balance does not cover what is owed")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    TRANSITIONS = table(
        transition(None, "open_money_case", "staff, system", Status.OPEN),
        transition(Status.OPEN, "take_money_case", "staff", Status.OPEN),
        transition(Status.OPEN, "close_money_case", "staff", Status.CLOSED),
        transition(Status.OPEN, "settle_money_cases", "system", Status.CLOSED),
    )

    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    subject = models.CharField(
        _("about"), max_length=140, help_text="The row, such as credit:7 or move:12, or the provider's own object."
    )
    title = models.CharField(_("what for"), max_length=240, blank=True)
    scope = models.CharField(max_length=60, blank=True, help_text="Where it belongs, such as contract:5.")
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="money_cases",
        verbose_name=_("party"),
        help_text="Whose money it is; empty for the operator's own.",
    )
    currency = models.CharField(max_length=3, blank=True)
    amount = models.BigIntegerField(
        _("amount"), null=True, blank=True, help_text="Minor units; empty where there is no one sum."
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    owner = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="money_cases",
        verbose_name=_("owner"),
        help_text="Who of finance staff has taken it.",
    )
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("deadline"))
    overdue_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When staff were told that the deadline has passed."
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
        help_text="Empty where it settled by itself after all.",
    )
    close_reason = models.TextField(_("how it ended"), max_length=1000, blank=True)

    objects: ClassVar = LockedQuerySet["MoneyCase"].as_manager()

    class Meta:
        verbose_name = _("money case")
        verbose_name_plural = _("money cases")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(status="open"), name="payments_moneycase_one_open"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | (Q(amount__isnull=False) & ~Q(currency="")), name="payments_moneycase_sum"
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None, closed_by=None, close_reason="")
                | Q(status="closed", closed_at__isnull=False, closed_by=None, close_reason="")
                | (Q(status="closed", closed_at__isnull=False, closed_by__isnull=False) & ~Q(close_reason="")),
                name="payments_moneycase_closed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject"], condition=Q(status="open"), name="payments_moneycase_open"),
            models.Index(
                fields=["due_at"], condition=Q(status="open", overdue_told_at=None), name="payments_moneycase_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def is_open(self) -> bool:
        """Test whether it still waits for somebody."""
        return self.status == self.Status.OPEN
