"""Bids for marked places at the same moment: the end is that of one after the other, and the books add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.tests.cast import Person
from core.product import rules
from core.tests.threads import race
from events.models import Event
from jobs.actions import close_job
from jobs.models import Job
from proposals.actions import BoostTooLow, JobNotOpen, raise_boost, return_unopened, view_proposal, withdraw_proposal
from proposals.models import ConnectSpend, Proposal
from proposals.queries import boosted_places
from proposals.tests.cast import bid, connects_of, make_job, stock_up, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_place(settings: Any) -> None:
    """Let each job have one marked place: it is the last."""
    settings.PRODUCT = replace(rules(), boost_places=1)


def small_job(alice: Person, at: datetime) -> Job:
    """Return a job that costs one connect."""
    return make_job(alice, at=at, title="A small one", budget=5_000)


def places_of(job: Job) -> list[tuple[int, int]]:
    """Return party and bid of each marked place of the job."""
    return list(boosted_places(job.pk).values_list("party_id", "boost"))


def unreturned(proposal: Proposal) -> int:
    """Return how many connects of the proposal's boost did not come back."""
    spends = ConnectSpend.objects.filter(proposal=proposal, part="boost", returned_at=None)
    return sum(spends.values_list("amount", flat=True))


def test_of_two_bids_on_the_last_place_the_higher_holds_it(
    alice: Person, bob: Person, chloe: Person, at: datetime, trials: int
) -> None:
    for person in (bob, chloe):
        stock_up(person, 6 * trials, at=at)
    for trial in range(trials):
        job = small_job(alice, at)
        before = connects_of(bob), connects_of(chloe)
        low, high = (bob, chloe) if trial % 2 else (chloe, bob)

        lower, higher = race(partial(bid, low, job, at=at, boost=3), partial(bid, high, job, at=at, boost=5))

        assert isinstance(higher, Proposal)
        assert places_of(job) == [(high.actor.party_id, 5)]
        is_sent = isinstance(lower, Proposal)
        assert is_sent or isinstance(lower, BoostTooLow)
        gone = [had - has for had, has in zip(before, (connects_of(bob), connects_of(chloe)), strict=True)]
        assert sorted(gone) == [int(is_sent), 6], "a bid that got no place costs nothing, or comes back"


def test_of_two_equal_bids_on_the_last_place_one_wins(
    alice: Person, bob: Person, chloe: Person, at: datetime, trials: int
) -> None:
    for person in (bob, chloe):
        stock_up(person, 4 * trials, at=at)
    for _trial in range(trials):
        job = small_job(alice, at)

        answers = race(partial(bid, bob, job, at=at, boost=3), partial(bid, chloe, job, at=at, boost=3))

        assert sorted(type(each).__name__ for each in answers) == [BoostTooLow.__name__, "Proposal"]
        (winner,) = [each for each in answers if isinstance(each, Proposal)]
        assert places_of(job) == [(winner.party_id, 3)]
        assert Proposal.objects.filter(job=job).count() == 1


def test_a_raise_and_the_bid_that_would_put_it_out_end_as_one_after_the_other(
    alice: Person, bob: Person, chloe: Person, at: datetime, trials: int
) -> None:
    for person in (bob, chloe):
        stock_up(person, 7 * trials, at=at)
    for _trial in range(trials):
        job = small_job(alice, at)
        before = connects_of(bob), connects_of(chloe)
        mine, rival = bid(bob, job, at=at, boost=3), bid(chloe, job, at=at)

        raised, _other = race(
            partial(raise_boost, proposal_id=mine.pk, boost=6, by=bob.actor, at=at),
            partial(raise_boost, proposal_id=rival.pk, boost=5, by=chloe.actor, at=at),
        )

        assert isinstance(raised, Proposal)
        assert places_of(job) == [(mine.party_id, 6)]
        assert (unreturned(mine), unreturned(rival)) == (6, 0)
        assert (before[0] - connects_of(bob), before[1] - connects_of(chloe)) == (7, 1)


def test_a_boosted_bid_on_a_job_that_is_being_closed_costs_nothing_in_the_end(
    alice: Person, bob: Person, chloe: Person, at: datetime, trials: int
) -> None:
    for _trial in range(trials):
        job = small_job(alice, at)
        held = bid(chloe, job, at=at, boost=2)

        sent, _closed = race(
            partial(bid, bob, job, at=at, boost=4), partial(close_job, job_id=job.pk, by=alice.actor, at=at)
        )
        tell(at)

        assert isinstance(sent, Proposal | JobNotOpen)
        assert (connects_of(bob), connects_of(chloe)) == (40, 40)
        held.refresh_from_db()
        assert (held.status, held.boost) == (Proposal.Status.CLOSED, 0)


def test_a_bid_that_is_opened_or_put_out_first_comes_back_or_not(
    alice: Person, bob: Person, chloe: Person, at: datetime, fewer: int
) -> None:
    for person in (bob, chloe):
        stock_up(person, 6 * fewer, at=at)
    for _trial in range(fewer):
        job = small_job(alice, at)
        mine, rival = bid(bob, job, at=at, boost=3), bid(chloe, job, at=at)

        race(
            partial(view_proposal, proposal_id=mine.pk, by=alice.actor, at=at),
            partial(raise_boost, proposal_id=rival.pk, boost=5, by=chloe.actor, at=at),
        )

        mine.refresh_from_db()
        told = Event.objects.filter(kind="proposals.proposal_outbid", subject=f"proposal:{mine.pk}").get()
        assert (mine.boost, unreturned(mine), told.data["returned"]) in {(3, 3, 0), (0, 0, 3)}
        assert places_of(job) == [(rival.party_id, 5)]


def test_two_who_put_each_other_out_wait_for_nobody_for_ever(
    alice: Person, bob: Person, chloe: Person, at: datetime, fewer: int
) -> None:
    for person in (bob, chloe):
        stock_up(person, 10 * fewer, at=at)
    for _trial in range(fewer):
        one, other = small_job(alice, at), small_job(alice, at)
        bobs, chloes = [bid(bob, job, at=at) for job in (one, other)], [bid(chloe, job, at=at) for job in (one, other)]
        raise_boost(proposal_id=bobs[0].pk, boost=3, by=bob.actor, at=at)
        raise_boost(proposal_id=chloes[1].pk, boost=3, by=chloe.actor, at=at)

        race(
            partial(raise_boost, proposal_id=chloes[0].pk, boost=4, by=chloe.actor, at=at),
            partial(raise_boost, proposal_id=bobs[1].pk, boost=4, by=bob.actor, at=at),
            partial(withdraw_proposal, proposal_id=bobs[0].pk, by=bob.actor, at=at),
        )

        assert places_of(one) == [(chloes[0].party_id, 4)]
        assert places_of(other) == [(bobs[1].party_id, 4)]
        assert unreturned(chloes[1]) == 0


def test_an_unopened_bid_that_is_put_out_at_that_moment_comes_back_once(
    alice: Person, bob: Person, chloe: Person, settings: Any, at: datetime, fewer: int
) -> None:
    settings.PRODUCT = replace(rules(), boost_days=30)
    late = at + timedelta(days=14)
    stock_up(chloe, 6 * fewer, at=at)
    for _trial in range(fewer):
        job = small_job(alice, at)
        mine, rival = bid(bob, job, at=at, boost=3), bid(chloe, job, at=late)

        race(
            partial(return_unopened, at=late),
            partial(raise_boost, proposal_id=rival.pk, boost=5, by=chloe.actor, at=late),
            partial(return_unopened, at=late),
        )

        assert places_of(job) == [(rival.party_id, 5)]
        reasons = set(ConnectSpend.objects.filter(proposal=mine).values_list("part", "reason"))
        assert ("proposal", "unopened") in reasons
        assert reasons <= {("proposal", "unopened"), ("boost", "unopened"), ("boost", "outbid")}
        assert connects_of(bob) == 40
