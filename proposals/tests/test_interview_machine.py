"""The machine of an interview, cell by cell: every state, every verb, every actor, whoever proposed the times."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_member
from core.actor import Actor
from core.errors import DomainError
from core.machine import CLIENT, FREELANCER, STAFF, SYSTEM
from jobs.models import Job
from proposals import actions
from proposals.actions import InterviewTerms
from proposals.models import Interview
from proposals.tests.cast import bid, party_of, propose, talk
from tests.nothing import fingerprint, nothing_happens

Status = Interview.Status
Verb = Callable[[Interview, Actor, datetime], object]
#: Late enough for the clock, in each state.
LATE = timedelta(days=4)


def _accept(interview: Interview, by: Actor, at: datetime) -> object:
    slot = interview.slots.first()
    return actions.accept_interview(
        interview_id=interview.pk, slot_id=slot.pk if slot else 0, seen_version=interview.version, by=by, at=at
    )


def _move(interview: Interview, by: Actor, at: datetime) -> object:
    terms = InterviewTerms(starts=[at + timedelta(days=9)], minutes=30)
    return actions.move_interview(interview_id=interview.pk, seen_version=interview.version, terms=terms, by=by, at=at)


VERBS: dict[str, Verb] = {
    "accept_interview": _accept,
    "move_interview": _move,
    "cancel_interview": lambda it, by, at: actions.cancel_interview(
        interview_id=it.pk, seen_version=it.version, by=by, at=at
    ),
    "drop_interviews": lambda it, _by, at: actions.drop_interviews(job_id=it.conversation.job_id, at=at),
    "drop_interviews_of": lambda it, _by, at: actions.drop_interviews_of(party_ids=[it.conversation.party_id], at=at),
    "remind_interviews": lambda _it, _by, at: actions.remind_interviews(at=at + timedelta(days=1, hours=1)),
    "finish_interviews": lambda _it, _by, at: actions.finish_interviews(at=at + LATE),
}
#: Verbs without an actor: they find nothing to do instead of refusing.
BY_CLOCK = {"drop_interviews", "drop_interviews_of", "remind_interviews", "finish_interviews"}


class Undone(Exception):
    """Takes back what one allowed cell did, so that the next one starts from the same state."""


def take_to(status: str, alice: Person, bob: Person, interview: Interview, at: datetime) -> Interview:
    """Take an interview that was just proposed to a state."""
    answers = alice if interview.proposer_id == party_of(bob).pk else bob
    if status in {Status.ACCEPTED, Status.HELD}:
        _accept(interview, answers.actor, at)
    if status in {Status.HELD, Status.EXPIRED}:
        actions.finish_interviews(at=at + LATE)
    if status == Status.CANCELLED:
        VERBS["cancel_interview"](interview, alice.actor, at)
    return Interview.objects.get(pk=interview.pk)


def test_the_verbs_of_the_table_are_the_verbs_that_are_walked() -> None:
    assert {row.verb for row in Interview.TRANSITIONS} == {"propose_interview", *VERBS}


@pytest.mark.parametrize("proposer", [CLIENT, FREELANCER])
@pytest.mark.parametrize("status", Status.values)
def test_each_verb_does_from_this_state_what_the_table_says_and_nothing_else(
    status: str, proposer: str, alice: Person, bob: Person, chloe: Person, marc: Person, job: Job, at: datetime
) -> None:
    conversation = talk(alice, bid(bob, job, at=at), at=at)
    interview = propose(alice if proposer == CLIENT else bob, conversation, at=at)
    interview = take_to(status, alice, bob, interview, at)
    assert interview.status == status
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
            {row.to for row in Interview.TRANSITIONS if row.frm == status and row.verb == verb and who in row.actors},
        )
        for verb in VERBS
        for who, actor in ({SYSTEM: Actor.system()} if verb in BY_CLOCK else people).items()
        if not (verb == "accept_interview" and who == proposer)  # see below
    ]
    cells.append(("accept_interview", proposer, people[proposer], set()))
    for verb, _who, actor, allowed in cells:
        if not allowed:
            refusal = contextlib.nullcontext() if verb in BY_CLOCK else pytest.raises(DomainError)
            with nothing_happens(), refusal:
                VERBS[verb](interview, actor, at)
    before = fingerprint()
    for verb, who, actor, allowed in cells:
        if allowed:
            with contextlib.suppress(Undone), transaction.atomic():
                VERBS[verb](interview, actor, at)
                assert Interview.objects.get(pk=interview.pk).status in allowed, f"{verb} by {who}"
                assert fingerprint() != before, f"{verb} by {who} did nothing"
                raise Undone
