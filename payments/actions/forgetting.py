"""What parties declared before the law, deleted once no invoice needs it; money that returns to deleted accounts."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import LegalProfile, Party
from core.actor import Actor
from core.product import rules
from payments.actions.cases import open_money_case
from payments.models import Invoice, MoneyCase, Withdrawal


def forget_legal_profiles(*, at: datetime) -> int:
    """Delete what closed parties declared, where their last invoice is as old as tax law asks; return how many.

    Event: none: the party has nobody any more.
    """
    since = at.replace(year=at.year - rules().invoice_name_years, day=min(at.day, 28))
    needed = Invoice.objects.filter(
        Q(seller_party=OuterRef("party")) | Q(buyer_party=OuterRef("party")), issued_at__gt=since
    )
    stale = LegalProfile.objects.filter(party__closed_at__isnull=False).exclude(Exists(needed))
    return stale.delete()[0]


def tell_of_stray_money(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Open a case about a payout that a bank sent back after its account was deleted (inner).

    From: nothing. To: an open case, due as any. Money: none; it is available to a party that has nobody.
    """
    party = Party.objects.get(pk=withdrawal.party_id)
    if party.closed_at is not None:
        open_money_case(
            kind=MoneyCase.Kind.FORMER_MEMBER,
            subject=f"withdrawal:{withdrawal.pk}",
            title=party.name,
            party_id=party.pk,
            amount=withdrawal.amount,
            currency=withdrawal.currency,
            by=Actor.system(),
            at=at,
        )
