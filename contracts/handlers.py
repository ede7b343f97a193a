"""What contracts do when something happens, in them or below."""

from __future__ import annotations

from accounts.models import Membership
from contracts.actions import (
    drop_unsent_offer,
    note_worker_left,
    tell_offers_of_removal,
    withdraw_orphaned_offer,
    write_work_history,
)
from contracts.privacy import name_until
from events.models import Event
from events.registry import handles
from messaging.actions import date_author_names
from profiles.actions import count_contract_ended, count_hire, count_late_hire, count_release
from proposals.actions import lift_guards


@handles("contracts.contract_started")
def count_the_hire(event: Event) -> None:
    """Count a hire for both sides."""
    count_hire(
        client_id=event.data["client"],
        freelancer_id=event.data["freelancer"],
        is_first_of_job=event.data["is_first_of_job"],
        at=event.at,
    )
    if event.data["is_first_of_job"] and event.data.get("is_late"):
        count_late_hire(party_id=event.data["client"], at=event.at)


@handles(
    "contracts.milestone_approved",
    "contracts.milestone_released",
    "contracts.milestone_released_part",
    "contracts.milestone_released_by_silence",
    "contracts.milestone_settled",
)
def count_the_release(event: Event) -> None:
    """Count what was paid for both sides; a decision that gave the freelancer nothing counts nothing."""
    if event.data["gross"]:
        count_release(
            payer_id=event.data["client"],
            payee_id=event.data["freelancer"],
            gross=event.data["gross"],
            net=event.data["earned"],
            at=event.at,
        )


@handles("payments.release_given_back")
def uncount_the_release(event: Event) -> None:
    """Take what went back off the counts of both sides, so that money sent to and fro makes no record."""
    count_release(
        payer_id=event.data["payer"],
        payee_id=event.data["payee"],
        gross=-event.data["gross"],
        net=-event.data["earned"],
        at=event.at,
    )


@handles("contracts.contract_ended")
def count_the_end(event: Event) -> None:
    """Count an ended contract for both sides, and say until when its room keeps the names of those who left."""
    date_author_names(owner=event.scope, until=name_until(event.at))
    count_contract_ended(client_id=event.data["client"], freelancer_id=event.data["freelancer"], at=event.at)


@handles("proposals.proposal_withdrawn", "proposals.proposal_declined", "proposals.proposal_closed")
def drop_unsent_offers(event: Event) -> None:
    """Drop what was written, or is being paid, for a proposal that has ended."""
    drop_unsent_offer(proposal_id=event.subject_id, at=event.at)


@handles("jobs.job_removed")
def tell_offers_of_removed_job(event: Event) -> None:
    """Have each offer on a job that staff removed taken back, in a delivery of its own."""
    tell_offers_of_removal(job_id=event.subject_id, at=event.at)


@handles("contracts.job_removed")
def withdraw_after_the_job(event: Event) -> None:
    """Take back one offer on a job that staff removed; held money goes back."""
    withdraw_orphaned_offer(offer_id=event.subject_id, at=event.at)


@handles("accounts.member_left", "accounts.member_removed")
def tell_of_a_worker_who_left(event: Event) -> None:
    """Tell both sides of the contracts whose worker belongs to the agency no more."""
    membership = Membership.objects.get(pk=event.subject_id)
    note_worker_left(party_id=membership.party_id, user_id=membership.user_id, at=event.at)


@handles("contracts.contract_started")
def lift_the_guards(event: Event) -> None:
    """Let the two sides of a contract write freely in the conversations they had before."""
    lift_guards(client_id=event.data["client"], party_id=event.data["freelancer"], at=event.at)


@handles(
    "contracts.contract_started",
    "contracts.contract_ended",
    "contracts.milestone_approved",
    "contracts.milestone_released",
    "contracts.milestone_released_part",
    "contracts.milestone_released_by_silence",
    "contracts.milestone_settled",
    "payments.release_given_back",
)
def write_the_work_history(event: Event) -> None:
    """Write the contract as it stands now into the history of its freelancer: events may come in any order."""
    kind, _colon, pk = event.scope.partition(":")
    if kind == "contract":
        write_work_history(contract_id=int(pk), at=event.at)
