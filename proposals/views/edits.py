"""Changing the letter and the terms of a proposal that was sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from files.queries import files_of
from messaging.guard import LeadsAway
from proposals.actions import edit_letter, edit_terms, highlights_of
from proposals.forms import (
    BY_MILESTONES,
    ROWS,
    WHOLE,
    BaseMilestoneRows,
    LetterForm,
    TermsForm,
    plan_rows,
    rows_showing,
)
from proposals.models import PROPOSAL_FILES, Proposal
from proposals.permissions import can_edit_proposal
from proposals.queries import proposal_for
from proposals.views.prices import CHANGING, amount_in, are_valid, changed_rows, plan_problem, quote_shown

WRITES = ["GET", "HEAD", "POST"]


def _own(request: Request, proposal_id: int) -> Proposal:
    proposal = proposal_for(request.actor, proposal_id)
    if not can_edit_proposal(request.actor, proposal):
        raise NotAllowed(_("You may not change this proposal."))
    return proposal


@login_required
@require_http_methods(WRITES)
@limited("proposal_edit", limit=600, seconds=HOUR)
def proposal_edit_letter(request: Request, proposal_id: int) -> HttpResponse:
    """Change the letter, the answers and what goes with them, before anybody has read them."""
    proposal = _own(request, proposal_id)
    initial = {f"answer_{number}": answer for number, answer in enumerate(proposal.answers)} | {
        "letter": proposal.letter,
        "language": proposal.language,
        "highlights": [f"{each.kind}-{each.id}" for each in highlights_of(proposal)],
        "attachments": files_of(PROPOSAL_FILES, proposal.pk),
        "seen_version": proposal.version,
    }
    form = LetterForm(request.POST or None, request.FILES or None, job=proposal.job, by=request.actor, initial=initial)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_letter(
                    proposal_id=proposal.pk,
                    letter=form.cleaned_data["letter"],
                    answers=form.answers(),
                    language=form.cleaned_data["language"],
                    highlights=form.cleaned_data["highlights"],
                    file_ids=form.file_ids(),
                    seen_version=form.cleaned_data["seen_version"] or 0,
                    by=request.actor,
                    at=now(),
                )
            except LeadsAway as error:
                form.add_problems(error.problems)
                status = error.status_code
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("Your letter was changed."))
                return redirect("proposals:detail", proposal_id=proposal.pk)
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "form": form,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "proposals/edit_letter.html", context, status=status)


@login_required
@require_http_methods(WRITES)
@limited("proposal_edit", limit=600, seconds=HOUR)
def proposal_edit_terms(request: Request, proposal_id: int) -> HttpResponse:
    """Change the price, its milestones or the duration, before an offer is made."""
    proposal = _own(request, proposal_id)
    job = proposal.job
    plan: list[dict[str, Any]] = [
        {"title": each.title, "amount": each.amount, "due_on": each.due_on} for each in proposal.milestones.all()
    ]
    initial = {
        "pricing": BY_MILESTONES if plan else WHOLE,
        "amount": proposal.amount,
        "duration": proposal.duration,
        "seen_version": proposal.version,
    }
    form = TermsForm(request.POST or None, job=job, by=request.actor, initial=initial)
    is_sending = request.method == "POST" and not CHANGING & request.POST.keys()
    rows = _rows(request, form, plan, is_sending=is_sending)
    refusal, status = "", 200
    if is_sending:
        status = 422
        if are_valid(form, rows):
            try:
                edit_terms(
                    proposal_id=proposal.pk,
                    amount=amount_in(form, rows),
                    duration=form.cleaned_data["duration"],
                    milestones=rows.terms() if form.is_by_milestones else (),
                    seen_version=form.cleaned_data["seen_version"] or 0,
                    by=request.actor,
                    at=now(),
                )
            except LeadsAway as error:
                form.add_problems(error.problems, rows)
                status = error.status_code
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("Your price and time were changed. The client sees what they were before."))
                return redirect("proposals:detail", proposal_id=proposal.pk)
        else:
            refusal = plan_problem(form, rows)
    elif request.method == "POST":
        form.forget_problems()
    context = {
        "proposal": proposal,
        "job": job,
        "form": form,
        "rows": rows,
        "quote": quote_shown(request, job, form, rows),
        "is_checked": is_sending,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "proposals/edit_terms.html", context, status=status)


def _rows(request: Request, form: TermsForm, plan: list[dict[str, Any]], *, is_sending: bool) -> BaseMilestoneRows:
    if request.method != "POST":
        return rows_showing(plan_rows(), plan)
    if is_sending and form.is_by_milestones:
        return plan_rows()(request.POST, prefix=ROWS)
    return changed_rows(request.POST)
