"""Who may read and decide cases: mediators, on the staff's pages."""

from __future__ import annotations

from tests.access import Row, admin_pages, staff_cells

ACCESS = {
    **admin_pages("disputes_case", "mediator", lambda w: w.case.pk),
    "admin:disputes_case_decide": Row(
        kwargs=lambda w: {"case_id": w.case.pk},
        post=staff_cells(redirect="mediator"),
        data=lambda w: {
            "seen_version": w.case.version,
            "to_freelancer": f"{w.case.gross // 100}",
            "to_client": "0",
            "reasons": "The work was done.",
        },
    ),
}
