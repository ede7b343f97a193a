"""Ending a contract, with a decision on the money of each milestone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.actions.finishing import finish_when_done
from contracts.actions.milestones import ContractNotActive, NoteMissing, give_up_payment, hand_in, tell
from contracts.actions.money import ask_all_back, give_back, release_all
from contracts.actions.rows import check_seen, turn
from contracts.models import Contract, Milestone
from contracts.permissions import can_end_contract
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record

Status = Milestone.Status


class DecisionMissing(DomainError):
    """The money of a milestone was not decided on, or its decision does not fit."""


class EndChoice(models.TextChoices):
    """What becomes of the held money of one milestone when a side ends the contract."""

    RELEASE = "release", gettext_lazy("Release it to the freelancer")
    ASK_BACK = "ask_back", gettext_lazy("Ask it back")
    GIVE_BACK = "give_back", gettext_lazy("Give it back to the client")
    SUBMIT = "submit", gettext_lazy("Submit the work now")
    KEEP = "keep", gettext_lazy("Wait for the client's answer")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: the choice, the version of the milestone it was made on, and what to tell the other side."""

    choice: str
    seen_version: int
    note: str = ""


def end_choices(milestone: Milestone, *, is_client: bool) -> tuple[EndChoice, ...]:
    """Return what a side may decide about a milestone when it ends the contract; nothing where it need not."""
    if milestone.status not in Milestone.PAYABLE:
        return ()
    if is_client:
        return (EndChoice.RELEASE, EndChoice.ASK_BACK)
    if milestone.status == Status.SUBMITTED:
        return (EndChoice.KEEP, EndChoice.GIVE_BACK)
    return (EndChoice.SUBMIT, EndChoice.GIVE_BACK)


@transaction.atomic
def end_contract(
    *, contract_id: int, reason: str, note: str, decisions: Mapping[int, Decision], by: Actor, at: datetime
) -> Contract:
    """End the contract. What is held is decided on, what is not paid for is cancelled, running payments are stopped.

    From: active. To: ending, and ended at once when nothing is open. Milestones: the client releases or asks back, the
    freelancer gives back or submits (submitted work may wait for its answer); asked-back and disputed ones go on.
    Money: b1, c1, or none yet. Event: contracts.contract_ending, and that of each decision.

    Raises NotAllowed if `by` may not end it, ContractNotActive in any other state (a second end included),
    DecisionMissing unless there is just one fitting decision for each milestone that needs one, MilestoneChanged,
    ApprovedBySilence if money of work whose review is over is asked back, NoteMissing if the other side is not told
    why.
    """
    contract = Contract.objects.locked(contract_id)
    milestones = [
        Milestone.objects.locked(pk) for pk in contract.milestones.order_by("pk").values_list("pk", flat=True)
    ]
    if not can_end_contract(by, contract):
        raise NotAllowed(_("Only an owner or administrator of either side can end this contract."))
    if contract.status != Contract.Status.ACTIVE:
        raise ContractNotActive(_("This contract was ended before."))
    if reason not in Contract.EndReason.values:
        raise NoteMissing(_("Choose why you end this contract."))
    for milestone in milestones:
        milestone.contract = contract
    is_client = by.party_id == contract.client_id
    _check_decisions(milestones, decisions, is_client=is_client)

    contract.status, contract.ending_at, contract.ending_by_id = Contract.Status.ENDING, at, by.party_id
    contract.end_reason, contract.end_note = reason, note.strip()
    contract.save(update_fields=["status", "ending_at", "ending_by_id", "end_reason", "end_note"])
    record(
        kind="contracts.contract_ending",
        actor=by,
        subject=contract.scope,
        scope=contract.scope,
        at=at,
        title=contract.title,
        client=contract.client_id,
        freelancer=contract.freelancer_id,
        end_reason=reason,
    )
    for milestone in milestones:
        if milestone.status in Milestone.UNFUNDED:
            turn(milestone, Status.CANCELLED, at)
            tell("milestone_cancelled", milestone, by, at, amount=milestone.amount)
        elif milestone.status == Status.FUNDING and milestone.given_up_at is None:
            give_up_payment(milestone, Actor.system(), at)  # a freelancer may end, and never touches the client's card
        elif milestone.pk in decisions:
            _carry_out(milestone, decisions[milestone.pk], by, at)
    finish_when_done(contract, at)
    return contract


def _check_decisions(milestones: list[Milestone], decisions: Mapping[int, Decision], *, is_client: bool) -> None:
    open_choices = {each.pk: end_choices(each, is_client=is_client) for each in milestones}
    if any(not open_choices.get(pk) for pk in decisions):
        raise DecisionMissing(_("The milestones changed after you opened the page. Look at them again, then decide."))
    for milestone in milestones:
        choices = open_choices[milestone.pk]
        if not choices:
            continue
        decision = decisions.get(milestone.pk)
        if decision is None or decision.choice not in choices:
            raise DecisionMissing(_("Decide what becomes of the money of “%(title)s”.") % {"title": milestone.title})
        check_seen(milestone, decision.seen_version)


def _carry_out(milestone: Milestone, decision: Decision, by: Actor, at: datetime) -> None:
    if decision.choice == EndChoice.RELEASE:
        release_all(milestone, by, at)
    elif decision.choice == EndChoice.ASK_BACK:
        ask_all_back(milestone, decision.note, by, at)
    elif decision.choice == EndChoice.GIVE_BACK:
        give_back(milestone, by, at)
    elif decision.choice == EndChoice.SUBMIT:
        hand_in(milestone, note=decision.note, file_ids=[], by=by, at=at)
