"""The page of a client: who posts, what can be said of it in figures, and its open jobs."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from accounts.permissions import can_edit_party
from jobs.queries import client_for, open_jobs_of
from profiles.queries import client_block

PER_PAGE = 20


@require_safe
def client_page(request: Request, slug: str) -> HttpResponse:
    """Show a client to those who may see a job it published."""
    party = client_for(request.actor, slug)
    context = {
        "party": party,
        "client": client_block(party),
        "page": Paginator(open_jobs_of(request.actor, party.pk), PER_PAGE).get_page(request.GET.get("page")),
        "can_edit": can_edit_party(request.actor, party.pk),
        "is_own": request.actor.acts_for(party.pk),
    }
    return render(request, "jobs/client.html", context)
