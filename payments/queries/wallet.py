"""What a freelancer or agency party owns, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Min, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.actor import Actor
from core.errors import NotFound
from core.product import rules
from ledger.queries import balances
from payments.models import (
    FrozenRelease,
    GatewayAccount,
    Holding,
    PayoutMethod,
    ProviderTransfer,
    Release,
    TransferReversal,
    Withdrawal,
)

#: What people read for what the provider still wants to know.
MISSING = {
    "address": gettext_noop("Your address"),
    "bank": gettext_noop("A bank account to pay you on"),
    "birth": gettext_noop("Your date of birth"),
    "business": gettext_noop("Facts about your business"),
    "contact": gettext_noop("An e-mail address or a telephone number"),
    "document": gettext_noop("A document that proves who you are"),
    "identity": gettext_noop("Your name as it is on your papers"),
    "other": gettext_noop("Something that our payment provider names on its page"),
    "people": gettext_noop("The people who own or run your business"),
    "tax_id": gettext_noop("A tax or identity number"),
    "terms": gettext_noop("Your consent to the terms of our payment provider"),
}


def missing_words(account: GatewayAccount | None) -> list[str]:
    """Return, in the reader's language, what the provider still wants to know of an account."""
    return [_(MISSING.get(code, MISSING["other"])) for code in (account.missing if account else ())]


@dataclass(frozen=True, slots=True)
class Purse:
    """What a party owns, in minor units.

    `pending` and `available` are its balances, `on_its_way` its withdrawals under way, `transferred` what is on its
    own account at the provider and neither on its way to the bank nor being taken back: only that can leave. `owed` is
    what it must repay. `frozen` is what chargebacks hold of its released money, and `kept_back` what it would owe if
    all of them were lost: so much stays here until the banks have decided.
    """

    pending: int
    available: int
    on_its_way: int
    transferred: int
    owed: int
    frozen: int = 0
    kept_back: int = 0

    @property
    def withdrawable(self) -> int:
        """Return what can leave now."""
        return 0 if self.owed else max(min(self.available - self.kept_back, self.transferred), 0)

    @property
    def arriving(self) -> int:
        """Return what is available but still on its way to the party's account at the provider."""
        return max(self.available - max(self.transferred, 0), 0)


def purse(party_id: int) -> Purse:
    """Return what a party owns; a caller that spends of it holds the lock of the party."""
    party, currency = f"party:{party_id}", rules().currency
    names = {kind: f"{kind}:{party}" for kind in ("pending", "available", "connected", "receivable")}
    found = balances(list(names.values()), currency)
    open_ones = Withdrawal.objects.filter(party_id=party_id, status__in=Withdrawal.OPEN)
    on_its_way = open_ones.aggregate(total=Sum("amount"))["total"] or 0
    taken_back = TransferReversal.objects.filter(
        party_id=party_id,
        status__in=[TransferReversal.Status.PLANNED, TransferReversal.Status.DENIED],
        transfer__status=ProviderTransfer.Status.CONFIRMED,
    )
    contested = FrozenRelease.objects.filter(payee_id=party_id, closed_at=None)
    sums = contested.aggregate(frozen=Sum("frozen"), missing=Sum("missing"))
    return Purse(
        pending=found[names["pending"]],
        available=found[names["available"]],
        on_its_way=on_its_way,
        transferred=-found[names["connected"]] - on_its_way - (taken_back.aggregate(total=Sum("amount"))["total"] or 0),
        owed=-found[names["receivable"]],
        frozen=sums["frozen"] or 0,
        kept_back=sums["missing"] or 0,
    )


@dataclass(frozen=True, slots=True)
class WorkLine:
    """Money of one contract that is held or pending for a freelancer, their VAT included, in minor units."""

    scope: str
    payer: str
    held: int
    pending: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """Everything the wallet page shows.

    `held` is what is held for the party's work, their VAT included, before the fee; `next_matures_at` is when
    the first pending money becomes available; `earned` is the net of what was released since the year began.
    """

    purse: Purse
    held: int
    next_matures_at: datetime | None
    earned: int
    lines: tuple[WorkLine, ...]
    account: GatewayAccount | None
    payout_methods: tuple[PayoutMethod, ...]


def wallet(party_id: int, at: datetime) -> Wallet:
    """Return what the wallet of a party shows, in a fixed number of queries."""
    year = datetime(at.year, 1, 1, tzinfo=UTC)
    mine = Release.objects.filter(payee_id=party_id)
    sums = mine.aggregate(
        earned=Sum("net", filter=Q(created_at__gte=year)),
        next_matures_at=Min("matures_at", filter=Q(matured_at=None, remaining__gt=0)),
    )
    held = Holding.objects.filter(payee_id=party_id, gross_left__gt=0)
    pending = mine.filter(matured_at=None, remaining__gt=0)
    held_sums = {
        (row["scope"], row["payer__name"]): row["sum"] for row in _by_work(held, F("gross_left") + F("vat_left"))
    }
    pending_sums = {(row["scope"], row["payer__name"]): row["sum"] for row in _by_work(pending, F("remaining"))}
    return Wallet(
        purse=purse(party_id),
        held=sum(held_sums.values()),
        next_matures_at=sums["next_matures_at"],
        earned=sums["earned"] or 0,
        lines=tuple(
            WorkLine(scope, payer, held_sums.get((scope, payer), 0), pending_sums.get((scope, payer), 0))
            for scope, payer in sorted({*held_sums, *pending_sums})
        ),
        account=GatewayAccount.objects.filter(party_id=party_id).first(),
        payout_methods=tuple(payout_methods(party_id)),
    )


def _by_work(rows: QuerySet[Holding] | QuerySet[Release], amount: Combinable) -> Iterable[Any]:
    """Return a sum for each piece of work and its payer."""
    return rows.values("scope", "payer__name").annotate(sum=Sum(amount)).order_by("scope", "payer__name")


def payout_methods(party_id: int) -> QuerySet[PayoutMethod]:
    """Return the bank accounts of a party that were not removed, newest first."""
    mine = PayoutMethod.objects.filter(party_id=party_id)
    return mine.exclude(status=PayoutMethod.Status.REMOVED).order_by("-pk")


def usable_payout_methods(party_id: int, at: datetime) -> QuerySet[PayoutMethod]:
    """Return the bank accounts that a party can withdraw to now, newest first; see can_use_payout_method."""
    return payout_methods(party_id).filter(status=PayoutMethod.Status.ACTIVE, usable_from__lte=at)


def payout_method_for(actor: Actor, method_id: int) -> PayoutMethod:
    """Return a bank account of the actor's party that was not removed. Raises NotFound."""
    found = payout_methods(actor.party_id).filter(pk=method_id).first() if actor.party_id else None
    if found is None:
        raise NotFound(_("There is no such bank account."))
    return found


def withdrawals_of(party_id: int) -> QuerySet[Withdrawal]:
    """Return the withdrawals of a party with their bank accounts, newest first."""
    return Withdrawal.objects.filter(party_id=party_id).select_related("method").order_by("-created_at", "-pk")


def withdrawal_for(actor: Actor, withdrawal_id: int) -> Withdrawal:
    """Return a withdrawal of the actor's party. Raises NotFound."""
    found = withdrawals_of(actor.party_id).filter(pk=withdrawal_id).first() if actor.party_id else None
    if found is None:
        raise NotFound(_("There is no such withdrawal."))
    return found
