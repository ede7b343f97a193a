"""Where withdrawals go: bank accounts, and the party's own account at the provider."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError as BadNumber

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from payments.gateway import Gateway
from payments.gateways import current_gateway, gateway_named
from payments.models import GatewayAccount, PayoutMethod, Withdrawal
from payments.permissions import can_withdraw


class BadIban(DomainError):
    """The text is not an IBAN."""


class PayoutMethodGone(DomainError):
    """The bank account was removed meanwhile."""


class PayoutMethodInUse(DomainError):
    """A withdrawal to the bank account is under way."""


def read_iban(text: str) -> str:
    """Return the IBAN in its plain form. Raises BadIban, saying what to do."""
    try:
        return str(iban_numbers.validate(text))
    except BadNumber as error:
        raise BadIban(
            _("This is not a valid IBAN. Copy it from your bank, such as FR14 2004 1010 0505 0001 3M02 606.")
        ) from error


def add_payout_method(*, party_id: int, iban: str, by: Actor, at: datetime) -> PayoutMethod:
    """Withdraw to a bank account, once it has waited some days. The edge has re-authenticated `by`.

    The first one opens the party's account at the provider, which checks it. Not one transaction: the provider is
    asked in between. The same account twice is one; a removed or failed one waits anew.
    From: nothing, removed, failed. To: active. Money: none. Event: payments.payout_method_added.

    Raises NotAllowed if `by` may not withdraw for the party, BadIban, BankRefused.
    """
    if not can_withdraw(by, party_id):
        raise NotAllowed(_("You may not add a bank account for this account."))
    number = read_iban(iban)
    gateway = current_gateway()
    account_id = _open_account(party_id, gateway, at)
    fingerprint = hashlib.sha256(number.encode()).hexdigest()[:32]
    key = f"{gateway.environment}:bank:party-{party_id}:{fingerprint}"
    saved = gateway.save_bank(key=key, account=account_id, iban=number, at=at)
    with transaction.atomic():
        Party.objects.locked(party_id)
        method = PayoutMethod.objects.filter(provider_id=saved.provider_id).first()
        if method and method.status == PayoutMethod.Status.ACTIVE:
            return method
        method = method or PayoutMethod(
            party_id=party_id, gateway=gateway.name, provider_id=saved.provider_id, created_at=at
        )
        method.label, method.status = saved.label, PayoutMethod.Status.ACTIVE
        method.usable_from = at + timedelta(days=rules().payout_method_wait_days)
        method.save()
        _tell("payments.payout_method_added", method, by, at)
    return method


@transaction.atomic
def remove_payout_method(*, method_id: int, by: Actor, at: datetime) -> PayoutMethod:
    """Withdraw to a bank account no more.

    From: active, failed. To: removed. Money: none. Event: payments.payout_method_removed.

    Raises NotAllowed if `by` may not withdraw for the party, PayoutMethodGone, PayoutMethodInUse.
    """
    known = PayoutMethod.objects.get(pk=method_id)
    Party.objects.locked(known.party_id)
    method = PayoutMethod.objects.locked(method_id)
    if not can_withdraw(by, method.party_id):
        raise NotAllowed(_("You may not change the bank accounts of this account."))
    if method.status == PayoutMethod.Status.REMOVED:
        raise PayoutMethodGone(_("This bank account was removed."))
    if Withdrawal.objects.filter(method=method, status__in=Withdrawal.OPEN).exists():
        raise PayoutMethodInUse(_("A withdrawal to this bank account is under way. Remove it when that has arrived."))
    method.status = PayoutMethod.Status.REMOVED
    method.save(update_fields=["status"])
    _tell("payments.payout_method_removed", method, by, at)
    return method


def refresh_account(*, provider_id: str, at: datetime) -> None:
    """Ask the provider whether a party's account is enabled, and note it. Not one transaction.

    From: pending, restricted, enabled. To: enabled, restricted. Money: none; transfers follow by their sweep.
    Event: payments.account_enabled, payments.account_restricted.
    """
    known = GatewayAccount.objects.filter(provider_id=provider_id).first()
    if known is None:
        return
    is_enabled = gateway_named(known.gateway).is_account_enabled(provider_id, at=at)
    with transaction.atomic():
        account = GatewayAccount.objects.locked(known.pk)
        was_enabled = account.status == GatewayAccount.Status.ENABLED
        if is_enabled == was_enabled:
            return
        account.status = GatewayAccount.Status.ENABLED if is_enabled else GatewayAccount.Status.RESTRICTED
        account.enabled_at = at if is_enabled else account.enabled_at
        account.save(update_fields=["status", "enabled_at"])
        record(
            kind="payments.account_enabled" if is_enabled else "payments.account_restricted",
            actor=Actor.system(),
            subject=f"gateway_account:{account.pk}",
            scope=f"party:{account.party_id}",
            at=at,
            party=account.party_id,
        )


def _open_account(party_id: int, gateway: Gateway, at: datetime) -> str:
    """Return the provider's id of the party's account, opened under a key of its own if need be."""
    with transaction.atomic():
        Party.objects.locked(party_id)
        account, _is_new = GatewayAccount.objects.get_or_create(
            party_id=party_id, defaults={"gateway": gateway.name, "created_at": at}
        )
    if account.provider_id is None:
        key = f"{gateway.environment}:account:party-{party_id}:1"
        account.provider_id = gateway.open_account(key=key, party_id=party_id, at=at)
        GatewayAccount.objects.filter(pk=account.pk, provider_id=None).update(provider_id=account.provider_id)
    return account.provider_id


def _tell(kind: str, method: PayoutMethod, by: Actor, at: datetime) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"payout_method:{method.pk}",
        scope=f"party:{method.party_id}",
        at=at,
        party=method.party_id,
        label=method.label,
        usable_from=method.usable_from,
    )
