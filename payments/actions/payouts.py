"""Where withdrawals go: bank accounts, and the party's own account at the provider."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError as BadNumber

from accounts.models import Party, User
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from payments.gateway import BankRefused, Gateway, GatewayRefused, GatewayUnreachable, SavedBank
from payments.gateways import current_gateway, gateway_named
from payments.models import GatewayAccount, PayoutMethod, Withdrawal
from payments.permissions import can_withdraw

logger = logging.getLogger("jalon.payments")
#: How long an account rests before the provider is asked about it again.
ASK_EVERY = timedelta(hours=1)


class BadIban(DomainError):
    """The text is not an IBAN."""


class PayoutMethodGone(DomainError):
    """The bank account was removed meanwhile."""


class PayoutMethodInUse(DomainError):
    """A withdrawal to the bank account is under way."""


class AccountElsewhere(DomainError):
    """The party's account was opened at a gateway that is not in use any more."""


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

    Raises NotAllowed if `by` may not withdraw for the party, BadIban, BankRefused where the provider does not take it
    or asks for banks on its own pages.
    """
    if not can_withdraw(by, party_id):
        raise NotAllowed(_("You may not add a bank account for this account."))
    number = read_iban(iban)
    gateway = current_gateway()
    if gateway.has_own_onboarding:
        raise BankRefused(_("Bank accounts are added on the pages of our payment provider."))
    account_id = _open_account(party_id, gateway, by, at)
    fingerprint = hashlib.sha256(number.encode()).hexdigest()[:32]
    key = f"{gateway.environment}:bank:party-{party_id}:{fingerprint}"
    saved = gateway.save_bank(key=key, account=account_id, iban=number, at=at)
    with transaction.atomic():
        Party.objects.locked(party_id)
        return _keep_bank(saved, party_id=party_id, gateway=gateway.name, by=by, at=at)


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


def begin_onboarding(*, party_id: int, return_url: str, refresh_url: str, by: Actor, at: datetime) -> str:
    """Return the address of the provider's own pages, where a party tells it who it is and names its bank.

    The edge has re-authenticated `by`. The first call opens the party's account. Not one transaction.
    From: nothing, any. To: pending where it is new. Money: none. Event: payments.onboarding_begun.

    Raises NotAllowed if `by` may not withdraw for the party, AccountElsewhere.
    """
    if not can_withdraw(by, party_id):
        raise NotAllowed(_("You may not add a bank account for this account."))
    gateway = current_gateway()
    account = _open_account(party_id, gateway, by, at)
    url = gateway.onboarding_link(account, return_url=return_url, refresh_url=refresh_url, at=at)
    with transaction.atomic():
        known = GatewayAccount.objects.get(provider_id=account)
        record(
            kind="payments.onboarding_begun",
            actor=by,
            subject=f"gateway_account:{known.pk}",
            scope=f"party:{party_id}",
            at=at,
            party=party_id,
        )
    return url


def refresh_account(*, provider_id: str, at: datetime) -> None:
    """Ask the provider how a party's account stands, and note it: enabled or not, what is missing, its banks.

    Not one transaction. A bank account that was named on the provider's own pages waits like any new one; one that is
    named there no more is removed.
    From: pending, restricted, enabled. To: enabled, restricted. Money: none; transfers follow by their sweep.
    Event: payments.account_enabled, payments.account_restricted, payments.payout_method_added, _removed.
    """
    known = GatewayAccount.objects.filter(provider_id=provider_id).first()
    if known is None:
        return
    gateway = gateway_named(known.gateway)
    state = gateway.account_state(provider_id, at=at)
    with transaction.atomic():
        Party.objects.locked(known.party_id)
        account = GatewayAccount.objects.locked(known.pk)
        was_enabled = account.status == GatewayAccount.Status.ENABLED
        account.asked_at, account.missing = at, list(state.missing)
        if state.is_enabled != was_enabled:
            account.status = GatewayAccount.Status.ENABLED if state.is_enabled else GatewayAccount.Status.RESTRICTED
            account.enabled_at = at if state.is_enabled else account.enabled_at
        account.save(update_fields=["asked_at", "missing", "status", "enabled_at"])
        if gateway.has_own_onboarding:
            _take_over_banks(account, state.banks, at)
        if state.is_enabled == was_enabled:
            return
        record(
            kind="payments.account_enabled" if state.is_enabled else "payments.account_restricted",
            actor=Actor.system(),
            subject=f"gateway_account:{account.pk}",
            scope=f"party:{account.party_id}",
            at=at,
            party=account.party_id,
            missing=account.missing,
        )


def ask_about_account(*, party_id: int, by: Actor, at: datetime) -> None:
    """Ask the provider now how the party's account stands. Not one transaction.

    Raises NotAllowed if `by` may not withdraw for the party.
    """
    if not can_withdraw(by, party_id):
        raise NotAllowed(_("You may not add a bank account for this account."))
    account = GatewayAccount.objects.filter(party_id=party_id, provider_id__isnull=False).first()
    if account is not None and account.provider_id:
        refresh_account(provider_id=account.provider_id, at=at)


def refresh_waiting_accounts(*, at: datetime, limit: int = 100) -> int:
    """Ask about the accounts that cannot be used yet, each once an hour, in case an event was lost."""
    waiting = GatewayAccount.objects.exclude(status=GatewayAccount.Status.ENABLED).filter(provider_id__isnull=False)
    due = waiting.filter(Q(asked_at=None) | Q(asked_at__lte=at - ASK_EVERY), created_at__lte=at - ASK_EVERY)
    done = 0
    for pk, provider_id in list(due.order_by("asked_at", "pk").values_list("pk", "provider_id")[:limit]):
        GatewayAccount.objects.filter(pk=pk).update(asked_at=at)
        try:
            refresh_account(provider_id=str(provider_id), at=at)
        except (GatewayUnreachable, GatewayRefused):
            logger.warning("account %s: no answer", pk, exc_info=True)
            continue
        done += 1
    return done


def remove_payout_methods_of(*, party_id: int, by: Actor, at: datetime) -> None:
    """Remove all bank accounts of a party that closes (inner; the party is locked and has no money).

    From: active, failed. To: removed. Money: none. Event: payments.payout_method_removed.
    """
    left = PayoutMethod.objects.filter(party_id=party_id).exclude(status=PayoutMethod.Status.REMOVED)
    for method in left.order_by("pk"):
        method.status = PayoutMethod.Status.REMOVED
        method.save(update_fields=["status"])
        _tell("payments.payout_method_removed", method, by, at)


def _take_over_banks(account: GatewayAccount, banks: tuple[SavedBank, ...], at: datetime) -> None:
    """Let the party's bank accounts be those that it named at the provider; the party is locked."""
    mine = PayoutMethod.objects.filter(party_id=account.party_id, gateway=account.gateway)
    known = {method.provider_id: method for method in mine}
    for bank in banks:
        method = known.pop(bank.provider_id, None)
        if method is None:
            _keep_bank(bank, party_id=account.party_id, gateway=account.gateway, by=Actor.system(), at=at)
    for method in known.values():
        if method.status != PayoutMethod.Status.REMOVED:
            method.status = PayoutMethod.Status.REMOVED
            method.save(update_fields=["status"])
            _tell("payments.payout_method_removed", method, Actor.system(), at)


def _keep_bank(bank: SavedBank, *, party_id: int, gateway: str, by: Actor, at: datetime) -> PayoutMethod:
    """Keep a bank account of a locked party; unless it is in use already, it waits before its first use."""
    method = PayoutMethod.objects.filter(provider_id=bank.provider_id).first()
    if method and method.status == PayoutMethod.Status.ACTIVE:
        return method
    method = method or PayoutMethod(party_id=party_id, gateway=gateway, provider_id=bank.provider_id, created_at=at)
    method.label, method.status = bank.label, PayoutMethod.Status.ACTIVE
    method.usable_from = at + timedelta(days=rules().payout_method_wait_days)
    method.save()
    _tell("payments.payout_method_added", method, by, at)
    return method


def _open_account(party_id: int, gateway: Gateway, by: Actor, at: datetime) -> str:
    """Return the provider's id of the party's account, opened under a key of its own if need be."""
    with transaction.atomic():
        party = Party.objects.locked(party_id)
        account, _is_new = GatewayAccount.objects.get_or_create(
            party_id=party_id, defaults={"gateway": gateway.name, "created_at": at}
        )
    if account.gateway != gateway.name:
        raise AccountElsewhere(_("Your account is at another payment provider. Write to our support."))
    if account.provider_id is None:
        user = User.objects.filter(pk=by.user_id or 0).first()
        facts = {"name": party.name, "email": user.email if user else "", "country": str(party.country)}
        told = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]  # one key, one body
        key = f"{gateway.environment}:account:party-{party_id}:{told}"
        account.provider_id = gateway.open_account(key=key, party_id=party_id, at=at, **facts)
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
