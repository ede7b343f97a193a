"""The one way into the books: post a transfer, reverse one, roll the hot accounts up, write the chart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from ledger.models import KINDS, AccountKind, Entry, Transfer


class InsufficientFunds(DomainError):
    """An account would get the wrong sign: nobody spends what is not there, or repays more than is owed."""


class LedgerError(Exception):
    """The caller broke a rule of the books: a bug, never a refusal for the user."""


class KeyClash(LedgerError):
    """The key is known with other legs: one event would be posted in two ways."""


class AlreadyReversed(LedgerError):
    """The transfer was reversed before, under another key."""


class BadTransfer(LedgerError):
    """The legs are empty, zero, repeated, unbalanced, or name an account that the chart does not know."""


#: An account's name: letters, then perhaps an owner. The chart in the database decides whether it is a good one.
_NAME = re.compile(r"[a-z_]+(:[A-Za-z0-9_.-]+)*", re.ASCII)
#: The database's rules by name, and what breaking them means here.
_REFUSALS: dict[str, type[LedgerError]] = {
    "ledger_key_clash": KeyClash,
    "ledger_transfer_reversed_once": AlreadyReversed,
    "ledger_bad_legs": BadTransfer,
    "ledger_unknown_account": BadTransfer,
    "ledger_unbalanced": BadTransfer,
    "ledger_entry_not_zero": BadTransfer,
    "ledger_entry_account_once": BadTransfer,
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a transfer: an account by name, and what it is credited (above 0) or debited (below 0)."""

    account: str
    amount: int


def post(*, key: str, kind: str, at: datetime, currency: str, legs: Sequence[Leg]) -> int:
    """Write one economic event into the books and return the id of its transfer.

    A known key with the same kind, currency and legs returns the old id and changes nothing. Accounts are opened as
    they are named. The database refuses what would break the books; a refusal ends the transaction around it.

    Raises InsufficientFunds if an account would get the wrong sign, KeyClash if the key is known with other legs,
    BadTransfer for legs that are no transfer.
    """
    return _post(key=key, kind=kind, at=at, currency=currency, legs=legs, reverses=None)


def reverse(*, key: str, transfer_id: int, at: datetime) -> int:
    """Undo a transfer by posting its legs with turned signs, and return the id of the reversal.

    Raises InsufficientFunds if the money has moved on, AlreadyReversed if it was undone under another key.
    """
    original = Transfer.objects.get(pk=transfer_id)
    entries = Entry.objects.filter(transfer=original).select_related("account").order_by("pk")
    legs = [Leg(entry.account.name, -entry.amount) for entry in entries]
    return _post(key=key, kind="reversal", at=at, currency=original.currency, legs=legs, reverses=original.pk)


def merge_legs(legs: Iterable[Leg]) -> list[Leg]:
    """Return the legs with each account once, in the order of first mention, and without what comes to zero."""
    sums: defaultdict[str, int] = defaultdict(int)
    for leg in legs:
        sums[leg.account] += leg.amount
    return [Leg(account, amount) for account, amount in sums.items() if amount]


def roll_up(*, at: datetime) -> int:
    """Add up what hot accounts received since the last time, and return how many had something new.

    A hot account has no balance row that every transfer would wait for. Each entry on one names the database
    transaction that wrote it; a rollup is the sum of all entries below a horizon, the oldest transaction that was
    still running when it was taken. Those below had all committed or failed, and new ones get higher numbers, so no
    entry can appear below the horizon later, however long its writer takes. Balance = rollup + entries from the
    horizon on, read in one statement. In another cluster, into which a dump was restored, the numbers mean nothing:
    a rollup names its cluster, is believed in no other, and is made anew by the first roll-up there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_roll_up(%s)", [at])
        (count,) = cursor.fetchone()
    return int(count)


def _post(*, key: str, kind: str, at: datetime, currency: str, legs: Sequence[Leg], reverses: int | None) -> int:
    if not all(_NAME.fullmatch(leg.account) for leg in legs):
        raise BadTransfer(f"transfer {key!r}: an account is no kind with or without an owner: {legs}")
    accounts = ",".join([leg.account for leg in legs])
    amounts = ",".join([str(int(leg.amount)) for leg in legs])
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ledger_post(%s, %s, %s, %s, %s, %s, %s)",
                [key, kind, at, currency, f"{{{accounts}}}", f"{{{amounts}}}", reverses],  # array literals
            )
            (transfer_id,) = cursor.fetchone()
    except IntegrityError as error:
        rule = _rule_of(error)
        if rule == "ledger_account_balance_sign":
            raise InsufficientFunds(_("There is not enough money for this.")) from error
        if rule in _REFUSALS:
            raise _REFUSALS[rule](f"transfer {key!r}: {error}") from error
        raise
    return int(transfer_id)


def _rule_of(error: IntegrityError) -> str:
    """Return the name of the rule that the database says was broken."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def write_chart(*, using: str) -> None:
    """Bring the chart of accounts in this database up to the code's, after a migration or a flush.

    A kind that has left the code stays, as its accounts do. No event: the chart is a part of the version installed.
    """
    with transaction.atomic(using=using):
        for kind in KINDS:
            columns = {
                "sign": kind.sign,
                "usual_sign": kind.usual_sign,
                "is_live": kind.sign != 0,
                "is_owned": kind.is_owned,
            }
            AccountKind.objects.using(using).update_or_create(name=kind.name, defaults=columns)
