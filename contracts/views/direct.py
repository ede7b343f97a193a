"""The page on which an offer is written to somebody who made no proposal."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import Request
from accounts.models import Party
from contracts import actions
from contracts.actions import HasProposed, terms_in_force
from contracts.forms import (
    DirectOfferForm,
    initial_of,
    initial_rows_of,
    rows_from,
    sent_rows,
    typed_rows,
)
from contracts.models import Offer
from contracts.models.offers import OFFER_FILES
from contracts.permissions import can_write_offer
from contracts.queries import direct_draft_for
from contracts.views.confirm import page
from contracts.views.offers import edited_rows, initial_amounts, is_editing, kept_files, sums_of, typed_amounts
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from core.product import rules
from files.queries import files_of
from jobs.queries import invitable_jobs
from payments.queries import current_fees
from profiles.models import Profile
from profiles.queries import profile_for_public, workers_of
from proposals.forms import BaseMilestoneRows


@login_required
@page
@limited("offer_new", limit=600, seconds=HOUR)
def offer_direct(request: Request, slug: str) -> HttpResponse:
    """Write an offer to the person or agency of a profile, or change its draft (`?draft=`)."""
    profile, client_id = _addressee(request, slug)
    draft = direct_draft_for(request.actor, request.GET.get("draft", ""), profile.party_id)
    says: dict[str, Any] = {
        "jobs": list(invitable_jobs(request.actor)),
        "workers": workers_of(profile.party_id) if profile.party.kind == Party.Kind.AGENCY else None,
        "draft": draft,
        "by": request.actor,
    }
    refusal, status, proposal_id = "", 200, None
    if request.method == "POST" and not is_editing(request):
        form, rows = DirectOfferForm(request.POST, request.FILES, **says), sent_rows(request.POST)
        status = 422
        if form.is_valid() and rows.is_valid():
            try:
                offer = actions.write_direct_offer(
                    client_id=client_id,
                    freelancer_id=profile.party_id,
                    job_id=form.cleaned_data["job"],
                    worker_id=form.cleaned_data.get("worker"),
                    terms=form.terms(rows.terms()),
                    file_ids=form.file_ids(),
                    by=request.actor,
                    at=now(),
                )
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status = error.message, error.status_code
                proposal_id = error.proposal_id if isinstance(error, HasProposed) else None
            else:
                return redirect("contracts:offer", offer_id=offer.pk)
        else:
            refusal = str(next(iter(rows.non_form_errors()), ""))
    else:
        form, rows = _forms(request, draft, says)
    schedule = current_fees()
    amounts = typed_amounts(typed_rows(request.POST)) or initial_amounts(rows)
    context = {
        "profile": profile,
        "freelancer": profile.party,
        "form": form,
        "rows": rows,
        "sums": sums_of(amounts, schedule, client_id=client_id, freelancer_id=profile.party_id),
        "sums_url": reverse("contracts:direct_sums", kwargs={"slug": profile.slug}),
        "fees": schedule,
        "currency": rules().currency,
        "draft": draft,
        "proposal_id": proposal_id,
        "refusal": refusal,
        "has_errors": status != 200,
        "is_checked": status != 200,
    }
    return render(request, "contracts/offer_direct.html", context, status=status)


@login_required
@require_POST
def direct_sums(request: Request, slug: str) -> HttpResponse:
    """Work out the sums of the rows as they are typed (a fragment of the form of a direct offer)."""
    profile, client_id = _addressee(request, slug)
    schedule = current_fees()
    amounts = typed_amounts(typed_rows(request.POST))
    sums = sums_of(amounts, schedule, client_id=client_id, freelancer_id=profile.party_id)
    context = {"sums": sums, "fees": schedule, "currency": rules().currency, "is_client": True}
    return render(request, "contracts/_offer_sums.html", context)


def _addressee(request: Request, slug: str) -> tuple[Profile, int]:
    """Return whom a client who may hire writes to, and the client's party."""
    profile = profile_for_public(request.actor, slug)
    client_id = request.actor.party_id
    if client_id is None or not can_write_offer(request.actor, client_id):
        raise NotAllowed(_("Switch to your client account to make offers."))
    return profile, client_id


def _forms(request: Request, draft: Offer | None, says: dict[str, Any]) -> tuple[DirectOfferForm, BaseMilestoneRows]:
    """Return unchecked forms: as typed, as the draft has it, or empty."""
    if request.method == "POST":
        kept = kept_files(DirectOfferForm(request.POST, request.FILES, **says))
        return DirectOfferForm(initial={**request.POST.dict(), **kept}, **says), edited_rows(request)
    if draft is not None:
        terms = terms_in_force(draft)
        initial = {
            **initial_of(terms),
            "job": draft.job_id,
            "worker": draft.worker_id,
            "attachments": files_of(OFFER_FILES, draft.pk),
        }
        return DirectOfferForm(initial=initial, **says), rows_from(initial_rows_of(terms))
    initial = {"language": get_language(), "job": request.GET.get("job", "")}
    return DirectOfferForm(initial=initial, **says), rows_from([])
