"""The list of contracts, and the tabs of a contract room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from contracts.actions import end_contract
from contracts.forms import EndForm
from contracts.models import Contract
from contracts.models.offers import OFFER_FILES
from contracts.permissions import can_answer_worker, can_choose_readers, can_end_contract, can_propose_worker
from contracts.queries import (
    RoomPage,
    contract_for,
    contracts_with_milestones,
    contracts_without_worker,
    figures_of,
    needed_of,
    open_offers,
    payments_of,
    room_page,
)
from contracts.views.confirm import page
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.product import rules
from files.queries import files_of
from messaging.actions import mark_read

PER_PAGE = 20
SHOWN = {"open": (Contract.Status.ACTIVE, Contract.Status.ENDING), "ended": (Contract.Status.ENDED,)}


@login_required
@require_safe
def contract_list(request: Request) -> HttpResponse:
    """List the contracts of the reader's party, and the offers that wait."""
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "open"
    every = contracts_with_milestones(request.actor)
    listed = Paginator(every.filter(status__in=SHOWN[shown]), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": listed,
        "rows": [
            {"contract": each, "figures": figures_of(each.milestones.all()), "needed": needed_of(each, request.actor)}
            for each in listed
        ],
        "shown": shown,
        "offers": open_offers(request.actor),
        "without_worker": contracts_without_worker(request.actor),
        "has_any": bool(listed.paginator.count) or every.exists(),
        "is_client": request.actor.party_kind == "client",
    }
    return render(request, "contracts/list.html", context)


@login_required
@require_safe
def room(request: Request, contract_id: int) -> HttpResponse:
    """Show the milestones of a contract and what they wait for."""
    return _tab(request, contract_id, "milestones")


@login_required
@require_safe
def room_messages(request: Request, contract_id: int) -> HttpResponse:
    """Show the contract's messages, which are read then."""
    contract = contract_for(request.actor, contract_id)
    frame = room_page(contract, request.actor)
    if frame.room and frame.latest and frame.unread and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        mark_read(room_id=frame.room.pk, message_id=frame.latest.pk, by=request.actor, at=now())
        frame = replace(frame, unread=0)
    return _render(request, contract, frame, "messages")


@login_required
@require_safe
def room_files(request: Request, contract_id: int) -> HttpResponse:
    """List what was handed in, with its files."""
    return _tab(request, contract_id, "files")


@login_required
@require_safe
def room_terms(request: Request, contract_id: int) -> HttpResponse:
    """Show what was agreed, with what was attached to the offer."""
    contract = contract_for(request.actor, contract_id)
    frame = room_page(contract, request.actor)
    return _render(request, contract, frame, "terms", offer_files=files_of(OFFER_FILES, contract.offer_id))


@login_required
@require_safe
def room_payments(request: Request, contract_id: int) -> HttpResponse:
    """List what was charged, released and returned."""
    contract = contract_for(request.actor, contract_id)
    frame = room_page(contract, request.actor)
    return _render(request, contract, frame, "payments", money=payments_of(contract))


@login_required
@page
def contract_end(request: Request, contract_id: int) -> HttpResponse:
    """End the contract, with a decision on the money of each milestone."""
    contract = contract_for(request.actor, contract_id)
    if not can_end_contract(request.actor, contract):
        raise NotAllowed(_("Only an owner or administrator of either side can end this contract."))
    is_client = request.actor.party_id == contract.client_id
    frame = room_page(contract, request.actor)
    milestones = [item.milestone for item in frame.rail]
    form = EndForm(request.POST if request.method == "POST" else None, milestones=milestones, is_client=is_client)
    is_open = contract.status == Contract.Status.ACTIVE
    if request.method != "POST" and not is_open:
        messages.warning(request, _("This contract was ended before."))
        return redirect("contracts:room", contract_id=contract.pk)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if not is_open:
            refusal, status = _("This contract was ended before."), 409
        elif form.is_valid():
            try:
                contract = end_contract(
                    contract_id=contract.pk,
                    reason=form.cleaned_data["reason"],
                    note=form.cleaned_data["note"],
                    decisions=form.decisions(),
                    by=request.actor,
                    at=now(),
                )
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status = error.message, error.status_code
                fresh = [item.milestone for item in room_page(contract, request.actor).rail]
                typed = {name: text for name, text in request.POST.items() if not name.startswith("seen_")}
                form = EndForm(initial=typed, milestones=fresh, is_client=is_client)  # which shows what is there now
            else:
                return redirect("contracts:room", contract_id=contract.pk)
    context = {
        "contract": contract,
        "frame": frame,
        "form": form,
        "is_open": is_open,
        "is_client": is_client,
        "days": rules().ask_back_days,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "contracts/end.html", context, status=status)


def _tab(request: Request, contract_id: int, tab: str) -> HttpResponse:
    contract = contract_for(request.actor, contract_id)
    return _render(request, contract, room_page(contract, request.actor), tab)


def _render(request: Request, contract: Contract, frame: RoomPage, tab: str, **more: Any) -> HttpResponse:
    other = contract.freelancer if frame.is_client else contract.client
    context = {
        "contract": contract,
        "currency": contract.currency,
        "frame": frame,
        "tab": tab,
        "other": other,
        "may_choose_readers": can_choose_readers(request.actor, contract),
        "may_end": contract.status == Contract.Status.ACTIVE and can_end_contract(request.actor, contract),
        "may_propose_worker": contract.worker_id is not None and can_propose_worker(request.actor, contract),
        "may_answer_worker": can_answer_worker(request.actor, contract),
        "here": reverse(f"contracts:{'room' if tab == 'milestones' else tab}", kwargs={"contract_id": contract.pk}),
        "review_days": rules().review_days,
        "ask_back_days": rules().ask_back_days,
        **more,
    }
    return render(request, f"contracts/room_{tab}.html", context)
