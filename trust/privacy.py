"""What this app knows about people: what they reported, and cases about what is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accounts.privacy import Leaver, Reader, Sheet, datum, fields_of
from trust.models import Report, ReportCase

DATA = (
    datum(
        "trust.Report",
        "reports.json: those of the person, never those about them",
        "nameless",
        "What was said of others stays for its case, by number.",
    ),
    datum("trust.ReportCase", "not: it would tell who reported", "deleted", "With what it is about."),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield what a person reported, with the outcome that they were told of."""
    mine = Report.objects.filter(reporter_id=reader.user_id).order_by("pk")
    yield Sheet("reports", fields_of(mine, "case__kind", "reason", "text", "created_at", "case__status"))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete the cases about the parties that close: what they are about goes in the same transaction."""
    Report.objects.filter(case__party_id__in=leaver.party_ids).delete()
    ReportCase.objects.filter(party_id__in=leaver.party_ids).delete()
