"""Transfers: available money follows to the payee's own account at the provider, one for each release."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from core.actor import Actor
from core.sweeps import for_each
from events.actions import record
from ledger.actions import Leg, post
from payments.actions.moves import plan_move, take_answer
from payments.actions.reversals import RETRY_AFTER, drop_reversals
from payments.gateway import GatewayAnswer
from payments.models import GatewayAccount, MoneyMove, ProviderTransfer, Release
from payments.queries.transfers import transferred_of


def plan_transfers(*, at: datetime) -> int:
    """Plan the transfers of available money whose payee's account is enabled, and return how many.

    A refused transfer is planned again as a new attempt once it has rested: no available money may stay behind.
    """
    # play money of the sandbox never meets real money
    theirs = F("payee__gateway_account__gateway")
    same = Q(charge=None, credit_payment=None) | Q(charge__method__gateway=theirs) | Q(credit_payment__gateway=theirs)
    enabled = Q(payee__gateway_account__status=GatewayAccount.Status.ENABLED) & same
    waiting = Release.objects.filter(enabled, matured_at__isnull=False, remaining__gt=0, transfers=None)
    refused = ProviderTransfer.objects.filter(status=ProviderTransfer.Status.DENIED, retry_at__lte=at)
    first = for_each(waiting.order_by("pk"), lambda pk: _plan_first(pk, at))
    return first + for_each(refused.order_by("pk"), lambda pk: _plan_again(pk, at))


@transaction.atomic
def _plan_first(release_id: int, at: datetime) -> bool:
    release = Release.objects.locked(release_id)
    if release.remaining == 0 or ProviderTransfer.objects.filter(release=release).exists():
        return False
    transfer = ProviderTransfer.objects.create(
        release=release, party_id=release.payee_id, amount=release.remaining, currency=release.currency, created_at=at
    )
    _plan(transfer, at)
    return True


@transaction.atomic
def _plan_again(transfer_id: int, at: datetime) -> bool:
    """Plan a refused transfer again, with what is left of its release by now."""
    release = Release.objects.locked(ProviderTransfer.objects.values_list("release_id", flat=True).get(pk=transfer_id))
    transfer = ProviderTransfer.objects.locked(transfer_id)
    if transfer.status != ProviderTransfer.Status.DENIED or transfer.retry_at is None or transfer.retry_at > at:
        return False
    due = release.remaining - transferred_of(release)
    if due <= 0:
        transfer.retry_at = None
        transfer.save(update_fields=["retry_at"])
        return False
    transfer.status, transfer.settled_at, transfer.retry_at = ProviderTransfer.Status.PLANNED, None, None
    transfer.amount = due
    transfer.save(update_fields=["status", "settled_at", "retry_at", "amount"])
    _plan(transfer, at)
    return True


def plan_rest(release: Release, *, at: datetime) -> None:
    """Plan one more transfer of a locked release of which a chargeback has held something back until now (inner).

    Only where there was one before, and none is under way: everything else follows by `plan_transfers` and by the
    answer to that one. From: nothing. To: planned. Money: none before the answer. Event: the caller's.
    """
    # one that was refused while all of it was frozen has nothing to be tried again with, until now
    release.transfers.filter(status=ProviderTransfer.Status.DENIED, retry_at=None).update(retry_at=at)
    sent = set(release.transfers.values_list("status", flat=True))
    due = release.remaining - transferred_of(release)
    if sent == {ProviderTransfer.Status.CONFIRMED} and due > 0:
        transfer = ProviderTransfer.objects.create(
            release=release, party_id=release.payee_id, amount=due, currency=release.currency, created_at=at
        )
        _plan(transfer, at)


def _plan(transfer: ProviderTransfer, at: datetime) -> MoneyMove:
    account = GatewayAccount.objects.get(party_id=transfer.party_id)
    return plan_move(
        verb=MoneyMove.Verb.TRANSFER,
        source=f"transfer-{transfer.pk}",
        amount=transfer.amount,
        currency=transfer.currency,
        gateway=account.gateway,
        at=at,
    )


@transaction.atomic
def settle_transfer(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer to a transfer.

    From: planned. To: confirmed, or denied and tried again later. Money: g2. Event: payments.transfer_confirmed,
    payments.transfer_denied.
    """
    transfer_id = MoneyMove.objects.get(pk=move_id).intent_id
    release = Release.objects.locked(ProviderTransfer.objects.values_list("release_id", flat=True).get(pk=transfer_id))
    transfer = ProviderTransfer.objects.locked(transfer_id)
    move = MoneyMove.objects.locked(move_id)
    if move.is_final:
        return
    take_answer(move, answer, at=at)
    if answer.state == "waiting":
        return
    is_confirmed = answer.state == "confirmed"
    transfer.settled_at = at
    if is_confirmed:
        transfer.status, transfer.provider_id = ProviderTransfer.Status.CONFIRMED, answer.provider_id
        transfer.failure_code = ""
        legs = [Leg("gateway", transfer.amount), Leg(f"connected:party:{transfer.party_id}", -transfer.amount)]
        post(key=f"transfer:{transfer.pk}", kind="transfer", at=at, currency=transfer.currency, legs=legs)
    else:
        transfer.status, transfer.failure_code = ProviderTransfer.Status.DENIED, answer.code[:60]
        transfer.retry_at = at + RETRY_AFTER
        drop_reversals(transfer, at)
    transfer.save()
    if is_confirmed:
        plan_rest(release, at=at)
    record(
        kind="payments.transfer_confirmed" if is_confirmed else "payments.transfer_denied",
        actor=Actor.system(),
        subject=f"transfer:{transfer.pk}",
        scope=f"party:{transfer.party_id}",
        at=at,
        party=transfer.party_id,
        amount=transfer.amount,
        currency=transfer.currency,
        code=transfer.failure_code,
    )
