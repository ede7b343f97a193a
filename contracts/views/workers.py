"""The pages on which an agency proposes another worker and the client answers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import Request
from contracts.actions import accept_worker, decline_worker, propose_worker, withdraw_worker
from contracts.forms import WorkerForm
from contracts.models import Contract
from contracts.permissions import can_propose_worker
from contracts.queries import contract_for, is_worker_gone, waiting_worker_change, worker_change_for
from contracts.views.confirm import page
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from core.product import rules
from profiles.queries import workers_of


@login_required
@page
@limited("worker_propose", limit=30, seconds=HOUR)
def worker_propose(request: Request, contract_id: int) -> HttpResponse:
    """Ask the client to accept another worker, with the reason."""
    contract = contract_for(request.actor, contract_id)
    if contract.worker_id is None:
        raise NotFound(_("Nobody is named in this contract: a freelancer does the work themselves."))
    if not can_propose_worker(request.actor, contract):
        raise NotAllowed(_("Only an owner or administrator of the agency can propose another worker."))
    others = [each for each in workers_of(contract.freelancer_id) if each.user_id != contract.worker_id]
    form = WorkerForm(request.POST if request.method == "POST" else None, workers=others)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                propose_worker(
                    contract_id=contract.pk,
                    worker_id=form.cleaned_data["worker"],
                    reason=form.cleaned_data["reason"],
                    by=request.actor,
                    at=now(),
                )
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The client was asked. Until they answer, nothing changes."))
                return redirect("contracts:room", contract_id=contract.pk)
    context = {
        "contract": contract,
        "form": form,
        "has_others": bool(others),
        "waiting": waiting_worker_change(contract),
        "is_worker_gone": is_worker_gone(contract),
        "is_ended": contract.status == Contract.Status.ENDED,
        "days": rules().worker_change_days,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "contracts/worker_propose.html", context, status=status)


@login_required
@require_POST
def worker_accept(request: Request, contract_id: int, change_id: int) -> HttpResponse:
    """Accept the worker whom the agency proposed."""
    change = worker_change_for(request.actor, contract_id, change_id)
    accept_worker(change_id=change.pk, by=request.actor, at=now())
    messages.success(request, _("The contract names the new worker."))
    return redirect("contracts:room", contract_id=contract_id)


@login_required
@require_POST
def worker_decline(request: Request, contract_id: int, change_id: int) -> HttpResponse:
    """Decline the worker whom the agency proposed."""
    change = worker_change_for(request.actor, contract_id, change_id)
    decline_worker(change_id=change.pk, by=request.actor, at=now())
    messages.success(request, _("Declined: the contract keeps its worker."))
    return redirect("contracts:room", contract_id=contract_id)


@login_required
@require_POST
def worker_withdraw(request: Request, contract_id: int, change_id: int) -> HttpResponse:
    """Take back the proposal of another worker."""
    change = worker_change_for(request.actor, contract_id, change_id)
    withdraw_worker(change_id=change.pk, by=request.actor, at=now())
    messages.success(request, _("Withdrawn: the contract keeps its worker."))
    return redirect("contracts:room", contract_id=contract_id)
