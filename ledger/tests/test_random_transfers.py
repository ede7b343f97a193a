"""Whatever is posted, in any order and however often: a plain model agrees, and the books stay right."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import count

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from ledger.actions import AlreadyReversed, InsufficientFunds, Leg, post, reverse, roll_up
from ledger.checks import run_checks
from ledger.models import KINDS
from ledger.queries import balances

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SIGNS = {kind.name: kind.sign for kind in KINDS}
NAMES = sorted(
    {f"{kind.name}:party:{owner}" for kind in KINDS if kind.is_owned for owner in (1, 2)}
    | {kind.name for kind in KINDS if not kind.is_owned}
)
RUNS = count()
AMOUNTS = st.integers(-(10**12), 10**12).filter(bool)


def sign_of(name: str) -> int:
    return SIGNS[name] if name in SIGNS else SIGNS[name.split(":", maxsplit=1)[0]]


@st.composite
def transfers(draw: st.DrawFn) -> list[Leg]:
    """Draw balanced legs on two to five accounts."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    amounts = [draw(AMOUNTS) for _name in names[1:]]
    if sum(amounts) == 0:
        amounts[0] += 1
        amounts = [amount or 1 for amount in amounts]
    if sum(amounts) == 0:
        amounts[-1] *= 2
    return [Leg(names[0], -sum(amounts)), *map(Leg, names[1:], amounts)]


STEPS = st.one_of(
    st.tuples(st.just("post"), transfers(), st.sampled_from(["EUR", "USD", "CONNECT"])),
    st.tuples(st.just("again"), st.integers(0, 30)),
    st.tuples(st.just("reverse"), st.integers(0, 30)),
    st.tuples(st.just("roll up")),
)


@pytest.mark.django_db
@given(st.lists(STEPS, min_size=5, max_size=25))
def test_the_books_agree_with_a_plain_model(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    with transaction.atomic():
        Run(next(RUNS)).take(steps)
        transaction.set_rollback(True)


class Run:
    """One sequence of steps, with a dictionary beside the books."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.held: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.posted: list[tuple[int, str, str, list[Leg]]] = []
        self.reversed: set[int] = set()

    def take(self, steps: list[tuple]) -> None:  # type: ignore[type-arg]
        for number, (verb, *rest) in enumerate(steps):
            if verb == "post":
                self.post(f"{self.number}:{number}", *rest)
            elif verb == "roll up":
                roll_up(at=AT)
            elif self.posted and verb == "again":
                transfer_id, key, currency, legs = self.posted[rest[0] % len(self.posted)]
                assert post(key=key, kind="any", at=AT, currency=currency, legs=legs) == transfer_id
            elif self.posted:
                self.reverse(f"{self.number}:{number}", *self.posted[rest[0] % len(self.posted)])
        for currency in ("EUR", "USD", "CONNECT"):
            expected = {name: self.held[currency, name] for name in NAMES}
            assert balances(NAMES, currency) == expected
            assert sum(expected.values()) == 0
        wrong = [found for found in run_checks(of="ledger.") if "wrong sign" not in found.message]
        assert wrong == []  # hot accounts may take any sign here: the steps know no economy

    def fits(self, currency: str, legs: list[Leg]) -> bool:
        return all((self.held[currency, leg.account] + leg.amount) * sign_of(leg.account) >= 0 for leg in legs)

    def book(self, currency: str, legs: list[Leg]) -> None:
        for leg in legs:
            self.held[currency, leg.account] += leg.amount

    def post(self, key: str, legs: list[Leg], currency: str) -> None:
        if self.fits(currency, legs):
            self.posted.append((post(key=key, kind="any", at=AT, currency=currency, legs=legs), key, currency, legs))
            self.book(currency, legs)
            return
        with pytest.raises(InsufficientFunds), transaction.atomic():
            post(key=key, kind="any", at=AT, currency=currency, legs=legs)

    def reverse(self, key: str, transfer_id: int, _key: str, currency: str, legs: list[Leg]) -> None:
        back = [Leg(leg.account, -leg.amount) for leg in legs]
        if transfer_id in self.reversed:
            with pytest.raises(AlreadyReversed), transaction.atomic():
                reverse(key=key, transfer_id=transfer_id, at=AT)
        elif self.fits(currency, back):
            reverse(key=key, transfer_id=transfer_id, at=AT)
            self.reversed.add(transfer_id)
            self.book(currency, back)
        else:
            with pytest.raises(InsufficientFunds), transaction.atomic():
                reverse(key=key, transfer_id=transfer_id, at=AT)
