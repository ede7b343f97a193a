"""The words of a contract's timeline."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.money import format_money
from events.models import Event

register = template.Library()

#: Kind of event to the words of its line and the colour of its mark; what is not named here is not shown.
LINES: dict[str, tuple[Promise | str, str]] = {
    "contracts.contract_started": (_("Contract started"), "ok"),
    "contracts.contract_ending": (_("Contract ended by one side"), "accent"),
    "contracts.contract_ended": (_("Contract closed"), ""),
    "contracts.milestone_proposed": (_("“%(title)s” proposed, %(amount)s"), "accent"),
    "contracts.milestone_accepted": (_("“%(title)s” agreed"), "ok"),
    "contracts.milestone_declined": (_("“%(title)s” declined"), ""),
    "contracts.milestone_withdrawn": (_("“%(title)s” withdrawn"), ""),
    "contracts.milestone_cancelled": (_("“%(title)s” cancelled"), ""),
    "contracts.milestone_funded": (_("“%(title)s” funded, %(amount)s"), ""),
    "contracts.milestone_payment_failed": (_("Payment for “%(title)s” did not go through"), "bad"),
    "contracts.milestone_payment_returned": (_("Payment for “%(title)s” came too late and went back"), "bad"),
    "contracts.milestone_submitted": (_("Work submitted for “%(title)s”"), "accent"),
    "contracts.milestone_changes_requested": (_("Changes requested to “%(title)s”"), "accent"),
    "contracts.milestone_approved": (_("“%(title)s” approved, %(amount)s released"), "ok"),
    "contracts.milestone_released": (_("“%(title)s” released, %(amount)s"), "ok"),
    "contracts.milestone_released_part": (_("%(amount)s of “%(title)s” released"), "ok"),
    "contracts.milestone_released_by_silence": (_("“%(title)s” approved by silence, %(amount)s released"), "ok"),
    "contracts.milestone_asked_back": (_("%(amount)s of “%(title)s” asked back"), "accent"),
    "contracts.milestone_refunded": (_("%(amount)s of “%(title)s” returned to the client"), ""),
    "contracts.milestone_given_back": (_("%(amount)s of “%(title)s” given back to the client"), ""),
    "payments.release_given_back": (_("%(amount)s of released money given back to the client, fees included"), ""),
    "contracts.milestone_moved": (_("%(amount)s of “%(title)s” moved to another milestone"), ""),
    "contracts.milestone_frozen": (_("%(amount)s of “%(title)s” frozen for a mediator"), "bad"),
    "contracts.milestone_charged_back": (_("%(amount)s of “%(title)s” frozen: contested at the client's bank"), "bad"),
    "contracts.milestone_chargeback_won": (_("%(amount)s of “%(title)s” free again: the bank left it here"), "ok"),
    "contracts.milestone_chargeback_lost": (_("%(amount)s of “%(title)s” taken back by the client's bank"), "bad"),
    "payments.chargeback_evidence_read": (_("Our staff gathered the contract, work and messages for the bank"), ""),
    "contracts.milestone_settled": (_("“%(title)s” settled by a mediator"), ""),
    "contracts.worker_left": (_("The worker left the agency"), "bad"),
    "contracts.worker_proposed": (_("The agency proposed another worker"), "accent"),
    "contracts.worker_replaced": (_("The client accepted another worker"), "ok"),
    "contracts.worker_declined": (_("The client declined another worker"), ""),
    "contracts.worker_withdrawn": (_("The agency withdrew its proposal of another worker"), ""),
    "contracts.worker_change_expired": (_("Another worker was not accepted in time"), ""),
}


@register.filter
def history_line(event: Event) -> str:
    """Return the words of one event in the reader's language; empty for one that the timeline leaves out."""
    words, _colour = LINES.get(event.kind, ("", ""))
    data = event.data
    amount = data.get("amount")
    text = format_money(amount, data["currency"]) if isinstance(amount, int) and "currency" in data else ""
    return str(words) % {"title": data.get("title", ""), "amount": text}


@register.filter
def history_colour(event: Event) -> str:
    """Return the class of the mark before a line."""
    colour = LINES.get(event.kind, ("", ""))[1]
    return f"is-{colour}" if colour else ""
