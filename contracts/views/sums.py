"""The exact sums and the fixed sentences that pages about money show."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contracts.models import Milestone
from contracts.views.confirm import Line
from core.money import format_money, split
from core.templatetags.jalon import percent_bps
from payments.queries import fees, held, quote_charge, quote_release


def silence_text(milestone: Milestone) -> str:
    """Return what silence does to an ask-back of this milestone."""
    if milestone.was_submitted:
        return _("Work was submitted: without an answer in that time, a mediator decides.")
    return _("Nothing was submitted: without an answer in that time, the money goes back.")


def amount_text(milestone: Milestone, amount: int) -> str:
    """Return a sum of a milestone as the reader writes it."""
    return format_money(amount, milestone.contract.currency)


def term_lines(milestone: Milestone) -> list[Line]:
    """Return what a milestone is worth to both sides."""
    schedule = fees(milestone.contract.fee_version)
    quote = quote_charge(milestone.amount, schedule.version)
    net = quote_release(milestone.amount, schedule.version).net
    return [
        Line(_("Milestone"), milestone.amount, is_total=True),
        Line(_("The client pays, with the fee of %(rate)s") % {"rate": percent_bps(schedule.client_bps)}, quote.total),
        Line(
            _("The freelancer receives, after the fee of %(rate)s") % {"rate": percent_bps(schedule.freelancer_bps)},
            net,
        ),
    ]


def release_lines(milestone: Milestone, amount: int) -> list[Line]:
    """Return the exact sums of a release; they add up to what the freelancer receives."""
    contract = milestone.contract
    schedule = fees(contract.fee_version)
    quote = quote_release(amount, schedule.version, milestone.holder)
    return [
        Line(_("Released"), quote.gross),
        Line(_("Service fee, %(rate)s") % {"rate": percent_bps(schedule.freelancer_bps)}, quote.fee, is_minus=True),
        Line(_("%(name)s receives") % {"name": contract.freelancer.name}, quote.net, is_total=True),
    ]


def return_lines(milestone: Milestone, amount: int) -> list[Line]:
    """Return the exact sums of a return; they add up to what the card receives."""
    kept = held(milestone.holder)
    client_fee = split(kept.client_fee, [amount, kept.gross - amount])[0]
    return [
        Line(_("Returned"), amount),
        Line(_("Client fee, returned with it"), client_fee),
        Line(
            _("To the card of %(name)s") % {"name": milestone.contract.client.name}, amount + client_fee, is_total=True
        ),
    ]
