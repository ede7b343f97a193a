"""Credit that came back after its payment was contested: it answers for the chargeback, or would be paid twice."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Party
from core.sweeps import for_all
from payments.actions.refunds import credits_of, post_covered, take_credit
from payments.models import Charge, Chargeback, Credit, Holding


def absorb_credits(*, at: datetime) -> int:
    """Let credit answer for chargebacks that nothing covered when they were opened; return for how many clients.

    Money of a contested payment can be credit again long afterwards: work that it paid for was given back, or a card
    or a bank refused to take it.
    """
    owners = Party.objects.filter(pk__in=_uncovered().values("charge__party"), credits__left__gt=0)
    return for_all(owners.order_by("pk").distinct(), lambda pk: _absorb(pk, at))


def absorb_credits_of(party_id: int, *, at: datetime) -> int:
    """Do what `absorb_credits` says for one client whose credits are locked, and return the sum in minor units (inner).

    From: open, answered, lost. To: the same. Money: k4; where the chargeback is lost already, the operator's loss
    grows smaller. Event: none; the credit that is left says it.
    """
    total = 0
    for known in _uncovered().filter(charge__party_id=party_id).order_by("charge_id", "pk").select_related("charge"):
        mine = credits_of(known.charge).filter(left__gt=0).select_related("refund")
        credits_left = list(mine.select_for_update(of=("self",), no_key=True))
        if not credits_left:
            continue
        Charge.objects.locked(known.charge_id)
        chargeback = Chargeback.objects.locked(known.pk)
        if chargeback.status == Chargeback.Status.WON:
            continue
        for credit in credits_left:
            covered = min(chargeback.uncovered, credit.left)
            if covered:  # once for each pair: either the credit or the sum is used up then
                legs = take_credit(chargeback, credit, covered, at=at)
                key = f"{chargeback.pk}:{credit.pk}"
                post_covered(chargeback, covered, legs, kind="credit_charged_back", key=key, at=at)
                total += covered
    return total


def _uncovered() -> QuerySet[Chargeback]:
    """Return the chargebacks of payments for work that money which had gone back still has to answer for."""
    held = Holding.objects.filter(charge__isnull=False).values("charge")
    found = Chargeback.objects.filter(uncovered__gt=0, charge__in=held)
    return found.exclude(status=Chargeback.Status.WON)


@transaction.atomic
def _absorb(party_id: int, at: datetime) -> bool:
    list(Credit.objects.filter(party=party_id, left__gt=0).order_by("pk").select_for_update(no_key=True))
    return absorb_credits_of(party_id, at=at) > 0
