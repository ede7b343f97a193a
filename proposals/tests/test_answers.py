"""How soon a client answers: the first act on each proposal, its median, and the recount of every figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.cast import Person
from events.actions import deliver_due
from events.models import Event
from jobs.models import Job
from marketplace.facts import Difference, EventsWait, fact_differences, recount_facts
from profiles.models import PartyFacts
from profiles.tests.cast import make_approved
from proposals.actions import decline_proposal, mark_proposal_offered, shortlist_proposal, view_proposal
from proposals.models import Proposal
from proposals.tests.cast import bid


@pytest.fixture
def bids(bob: Person, job: Job, at: datetime) -> list[Proposal]:
    """Return four proposals on Alice's job, all sent at once."""
    others = [make_approved(name, at=at) for name in ("Chloé", "Nils", "Sam")]
    deliver_due(at=at)  # each receives the connects of a newcomer
    return [bid(person, job, at=at) for person in (bob, *others)]


def facts_of(job: Job, at: datetime) -> PartyFacts:
    deliver_due(at=at)
    return PartyFacts.objects.get(party_id=job.client_id)


def test_the_first_act_of_the_client_is_the_answer(alice: Person, bids: list[Proposal], job: Job, at: datetime) -> None:
    def after(hours: int) -> datetime:
        return at + timedelta(hours=hours)

    first, second, third, fourth = (proposal.pk for proposal in bids)
    view_proposal(proposal_id=first, by=alice.actor, at=after(1))
    view_proposal(proposal_id=first, by=alice.actor, at=after(2))
    decline_proposal(proposal_id=first, reason="price", by=alice.actor, at=after(3))
    shortlist_proposal(proposal_id=second, by=alice.actor, at=after(4))
    view_proposal(proposal_id=second, by=alice.actor, at=after(9))
    mark_proposal_offered(proposal_id=third, at=after(6))

    answered = dict(Proposal.objects.values_list("pk", "answered_at"))
    assert answered == {first: after(1), second: after(4), third: after(6), fourth: None}
    assert Event.objects.filter(kind="proposals.proposal_answered").count() == 3
    facts = facts_of(job, after(9))
    assert (facts.proposals_received, facts.proposals_answered, facts.answer_minutes) == (4, 3, 240)

    decline_proposal(proposal_id=fourth, reason="skills", by=alice.actor, at=after(10))

    facts = facts_of(job, after(10))
    assert (facts.proposals_answered, facts.answer_minutes) == (4, 300), "between 4 and 6 hours"
    assert fact_differences() == []


def test_a_recount_finds_what_is_wrong_and_sets_it_right(job: Job, bids: list[Proposal], at: datetime) -> None:
    deliver_due(at=at)
    PartyFacts.objects.filter(party_id=job.client_id).update(jobs_open=7, spent=5)
    wrong = [
        Difference(job.client_id, "jobs_open", 7, 1),
        Difference(job.client_id, "spent", 5, 0),
    ]
    assert fact_differences() == wrong
    with pytest.raises(CommandError, match="2 figures differ"):
        call_command("recount_facts")

    assert recount_facts(at=at) == wrong

    facts = PartyFacts.objects.get(party_id=job.client_id)
    assert (facts.jobs_open, facts.spent, facts.proposals_received) == (1, 0, 4)
    assert fact_differences() == []


def test_nothing_is_written_while_an_event_waits_to_be_counted(
    alice: Person, job: Job, bids: list[Proposal], at: datetime, capsys: Any
) -> None:
    deliver_due(at=at)
    view_proposal(proposal_id=bids[0].pk, by=alice.actor, at=at)
    before = PartyFacts.objects.get(party_id=job.client_id)

    with pytest.raises(EventsWait):
        recount_facts(at=at)

    after = PartyFacts.objects.get(party_id=job.client_id)
    assert (before.proposals_answered, after.proposals_answered) == (0, 0)
    deliver_due(at=at)
    call_command("recount_facts", "--write")
    assert "Every figure is what its source says." in capsys.readouterr().out


def test_each_act_on_a_proposal_keeps_the_post_open(
    alice: Person, bids: list[Proposal], job: Job, at: datetime
) -> None:
    acts: list[Callable[[datetime], Proposal]] = [
        lambda moment: view_proposal(proposal_id=bids[0].pk, by=alice.actor, at=moment),
        lambda moment: shortlist_proposal(proposal_id=bids[1].pk, by=alice.actor, at=moment),
        lambda moment: decline_proposal(proposal_id=bids[2].pk, reason="price", by=alice.actor, at=moment),
    ]
    for day, act in enumerate(acts, start=1):
        moment = at + timedelta(days=day)
        act(moment)
        job.refresh_from_db()
        assert (job.acted_at, job.expires_at) == (moment, moment + timedelta(days=30))
