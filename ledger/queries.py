"""What accounts hold, and their statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.models import Account


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of a statement; `balance` is what all accounts of the statement together held after it."""

    entry_id: int
    transfer_id: int
    key: str
    kind: str
    at: datetime
    account: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One page of a statement, newest first; `older_than` asks for the next page and is None on the last."""

    lines: tuple[StatementLine, ...]
    older_than: int | None


def balance(name: str, currency: str) -> int:
    """Return what the account holds, in minor units; 0 for one that was never used."""
    return balances([name], currency)[name]


def balances(names: Collection[str], currency: str) -> dict[str, int]:
    """Return what each of the accounts holds, as `balance` does, read in one statement."""
    held = (
        Account.objects.filter(name__in=names, currency=currency)
        .with_current()
        .values_list(
            "name",
            "current",  # type: ignore[misc]  # added by with_current
        )
    )
    return dict.fromkeys(names, 0) | dict(held)


#: The newest entries of each account, merged; what all accounts hold now, less everything above the page; and the
#: balance after each entry of the page, from all entries between it and the top, those of other kinds included.
_STATEMENT = """
WITH account AS MATERIALIZED (
    SELECT id, name FROM ledger_account WHERE name = ANY (%(names)s) AND currency = %(currency)s
),
page AS MATERIALIZED (
    SELECT entry.*, account.name
    FROM account
    CROSS JOIN LATERAL (
        SELECT entry.id, entry.transfer_id, entry.amount
        FROM ledger_entry entry
        WHERE entry.account_id = account.id AND entry.id < %(older_than)s
          AND (NOT %(is_narrowed)s OR EXISTS (
              SELECT FROM ledger_transfer t WHERE t.id = entry.transfer_id
                AND (%(kinds)s::text[] IS NULL OR t.kind = ANY (%(kinds)s))
                AND (%(since)s::timestamptz IS NULL OR t.at >= %(since)s)
                AND (%(until)s::timestamptz IS NULL OR t.at < %(until)s)))
        ORDER BY entry.id DESC LIMIT %(limit)s + 1
    ) AS entry
    ORDER BY entry.id DESC LIMIT %(limit)s + 1
),
top AS (
    SELECT coalesce(sum(entry.amount), 0) AS balance
    FROM account JOIN ledger_entry entry ON entry.account_id = account.id AND entry.id < %(older_than)s
),
running AS (
    SELECT entry.id, top.balance + entry.amount - sum(entry.amount) OVER (ORDER BY entry.id DESC) AS balance
    FROM top CROSS JOIN account
    JOIN ledger_entry entry ON entry.account_id = account.id AND entry.id < %(older_than)s
        AND entry.id >= (SELECT min(id) FROM page)
)
SELECT page.id, transfer.id, transfer.key, transfer.kind, transfer.at, page.name, page.amount, running.balance::bigint
FROM page JOIN running ON running.id = page.id JOIN ledger_transfer transfer ON transfer.id = page.transfer_id
ORDER BY page.id DESC
"""
_NEWEST = 2**63 - 1


def entries_of(
    names: Collection[str],
    currency: str,
    *,
    limit: int = 50,
    older_than: int | None = None,
    kinds: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Statement:
    """Return one page of the joint statement of the accounts, newest first, with the running balance.

    The page begins below the entry `older_than`; pages do not shift while new entries arrive. With `kinds`, `since` or
    `until`, only entries of such transfers, from that moment on, and before that moment; the balance after each is that
    of the accounts all the same. Entries stand in the order in which they were written, which need not be that of the
    moments of their transfers.
    """
    values: dict[str, Any] = {
        "names": list(names),
        "currency": currency,
        "limit": limit,
        "older_than": _NEWEST if older_than is None else older_than,
        "kinds": None if kinds is None else list(kinds),
        "since": since,
        "until": until,
        "is_narrowed": not (kinds is None and since is None and until is None),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, values)
        lines = [StatementLine(*row) for row in cursor.fetchall()]
    shown = tuple(lines[:limit])
    return Statement(shown, shown[-1].entry_id if len(lines) > limit else None)
