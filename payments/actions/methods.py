"""Cards and bank accounts that are paid with: kept by the provider, known here by brand and last digits."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party, User
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from payments.gateway import Gateway, MethodRefused, SavedMethod, Setup
from payments.gateways import current_gateway, gateway_named, sandbox_gateway
from payments.models import Charge, MethodSetup, PaymentCustomer, PaymentMethod
from payments.permissions import can_change_payment_method, can_pay
from payments.queries import usable_methods

#: How long a method that is being added is taken up again when its page is opened anew.
SETUP_LIFE = timedelta(hours=20)


class MethodInUse(DomainError):
    """A payment with the card has no answer yet."""


class MethodGone(DomainError):
    """The card was removed meanwhile."""


def begin_setup(*, party_id: int, by: Actor, at: datetime) -> tuple[MethodSetup, Setup]:
    """Begin to add a payment method; the payer finishes it at the provider, and `finish_setup` looks what came of it.

    Not one transaction: the provider is asked in between. One that was begun some hours ago is taken up again.
    From: nothing. To: open. Money: none. Event: none.

    Raises NotAllowed if `by` may not spend for the party.
    """
    if by.party_id != party_id or not can_pay(by):
        raise NotAllowed(_("You may not add a card for this account."))
    gateway = current_gateway()
    customer = _open_customer(party_id, gateway, by, at)
    with transaction.atomic():
        Party.objects.locked(party_id)
        fresh = MethodSetup.objects.filter(created_at__gt=at - SETUP_LIFE, status=MethodSetup.Status.OPEN)
        setup = fresh.filter(party_id=party_id, gateway=gateway.name).order_by("pk").last()
        if setup is None:
            setup = MethodSetup.objects.create(
                party_id=party_id, gateway=gateway.name, requested_by_id=by.user_id or 0, created_at=at
            )
    if setup.provider_id is not None:
        return setup, gateway.fetch_setup(setup.provider_id, at=at)
    key = f"{gateway.environment}:setup:{setup.pk}"
    begun = gateway.begin_setup(key=key, customer=customer, at=at)
    MethodSetup.objects.filter(pk=setup.pk, provider_id=None).update(provider_id=begun.provider_id)
    setup.provider_id = begun.provider_id
    return setup, begun


def finish_setup(*, setup_id: int, by: Actor, at: datetime) -> MethodSetup:
    """Look what became of a method that was being added, and pay with it from now on; the first is the default.

    Not one transaction: the provider is asked first. Page and webhook both come through here; a second call changes
    nothing. The same card or account once more takes the place of the older one.
    From: open. To: saved, refused; the same while the payer has not finished. Money: none.
    Event: payments.method_added.

    Raises NotAllowed if `by` may not spend for the party.
    """
    known = MethodSetup.objects.get(pk=setup_id)
    if not by.is_system and (by.party_id != known.party_id or not can_pay(by)):
        raise NotAllowed(_("You may not add a card for this account."))
    if known.status != MethodSetup.Status.OPEN or known.provider_id is None:
        return known
    gateway = gateway_named(known.gateway)
    answer = gateway.finish_setup(known.provider_id, at=at)
    older: PaymentMethod | None = None
    with transaction.atomic():
        Party.objects.locked(known.party_id)
        setup = MethodSetup.objects.locked(setup_id)
        if setup.status != MethodSetup.Status.OPEN or answer.state == "waiting":
            return setup
        if answer.method is None:
            setup.status, setup.code = MethodSetup.Status.REFUSED, answer.code[:60]
        else:
            setup.status = MethodSetup.Status.SAVED
            setup.method, older = _save(setup, answer.method, by, at)
        setup.settled_at = at
        setup.save(update_fields=["status", "code", "method", "settled_at"])
    if older is not None:
        gateway.forget_method(older.provider_id, at=at)
    return setup


def finish_setup_of(*, gateway: str, provider_id: str, at: datetime) -> None:
    """Finish the setup that the provider speaks of; one that is not ours is none of our business."""
    setup = MethodSetup.objects.filter(gateway=gateway, provider_id=provider_id).first()
    if setup is not None:
        finish_setup(setup_id=setup.pk, by=Actor.system(), at=at)


def add_payment_method(*, party_id: int, number: str, by: Actor, at: datetime) -> PaymentMethod:
    """Add a test card of the sandbox by its number; only the sandbox's form and its worlds do this.

    Not one transaction. The same card twice is one card; a removed one comes back.
    From: nothing, removed. To: active. Money: none. Event: payments.method_added.

    Raises NotAllowed if `by` may not spend for the party, MethodRefused if the sandbox does not take the number.
    """
    if current_gateway().has_own_fields:
        raise MethodRefused(_("Test cards work in the sandbox only."))
    setup, begun = begin_setup(party_id=party_id, by=by, at=at)
    sandbox_gateway().type_card(begun.provider_id, number=number, at=at)
    finished = finish_setup(setup_id=setup.pk, by=by, at=at)
    if finished.method is None:
        raise MethodGone(_("This card was not saved. Try again."))
    return finished.method


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
        if _is_in_use(method):
            raise MethodInUse(_("A payment with this card is under way. Remove it when that has its answer."))
        _remove(method, by, at)
    gateway_named(method.gateway).forget_method(method.provider_id, at=at)
    return method


def remove_methods_of(*, party_id: int, by: Actor, at: datetime) -> None:
    """Remove all cards of a party that closes (inner; the party is locked, and nothing of its is under way).

    From: active. To: removed. Money: none. Event: payments.method_removed. The provider forgets them after the commit.
    """
    active = PaymentMethod.objects.filter(party_id=party_id, status=PaymentMethod.Status.ACTIVE)
    for known in active.order_by("pk"):
        method = PaymentMethod.objects.locked(known.pk)
        _remove(method, by, at)
        transaction.on_commit(partial(_forget, method, at), robust=True)


def _forget(method: PaymentMethod, at: datetime) -> None:
    gateway_named(method.gateway).forget_method(method.provider_id, at=at)


def refresh_method(*, gateway: str, provider_id: str, at: datetime) -> None:
    """Take over what the provider knows of a method now, such as a new date of expiry. Not one transaction.

    From: active. To: same, removed where the provider charges it no more. Money: none.
    Event: payments.method_removed. A method that is not ours, or removed, is left alone.
    """
    known = PaymentMethod.objects.filter(gateway=gateway, provider_id=provider_id).first()
    if known is None:
        return
    saved = gateway_named(gateway).fetch_method(provider_id, at=at)
    with transaction.atomic():
        Party.objects.locked(known.party_id)
        method = PaymentMethod.objects.locked(known.pk)
        if method.status != PaymentMethod.Status.ACTIVE:
            return
        if saved is None:
            _remove(method, Actor.system(), at)
            return
        method.brand, method.last4, method.expires_on = saved.brand, saved.last4, saved.expires_on
        method.save(update_fields=["brand", "last4", "expires_on"])


def _save(
    setup: MethodSetup, saved: SavedMethod, by: Actor, at: datetime
) -> tuple[PaymentMethod, PaymentMethod | None]:
    """Keep a method of a locked party, and return it with the older row of the same card that it replaces."""
    method = PaymentMethod.objects.filter(provider_id=saved.provider_id).first()
    if method and method.status == PaymentMethod.Status.ACTIVE:
        return method, None
    older = _same(setup.party_id, saved)
    if older is not None:
        older.status, older.is_default = PaymentMethod.Status.REMOVED, False
        older.save(update_fields=["status", "is_default"])
    method = method or PaymentMethod(
        party_id=setup.party_id, gateway=setup.gateway, provider_id=saved.provider_id, created_at=at
    )
    method.kind, method.fingerprint = saved.kind, saved.fingerprint
    method.mandate = saved.mandate or method.mandate
    method.brand, method.last4, method.expires_on = saved.brand, saved.last4, saved.expires_on
    method.status = PaymentMethod.Status.ACTIVE
    has_default = PaymentMethod.objects.filter(party_id=setup.party_id, is_default=True)
    has_default.exclude(gateway=setup.gateway).update(is_default=False)
    method.is_default = not usable_methods(setup.party_id).filter(is_default=True).exists()
    method.save()
    _tell("payments.method_added", method, by, at)
    return method, older


def _same(party_id: int, saved: SavedMethod) -> PaymentMethod | None:
    """Return the party's older row of the same card, unless a payment with it is under way."""
    if not saved.fingerprint:
        return None
    same = usable_methods(party_id).filter(kind=saved.kind, fingerprint=saved.fingerprint)
    older = same.exclude(provider_id=saved.provider_id).first()
    return None if older is None or _is_in_use(older) else older


def _is_in_use(method: PaymentMethod) -> bool:
    return Charge.objects.filter(method=method, status__in=Charge.LIVE).exists()


def _remove(method: PaymentMethod, by: Actor, at: datetime) -> None:
    """Remove a locked method of a locked party; the newest of the others takes its place as the default."""
    method.status, method.is_default = PaymentMethod.Status.REMOVED, False
    method.save(update_fields=["status", "is_default"])
    following = usable_methods(method.party_id).first()
    if following and not following.is_default:
        following.is_default = True
        following.save(update_fields=["is_default"])
    _tell("payments.method_removed", method, by, at)


def _open_customer(party_id: int, gateway: Gateway, by: Actor, at: datetime) -> str:
    """Return the provider's id of the party as somebody who pays, made known under a key of its own if need be."""
    with transaction.atomic():
        party = Party.objects.locked(party_id)
        customer, _is_new = PaymentCustomer.objects.get_or_create(
            party_id=party_id, gateway=gateway.name, defaults={"created_at": at}
        )
    if customer.provider_id is None:
        user = User.objects.filter(pk=by.user_id or 0).first()
        email = user.email if user else ""
        told = hashlib.sha256(f"{party.name} {email}".encode()).hexdigest()[:16]  # one key, one body
        key = f"{gateway.environment}:customer:party-{party_id}:{told}"
        customer.provider_id = gateway.open_customer(key=key, party_id=party_id, name=party.name, email=email, at=at)
        PaymentCustomer.objects.filter(pk=customer.pk, provider_id=None).update(provider_id=customer.provider_id)
    return customer.provider_id


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
