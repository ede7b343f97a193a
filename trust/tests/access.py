"""Who may report what, read a report, and decide about it."""

from __future__ import annotations

from typing import Any

from tests.access import Row, admin_pages, cells, staff_cells

#: Those who act for Alice's party, and Alice under her other hat.
HERS = "client client_admin hiring_manager finance member wrong_hat"


def _report(_world: Any) -> dict[str, Any]:
    return {"reason": "scam", "text": "They ask to be paid in vouchers."}


ACCESS = {
    "trust:mine": Row(get=cells(ok="*")),
    "trust:report": Row(
        kwargs=lambda w: {"report_id": w.report.pk},
        get=cells(ok="other_client", missing="*"),
        note="a report is its reporter's",
    ),
    "trust:job": Row(
        kwargs=lambda w: {"job_id": w.job.pk},
        data=_report,
        get=cells(deny=HERS, redirect="other_client", ok="*"),
        post=cells(deny=HERS, redirect="*"),
        note="the other client has reported it and is led to that report",
    ),
    "trust:profile": Row(
        kwargs=lambda w: {"slug": w.profile.slug},
        data=_report,
        get=cells(deny="freelancer named_worker", ok="*"),
        post=cells(deny="freelancer named_worker", redirect="*"),
    ),
    "trust:client": Row(
        kwargs=lambda w: {"slug": w.client.party.slug},
        data=_report,
        get=cells(deny=HERS, ok="*"),
        post=cells(deny=HERS, redirect="*"),
    ),
    **admin_pages("trust_reportcase", "moderator", lambda w: w.report.case_id),
    "admin:trust_reportcase_decide": Row(
        kwargs=lambda w: {"case_id": w.report.case_id, "decision": "dismiss"},
        post=staff_cells(redirect="moderator"),
        data=lambda _w: {"seen_reports": "1", "reason": "Three jobs, three ports."},
    ),
}
