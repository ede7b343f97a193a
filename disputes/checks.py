"""What must be true of frozen money; run by check_books."""

from __future__ import annotations

from collections.abc import Iterator

from core.product import rules
from disputes.models import Case
from ledger.checks import Difference
from ledger.models import Account
from payments.models import FrozenPart

FROZEN = "disputes: frozen money"


def frozen_equals_open_cases() -> Iterator[Difference]:
    """Find cases that hold another sum in the ledger than their open parts, or another than is in question."""
    balances = dict(
        Account.objects.filter(owner__startswith="case:", kind="frozen", currency=rules().currency)
        .exclude(balance=0)
        .values_list("owner", "balance")
    )
    parts: dict[str, tuple[int, int]] = {}
    for part in FrozenPart.objects.filter(closed_at=None, case__startswith="case:"):
        gross, whole = parts.get(part.case, (0, 0))
        parts[part.case] = (gross + part.gross, whole + part.whole)
    open_ones = Case.objects.exclude(status__in=Case.FINAL)
    questions = {case.holder: case.gross - case.charged_back for case in open_ones}
    for name in sorted(balances.keys() | parts.keys() | questions.keys()):
        gross, whole = parts.get(name, (0, 0))
        if balances.get(name, 0) != whole:
            yield Difference(FROZEN, name, f"its parts are {whole}, the ledger {balances.get(name, 0)}")
        if questions.get(name, 0) != gross:
            yield Difference(FROZEN, name, f"{questions.get(name, 0)} is in question, {gross} is frozen")
