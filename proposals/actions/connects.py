"""Connects: granted, bought, spent oldest first, returned where they came from, expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, FormSentBefore, NotAllowed
from core.product import rules
from core.sweeps import for_all
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from ledger.models import CONNECT
from payments.actions import charge_key, start_charge
from payments.models import Charge, Chargeback
from payments.queries import latest_charge, operator_tax
from payments.tax import UNTAXED, ChargeTaxes
from proposals.models import (
    CONNECTS_PURPOSE,
    ConnectClaim,
    ConnectLot,
    ConnectPurchase,
    ConnectSpend,
    ConnectSpendPart,
    Proposal,
    connects_account,
)
from proposals.permissions import can_buy_connects
from proposals.queries import connects_owed, free_connects, live_lots


class CannotAffordConnects(DomainError):
    """The party holds fewer connects than the proposal costs."""


class ConnectsOwed(DomainError):
    """Connects whose payment was taken back have been spent; they are bought again before the next proposal."""


class InvalidQuantity(DomainError):
    """The number of connects is not one that is sold."""


def _add_lot(
    *, party_id: int, origin: ConnectLot.Origin, key: str, amount: int, at: datetime, month: str = ""
) -> ConnectLot | None:
    """Store one lot and post it; None when the key is known, so that a grant run twice grants once."""
    lot, is_new = ConnectLot.objects.get_or_create(
        key=key,
        defaults={
            "party_id": party_id,
            "origin": origin,
            "amount": amount,
            "left": amount,
            "month": month,
            "created_at": at,
            "expires_at": at + timedelta(days=rules().connect_life_days),
        },
    )
    if not is_new:
        return None
    if amount:
        issued = "issued:purchase" if origin == ConnectLot.Origin.PURCHASE else "issued:grant"
        post(
            kind=f"connects_{origin}",
            key=f"connect-lot:{key}",
            at=at,
            currency=CONNECT,
            legs=[Leg(connects_account(party_id), amount), Leg(issued, -amount)],
        )
    return lot


@transaction.atomic
def grant_welcome(*, party_id: int, at: datetime) -> ConnectLot | None:
    """Give a party its welcome connects when its first profile is approved; None when it has had them.

    Money: none; CONNECT: issued to the party. Event: proposals.connects_granted.
    """
    party = Party.objects.locked(party_id)
    lot = _add_lot(
        party_id=party.pk,
        origin=ConnectLot.Origin.WELCOME,
        key=f"welcome:{party.pk}",
        amount=rules().welcome_connects,
        at=at,
    )
    if lot:
        record(
            kind="proposals.connects_granted",
            actor=Actor.system(),
            subject=f"party:{party.pk}",
            at=at,
            amount=lot.amount,
            origin=lot.origin,
        )
    return lot


def grant_monthly(*, at: datetime) -> int:
    """Give every party that has had its welcome the connects of this month; return how many parties got their lot.

    Each gets min(monthly, ceiling - free balance), once a month. A lot of 0 marks a month in which the
    ceiling was reached. Event: proposals.connects_granted for each that is above 0.
    """
    month = at.strftime("%Y-%m")
    start = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    welcome = ConnectLot.objects.filter(origin=ConnectLot.Origin.WELCOME, created_at__lt=start)
    waiting = Party.objects.filter(pk__in=welcome.values("party_id"), closed_at=None)
    waiting = waiting.exclude(connect_lots__month=month).order_by("pk")
    return for_all(waiting, lambda pk: _grant_month(party_id=pk, month=month, at=at))


@transaction.atomic
def _grant_month(*, party_id: int, month: str, at: datetime) -> int:
    party = Party.objects.locked(party_id)
    amount = max(0, min(rules().monthly_connects, rules().free_connects_ceiling - free_connects(party.pk, at)))
    lot = _add_lot(
        party_id=party.pk,
        origin=ConnectLot.Origin.MONTHLY,
        key=f"monthly:{party.pk}:{month}",
        amount=amount,
        at=at,
        month=month,
    )
    if lot and lot.amount:
        record(
            kind="proposals.connects_granted",
            actor=Actor.system(),
            subject=f"party:{party.pk}",
            at=at,
            amount=lot.amount,
            origin=lot.origin,
        )
    return 1 if lot else 0


def spend_connects(
    *, proposal: Proposal, amount: int, part: ConnectSpend.Part = ConnectSpend.Part.PROPOSAL, at: datetime
) -> ConnectSpend:
    """Spend connects on a part of a proposal, from the lots that expire first (inner; the party is locked).

    CONNECT: from the party to spent. Raises CannotAffordConnects when the party holds fewer.
    """
    lots = list(live_lots(proposal.party_id, at))
    held = sum(lot.left for lot in lots)
    if held < amount:
        raise CannotAffordConnects(_too_few(part, amount, held))
    sequence = 1
    if part == ConnectSpend.Part.BOOST:
        sequence += proposal.spends.filter(part=part).count()
    spend = ConnectSpend.objects.create(proposal=proposal, part=part, sequence=sequence, amount=amount, created_at=at)
    missing = amount
    for lot in lots:
        taken = min(lot.left, missing)
        if not taken:
            break
        lot.left -= taken
        lot.save(update_fields=["left"])
        ConnectSpendPart.objects.create(spend=spend, lot=lot, amount=taken)
        missing -= taken
    post(
        kind="connects_spent",
        key=f"connect-spend:{spend.pk}",
        at=at,
        currency=CONNECT,
        legs=[Leg(connects_account(proposal.party_id), -amount), Leg("spent", amount)],
    )
    return spend


def _too_few(part: ConnectSpend.Part, amount: int, held: int) -> str:
    """Say what is missing for a proposal, or for its boost."""
    if part == ConnectSpend.Part.BOOST:
        text = ngettext(
            "This boost costs %(cost)d connect and you have %(held)d left for it. Buy connects, or bid less.",
            "This boost costs %(cost)d connects and you have %(held)d left for it. Buy connects, or bid less.",
            amount,
        )
    else:
        text = ngettext(
            "This proposal costs %(cost)d connect and you have %(held)d. Buy connects, then send it.",
            "This proposal costs %(cost)d connects and you have %(held)d. Buy connects, then send it.",
            amount,
        )
    return text % {"cost": amount, "held": held}


def return_connects(*, proposal: Proposal, reason: ConnectSpend.Reason, at: datetime) -> int:
    """Return what a proposal and its boost cost, once, to the lots it came from (inner; the party is locked).

    A boost that came back holds no place.
    CONNECT: from spent to the party. Event: proposals.connects_returned. Returns how many came back.
    """
    returned = _return_spends(proposal, ConnectSpend.objects.filter(proposal=proposal), reason, at)
    if returned:
        record(
            kind="proposals.connects_returned",
            actor=Actor.system(),
            subject=f"proposal:{proposal.pk}",
            scope=f"job:{proposal.job_id}",
            at=at,
            amount=returned,
            reason_code=str(reason),
        )
    return returned


def return_boost(*, proposal: Proposal, at: datetime) -> int:
    """Return what a boost cost whose place a higher bid took (inner; the party is locked). Returns how many came back.

    CONNECT: from spent to the party. Event: the caller's.
    """
    spends = ConnectSpend.objects.filter(proposal=proposal, part=ConnectSpend.Part.BOOST)
    return _return_spends(proposal, spends, ConnectSpend.Reason.OUTBID, at)


def _return_spends(
    proposal: Proposal, spends: QuerySet[ConnectSpend], reason: ConnectSpend.Reason, at: datetime
) -> int:
    """Put what was spent and not returned back into the lots it came from.

    A lot that has expired or is about to lives at least `connect_return_life_days` more.
    """
    returned = 0
    least = at + timedelta(days=rules().connect_return_life_days)
    for spend in spends.select_for_update().filter(returned_at=None).order_by("pk"):
        spend.returned_at, spend.reason = at, reason
        spend.save(update_fields=["returned_at", "reason"])
        for part in spend.parts.select_related("lot").order_by("pk"):
            lot = ConnectLot.objects.locked(part.lot_id)
            lot.left += part.amount
            lot.expires_at = max(lot.expires_at, least)
            lot.expired_at = None
            lot.save(update_fields=["left", "expires_at", "expired_at"])
        post(
            kind="connects_returned",
            key=f"connect-return:{spend.pk}",
            at=at,
            currency=CONNECT,
            legs=[Leg("spent", -spend.amount), Leg(connects_account(proposal.party_id), spend.amount)],
        )
        returned += spend.amount
    if proposal.boost:
        proposal.boost, proposal.boosted_at = 0, None
        proposal.save(update_fields=["boost", "boosted_at"])
    return returned


def expire_lots(*, at: datetime) -> int:
    """Expire the unused part of every lot whose year is over; return how many lots."""
    due = ConnectLot.objects.filter(expires_at__lte=at, left__gt=0).order_by("pk")
    return for_all(due, lambda pk: _expire_lot(lot_id=pk, at=at))


@transaction.atomic
def _expire_lot(*, lot_id: int, at: datetime) -> int:
    party_id = ConnectLot.objects.values_list("party_id", flat=True).get(pk=lot_id)
    Party.objects.locked(party_id)
    lot = ConnectLot.objects.locked(lot_id)
    if not lot.left or lot.expires_at > at:
        return 0
    unused, lot.left, lot.expired_at = lot.left, 0, at
    lot.save(update_fields=["left", "expired_at"])
    post(
        kind="connects_expired",
        # A lot can expire again after a return has given it a few more days.
        key=f"connect-expiry:{lot.pk}:{lot.expires_at.isoformat()}",
        at=at,
        currency=CONNECT,
        legs=[Leg(connects_account(party_id), -unused), Leg("expired", unused)],
    )
    record(kind="proposals.connects_expired", actor=Actor.system(), subject=f"party:{party_id}", at=at, amount=unused)
    return 1


def remind_of_expiry(*, at: datetime) -> int:
    """Tell each party once of a larger lot that will expire; return how many lots."""
    product = rules()
    soon = at + timedelta(days=product.connect_reminder_days)
    due = ConnectLot.objects.filter(
        expires_at__gt=at, expires_at__lte=soon, left__gte=product.connect_reminder_minimum, reminded_at=None
    ).exclude(party__closed_at__isnull=False)
    return for_all(due.order_by("pk"), lambda pk: _remind_of_lot(lot_id=pk, at=at))


@transaction.atomic
def _remind_of_lot(*, lot_id: int, at: datetime) -> int:
    party_id = ConnectLot.objects.values_list("party_id", flat=True).get(pk=lot_id)
    Party.objects.locked(party_id)
    lot = ConnectLot.objects.locked(lot_id)
    if lot.reminded_at or lot.left < rules().connect_reminder_minimum or lot.expires_at <= at:
        return 0
    lot.reminded_at = at
    lot.save(update_fields=["reminded_at"])
    record(
        kind="proposals.connects_expire_soon",
        actor=Actor.system(),
        subject=f"party:{party_id}",
        at=at,
        count=lot.left,
        days=-(-(lot.expires_at - at) // timedelta(days=1)),
    )
    return 1


@transaction.atomic
def buy_connects(
    *, party_id: int, quantity: int, method_id: int, token: str, by: Actor, at: datetime
) -> ConnectPurchase:
    """Order connects; they arrive when the charge is confirmed. The same form sent twice (one `token`) buys once.

    The saved method is charged as if nobody were there: a bank that wants its payer all the same lets the charge wait
    for days, and they confirm that one charge from its page (DOMAIN 3.3). A refusal ends the purchase; another try is
    another purchase.

    From: nothing. To: paying. Money: a charge of quantity x price and the operator's VAT on it, without fee.
    Event: payments' own.

    Raises NotAllowed if `by` may not spend for the party, InvalidQuantity for a number that is not sold,
    FormSentBefore for a known token with another number or card, payments.MethodNotUsable for a card that cannot be
    charged.
    """
    party = Party.objects.locked(party_id)
    if not can_buy_connects(by, party.pk):
        raise NotAllowed(_("You may not buy connects for this account."))
    if not 1 <= quantity <= rules().connect_custom_maximum:
        raise InvalidQuantity(
            _("Choose a number of connects from 1 to %(most)d.") % {"most": rules().connect_custom_maximum}
        )
    known = ConnectPurchase.objects.filter(party=party, token=token).first()
    if known:
        charge = latest_charge(CONNECTS_PURPOSE, known.pk)
        if known.quantity != quantity or charge is None or charge.method_id != method_id:
            raise FormSentBefore
        return known
    purchase = ConnectPurchase.objects.create(
        party=party,
        token=token,
        quantity=quantity,
        price=quantity * rules().connect_price,
        currency=rules().currency,
        created_at=at,
    )
    start_charge(
        payer_id=party.pk,
        method_id=method_id,
        purpose=CONNECTS_PURPOSE,
        reference=purchase.pk,
        scope=f"connects:{party.pk}",
        title=ngettext("%(count)d connect", "%(count)d connects", quantity) % {"count": quantity},
        gross=purchase.price,
        client_fee=0,
        taxes=ChargeTaxes(work=operator_tax(party.pk), fee=UNTAXED),
        is_payer_present=False,
        by=by,
        at=at,
    )
    return purchase


def lock_purchase(reference: int) -> None:
    """Lock the rows of a purchase from the party down, for payments to settle its charge."""
    Party.objects.locked(ConnectPurchase.objects.values_list("party_id", flat=True).get(pk=reference))
    ConnectPurchase.objects.locked(reference)


def receive_connects(charge: Charge, at: datetime) -> None:
    """Hand over the connects of a confirmed charge (called by payments in its transaction).

    From: paying. To: paid. Money: gateway to revenue and tax. CONNECT: issued to the party.
    Event: proposals.connects_bought.
    """
    purchase = ConnectPurchase.objects.locked(charge.reference)
    if purchase.status != ConnectPurchase.Status.PAYING:
        return
    purchase.status, purchase.settled_at = ConnectPurchase.Status.PAID, at
    purchase.save(update_fields=["status", "settled_at"])
    post(
        kind="connects_paid",
        key=charge_key(charge),
        at=at,
        currency=purchase.currency,
        legs=merge_legs(
            [Leg("gateway", -charge.amount), Leg("rev:connects", charge.gross), Leg("tax:payable", charge.vat)]
        ),
    )
    lot = _add_lot(
        party_id=purchase.party_id,
        origin=ConnectLot.Origin.PURCHASE,
        key=f"purchase:{purchase.pk}",
        amount=purchase.quantity,
        at=at,
    )
    if lot:
        _buy_back(lot, at)
    record(
        kind="proposals.connects_bought",
        actor=Actor.system(),
        subject=f"party:{purchase.party_id}",
        at=at,
        amount=purchase.quantity,
        price=purchase.price,
        currency=purchase.currency,
        charge=charge.pk,
    )


def fail_connect_purchase(charge: Charge, at: datetime) -> None:
    """Close a purchase whose charge was denied (called by payments in its transaction). From: paying. To: failed."""
    purchase = ConnectPurchase.objects.locked(charge.reference)
    if purchase.status != ConnectPurchase.Status.PAYING:
        return
    purchase.status, purchase.settled_at = ConnectPurchase.Status.FAILED, at
    purchase.save(update_fields=["status", "settled_at"])


def check_none_owed(party_id: int) -> None:
    """Refuse a proposal of a party that owes connects. Raises ConnectsOwed."""
    owed = connects_owed(party_id)
    if owed:
        raise ConnectsOwed(
            ngettext(
                "The payment of %(count)d connect that you have spent was taken back at your bank. Buy it again first.",
                "The payment of %(count)d connects that you have spent was taken back at your bank. "
                "Buy them again first.",
                owed,
            )
            % {"count": owed}
        )


def take_back_connects(chargeback: Chargeback, at: datetime) -> None:
    """Take back the connects of a contested payment, as far as there are any (payments calls it when it opens).

    Those of the purchase go first, then those that expire first; what was spent already is owed. Several chargebacks of
    one payment take no more than was bought with it.
    CONNECT: from the party to issued. Event: proposals.connects_taken_back.
    """
    purchase = ConnectPurchase.objects.locked(chargeback.charge.reference)
    claims = ConnectClaim.objects.filter(chargeback__charge=chargeback.charge, given_back_at=None)
    claimed = claims.aggregate(total=Sum("amount"))["total"] or 0
    amount = -(-purchase.quantity * chargeback.amount // chargeback.charge.amount)
    amount = min(amount, purchase.quantity - claimed)
    own = f"purchase:{purchase.pk}"
    lots = sorted(live_lots(purchase.party_id, at).select_for_update(no_key=True), key=lambda lot: lot.key != own)
    taken = 0
    for lot in lots:
        part = min(lot.left, amount - taken)
        lot.left -= part
        lot.save(update_fields=["left"])
        taken += part
    claim = ConnectClaim.objects.create(
        party_id=purchase.party_id,
        chargeback=chargeback,
        amount=amount,
        taken=taken,
        owed=amount - taken,
        created_at=at,
    )
    if not amount:
        return
    if taken:
        _post_taken("connects_taken_back", f"connect-claim:{claim.pk}", party_id=purchase.party_id, amount=taken, at=at)
    record(
        kind="proposals.connects_taken_back",
        actor=Actor.system(),
        subject=f"party:{purchase.party_id}",
        at=at,
        amount=taken,
        owed=claim.owed,
    )


def close_connect_claim(chargeback: Chargeback, at: datetime) -> None:
    """Give back what was taken if the bank decided against the payer (payments calls it when a chargeback closes).

    A lost one changes nothing here: what is owed stays so until it is bought again.
    CONNECT: from issued to the party. Event: proposals.connects_given_back.
    """
    claim = ConnectClaim.objects.locked(ConnectClaim.objects.values_list("pk", flat=True).get(chargeback=chargeback))
    if chargeback.status != Chargeback.Status.WON or not claim.amount:
        return
    claim.owed, claim.given_back_at = 0, at
    claim.save(update_fields=["owed", "given_back_at"])
    if claim.taken:
        _add_lot(
            party_id=claim.party_id,
            origin=ConnectLot.Origin.PURCHASE,
            key=f"claim:{claim.pk}",
            amount=claim.taken,
            at=at,
        )
    record(
        kind="proposals.connects_given_back",
        actor=Actor.system(),
        subject=f"party:{claim.party_id}",
        at=at,
        amount=claim.taken,
    )


def loss_of_connects(chargeback: Chargeback) -> list[Leg]:
    """Return which accounts a lost payment of connects is taken off: what was earned, and the VAT on it."""
    return [
        Leg("rev:connects", chargeback.sale_vat - chargeback.uncovered),
        Leg("tax:payable", -chargeback.sale_vat),
    ]


def _buy_back(lot: ConnectLot, at: datetime) -> None:
    """Let connects that were just bought replace those that their party owes, oldest claim first."""
    claims = ConnectClaim.objects.filter(party_id=lot.party_id, owed__gt=0).order_by("pk")
    for claim in claims.select_for_update(no_key=True):
        part = min(claim.owed, lot.left)
        if not part:
            return
        claim.owed -= part
        claim.taken += part
        claim.save(update_fields=["owed", "taken"])
        lot.left -= part
        lot.save(update_fields=["left"])
        key = f"connect-claim:{claim.pk}:{lot.pk}"
        _post_taken("connects_bought_back", key, party_id=lot.party_id, amount=part, at=at)


def _post_taken(kind: str, key: str, *, party_id: int, amount: int, at: datetime) -> None:
    legs = [Leg(connects_account(party_id), -amount), Leg("issued:purchase", amount)]
    post(kind=kind, key=key, at=at, currency=CONNECT, legs=legs)
