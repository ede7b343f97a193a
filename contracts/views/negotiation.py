"""The pages on which an offer is negotiated: counter-offers, new terms, and what exactly they cost or return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import Request
from contracts import actions
from contracts.actions import OfferTerms, difference_of, quote_raise, terms_in_force, terms_of
from contracts.forms import (
    NoteForm,
    VersionForm,
    initial_of,
    initial_rows_of,
    rows_from,
    sent_rows,
    typed_rows,
)
from contracts.models import Offer, OfferVersion
from contracts.models.offers import PURPOSE
from contracts.permissions import can_adopt_version, can_write_offer
from contracts.queries import VersionView, history_of, offer_for
from contracts.views.confirm import Line, page, seen_total, seen_version
from contracts.views.milestones import pay
from contracts.views.offers import (
    edited_rows,
    initial_amounts,
    is_editing,
    offer_context,
    own_offer,
    received_offer,
    sums_of,
    typed_amounts,
)
from contracts.views.sums import charge_lines, credit_text, part_lines
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, allow_user, limited, too_often
from payments.forms import CardForm
from payments.queries import fees, held_part, usable_methods

State = OfferVersion.State
#: Counter-offers of one person: the client is told of each by mail.
COUNTERS_AN_HOUR = 20
WriteTerms = Callable[[OfferTerms, str], HttpResponse]


@login_required
@page
@limited("offer_counter", limit=600, seconds=HOUR)
def offer_counter(request: Request, offer_id: int) -> HttpResponse:
    """Write a counter-offer, beginning with one that waits, or with the terms that stand."""
    offer = received_offer(request, offer_id)
    if request.method != "POST" and offer.status != Offer.Status.PENDING:
        return redirect("contracts:offer", offer_id=offer.pk)

    def write(terms: OfferTerms, note: str) -> HttpResponse:
        if not allow_user(request.actor.person_id or 0, "counter_sent", limit=COUNTERS_AN_HOUR, seconds=HOUR):
            raise too_often()
        actions.counter_offer(
            offer_id=offer.pk, terms=terms, note=note, seen_version=seen_version(request), by=request.actor, at=now()
        )
        messages.success(request, _("Your counter-offer is sent. The offer stands as it is until the client agrees."))
        return redirect("contracts:offer", offer_id=offer.pk)

    return _terms_page(request, offer, write, begins_with=_version(request, offer, State.OPEN))


@login_required
@page
@limited("offer_revise", limit=600, seconds=HOUR)
def offer_revise(request: Request, offer_id: int) -> HttpResponse:
    """Write new terms of the client's own, beginning with those not sent yet, a counter-offer, or what stands."""
    offer = _own(request, offer_id)
    if request.method != "POST" and offer.status != Offer.Status.PENDING:
        return redirect("contracts:offer", offer_id=offer.pk)

    def write(terms: OfferTerms, note: str) -> HttpResponse:
        version = actions.write_revision(
            offer_id=offer.pk, terms=terms, note=note, seen_version=seen_version(request), by=request.actor, at=now()
        )
        return redirect("contracts:revision_send", offer_id=offer.pk, version_id=version.pk)

    begins_with = _version(request, offer, State.DRAFT) or _version(request, offer, State.OPEN)
    return _terms_page(request, offer, write, begins_with=begins_with)


@login_required
@require_POST
def counter_withdraw(request: Request, offer_id: int) -> HttpResponse:
    """Take a counter-offer back."""
    offer = received_offer(request, offer_id)
    actions.withdraw_counter(offer_id=offer.pk, by=request.actor, at=now())
    messages.success(request, _("Your counter-offer is withdrawn. The offer stands as it is."))
    return redirect("contracts:offer", offer_id=offer.pk)


@login_required
@require_POST
def revision_drop(request: Request, offer_id: int) -> HttpResponse:
    """Throw new terms away that were not sent."""
    offer = _own(request, offer_id)
    actions.drop_revision(offer_id=offer.pk, by=request.actor, at=now())
    messages.success(request, _("The new terms are dropped. Nobody else has seen them."))
    return redirect("contracts:offer", offer_id=offer.pk)


@login_required
@page
def counter_refuse(request: Request, offer_id: int, version_id: int) -> HttpResponse:
    """Say no to a counter-offer, with a word to the freelancer."""
    offer = _own(request, offer_id)
    view = _view(request, offer, version_id)
    form = NoteForm(request.POST if request.method == "POST" else None, label=_("A word to the freelancer"))
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.refuse_counter(
                    offer_id=offer.pk,
                    version_id=view.version.pk,
                    note=form.cleaned_data["note"],
                    by=request.actor,
                    at=now(),
                )
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("You refused the counter-offer. The offer stands as it is."))
                return redirect("contracts:offer", offer_id=offer.pk)
    elif view.version.state != State.OPEN:
        return redirect("contracts:offer", offer_id=offer.pk)
    context = {
        **offer_context(request, own_offer(request, offer_id)),
        "view": view,
        "form": form,
        "is_open": view.version.state == State.OPEN and offer.status == Offer.Status.PENDING,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "contracts/counter_refuse.html", context, status=status)


@login_required
@page
@limited("offer_send", limit=60, seconds=HOUR)
def counter_agree(request: Request, offer_id: int, version_id: int) -> HttpResponse:
    """Show exactly what agreeing to a counter-offer charges or returns, and agree."""
    return _adopt_page(
        request,
        offer_id,
        version_id,
        state=State.OPEN,
        verbs=(actions.agree_to_counter, actions.agree_to_counter_from_credit),
        done=_("You agreed. The freelancer can accept the new version now."),
    )


@login_required
@page
@limited("offer_send", limit=60, seconds=HOUR)
def revision_send(request: Request, offer_id: int, version_id: int) -> HttpResponse:
    """Show exactly what the client's new terms charge or return, and send them."""
    return _adopt_page(
        request,
        offer_id,
        version_id,
        state=State.DRAFT,
        verbs=(actions.revise_offer, actions.revise_offer_from_credit),
        done=_("The new terms are sent."),
    )


@login_required
@require_POST
def version_sums(request: Request, offer_id: int) -> HttpResponse:
    """Work out the sums of the rows as they are typed (a fragment of the forms of other terms)."""
    offer = offer_for(request.actor, offer_id)
    schedule = fees(offer.fee_version)
    context = {
        "sums": _sums(offer, typed_amounts(typed_rows(request.POST))),
        "fees": schedule,
        "currency": offer.currency,
        "is_client": request.actor.party_id == offer.client_id,
        "is_out": True,
    }
    return render(request, "contracts/_offer_sums.html", context)


def _terms_page(request: Request, offer: Offer, write: WriteTerms, *, begins_with: OfferVersion | None) -> HttpResponse:
    refusal, status = "", 200
    if is_editing(request):
        form, rows = VersionForm(initial=request.POST.dict()), edited_rows(request)
    elif request.method == "POST":
        form, rows = VersionForm(request.POST), sent_rows(request.POST)
        status = 422
        if form.is_valid() and rows.is_valid():
            try:
                return write(form.terms(rows.terms()), form.cleaned_data["note"])
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status = error.message, error.status_code
        else:
            refusal = str(next(iter(rows.non_form_errors()), ""))
    else:
        terms = terms_of(begins_with) if begins_with else terms_in_force(offer)
        note = begins_with.note if begins_with and begins_with.party_id == request.actor.party_id else ""
        form = VersionForm(initial={**initial_of(terms), "note": note})
        rows = rows_from(initial_rows_of(terms), least=len(terms.milestones) + 1)
    amounts = typed_amounts(typed_rows(request.POST)) or initial_amounts(rows)
    context = {
        **offer_context(request, offer_for(request.actor, offer.pk)),
        "form": form,
        "rows": rows,
        "sums": _sums(offer, amounts),
        "sums_url": reverse("contracts:version_sums", kwargs={"offer_id": offer.pk}),
        "begins_with": begins_with,
        "is_out": True,
        "refusal": refusal,
        "has_errors": status != 200,
        "is_checked": status != 200,
    }
    return render(request, "contracts/offer_terms.html", context, status=status)


def _adopt_page(
    request: Request,
    offer_id: int,
    version_id: int,
    *,
    state: OfferVersion.State,
    verbs: tuple[Callable[..., Offer], Callable[..., Offer]],
    done: str,
) -> HttpResponse:
    offer = _own(request, offer_id)
    view = _view(request, offer, version_id)
    if not can_adopt_version(request.actor, offer, view.version):
        raise NotAllowed(_("This is above your limit per contract. Ask an owner or administrator to do it."))
    is_open = view.version.state == state and offer.status == Offer.Status.PENDING
    if request.method != "POST" and not is_open:
        return redirect("contracts:offer", offer_id=offer.pk)
    more = difference_of(offer, view.version)
    quote = quote_raise(offer, more) if more > 0 else None
    methods = usable_methods(offer.client_id)
    credit = credit_text(offer.client_id, quote.total) if quote else ""
    form = CardForm(request.POST if request.method == "POST" else None, methods=methods, credit=credit)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if not quote or not is_open or form.is_valid():
            method: Any = form.cleaned_data["method"] if quote and is_open else None
            says = {"offer_id": offer.pk, "version_id": view.version.pk, "by": request.actor, "at": now()}
            try:
                if method == CardForm.CREDIT:
                    verbs[1](**says, seen_total=seen_total(request))
                else:
                    verbs[0](**says, seen_total=seen_total(request), method_id=method.pk if method else None)
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                if method and method != CardForm.CREDIT:
                    return pay(PURPOSE, offer.pk)
                messages.success(request, done)
                return redirect("contracts:offer", offer_id=offer.pk)
    offer = own_offer(request, offer_id)
    context = {
        **offer_context(request, offer),
        "view": view,
        "is_counter": view.version.party_id != offer.client_id,
        "form": form,
        "lines": _lines(offer, more) if is_open else [],
        "quote": quote,
        "more": more,
        "has_cards": bool(credit) or methods.exists(),
        "is_open": is_open,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "contracts/version_send.html", context, status=status)


def _lines(offer: Offer, more: int) -> list[Line]:
    """Return the exact sums that putting a version in force moves; none where the first milestone stays as it is."""
    if more > 0:
        return charge_lines(quote_raise(offer, more), offer.fee_version, label=_("More for the first milestone"))
    if more < 0:
        return part_lines(held_part(offer.holder, -more), label=_("Less for the first milestone"))
    return []


def _sums(offer: Offer, amounts: list[int]) -> Any:
    return sums_of(amounts, fees(offer.fee_version), client_id=offer.client_id, freelancer_id=offer.freelancer_id)


def _own(request: Request, offer_id: int) -> Offer:
    offer = own_offer(request, offer_id)
    if not can_write_offer(request.actor, offer.client_id):
        raise NotAllowed(_("Your role in this account may not make offers."))
    return offer


def _version(request: Request, offer: Offer, state: OfferVersion.State) -> OfferVersion | None:
    return next((each.version for each in history_of(offer, request.actor) if each.version.state == state), None)


def _view(request: Request, offer: Offer, version_id: int) -> VersionView:
    for view in history_of(offer, request.actor):
        if view.version.pk == version_id:
            return view
    raise NotFound("")
