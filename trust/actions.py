"""What people report, and what moderators decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import clear_about
from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from jobs.actions import remove_job
from jobs.models import Job
from profiles.actions import request_profile_changes
from profiles.models import Profile
from trust.models import Report, ReportCase
from trust.permissions import can_decide_case, can_report
from trust.queries import open_cases

Status, Decision, Kind = ReportCase.Status, ReportCase.Decision, ReportCase.Kind


class NothingToReport(DomainError):
    """Only what others can see is reported: an open job, an approved profile, a client's page."""


class AlreadyReported(DomainError):
    """A person reports a thing once until staff have decided."""


class TooManyReports(DomainError):
    """A person reports so many things in 24 hours and no more."""

    status_code = 429


class ReportUnclear(DomainError):
    """Who reports something else says what."""


class CaseDecided(DomainError):
    """A case is decided once."""


class CaseChanged(DomainError):
    """A decision is about the reports that were read."""


class WrongThing(DomainError):
    """A job is removed, a profile is sent back, the text of a page is taken down: each only where there is one."""


class WhyMissing(DomainError):
    """Staff decide with a reason."""


@transaction.atomic
def report_job(*, job_id: int, reason: str, text: str, by: Actor, at: datetime) -> Report:
    """Report an open or paused job to staff. Its client is not told, and never learns by whom.

    From: no case, open. To: open. Event: trust.thing_reported; trust.case_opened for the first report.

    Raises NotAllowed for visitors and the client's own people, NothingToReport for a job that is not live,
    AlreadyReported, TooManyReports, ReportUnclear.
    """
    job = Job.objects.locked(job_id)
    _check_reporter(by, job.client_id)
    if job.status not in Job.LIVE:
        raise NothingToReport(_("This job has ended, so nobody can answer it any more."))
    fresh = ReportCase(kind=Kind.JOB, job=job, party_id=job.client_id)
    return _report(open_cases(job_id=job_id).first(), fresh, reason=reason, text=text, by=by, at=at)


@transaction.atomic
def report_profile(*, profile_id: int, reason: str, text: str, by: Actor, at: datetime) -> Report:
    """Report an approved profile to staff, as `report_job` does.

    From: no case, open. To: open. Event: trust.thing_reported; trust.case_opened for the first report.

    Raises NothingToReport for a profile that is not approved, and what `report_job` raises.
    """
    profile: Profile = Profile.objects.locked(profile_id)
    _check_reporter(by, profile.party_id)
    if profile.status != Profile.Status.APPROVED:
        raise NothingToReport(_("This profile is not public."))
    fresh = ReportCase(kind=Kind.PROFILE, profile=profile, party_id=profile.party_id)
    return _report(open_cases(profile_id=profile_id).first(), fresh, reason=reason, text=text, by=by, at=at)


@transaction.atomic
def report_client(*, party_id: int, reason: str, text: str, by: Actor, at: datetime) -> Report:
    """Report a client and what stands on its page to staff, as `report_job` does.

    From: no case, open. To: open. Event: trust.thing_reported; trust.case_opened for the first report.

    Raises NothingToReport for a party that is no client, and what `report_job` raises.
    """
    party = Party.objects.locked(party_id)
    _check_reporter(by, party_id)
    if party.kind != Party.Kind.CLIENT:
        raise NothingToReport(_("There is no such client."))
    fresh = ReportCase(kind=Kind.CLIENT, party=party)
    return _report(open_cases(party_id=party_id).first(), fresh, reason=reason, text=text, by=by, at=at)


@transaction.atomic
def dismiss_reports(*, case_id: int, seen_reports: int, reason: str, by: Actor, at: datetime) -> ReportCase:
    """Decide that what was reported is within the rules; its owner hears nothing of it.

    From: open. To: dismissed. Event: trust.reports_dismissed; trust.report_answered to each reporter.

    Raises NotAllowed if `by` does not decide this case, CaseDecided, CaseChanged if more was reported than
    `seen_reports`, WhyMissing without a reason.
    """
    case = _to_decide(case_id, seen_reports, reason, by)
    return _decide(case, Status.DISMISSED, reason=reason, by=by, at=at)


@transaction.atomic
def uphold_reports(*, case_id: int, seen_reports: int, reason: str, by: Actor, at: datetime) -> ReportCase:
    """Decide that the reports are right where nothing is left to change; the case stays with the party's others.

    From: open. To: upheld (noted). Event: trust.reports_upheld; trust.report_answered to each reporter.

    Raises as `dismiss_reports` does.
    """
    case = _to_decide(case_id, seen_reports, reason, by)
    return _decide(case, Status.UPHELD, Decision.NOTED, reason=reason, by=by, at=at)


@transaction.atomic
def remove_reported_job(*, case_id: int, seen_reports: int, reason: str, by: Actor, at: datetime) -> ReportCase:
    """Remove a job that was reported; its client reads the reason, its bidders get their connects back.

    From: open. To: upheld (removed). Event: those of `remove_job`; trust.reports_upheld, trust.report_answered.

    Raises as `dismiss_reports` does, WrongThing unless a job was reported, what `remove_job` raises.
    """
    job_id = ReportCase.objects.values_list("job_id", flat=True).get(pk=case_id)
    if job_id is None:
        raise WrongThing(_("No job was reported here."))
    Job.objects.locked(job_id)
    case = _to_decide(case_id, seen_reports, reason, by)
    _decide(case, Status.UPHELD, Decision.REMOVED, reason=reason, by=by, at=at)
    remove_job(job_id=job_id, reason=reason, by=by, at=at)
    return case


@transaction.atomic
def send_back_reported_profile(
    *,
    case_id: int,
    seen_reports: int,
    seen_version: int,
    points: Sequence[str],
    reason: str,
    by: Actor,
    at: datetime,
) -> ReportCase:
    """Ask for changes of a profile that was reported; it is not public until it is approved again.

    From: open. To: upheld (sent back). Event: those of `request_profile_changes`; trust.reports_upheld,
    trust.report_answered.

    Raises as `dismiss_reports` does, WrongThing unless a profile was reported, what `request_profile_changes` raises.
    """
    profile_id = ReportCase.objects.values_list("profile_id", flat=True).get(pk=case_id)
    if profile_id is None:
        raise WrongThing(_("No profile was reported here."))
    Profile.objects.locked(profile_id)
    case = _to_decide(case_id, seen_reports, reason, by)
    _decide(case, Status.UPHELD, Decision.SENT_BACK, reason=reason, by=by, at=at)
    request_profile_changes(
        profile_id=profile_id, seen_version=seen_version, points=points, note=reason.strip(), by=by, at=at
    )
    return case


@transaction.atomic
def clear_reported_page(*, case_id: int, seen_reports: int, reason: str, by: Actor, at: datetime) -> ReportCase:
    """Take down what a reported client says about itself; it reads the reason and may write another text.

    From: open. To: upheld (cleared). Event: those of `clear_about`; trust.reports_upheld, trust.report_answered.

    Raises as `dismiss_reports` does, WrongThing unless a client was reported, what `clear_about` raises.
    """
    kind, party_id = ReportCase.objects.values_list("kind", "party_id").get(pk=case_id)
    if kind != Kind.CLIENT:
        raise WrongThing(_("No client’s page was reported here."))
    Party.objects.locked(party_id)
    case = _to_decide(case_id, seen_reports, reason, by)
    _decide(case, Status.UPHELD, Decision.CLEARED, reason=reason, by=by, at=at)
    clear_about(party_id=party_id, reason=reason, by=by, at=at)
    return case


@transaction.atomic
def hear_decision(*, case_id: int, decision: str, reason: str, decided_by_id: int | None, at: datetime) -> ReportCase:
    """Close a case whose thing staff removed, sent back or took down on its own screen; a decided one stays.

    From: open. To: upheld. Event: trust.reports_upheld; trust.report_answered to each reporter.
    """
    case = ReportCase.objects.locked(case_id)
    if case.status != Status.OPEN:
        return case
    case.decided_by_id = decided_by_id
    return _decide(case, Status.UPHELD, Decision(decision), reason=reason, by=Actor.system(), at=at)


def _check_reporter(by: Actor, party_id: int) -> None:
    if not can_report(by, party_id):
        raise NotAllowed(_("Log in to report something; what is your own cannot be reported."))


def _report(known: ReportCase | None, fresh: ReportCase, *, reason: str, text: str, by: Actor, at: datetime) -> Report:
    """Add a person's report to the known case of a thing, whose row is locked, or open a fresh one with it."""
    if reason == Report.Reason.OTHER and not text.strip():
        raise ReportUnclear(_("Say in a sentence what is wrong."))
    if known and Report.objects.filter(case=known, reporter_id=by.person_id).exists():
        raise AlreadyReported(_("You have reported this already. We tell you when we have looked at it."))
    most = rules().reports_per_day
    if Report.objects.filter(reporter_id=by.person_id, created_at__gt=at - timedelta(days=1)).count() >= most:
        raise TooManyReports(_("You have reported a lot in the last 24 hours. Go on tomorrow."))
    case = known or fresh
    if known is None:
        case.opened_at, case.due_at = at, at + timedelta(hours=rules().report_review_hours)
        case.save(force_insert=True)
        record(kind="trust.case_opened", actor=Actor.system(), subject=f"report_case:{case.pk}", at=at)
    report = Report.objects.create(
        case=case, reporter_id=by.person_id, reason=Report.Reason(reason), text=text.strip(), created_at=at
    )
    record(kind="trust.thing_reported", actor=by, subject=f"report_case:{case.pk}", at=at, reason_code=reason)
    return report


def _to_decide(case_id: int, seen_reports: int, reason: str, by: Actor) -> ReportCase:
    """Lock a case and return it if `by` may decide it now, having read all of it. Raises as `dismiss_reports` does."""
    case = ReportCase.objects.locked(case_id)
    if not can_decide_case(by, case):
        raise NotAllowed(_("Only moderators decide about reports: not about their own party, nor what they reported."))
    if case.status != Status.OPEN:
        raise CaseDecided(_("This has been decided already."))
    if case.reports.count() != seen_reports:
        raise CaseChanged(_("More was reported after you opened this page. Read it again."))
    if not reason.strip():
        raise WhyMissing(_("Say why in a sentence."))
    return case


def _decide(case: ReportCase, status: str, decision: str = "", *, reason: str, by: Actor, at: datetime) -> ReportCase:
    case.status, case.decision, case.note, case.decided_at = status, decision, reason.strip(), at
    if by.user_id is not None:
        case.decided_by_id = by.user_id
    case.save(update_fields=["status", "decision", "note", "decided_at", "decided_by"])
    record(
        kind=f"trust.reports_{status}",
        actor=by,
        subject=f"report_case:{case.pk}",
        at=at,
        reason=case.note,
        decision=decision,
    )
    for report in case.reports.order_by("pk"):
        record(kind="trust.report_answered", actor=by, subject=f"report:{report.pk}", at=at, outcome=str(status))
    return case
