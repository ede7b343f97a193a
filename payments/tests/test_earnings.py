"""Receipts, the certificate of a year, and the report of what everybody earned."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from accounts.models import LegalProfile
from accounts.tests.cast import Person, sign_in
from payments import actions
from payments.models import Charge, Chargeback, Release
from payments.papers import receipt_pdf
from payments.queries import earnings_of, total_of, years_earned
from payments.tests import cards
from payments.tests.cards import make_card
from payments.tests.purposes import Told, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    """Return a moment in the second quarter."""
    return datetime(2026, 5, 20, 9, tzinfo=UTC)


@pytest.fixture
def charge(alice: Person, bob: Person, told: Told, at: datetime) -> Charge:
    """Return a charge of 1 000.00 with its fee of 50.00."""
    return actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)


def release(gross: int, at: datetime) -> Release:
    return cards.release("thing:7", gross, at=at)[0]


def give_back(release: Release, gross: int, bob: Person, at: datetime) -> None:
    actions.give_back_release(release_id=release.pk, gross=gross, reason="Too much.", by=bob.actor, at=at)


def text_of(pdf: bytes) -> str:
    """Return the words of a document; every kind of space is one."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_what_was_released_counts_in_its_quarter_less_what_went_back(charge: Charge, bob: Person, at: datetime) -> None:
    first = release(60_000, at)
    release(40_000, at + timedelta(days=60))
    give_back(first, 10_000, bob, at + timedelta(days=61))
    assert bob.party is not None
    spring, summer = earnings_of(2026, party_id=bob.party.pk)
    assert (spring.quarter, spring.activities, spring.gross, spring.fee, spring.net) == (2, 1, 60_000, 6_000, 54_000)
    assert (summer.quarter, summer.activities, summer.gross, summer.fee, summer.net) == (3, 1, 30_000, 3_000, 27_000)
    year = total_of([spring, summer])
    assert (year.activities, year.gross, year.charged, year.net) == (2, 90_000, 9_000, 81_000)
    assert years_earned(bob.party.pk) == [2026]
    assert earnings_of(2025) == earnings_of(2027) == []


def test_what_a_bank_took_counts_no_more(alice: Person, bob: Person, told: Told, at: datetime) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, cards.CHARGED_BACK, at=at), at=at).pk, at=at)
    release(100_000, at)
    cards.settle_all(at + cards.SANDBOX_TIME)
    cards.sandbox().decide_dispute(Chargeback.objects.get().provider_id, is_won=False, at=at)
    cards.settle_all(at + 2 * cards.SANDBOX_TIME)
    (spring,) = earnings_of(2026)
    assert (spring.activities, spring.gross, spring.fee, spring.net) == (1, 0, 0, 0)


def test_the_last_moment_of_a_year_is_of_that_year(charge: Charge, bob: Person) -> None:
    release(60_000, datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    release(40_000, datetime(2027, 1, 1, tzinfo=UTC))
    assert [(part.quarter, part.gross) for part in earnings_of(2026)] == [(4, 60_000)]
    assert [(part.quarter, part.gross) for part in earnings_of(2027)] == [(1, 40_000)]


def test_the_certificate_says_who_earned_what(charge: Charge, client: Client, bob: Person, at: datetime) -> None:
    release(60_000, at)
    LegalProfile.objects.filter(party=bob.party).update(legal_name="Bob & <b>Keller</b> EI")
    sign_in(client, bob)
    text = text_of(client.get(reverse("payments:earnings", args=[2026])).content)
    assert "Earnings certificate 2026" in text
    for sum_ in ("€600.00", "€60.00", "€540.00"):
        assert sum_ in text
    assert client.get(reverse("payments:earnings", args=[2025])).status_code == 404
    assert client.get(reverse("payments:earnings", args=[0])).status_code == 404
    assert client.get("/en/wallet/earnings/99999.pdf").status_code == 404
    assert reverse("payments:earnings", args=[2026]) in client.get(reverse("payments:invoices")).content.decode()


def test_a_receipt_tells_what_was_paid_and_what_became_of_it(charge: Charge, bob: Person, at: datetime) -> None:
    first = release(60_000, at)
    give_back(first, 10_000, bob, at + timedelta(days=1))
    cards.settle_all(at + timedelta(days=1) + cards.SANDBOX_TIME)
    text = text_of(receipt_pdf(charge))
    for words in ("€1,000.00", "€50.00", "€1,050.00", "Logo", "€600.00", "Returned to the payer: €105.00"):
        assert words in text, text
    with translation.override("fr"):
        assert "1 050,00 €" in text_of(receipt_pdf(charge))


def test_there_is_no_receipt_of_what_was_not_paid(alice: Person, told: Told, client: Client, at: datetime) -> None:
    denied = actions.run_charge(charge_id=start(alice, make_card(alice, cards.DECLINED, at=at), at=at).pk, at=at)
    assert denied.status == Charge.Status.DENIED
    sign_in(client, alice)
    assert client.get(reverse("payments:receipt", args=[denied.pk])).status_code == 404
    assert "receipt.pdf" not in client.get(reverse("payments:charge", args=[denied.pk])).content.decode()


def test_the_report_has_a_line_for_each_freelancer(charge: Charge, bob: Person, at: datetime) -> None:
    release(60_000, at)
    release(40_000, at + timedelta(days=60))
    LegalProfile.objects.filter(party=bob.party).update(legal_name="=1+1")
    out = io.StringIO()
    call_command("platform_report", 2026, stdout=out)
    (line,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert bob.party is not None
    assert (line["account"], line["currency"]) == (f"party:{bob.party.pk}", "EUR")
    assert not line["name"].startswith("=")
    quarters = [[line[f"q{quarter}_{name}"] for name in ("activities", "paid", "fees")] for quarter in (1, 2, 3, 4)]
    assert quarters == [
        ["0", "0.00", "0.00"],
        ["1", "540.00", "60.00"],
        ["1", "360.00", "40.00"],
        ["0", "0.00", "0.00"],
    ]
    with pytest.raises(CommandError, match="from 2000"):
        call_command("platform_report", 1999)
