"""How the states of our machines are shown: one word, one icon, one tone for each."""

from __future__ import annotations

from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy

from core.templatetags.jalon import icon

register = template.Library()


class Look(NamedTuple):
    """How one state is shown."""

    word: Promise | str
    icon: str = ""
    tone: str = ""


#: (kind, state) to its look. A test compares this table with the machines.
LOOKS: dict[tuple[str, str], Look] = {
    ("job", "draft"): Look(pgettext_lazy("job", "Draft"), "pen-line"),
    ("job", "in_review"): Look(pgettext_lazy("job", "In review"), "eye", "accent"),
    ("job", "open"): Look(pgettext_lazy("job", "Open"), "circle-check", "ok"),
    ("job", "paused"): Look(pgettext_lazy("job", "Paused"), "hourglass", "warn"),
    ("job", "filled"): Look(pgettext_lazy("job", "Filled"), "check"),
    ("job", "closed"): Look(pgettext_lazy("job", "Closed"), "lock"),
    ("job", "expired"): Look(pgettext_lazy("job", "Expired"), "clock"),
    ("job", "removed"): Look(pgettext_lazy("job", "Removed"), "ban", "bad"),
    ("profile", "draft"): Look(pgettext_lazy("profile", "Draft"), "pen-line"),
    ("profile", "submitted"): Look(pgettext_lazy("profile", "In review"), "eye", "accent"),
    ("profile", "approved"): Look(pgettext_lazy("profile", "Approved"), "badge-check", "ok"),
    ("profile", "changes_requested"): Look(pgettext_lazy("profile", "Changes requested"), "pen-line", "warn"),
    ("certification", "claimed"): Look(pgettext_lazy("certification", "Not checked yet"), "hourglass", "warn"),
    ("certification", "checked"): Look(pgettext_lazy("certification", "Checked"), "badge-check", "ok"),
    ("certification", "refused"): Look(pgettext_lazy("certification", "Refused"), "ban", "bad"),
    ("testimonial", "asked"): Look(pgettext_lazy("testimonial", "Asked"), "send", "accent"),
    ("testimonial", "written"): Look(pgettext_lazy("testimonial", "Being checked"), "eye", "warn"),
    ("testimonial", "published"): Look(pgettext_lazy("testimonial", "Published"), "circle-check", "ok"),
    ("testimonial", "refused"): Look(pgettext_lazy("testimonial", "Refused"), "ban", "bad"),
    ("testimonial", "declined"): Look(pgettext_lazy("testimonial", "Declined"), "x"),
    ("testimonial", "expired"): Look(pgettext_lazy("testimonial", "Expired"), "clock"),
    ("testimonial", "withdrawn"): Look(pgettext_lazy("testimonial", "Taken back"), "undo-2"),
    ("proposal", "submitted"): Look(pgettext_lazy("proposal", "Sent"), "send", "accent"),
    ("proposal", "viewed"): Look(pgettext_lazy("proposal", "Viewed"), "eye", "accent"),
    ("proposal", "interviewing"): Look(pgettext_lazy("proposal", "In interview"), "message-square", "accent"),
    ("proposal", "offered"): Look(pgettext_lazy("proposal", "Offer received"), "mail", "ok"),
    ("proposal", "hired"): Look(pgettext_lazy("proposal", "Hired"), "circle-check", "ok"),
    ("proposal", "declined"): Look(pgettext_lazy("proposal", "Declined"), "x"),
    ("proposal", "withdrawn"): Look(pgettext_lazy("proposal", "Withdrawn"), "undo-2"),
    ("proposal", "closed"): Look(pgettext_lazy("proposal", "Closed"), "lock"),
    ("invitation", "invited"): Look(pgettext_lazy("invitation", "Waiting for an answer"), "mail", "accent"),
    ("invitation", "accepted"): Look(pgettext_lazy("invitation", "Proposal sent"), "send", "ok"),
    ("invitation", "declined"): Look(pgettext_lazy("invitation", "Declined"), "x"),
    ("invitation", "withdrawn"): Look(pgettext_lazy("invitation", "Withdrawn"), "undo-2"),
    ("invitation", "expired"): Look(pgettext_lazy("invitation", "Expired"), "clock"),
    ("offer", "draft"): Look(pgettext_lazy("offer", "Draft"), "pen-line"),
    ("offer", "paying"): Look(pgettext_lazy("offer", "Being paid"), "hourglass", "accent"),
    ("offer", "pending"): Look(pgettext_lazy("offer", "Waiting for an answer"), "hourglass", "warn"),
    ("offer", "raising"): Look(pgettext_lazy("offer", "New terms being paid"), "hourglass", "accent"),
    ("offer", "accepted"): Look(pgettext_lazy("offer", "Accepted"), "circle-check", "ok"),
    ("offer", "declined"): Look(pgettext_lazy("offer", "Declined"), "x"),
    ("offer", "withdrawn"): Look(pgettext_lazy("offer", "Withdrawn"), "undo-2"),
    ("offer", "expired"): Look(pgettext_lazy("offer", "Expired"), "clock"),
    ("version", "draft"): Look(pgettext_lazy("version", "Not sent yet"), "pen-line"),
    ("version", "open"): Look(pgettext_lazy("version", "Waiting for the client"), "hourglass", "warn"),
    ("version", "raising"): Look(pgettext_lazy("version", "Being paid"), "hourglass", "accent"),
    ("version", "current"): Look(pgettext_lazy("version", "In force"), "circle-check", "ok"),
    ("version", "replaced"): Look(pgettext_lazy("version", "Replaced"), "undo-2"),
    ("version", "refused"): Look(pgettext_lazy("version", "Refused"), "x"),
    ("version", "withdrawn"): Look(pgettext_lazy("version", "Withdrawn"), "undo-2"),
    ("version", "lapsed"): Look(pgettext_lazy("version", "Overtaken"), "lock"),
    ("contract", "active"): Look(pgettext_lazy("contract", "Active"), "circle-check", "ok"),
    ("contract", "ending"): Look(pgettext_lazy("contract", "Ending"), "hourglass", "warn"),
    ("contract", "ended"): Look(pgettext_lazy("contract", "Ended"), "lock"),
    ("milestone", "draft"): Look(pgettext_lazy("milestone", "Proposed"), "pen-line"),
    ("milestone", "agreed"): Look(pgettext_lazy("milestone", "Not funded"), "hourglass", "warn"),
    ("milestone", "funding"): Look(pgettext_lazy("milestone", "Being paid"), "hourglass", "accent"),
    ("milestone", "funded"): Look(pgettext_lazy("milestone", "Funded"), "lock", "accent"),
    ("milestone", "submitted"): Look(pgettext_lazy("milestone", "Submitted"), "eye", "solid"),
    ("milestone", "changes_requested"): Look(pgettext_lazy("milestone", "Changes requested"), "pen-line", "warn"),
    ("milestone", "refund_requested"): Look(pgettext_lazy("milestone", "Money asked back"), "undo-2", "warn"),
    ("milestone", "disputed"): Look(pgettext_lazy("milestone", "In mediation"), "scale", "bad"),
    ("milestone", "charged_back"): Look(pgettext_lazy("milestone", "Contested at the bank"), "landmark", "bad"),
    ("milestone", "released"): Look(pgettext_lazy("milestone", "Released"), "check", "ok"),
    ("milestone", "refunded"): Look(pgettext_lazy("milestone", "Returned to the client"), "undo-2"),
    ("milestone", "settled"): Look(pgettext_lazy("milestone", "Settled"), "scale"),
    ("milestone", "cancelled"): Look(pgettext_lazy("milestone", "Cancelled"), "ban"),
    ("charge", "planned"): Look(pgettext_lazy("charge", "Planned"), "hourglass"),
    ("charge", "waiting"): Look(pgettext_lazy("charge", "Waiting"), "hourglass", "warn"),
    ("charge", "confirmed"): Look(pgettext_lazy("charge", "Paid"), "check", "ok"),
    ("charge", "denied"): Look(pgettext_lazy("charge", "Not paid"), "circle-alert", "bad"),
    ("refund", "reserved"): Look(pgettext_lazy("refund", "On its way"), "hourglass", "accent"),
    ("refund", "confirmed"): Look(pgettext_lazy("refund", "Returned"), "check", "ok"),
    ("refund", "denied"): Look(pgettext_lazy("refund", "Refused by the bank"), "circle-alert", "bad"),
    ("refund", "dropped"): Look(pgettext_lazy("refund", "Taken back by the bank itself"), "landmark"),
    ("chargeback", "open"): Look(pgettext_lazy("chargeback", "Evidence is asked for"), "circle-alert", "bad"),
    ("chargeback", "answered"): Look(pgettext_lazy("chargeback", "The bank looks at it"), "hourglass", "warn"),
    ("chargeback", "won"): Look(pgettext_lazy("chargeback", "Won"), "check", "ok"),
    ("chargeback", "lost"): Look(pgettext_lazy("chargeback", "Lost"), "ban"),
    ("transfer", "planned"): Look(pgettext_lazy("transfer", "Planned"), "hourglass"),
    ("transfer", "confirmed"): Look(pgettext_lazy("transfer", "Transferred"), "check", "ok"),
    ("transfer", "denied"): Look(pgettext_lazy("transfer", "Refused"), "circle-alert", "bad"),
    ("move", "planned"): Look(pgettext_lazy("move", "Planned"), "hourglass"),
    ("move", "sent"): Look(pgettext_lazy("move", "Sent"), "send", "accent"),
    ("move", "waiting"): Look(pgettext_lazy("move", "Waiting for the provider"), "hourglass", "warn"),
    ("move", "unknown"): Look(pgettext_lazy("move", "Outcome unknown"), "circle-help", "bad"),
    ("move", "confirmed"): Look(pgettext_lazy("move", "Confirmed"), "check", "ok"),
    ("move", "denied"): Look(pgettext_lazy("move", "Denied"), "circle-alert", "bad"),
    ("withdrawal", "reserved"): Look(pgettext_lazy("withdrawal", "Being prepared"), "hourglass"),
    ("withdrawal", "sent"): Look(pgettext_lazy("withdrawal", "On its way to your bank"), "landmark", "accent"),
    ("withdrawal", "paid"): Look(pgettext_lazy("withdrawal", "Paid"), "check", "ok"),
    ("withdrawal", "returned"): Look(pgettext_lazy("withdrawal", "Returned"), "undo-2", "bad"),
    ("withdrawal", "cancelled"): Look(pgettext_lazy("withdrawal", "Cancelled"), "ban"),
    ("withdrawal", "reconciling"): Look(pgettext_lazy("withdrawal", "Being checked"), "hourglass", "warn"),
    ("report", "open"): Look(pgettext_lazy("report", "Being looked at"), "hourglass", "accent"),
    ("report", "dismissed"): Look(pgettext_lazy("report", "Within the rules"), "check"),
    ("report", "upheld"): Look(pgettext_lazy("report", "Against the rules"), "flag", "ok"),
    ("case", "mediation"): Look(pgettext_lazy("case", "In mediation"), "scale", "warn"),
    ("case", "bank"): Look(pgettext_lazy("case", "Waits for the bank"), "landmark", "warn"),
    ("case", "lost"): Look(pgettext_lazy("case", "Ended by the bank"), "landmark"),
    ("case", "closed"): Look(pgettext_lazy("case", "Decided"), "scale"),
    ("interview", "proposed"): Look(pgettext_lazy("interview", "Times proposed"), "hourglass", "warn"),
    ("interview", "accepted"): Look(pgettext_lazy("interview", "Agreed"), "circle-check", "ok"),
    ("interview", "cancelled"): Look(pgettext_lazy("interview", "Cancelled"), "x"),
    ("interview", "held"): Look(pgettext_lazy("interview", "Over"), "check"),
    ("interview", "expired"): Look(pgettext_lazy("interview", "No time agreed"), "clock"),
}

#: (kind, state, reader) to its look, for readers to whom the state means something else than to its owner.
LOOKS_TO: dict[tuple[str, str, str], Look] = {
    ("proposal", "offered", "client"): Look(pgettext_lazy("proposal", "Offer sent"), "mail", "ok"),
}


@register.simple_tag
def state_badge(kind: str, value: str, reader: str = "") -> SafeString:
    """Render the state `value` of a `kind` of thing as a badge, in the words for this reader, such as "client".

    An unknown state shows as it is stored.
    """
    look = LOOKS_TO.get((kind, value, reader)) or LOOKS.get((kind, value)) or Look(value)
    tone = f" badge--{look.tone}" if look.tone else ""
    return format_html('<span class="badge{}">{}{}</span>', tone, icon(look.icon) if look.icon else "", look.word)
