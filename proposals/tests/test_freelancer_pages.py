"""What a freelancer sees of proposals that were sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from accounts.tests.cast import Person, make_client
from core.clock import now
from jobs.models import Job
from proposals.actions import (
    close_proposal,
    decline_proposal,
    mark_proposal_hired,
    mark_proposal_offered,
    view_proposal,
    withdraw_proposal,
)
from proposals.tests.cast import LETTER, bid, browser, make_job, statements, stock_up
from tests.nothing import nothing_happens

MOST_STATEMENTS = 10


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def bobs(bob: Person) -> Client:
    """Return Bob's browser."""
    return browser(bob)


def test_open_and_ended_proposals_have_a_tab_each(bobs: Client, alice: Person, bob: Person, at: datetime) -> None:
    titles = ("Waiting", "Seen", "Offered", "Hired", "Declined", "Withdrawn", "Closed")
    jobs = {title: make_job(alice, at=at, title=f"{title} job") for title in titles}
    mine = {title: bid(bob, job, at=at).pk for title, job in jobs.items()}
    view_proposal(proposal_id=mine["Seen"], by=alice.actor, at=at)
    decline_proposal(proposal_id=mine["Declined"], reason="skills", by=alice.actor, at=at)
    withdraw_proposal(proposal_id=mine["Withdrawn"], by=bob.actor, at=at)
    close_proposal(proposal_id=mine["Closed"], reason=None, at=at)
    with transaction.atomic():
        for title in ("Offered", "Hired"):
            mark_proposal_offered(proposal_id=mine[title], at=at)
        mark_proposal_hired(proposal_id=mine["Hired"], at=at)

    opened, ended = (bobs.get(path).content.decode() for path in ("/proposals/", "/proposals/?tab=ended"))

    for title in titles:
        is_open = title in {"Waiting", "Seen", "Offered"}
        assert (f"{title} job" in opened, f"{title} job" in ended) == (is_open, not is_open), title
    assert "Skills or experience" in ended


def test_without_proposals_each_tab_says_what_to_do(bobs: Client) -> None:
    assert "No open proposals" in bobs.get("/proposals/").content.decode()
    assert "Nothing has ended" in bobs.get("/proposals/?tab=ended").content.decode()


@pytest.mark.parametrize("query", ["tab=x", "page=99999999999999999999", "page=x", "page=%00"])
def test_nonsense_in_the_address_shows_the_open_ones(
    bobs: Client, bob: Person, job: Job, at: datetime, query: str
) -> None:
    bid(bob, job, at=at)

    page = bobs.get(f"/proposals/?{query}")
    assert page.status_code == 200
    assert job.title in page.content.decode()


def test_twenty_proposals_cost_as_many_statements_as_one(
    bobs: Client, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    stock_up(bob, 100, at=at)
    later = at + timedelta(minutes=1)
    bid(bob, job, at=later)
    one = statements(bobs, "/proposals/")
    for number in range(19):
        bid(bob, make_job(alice, at=at, title=f"Job {number}"), at=later)

    assert bobs.get("/proposals/").content.decode().count('<li class="job"') == 20
    assert statements(bobs, "/proposals/") == one
    assert one <= MOST_STATEMENTS


def test_the_page_shows_the_bid_with_its_fee_and_what_the_client_did(
    bobs: Client, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    path = f"/proposals/{proposal.pk}/"
    page = bobs.get(path).content.decode()
    for words in (LETTER, "€900.00", "−€90.00", "€810.00", "The client has not opened it yet.", "Withdraw"):
        assert words in page, words
    for words in ("Make an offer", "Decline", "Shortlist"):
        assert words not in page, words

    view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)
    assert "The client has opened it." in bobs.get(path).content.decode()


def test_the_freelancers_own_look_is_not_the_clients(bobs: Client, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)

    with nothing_happens():
        bobs.get(f"/proposals/{proposal.pk}/")


def test_withdrawing_asks_first_and_then_does_it(bobs: Client, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    with nothing_happens():
        ask = bobs.get(f"/proposals/{proposal.pk}/withdraw/").content.decode()
    assert "do not come back" in ask

    done = bobs.post(f"/proposals/{proposal.pk}/withdraw/")

    assert done.headers["Location"] == f"/proposals/{proposal.pk}/"
    page = bobs.get(done.headers["Location"]).content.decode()
    assert "You withdrew it." in page
    assert "/withdraw/" not in page


def test_withdrawing_twice_is_refused_with_a_page(bobs: Client, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    bobs.post(f"/proposals/{proposal.pk}/withdraw/")

    with nothing_happens():
        again = bobs.post(f"/proposals/{proposal.pk}/withdraw/")
    assert again.status_code == 409
    assert "already been answered, withdrawn or closed" in again.content.decode()


def test_an_address_is_not_a_way_round_a_form_of_post(bobs: Client, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)

    with nothing_happens():
        bobs.get(f"/proposals/{proposal.pk}/withdraw/?confirm=1")
        assert bobs.get(f"/proposals/{proposal.pk}/shortlist/").status_code == 405
        assert bobs.post("/proposals/").status_code == 405


def test_a_client_has_no_list_of_sent_proposals(alice: Person) -> None:
    assert browser(alice).get("/proposals/").status_code == 404


@pytest.mark.parametrize("proposal_id", ["0", "99999999999999999999999", "-1", "%00"])
def test_a_proposal_that_cannot_be_is_not_found(bobs: Client, proposal_id: str) -> None:
    for way in ("", "withdraw/", "decline/"):
        assert bobs.get(f"/proposals/{proposal_id}/{way}").status_code == 404


def test_a_visitor_is_asked_to_log_in(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    for path in (f"/proposals/{proposal.pk}/", "/proposals/", "/connects/", f"/jobs/{job.pk}/proposals/new/"):
        page = Client().get(path)
        assert page.status_code == 302
        assert "/login/" in page.headers["Location"]


def test_the_jobs_page_offers_each_reader_what_they_can_do(
    bobs: Client, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    path = f"/jobs/{job.pk}/"
    form = f"/jobs/{job.pk}/proposals/new/"
    fresh = bobs.get(path).content.decode()
    for words in ("Write a proposal", "Sending costs 5 connects.", "It leaves you 35.", "€900.00", form):
        assert words in fresh, words
    proposal = bid(bob, job, at=at)
    assert f'href="/proposals/{proposal.pk}/"' in bobs.get(path).content.decode()
    assert f'href="/jobs/{job.pk}/proposals/"' in browser(alice).get(path).content.decode()
    visitor = Client().get(path).content.decode()
    assert "Log in to write a proposal" in visitor
    other = browser(make_client("Eve", at=at)).get(path).content.decode()
    assert form not in other
