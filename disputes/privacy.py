"""What this app knows about people: cases about money, which belong to both sides and stay."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.privacy import Blocker, Leaver, Reader, Sheet, datum, fields_of, seen_by
from contracts.queries import contracts_for
from disputes.models import Case

DATA = (datum("disputes.Case", "cases.json, without the mediator", "nameless", "A decision about money of two sides."),)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the cases of a person's contracts as both sides read them."""
    names = ("id", "milestone_id", "status", "claim", "gross", "currency", "to_freelancer", "to_client", "reasons")
    sums = ("gross", "to_freelancer", "to_client")
    cases = (
        fields_of(
            Case.objects.filter(
                milestone__contract__in=list(contracts_for(actor).values_list("pk", flat=True))
            ).order_by("pk"),
            *seen_by(actor, (*names, "opened_at", "closed_at"), sums),
        )
        for actor in reader.actors
    )
    yield Sheet("cases", (row for rows in cases for row in rows))


def blockers(leaver: Leaver) -> Iterator[Blocker]:
    """Yield the cases that are not decided."""
    ids = leaver.party_ids
    sides = Q(milestone__contract__client_id__in=ids) | Q(milestone__contract__freelancer_id__in=ids)
    undecided = Case.objects.filter(sides).exclude(status__in=Case.FINAL).select_related("milestone")
    for case in undecided.order_by("pk"):
        text = _("The case about “%(title)s” is not decided") % {"title": case.milestone.title}
        yield Blocker(text, reverse("contracts:room", kwargs={"contract_id": case.milestone.contract_id}))
