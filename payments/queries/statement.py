"""The statement of a party: every entry of one of its balances, with its cause in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.utils.translation import gettext as _

from core.product import rules
from ledger.models import Entry
from ledger.queries import StatementLine, balance, entries_of
from payments.models import FrozenPart, Release, Withdrawal
from payments.registry import link_to

Which = Literal["available", "pending"]
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: when, what in words, a second line that names the work or the bank, and the balance after it."""

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
    party_id: int, which: Which, *, month: datetime | None = None, older_than: int | None = None, limit: int = PAGE
) -> Page:
    """Return one page of the statement of the available or the pending balance of a party.

    With `month` (its first moment), only entries of that month. A fixed number of queries, however long it is.
    """
    name, currency = f"{which}:party:{party_id}", rules().currency
    ends = month and _following(month)
    if ends and older_than is None:
        older_than = _first_since(name, currency, ends)
    page = entries_of([name], currency, limit=limit, older_than=older_than)
    lines = [line for line in page.lines if month is None or line.at >= month]
    is_cut = len(lines) < len(page.lines)
    causes = _causes(lines)
    return Page(
        lines=tuple(_line(line, causes[line.key]) for line in lines),
        older_than=None if is_cut else page.older_than,
        balance=balance(name, currency),
    )


def _following(month: datetime) -> datetime:
    return datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)


def _first_since(name: str, currency: str, moment: datetime) -> int | None:
    """Return the number of the first entry at or after the moment; entries below it are older."""
    later = Entry.objects.filter(account__name=name, account__currency=currency, transfer__at__gte=moment)
    return later.order_by("pk").values_list("pk", flat=True).first()


def _line(line: StatementLine, cause: _Cause) -> Line:
    return Line(line.at, cause.text, cause.detail, link_to(cause.scope), line.amount, line.balance)


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
    return {line.key: _cause(line, releases, withdrawals, frozen) for line in lines}


def _cause(
    line: StatementLine,
    releases: dict[int, Release],
    withdrawals: dict[int, Withdrawal],
    frozen: dict[int, FrozenPart],
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
    if pk in frozen and kind == "case_settled":
        return _Cause(_("Case decided"), frozen[pk].payer.name, frozen[pk].scope)
    return _Cause(_("Correction"), line.key)


def _matured(line: StatementLine) -> str:
    return _("Became available") if line.amount > 0 else _("Moved to available")
