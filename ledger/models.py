"""The books: kinds of account, accounts, transfers, their entries, and the rolled-up sums of hot accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from django.db import models
from django.db.models import (
    BigIntegerField,
    Case,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the chart of accounts.

    `sign` +1 or -1: live, the balance stands on the account's row and never has the other sign. 0: hot, many
    transfers touch the account at once, so its balance is rolled up from its entries. `usual_sign` is what the
    balance of a hot account shows over its life, 0 where either may happen. `is_owned` accounts have an owner
    after the kind, the others are one account for each currency.
    """

    name: str
    sign: int
    usual_sign: int
    is_owned: bool = True


def _live(sign: int, *names: str) -> tuple[Kind, ...]:
    return tuple(Kind(name, sign, sign) for name in names)


def _hot(usual_sign: int, *names: str, is_owned: bool = False) -> tuple[Kind, ...]:
    return tuple(Kind(name, 0, usual_sign, is_owned) for name in names)


#: The currency of connects, which are counted and have no minor unit.
CONNECT = "CONNECT"

#: The chart of accounts. An amount above 0 is a credit (owed, or earned), below 0 a debit (held, or spent).
KINDS = (
    *_live(
        1,
        "held",
        "held_fee",
        "frozen",
        "refunding",
        "pending",
        "available",
        "transit",
        "credit",
        "connects",
    ),
    *_live(-1, "connected", "receivable"),
    *_hot(0, "gateway", "operator"),
    *_hot(-1, "withheld", "exp:gateway", "exp:chargeback", "exp:protection"),
    *_hot(
        1,
        "rev:service",
        "rev:client_fee",
        "rev:connects",
        "tax:payable",
        "spent",
        "expired",
    ),
    *_hot(-1, "issued", is_owned=True),
)


class AccountKind(models.Model):
    """A line of the chart of accounts as the database knows it; written from `KINDS` after every migration."""

    name = models.CharField(
        max_length=32,
        primary_key=True,
        help_text="What comes before the owner in an account's name.",
    )
    sign = models.SmallIntegerField(help_text="+1 or -1: the only sign its balances may have. 0: hot, rolled up.")
    usual_sign = models.SmallIntegerField(help_text="The sign check_books expects; 0 where either may happen.")
    is_live = models.BooleanField(help_text="Whether the balance stands on the account's row.")
    is_owned = models.BooleanField(help_text="Whether its accounts name an owner.")

    class Meta:
        verbose_name = _("kind of account")
        verbose_name_plural = _("kinds of account")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "sign"], name="ledger_accountkind_sign"),
            models.CheckConstraint(
                condition=Q(sign__in=(-1, 1), is_live=True) | Q(sign=0, is_live=False),
                name="ledger_accountkind_is_live",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, with what they hold."""

    def with_current(self) -> Self:
        """Add `current`: the balance, rolled up where the account is hot.

        A rollup of another cluster, as a restored dump brings along, is left out: all entries are summed until the
        next `roll_up` has made it anew.
        """
        settled = Rollup.objects.filter(account=OuterRef("pk"), cluster=Func(function="ledger_cluster"))
        newer = (
            Entry.objects.filter(account=OuterRef("pk"), written_by__gte=OuterRef("_horizon"))
            .order_by()
            .values("account")
            .values_list(Sum("amount"))
        )
        return self.annotate(
            _horizon=Coalesce(Subquery(settled.values("horizon")), 0),
            current=Case(
                When(
                    sign=0,
                    then=Coalesce(Subquery(settled.values("amount")), 0) + Coalesce(Subquery(newer), 0),
                ),
                default=F("balance"),
                output_field=BigIntegerField(),
            ),
        )


class Account(models.Model):
    """A place where money or connects are. Its balance is the sum of its entries and never has the wrong sign.

    Only `ledger_post` opens accounts and only new entries move balances; the database refuses the rest.
    """

    kind = models.ForeignKey(
        AccountKind,
        models.PROTECT,
        db_column="kind",
        db_index=False,
        help_text="Its line in the chart.",
    )
    owner = models.CharField(
        max_length=80,
        blank=True,
        help_text='Whose it is, opaque here: "party:12", "milestone:7".',
    )
    name = models.GeneratedField(
        expression=Case(
            When(owner="", then=F("kind")),
            default=Func(
                F("kind"),
                Value(":"),
                F("owner"),
                template="%(expressions)s",
                arg_joiner=" || ",
            ),
        ),
        output_field=models.CharField(max_length=113),
        db_persist=True,
        help_text='Kind and owner: "held:milestone:7".',
    )
    currency = models.CharField(max_length=7, help_text="ISO code, or CONNECT.")
    sign = models.SmallIntegerField(help_text="Copied from the kind.")
    balance = models.BigIntegerField(
        default=0,
        help_text="In minor units; stays 0 on hot accounts, which are rolled up.",
    )
    opened_at = models.DateTimeField(help_text="The time of its first transfer.")

    objects = AccountQuerySet.as_manager()
    current: int  #: what it holds, on accounts read by `with_current`

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "currency"], name="ledger_account_name"),
            models.UniqueConstraint(fields=["owner", "kind", "currency"], name="ledger_account_owner"),
            models.CheckConstraint(
                condition=Q(sign=0, balance=0) | Q(sign=1, balance__gte=0) | Q(sign=-1, balance__lte=0),
                name="ledger_account_balance_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class Transfer(models.Model):
    """One economic event, posted once under its key; its entries sum to 0 and have one currency. Append-only."""

    key = models.CharField(max_length=255, help_text='Names the event for ever: "release:12".')
    kind = models.CharField(max_length=64, help_text='What happened: "release".')
    at = models.DateTimeField(help_text="When it happened.")
    currency = models.CharField(max_length=7, help_text="Of all its entries.")
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="reversals",
        help_text="The transfer it undoes.",
    )
    created_at = models.DateTimeField(help_text="Real time of writing.")

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="ledger_transfer_key"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="ledger_transfer_reversed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """One leg of a transfer on one account. Append-only.

    For a live account the ids rise in the order of commits, because its row is locked before they are drawn; so a
    statement never grows in the middle. A trigger stands in for the foreign keys (see `ledger_entries_written`).
    """

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="entries", db_index=False, db_constraint=False, help_text="Its event."
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", db_index=False, db_constraint=False, help_text="What it moves."
    )
    amount = models.BigIntegerField(help_text="In minor units: above 0 credit, below 0 debit.")
    written_by = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="The database transaction that wrote it; on hot accounts only, for the roll-up.",
    )

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transfer", "account"], name="ledger_entry_account_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_not_zero"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "id"], include=["amount"], name="ledger_entry_statement"),
            models.Index(
                fields=["account", "written_by"],
                include=["amount"],
                condition=Q(written_by__isnull=False),
                name="ledger_entry_rollup",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount}"


class Rollup(models.Model):
    """The sum of a hot account's entries that were written by database transactions below a horizon.

    Every transaction below the horizon had ended when it was taken, so nothing can be added below it any more.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, help_text="The hot account.")
    amount = models.BigIntegerField(help_text="Sum of its entries below the horizon.")
    horizon = models.BigIntegerField(help_text="The oldest transaction that was still running.")
    cluster = models.BigIntegerField(help_text="The PostgreSQL cluster whose transactions these are.")
    rolled_at = models.DateTimeField(help_text="When it was last moved on.")

    class Meta:
        verbose_name = _("rollup")
        verbose_name_plural = _("rollups")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"
