"""The exact sums and the fixed sentences that pages about money show."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contracts.models import Milestone
from contracts.views.confirm import Line
from core.money import format_money
from core.product import rules
from core.templatetags.jalon import percent_bps
from payments.queries import (
    ChargeQuote,
    Held,
    charge_taxes,
    credit_total,
    fees,
    held_part,
    quote_charge,
    quote_held_release,
    quote_work,
)
from payments.tax import Tax
from payments.templatetags.payments import is_shown, vat_words


def silence_text(milestone: Milestone) -> str:
    """Return what silence does to an ask-back of this milestone."""
    if milestone.was_submitted:
        return _("Work was submitted: without an answer in that time, a mediator decides.")
    return _("Nothing was submitted: without an answer in that time, the money goes back.")


def amount_text(milestone: Milestone, amount: int) -> str:
    """Return a sum of a milestone as the reader writes it."""
    return format_money(amount, milestone.contract.currency)


def credit_text(client_id: int, total: int) -> str:
    """Return how much credit the client has, where it covers all of a sum; else nothing."""
    credit = credit_total(client_id)
    return format_money(credit, rules().currency) if credit >= total else ""


def term_lines(milestone: Milestone) -> list[Line]:
    """Return what a milestone is worth to both sides, as they stand with VAT now."""
    contract = milestone.contract
    schedule = fees(contract.fee_version)
    sides = {"payer_id": contract.client_id, "payee_id": contract.freelancer_id}
    quote = quote_charge(milestone.amount, schedule.version, charge_taxes(**sides))
    work = quote_work(milestone.amount, schedule.version, **sides)
    return [
        Line(_("Milestone"), milestone.amount, is_total=True),
        *_vat(quote.taxes.work, quote.vat),
        Line(_("The client pays, with the fee of %(rate)s") % {"rate": percent_bps(schedule.client_bps)}, quote.total),
        Line(
            _("The freelancer receives, after the fee of %(rate)s") % {"rate": percent_bps(schedule.freelancer_bps)},
            work.net,
        ),
    ]


def charge_lines(quote: ChargeQuote, fee_version: int, *, label: str = "") -> list[Line]:
    """Return the exact sums of a charge; they add up to what the card is charged. `label` says what for."""
    schedule = fees(fee_version)
    return [
        Line(label or _("Milestone"), quote.gross),
        *_vat(quote.taxes.work, quote.vat),
        Line(_("Client fee, %(rate)s") % {"rate": percent_bps(schedule.client_bps)}, quote.client_fee),
        *_vat(quote.taxes.fee, quote.client_fee_vat, of="fee"),
        Line(_("You pay now"), quote.total, is_total=True),
    ]


def release_lines(milestone: Milestone, amount: int) -> list[Line]:
    """Return the exact sums of a release; they add up to what the freelancer receives."""
    contract = milestone.contract
    schedule = fees(contract.fee_version)
    quote = quote_held_release(milestone.holder, amount, schedule.version, payee_id=contract.freelancer_id)
    return [
        Line(_("Released"), quote.gross),
        *([Line(_("VAT on it"), quote.vat)] if quote.vat else []),
        Line(_("Freelancer fee, %(rate)s") % {"rate": percent_bps(schedule.freelancer_bps)}, quote.fee, is_minus=True),
        *_vat(quote.tax, quote.fee_vat, of="fee", is_minus=True),
        Line(_("%(name)s receives") % {"name": contract.freelancer.name}, quote.net, is_total=True),
    ]


def return_lines(milestone: Milestone, amount: int) -> list[Line]:
    """Return the exact sums of a return; they add up to what the card receives."""
    part = held_part(milestone.holder, amount)
    card = _("To the card of %(name)s") % {"name": milestone.contract.client.name}
    return [*part_lines(part, label=_("Returned"))[:-1], Line(card, part.total, is_total=True)]


def part_lines(part: Held, *, label: str) -> list[Line]:
    """Return the exact sums of held money that goes back to whoever paid it; `label` says why."""
    return [
        Line(label, part.gross),
        *([Line(_("VAT on it, returned with it"), part.vat)] if part.vat else []),
        Line(_("Client fee, returned with it"), part.client_fee),
        *([Line(_("VAT on the fee, returned with it"), part.client_fee_vat)] if part.client_fee_vat else []),
        Line(_("Goes back to you"), part.total, is_total=True),
    ]


def _vat(tax: Tax, amount: int, *, of: str = "work", is_minus: bool = False) -> list[Line]:
    """Return the line of a VAT, where a statement has one."""
    return [Line(vat_words(tax, of), amount, is_minus=is_minus)] if is_shown(tax) else []
