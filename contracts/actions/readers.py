"""Who of a side's members reads a contract."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, Party
from accounts.registry import Assigned
from contracts.models import Contract, ContractReader
from contracts.permissions import can_choose_readers
from core.actor import Actor
from core.errors import NotAllowed
from events.actions import record
from jobs.actions import NotAMember


@transaction.atomic
def add_contract_reader(*, contract_id: int, user_id: int, by: Actor, at: datetime) -> ContractReader:
    """Let a member of one's own side read a contract, with its room and files.

    Event: contracts.reader_added. A second time changes nothing.

    Raises NotAllowed unless `by` hires or leads for a side of it, NotAMember for anybody else than a member of theirs.
    """
    contract = _locked(contract_id, by)
    if not Membership.objects.live().filter(user_id=user_id, party_id=by.party_id or 0, role="member").exists():
        raise NotAMember(_("Choose a member. Everybody else of the account reads this anyway."))
    reader, is_new = ContractReader.objects.get_or_create(
        contract=contract,
        party_id=by.party_id or 0,
        user_id=user_id,
        defaults={"added_by_id": by.person_id, "added_at": at},
    )
    if is_new:
        _tell("contracts.reader_added", contract, user_id, by=by, at=at)
    return reader


@transaction.atomic
def remove_contract_reader(*, contract_id: int, user_id: int, by: Actor, at: datetime) -> None:
    """Let a member of one's own side read a contract no more. Event: contracts.reader_removed.

    A second time changes nothing.

    Raises NotAllowed unless `by` hires or leads for a side of it.
    """
    contract = _locked(contract_id, by)
    gone, _rows = ContractReader.objects.filter(contract=contract, party_id=by.party_id or 0, user_id=user_id).delete()
    if gone:
        _tell("contracts.reader_removed", contract, user_id, by=by, at=at)


def contracts_added_to(party_id: int, user_id: int) -> list[Assigned]:
    """Return the contracts that a person was added to by a party."""
    rows = Contract.objects.filter(readers__party_id=party_id, readers__user_id=user_id).order_by("pk")
    return [Assigned(row.title, reverse("contracts:room", kwargs={"contract_id": row.pk})) for row in rows]


def hand_over_contracts(party_id: int, user_id: int, successor_id: int | None, at: datetime) -> None:
    """Add whoever follows a person of a party to the contracts that the person was added to (accounts calls it)."""
    mine = ContractReader.objects.filter(party_id=party_id, user_id=user_id)
    if successor_id is not None:
        ContractReader.objects.bulk_create(
            (
                ContractReader(
                    contract_id=row.contract_id,
                    party_id=party_id,
                    user_id=successor_id,
                    added_by_id=row.added_by_id,
                    added_at=at,
                )
                for row in mine
            ),
            ignore_conflicts=True,
        )
    mine.delete()


def _locked(contract_id: int, by: Actor) -> Contract:
    """Return a contract, locked after the actor's party, whose people nobody changes meanwhile."""
    if by.party_id is not None:
        Party.objects.locked(by.party_id)
    contract = Contract.objects.locked(contract_id)
    if not can_choose_readers(by, contract):
        raise NotAllowed(_("Your role in this account may not do this."))
    return contract


def _tell(kind: str, contract: Contract, user_id: int, *, by: Actor, at: datetime) -> None:
    # Of no scope: whom one side lets read along is not news for the other.
    record(kind=kind, actor=by, subject=contract.scope, at=at, user=user_id)
