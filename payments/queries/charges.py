"""Cards and the charges made with them."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.actor import Actor
from core.errors import NotFound
from payments.models import Charge, MethodSetup, PaymentMethod
from payments.permissions import can_see_charges

#: What people read for the provider's code of a charge that was not paid.
REASONS = {
    "card_declined": gettext_noop("The bank declined the card."),
    "insufficient_funds": gettext_noop("There is not enough money on the card."),
    "card_lost": gettext_noop("The bank says that the card was lost or stolen."),
    "card_data_wrong": gettext_noop("The number, the date or the code of the card is wrong."),
    "card_not_allowed": gettext_noop("The bank does not allow this payment with this card."),
    "limit_exceeded": gettext_noop("The payment is above the limit of the card."),
    "amount_not_allowed": gettext_noop("Our payment provider does not take payments of this size."),
    "debit_failed": gettext_noop("The bank could not collect the money."),
    "debit_refused": gettext_noop("The bank does not allow this debit. Add the account again, or use another one."),
    "try_again": gettext_noop("The bank could not answer. Try again in some minutes."),
    "expired_card": gettext_noop("The card has expired."),
    "card_unknown": gettext_noop("The card is not known to our payment provider any more."),
    "authentication_failed": gettext_noop("The payment was refused at the bank's second step."),
    "canceled": gettext_noop("The payment was not confirmed in time, or it was stopped."),
    "given_up": gettext_noop("The payment was stopped before it was sent."),
    "never_arrived": gettext_noop("The payment never reached our payment provider."),
}
OTHER_REASON = gettext_noop("The bank refused the payment without a reason that we know.")
#: Codes of hard declines: the answer is the same however often the bank is asked.
HARD = frozenset({"card_data_wrong", "card_lost", "card_not_allowed", "card_unknown", "debit_refused", "expired_card"})
#: Codes of soft declines: hours or days may change the answer.
SOFT = frozenset({"debit_failed", "insufficient_funds", "limit_exceeded", "try_again"})


def reason_of(code: str) -> str:
    """Return, in the reader's language, why a charge was not paid."""
    return _(REASONS.get(code, OTHER_REASON))


def is_hard_decline(code: str) -> bool:
    """Test whether the same method will be refused again, so that another one is needed."""
    return code in HARD


def advice_of(code: str) -> str:
    """Return, in the reader's language, what to do after a charge that was not paid."""
    if is_hard_decline(code):
        return _("Nothing was charged. Use another card: the bank will refuse this one again.")
    if code in SOFT:
        return _("Nothing was charged. Try again later, or use another card.")
    return _("Nothing was charged. Try again, or use another card.")


def usable_methods(party_id: int) -> QuerySet[PaymentMethod]:
    """Return the cards that a party can pay with at the gateway in use, the default first."""
    mine = PaymentMethod.objects.filter(party_id=party_id, gateway=settings.PAYMENT_GATEWAY)
    active = mine.filter(status=PaymentMethod.Status.ACTIVE)
    return active.order_by("-is_default", "-pk")


def setup_for(actor: Actor, setup_id: int) -> MethodSetup:
    """Return a method that the actor's party is adding. Raises NotFound."""
    setup = MethodSetup.objects.select_related("method").filter(pk=setup_id, party_id=actor.party_id or 0).first()
    if setup is None:
        raise NotFound(_("There is no such card."))
    return setup


def method_for(actor: Actor, method_id: int) -> PaymentMethod:
    """Return a card of the actor's party that was not removed. Raises NotFound."""
    method = usable_methods(actor.party_id).filter(pk=method_id).first() if actor.party_id else None
    if method is None:
        raise NotFound(_("There is no such card."))
    return method


def latest_charge(purpose: str, reference: int) -> Charge | None:
    """Return the newest charge for a thing, whatever became of it."""
    return Charge.objects.filter(purpose=purpose, reference=reference).order_by("-pk").first()


def charges_for(actor: Actor) -> QuerySet[Charge]:
    """Return the charges of the actor's party, newest first, with cards and refunds, for those who may see them."""
    may_see = actor.party_id is not None and can_see_charges(actor)
    charges = Charge.objects.filter(party_id=actor.party_id or 0) if may_see else Charge.objects.none()
    return charges.select_related("method").prefetch_related("refunds").order_by("-created_at", "-pk")


def charge_for(actor: Actor, charge_id: int) -> Charge:
    """Return a charge of the actor's party. Raises NotFound."""
    charge = charges_for(actor).filter(pk=charge_id).first()
    if charge is None:
        raise NotFound(_("There is no such payment."))
    return charge
