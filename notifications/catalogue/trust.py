"""Notices of trust: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from notifications.catalogue.shapes import Kind, Thing, path_of
from trust.models import Report, ReportCase
from trust.queries import thing_name


def _report(pk: int) -> Thing:
    report = Report.objects.select_related("case__job", "case__profile__party", "case__party").get(pk=pk)
    path = path_of("trust:report", report_id=pk)
    return Thing(None, None, {"thing": thing_name(report.case)}, path, people=(report.reporter_id,))


def _report_case(pk: int) -> Thing:
    case = ReportCase.objects.select_related("job", "profile__party", "party").get(pk=pk)
    path = path_of("admin:trust_reportcase_change", object_id=pk)
    return Thing(None, None, {"thing": thing_name(case)}, path)


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "report": _report,
    "report_case": _report_case,
}

KINDS: Mapping[str, Kind] = {
    "trust.report_answered": Kind("person", _("We looked at what you reported: “%(thing)s”"), "%(outcome)s"),
    "trust.case_opened": Kind(
        "staff", _("Reported: “%(thing)s”"), _("Read it and decide."), is_mailed=False, staff="moderator"
    ),
}
