"""Connects that come back: once, with a reason, into the lots they came from, for at least another week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.tests.cast import Person
from core.product import rules
from events.actions import deliver_due
from events.models import Event
from jobs.actions import close_job, expire_job, pause_job, record_hire, remove_job
from jobs.models import Job
from ledger.models import Entry
from profiles.tests.cast import make_approved
from proposals.actions import expire_lots, return_connects, return_unopened, view_proposal, withdraw_proposal
from proposals.handlers import close_with_the_job
from proposals.models import ConnectLot, ConnectSpend, Proposal
from proposals.tests.cast import bid, connects_of, lots_of, make_job, party_of, stock_up, tell
from tests.nothing import nothing_happens

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
Reason = ConnectSpend.Reason
End = Callable[[Job, Person, Person, datetime], object]

#: How a job ends, and why its bidders get their connects back; nothing for those that give none back.
ENDS: dict[str, tuple[End, str]] = {
    "closed": (lambda job, alice, _marc, at: close_job(job_id=job.pk, by=alice.actor, at=at), Reason.CLOSED),
    "paused and closed": (
        lambda job, alice, _marc, at: (
            pause_job(job_id=job.pk, by=alice.actor, at=at),
            close_job(job_id=job.pk, by=alice.actor, at=at),
        ),
        Reason.CLOSED,
    ),
    "expired": (lambda job, _alice, _marc, at: expire_job(job_id=job.pk, at=at + 30 * DAY), Reason.EXPIRED),
    "removed": (
        lambda job, _alice, marc, at: remove_job(job_id=job.pk, reason="Free work.", by=marc.actor, at=at),
        Reason.REMOVED,
    ),
    "filled": (
        lambda job, _alice, _marc, at: (record_hire(job_id=job.pk, at=at), record_hire(job_id=job.pk, at=at)),
        "",
    ),
    "closed after a hire": (
        lambda job, alice, _marc, at: (
            record_hire(job_id=job.pk, at=at),
            close_job(job_id=job.pk, by=alice.actor, at=at),
        ),
        "",
    ),
}


@pytest.mark.parametrize("is_viewed", [False, True])
@pytest.mark.parametrize("how", ENDS)
def test_each_end_of_a_job_closes_its_live_proposals_and_returns_what_is_due(
    alice: Person, bob: Person, chloe: Person, marc: Person, at: datetime, how: str, is_viewed: bool
) -> None:
    end, reason = ENDS[how]
    job = make_job(alice, at=at, hires_wanted=2)
    proposal, withdrawn = bid(bob, job, at=at), bid(chloe, job, at=at)
    if is_viewed:
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)
    withdraw_proposal(proposal_id=withdrawn.pk, by=chloe.actor, at=at)

    end(job, alice, marc, at)
    tell(at + 30 * DAY)

    proposal.refresh_from_db()
    withdrawn.refresh_from_db()
    assert (proposal.status, withdrawn.status) == (Proposal.Status.CLOSED, Proposal.Status.WITHDRAWN)
    assert (connects_of(bob), connects_of(chloe)) == (40 if reason else 35, 35)
    assert ConnectSpend.objects.get(proposal=proposal).reason == reason
    assert ConnectSpend.objects.get(proposal=withdrawn).reason == ""
    closed = Event.objects.get(kind="proposals.proposal_closed")
    assert (closed.subject, closed.data["reason_code"]) == (f"proposal:{proposal.pk}", reason)
    told = Event.objects.filter(kind="proposals.connects_returned").values_list("subject", "data")
    assert list(told) == ([(closed.subject, {"amount": 5, "reason_code": reason})] if reason else [])


def test_the_news_of_a_closed_job_heard_again_returns_nothing_more(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    bid(bob, job, at=at)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    tell(at)

    with nothing_happens():
        close_with_the_job(Event.objects.get(kind="jobs.job_closed"))
    assert connects_of(bob) == 40


def test_each_bidder_is_told_of_the_end_alone(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals = {who.actor.party_id: bid(who, job, at=at) for who in (bob, chloe)}
    close_job(job_id=job.pk, by=alice.actor, at=at)

    def fail_for_bob(*, proposal: Proposal, **more: Any) -> int:
        if proposal.party_id == bob.actor.party_id:
            raise RuntimeError
        return return_connects(proposal=proposal, **more)

    monkeypatch.setattr("proposals.actions.outcomes.return_connects", fail_for_bob)
    deliver_due(at=at)

    assert Proposal.objects.get(pk=proposals[bob.actor.party_id].pk).status == Proposal.Status.SUBMITTED
    assert Proposal.objects.get(pk=proposals[chloe.actor.party_id].pk).status == Proposal.Status.CLOSED
    assert (connects_of(bob), connects_of(chloe)) == (35, 40)


def test_they_go_back_to_the_lots_they_came_from(alice: Person, marc: Person, settings: Any, at: datetime) -> None:
    settings.PRODUCT = replace(rules(), welcome_connects=3)
    dan = make_approved("Dan", moderator=marc, at=at)
    tell(at)
    stock_up(dan, 10, at=at)
    before = list(ConnectLot.objects.order_by("pk").values_list("pk", "left", "expires_at"))
    job = make_job(alice, at=at)
    bid(dan, job, at=at)
    assert lots_of(dan) == [("welcome", 0), ("purchase", 8)]

    close_job(job_id=job.pk, by=alice.actor, at=at + DAY)
    tell(at + DAY)

    assert list(ConnectLot.objects.order_by("pk").values_list("pk", "left", "expires_at")) == before
    spend = ConnectSpend.objects.get()
    entries = Entry.objects.filter(transfer__key=f"connect-return:{spend.pk}").values_list("account__name", "amount")
    assert dict(entries) == {f"connects:party:{party_of(dan).pk}": 5, "spent": -5}


def test_a_lot_that_is_about_to_expire_lives_another_week(alice: Person, bob: Person, at: datetime) -> None:
    late = make_job(alice, at=at + 350 * DAY)
    bid(bob, late, at=at + 350 * DAY)
    close_job(job_id=late.pk, by=alice.actor, at=at + 361 * DAY)
    tell(at + 361 * DAY)

    assert ConnectLot.objects.get().expires_at == at + 368 * DAY
    assert expire_lots(at=at + 368 * DAY - MOMENT) == 0
    assert connects_of(bob) == 40


def test_a_lot_with_just_a_week_left_is_not_prolonged(alice: Person, bob: Person, at: datetime) -> None:
    late = make_job(alice, at=at + 350 * DAY)
    bid(bob, late, at=at + 350 * DAY)
    close_job(job_id=late.pk, by=alice.actor, at=at + 358 * DAY)
    tell(at + 358 * DAY)

    assert ConnectLot.objects.get().expires_at == at + 365 * DAY


def test_what_comes_back_after_the_lots_year_can_be_spent_for_a_week_and_then_expires_too(
    alice: Person, bob: Person, at: datetime
) -> None:
    late = make_job(alice, at=at + 364 * DAY)
    bid(bob, late, at=at + 364 * DAY)
    assert expire_lots(at=at + 365 * DAY) == 1
    assert connects_of(bob) == 0
    close_job(job_id=late.pk, by=alice.actor, at=at + 370 * DAY)
    tell(at + 370 * DAY)

    lot = ConnectLot.objects.get()
    assert (lot.left, lot.expired_at, lot.expires_at) == (5, None, at + 377 * DAY)
    assert connects_of(bob) == 5
    assert expire_lots(at=at + 377 * DAY - MOMENT) == 0
    assert expire_lots(at=at + 377 * DAY) == 1
    assert connects_of(bob) == 0


def test_two_weeks_unopened_return_the_connects_and_the_proposal_stays_live(
    bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)

    with nothing_happens():
        assert return_unopened(at=at + 14 * DAY - MOMENT) == 0
    assert return_unopened(at=at + 14 * DAY) == 1

    proposal.refresh_from_db()
    spend = ConnectSpend.objects.get()
    assert (proposal.status, proposal.ended_at) == (Proposal.Status.SUBMITTED, None)
    assert (spend.reason, spend.returned_at) == (Reason.UNOPENED, at + 14 * DAY)
    assert connects_of(bob) == 40
    assert Event.objects.get(kind="proposals.connects_returned").data["reason_code"] == "unopened"


def test_what_was_returned_unopened_is_not_returned_again(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    return_unopened(at=at + 14 * DAY)
    with nothing_happens():
        assert return_unopened(at=at + 15 * DAY) == 0

    close_job(job_id=job.pk, by=alice.actor, at=at + 16 * DAY)
    tell(at + 16 * DAY)

    proposal.refresh_from_db()
    spend = ConnectSpend.objects.get()
    assert (proposal.status, connects_of(bob)) == (Proposal.Status.CLOSED, 40)
    assert (spend.reason, spend.returned_at) == (Reason.UNOPENED, at + 14 * DAY)
    assert Event.objects.filter(kind="proposals.connects_returned").count() == 1


@pytest.mark.parametrize("what", ["viewed", "withdrawn", "closed"])
def test_only_what_nobody_opened_comes_back_after_two_weeks(
    alice: Person, bob: Person, job: Job, at: datetime, what: str
) -> None:
    proposal = bid(bob, job, at=at)
    if what == "viewed":
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + 14 * DAY)
    elif what == "withdrawn":
        withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)
    else:
        record_hire(job_id=job.pk, at=at)
        tell(at)

    with nothing_happens():
        assert return_unopened(at=at + 14 * DAY) == 0
    assert connects_of(bob) == 35


def test_a_second_proposal_has_its_own_two_weeks(bob: Person, job: Job, at: datetime) -> None:
    first = bid(bob, job, at=at)
    withdraw_proposal(proposal_id=first.pk, by=bob.actor, at=at + DAY)
    bid(bob, job, at=at + DAY)

    assert return_unopened(at=at + 14 * DAY) == 0
    assert return_unopened(at=at + 15 * DAY) == 1
    assert connects_of(bob) == 35
