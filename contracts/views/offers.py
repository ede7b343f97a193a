"""The pages of an offer: written from a proposal, paid for and sent, answered. Its negotiation is beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import Request
from accounts.queries import gaps_before_work
from contracts import actions
from contracts.actions import OfferTerms, terms_in_force
from contracts.forms import (
    NoteForm,
    OfferForm,
    initial_of,
    initial_rows_of,
    rows_from,
    sent_rows,
    typed_rows,
)
from contracts.models import Offer, OfferVersion
from contracts.models.offers import OFFER_FILES, PURPOSE
from contracts.permissions import can_answer_offer, can_send_offer, can_withdraw_offer, can_write_offer
from contracts.queries import history_of, live_offer_on, offer_for
from contracts.views.confirm import page, seen_total, seen_version
from contracts.views.milestones import pay
from contracts.views.sums import credit_text
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from core.money import LARGEST, parse_money
from core.product import rules
from files.forms import FilesField
from files.queries import files_of
from payments.forms import CardForm
from payments.models import FeeSchedule
from payments.queries import (
    ChargeQuote,
    Held,
    current_fees,
    deal_taxes,
    fees,
    held,
    latest_charge,
    quote_charge,
    quote_release,
    reason_of,
    usable_methods,
)
from payments.tax import ChargeTaxes, Reason, Tax
from proposals.forms import BaseMilestoneRows
from proposals.models import Proposal
from proposals.queries import proposal_for

State = OfferVersion.State


@dataclass(frozen=True, slots=True)
class Sums:
    """What an offer comes to: for the client in all and now, for the freelancer in all. Minor units.

    `first` is the charge of the first milestone; `work` and `service` say which VAT is on the work and on the
    freelancer's fee.
    """

    total: int
    vat: int
    client_fee: int
    client_fee_vat: int
    charged: int
    first: ChargeQuote
    fee: int
    fee_vat: int
    net: int
    work: Tax
    service: Tax


def sums_of(
    amounts: list[int],
    schedule: FeeSchedule,
    *,
    client_id: int,
    freelancer_id: int,
    first: ChargeTaxes | None = None,
    paid: Held | None = None,
) -> Sums:
    """Return the sums of milestones worth these amounts; fees and VAT are taken of each milestone by itself.

    VAT is as both sides stand with it now, but of the first milestone as it was charged with, once it was (`first`),
    and its sums are what is held of it, by however many payments (`paid`).
    """
    deal = deal_taxes(payer_id=client_id, payee_id=freelancer_id)
    taxes, service = deal.charge, deal.service
    each_taxes = [first or taxes, *[taxes] * len(amounts)]
    charges = [
        quote_charge(amount, schedule.version, own) for amount, own in zip(amounts, each_taxes, strict=False)
    ] or [quote_charge(0, schedule.version, taxes)]
    if paid is not None:
        charges[0] = ChargeQuote(paid.gross, paid.vat, paid.client_fee, paid.client_fee_vat, charges[0].taxes)
    releases = [quote_release(each.gross, schedule.version, vat=each.vat, tax=service) for each in charges]
    return Sums(
        total=sum(each.gross for each in charges),
        vat=sum(each.vat for each in charges),
        client_fee=sum(each.client_fee for each in charges),
        client_fee_vat=sum(each.client_fee_vat for each in charges),
        charged=sum(each.total for each in charges),
        first=charges[0],
        fee=sum(each.fee for each in releases),
        fee_vat=sum(each.fee_vat for each in releases),
        net=sum(each.net for each in releases),
        work=charges[-1].taxes.work,
        service=service,
    )


@login_required
@page
@limited("offer_new", limit=600, seconds=HOUR)  # "add a row" is a post, too
def offer_new(request: Request, proposal_id: int) -> HttpResponse:
    """Write an offer on a proposal, or change its draft; "add a row" and "work out" keep what was typed."""
    proposal = _proposal(request, proposal_id)
    draft = live_offer_on(proposal.pk)
    if draft is not None and draft.status != Offer.Status.DRAFT:
        return redirect("contracts:offer", offer_id=draft.pk)
    refusal, status = "", 200
    form, rows = _forms_of(request, proposal, draft)
    if request.method == "POST" and not is_editing(request):
        form, rows = OfferForm(request.POST, request.FILES, by=request.actor), sent_rows(request.POST)
        status = 422
        if form.is_valid() and rows.is_valid():
            try:
                offer = actions.write_offer(
                    proposal_id=proposal.pk,
                    **asdict_of(form.terms(rows.terms())),
                    file_ids=form.file_ids(),
                    by=request.actor,
                    at=now(),
                )
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                return redirect("contracts:offer", offer_id=offer.pk)
        else:
            refusal = str(next(iter(rows.non_form_errors()), ""))
    schedule = current_fees()
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "freelancer": proposal.party,
        "sums_url": reverse("contracts:offer_sums", kwargs={"proposal_id": proposal.pk}),
        "form": form,
        "rows": rows,
        "sums": _sums_on(proposal, typed_amounts(typed_rows(request.POST)) or initial_amounts(rows), schedule),
        "fees": schedule,
        "currency": rules().currency,
        "draft": draft,
        "is_open": proposal.status in Proposal.LIVE,
        "refusal": refusal,
        "has_errors": status != 200,
        "is_checked": status != 200,
    }
    return render(request, "contracts/offer_new.html", context, status=status)


@login_required
@require_POST
def offer_sums(request: Request, proposal_id: int) -> HttpResponse:
    """Work out the sums of the rows as they are typed (a fragment of the offer form)."""
    proposal = _proposal(request, proposal_id)
    schedule = current_fees()
    sums = _sums_on(proposal, typed_amounts(typed_rows(request.POST)), schedule)
    return render(request, "contracts/_offer_sums.html", {"sums": sums, "fees": schedule, "currency": rules().currency})


@login_required
@require_safe
def offer_detail(request: Request, offer_id: int) -> HttpResponse:
    """Show an offer to the side that reads it, with what that side may do."""
    offer = offer_for(request.actor, offer_id)
    return render(request, "contracts/offer.html", offer_context(request, offer))


@login_required
@page
@limited("offer_send", limit=60, seconds=HOUR)
def offer_send(request: Request, offer_id: int) -> HttpResponse:
    """Show the exact charge, pay the first milestone and send the offer."""
    offer = own_offer(request, offer_id)
    if not can_send_offer(request.actor, offer):
        raise NotAllowed(_("Only an owner or administrator of the client's account sends offers: it pays for work."))
    methods = usable_methods(offer.client_id)
    sums = offer_context(request, offer)["sums"]
    credit = credit_text(offer.client_id, sums.first.total)
    form = CardForm(request.POST if request.method == "POST" else None, methods=methods, credit=credit)
    is_open = offer.status == Offer.Status.DRAFT
    if request.method != "POST" and not is_open:
        return redirect("contracts:offer", offer_id=offer.pk)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if not is_open or form.is_valid():
            seen: dict[str, Any] = {"seen_version": seen_version(request), "seen_total": seen_total(request)}
            method: Any = form.cleaned_data["method"] if is_open else CardForm.CREDIT
            try:
                if method == CardForm.CREDIT:
                    actions.send_offer_from_credit(offer_id=offer.pk, **seen, by=request.actor, at=now())
                else:
                    actions.send_offer(
                        offer_id=offer.pk, method_id=method.pk if method else 0, **seen, by=request.actor, at=now()
                    )
            except DomainError as error:
                refusal, status = error.message, error.status_code
                offer = own_offer(request, offer_id)
            else:
                paid_by_credit = method == CardForm.CREDIT
                return redirect("contracts:offer", offer_id=offer.pk) if paid_by_credit else pay(PURPOSE, offer.pk)
    context = {
        **offer_context(request, offer),
        "form": form,
        "has_cards": bool(credit) or methods.exists(),
        "is_open": offer.status == Offer.Status.DRAFT,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "contracts/offer_send.html", context, status=status)


@login_required
@page
def offer_accept(request: Request, offer_id: int) -> HttpResponse:
    """Accept the offer as it is shown."""
    offer = received_offer(request, offer_id)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            contract = actions.accept_offer(
                offer_id=offer.pk, seen_version=seen_version(request), by=request.actor, at=now()
            )
        except DomainError as error:
            if isinstance(error, NotAllowed):
                raise
            refusal, status = error.message, error.status_code
            offer = offer_for(request.actor, offer_id)
        else:
            messages.success(request, _("The contract has started. The first milestone is funded."))
            return redirect("contracts:room", contract_id=contract.pk)
    elif offer.status != Offer.Status.PENDING:
        return redirect("contracts:offer", offer_id=offer.pk)
    return _answer_page(request, offer, "contracts/offer_accept.html", refusal=refusal, status=status)


@login_required
@page
def offer_decline(request: Request, offer_id: int) -> HttpResponse:
    """Decline the offer with a word to the client."""
    offer = received_offer(request, offer_id)
    form = NoteForm(request.POST if request.method == "POST" else None, label=_("A word to the client"))
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.decline_offer(offer_id=offer.pk, note=form.cleaned_data["note"], by=request.actor, at=now())
            except DomainError as error:
                if isinstance(error, NotAllowed):
                    raise
                refusal, status = error.message, error.status_code
                offer = offer_for(request.actor, offer_id)
            else:
                messages.success(request, _("You declined the offer. The client's money goes back."))
                return redirect("contracts:offer", offer_id=offer.pk)
    elif offer.status not in Offer.OUT or offer.end_requested_at is not None:
        return redirect("contracts:offer", offer_id=offer.pk)
    return _answer_page(request, offer, "contracts/offer_decline.html", form=form, refusal=refusal, status=status)


@login_required
@page
def offer_withdraw(request: Request, offer_id: int) -> HttpResponse:
    """Take the offer back."""
    offer = own_offer(request, offer_id)
    if not can_withdraw_offer(request.actor, offer):
        raise NotAllowed(_("Your role in this account may not do this."))
    refusal, status = "", 200
    if request.method == "POST":
        try:
            offer = actions.withdraw_offer(offer_id=offer.pk, by=request.actor, at=now())
        except DomainError as error:
            refusal, status = error.message, error.status_code
            offer = own_offer(request, offer_id)
        else:
            done = _("The offer was withdrawn.")
            if offer.status in {Offer.Status.PAYING, Offer.Status.RAISING}:
                done = _("The offer is being withdrawn. If the payment still arrives, the money goes back at once.")
            messages.success(request, done)
            return redirect("contracts:offer", offer_id=offer.pk)
    elif offer.status not in Offer.LIVE or offer.end_requested_at is not None:
        return redirect("contracts:offer", offer_id=offer.pk)
    return _answer_page(request, offer, "contracts/offer_withdraw.html", refusal=refusal, status=status)


def _answer_page(
    request: Request, offer: Offer, template: str, *, form: forms.Form | None = None, refusal: str, status: int
) -> HttpResponse:
    context = {
        **offer_context(request, offer),
        "form": form,
        "is_open": offer.status in Offer.LIVE and not offer.end_requested_at,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, template, context, status=status)


def offer_context(request: Request, offer: Offer) -> dict[str, Any]:
    """Return what every page about an offer shows to its reader."""
    actor = request.actor
    milestones = list(offer.milestones.all())
    schedule = fees(offer.fee_version)
    charge = latest_charge(PURPOSE, offer.pk)
    is_client = actor.party_id == offer.client_id
    is_out = offer.status in Offer.OUT
    views = history_of(offer, actor) if offer.sent_at else []
    by_state = {view.version.state: view for view in views}
    sums = sums_of(
        [each.amount for each in milestones],
        schedule,
        client_id=offer.client_id,
        freelancer_id=offer.freelancer_id,
        first=charge.taxes if charge is not None and offer.status != Offer.Status.DRAFT else None,
        paid=held(offer.holder) if is_out else None,
    )
    return {
        "offer": offer,
        "job": offer.job,
        "milestones": milestones,
        "first": milestones[0],
        "sums": sums,
        "is_vat_undeclared": sums.first.taxes.work.reason == Reason.UNDECLARED,
        "gaps": () if is_client else gaps_before_work(offer.freelancer_id, now()),
        "fees": schedule,
        "currency": offer.currency,
        "charge": charge if is_client else None,
        "is_client": is_client,
        "contract": getattr(offer, "contract", None),
        "may_write": can_write_offer(actor, offer.client_id),
        "may_send": can_send_offer(actor, offer),
        "may_answer": can_answer_offer(actor, offer),
        "is_over": offer.expires_at is not None and now() >= offer.expires_at,
        "offer_days": rules().offer_days,
        "files": files_of(OFFER_FILES, offer.pk),
        "versions": views,
        "counter": by_state.get(State.OPEN),
        "revision": by_state.get(State.DRAFT) if is_client else None,
        "failure": reason_of(offer.payment_failure) if is_client and offer.payment_failure else "",
        "may_counter": can_answer_offer(actor, offer) and offer.status == Offer.Status.PENDING,
    }


def _proposal(request: Request, proposal_id: int) -> Proposal:
    """Return a proposal on a job of the reader's client party, for one who may make offers."""
    proposal = proposal_for(request.actor, proposal_id)
    if proposal.job.client_id != request.actor.party_id:
        raise NotFound("")
    if not can_write_offer(request.actor, proposal.job.client_id):
        raise NotAllowed(_("Your role in this account may not make offers."))
    return proposal


def own_offer(request: Request, offer_id: int) -> Offer:
    """Return an offer that the reader's client party made. Raises NotFound."""
    offer = offer_for(request.actor, offer_id)
    if offer.client_id != request.actor.party_id:
        raise NotFound("")
    return offer


def received_offer(request: Request, offer_id: int) -> Offer:
    """Return an offer that the reader may answer for the freelancer. Raises NotFound; NotAllowed for colleagues."""
    offer = offer_for(request.actor, offer_id)
    if offer.freelancer_id != request.actor.party_id:
        raise NotFound("")
    if not can_answer_offer(request.actor, offer):
        raise NotAllowed(_("Only an owner or administrator of the freelancer's account can answer an offer."))
    return offer


def _forms_of(request: Request, proposal: Proposal, draft: Offer | None) -> tuple[OfferForm, BaseMilestoneRows]:
    """Return unchecked forms: as typed, as the draft has it, or as the proposal suggests."""
    by = request.actor
    if request.method == "POST":
        kept = kept_files(OfferForm(request.POST, request.FILES, by=by))
        return OfferForm(initial={**request.POST.dict(), **kept}, by=by), edited_rows(request)
    if draft is not None:
        terms = terms_in_force(draft)
        initial = {**initial_of(terms), "attachments": files_of(OFFER_FILES, draft.pk)}
        return OfferForm(initial=initial, by=by), rows_from(initial_rows_of(terms))
    job = proposal.job
    plan = [{"title": each.title, "amount": each.amount, "due_on": each.due_on} for each in proposal.milestones.all()]
    if not plan and job.kind == job.Kind.FIXED:
        plan = [{"title": job.title, "amount": proposal.amount, "due_on": None}]
    initial = {
        "title": job.title,
        "language": job.language or get_language(),
        "duration": proposal.duration or job.duration,
    }
    return OfferForm(initial=initial, by=by), rows_from(plan)


def is_editing(request: Request) -> bool:
    """Test whether a post only adds a row or asks for the sums: nothing is saved, and what was typed stays."""
    return request.method == "POST" and bool({"add_row", "recalculate"} & request.POST.keys())


def edited_rows(request: Request) -> BaseMilestoneRows:
    """Return the rows of a post as they were typed, with one more where that was asked for."""
    typed = typed_rows(request.POST)
    return rows_from(typed, least=len(typed) + (1 if "add_row" in request.POST else 0))


def kept_files(form: OfferForm) -> dict[str, Any]:
    """Store what came with a form that is only being edited, and return it as what its field begins with."""
    form.is_valid()
    return {"attachments": cast("FilesField", form.fields["attachments"]).held}


def asdict_of(terms: OfferTerms) -> dict[str, Any]:
    """Return terms as the words that a verb takes."""
    return {each.name: getattr(terms, each.name) for each in fields(terms)}


def initial_amounts(rows: BaseMilestoneRows) -> list[int]:
    """Return the amounts with which the rows of a page begin."""
    amounts = [form.initial.get("amount") for form in rows.forms] if not rows.is_bound else []
    return [amount for amount in amounts if isinstance(amount, int)]


def typed_amounts(rows: list[dict[str, Any]]) -> list[int]:
    """Return the amounts that can be read; the others say so when the form is sent."""
    amounts = []
    for row in rows:
        try:
            amount = parse_money(row["amount"], rules().currency)
        except DomainError:
            continue
        if 0 < amount <= LARGEST:
            amounts.append(amount)
    return amounts


def _sums_on(proposal: Proposal, amounts: list[int], schedule: FeeSchedule) -> Sums:
    return sums_of(amounts, schedule, client_id=proposal.job.client_id, freelancer_id=proposal.party_id)
