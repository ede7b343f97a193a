"""The inbox: signed events of the provider are stored once, answered at once, and worked through later."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.points import passing
from events.actions import record
from events.models import Event
from payments.actions.calls import LONGEST_ROUND, settle_move
from payments.actions.cases import open_money_case, settle_money_cases
from payments.actions.chargebacks import see_dispute
from payments.actions.methods import finish_setup_of, refresh_method
from payments.actions.moves import MoveMismatch
from payments.actions.payouts import refresh_account
from payments.gateway import GatewayRefused, GatewayUnreachable, ProviderEvent
from payments.gateways import gateway_named
from payments.models import Charge, GatewayAccount, InboxCursor, MoneyCase, MoneyMove, WebhookEvent, Withdrawal
from payments.permissions import can_repeat_move

logger = logging.getLogger("jalon.payments")

#: Bytes of the largest event that is read.
LARGEST_BODY = 1_000_000
LEASE, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)
#: How far back a provider keeps its events, how much of what was read is read again, and how long after it was paid
#: a payout may still come back.
KEPT, OVERLAP, RETURNABLE = timedelta(days=29), timedelta(hours=2), timedelta(days=30)
#: What is stored of an event and of its object: never a name, an address, a secret of the client.
KEPT_OF_EVENT = ("id", "type", "object", "created", "account", "api_version", "livemode", "related_object")
KEPT_OF_OBJECT = ("id", "object", "status", "metadata")
#: Attempts after which an event waits for staff.
MOST_ATTEMPTS = 20


class BodyTooLarge(DomainError):
    """No provider sends events of this size."""

    status_code = 413


def receive_webhook(
    *, gateway: str, scope: str = "platform", body: bytes, headers: Mapping[str, str], at: datetime
) -> WebhookEvent:
    """Store a signed event, once however often it comes; it is worked through by `process_inbox`.

    `scope` names the address that it came to: each has secrets of its own.

    From: nothing. To: received. Money: none. Event: none.

    Raises BodyTooLarge, BadSignature.
    """
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("This event is too large."))
    return _store(gateway, gateway_named(gateway).verify(body, headers, scope=scope), at)[0]


def fill_gaps(*, at: datetime) -> int:
    """Store the events that the provider kept and that never arrived here, and return how many there were.

    Each gateway in use is read from where the last look ended, with an overlap, and as far back as it keeps them.
    """
    used = {settings.PAYMENT_GATEWAY, *InboxCursor.objects.values_list("gateway", flat=True)}
    done = 0
    for name in sorted(used):
        try:
            done += _fill_gaps_of(name, at)
        except (GatewayUnreachable, GatewayRefused):
            logger.warning("%s: its events could not be read", name, exc_info=True)
    return done


def _fill_gaps_of(name: str, at: datetime) -> int:
    cursor = InboxCursor.objects.filter(gateway=name).first()
    since = max(cursor.read_until - OVERLAP, at - KEPT) if cursor else at - KEPT
    accounts = list(_accounts_with_news(name, since))
    done = 0
    for event in gateway_named(name).events_since(since, accounts=accounts, at=at):
        done += _store(name, event, at)[1]
    InboxCursor.objects.update_or_create(gateway=name, defaults={"read_until": at})
    return done


def _accounts_with_news(name: str, since: datetime) -> Iterator[str]:
    """Return the parties' accounts on which something is under way, or was since then."""
    mine = GatewayAccount.objects.filter(gateway=name, provider_id__isnull=False)
    withdrawals = Withdrawal.objects.filter(Q(status__in=Withdrawal.OPEN) | Q(created_at__gte=since - RETURNABLE))
    recent = Q(party__in=withdrawals.values("party")) | ~Q(status=GatewayAccount.Status.ENABLED)
    for provider_id in mine.filter(recent).order_by("pk").values_list("provider_id", flat=True):
        yield str(provider_id)


def _store(gateway: str, event: ProviderEvent, at: datetime) -> tuple[WebhookEvent, bool]:
    return WebhookEvent.objects.get_or_create(
        gateway=gateway,
        event_id=event.event_id[:120],
        defaults={
            "kind": event.kind[:80],
            "verb": event.verb,
            "object_id": event.object_id[:120],
            "account": event.account[:120],
            "body": _kept(event.body),
            "received_at": at,
            "next_at": at,
        },
    )


def _kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an event is kept: which object it speaks of, and nothing of the people it concerns."""
    kept = {name: body[name] for name in KEPT_OF_EVENT if name in body}
    data = body.get("data")
    thing = data.get("object") if isinstance(data, Mapping) else None
    if isinstance(thing, Mapping):
        kept["data"] = {"object": {name: thing[name] for name in KEPT_OF_OBJECT if name in thing}}
    return kept


def process_inbox(*, at: datetime, limit: int = 200) -> int:
    """Work through the events that are due, and return how many are done.

    What an event says is not believed: its object is fetched, and its present state settles the move. A type nobody
    listens to is done at once; one that fails is tried again later, and waits for staff in the end.
    """
    due = WebhookEvent.objects.filter(processed_at=None, next_at__lte=at).order_by("next_at", "pk")
    done, began = 0, time.monotonic()
    for event_id in list(due.values_list("pk", flat=True)[:limit]):
        if time.monotonic() - began > LONGEST_ROUND:
            break
        done += _process(event_id, at)
    return done


@transaction.atomic
def process_again(*, event_id: int, reason: str, by: Actor, at: datetime) -> WebhookEvent:
    """Let an event be worked through once more, by its object's present state.

    From: any. To: received. Money: none by itself. Event: payments.webhook_repeated.

    Raises NotAllowed if `by` is not finance staff.
    """
    event = WebhookEvent.objects.locked(event_id)
    if not can_repeat_move(by):
        raise NotAllowed(_("Only finance staff can do this."))
    event.processed_at, event.next_at, event.attempts = None, at, 0
    event.save(update_fields=["processed_at", "next_at", "attempts"])
    record(kind="payments.webhook_repeated", actor=by, subject=f"webhook:{event.pk}", at=at, reason=reason)
    return event


def _process(event_id: int, at: datetime) -> bool:
    event = _claim(event_id, at)
    if event is None:
        return False
    passing("event.claimed")
    try:
        _act(event, at)
    except Exception as error:
        logger.exception("provider event %s failed", event.event_id)
        _note_failure(event, error, at)
        return False
    passing("event.settled")
    WebhookEvent.objects.filter(pk=event_id).update(processed_at=at, next_at=None, error="")
    if event.attempts >= MOST_ATTEMPTS:
        settle_money_cases(f"webhook:{event_id}", at=at)
    return True


@transaction.atomic
def _note_failure(event: WebhookEvent, error: Exception, at: datetime) -> None:
    """Write down why an event failed; after the last try ask finance staff, unless the provider was only down.

    Event: payments.money_case_opened, when it is given up.
    """
    changes: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"[:2000]}
    if event.next_at is None and isinstance(error, GatewayUnreachable):
        changes["next_at"] = at + LONGEST_WAIT
    elif event.next_at is None:
        open_money_case(
            kind=MoneyCase.Kind.EVENT_FAILED,
            subject=f"webhook:{event.pk}",
            title=f"{event.kind} {event.object_id}"[:240],
            by=Actor.system(),
            at=at,
        )
    WebhookEvent.objects.filter(pk=event.pk).update(**changes)


@transaction.atomic
def _claim(event_id: int, at: datetime) -> WebhookEvent | None:
    free = WebhookEvent.objects.free().filter(Q(next_at__lte=at), pk=event_id, processed_at=None)
    event = free.first()
    if event is None:
        return None
    event.attempts += 1
    wait = min(LEASE * 2 ** min(event.attempts - 1, 10), LONGEST_WAIT)
    event.next_at = at + wait if event.attempts < MOST_ATTEMPTS else None
    event.save(update_fields=["attempts", "next_at"])
    return event


def _act(event: WebhookEvent, at: datetime) -> None:
    if event.account and not GatewayAccount.objects.filter(gateway=event.gateway, provider_id=event.account).exists():
        raise MoveMismatch(f"{event.account} is no account of ours")
    if event.verb in _ACTS:
        _ACTS[event.verb](event, at)
    elif event.verb:
        _settle(event, at)


def _settle(event: WebhookEvent, at: datetime) -> None:
    """Settle the move of an event by the present state of its object, on the account that the move was made for."""
    answer = gateway_named(event.gateway).fetch(event.verb, event.object_id, within=event.account, at=at)
    passing("event.fetched")
    move = MoneyMove.objects.filter(pk=answer.move_id or 0, verb=event.verb, gateway=event.gateway).first()
    if move is None:
        raise MoveMismatch(f"{event.object_id} belongs to no {event.verb} of ours")
    if event.account and move.body.get("account") != event.account:
        raise MoveMismatch(f"{move}: the provider's account is {event.account}, ours {move.body.get('account')}")
    settle_move(move_id=move.pk, answer=answer, at=at)


def _see_account(event: WebhookEvent, at: datetime) -> None:
    refresh_account(provider_id=event.object_id, at=at)


def _see_setup(event: WebhookEvent, at: datetime) -> None:
    finish_setup_of(gateway=event.gateway, provider_id=event.object_id, at=at)


def _see_method(event: WebhookEvent, at: datetime) -> None:
    refresh_method(gateway=event.gateway, provider_id=event.object_id, at=at)


def _see_dispute(event: WebhookEvent, at: datetime) -> None:
    see_dispute(event.gateway, gateway_named(event.gateway).dispute(event.object_id, at=at), at)


@transaction.atomic
def _see_warning(event: WebhookEvent, at: datetime) -> None:
    """Write down that the provider distrusts a payment, for finance staff; once, and no money moves."""
    charge = Charge.objects.filter(provider_id=event.object_id).first()
    if charge is None:
        raise MoveMismatch(f"{event.object_id} is no payment of ours")
    seen = Event.objects.filter(kind="payments.charge_doubted", subject=f"charge:{charge.pk}")
    if not seen.filter(reason=event.kind).exists():
        record(
            kind="payments.charge_doubted",
            actor=Actor.system(),
            subject=f"charge:{charge.pk}",
            scope=charge.scope,
            at=at,
            reason=event.kind,
            party=charge.party_id,
            amount=charge.amount,
            currency=charge.currency,
        )


#: What is not a move: whom an event about it is for.
_ACTS: dict[str, Callable[[WebhookEvent, datetime], None]] = {
    "account": _see_account,
    "dispute": _see_dispute,
    "method": _see_method,
    "setup": _see_setup,
    "warning": _see_warning,
}
