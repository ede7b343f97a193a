"""The last step of a contract: it ends by itself once nothing is held and nothing is open."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import Contract, Milestone
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record


class ContractNotEnding(DomainError):
    """Only a contract that someone has ended can be finished."""


class MoneyStillOpen(DomainError):
    """Money is still held, frozen or being paid for this contract."""


@transaction.atomic
def finish_contract(*, contract_id: int, by: Actor, at: datetime) -> Contract:
    """Close a contract that was ended and whose last milestone is done.

    From: ending. To: ended. Money: none, and none is held. Event: contracts.contract_ended.

    Raises NotAllowed for people, ContractNotEnding in any other state, MoneyStillOpen while a milestone is open.
    """
    contract = Contract.objects.locked(contract_id)
    if not by.is_system:
        raise NotAllowed(_("Contracts are closed by the system."))
    if contract.status != Contract.Status.ENDING:
        raise ContractNotEnding(_("Nobody has ended this contract."))
    if not finish_when_done(contract, at):
        raise MoneyStillOpen(_("Money of this contract is still held."))
    return contract


def finish_when_done(contract: Contract, at: datetime) -> bool:
    """Close a locked contract if it was ended and all its milestones are final; say whether it was closed (inner)."""
    if contract.status != Contract.Status.ENDING:
        return False
    if contract.milestones.exclude(status__in=Milestone.FINAL).exists():
        return False
    contract.status, contract.ended_at = Contract.Status.ENDED, at
    contract.save(update_fields=["status", "ended_at"])
    record(
        kind="contracts.contract_ended",
        actor=Actor.system(),
        subject=contract.scope,
        scope=contract.scope,
        at=at,
        title=contract.title,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
    )
    return True
