"""Released money given back to the client by the one who earned it, fees included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, FormSentBefore, NotAllowed
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from payments.actions.cases import ReasonMissing
from payments.actions.debts import note_debt
from payments.actions.holdings import Part
from payments.actions.refunds import make_refunds
from payments.actions.reversals import plan_reversal
from payments.models import GiveBack, ProviderTransfer, Refund, Release
from payments.permissions import can_give_release_back, can_see_wallet
from payments.queries import ReturnQuote, give_back_ends_at, most_to_give_back, purse, quote_give_back
from payments.queries.transfers import transferred_of


class GiveBackTooLate(DomainError):
    """Released money goes back within some months of its charge; later the provider returns it to no card."""


class AmountNotReturnable(DomainError):
    """The amount is not above zero, or more than the payee still holds of the release."""


class ReleaseChanged(DomainError):
    """What giving back moves is not what the page has shown."""


@transaction.atomic
def give_back_release(
    *,
    release_id: int,
    gross: int,
    reason: str = "",
    seen_total: int | None = None,
    seen_remaining: int | None = None,
    token: UUID | None = None,
    by: Actor,
    at: datetime,
) -> GiveBack:
    """Give released money back to the client; the operator returns its fees in proportion, and the VAT with them.

    It is taken from the payee's pending balance, or from the available one once it has matured: what that lacks is
    owed. What was transferred to the payee's own account is taken back first, and the refund waits for that. Work that
    was paid from credit becomes credit again.
    A `token` that was used before returns what it gave back and moves nothing: a form sent twice gives back once.

    From: any release of which something remains. To: the same with less of it. Money: c2, c3.
    Event: payments.release_given_back; payments.refund_planned or payments.credit_returned.

    Raises NotAllowed unless `by` may move the payee's money or is finance staff that never belonged to either side,
    ReasonMissing for staff without one, FormSentBefore for a known token with another release or amount,
    GiveBackTooLate, AmountNotReturnable, ReleaseChanged if the client would not get the `seen_total` of a page, or the
    payee holds more or less of the release than its `seen_remaining`.
    """
    Party.objects.locked(Release.objects.values_list("payee_id", flat=True).get(pk=release_id))
    release = Release.objects.locked(release_id)
    if not can_give_release_back(by, release):
        raise NotAllowed(_("You may not give back money of this party."))
    if not can_see_wallet(by, release.payee_id) and not reason.strip():
        raise ReasonMissing(_("Say why."))
    known = GiveBack.objects.filter(token=token).first() if token else None
    if known:
        if (known.release_id, known.gross) != (release.pk, gross):
            raise FormSentBefore
        return known
    if at >= give_back_ends_at(release):
        raise GiveBackTooLate(_("This was paid too long ago: money cannot go back the way it came any more."))
    if not 0 < gross <= most_to_give_back(release):
        raise AmountNotReturnable(_("That is more than you still hold of this payment."))
    quote = quote_give_back(release, gross)
    if seen_total not in {None, quote.total} or seen_remaining not in {None, release.remaining}:
        raise ReleaseChanged(_("These sums changed after you opened the page. Look at them again."))

    release.remaining -= quote.net
    release.save(update_fields=["remaining"])
    part = Part(release, quote.gross, quote.vat, quote.client_fee, quote.client_fee_vat)
    ((back, back_leg),) = make_refunds(
        [part], source=f"release:{release.pk}", title=release.title, scope=release.scope, at=at
    )
    takings = _takings(release, quote)
    taken = sum(amount for _transfer, amount in takings)
    given = GiveBack.objects.create(
        release=release,
        gross=quote.gross,
        vat=quote.vat,
        fee=quote.fee,
        fee_vat=quote.fee_vat,
        client_fee=quote.client_fee,
        client_fee_vat=quote.client_fee_vat,
        net=quote.net,
        owed=quote.net - taken,
        refund=back if isinstance(back, Refund) else None,
        credit=None if isinstance(back, Refund) else back,
        reason=reason.strip(),
        token=token,
        user_id=by.user_id or 0,
        created_at=at,
    )
    _take_back(takings, given, at)
    party = f"party:{release.payee_id}"
    legs = [
        Leg(f"{'available' if release.matured_at else 'pending'}:{party}", -taken),
        Leg(f"receivable:{party}", -given.owed),
        Leg("rev:service", -quote.fee),
        Leg("rev:client_fee", -quote.client_fee),
        Leg("tax:payable", -quote.fee_vat - quote.client_fee_vat),
        back_leg,
    ]
    key = f"give_back:{given.pk}"
    post(key=key, kind="give_back", at=at, currency=release.currency, legs=merge_legs(legs))
    if given.owed:
        note_debt(release.payee_id, title=release.title, scope=release.scope, at=at)
    record(
        kind="payments.release_given_back",
        actor=by,
        subject=f"give_back:{given.pk}",
        scope=release.scope,
        at=at,
        reason=given.reason,
        payer=release.payer_id,
        payee=release.payee_id,
        source=release.source,
        title=release.title,
        gross=given.gross,
        earned=given.gross - given.fee,
        net=given.net,
        owed=given.owed,
        amount=given.amount,
        release=release.pk,
        remaining=release.remaining,
        currency=release.currency,
    )
    return given


def _takings(release: Release, quote: ReturnQuote) -> list[tuple[ProviderTransfer | None, int]]:
    """Return what of the net can be taken from the payee now, by the transfer to take it back of; the rest is owed.

    Without a transfer is what was not transferred: pending money is all there, available money follows only later. Of
    confirmed transfers, only what is on the payee's account and neither on its way to the bank nor taken back already;
    one that is under way will have arrived before it is taken back. What transfers of other releases will bring does
    not count: they may be refused. The party is locked; `remaining` is without the net already.
    """
    if release.matured_at is None:
        return [(None, quote.net)]
    money = purse(release.payee_id)
    left = min(quote.net, max(money.available, 0))
    there = max(money.transferred, 0)
    rooms: list[tuple[ProviderTransfer | None, int]] = [
        (None, max(release.remaining + quote.net - transferred_of(release), 0))
    ]
    for transfer in _lock_transfers(release):
        room = max(transferred_of(release, transfer), 0)
        if transfer.status == ProviderTransfer.Status.CONFIRMED:
            room = min(room, there)
            there -= room
        rooms.append((transfer, room))
    takings = []
    for source, room in rooms:
        if amount := min(left, room):
            takings.append((source, amount))
            left -= amount
    return takings


def _take_back(takings: Sequence[tuple[ProviderTransfer | None, int]], given: GiveBack, at: datetime) -> None:
    """Plan to take back what was transferred; the refund waits for it."""
    for transfer, amount in takings:
        if transfer:
            plan_reversal(transfer=transfer, amount=amount, refund=given.refund, at=at)


def _lock_transfers(release: Release) -> list[ProviderTransfer]:
    """Return the transfers of a locked release, locked too: their answers come before what is taken back, or after.

    A refused one is none: nothing arrived, and what it will be once it is tried again follows the release.
    """
    pks = list(ProviderTransfer.objects.filter(release=release).order_by("pk").values_list("pk", flat=True))
    locked = [ProviderTransfer.objects.locked(pk) for pk in pks]
    return [each for each in locked if each.status != ProviderTransfer.Status.DENIED]
