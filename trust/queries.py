"""Reads of reports: a person's own, and the queue of staff."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotFound
from trust.models import Report, ReportCase

Kind = ReportCase.Kind
#: Earlier cases that a case's screen shows.
EARLIER = 20


def reports_for(actor: Actor) -> QuerySet[Report]:
    """Return the actor's own reports, newest first, with the thing each is about at hand; nobody sees another's."""
    mine = Report.objects.filter(reporter_id=0 if actor.impersonator_id is not None else actor.user_id or 0)
    return mine.select_related("case__job", "case__profile__party", "case__party").order_by("-created_at", "-pk")


def report_for(actor: Actor, report_id: int) -> Report:
    """Return one of the actor's own reports. Raises NotFound."""
    report = reports_for(actor).filter(pk=report_id).first()
    if report is None:
        raise NotFound(_("There is no such report."))
    return report


def open_report(actor: Actor, **thing: int) -> Report | None:
    """Return what the actor said of a thing that staff have not decided about yet. `thing` as in `open_cases`."""
    return reports_for(actor).filter(case__in=open_cases(**thing)).first()


def open_cases(**thing: int) -> QuerySet[ReportCase]:
    """Return the open case of a thing, if any: `job_id`, `profile_id`, or `party_id` for a client's page."""
    (name,) = thing
    kind = {"job_id": Kind.JOB, "profile_id": Kind.PROFILE, "party_id": Kind.CLIENT}[name]
    return ReportCase.objects.filter(kind=kind, status=ReportCase.Status.OPEN, **thing)


def thing_name(case: ReportCase) -> str:
    """Return the name of a reported thing as everybody sees it. Needs job, profile and party at hand."""
    if case.job is not None:
        return case.job.title
    return (case.profile.party if case.profile is not None else case.party).public_name


def queue() -> QuerySet[ReportCase]:
    """Return the cases with how many reports each has and for which reasons, for the list of staff."""
    cases = ReportCase.objects.select_related("job", "profile__party", "party")
    return cases.annotate(reported=Count("reports"), reasons=ArrayAgg("reports__reason", distinct=True))


@dataclass(frozen=True, slots=True)
class Screen:
    """What staff see of a case: its reports, and the earlier cases about the same party."""

    case: ReportCase
    reports: list[Report]
    earlier: list[ReportCase]


def case_screen(case: ReportCase) -> Screen:
    """Return the reports of a case, oldest first, and the other cases of its party, newest first. Two queries."""
    reports = list(case.reports.select_related("reporter").order_by("created_at", "pk"))
    others = queue().filter(party_id=case.party_id).filter(~Q(pk=case.pk)).order_by("-opened_at", "-pk")[:EARLIER]
    return Screen(case, reports, list(others))
