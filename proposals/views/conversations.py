"""The first message to somebody: of a client about a proposal, of who was invited to the client."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import MINUTE, limited
from jobs.permissions import can_answer_invitation
from jobs.queries import invitation_for
from messaging.forms import MessageForm
from proposals.actions import InvitationOver, ProposalNotLive, message_client, message_proposal
from proposals.models import Proposal
from proposals.permissions import can_read_inbox, can_sort_proposal
from proposals.queries import can_begin, conversation_of, interview_questions, is_guarded, proposal_for, room_page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("message_post", limit=60, seconds=MINUTE)
def proposal_message(request: Request, proposal_id: int) -> HttpResponse:
    """Write to somebody who sent a proposal, with questions at hand that fit the job."""
    proposal = proposal_for(request.actor, proposal_id)
    if not can_read_inbox(request.actor, proposal.job):
        raise NotFound("")
    if not can_sort_proposal(request.actor, proposal):
        raise NotAllowed(_("Only the client's hiring team writes to people who sent a proposal."))
    conversation = conversation_of(proposal)
    if proposal.status not in Proposal.BOUND and request.method != "POST":
        if conversation is not None:
            return redirect(room_page(conversation))
        raise ProposalNotLive(_("This proposal has ended: you can only go on with a conversation that has begun."))
    category = proposal.job.category
    questions = interview_questions(category.slug if category else "", get_language() or "en")
    guarded = is_guarded(proposal.job.client_id, proposal.party_id)
    if request.method == "POST" and "add" in request.POST:
        form, status = _with_question(request, questions, guarded=guarded), 200
    else:
        form, status = MessageForm(request.POST or None, guarded=guarded), 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    message = message_proposal(
                        proposal_id=proposal.pk,
                        text=form.cleaned_data["text"],
                        token=form.cleaned_data["token"],
                        by=request.actor,
                        at=now(),
                    )
                except DomainError as error:
                    form.add_error("text", error.message)
                    status = error.status_code
                else:
                    return redirect("messaging:room", room_id=message.room_id)
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "form": form,
        "questions": questions,
        "has_errors": status != 200,
        "room_url": room_page(conversation) if conversation else "",
    }
    return render(request, "proposals/message.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("message_post", limit=60, seconds=MINUTE)
def invitation_message(request: Request, invitation_id: int) -> HttpResponse:
    """Write to the client who invited one's party."""
    invitation = invitation_for(request.actor, invitation_id)
    if not can_answer_invitation(request.actor, invitation):
        raise NotAllowed(_("Only who was invited can write to this client."))
    if request.method != "POST" and not can_begin(invitation, now()):
        raise InvitationOver(_("This invitation is over: you cannot begin a conversation from it any more."))
    guarded = is_guarded(invitation.job.client_id, invitation.party_id)
    form, status = MessageForm(request.POST or None, guarded=guarded), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                message = message_client(
                    invitation_id=invitation.pk,
                    text=form.cleaned_data["text"],
                    token=form.cleaned_data["token"],
                    by=request.actor,
                    at=now(),
                )
            except DomainError as error:
                form.add_error("text", error.message)
                status = error.status_code
            else:
                return redirect("messaging:room", room_id=message.room_id)
    context = {"invitation": invitation, "job": invitation.job, "form": form, "has_errors": status != 200}
    return render(request, "proposals/message_client.html", context, status=status)


def _with_question(request: Request, questions: Sequence[str], *, guarded: bool) -> MessageForm:
    """Return the form with what was typed and the chosen question below it."""
    number = request.POST.get("add", "")
    chosen = questions[int(number)] if number.isdecimal() and len(number) < 4 and int(number) < len(questions) else ""
    text = "\n\n".join(part for part in (request.POST.get("text", "").strip(), chosen) if part)
    token = request.POST.get("token", "")[:40]
    initial = {"text": text, "token": token} if token else {"text": text}
    return MessageForm(initial=initial, guarded=guarded)
