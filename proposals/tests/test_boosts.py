"""Bids for the marked places: what they need, whom they put out, what comes back, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, make_member
from core.errors import NotAllowed
from core.product import rules
from events.models import Event
from jobs.actions import close_job, pause_job, record_hire, resume_job
from jobs.models import Job
from notifications.models import Notice
from profiles.tests.cast import make_approved
from proposals.actions import (
    BoostingEnded,
    BoostTooLow,
    CannotAffordConnects,
    ProposalNotLive,
    decline_proposal,
    mark_proposal_offered,
    raise_boost,
    return_unopened,
    shortlist_proposal,
    view_proposal,
    withdraw_proposal,
)
from proposals.models import ConnectSpend, Proposal
from proposals.queries import auction_for, boosted_places, place_numbers
from proposals.tests.cast import bid, connects_of, lots_of, party_of, stock_up, tell
from tests.nothing import nothing_happens

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def dan(marc: Person, at: datetime) -> Person:
    """Return Dan, the second rival."""
    person = make_approved("Dan", moderator=marc, at=at)
    tell(at)
    return person


@pytest.fixture
def two_places(settings: Any) -> None:
    """Let a job have two marked places, so that few people fill them."""
    settings.PRODUCT = replace(rules(), boost_places=2)


def boost_of(proposal: Proposal) -> tuple[int, bool, bool]:
    """Return what the proposal bids, whether it stands in a place, and whether it was outbid."""
    fresh = Proposal.objects.get(pk=proposal.pk)
    return fresh.boost, fresh.holds_place, fresh.outbid_at is not None


def spends_of(proposal: Proposal) -> list[tuple[str, int, int, str]]:
    """Return part, number, amount and reason of the return of each spend on the proposal."""
    rows = ConnectSpend.objects.filter(proposal=proposal).order_by("pk")
    return list(rows.values_list("part", "sequence", "amount", "reason"))


def lift(proposal: Proposal, person: Person, boost: int, at: datetime) -> Proposal:
    return raise_boost(proposal_id=proposal.pk, boost=boost, by=person.actor, at=at)


def test_a_boost_is_spent_beside_the_cost_and_holds_a_place(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, boost=7)

    assert spends_of(proposal) == [("proposal", 1, 5, ""), ("boost", 1, 7, "")]
    assert (connects_of(bob), lots_of(bob)) == (28, [("welcome", 28)])
    assert boost_of(proposal) == (7, True, False)
    assert Event.objects.get(kind="proposals.proposal_submitted").data["connects"] == 12


def test_a_raise_spends_the_difference(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, boost=3)

    lift(proposal, bob, 4, at)
    lift(proposal, bob, 9, at)

    assert spends_of(proposal)[1:] == [("boost", 1, 3, ""), ("boost", 2, 1, ""), ("boost", 3, 5, "")]
    assert (connects_of(bob), boost_of(proposal)) == (40 - 5 - 9, (9, True, False))
    told = Event.objects.filter(kind="proposals.proposal_boosted").order_by("pk").values_list("data", flat=True)
    assert list(told) == [{"boost": 4, "connects": 1}, {"boost": 9, "connects": 5}]


@pytest.mark.parametrize("boost", [-3, 0, 2, 3])
def test_a_bid_is_not_lowered_or_repeated(bob: Person, job: Job, at: datetime, boost: int) -> None:
    proposal = bid(bob, job, at=at, boost=3)

    with nothing_happens(), pytest.raises(BoostTooLow, match="4 connects"):
        lift(proposal, bob, boost, at)


@pytest.mark.usefixtures("two_places")
def test_a_higher_bid_puts_the_lowest_out_whose_connects_come_back(
    bob: Person, chloe: Person, dan: Person, job: Job, at: datetime
) -> None:
    low, high = bid(bob, job, at=at, boost=3), bid(chloe, job, at=at, boost=5)

    taken = bid(dan, job, at=at + MINUTE, boost=4)

    assert (boost_of(low), boost_of(high), boost_of(taken)) == ((0, False, True), (5, True, False), (4, True, False))
    assert spends_of(low) == [("proposal", 1, 5, ""), ("boost", 1, 3, "outbid")]
    assert (connects_of(bob), lots_of(bob)) == (35, [("welcome", 35)])
    assert [each.pk for each in boosted_places(job.pk)] == [high.pk, taken.pk]
    outbid = Event.objects.get(kind="proposals.proposal_outbid")
    assert (outbid.subject, outbid.data, outbid.actor_party_id) == (f"proposal:{low.pk}", {"returned": 3}, None)
    tell(at + MINUTE)
    notice = Notice.objects.get(kind="proposals.proposal_outbid")
    assert (notice.user, notice.path) == (bob.user, f"/proposals/{low.pk}/")
    assert "Dan" not in str(notice.data)


@pytest.mark.usefixtures("two_places")
def test_every_raise_of_a_bid_that_is_put_out_comes_back(
    bob: Person, chloe: Person, dan: Person, job: Job, at: datetime
) -> None:
    low = bid(bob, job, at=at, boost=2)
    lift(low, bob, 3, at)
    bid(chloe, job, at=at, boost=5)

    bid(dan, job, at=at, boost=4)

    assert spends_of(low)[1:] == [("boost", 1, 2, "outbid"), ("boost", 2, 1, "outbid")]
    assert connects_of(bob) == 35


@pytest.mark.usefixtures("two_places")
@pytest.mark.parametrize("act", ["view", "offer"])
def test_what_the_client_acted_on_does_not_come_back(
    alice: Person, bob: Person, chloe: Person, dan: Person, job: Job, at: datetime, act: str
) -> None:
    low = bid(bob, job, at=at, boost=3)
    acts: dict[str, Callable[[], object]] = {
        "view": lambda: view_proposal(proposal_id=low.pk, by=alice.actor, at=at),
        "offer": lambda: mark_proposal_offered(proposal_id=low.pk, at=at),
    }
    with transaction.atomic():
        acts[act]()
    bid(chloe, job, at=at, boost=5)

    bid(dan, job, at=at, boost=4)

    assert boost_of(low) == (3, False, True)
    assert (spends_of(low)[1:], connects_of(bob)) == ([("boost", 1, 3, "")], 32)
    assert Event.objects.get(kind="proposals.proposal_outbid").data == {"returned": 0}


@pytest.mark.usefixtures("two_places")
def test_what_comes_back_does_not_tell_of_a_label_of_the_client(
    alice: Person, bob: Person, chloe: Person, dan: Person, job: Job, at: datetime
) -> None:
    low = bid(bob, job, at=at, boost=3)
    shortlist_proposal(proposal_id=low.pk, by=alice.actor, at=at)
    bid(chloe, job, at=at, boost=5)

    bid(dan, job, at=at, boost=4)

    assert (spends_of(low)[1:], connects_of(bob)) == ([("boost", 1, 3, "outbid")], 35)
    assert Event.objects.get(kind="proposals.proposal_outbid").data == {"returned": 3}


@pytest.mark.usefixtures("two_places")
def test_who_was_outbid_bids_again_for_the_whole_or_for_what_did_not_come_back(
    alice: Person, bob: Person, chloe: Person, dan: Person, job: Job, at: datetime
) -> None:
    returned, seen = bid(bob, job, at=at, boost=2), bid(chloe, job, at=at, boost=3)
    view_proposal(proposal_id=seen.pk, by=alice.actor, at=at)
    top = bid(dan, job, at=at, boost=9)  # puts Bob out
    lift(returned, bob, 4, at)  # puts Chloé out
    assert (boost_of(returned), boost_of(seen)) == ((4, True, False), (3, False, True))
    assert (connects_of(bob), connects_of(chloe)) == (40 - 5 - 4, 40 - 5 - 3)

    lift(seen, chloe, 6, at)

    assert (boost_of(returned), boost_of(seen)) == ((0, False, True), (6, True, False))
    assert (connects_of(bob), connects_of(chloe)) == (35, 40 - 5 - 6)
    assert spends_of(seen)[1:] == [("boost", 1, 3, ""), ("boost", 2, 3, "")]
    lift(returned, bob, 7, at)
    assert spends_of(returned)[1:] == [("boost", 1, 2, "outbid"), ("boost", 2, 4, "outbid"), ("boost", 3, 7, "")]
    assert [each.pk for each in boosted_places(job.pk)] == [top.pk, returned.pk]


@pytest.mark.usefixtures("two_places")
def test_an_equal_bid_takes_no_place_and_of_equal_ones_the_later_goes(
    bob: Person, chloe: Person, dan: Person, job: Job, at: datetime
) -> None:
    later, earlier = bid(bob, job, at=at + MINUTE, boost=3), bid(chloe, job, at=at, boost=3)
    with nothing_happens(), pytest.raises(BoostTooLow, match="4 connects"):
        bid(dan, job, at=at + DAY, boost=3)

    bid(dan, job, at=at + DAY, boost=4)

    assert (boost_of(earlier), boost_of(later)) == ((3, True, False), (0, False, True))


@pytest.mark.usefixtures("two_places")
@pytest.mark.parametrize("how", ["withdrawn", "declined"])
def test_a_place_that_becomes_free_waits_for_a_new_bid(
    alice: Person, bob: Person, chloe: Person, dan: Person, job: Job, at: datetime, how: str
) -> None:
    outbid, gone = bid(bob, job, at=at, boost=2), bid(chloe, job, at=at, boost=6)
    bid(dan, job, at=at, boost=3)
    if how == "withdrawn":
        withdraw_proposal(proposal_id=gone.pk, by=chloe.actor, at=at)
    else:
        decline_proposal(proposal_id=gone.pk, reason="price", by=alice.actor, at=at)

    assert (boost_of(gone), connects_of(chloe)) == ((6, False, False), 40 - 5 - 6)
    assert boost_of(outbid) == (0, False, True)
    auction = auction_for(job, party_of(bob).pk, at)
    assert (auction.amounts, auction.least, auction.rows) == ((3,), 1, ((1, 3, False), (2, 0, False)))
    lift(outbid, bob, 1, at)
    assert boost_of(outbid) == (1, True, False)


def test_four_places_are_marked_and_a_bidder_sees_amounts_and_what_a_place_takes(
    marc: Person, bob: Person, job: Job, at: datetime
) -> None:
    people = [make_approved(name, moderator=marc, at=at) for name in ("Dan", "Eli", "Fay", "Gus")]
    tell(at)
    for number, person in enumerate(people):
        bid(person, job, at=at, boost=2 + 2 * number)
    own = bid(bob, job, at=at)
    with CaptureQueriesContext(connection) as seen:
        auction = auction_for(job, party_of(bob).pk, at)

    assert len(seen) == 1
    assert (auction.places, auction.amounts, auction.least, auction.least_spend) == (4, (8, 6, 4, 2), 3, 3)
    assert (auction.is_open, auction.ends_at, auction.own_place, auction.is_outbid) == (True, at + 7 * DAY, 0, False)
    with pytest.raises(BoostTooLow):
        lift(own, bob, 2, at)
    lift(own, bob, 6, at + MINUTE)
    auction = auction_for(job, party_of(bob).pk, at)
    assert (auction.amounts, auction.own_place, auction.paid) == ((8, 6, 6, 4), 3, 6)
    assert (auction.least, auction.least_spend) == (7, 1)
    with CaptureQueriesContext(connection) as seen:
        assert place_numbers(Proposal.objects.filter(pk=own.pk)) == {own.pk: 3}
    assert len(seen) == 2
    with CaptureQueriesContext(connection) as seen:
        shown = [(each.boost, each.party.profile.title) for each in boosted_places(job.pk)]
    assert (len(seen), [boost for boost, _title in shown]) == (1, [8, 6, 6, 4])


ENDS: dict[str, Callable[[Job, Person, datetime], datetime]] = {
    "seven days": lambda _job, _alice, at: at + 7 * DAY,
    "a hire": lambda job, _alice, at: (record_hire(job_id=job.pk, at=at), at)[1],
    "a pause": lambda job, alice, at: (pause_job(job_id=job.pk, by=alice.actor, at=at), at)[1],
}


@pytest.mark.parametrize("how", ENDS)
def test_places_are_not_bid_for_any_more_after(alice: Person, bob: Person, job: Job, at: datetime, how: str) -> None:
    Job.objects.filter(pk=job.pk).update(hires_wanted=2)
    proposal = bid(bob, job, at=at, boost=2)
    late = ENDS[how](job, alice, at)

    with nothing_happens(), pytest.raises(BoostingEnded):
        lift(proposal, bob, 9, late)
    assert boost_of(proposal) == (2, True, False)


def test_the_last_moment_counts_and_a_bid_without_a_boost_is_taken_later(
    bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at, boost=2)
    lift(proposal, bob, 3, at + 7 * DAY - MOMENT)

    with nothing_happens(), pytest.raises(BoostingEnded):
        bid(chloe, job, at=at + 7 * DAY, boost=5)
    bid(chloe, job, at=at + 7 * DAY)

    assert not auction_for(job, party_of(chloe).pk, at + 7 * DAY).is_open
    assert [each.pk for each in boosted_places(job.pk)] == [proposal.pk]


def test_a_pause_does_not_stop_the_days(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    pause_job(job_id=job.pk, by=alice.actor, at=at)
    resume_job(job_id=job.pk, by=alice.actor, at=at + 6 * DAY)

    lift(proposal, bob, 2, at + 6 * DAY)
    with pytest.raises(BoostingEnded):
        lift(proposal, bob, 3, at + 7 * DAY)


def test_without_places_nothing_is_bid_for(bob: Person, job: Job, settings: Any, at: datetime) -> None:
    settings.PRODUCT = replace(rules(), boost_places=0)

    with nothing_happens(), pytest.raises(BoostingEnded):
        bid(bob, job, at=at, boost=1)


def test_minimum_and_step_are_settings(bob: Person, chloe: Person, job: Job, settings: Any, at: datetime) -> None:
    settings.PRODUCT = replace(rules(), boost_places=1, boost_minimum=3, boost_step=4)

    with nothing_happens(), pytest.raises(BoostTooLow, match="3 connects"):
        bid(bob, job, at=at, boost=2)
    bid(bob, job, at=at, boost=3)
    with nothing_happens(), pytest.raises(BoostTooLow, match="7 connects"):
        bid(chloe, job, at=at, boost=6)
    bid(chloe, job, at=at, boost=7)


def test_fewer_places_than_stand_are_emptied_by_the_next_bid(
    bob: Person, chloe: Person, dan: Person, job: Job, settings: Any, at: datetime
) -> None:
    one, two = bid(bob, job, at=at, boost=2), bid(chloe, job, at=at, boost=3)
    settings.PRODUCT = replace(rules(), boost_places=1)

    bid(dan, job, at=at, boost=4)

    assert (boost_of(one), boost_of(two)) == ((0, False, True), (0, False, True))
    assert (connects_of(bob), connects_of(chloe)) == (35, 35)


def test_what_cannot_be_paid_together_is_refused_whole(bob: Person, job: Job, at: datetime) -> None:
    with nothing_happens(), pytest.raises(CannotAffordConnects, match="costs 36 connects and you have 35 left"):
        bid(bob, job, at=at, boost=36)
    proposal = bid(bob, job, at=at, boost=35)
    with nothing_happens(), pytest.raises(CannotAffordConnects, match="costs 1 connect and you have 0 left"):
        lift(proposal, bob, 36, at)


def test_only_who_bids_boosts(alice: Person, bob: Person, chloe: Person, marc: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    finance = make_member("Fred", party_of(bob), "finance", at=at)

    for person in (alice, chloe, marc, finance):
        with nothing_happens(), pytest.raises(NotAllowed):
            lift(proposal, person, 3, at)


def test_an_ended_proposal_is_not_boosted(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)

    with nothing_happens(), pytest.raises(ProposalNotLive):
        lift(proposal, bob, 3, at)


def test_a_job_closed_without_a_hire_returns_cost_and_boost_together(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at, boost=3)
    lift(proposal, bob, 7, at)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    tell(at)

    assert spends_of(proposal) == [("proposal", 1, 5, "closed"), ("boost", 1, 3, "closed"), ("boost", 2, 4, "closed")]
    assert (connects_of(bob), boost_of(proposal)) == (40, (0, False, False))
    assert Event.objects.get(kind="proposals.connects_returned").data == {"amount": 12, "reason_code": "closed"}


def test_an_unopened_boost_comes_back_with_the_cost_and_gives_its_place_up(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, boost=3)

    assert return_unopened(at=at + 14 * DAY) == 1

    assert (connects_of(bob), boost_of(proposal)) == (40, (0, False, False))
    assert list(boosted_places(job.pk)) == []


def test_anothers_hire_and_withdrawal_return_nothing(bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    stays, goes = bid(bob, job, at=at, boost=3), bid(chloe, job, at=at, boost=4)
    withdraw_proposal(proposal_id=goes.pk, by=chloe.actor, at=at)
    record_hire(job_id=job.pk, at=at)
    tell(at)

    assert (connects_of(bob), connects_of(chloe)) == (32, 31)
    assert [reason for *_rest, reason in spends_of(stays) + spends_of(goes)] == [""] * 4


@pytest.mark.usefixtures("two_places")
def test_a_boost_of_several_lots_goes_back_to_each(
    bob: Person, chloe: Person, dan: Person, job: Job, at: datetime
) -> None:
    stock_up(bob, 10, at=at)
    low = bid(bob, job, at=at, boost=38)
    assert lots_of(bob) == [("welcome", 0), ("purchase", 7)]
    stock_up(chloe, 20, at=at)
    stock_up(dan, 20, at=at)
    bid(chloe, job, at=at, boost=50)

    bid(dan, job, at=at, boost=39)

    assert (boost_of(low), lots_of(bob)) == ((0, False, True), [("welcome", 35), ("purchase", 10)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"part": "boost", "sequence": 0},
        {"part": "proposal", "sequence": 2},
        {"part": "proposal", "sequence": 1, "returned": "outbid"},
        {"part": "odd", "sequence": 1},
        {"part": "boost", "sequence": 1, "amount": 0},
    ],
)
def test_the_database_refuses_spends_that_no_verb_makes(
    bob: Person, job: Job, at: datetime, wrong: dict[str, Any]
) -> None:
    proposal = bid(bob, job, at=at)
    reason = wrong.pop("returned", "")
    row = {"amount": 5, "created_at": at, "returned_at": at if reason else None, "reason": reason, **wrong}
    if row["part"] == "proposal":
        proposal = Proposal.objects.create(
            **{
                field: getattr(proposal, field)
                for field in ("job", "party", "author", "amount", "currency", "fee_version", "letter", "created_at")
            },
            status="withdrawn",
            ended_at=at,
        )

    with pytest.raises(IntegrityError, match="proposals_connectspend_"), transaction.atomic():
        ConnectSpend.objects.create(proposal=proposal, **row)


def test_the_database_refuses_a_bid_without_its_moment(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)

    with pytest.raises(IntegrityError, match="proposals_proposal_boosted_at"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(boost=3)
