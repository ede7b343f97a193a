"""Recording what happened, and telling it, once each, to the handlers that want to hear."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.request import current_request_id, request_scope
from events.models import Delivery, Event
from events.permissions import can_retry_deliveries
from events.registry import handler_named, handlers_of

logger = logging.getLogger("jalon.events")

#: A delivery is given up, and shown to staff, after this many attempts: about 17 minutes of trying.
MOST_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=2)


class OutsideTransaction(Exception):
    """An event was recorded without the change it tells of: a bug, never a refusal for the user."""


class DeliveryNotFailed(DomainError):
    """Only a delivery that was given up can be tried again by hand."""


def record(
    *,
    kind: str,
    actor: Actor,
    subject: str,
    at: datetime,
    scope: str = "",
    reason: str = "",
    **data: Any,
) -> Event:
    """Write down what happened, in the transaction in which it happens, with one delivery for each handler.

    After the commit a worker is woken; if it cannot be, the sweep finds the deliveries some seconds later.

    Raises OutsideTransaction if there is no transaction.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} of {subject} must be recorded inside the transaction of its change")
    event = Event.objects.create(
        kind=kind,
        subject=subject,
        scope=scope,
        actor_user_id=actor.user_id,
        actor_party_id=actor.party_id,
        impersonator_id=actor.impersonator_id,
        is_system=actor.is_system,
        reason=reason,
        data=data,
        request_id=current_request_id(),
        at=at,
    )
    handlers = handlers_of(kind)
    if handlers:
        Delivery.objects.bulk_create(Delivery(event=event, handler=handler.name, next_at=at) for handler in handlers)
        transaction.on_commit(_wake, robust=True)
    return event


def deliver_due(*, at: datetime, limit: int = 500) -> int:
    """Run the handlers of the deliveries that are due, and return how many got through.

    Each delivery is claimed alone (`SKIP LOCKED`: any number of workers share the queue) and its attempt is counted
    before it begins, so that one that kills its worker is given up in the end like one that fails. The handler then
    runs in one transaction with the mark that it is done: what it writes to the database happens exactly once.
    A failure undoes it, and it is tried again after 2, 4, 8 ... seconds. Deliveries are independent: one broken
    handler stops no other, and nobody may count on the order, not even within one scope.
    """
    done = 0
    for _turn in range(limit):
        delivery_id = _claim(at)
        if delivery_id is None:
            break
        done += _deliver(delivery_id, at)
    return done


@transaction.atomic
def retry_delivery(*, delivery_id: int, reason: str, by: Actor, at: datetime) -> Delivery:
    """Try a delivery again that was given up.

    From: failed. To: pending. Money: none. Event: events.delivery_retried.

    Raises NotAllowed if `by` is not an administrator, DeliveryNotFailed in any other state.
    """
    delivery = Delivery.objects.locked(delivery_id)
    if not can_retry_deliveries(by):
        raise NotAllowed(_("Only administrators can try a delivery again."))
    if delivery.state != Delivery.State.FAILED:
        raise DeliveryNotFailed(_("This delivery has not failed."))
    delivery.state, delivery.attempts, delivery.next_at = Delivery.State.PENDING, 0, at
    delivery.save(update_fields=["state", "attempts", "next_at"])
    record(
        kind="events.delivery_retried",
        actor=by,
        subject=f"delivery:{delivery.pk}",
        at=at,
        reason=reason,
        handler=delivery.handler,
    )
    transaction.on_commit(_wake, robust=True)
    return delivery


def _wake() -> None:
    """Tell a worker that there is something to deliver; one attempt, for a request is waiting."""
    current_app.send_task("events.tasks.deliver", retry=False)


@transaction.atomic
def _claim(at: datetime) -> int | None:
    """Take the next due delivery by counting an attempt and putting off the one after it; None if there is none."""
    due = Delivery.objects.free().filter(state=Delivery.State.PENDING, next_at__lte=at).order_by("next_at", "id")
    delivery = due.first()
    if delivery is None:
        return None
    delivery.attempts += 1
    delivery.next_at = at + FIRST_WAIT * 2 ** (delivery.attempts - 1)
    if delivery.attempts > MOST_ATTEMPTS:  # every attempt was begun and none came back to say how it ended
        delivery.attempts, delivery.state = MOST_ATTEMPTS, Delivery.State.FAILED
        delivery.error = delivery.error or "The worker stopped each time while it ran."
    delivery.save(update_fields=["attempts", "next_at", "state", "error"])
    return delivery.pk


def _deliver(delivery_id: int, at: datetime) -> bool:
    """Run the handler of a claimed delivery and mark it done in one transaction; note the failure otherwise."""
    try:
        with transaction.atomic():
            delivery = Delivery.objects.select_related("event").locked(delivery_id)
            if delivery.state != Delivery.State.PENDING:
                return False  # it took so long that another worker claimed it too, and was first
            handler = handler_named(delivery.handler)
            if handler is None:
                raise LookupError(f"this version has no handler {delivery.handler}")
            with request_scope(delivery.event.request_id):
                handler.handle(delivery.event)
            delivery.state, delivery.done_at, delivery.error = (
                Delivery.State.DONE,
                at,
                "",
            )
            delivery.save(update_fields=["state", "done_at", "error"])
    except Exception as error:
        logger.exception("delivery %s failed", delivery_id)
        _note_failure(delivery_id, f"{type(error).__name__}: {error}")
        return False
    return True


@transaction.atomic
def _note_failure(delivery_id: int, error: str) -> None:
    """Keep what went wrong, and give the delivery up if that was the last attempt."""
    delivery = Delivery.objects.locked(delivery_id)
    if delivery.state != Delivery.State.PENDING:
        return  # another worker got it through meanwhile
    delivery.error = error[:2000]
    if delivery.attempts >= MOST_ATTEMPTS:
        delivery.state = Delivery.State.FAILED
    delivery.save(update_fields=["error", "state"])
