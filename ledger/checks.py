"""The checks of the books: the ledger's own, and those that other apps register about what the books say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be: found by which check, in what, and how it is off."""

    check: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.subject}: {self.message}"


Check = Callable[[], Iterable[Difference]]
_checks: dict[str, Check] = {}


def register_check(name: str, function: Check) -> None:
    """Add a check; an app calls this once in its AppConfig.ready(). The name is the app's and what is checked."""
    _checks[name] = function


def run_each(*, of: str = "") -> Iterator[tuple[str, list[Difference]]]:
    """Yield each check whose name begins with `of`, with what it found; all read from one snapshot."""
    with _one_snapshot():
        for name, function in _checks.items():
            if name.startswith(of):
                yield name, list(function())


def run_checks(*, of: str = "") -> list[Difference]:
    """Return every difference that the checks find; an empty list when the books are right."""
    return [difference for _name, found in run_each(of=of) for difference in found]


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Let all reads inside see the same moment, unless a transaction is already running that has chosen."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


#: Each finds rows of (subject, message): the rules of the books, asked of every row again.
_RULES = {
    "ledger.transfers_sum_to_zero": """
        SELECT t.key, format('its entries sum to %%s %%s', sum(e.amount), t.currency)
        FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
        GROUP BY t.id HAVING sum(e.amount) <> 0
        UNION ALL
        SELECT a.currency, format('all entries of the currency sum to %%s', sum(e.amount))
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        GROUP BY a.currency HAVING sum(e.amount) <> 0""",
    "ledger.transfers_have_one_currency": """
        SELECT t.key, format('%%s moves %%s, the transfer %%s', a.name, a.currency, t.currency)
        FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id JOIN ledger_account a ON a.id = e.account_id
        WHERE a.currency <> t.currency""",
    "ledger.transfers_have_entries": """
        SELECT t.key, 'it has fewer than two entries'
        FROM ledger_transfer t LEFT JOIN ledger_entry e ON e.transfer_id = t.id
        GROUP BY t.id HAVING count(e.id) < 2""",
    "ledger.no_entry_is_orphaned": """
        SELECT 'entry ' || e.id, 'its transfer or its account does not exist'
        FROM ledger_entry e
        LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
        LEFT JOIN ledger_account a ON a.id = e.account_id
        WHERE t.id IS NULL OR a.id IS NULL""",
    "ledger.balances_equal_entries": """
        SELECT a.name, format('its balance is %%s %%s, its entries sum to %%s', a.balance, a.currency,
                              coalesce(s.amount, 0))
        FROM ledger_account a
        LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_entry GROUP BY account_id) AS s
            ON s.account_id = a.id
        WHERE a.balance <> CASE WHEN a.sign = 0 THEN 0 ELSE coalesce(s.amount, 0) END""",
    "ledger.rollups_equal_entries": """
        SELECT a.name, format('its rollup is %%s %%s, the entries below the horizon sum to %%s', r.amount, a.currency,
                              coalesce(s.amount, 0))
        FROM ledger_rollup r JOIN ledger_account a ON a.id = r.account_id
        LEFT JOIN LATERAL (
            SELECT sum(e.amount) AS amount FROM ledger_entry e
            WHERE e.account_id = r.account_id AND e.written_by < r.horizon
        ) AS s ON true
        WHERE r.cluster = ledger_cluster() AND r.amount <> coalesce(s.amount, 0)
        UNION ALL
        SELECT a.name, format('%%s entries are not as its kind has them: with their writer only if hot', count(*))
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        WHERE (a.sign = 0) <> (e.written_by IS NOT NULL)
        GROUP BY a.id""",
    "ledger.signs_are_right": """
        SELECT a.name, format('its sign is %%s, that of its kind %%s', a.sign, k.sign)
        FROM ledger_account a JOIN ledger_accountkind k ON k.name = a.kind WHERE a.sign <> k.sign
        UNION ALL
        SELECT a.name, format('it holds %%s %%s, which has the wrong sign', sum(e.amount), a.currency)
        FROM ledger_account a JOIN ledger_accountkind k ON k.name = a.kind JOIN ledger_entry e ON e.account_id = a.id
        GROUP BY a.id, k.usual_sign HAVING sum(e.amount) * k.usual_sign < 0""",
}


def _rule(name: str) -> Check:
    def look() -> Iterator[Difference]:
        with connection.cursor() as cursor:
            cursor.execute(_RULES[name], [])
            for subject, message in cursor.fetchall():
                yield Difference(name, subject, message)

    return look


def register_own() -> None:
    """Register the ledger's own checks."""
    for name in _RULES:
        register_check(name, _rule(name))
