"""Planning an interview: proposing times, answering them, moving, calling off, and the list of what comes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from accounts.models import User
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from messaging.guard import LeadsAway
from proposals.actions import accept_interview, cancel_interview, move_interview, propose_interview
from proposals.forms import InterviewAnswerForm, InterviewCancelForm, InterviewForm
from proposals.models import Conversation, Interview
from proposals.papers import interview_calendar
from proposals.permissions import can_plan_interview
from proposals.queries import (
    coming_interviews,
    conversation_for,
    interview_for,
    interview_view,
    room_page,
    zone_of_side,
)


@login_required
@require_safe
def interviews(request: Request) -> HttpResponse:
    """List the interviews of the reader's party that are agreed or wait for an answer."""
    if request.actor.party_id is None:
        raise NotFound("")
    rows = [interview_view(each, request.actor, now()) for each in coming_interviews(request.actor)]
    return render(request, "proposals/interviews.html", {"interviews": rows})


@login_required
@require_safe
def interview_detail(request: Request, interview_id: int) -> HttpResponse:
    """Show an interview, with what the reader can do: answer, move, call off, put it into a calendar."""
    interview = interview_for(request.actor, interview_id)
    return render(request, "proposals/interview.html", _context(request, interview))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("interview_plan", limit=60, seconds=HOUR)
def interview_new(request: Request, conversation_id: int) -> HttpResponse:
    """Propose times for an interview."""
    conversation = conversation_for(request.actor, conversation_id)
    _demand_planner(request, conversation)
    running = Interview.objects.filter(conversation=conversation, status__in=Interview.LIVE).first()
    if running is not None and request.method != "POST":
        return redirect("proposals:interview", interview_id=running.pk)
    form = InterviewForm(request.POST or None)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                interview = propose_interview(
                    conversation_id=conversation.pk, terms=form.terms(), by=request.actor, at=now()
                )
            except LeadsAway as error:
                form.add_problems(error.problems)
                status = error.status_code
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("Your times were sent. You will be told when one of them is chosen."))
                return redirect("proposals:interview", interview_id=interview.pk)
    return _plan_page(request, conversation, form, refusal=refusal, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("interview_plan", limit=60, seconds=HOUR)
def interview_move(request: Request, interview_id: int) -> HttpResponse:
    """Propose other times for an interview."""
    interview = interview_for(request.actor, interview_id)
    _demand_planner(request, interview.conversation)
    if interview.status not in Interview.LIVE and request.method != "POST":
        return redirect("proposals:interview", interview_id=interview.pk)
    was = {name: getattr(interview, name) for name in ("minutes", "way", "link", "note")}
    form = InterviewForm(request.POST or None, initial=was)
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 9 else interview.version
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                move_interview(
                    interview_id=interview.pk, seen_version=seen, terms=form.terms(), by=request.actor, at=now()
                )
            except LeadsAway as error:
                form.add_problems(error.problems)
                status = error.status_code
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("Your times were sent. You will be told when one of them is chosen."))
                return redirect("proposals:interview", interview_id=interview.pk)
    return _plan_page(
        request, interview.conversation, form, refusal=refusal, status=status, interview=interview, version=seen
    )


@require_POST
@login_required
@limited("interview_plan", limit=60, seconds=HOUR)
def interview_accept(request: Request, interview_id: int) -> HttpResponse:
    """Agree to one of the proposed times."""
    interview = interview_for(request.actor, interview_id)
    view = interview_view(interview, request.actor, now())
    form = InterviewAnswerForm(request.POST, choices=[(time.slot_id, "") for time in view.times])
    refusal, status = "", 422
    if form.is_valid():
        try:
            accept_interview(
                interview_id=interview.pk,
                slot_id=form.cleaned_data["slot"],
                seen_version=form.cleaned_data["version"],
                by=request.actor,
                at=now(),
            )
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            messages.success(request, _("The interview is agreed. A mail with a file for your calendar is on its way."))
            return redirect("proposals:interview", interview_id=interview.pk)
    else:
        refusal = _("Choose one of the proposed times.")
    context = _context(request, interview_for(request.actor, interview_id))
    return render(request, "proposals/interview.html", {**context, "refusal": refusal}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("interview_plan", limit=60, seconds=HOUR)
def interview_cancel(request: Request, interview_id: int) -> HttpResponse:
    """Ask why, and call an interview off."""
    interview = interview_for(request.actor, interview_id)
    _demand_planner(request, interview.conversation)
    if interview.status not in Interview.LIVE and request.method != "POST":
        return redirect("proposals:interview", interview_id=interview.pk)
    form = InterviewCancelForm(request.POST or None, initial={"version": interview.version})
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cancel_interview(
                    interview_id=interview.pk,
                    seen_version=form.cleaned_data["version"],
                    note=form.cleaned_data["note"],
                    by=request.actor,
                    at=now(),
                )
            except LeadsAway as error:
                form.add_error("note", error.problems["note"])
                status = error.status_code
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The interview was cancelled."))
                return redirect(room_page(interview.conversation))
    context = {**_context(request, interview), "form": form, "refusal": refusal, "has_errors": status != 200}
    return render(request, "proposals/interview_cancel.html", context, status=status)


@login_required
@require_safe
def interview_file(request: Request, interview_id: int) -> HttpResponse:
    """Hand out an agreed interview as a file for a calendar; of a cancelled one, the file that takes it out."""
    interview = interview_for(request.actor, interview_id)
    if interview.starts_at is None:
        raise NotFound("")
    link = settings.BASE_URL.rstrip("/") + reverse("proposals:interview", kwargs={"interview_id": interview.pk})
    content = interview_calendar(
        interview,
        reader=User.objects.get(pk=request.actor.person_id),
        party_id=request.actor.party_id,
        link=link,
        starts_at=interview.starts_at,
        minutes=interview.minutes,
        version=interview.version,
        is_cancelled=interview.status == Interview.Status.CANCELLED,
        at=interview.ended_at or interview.accepted_at or interview.proposed_at,
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="interview-{interview.pk}.ics"'
    return response


def _demand_planner(request: Request, conversation: Conversation) -> None:
    if not can_plan_interview(request.actor, conversation):
        raise NotAllowed(_("Your role reads this conversation but does not plan interviews."))


def _context(request: Request, interview: Interview) -> dict[str, Any]:
    return {
        "interview": interview,
        "view": interview_view(interview, request.actor, now()),
        "job": interview.conversation.job,
        "room_url": room_page(interview.conversation),
    }


def _plan_page(
    request: Request,
    conversation: Conversation,
    form: InterviewForm,
    *,
    refusal: str,
    status: int,
    interview: Interview | None = None,
    version: int = 0,
) -> HttpResponse:
    is_client = request.actor.party_id == conversation.job.client_id
    other = conversation.party if is_client else conversation.job.client
    at = now()
    zone = zone_of_side(conversation, other.pk)
    context = {
        "conversation": conversation,
        "job": conversation.job,
        "interview": interview,
        "version": version,
        "form": form,
        "refusal": refusal,
        "has_errors": status != 200,
        "other": other,
        "their_zone": zone,
        "now": at,
        "room_url": room_page(conversation),
    }
    return render(request, "proposals/interview_plan.html", context, status=status)
