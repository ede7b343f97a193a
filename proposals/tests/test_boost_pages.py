"""Bidding for a marked place in the browser: beside a new proposal, and with one that was sent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_member
from core.clock import now
from core.product import rules
from jobs.models import Job
from proposals.actions import view_proposal
from proposals.models import Proposal
from proposals.tests.cast import LETTER, bid, browser, connects_of, party_of, statements
from tests.nothing import nothing_happens

TYPED = {"amount": "900.50", "duration": "months", "letter": LETTER, "language": "en"}
DAY = timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def bobs(bob: Person) -> Client:
    """Return Bob's browser."""
    return browser(bob)


@pytest.fixture
def one_place(settings: Any) -> None:
    """Let a job have one marked place."""
    settings.PRODUCT = replace(rules(), boost_places=1)


def test_the_form_shows_the_places_without_names_and_sends_the_bid(
    bobs: Client, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    bid(chloe, job, at=at, boost=8)
    path = f"/jobs/{job.pk}/proposals/new/"
    page = bobs.get(path).content.decode()
    for words in ("Place 1</dt><dd>8</dd>", "Place 4</dt><dd>", "A place takes a bid of 1 connect or more now."):
        assert words in page, words
    assert "Chloé" not in page

    sent = bobs.post(path, {**TYPED, "boost": "3"})

    proposal = Proposal.objects.get(party=bob.party)
    assert sent.headers["Location"] == f"/proposals/{proposal.pk}/"
    assert (proposal.boost, connects_of(bob)) == (3, 32)


def test_without_a_bid_the_form_costs_what_it_did(bobs: Client, bob: Person, job: Job) -> None:
    bobs.post(f"/jobs/{job.pk}/proposals/new/", {**TYPED, "boost": ""})

    assert (Proposal.objects.get().boost, connects_of(bob)) == (0, 35)


@pytest.mark.usefixtures("one_place")
def test_a_bid_that_is_too_low_is_told_and_what_was_typed_is_kept(
    bobs: Client, chloe: Person, job: Job, at: datetime
) -> None:
    bid(chloe, job, at=at, boost=8)

    with nothing_happens():
        answer = bobs.post(f"/jobs/{job.pk}/proposals/new/", {**TYPED, "boost": "8"})

    page = answer.content.decode()
    assert answer.status_code == 409
    for words in ("A place takes a bid of 9 connects or more now. Nothing was spent.", LETTER, 'value="8"'):
        assert words in page, words
    assert "8 connects are too low." in page
    assert "<dt>Its boost</dt><dd>−8</dd>" in page
    assert "Send for 13 connects" in page


@pytest.mark.parametrize("boost", ["-1", "x", "1.5", "9" * 30, "1\x00"])
def test_what_is_no_bid_is_named_beside_the_field(bobs: Client, job: Job, boost: str) -> None:
    with nothing_happens():
        answer = bobs.post(f"/jobs/{job.pk}/proposals/new/", {**TYPED, "boost": boost})

    assert answer.status_code == 422
    assert 'id="id_boost_error"' in answer.content.decode()


def test_the_fragment_works_a_typed_bid_out(bobs: Client, bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    path = f"/jobs/{job.pk}/proposals/places/"
    with nothing_happens():
        page = bobs.get(f"{path}?boost=7").content.decode()
    for words in (
        "This bid costs 7 and leaves you 28.",
        '<div id="connects-sum" class="stack stack--2" hx-swap-oob="true">',
        '<span id="send-words" hx-swap-oob="true">Send for 12 connects</span>',
    ):
        assert words in page, words
    assert "You do not have that many connects." in bobs.get(f"{path}?boost=36").content.decode()
    for nonsense in ("x", "-4", "9" * 30, "%00"):
        assert "This bid" not in bobs.get(f"{path}?boost={nonsense}").content.decode()

    bid(bob, job, at=at, boost=4)
    page = bobs.get(f"{path}?boost=7").content.decode()
    assert "This bid costs 3 and leaves you 28." in page
    assert "hx-swap-oob" not in page


def test_the_page_of_a_proposal_shows_its_place_and_takes_a_raise(
    bobs: Client, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at, boost=3)
    bid(chloe, job, at=at, boost=5)
    page = bobs.get(f"/proposals/{proposal.pk}/").content.decode()
    for words in (
        "Place 2",
        ">yours</span>",
        "A raise takes 4 connects or more.",
        "Raise your bid",
    ):
        assert words in page, words
    assert re.findall(r"Place (\d)[^<]*<span[^>]*>yours</span>\s*</dt><dd>(\d+)</dd>", page) == [("2", "3")]
    assert "Chloé" not in page
    assert "Boosted: place 2" in bobs.get("/proposals/").content.decode()

    with nothing_happens():
        low = bobs.post(f"/proposals/{proposal.pk}/boost/", {"boost": "3"})
    assert (low.status_code, "bid of 4 connects or more" in low.content.decode()) == (409, True)
    with nothing_happens():
        assert bobs.post(f"/proposals/{proposal.pk}/boost/", {"boost": ""}).status_code == 422
    raised = bobs.post(f"/proposals/{proposal.pk}/boost/", {"boost": "6"})

    assert raised.headers["Location"] == f"/proposals/{proposal.pk}/"
    assert connects_of(bob) == 40 - 5 - 6
    assert "Boosted: place 1" in bobs.get("/proposals/").content.decode()


@pytest.mark.usefixtures("one_place")
@pytest.mark.parametrize("is_viewed", [False, True])
def test_who_was_outbid_reads_whether_it_came_back(
    bobs: Client, alice: Person, bob: Person, chloe: Person, job: Job, at: datetime, *, is_viewed: bool
) -> None:
    proposal = bid(bob, job, at=at, boost=3)
    if is_viewed:
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)
    bid(chloe, job, at=at, boost=5)

    page = bobs.get(f"/proposals/{proposal.pk}/").content.decode()
    assert "You were outbid." in page
    assert ("What you bid came back." in page) is not is_viewed
    assert ("so 3 connects did not come back" in page) is is_viewed
    assert "A place takes a bid of 6 connects or more now." in page
    assert "Outbid" in bobs.get("/proposals/").content.decode()
    movements = bobs.get("/connects/").content.decode()
    assert ("Returned: a higher bid took the marked place" in movements) is not is_viewed
    assert "Boost:" in movements


def test_after_the_days_nothing_is_bid_for(bobs: Client, bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, boost=3)
    Job.objects.filter(pk=job.pk).update(posted_at=at - 7 * DAY)

    page = bobs.get(f"/proposals/{proposal.pk}/").content.decode()
    assert ("Bids have ended." in page, "Raise your bid" in page) == (True, False)
    assert 'name="boost"' not in browser(chloe).get(f"/jobs/{job.pk}/proposals/new/").content.decode()
    with nothing_happens():
        late = bobs.post(f"/proposals/{proposal.pk}/boost/", {"boost": "6"})
    assert (late.status_code, "not bid for any more" in late.content.decode()) == (409, True)


def test_the_client_sees_a_mark_and_no_amount(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, boost=33)

    page = browser(alice).get(f"/proposals/{proposal.pk}/").content.decode()

    words = re.findall(r"\w+", re.sub(r"<[^>]*>", " ", page))
    assert ("Boosted" in words, "33" in words) == (True, False)


def test_finance_of_the_freelancer_reads_and_does_not_bid(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, boost=3)
    finance = browser(make_member("Fred", party_of(bob), "finance", at=at))

    page = finance.get(f"/proposals/{proposal.pk}/").content.decode()
    assert ("Place 1" in page, "Raise your bid" in page) == (True, False)
    with nothing_happens():
        assert finance.post(f"/proposals/{proposal.pk}/boost/", {"boost": "6"}).status_code == 403


def test_the_pages_stay_cheap(bobs: Client, bob: Person, job: Job, at: datetime) -> None:
    assert statements(bobs, f"/jobs/{job.pk}/proposals/new/") <= 18
    proposal = bid(bob, job, at=at, boost=3)

    assert statements(bobs, f"/proposals/{proposal.pk}/") <= 14
    assert statements(bobs, "/proposals/") <= 10
