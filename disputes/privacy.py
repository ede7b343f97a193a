"""What this app knows about people: cases about money, which belong to both sides and stay."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.privacy import Blocker, Leaver, Reader, Sheet, datum, fields_of
from contracts.queries import contracts_for
from disputes.models import Case

DATA = (datum("disputes.Case", "cases.json, without the mediator", "nameless", "A decision about money of two sides."),)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the cases of a person's contracts as both sides read them."""
    names = ("id", "milestone_id", "status", "claim", "gross", "currency", "to_freelancer", "to_client", "reasons")
    ids = [pk for actor in reader.actors for pk in contracts_for(actor).values_list("pk", flat=True)]
    cases = Case.objects.filter(milestone__contract__in=ids).order_by("pk")
    yield Sheet("cases", fields_of(cases, *names, "opened_at", "closed_at"))


def blockers(leaver: Leaver) -> Iterator[Blocker]:
    """Yield the cases that are not decided."""
    ids = leaver.party_ids
    sides = Q(milestone__contract__client_id__in=ids) | Q(milestone__contract__freelancer_id__in=ids)
    undecided = Case.objects.filter(sides).exclude(status__in=Case.FINAL).select_related("milestone")
    for case in undecided.order_by("pk"):
        text = _("The case about “%(title)s” is not decided") % {"title": case.milestone.title}
        yield Blocker(text, reverse("contracts:room", kwargs={"contract_id": case.milestone.contract_id}))
