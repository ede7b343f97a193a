"""What people are shown before they pay or release is what is posted, to the cent: any amount, rates and parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.tests.cast import Person
from conftest import Size
from core.money import LARGEST, fee_of, split
from core.registers import SAMPLE_VAT_NUMBER
from ledger.models import Entry
from payments import actions
from payments.models import Charge, FeeSchedule, PaymentMethod, Release
from payments.queries import current_fees, held, quote_charge, quote_held_release
from payments.tax import RULES, ChargeTaxes, Reason, Tax
from payments.tests.cards import make_card
from payments.tests.purposes import NAME

AMOUNTS = st.integers(1, 2_000) | st.integers(1, LARGEST)
VAT_RATES = st.sampled_from([0, 550, 2_000]) | st.integers(0, 2_700)
HOLDER = "thing:1"
#: Amounts, and the most parts that each is released in; both operators together release 50 000 of them, but in a hurry.
COUNTS = {"quick": (12, 4), "full": (1_200, 25), "nightly": (5_000, 25)}


@pytest.fixture(params=["", SAMPLE_VAT_NUMBER], ids=["fees without VAT", "fees with VAT"])
def operator(request: pytest.FixtureRequest, settings: Any) -> None:
    """Let the operator charge VAT, or none."""
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=request.param)


@pytest.mark.usefixtures("operator", "invented")
def test_what_is_shown_is_what_is_posted(
    alice: Person, bob: Person, at: datetime, size: Size, figure: Callable[[str], None]
) -> None:
    assert bob.party is not None
    card, payee_id, version = make_card(alice, at=at), bob.party.pk, current_fees().version + 1
    amounts, most = COUNTS[size.name]
    released = 0

    @settings(max_examples=amounts)
    @given(
        gross=AMOUNTS,
        client_bps=st.integers(0, 2_000),
        freelancer_bps=st.integers(0, 3_000),
        vat=st.tuples(VAT_RATES, VAT_RATES),
        weights=st.lists(st.integers(1, 1_000), min_size=most, max_size=most),
    )
    def example(gross: int, client_bps: int, freelancer_bps: int, vat: tuple[int, int], weights: list[int]) -> None:
        nonlocal released
        taxes = ChargeTaxes(Tax(vat[0], Reason.DOMESTIC), Tax(vat[1], Reason.DOMESTIC))
        with transaction.atomic():
            FeeSchedule.objects.create(
                version=version, client_bps=client_bps, freelancer_bps=freelancer_bps, valid_from=at
            )
            charge = _pay(card, gross, version, taxes, payee_id, at)
            parts = [part for part in split(gross, weights) if part]
            for part in parts:
                _release(part, version, payee_id, charge, at)
            released += len(parts)
            _whole(charge, freelancer_bps)
            transaction.set_rollback(True)

    example()
    figure(f"shown and posted: {amounts} amounts at rates of their own, {released} partial releases")
    assert size.name == "quick" or released >= 25_000


def posted(key: str) -> dict[str, int]:
    """Return what a transfer did to each account, but for what it left alone."""
    sums: Counter[str] = Counter()
    for name, amount in Entry.objects.filter(transfer__key=key).values_list("account__name", "amount"):
        sums[name] += amount
    return {name: amount for name, amount in sums.items() if amount}


def _pay(card: PaymentMethod, gross: int, version: int, taxes: ChargeTaxes, payee_id: int, at: datetime) -> Charge:
    """Hold what a client was shown and charged."""
    shown = quote_charge(gross, version, taxes)
    charge = Charge.objects.create(
        party_id=card.party_id, method=card, purpose=NAME, reference=1, scope="contract:5", title="Logo",
        currency="EUR", gross=shown.gross, vat=shown.vat, client_fee=shown.client_fee,
        client_fee_vat=shown.client_fee_vat, amount=shown.total, fee_version=version, vat_bps=taxes.work.rate_bps,
        vat_reason=taxes.work.reason, fee_vat_bps=taxes.fee.rate_bps, fee_vat_reason=taxes.fee.reason,
        tax_rules=RULES, status=Charge.Status.CONFIRMED, provider_id="pay", created_at=at, settled_at=at,
    )  # fmt: skip
    actions.hold_charge(charge=charge, holder=HOLDER, payee_id=payee_id, at=at)
    legs = {"gateway": -shown.total, f"held:{HOLDER}": shown.gross + shown.vat}
    legs[f"held_fee:{HOLDER}"] = shown.client_fee + shown.client_fee_vat
    assert posted(f"charge:{charge.pk}") == {name: amount for name, amount in legs.items() if amount}
    return charge


def _release(part: int, version: int, payee_id: int, charge: Charge, at: datetime) -> None:
    """Release a part, and compare what was shown of it with the row and with the books."""
    shown = quote_held_release(HOLDER, part, version, payee_id=payee_id)
    (release,) = actions.release_holding(
        holder=HOLDER, gross=part, fee_version=version, title="Logo", scope="contract:5", at=at
    )
    row = (release.gross, release.vat, release.fee, release.fee_vat, release.net, release.charge_id)
    assert row == (shown.gross, shown.vat, shown.fee, shown.fee_vat, shown.net, charge.pk)
    legs = {
        f"held:{HOLDER}": -(shown.gross + shown.vat),
        f"held_fee:{HOLDER}": -(release.client_fee + release.client_fee_vat),
        f"pending:party:{payee_id}": shown.net,
        "rev:service": shown.fee,
        "rev:client_fee": release.client_fee,
        "tax:payable": shown.fee_vat + release.client_fee_vat,
    }
    assert posted(f"release:{release.pk}") == {name: amount for name, amount in legs.items() if amount}


def _whole(charge: Charge, freelancer_bps: int) -> None:
    """Compare all parts together with the whole."""
    rows = Release.objects.filter(charge=charge).values_list("gross", "vat", "client_fee", "client_fee_vat", "fee")
    sums = tuple(sum(column) for column in zip(*rows, strict=True))
    whole = (charge.gross, charge.vat, charge.client_fee, charge.client_fee_vat)
    assert sums == (*whole, fee_of(charge.gross, freelancer_bps))
    assert held(HOLDER).gross == 0
