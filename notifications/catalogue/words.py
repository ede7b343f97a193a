"""Putting a notice into the words of its reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.money import format_money
from core.templatetags.jalon import moment_text
from notifications.catalogue import KINDS
from notifications.catalogue.shapes import path_of
from payments.models import MoneyCase
from profiles.models import Profile
from trust.models import ReportCase

#: Data keys that hold minor units and are shown as money.
AMOUNTS = ("amount", "to_freelancer", "to_client", "net", "threshold", "left")
#: Data keys that hold a moment, and are shown on the reader's clock.
MOMENTS = ("starts_at",)
#: Data keys that hold a choice, and the words of each.
CHOICES: Mapping[str, Mapping[Any, Any]] = {
    "case_kind": dict(MoneyCase.Kind.choices),
    "role": dict(Membership.Role.choices),
    "outcome": {
        ReportCase.Status.UPHELD: _("It was against the rules. Thank you for telling us."),
        ReportCase.Status.DISMISSED: _("We found nothing against the rules."),
    },
    "with_message": {True: _("The client wrote you a message with it: open your proposal to read it."), False: ""},
}


def found_of(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what an alert found, each with title, language and path; people as they may be read by everybody now."""
    found = list(data.get("found", ()))
    ids = [each["profile"] for each in found if "profile" in each]
    shown = Profile.objects.approved().filter(pk__in=ids).exclude(visibility=Profile.Visibility.PRIVATE)
    people = {each.pk: each for each in shown.select_related("party")}
    return [
        {
            "title": f"{people[each['profile']].party.public_name}: {people[each['profile']].title}",
            "language": people[each["profile"]].language,
            "path": path_of("profiles:public", slug=people[each["profile"]].slug),
        }
        if "profile" in each
        else each
        for each in found
        if "profile" not in each or each["profile"] in people
    ]


def words(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text of a notice in the active language; sums and moments are written for them."""
    spec = KINDS[kind]
    shown = {
        key: format_money(value, data["currency"])
        if key in AMOUNTS and isinstance(value, int) and "currency" in data
        else str(CHOICES[key].get(value, value))
        if key in CHOICES
        else moment_text(datetime.fromisoformat(value))
        if key in MOMENTS
        else value
        for key, value in data.items()
    }
    if "reason_code" in shown:  # a proposal was declined, perhaps before there were messages
        shown.setdefault("with_message", "")
    title, text = str(spec.title), str(spec.text)
    return title % shown if shown else title, text % shown if shown else text
