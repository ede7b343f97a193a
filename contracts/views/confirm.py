"""The page that every act on a milestone goes through: what exactly will happen, then one button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from contracts.models import Milestone
from contracts.permissions import VERBS, open_verbs
from contracts.queries import milestone_for
from core.errors import DomainError, NotAllowed

#: The methods of a page that asks first.
page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the statement on the page: minor units, taken off when `is_minus`, the sum when `is_total`."""

    label: str
    amount: int
    is_minus: bool = False
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says: its title, what the act means, the exact sums, and the label of its button.

    `total` is what a card is charged: it comes back with the form, so that no other sum than the one shown is taken.
    """

    title: str
    button: str
    lede: str = ""
    lines: Sequence[Line] = ()
    notes: Sequence[str] = ()
    icon: str = ""
    is_danger: bool = False
    total: int | None = None


Clean = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a milestone: its verb, its words, its form if it takes input, how it is done, what to say then.

    With `review`, a valid form is first shown again as exact sums, and only what is confirmed there is carried out.
    `act` takes the milestone, the version that was seen and the clean input; it returns where to go, or nothing for
    the room.
    """

    verb: str
    words: Callable[[Milestone], Words]
    act: Callable[[Milestone, int, Clean], HttpResponse | None]
    done: Callable[[Milestone], str] | None = None
    form: Callable[[Milestone, Any, Any], forms.Form] | None = None
    review: Callable[[Milestone, Clean], Words] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def confirm(request: Request, contract_id: int, milestone_id: int, act: Act) -> HttpResponse:
    """Show the page of an act, or carry it out; a refusal is shown on the page, with what was typed.

    A page opened for something that can no longer be done leads back to the room.
    """
    milestone = milestone_for(request.actor, contract_id, milestone_id)
    if not VERBS[act.verb](request.actor, milestone):
        raise NotAllowed(_("Your role in this account may not do this."))
    if request.method == "POST":
        return _carry_out(request, milestone, act)
    if act.verb not in open_verbs(request.actor, milestone):
        messages.warning(request, _too_late(milestone))
        return redirect("contracts:room", contract_id=contract_id)
    form = act.form(milestone, None, None) if act.form else None
    return _page(request, milestone, act, form=form)


def seen_total(request: Request) -> int | None:
    """Return the sum that the page has shown: None where it says none, and -1, which no charge is, for no number."""
    text = request.POST.get("seen_total")
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else -1


def _carry_out(request: Request, milestone: Milestone, act: Act) -> HttpResponse:
    form = act.form(milestone, request.POST, request.FILES) if act.form else None
    if act.verb not in open_verbs(request.actor, milestone):
        return _page(request, milestone, act, form=None, refusal=_too_late(milestone), status=409)
    if "edit" in request.POST:
        return _page(request, milestone, act, form=form)
    if form is not None and not form.is_valid():
        return _page(request, milestone, act, form=form, status=422)
    clean = form.cleaned_data if form is not None else {}
    if act.review and "confirmed" not in request.POST:
        return _page(request, milestone, act, form=form, words=act.review(milestone, clean))
    try:
        answer = act.act(milestone, seen_version(request), clean)
    except NotAllowed:
        raise
    except DomainError as refusal:
        fresh = milestone_for(request.actor, milestone.contract_id, milestone.pk)
        return _page(request, fresh, act, form=form, refusal=refusal.message, status=refusal.status_code)
    if act.done:
        messages.success(request, act.done(milestone))
    return answer or redirect("contracts:room", contract_id=milestone.contract_id)


def _too_late(milestone: Milestone) -> str:
    return _("“%(title)s” is now: %(state)s. This can no longer be done, and nothing was changed.") % {
        "title": milestone.title,
        "state": milestone.get_status_display(),
    }


def _page(
    request: Request,
    milestone: Milestone,
    act: Act,
    *,
    form: forms.Form | None,
    words: Words | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    is_open = act.verb in open_verbs(request.actor, milestone)
    context = {
        "milestone": milestone,
        "contract": milestone.contract,
        "currency": milestone.contract.currency,
        "is_open": is_open,
        "words": words or (act.words(milestone) if is_open else Words(title=milestone.title, button="")),
        "form": form,
        "is_review": words is not None,
        "typed": [(name, value) for name, value in request.POST.items() if name in form.fields]
        if words is not None and form
        else [],
        # A review confirms what was seen on the page before it; every other page is of what stands there now.
        "seen_version": seen_version(request) if words is not None else milestone.version,
        "refusal": refusal,
        "has_errors": status >= 400,
        **act.context,
    }
    return render(request, "contracts/confirm.html", context, status=status)


def seen_version(request: Request) -> int:
    """Return the version that the page was of; 0, which no milestone has, where it says none."""
    text = request.POST.get("seen_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
