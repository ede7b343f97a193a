"""Saved searches: keeping the one that is open, the list of one's own, and the link that stops their mails."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from core.product import rules
from jobs.actions import change_search, delete_search, save_search, stop_alerts
from jobs.forms import SavedSearchForm
from jobs.models import SavedSearch
from jobs.permissions import can_save_searches
from jobs.queries import search_for, search_of_token, searches_for
from jobs.tasks import is_whole, read_search
from taxonomy.forms import FilterForm
from taxonomy.queries import lexicon

#: Characters of the name that is proposed for a search.
LONGEST_NAME = 80
#: The list that each kind of search is of.
LISTS = {SavedSearch.Subject.JOBS: "jobs:list", SavedSearch.Subject.TALENT: "profiles:talent"}


@dataclass(frozen=True, slots=True)
class Row:
    """A search of the list: what it asks for in words, and what of it nobody knows any more."""

    search: SavedSearch
    labels: list[str]
    notes: list[str]


def _labels(form: FilterForm) -> list[str]:
    words = form.cleaned_data.get("q", "")
    return [*([_("“%(words)s”") % {"words": words}] if words else []), *(chip.label for chip in form.chips())]


def _notes(form: FilterForm) -> list[str]:
    left_out = [
        _("“%(label)s” was left out: %(error)s") % {"label": label, "error": error}
        for label, error in form.unread.items()
    ]
    return [*form.notes, *left_out]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("search_save", limit=120, seconds=HOUR)
def search_new(request: Request, subject: str) -> HttpResponse:
    """Ask for a name, and keep the search in the address."""
    if subject not in LISTS:
        raise NotFound("")
    if not can_save_searches(request.actor, subject):
        raise NotAllowed(_("Switch to the account with which you search, then save it."))
    asked = read_search(subject, request.GET.urlencode(), lexicon())
    labels, notes = _labels(asked), _notes(asked)
    named = [asked.cleaned_data.get("q", ""), *(chip.label for chip in asked.chips())]
    name = ", ".join(each for each in named if each)[:LONGEST_NAME]
    form = SavedSearchForm(request.POST or None, initial={"name": name})
    refusal, status = "", 200
    if not is_whole(asked):
        refusal, status = _("This search cannot be saved as it is. %(note)s") % {"note": notes[0]}, 409
    elif not labels:
        refusal, status = _("Enter words or choose a filter first: a search for everything is not saved."), 409
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save_search(
                    subject=subject,
                    query=asked.query().removeprefix("?"),
                    **form.cleaned_data,
                    by=request.actor,
                    at=now(),
                )
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The search is saved."))
                return redirect("jobs:searches")
    context = {
        "form": form,
        "labels": labels,
        "can_save": bool(labels) and is_whole(asked),
        "back": reverse(LISTS[SavedSearch.Subject(subject)]) + asked.query(),
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "jobs/search_new.html", context, status=status)


@login_required
@require_safe
def search_list(request: Request) -> HttpResponse:
    """List the searches that the reader keeps for the party they act for."""
    words = lexicon()
    rows = []
    for search in searches_for(request.actor):
        form = read_search(search.subject, search.query, words)
        rows.append(Row(search, _labels(form), _notes(form)))
    context = {"rows": rows, "most": rules().saved_searches_maximum}
    return render(request, "jobs/searches.html", context)


@login_required
@require_safe
def search_open(request: Request, search_id: int) -> HttpResponse:
    """Lead to the list as the search has it."""
    search = search_for(request.actor, search_id)
    response = redirect(LISTS[SavedSearch.Subject(search.subject)])
    response["Location"] += f"?{search.query}"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search_edit(request: Request, search_id: int) -> HttpResponse:
    """Change the name of a search and how often one hears of it."""
    search = search_for(request.actor, search_id)
    form = SavedSearchForm(request.POST or None, initial={"name": search.name, "alert": search.alert})
    refusal, status = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            change_search(search_id=search.pk, **form.cleaned_data, by=request.actor, at=now())
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            messages.success(request, _("The search is changed."))
            return redirect("jobs:searches")
    context = {"search": search, "form": form, "refusal": refusal, "has_errors": status != 200}
    return render(request, "jobs/search_edit.html", context, status=status)


@login_required
@require_POST
def search_delete(request: Request, search_id: int) -> HttpResponse:
    """Forget a search."""
    delete_search(search_id=search_for(request.actor, search_id).pk, by=request.actor)
    messages.success(request, _("The search is deleted."))
    return redirect("jobs:searches")


@csrf_exempt  # mail programs post without a page of ours; the link is signed
@require_http_methods(["GET", "HEAD", "POST"])
def search_stop(request: Request, token: str) -> HttpResponse:
    """Ask whether the mails of a search shall end, and end them: RFC 8058 posts at once, people press a button."""
    search_id = search_of_token(token)
    is_done = request.method == "POST"
    search = stop_alerts(search_id=search_id) if is_done else SavedSearch.objects.filter(pk=search_id).first()
    context = {"name": search.name if search else "", "is_done": is_done or search is None or search.alert == "off"}
    return render(request, "jobs/search_stop.html", context)
