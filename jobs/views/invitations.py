"""Inviting people to a job, for its client; reading and declining invitations, for who received them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from core.product import rules
from jobs.actions import decline_invitation, invite_to_job, withdraw_invitation
from jobs.forms import DeclineInvitationForm, InviteForm
from jobs.models import Job
from jobs.permissions import can_answer_invitation, can_manage_job, can_mark_jobs, can_post_job
from jobs.queries import (
    invitable_jobs,
    invitation_for,
    invited_to,
    job_for,
    received,
    received_counts,
    suggested_people,
)
from messaging.guard import LeadsAway
from profiles.queries import profile_for_public, saved_among
from profiles.views.rows import talent_rows
from taxonomy.queries import lexicon

PER_PAGE = 20


@login_required
@require_safe
def invitation_list(request: Request) -> HttpResponse:
    """List the invitations that the reader's party received: those that wait, or those that are over."""
    if not can_mark_jobs(request.actor):
        raise NotAllowed(_("Switch to your freelancer account to see your invitations."))
    is_over = request.GET.get("tab") == "over"
    waiting, over = received_counts(request.actor)
    context = {
        "is_over": is_over,
        "waiting": waiting,
        "over": over,
        "page": Paginator(received(request.actor, is_waiting=not is_over), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "jobs/invitations.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("invitation_decline", limit=120, seconds=HOUR)
def invitation_decline(request: Request, invitation_id: int) -> HttpResponse:
    """Ask why, and decline an invitation."""
    invitation = invitation_for(request.actor, invitation_id)
    if not can_answer_invitation(request.actor, invitation):
        raise NotAllowed(_("Only who was invited can decline this invitation."))
    form = DeclineInvitationForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            decline_invitation(invitation_id=invitation.pk, **form.cleaned_data, by=request.actor, at=now())
        except LeadsAway as error:
            form.add_problems(error.problems)
            status = error.status_code
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            messages.success(request, _("You declined the invitation. The client reads your reason."))
            return redirect("jobs:invitations")
    context = {
        "invitation": invitation,
        "job": invitation.job,
        "form": form,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "jobs/invitation_decline.html", context, status=status)


@login_required
@require_safe
def job_invite(request: Request, job_id: int) -> HttpResponse:
    """Show a client who was invited to a job, and who fits it best."""
    job = _own_job(request, job_id)
    invited = invited_to(job)
    known = {invitation.party.profile.pk for invitation in invited if hasattr(invitation.party, "profile")}
    is_open = job.status == Job.Status.OPEN
    rows = []
    if is_open:
        words = lexicon()
        page = suggested_people(job, request.actor, lexicon=words)
        asked = frozenset(job.skills.values_list("pk", flat=True))
        rows = [row for row in talent_rows(page, words, asked=asked, at=now()) if row.who.pk not in known]
    context = {
        "job": job,
        "saved": saved_among(request.actor, [row.who.pk for row in rows]),
        "invited": invited,
        "rows": rows,
        "is_open": is_open,
        "days": rules().job_invitation_days,
        "most": rules().invitations_a_day,
    }
    return render(request, "jobs/invite.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("invite", limit=120, seconds=HOUR)
def person_invite(request: Request, slug: str) -> HttpResponse:
    """Choose a job and a note, and invite the person of a profile."""
    profile = profile_for_public(request.actor, slug)
    if not can_post_job(request.actor, request.actor.party_id):
        raise NotAllowed(_("Switch to your client account to invite people."))
    jobs = invitable_jobs(request.actor)
    form = InviteForm(request.POST or None, jobs=jobs, initial={"job": request.GET.get("job", "")})
    refusal, status = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite_to_job(
                job_id=form.cleaned_data["job"],
                party_id=profile.party_id,
                note=form.cleaned_data["note"],
                by=request.actor,
                at=now(),
            )
        except LeadsAway as error:
            form.add_problems(error.problems)
            status = error.status_code
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            messages.success(request, _("%(name)s is invited.") % {"name": profile.party.public_name})
            return redirect("jobs:invite", job_id=invitation.job_id)
    context = {
        "profile": profile,
        "form": form,
        "jobs": jobs,
        "refusal": refusal,
        "has_errors": status != 200,
        "days": rules().job_invitation_days,
    }
    return render(request, "jobs/invite_person.html", context, status=status)


@login_required
@require_POST
def invitation_withdraw(request: Request, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = invitation_for(request.actor, invitation_id)
    withdraw_invitation(invitation_id=invitation.pk, by=request.actor, at=now())
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("jobs:invite", job_id=invitation.job_id)


def _own_job(request: Request, job_id: int) -> Job:
    job = job_for(request.actor, job_id)
    if not can_manage_job(request.actor, job):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))
    return job
