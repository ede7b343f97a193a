"""Notes and scorecards of a client's people, below the proposal they are about."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from proposals.actions import clear_scorecard, delete_note, edit_note, fill_scorecard, write_note
from proposals.comparison import MOST_COMPARED, team_of
from proposals.forms import NoteForm, ScorecardForm
from proposals.models import Proposal
from proposals.permissions import can_note_proposal
from proposals.queries import note_for, proposal_for


@login_required
@require_POST
@limited("proposals_note", limit=200, seconds=HOUR)
def note_new(request: Request, proposal_id: int) -> HttpResponse:
    """Write a note on a proposal for one's team."""
    proposal = _noted(request, proposal_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            write_note(proposal_id=proposal.pk, text=form.cleaned_data["text"], by=request.actor, at=now())
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error("text", error.message)
        else:
            return _team(request, proposal)
    return _team(request, proposal, note_form=form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposals_note", limit=200, seconds=HOUR)
def note_edit(request: Request, note_id: int) -> HttpResponse:
    """Change or delete one's own note."""
    note = note_for(request.actor, note_id)
    form = NoteForm(request.POST or None, initial={"text": note.text})
    status = 200
    if request.method == "POST":
        if "delete" in request.POST:
            delete_note(note_id=note.pk, by=request.actor, at=now())
            messages.success(request, _("The note was deleted."))
            return _back(note.proposal)
        if form.is_valid():
            edit_note(note_id=note.pk, text=form.cleaned_data["text"], by=request.actor, at=now())
            return _back(note.proposal)
        status = 422
    context = {
        "note": note,
        "proposal": note.proposal,
        "job": note.proposal.job,
        "form": form,
        "has_errors": status != 200,
    }
    return render(request, "proposals/note_edit.html", context, status=status)


@login_required
@require_POST
@limited("proposals_scorecard", limit=300, seconds=HOUR)
def scorecard(request: Request, proposal_id: int) -> HttpResponse:
    """Say what one thinks of a proposal from 1 to 5, or take it back; from the comparison one returns there."""
    proposal = _noted(request, proposal_id)
    form = ScorecardForm(request.POST)
    if "clear" in request.POST:
        clear_scorecard(proposal_id=proposal.pk, by=request.actor, at=now())
    elif form.is_valid():
        try:
            fill_scorecard(proposal_id=proposal.pk, marks=form.cleaned_data, by=request.actor, at=now())
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error(None, error.message)
    if not form.is_valid() and "clear" not in request.POST:
        return _team(request, proposal, card_form=form)
    compared = [value for value in request.GET.getlist("p")[:MOST_COMPARED] if value.isascii() and value.isdigit()]
    if compared:
        messages.success(request, _("Your scorecard was saved."))
        path = reverse("proposals:compare", kwargs={"job_id": proposal.job_id})
        return redirect(f"{path}?{'&'.join(f'p={each}' for each in compared)}")
    return _team(request, proposal)


def _noted(request: Request, proposal_id: int) -> Proposal:
    proposal = proposal_for(request.actor, proposal_id)
    if not can_note_proposal(request.actor, proposal):
        raise NotFound("")
    return proposal


def _team(
    request: Request,
    proposal: Proposal,
    *,
    note_form: NoteForm | None = None,
    card_form: ScorecardForm | None = None,
) -> HttpResponse:
    """Answer with the panel for htmx; else lead to it, or show it on a page of its own with what is wrong."""
    has_errors = bool((note_form and note_form.errors) or (card_form and card_form.errors))
    if not request.htmx and not has_errors:
        return _back(proposal)
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "team": (team := team_of(proposal, request.actor)),
        "note_form": note_form or NoteForm(),
        "card_form": card_form or ScorecardForm.of(team.own, proposal.pk),
        "has_errors": has_errors,
    }
    template = "proposals/_team.html" if request.htmx else "proposals/team.html"
    return render(request, template, context, status=422 if has_errors else 200)


def _back(proposal: Proposal) -> HttpResponse:
    return redirect(reverse("proposals:detail", kwargs={"proposal_id": proposal.pk}) + "#team")
