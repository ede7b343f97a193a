"""The statement of a party: every entry of one of its balances, with its cause in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _

from core.product import rules
from ledger.queries import StatementLine, balance, entries_of
from payments.models import Chargeback, FrozenPart, GiveBack, Release, Repayment, Withdrawal
from payments.registry import link_to

Which = Literal["available", "pending"]
PAGE, FILE_PAGE = 50, 1_000
#: What a statement can be narrowed to: the kinds of transfers in each group.
GROUPS: dict[str, tuple[str, ...]] = {
    "paid": ("release", "case_settled"),
    "returned": ("give_back", "chargeback", "chargeback_won", "repayment"),
    "available": ("mature",),
    "withdrawn": ("withdrawal", "withdrawal_returned", "withdrawal_cancelled"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: when, what in words, a second line that names the work or the bank, and the balance after it.

    `key` is that of its transfer in the books.
    """

    key: str
    at: datetime
    text: str
    detail: str
    url: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a statement, newest first; `older_than` asks for the next one and is None on the last."""

    lines: tuple[Line, ...]
    older_than: int | None
    balance: int


@dataclass(frozen=True, slots=True)
class _Cause:
    text: str
    detail: str = ""
    scope: str = ""


def statement(
    party_id: int,
    which: Which,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    group: str = "",
    older_than: int | None = None,
    limit: int = PAGE,
) -> Page:
    """Return one page of the statement of the available or the pending balance of a party.

    Only entries from `since` to before `until`, and only those of one group of `GROUPS`, where given. A fixed number
    of queries, however long the statement is.
    """
    name, currency = f"{which}:party:{party_id}", rules().currency
    kinds = GROUPS[group] if group else None
    page = entries_of([name], currency, limit=limit, older_than=older_than, kinds=kinds, since=since, until=until)
    causes = _causes(list(page.lines))
    return Page(
        lines=tuple(_line(line, causes[line.key]) for line in page.lines),
        older_than=page.older_than,
        balance=balance(name, currency),
    )


def every_line(party_id: int, which: Which) -> Iterator[Line]:
    """Yield all lines of a statement, newest first, reading some at a time."""
    older_than: int | None = None
    while True:
        page = statement(party_id, which, older_than=older_than, limit=FILE_PAGE)
        yield from page.lines
        older_than = page.older_than
        if older_than is None:
            return


def whole_statement(
    party_id: int, which: Which, *, since: datetime | None, until: datetime | None, group: str, most: int
) -> list[Line] | None:
    """Return all lines of a statement, newest first, for a file; None if there are more than `most`."""
    lines: list[Line] = []
    older_than: int | None = None
    while True:
        page = statement(party_id, which, since=since, until=until, group=group, older_than=older_than, limit=FILE_PAGE)
        lines += page.lines
        older_than = page.older_than
        if len(lines) > most:
            return None
        if older_than is None:
            return lines


def _line(line: StatementLine, cause: _Cause) -> Line:
    return Line(line.key, line.at, cause.text, cause.detail, link_to(cause.scope), line.amount, line.balance)


def _causes(lines: list[StatementLine]) -> dict[str, _Cause]:
    """Return the cause of each transfer by its key, with one query for each kind of row behind them."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for line in lines:
        kind, _colon, number = line.key.partition(":")
        if number.isdecimal():
            wanted[kind].add(int(number))
    releases = Release.objects.select_related("payer").in_bulk(wanted["release"] | wanted["mature"])
    withdrawal_ids = {pk for kind, ids in wanted.items() if kind.startswith("withdrawal") for pk in ids}
    withdrawals = Withdrawal.objects.select_related("method").in_bulk(withdrawal_ids)
    frozen = FrozenPart.objects.select_related("payer").in_bulk(wanted["case_settled"])
    given = GiveBack.objects.select_related("release__payer").in_bulk(wanted["give_back"])
    contested = Chargeback.objects.select_related("charge__party").in_bulk(
        wanted["chargeback"] | wanted["chargeback_won"]
    )
    repaid = Repayment.objects.select_related("release__payer").in_bulk(wanted["repayment"])
    return {
        line.key: _cause_at_the_bank(line, contested, repaid) or _cause(line, releases, withdrawals, frozen, given)
        for line in lines
    }


def _cause_at_the_bank(
    line: StatementLine, contested: dict[int, Chargeback], repaid: dict[int, Repayment]
) -> _Cause | None:
    """Return the cause of a line about a chargeback or a debt; None for any other."""
    kind, _colon, number = line.key.partition(":")
    pk = int(number) if number.isdecimal() else 0
    if pk in contested and kind in {"chargeback", "chargeback_won"}:
        charge = contested[pk].charge
        is_open = kind == "chargeback"
        text = _("Payment contested at the client's bank") if is_open else _("The bank left the payment here")
        return _Cause(text, f"{charge.party.name}, {charge.title}", charge.scope)
    if pk in repaid and kind == "repayment":
        release = repaid[pk].release
        return _Cause(_("Debt repaid"), f"{release.payer.name}, {release.title}", release.scope)
    return None


def _cause(  # noqa: PLR0917  (the rows behind a page, by their kind)
    line: StatementLine,
    releases: dict[int, Release],
    withdrawals: dict[int, Withdrawal],
    frozen: dict[int, FrozenPart],
    given: dict[int, GiveBack],
) -> _Cause:
    kind, _colon, number = line.key.partition(":")
    pk = int(number) if number.isdecimal() else 0
    if pk in releases and kind in {"release", "mature"}:
        release = releases[pk]
        text = _("Milestone released") if kind == "release" else _matured(line)
        return _Cause(text, f"{release.payer.name}, {release.title}", release.scope)
    if pk in withdrawals and kind.startswith("withdrawal"):
        texts = {
            "withdrawal": _("Withdrawal to bank"),
            "withdrawal_returned": _("Withdrawal returned by the bank"),
            "withdrawal_cancelled": _("Withdrawal cancelled"),
        }
        return _Cause(texts.get(kind, _("Withdrawal")), withdrawals[pk].method.label, "")
    if pk in given and kind == "give_back":
        release = given[pk].release
        return _Cause(_("Given back to the client"), f"{release.payer.name}, {release.title}", release.scope)
    if pk in frozen and kind == "case_settled":
        return _Cause(_("Case decided"), frozen[pk].payer.name, frozen[pk].scope)
    return _Cause(_("Correction"), line.key)


def _matured(line: StatementLine) -> str:
    return _("Became available") if line.amount > 0 else _("Moved to available")
