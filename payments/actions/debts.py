"""Debts of payees: repaid by themselves from what is pending or available, before anything can be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Party
from core.actor import Actor
from core.product import rules
from core.sweeps import for_all
from events.actions import record
from ledger.actions import Leg, post
from ledger.models import Account
from ledger.queries import balance
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
    owed = -balance(f"receivable:{party}", currency)
    if owed <= 0:
        return 0
    releases = _lock_releases(party_id)
    available = balance(f"available:{party}", currency)
    repaid = _repay_from([each for each in releases if not each.matured_at], owed, at)
    matured = [each for each in reversed(releases) if each.matured_at]
    repaid += _repay_from(matured, min(owed - repaid, max(available, 0)), at)
    if repaid == owed:
        settle_money_cases(party, kind=MoneyCase.Kind.DEBT, at=at)
    if repaid:
        _note_rest(party, owed - repaid)
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


@transaction.atomic
def settle_debt(party_id: int, *, title: str, scope: str, at: datetime) -> None:
    """Let a party repay what it owes since a loss, and ask finance staff to look after what is left of that.

    A transaction of its own: it locks releases, which come before the accounts that the loss itself was posted to.
    Money: j1, j2. Event: payments.debt_repaid.
    """
    Party.objects.locked(party_id)
    repay_from_money_of(party_id, at=at)
    note_debt(party_id, title=title, scope=scope, at=at)


def note_debt(party_id: int, *, title: str, scope: str, at: datetime) -> None:
    """Ask finance staff to look after what a locked party owes now, if anything (inner). Money: none."""
    party, currency = f"party:{party_id}", rules().currency
    owed = -balance(f"receivable:{party}", currency)
    if owed:
        _note_rest(party, owed)
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


def _note_rest(party: str, owed: int) -> None:
    """Let the open case of a locked party's debt say what is owed by now."""
    MoneyCase.objects.filter(kind=MoneyCase.Kind.DEBT, subject=party, status=MoneyCase.Status.OPEN).update(amount=owed)


def _lock_releases(party_id: int) -> list[Release]:
    """Return all that a locked party may repay from, oldest first, locked before the first account is posted to.

    Who makes a release available locks it and then the accounts: a repayment that locked its releases one after the
    other would hold the accounts that such a one waits for.
    """
    is_sent = Exists(ProviderTransfer.objects.filter(release=OuterRef("pk")))
    mine = Release.objects.filter(Q(remaining__gt=0) | is_sent, payee_id=party_id, currency=rules().currency)
    return list(mine.order_by("pk").select_for_update(of=("self",), no_key=True))


def _repay_from(releases: Sequence[Release], wanted: int, at: datetime) -> int:
    """Repay up to `wanted` from locked releases, one after the other, and return how much that was."""
    left = wanted
    for release in releases:
        has = release.remaining
        if release.matured_at:
            has = max(has, transferred_of(release) - kept_of(release))
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
