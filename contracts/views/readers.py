"""Who of one's own side's members reads a contract."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import ReaderForm
from accounts.middleware import Request
from accounts.models import Membership
from accounts.queries import memberships_for
from contracts.actions import add_contract_reader, remove_contract_reader
from contracts.permissions import can_choose_readers
from contracts.queries import contract_for, readers_of
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited


@login_required
@require_http_methods(["GET", "POST"])
@limited("readers", limit=300, seconds=HOUR)
def contract_readers(request: Request, contract_id: int) -> HttpResponse:
    """Show which members read the contract; add one, or take one off."""
    contract = contract_for(request.actor, contract_id)
    if not can_choose_readers(request.actor, contract):
        raise NotAllowed(_("Your role in this account may not do this."))
    readers = list(readers_of(contract, request.actor.party_id or 0))
    added = {reader.user_id for reader in readers}
    members = memberships_for(request.actor).filter(role=Membership.Role.MEMBER).exclude(user_id__in=added)
    form = ReaderForm(
        request.POST if request.method == "POST" and "remove" not in request.POST else None, members=members
    )
    if request.method == "POST":
        gone = next((reader for reader in readers if str(reader.user_id) == request.POST.get("remove")), None)
        by, at = request.actor, now()
        try:
            if gone is not None:
                remove_contract_reader(contract_id=contract.pk, user_id=gone.user_id, by=by, at=at)
            elif form.is_bound and form.is_valid():
                add_contract_reader(contract_id=contract.pk, user_id=int(form.cleaned_data["user"]), by=by, at=at)
            if gone is not None or "remove" in request.POST or not form.errors:
                return redirect("contracts:readers", contract_id=contract.pk)
        except DomainError as error:
            form.add_error(None, error.message)
    context = {
        "form": form,
        "readers": readers,
        "has_members": members.exists(),
        "title": contract.title,
        "language": contract.language,
        "back": reverse("contracts:room", kwargs={"contract_id": contract.pk}),
    }
    return render(request, "accounts/readers.html", context, status=422 if form.errors else 200)
