"""The pages of a milestone's work: proposed, agreed, paid for, handed in. Each is one act of `confirm`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.middleware import Request
from contracts import actions
from contracts.forms import MilestoneForm, NoteForm, SubmitForm
from contracts.models import Contract, Milestone
from contracts.models.milestones import PURPOSE
from contracts.permissions import can_propose_milestone
from contracts.queries import contract_for
from contracts.views.confirm import Act, Clean, Words, confirm, page, seen_total
from contracts.views.sums import amount_text, charge_lines, credit_text, term_lines
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.once import once, token_again
from core.product import rules
from payments.actions import run_charge
from payments.forms import CardForm
from payments.queries import charge_taxes, fees, latest_charge, quote_charge, usable_methods

Status = Milestone.Status


# Agreeing


@login_required
@page
def milestone_new(request: Request, contract_id: int) -> HttpResponse:
    """Propose one more milestone to the other side."""
    contract = contract_for(request.actor, contract_id)
    if not can_propose_milestone(request.actor, contract):
        raise NotAllowed(_("Your role in this account may not do this."))
    form = MilestoneForm(request.POST if request.method == "POST" else None)
    refusal, status, failed = "", 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                terms, at = form.terms(), now()
                once(
                    token=request.POST.get("form_token", ""),
                    user_id=request.actor.person_id,
                    content=terms,
                    at=at,
                    make=lambda: (
                        actions.propose_milestone(contract_id=contract.pk, terms=terms, by=request.actor, at=at).pk
                    ),
                )
            except DomainError as error:
                refusal, status, failed = error.message, error.status_code, error
            else:
                return redirect("contracts:room", contract_id=contract.pk)
    context = {
        "contract": contract,
        "form": form,
        "refusal": refusal,
        "has_errors": status != 200,
        "is_active": contract.status == Contract.Status.ACTIVE,
        "fees": fees(contract.fee_version),
        "is_client": request.actor.party_id == contract.client_id,
        "form_token": token_again(request.POST.get("form_token", ""), failed),
    }
    return render(request, "contracts/milestone_new.html", context, status=status)


@login_required
@page
def milestone_accept(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Agree to a milestone that the other side proposed."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Accept “%(title)s”") % {"title": milestone.title},
            button=_("Accept milestone"),
            icon="check",
            lede=milestone.description,
            lines=term_lines(milestone),
            notes=[_("Nothing is paid now. The client funds it before work on it starts.")],
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.accept_milestone(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("accept_milestone", words, act))


@login_required
@page
def milestone_decline(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Say no to a milestone that the other side proposed."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Decline “%(title)s”") % {"title": milestone.title},
            button=_("Decline milestone"),
            lines=term_lines(milestone),
            is_danger=True,
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.decline_milestone(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("decline_milestone", words, act))


@login_required
@page
def milestone_withdraw(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Take back a milestone that one's own side proposed."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Withdraw “%(title)s”") % {"title": milestone.title},
            button=_("Withdraw milestone"),
            lines=term_lines(milestone),
            is_danger=True,
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.withdraw_milestone(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("withdraw_milestone", words, act))


@login_required
@page
def milestone_cancel(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Drop an agreed milestone that nobody has paid for."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Cancel “%(title)s”") % {"title": milestone.title},
            button=_("Cancel milestone"),
            lines=term_lines(milestone),
            notes=[_("Nothing was paid for it, so no money moves. To bring it back, propose it again.")],
            is_danger=True,
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.cancel_milestone(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("cancel_milestone", words, act))


# Paying


@login_required
@page
def milestone_fund(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Show the exact charge, and pay it with the chosen card."""

    def words(milestone: Milestone) -> Words:
        contract = milestone.contract
        taxes = charge_taxes(payer_id=contract.client_id, payee_id=contract.freelancer_id)
        quote = quote_charge(milestone.amount, contract.fee_version, taxes)
        return Words(
            title=_("Fund “%(title)s”") % {"title": milestone.title},
            button=_("Pay %(total)s") % {"total": amount_text(milestone, quote.total)},
            icon="lock",
            total=quote.total,
            lines=charge_lines(quote, contract.fee_version),
            notes=[
                _(
                    "The money is held. It is released when you approve the work, or by itself %(days)d days after it "
                    "was submitted if you do not answer."
                )
                % {"days": rules().review_days}
            ],
        )

    def form(milestone: Milestone, data: Any, _files: Any) -> CardForm:
        contract = milestone.contract
        taxes = charge_taxes(payer_id=contract.client_id, payee_id=contract.freelancer_id)
        total = quote_charge(milestone.amount, contract.fee_version, taxes).total
        return CardForm(data, methods=usable_methods(contract.client_id), credit=credit_text(contract.client_id, total))

    def act(milestone: Milestone, seen: int, clean: Clean) -> HttpResponse:
        at = now()
        if clean["method"] == CardForm.CREDIT:
            actions.fund_milestone_from_credit(
                milestone_id=milestone.pk, seen_version=seen, seen_total=seen_total(request), by=request.actor, at=at
            )
            return redirect("contracts:room", contract_id=milestone.contract_id)
        actions.fund_milestone(
            milestone_id=milestone.pk,
            method_id=clean["method"].pk,
            seen_version=seen,
            seen_total=seen_total(request),
            by=request.actor,
            at=at,
        )
        return pay(PURPOSE, milestone.pk)

    return confirm(
        request, contract_id, milestone_id, Act("fund_milestone", words, act, form=form, context={"needs_card": True})
    )


@login_required
@page
def milestone_give_up(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Stop a payment that waits for its second step."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Stop paying for “%(title)s”") % {"title": milestone.title},
            button=_("Stop this payment"),
            notes=[_("If the bank confirms it all the same, the money goes back to your card at once.")],
            is_danger=True,
        )

    def act(milestone: Milestone, _seen: int, _clean: Clean) -> None:
        actions.give_up_milestone_payment(milestone_id=milestone.pk, by=request.actor, at=now())

    def done(_milestone: Milestone) -> str:
        return _("The payment is being stopped. The bank's answer usually comes within a minute.")

    return confirm(request, contract_id, milestone_id, Act("give_up_milestone_payment", words, act, done=done))


def pay(purpose: str, reference: int) -> HttpResponse:
    """Send the charge that was just planned, and go to the page that says how it went."""
    charge = latest_charge(purpose, reference)
    if charge is None:
        raise LookupError(f"{purpose} {reference} was planned without a charge")
    run_charge(charge_id=charge.pk, at=now())
    return redirect("payments:charge", charge_id=charge.pk)


# Work


@login_required
@page
def milestone_submit(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Hand in work."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Submit work for “%(title)s”") % {"title": milestone.title},
            button=_("Submit work"),
            icon="send",
            lede=_("The client asked for changes: %(note)s") % {"note": milestone.change_note}
            if milestone.status == Status.CHANGES_REQUESTED
            else "",
            notes=[
                _(
                    "The client then has %(days)d days. Without an answer in that time the work is approved and "
                    "%(held)s is released."
                )
                % {"days": rules().review_days, "held": amount_text(milestone, milestone.held)}
            ],
        )

    def form(_milestone: Milestone, data: Any, files: Any) -> SubmitForm:
        return SubmitForm(data, files, by=request.actor)

    def act(milestone: Milestone, seen: int, clean: Clean) -> None:
        actions.submit_milestone(
            milestone_id=milestone.pk,
            note=clean["note"],
            file_ids=[file.pk for file in clean["attachments"]],
            seen_version=seen,
            by=request.actor,
            at=now(),
        )

    def done(_milestone: Milestone) -> str:
        return _("Your work was submitted. The client was told.")

    return confirm(request, contract_id, milestone_id, Act("submit_milestone", words, act, form=form, done=done))


@login_required
@page
def milestone_request_changes(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Send submitted work back with what should change."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Ask for changes to “%(title)s”") % {"title": milestone.title},
            button=_("Ask for changes"),
            notes=[
                _("The approval period stops, and %(held)s stays held.")
                % {"held": amount_text(milestone, milestone.held)}
            ],
        )

    def form(_milestone: Milestone, data: Any, _files: Any) -> NoteForm:
        return NoteForm(data, label=_("What should change"), is_required=True)

    def act(milestone: Milestone, seen: int, clean: Clean) -> None:
        actions.request_milestone_changes(
            milestone_id=milestone.pk, note=clean["note"], seen_version=seen, by=request.actor, at=now()
        )

    return confirm(request, contract_id, milestone_id, Act("request_milestone_changes", words, act, form=form))
