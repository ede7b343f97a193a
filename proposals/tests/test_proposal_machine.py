"""The machine of a proposal, cell by cell: every state, every verb, every actor."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_member
from core.actor import Actor
from core.errors import DomainError
from core.machine import CLIENT, FREELANCER, STAFF, SYSTEM
from core.product import rules
from jobs.models import Job
from proposals import actions
from proposals.models import ConnectSpend, Proposal
from proposals.tests.cast import bid, party_of
from tests.nothing import fingerprint, nothing_happens

Status = Proposal.Status
Verb = Callable[[Proposal, Actor, datetime], object]
#: Late enough for every clock of a proposal.
LATE = timedelta(days=14)

VERBS: dict[str, Verb] = {
    "view_proposal": lambda it, by, at: actions.view_proposal(proposal_id=it.pk, by=by, at=at),
    "edit_letter": lambda it, by, at: actions.edit_letter(
        proposal_id=it.pk,
        letter="I would start at the gate.",
        answers=[],
        language="en",
        seen_version=it.version,
        by=by,
        at=at - LATE,
    ),
    "edit_terms": lambda it, by, at: actions.edit_terms(
        proposal_id=it.pk, amount=it.amount - 1, duration="", seen_version=it.version, by=by, at=at
    ),
    "message_proposal": lambda it, by, at: actions.message_proposal(
        proposal_id=it.pk, text="Which pier do you mean?", token="the machine", by=by, at=at
    ),
    "withdraw_proposal": lambda it, by, at: actions.withdraw_proposal(proposal_id=it.pk, by=by, at=at),
    "decline_proposal": lambda it, by, at: actions.decline_proposal(proposal_id=it.pk, reason="price", by=by, at=at),
    "mark_proposal_offered": lambda it, _by, at: actions.mark_proposal_offered(proposal_id=it.pk, at=at),
    "mark_proposal_unoffered": lambda it, _by, at: actions.mark_proposal_unoffered(proposal_id=it.pk, at=at),
    "mark_proposal_hired": lambda it, _by, at: actions.mark_proposal_hired(proposal_id=it.pk, at=at),
    "close_proposal": lambda it, _by, at: actions.close_proposal(
        proposal_id=it.pk, reason=ConnectSpend.Reason.CLOSED, at=at
    ),
    "return_unopened": lambda _it, _by, at: actions.return_unopened(at=at),
    "raise_boost": lambda it, by, at: actions.raise_boost(proposal_id=it.pk, boost=3, by=by, at=at),
}
#: Verbs without an actor: they run inside other verbs, or by the clock.
INNER = {
    "mark_proposal_offered",
    "mark_proposal_unoffered",
    "mark_proposal_hired",
    "close_proposal",
    "return_unopened",
}
#: Cells that find nothing to do instead of refusing: sweeps, and the page that a client opens again.
QUIET = {("close_proposal", SYSTEM), ("return_unopened", SYSTEM), ("view_proposal", CLIENT)}


@pytest.fixture
def proposal_in(alice: Person, bob: Person, job: Job, at: datetime) -> Callable[[str], Proposal]:
    """Return a function that takes Bob's proposal on Alice's job to a state."""

    def make(status: str) -> Proposal:
        proposal = bid(bob, job, at=at)
        way: dict[str, list[str]] = {
            Status.SUBMITTED: [],
            Status.VIEWED: ["view_proposal"],
            Status.INTERVIEWING: ["message_proposal"],
            Status.OFFERED: ["mark_proposal_offered"],
            Status.HIRED: ["mark_proposal_offered", "mark_proposal_hired"],
            Status.DECLINED: ["decline_proposal"],
            Status.WITHDRAWN: ["withdraw_proposal"],
            Status.CLOSED: ["close_proposal"],
        }
        for verb in way[status]:
            with transaction.atomic():
                VERBS[verb](proposal, bob.actor if verb == "withdraw_proposal" else alice.actor, at)
        proposal.refresh_from_db()
        return proposal

    return make


class Undone(Exception):
    """Takes back what one allowed cell did, so that the next one starts from the same state."""


def test_the_verbs_of_the_table_are_the_verbs_that_are_walked() -> None:
    assert {row.verb for row in Proposal.TRANSITIONS} == {"submit_proposal", *VERBS}


@pytest.mark.parametrize("status", Status.values)
def test_each_verb_does_from_this_state_what_the_table_says_and_nothing_else(
    status: str,
    proposal_in: Callable[[str], Proposal],
    alice: Person,
    bob: Person,
    chloe: Person,
    marc: Person,
    at: datetime,
    settings: Any,
) -> None:
    settings.PRODUCT = replace(rules(), boost_days=30)  # places are still bid for after every other clock
    proposal = proposal_in(status)
    assert proposal.status == status
    people = {
        CLIENT: alice.actor,
        FREELANCER: bob.actor,
        STAFF: marc.actor,
        SYSTEM: Actor.system(),
        "visitor": Actor(),
        "rival": chloe.actor,
        "other client": make_client("Eve", at=at).actor,
        "client's finance": make_member("Fay", party_of(alice), "finance", at=at).actor,
        "client's member": make_member("Meg", party_of(alice), "member", at=at).actor,
        "freelancer's finance": make_member("Fred", party_of(bob), "finance", at=at).actor,
    }
    cells = [
        (
            verb,
            who,
            actor,
            {row.to for row in Proposal.TRANSITIONS if row.frm == status and row.verb == verb and who in row.actors},
        )
        for verb in VERBS
        for who, actor in ({SYSTEM: Actor.system()} if verb in INNER else people).items()
    ]
    for verb, who, actor, allowed in cells:
        if not allowed:
            refusal = contextlib.nullcontext() if (verb, who) in QUIET else pytest.raises(DomainError)
            with nothing_happens(), refusal:
                VERBS[verb](proposal, actor, at + LATE)
    before = fingerprint()
    for verb, who, actor, allowed in cells:
        if allowed:
            with contextlib.suppress(Undone), transaction.atomic():
                VERBS[verb](proposal, actor, at + LATE)
                assert Proposal.objects.get(pk=proposal.pk).status in allowed, f"{verb} by {who}"
                assert fingerprint() != before, f"{verb} by {who} did nothing"
                raise Undone


@pytest.mark.parametrize("who", [CLIENT, FREELANCER, STAFF, SYSTEM, "visitor", "freelancer's finance"])
def test_only_those_who_work_submit(who: str, alice: Person, bob: Person, marc: Person, job: Job, at: datetime) -> None:
    people = {
        CLIENT: alice.actor,
        FREELANCER: bob.actor,
        STAFF: marc.actor,
        SYSTEM: Actor.system(),
        "visitor": Actor(),
        "freelancer's finance": make_member("Fred", party_of(bob), "finance", at=at).actor,
    }
    person = Person(bob.user, bob.party, people[who])
    if any(row.frm is None and who in row.actors for row in Proposal.TRANSITIONS):
        assert bid(person, job, at=at).status == Status.SUBMITTED
    else:
        with nothing_happens(), pytest.raises(DomainError):
            bid(person, job, at=at)
