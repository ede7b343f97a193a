"""Cards: kept by the provider, known here by brand and last digits."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from payments.gateways import current_gateway, gateway_named
from payments.models import Charge, PaymentMethod
from payments.permissions import can_change_payment_method, can_pay
from payments.queries import usable_methods


class MethodInUse(DomainError):
    """A payment with the card has no answer yet."""


def add_payment_method(*, party_id: int, number: str, by: Actor, at: datetime) -> PaymentMethod:
    """Let the provider keep a card and pay with it from now on; the first one becomes the default.

    Not one transaction: the provider is asked first. The same card twice is one card; a removed one comes back.
    From: nothing, removed. To: active. Money: none. Event: payments.method_added.

    Raises NotAllowed if `by` may not spend for the party, CardRefused if the provider does not take the number.
    """
    if by.party_id != party_id or not can_pay(by):
        raise NotAllowed(_("You may not add a card for this account."))
    gateway = current_gateway()
    fingerprint = hashlib.sha256(number.encode()).hexdigest()[:16]
    key = f"{gateway.environment}:card:party-{party_id}:{fingerprint}"
    saved = gateway.save_card(key=key, number=number, at=at)
    with transaction.atomic():
        Party.objects.locked(party_id)
        method = PaymentMethod.objects.filter(provider_id=saved.provider_id).first()
        if method and method.status == PaymentMethod.Status.ACTIVE:
            return method
        method = method or PaymentMethod(
            party_id=party_id, gateway=gateway.name, provider_id=saved.provider_id, created_at=at
        )
        method.brand, method.last4, method.expires_on = saved.brand, saved.last4, saved.expires_on
        method.status = PaymentMethod.Status.ACTIVE
        method.is_default = not usable_methods(party_id).exists()
        method.save()
        _tell("payments.method_added", method, by, at)
    return method


@transaction.atomic
def make_default_method(*, method_id: int, by: Actor, at: datetime) -> PaymentMethod:
    """Use a card first from now on.

    From: active. To: same. Money: none. Event: payments.method_made_default.

    Raises NotAllowed if `by` may not spend for the party, MethodGone if the card was removed.
    """
    method = _locked_active(method_id, by)
    PaymentMethod.objects.filter(party_id=method.party_id, is_default=True).update(is_default=False)
    method.is_default = True
    method.save(update_fields=["is_default"])
    _tell("payments.method_made_default", method, by, at)
    return method


def remove_payment_method(*, method_id: int, by: Actor, at: datetime) -> PaymentMethod:
    """Pay with a card no more; what it paid can still be returned to it. Another card becomes the default.

    From: active. To: removed. Money: none. Event: payments.method_removed. The provider forgets it after the commit.

    Raises NotAllowed if `by` may not spend for the party, MethodGone if it was removed before, MethodInUse while a
    payment with it has no answer.
    """
    with transaction.atomic():
        method = _locked_active(method_id, by)
        if Charge.objects.filter(method=method, status__in=Charge.LIVE).exists():
            raise MethodInUse(_("A payment with this card is under way. Remove it when that has its answer."))
        method.status, method.is_default = PaymentMethod.Status.REMOVED, False
        method.save(update_fields=["status", "is_default"])
        following = usable_methods(method.party_id).first()
        if following and not following.is_default:
            following.is_default = True
            following.save(update_fields=["is_default"])
        _tell("payments.method_removed", method, by, at)
    gateway_named(method.gateway).forget_card(method.provider_id, at=at)
    return method


class MethodGone(DomainError):
    """The card was removed meanwhile."""


def _locked_active(method_id: int, by: Actor) -> PaymentMethod:
    """Return the card, with its party and itself locked."""
    known = PaymentMethod.objects.get(pk=method_id)
    Party.objects.locked(known.party_id)
    method = PaymentMethod.objects.locked(method_id)
    if not can_change_payment_method(by, method):
        raise NotAllowed(_("You may not change the cards of this account."))
    if method.status != PaymentMethod.Status.ACTIVE:
        raise MethodGone(_("This card was removed."))
    return method


def _tell(kind: str, method: PaymentMethod, by: Actor, at: datetime) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"payment_method:{method.pk}",
        scope=f"party:{method.party_id}",
        at=at,
        party=method.party_id,
        has_usable=usable_methods(method.party_id).exists(),
        brand=method.brand,
        last4=method.last4,
    )
