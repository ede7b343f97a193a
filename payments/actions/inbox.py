"""The inbox: signed events of the provider are stored once, answered at once, and worked through later."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.points import passing
from events.actions import record
from payments.actions.calls import LONGEST_ROUND, settle_move
from payments.actions.moves import MoveMismatch
from payments.actions.payouts import refresh_account
from payments.gateways import gateway_named
from payments.models import MoneyMove, WebhookEvent
from payments.permissions import can_repeat_move

logger = logging.getLogger("jalon.payments")

#: Bytes of the largest event that is read.
LARGEST_BODY = 1_000_000
LEASE, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)
#: Attempts after which an event waits for staff.
MOST_ATTEMPTS = 20


class BodyTooLarge(DomainError):
    """No provider sends events of this size."""

    status_code = 413


def receive_webhook(*, gateway: str, body: bytes, headers: Mapping[str, str], at: datetime) -> WebhookEvent:
    """Store a signed event, once however often it comes; it is worked through by `process_inbox`.

    From: nothing. To: received. Money: none. Event: none.

    Raises BodyTooLarge, BadSignature.
    """
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("This event is too large."))
    event = gateway_named(gateway).verify(body, headers)
    stored, _is_new = WebhookEvent.objects.get_or_create(
        gateway=gateway,
        event_id=event.event_id[:120],
        defaults={
            "kind": event.kind[:80],
            "verb": event.verb,
            "object_id": event.object_id[:120],
            "body": event.body,
            "received_at": at,
            "next_at": at,
        },
    )
    return stored


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
        WebhookEvent.objects.filter(pk=event_id).update(error=f"{type(error).__name__}: {error}"[:2000])
        return False
    passing("event.settled")
    WebhookEvent.objects.filter(pk=event_id).update(processed_at=at, next_at=None, error="")
    return True


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
    if event.verb == "account":
        refresh_account(provider_id=event.object_id, at=at)
    elif event.verb:
        answer = gateway_named(event.gateway).fetch(event.verb, event.object_id, at=at)
        passing("event.fetched")
        move = MoneyMove.objects.filter(pk=answer.move_id or 0, verb=event.verb, gateway=event.gateway).first()
        if move is None:
            raise MoveMismatch(f"{event.object_id} belongs to no {event.verb} of ours")
        settle_move(move_id=move.pk, answer=answer, at=at)
