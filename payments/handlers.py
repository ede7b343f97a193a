"""What payments does about events: a planned move is handed to a worker of its own queue at once."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

from events.models import Event
from events.registry import handles
from payments.actions.documents import issue_chargeback_credit_notes, issue_credit_notes, issue_release_invoices

logger = logging.getLogger("jalon.payments")


@handles("payments.move_planned")
def wake_worker(event: Event) -> None:
    """Tell a payouts worker that a move is planned; where nobody hears it, the sweep finds the row."""
    move_id = event.subject_id
    try:
        current_app.send_task("payments.tasks.run_move", kwargs={"move_id": move_id}, queue="payouts", retry=False)
    except OperationalError:
        logger.warning("no broker to tell of move %s; the sweep will find it", move_id)


@handles("payments.released")
def invoice_the_release(event: Event) -> None:
    """Issue what a release is invoiced by."""
    issue_release_invoices(release_id=event.subject_id, at=event.at)


@handles("payments.release_given_back")
def credit_the_return(event: Event) -> None:
    """Issue the credit notes for released money that was given back."""
    issue_credit_notes(give_back_id=event.subject_id, at=event.at)


@handles("payments.chargeback_lost")
def credit_the_loss(event: Event) -> None:
    """Issue the credit notes for the operator's own part of a payment that was lost."""
    issue_chargeback_credit_notes(chargeback_id=event.subject_id, at=event.at)
