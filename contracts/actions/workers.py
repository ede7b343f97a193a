"""Who of an agency does the work of a contract: replaced when the agency proposes it and the client accepts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from accounts.queries import share_people
from contracts.actions.clocks import next_reminder
from contracts.actions.milestones import ContractNotActive, NoteMissing
from contracts.models import Contract, WorkerChange
from contracts.permissions import can_answer_worker, can_propose_worker
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from profiles.queries import workers_of

Status = WorkerChange.Status


class WorkerNotPossible(DomainError):
    """Who is to do the work is of the agency, with an approved profile, somebody new and no one of the client's."""


class WorkerChangeWaits(DomainError):
    """One change of the worker waits for the client at a time."""


class WorkerChangeOver(DomainError):
    """The change was answered, withdrawn or has expired."""


class WorkerChangeStillRuns(DomainError):
    """The client still has time to answer."""


@transaction.atomic
def propose_worker(*, contract_id: int, worker_id: int | None, reason: str, by: Actor, at: datetime) -> WorkerChange:
    """Ask the client to accept somebody else of the agency for the work of a contract.

    From: nothing. To: proposed; until the client accepts, the contract keeps its worker. Money: none.
    Event: contracts.worker_proposed.

    Raises NotAllowed if `by` does not lead the agency of the contract, ContractNotActive once it has ended,
    WorkerChangeWaits, WorkerNotPossible, NoteMissing if the client is not told why.
    """
    contract = _locked(contract_id)
    if not can_propose_worker(by, contract) or contract.worker_id is None:
        raise NotAllowed(_("Only an owner or administrator of the agency can propose another worker."))
    _check_running(contract)
    if contract.worker_changes.filter(status=Status.PROPOSED).exists():
        raise WorkerChangeWaits(_("You have proposed somebody already: withdraw that first, or wait for the answer."))
    chosen = _check_possible(contract, worker_id)
    if not reason.strip():
        raise NoteMissing(_("Say why somebody else is to do the work: the client decides by it."))
    expires_at = at + timedelta(days=rules().worker_change_days)
    change = WorkerChange.objects.create(
        contract=contract,
        old_worker_id=contract.worker_id,
        worker_id=chosen,
        reason=reason.strip(),
        author_id=by.person_id,
        created_at=at,
        expires_at=expires_at,
        remind_at=next_reminder(started_at=at, ends_at=expires_at, after=at),
    )
    _tell("worker_proposed", change, by, at)
    return change


@transaction.atomic
def accept_worker(*, change_id: int, by: Actor, at: datetime) -> Contract:
    """Let the person whom the agency proposed do the work from now on.

    From: proposed. To: accepted; the contract names the new worker. Money: none. Event: contracts.worker_replaced.

    Raises NotAllowed if `by` does not hire for the client, WorkerChangeOver in any other state and from the moment it
    expires, ContractNotActive once the contract has ended, WorkerNotPossible if the person left the agency meanwhile.
    """
    change = _waiting(change_id, by, at)
    contract = change.contract
    _check_running(contract)
    _check_possible(contract, change.worker_id)
    _end(change, Status.ACCEPTED, at)
    contract.worker_id = change.worker_id
    contract.save(update_fields=["worker"])
    _tell("worker_replaced", change, by, at)
    return contract


@transaction.atomic
def decline_worker(*, change_id: int, by: Actor, at: datetime) -> WorkerChange:
    """Say no to the person whom the agency proposed: the contract keeps its worker.

    From: proposed. To: declined. Money: none. Event: contracts.worker_declined.

    Raises NotAllowed if `by` does not hire for the client, WorkerChangeOver in any other state and once it has expired.
    """
    change = _waiting(change_id, by, at)
    _end(change, Status.DECLINED, at)
    _tell("worker_declined", change, by, at)
    return change


@transaction.atomic
def withdraw_worker(*, change_id: int, by: Actor, at: datetime) -> WorkerChange:
    """Take back what the client has not answered.

    From: proposed. To: withdrawn. Money: none. Event: contracts.worker_withdrawn.

    Raises NotAllowed if `by` does not lead the agency of the contract, WorkerChangeOver in any other state.
    """
    change = _locked_change(change_id)
    if not can_propose_worker(by, change.contract):
        raise NotAllowed(_("Only an owner or administrator of the agency can withdraw this."))
    _check_waits(change)
    _end(change, Status.WITHDRAWN, at)
    _tell("worker_withdrawn", change, by, at)
    return change


@transaction.atomic
def expire_worker_change(*, change_id: int, by: Actor, at: datetime) -> WorkerChange:
    """End a change that nobody answered in time: the contract keeps its worker.

    From: proposed. To: expired. Money: none. Event: contracts.worker_change_expired.

    Raises NotAllowed for people, WorkerChangeOver in any other state, WorkerChangeStillRuns before its time is over.
    """
    change = _locked_change(change_id)
    if not by.is_system:
        raise NotAllowed(_("Only the clock decides this."))
    _check_waits(change)
    if at < change.expires_at:
        raise WorkerChangeStillRuns(_("The client still has time to answer."))
    _end(change, Status.EXPIRED, at)
    _tell("worker_change_expired", change, by, at)
    return change


def expire_worker_changes(*, at: datetime) -> int:
    """End the changes of workers whose time is over; return how many."""
    due = WorkerChange.objects.filter(status=Status.PROPOSED, expires_at__lte=at).order_by("expires_at", "pk")
    return for_each(due, lambda pk: expire_worker_change(change_id=pk, by=Actor.system(), at=at))


def remind_worker_changes(*, at: datetime) -> int:
    """Remind of the changes of workers at half time and 24 hours before they expire; return how many."""
    due = WorkerChange.objects.filter(status=Status.PROPOSED, remind_at__lte=at, expires_at__gt=at)
    return for_each(due.order_by("remind_at", "pk"), lambda pk: _remind(pk, at))


def note_worker_left(*, party_id: int, user_id: int, at: datetime) -> int:
    """Tell both sides of each running contract of an agency that its worker belongs to the agency no more (inner).

    From, to: unchanged; an owner or administrator hands in work until the client accepts another worker.
    Event: contracts.worker_left for each. Returns how many.
    """
    running = Contract.objects.filter(freelancer_id=party_id, worker_id=user_id).exclude(status=Contract.Status.ENDED)
    for contract in running.order_by("pk"):
        record(
            kind="contracts.worker_left",
            actor=Actor.system(),
            subject=contract.scope,
            scope=contract.scope,
            at=at,
            title=contract.title,
            client=contract.client_id,
            freelancer=contract.freelancer_id,
            worker=user_id,
        )
    return len(running)


@transaction.atomic
def _remind(change_id: int, at: datetime) -> None:
    change = _locked_change(change_id)
    if change.remind_at is None or change.remind_at > at:
        return
    change.remind_at = next_reminder(started_at=change.created_at, ends_at=change.expires_at, after=at)
    change.save(update_fields=["remind_at"])
    _tell("worker_change_expiring", change, Actor.system(), at)


def _locked(contract_id: int) -> Contract:
    """Lock the parties of a contract by id, then the contract: who is of the agency stays so until the verb ends."""
    ids = Contract.objects.values_list("client_id", "freelancer_id").get(pk=contract_id)
    for party_id in sorted(ids):
        Party.objects.locked(party_id)
    return Contract.objects.locked(contract_id)


def _locked_change(change_id: int) -> WorkerChange:
    contract = _locked(WorkerChange.objects.values_list("contract_id", flat=True).get(pk=change_id))
    change = WorkerChange.objects.locked(change_id)
    change.contract = contract
    return change


def _waiting(change_id: int, by: Actor, at: datetime) -> WorkerChange:
    """Return a locked change that the actor may answer now, or refuse."""
    change = _locked_change(change_id)
    if not can_answer_worker(by, change.contract):
        raise NotAllowed(_("Only the client’s hiring team decides who does the work."))
    _check_waits(change)
    if at >= change.expires_at:
        raise WorkerChangeOver(_("The time to answer is over. The agency can propose it again."))
    return change


def _check_waits(change: WorkerChange) -> None:
    if change.status != Status.PROPOSED:
        raise WorkerChangeOver(_("This was answered, withdrawn or has expired. Nothing was changed."))


def _check_running(contract: Contract) -> None:
    if contract.status == Contract.Status.ENDED:
        raise ContractNotActive(_("This contract has ended."))


def _check_possible(contract: Contract, worker_id: int | None) -> int:
    if worker_id == contract.worker_id:
        raise WorkerNotPossible(_("This person does the work already."))
    if worker_id is None or worker_id not in {each.user_id for each in workers_of(contract.freelancer_id)}:
        raise WorkerNotPossible(_("Choose somebody of the agency whose own profile is approved."))
    if share_people(contract.freelancer_id, contract.client_id):
        raise WorkerNotPossible(_("Somebody belongs to both sides: they cannot make a contract with each other."))
    return worker_id


def _end(change: WorkerChange, status: Status, at: datetime) -> None:
    change.status, change.ended_at, change.remind_at = status, at, None
    change.save(update_fields=["status", "ended_at", "remind_at"])


def _tell(event: str, change: WorkerChange, by: Actor, at: datetime) -> None:
    contract = change.contract
    record(
        kind=f"contracts.{event}",
        actor=by,
        subject=f"worker_change:{change.pk}",
        scope=contract.scope,
        at=at,
        title=contract.title,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
        old_worker=change.old_worker_id,
        worker=change.worker_id,
        expires_at=change.expires_at,
    )
