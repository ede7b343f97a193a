"""Notices of disputes: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from disputes.models import Case
from notifications.catalogue.contracts import of_contract
from notifications.catalogue.shapes import Kind, Thing


def _case(pk: int) -> Thing:
    case = Case.objects.select_related("milestone__contract__client", "milestone__contract__freelancer").get(pk=pk)
    return of_contract(case.milestone.contract, milestone=case.milestone.title)


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "case": _case,
}

KINDS: Mapping[str, Kind] = {
    "disputes.case_opened": Kind(
        "both", _("A mediator will decide about “%(milestone)s”"), _("The sum in question is frozen until then.")
    ),
    "disputes.case_decided": Kind(
        "both", _("The case about “%(milestone)s” is decided"), _("Open the contract to read the decision.")
    ),
    "disputes.case_waits": Kind(
        "both",
        _("The case about “%(milestone)s” waits for the client's bank"),
        _("The payment is contested there. The case goes on once the bank has decided."),
    ),
    "disputes.case_goes_on": Kind(
        "both", _("The case about “%(milestone)s” goes on"), _("The bank has decided about the payment.")
    ),
    "disputes.case_lost": Kind(
        "both",
        _("The case about “%(milestone)s” has ended"),
        _("The client's bank took back all of the sum in question."),
    ),
}
