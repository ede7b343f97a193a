"""`manage.py platform_report YEAR`: what each freelancer earned in a year, for the report of platforms (DAC7)."""

from __future__ import annotations

import csv
import sys
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import LegalProfile
from core.clock import now
from core.money import decimal_text
from core.text import sheet_cell
from payments.models import PayoutMethod
from payments.queries import Earned, earnings_of, identity_of

FIRST_YEAR = 2000
QUARTERS = (1, 2, 3, 4)
ABOUT = ("account", "name", "address", "country", "status", "siret", "vat_number", "banks", "currency")
SUMS = ("activities", "paid", "fees")


class Command(BaseCommand):
    """Writes a table with a line for each freelancer and currency to standard output.

    For each quarter (UTC): the number of paid pieces of work, what was paid to the freelancer less fees, and the fees,
    VAT included. Tax numbers and days of birth are kept by the payment provider alone.
    """

    help = "Write what each freelancer earned in a year as CSV: name, address, numbers, and sums by quarter."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year."""
        parser.add_argument("year", type=int)

    def handle(self, *_args: Any, year: int, **_options: Any) -> None:
        if not FIRST_YEAR <= year <= now().year:
            raise CommandError(f"The year is one from {FIRST_YEAR} to this one.")
        writer = csv.writer(self.stdout)
        writer.writerow([*ABOUT, *(f"q{quarter}_{name}" for quarter in QUARTERS for name in SUMS)])
        count = 0
        by_party = groupby(sorted(earnings_of(year), key=_seller), key=_seller)
        for (party_id, currency), parts in by_party:
            quarters = {part.quarter: part for part in parts}
            cells: list[str | int] = []
            for number in QUARTERS:
                part = quarters.get(number)
                money = [part.net, part.charged] if part else [0, 0]
                cells += [part.activities if part else 0, *(decimal_text(amount, currency) for amount in money)]
            writer.writerow([*_about(party_id), currency, *cells])
            count += 1
        print(f"{count} {'freelancer' if count == 1 else 'freelancers'}", file=sys.stderr)


def _seller(part: Earned) -> tuple[int, str]:
    return part.party_id, part.currency


def _about(party_id: int) -> list[str]:
    """Return the number, name, address, country, status, SIRET, VAT number and bank accounts of a party."""
    identity = identity_of(party_id)
    profile = LegalProfile.objects.filter(party=party_id).first()
    banks = PayoutMethod.objects.filter(party=party_id).exclude(status=PayoutMethod.Status.REMOVED).order_by("pk")
    texts = [
        identity["name"],
        ", ".join(identity["address"].split("\n")),
        identity["country"],
        profile.status if profile else "",
        identity["siret"],
        identity["vat_number"],
        ", ".join(method.label for method in banks),
    ]
    return [f"party:{party_id}", *(sheet_cell(text) for text in texts)]
