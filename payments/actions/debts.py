"""Debts of payees: repaid by themselves from what is pending or available, before anything can be withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Party
from core.actor import Actor
from core.product import rules
from core.sweeps import for_all
from events.actions import record
from ledger.actions import Leg, post
from ledger.models import Account
from ledger.queries import balance, balances
from payments.actions.cases import open_money_case, settle_money_cases
from payments.actions.reversals import plan_reversal
from payments.models import MoneyCase, ProviderTransfer, Release, Repayment
from payments.queries.transfers import kept_of, transferred_of


def repay_debts(*, at: datetime) -> int:
    """Let every party that owes something repay it from what it has, and return how many repaid some.

    Money: j1, j2. Event: payments.debt_repaid.
    """
    owing = Account.objects.filter(kind="receivable", currency=rules().currency, balance__lt=0)
    parties = Party.objects.filter(
        pk__in=[int(owner.rpartition(":")[2]) for owner in owing.values_list("owner", flat=True)]
    )
    return for_all(parties.order_by("pk"), lambda pk: _repay(pk, at))


@transaction.atomic
def _repay(party_id: int, at: datetime) -> bool:
    Party.objects.locked(party_id)
    return repay_from_money_of(party_id, at=at) > 0


def repay_from_money_of(party_id: int, *, at: datetime) -> int:
    """Repay what a locked party owes, as far as it can, and return how much that was (inner).

    Pending money first, oldest release first; then available money, newest release first, of which what was
    transferred is taken back.
    Money: j1, j2. Event: payments.debt_repaid.
    """
    party, currency = f"party:{party_id}", rules().currency
    found = balances([f"receivable:{party}", f"available:{party}"], currency)
    owed, available = -found[f"receivable:{party}"], found[f"available:{party}"]
    if owed <= 0:
        return 0
    repaid = _repay_from(party_id, owed, is_available=False, at=at)
    repaid += _repay_from(party_id, min(owed - repaid, max(available, 0)), is_available=True, at=at)
    if repaid == owed:
        settle_money_cases(party, kind=MoneyCase.Kind.DEBT, at=at)
    if repaid:
        record(
            kind="payments.debt_repaid",
            actor=Actor.system(),
            subject=f"debt:{party_id}",
            scope=party,
            at=at,
            party=party_id,
            amount=repaid,
            left=owed - repaid,
            currency=currency,
        )
    return repaid


def note_debt(party_id: int, *, title: str, scope: str, at: datetime) -> None:
    """Ask finance staff to look after what a locked party owes now, if anything (inner). Money: none."""
    party, currency = f"party:{party_id}", rules().currency
    owed = -balance(f"receivable:{party}", currency)
    if owed:
        open_money_case(
            kind=MoneyCase.Kind.DEBT,
            subject=party,
            title=title,
            scope=scope,
            party_id=party_id,
            amount=owed,
            currency=currency,
            by=Actor.system(),
            at=at,
        )


def _repay_from(party_id: int, wanted: int, *, is_available: bool, at: datetime) -> int:
    """Repay up to `wanted` from the pending or the available money of a locked party, release by release."""
    left = wanted
    mine = Release.objects.filter(payee_id=party_id, currency=rules().currency, matured_at__isnull=not is_available)
    if not is_available:
        mine = mine.filter(remaining__gt=0)
    for release_id in mine.order_by("-pk" if is_available else "pk").values_list("pk", flat=True) if left else ():
        release = Release.objects.locked(release_id)
        if (release.matured_at is not None) != is_available:
            continue  # it has matured meanwhile
        has = max(release.remaining, transferred_of(release) - kept_of(release)) if is_available else release.remaining
        part = min(left, has)
        if part:
            _repay_part(release, part, at)
            left -= part
        if not left:
            break
    return wanted - left


def _repay_part(release: Release, amount: int, at: datetime) -> None:
    """Post one repayment from a locked release, and take back what of it is at the payee's own account."""
    from_remaining = min(amount, release.remaining)
    release.remaining -= from_remaining
    release.save(update_fields=["remaining"])
    repayment = Repayment.objects.create(
        party_id=release.payee_id,
        release=release,
        amount=amount,
        from_remaining=from_remaining,
        is_available=release.matured_at is not None,
        currency=release.currency,
        created_at=at,
    )
    party = f"party:{release.payee_id}"
    where = "available" if repayment.is_available else "pending"
    legs = [Leg(f"{where}:{party}", -amount), Leg(f"receivable:{party}", amount)]
    post(key=f"repayment:{repayment.pk}", kind="repayment", at=at, currency=release.currency, legs=legs)
    left = amount
    for transfer in release.transfers.exclude(status=ProviderTransfer.Status.DENIED).order_by("pk"):
        back = min(left, transferred_of(release, transfer))
        if back:
            plan_reversal(transfer=transfer, amount=back, at=at)
            left -= back
