"""What a client sees and does with proposals, and that none of it reaches anybody else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, make_client, make_member
from core.clock import now
from jobs.actions import add_job_reader
from jobs.models import Job, JobActivity
from profiles.tests.cast import make_approved
from proposals.actions import archive_proposal, decline_proposal, shortlist_proposal, withdraw_proposal
from proposals.models import Proposal
from proposals.tests.cast import bid, browser, party_of, statements, tell
from tests.nothing import nothing_happens

MOST_STATEMENTS = 10
SECRET = "Only Alice may read that I start on the quay."


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def inbox(job: Job) -> str:
    return f"/jobs/{job.pk}/proposals/"


@pytest.fixture
def alices(alice: Person) -> Client:
    """Return Alice's browser."""
    return browser(alice)


@pytest.fixture
def bobs(bob: Person, job: Job, at: datetime) -> Proposal:
    """Return Bob's proposal: 900.00, written first."""
    return bid(bob, job, at=at, letter=SECRET)


@pytest.fixture
def chloes(bobs: Proposal, chloe: Person, job: Job, at: datetime) -> Proposal:
    """Return Chloé's proposal: 800.00, written a minute later."""
    return bid(chloe, job, at=at + timedelta(minutes=1), amount=80_000)


def order_of(page: str, *names: str) -> list[str]:
    """Return the names in the order in which the list has them; one that is missing is left out."""
    rows = page.partition('<ol class="card')[2]
    return sorted((name for name in names if name in rows), key=rows.index)


def test_an_empty_inbox_says_what_will_come(alices: Client, inbox: str) -> None:
    assert "No proposals yet" in alices.get(inbox).content.decode()
    assert "Nothing here" in alices.get(f"{inbox}?tab=declined").content.decode()


def test_the_inbox_shows_each_with_its_price_letter_and_news(
    alices: Client, inbox: str, bobs: Proposal, chloes: Proposal
) -> None:
    page = alices.get(inbox).content.decode()

    for words in ("€900.00", "€800.00", SECRET, "Bob D.", "Chloé D."):
        assert words in page, words
    assert page.count(">New<") == 2


def test_newest_and_the_two_prices_are_orders(
    alices: Client, inbox: str, bobs: Proposal, chloes: Proposal, job: Job, marc: Person, at: datetime
) -> None:
    dan = make_approved("Dan", moderator=marc, at=at)
    tell(at)
    bid(dan, job, at=at + timedelta(minutes=2), amount=120_000)
    names = ("Bob D.", "Chloé D.", "Dan D.")

    for sort, rows in {
        "newest": ["Dan D.", "Chloé D.", "Bob D."],
        "price": ["Chloé D.", "Bob D.", "Dan D."],
        "price-high": ["Dan D.", "Bob D.", "Chloé D."],
    }.items():
        assert order_of(alices.get(f"{inbox}?sort={sort}").content.decode(), *names) == rows, sort


def test_the_tabs_sort_what_the_client_labelled_and_declined(
    alices: Client, inbox: str, alice: Person, bobs: Proposal, chloes: Proposal, at: datetime
) -> None:
    names = ("Bob D.", "Chloé D.")
    shortlist_proposal(proposal_id=bobs.pk, by=alice.actor, at=at)
    decline_proposal(proposal_id=chloes.pk, reason="price", by=alice.actor, at=at)
    lists = {"all": ["Bob D."], "shortlisted": ["Bob D."], "interview": [], "archived": [], "declined": ["Chloé D."]}

    for tab, rows in lists.items():
        page = alices.get(f"{inbox}?tab={tab}").content.decode()
        assert order_of(page, *names) == rows, tab
        assert re.findall(r'<span class="muted">(\d+)</span></a>', page) == ["1", "1", "0", "0", "1"]

    archive_proposal(proposal_id=bobs.pk, by=alice.actor, at=at)
    for tab, rows in {"all": [], "shortlisted": [], "archived": ["Bob D."], "declined": ["Chloé D."]}.items():
        assert order_of(alices.get(f"{inbox}?tab={tab}").content.decode(), *names) == rows, tab


def test_a_withdrawn_proposal_leaves_the_inbox(
    alices: Client, inbox: str, bob: Person, bobs: Proposal, chloes: Proposal, at: datetime
) -> None:
    withdraw_proposal(proposal_id=bobs.pk, by=bob.actor, at=at)

    for tab in ("all", "shortlisted", "declined"):
        assert "Bob D." not in alices.get(f"{inbox}?tab={tab}").content.decode()


@pytest.mark.parametrize("query", ["tab=x", "tab[]=all", "sort='", "page=99999999999999999999", "page=-1", "page=%00"])
def test_nonsense_in_the_address_shows_the_inbox(alices: Client, inbox: str, bobs: Proposal, query: str) -> None:
    page = alices.get(f"{inbox}?{query}")

    assert page.status_code == 200
    assert "Bob D." in page.content.decode()


def test_twenty_proposals_cost_as_many_statements_as_one(
    alices: Client, inbox: str, bobs: Proposal, job: Job, marc: Person, at: datetime
) -> None:
    one = statements(alices, inbox)
    others = [make_approved(f"Rival{number}", moderator=marc, at=at) for number in range(19)]
    tell(at)
    for person in others:
        bid(person, job, at=at)

    assert alices.get(inbox).content.decode().count('<li class="job"') == 20
    assert statements(alices, inbox) == one
    assert one <= MOST_STATEMENTS
    JobActivity.objects.filter(job=job).update(viewed_at=at - timedelta(days=1))
    with CaptureQueriesContext(connection) as first_look:
        alices.get(f"{inbox}?q=ferry&level=expert&price_max=2000")
    asked = [query for query in first_look.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= MOST_STATEMENTS, "what is noted of the first look included"


def test_the_archive_button_works_as_a_form_and_as_a_fragment(alices: Client, inbox: str, bobs: Proposal) -> None:
    path = f"/proposals/{bobs.pk}/archive/"

    assert alices.post(path).headers["Location"] == f"{inbox}#proposal-{bobs.pk}"
    fragment = alices.post(path, {"remove": "1"}, headers={"HX-Request": "true"}).content.decode()

    assert f'id="archive-{bobs.pk}" aria-pressed="false"' in fragment, "an id keeps the focus where it was"
    bobs.refresh_from_db()
    assert (bobs.archived_at, bobs.answered_at, bobs.status) == (None, None, "submitted"), "it was no answer"


def test_the_twenty_first_is_on_the_next_page(
    alices: Client, inbox: str, bobs: Proposal, job: Job, marc: Person, at: datetime
) -> None:
    others = [make_approved(f"Rival{number}", moderator=marc, at=at) for number in range(20)]
    tell(at)
    for person in others:
        bid(person, job, at=at + timedelta(minutes=1))

    assert "Bob D." not in alices.get(inbox).content.decode()
    assert "Bob D." in alices.get(f"{inbox}?page=2").content.decode()
    longer = alices.get(f"{inbox}?show=more&all=1").content.decode()
    assert "Bob D." in longer
    assert longer.count('form="choose" checked') == 21


def test_the_shortlist_button_works_as_a_form_and_as_a_fragment(alices: Client, inbox: str, bobs: Proposal) -> None:
    path = f"/proposals/{bobs.pk}/shortlist/"

    assert alices.post(path).headers["Location"] == f"{inbox}#proposal-{bobs.pk}"
    bobs.refresh_from_db()
    assert bobs.shortlisted_at is not None
    assert 'aria-pressed="true"' in alices.get(f"/proposals/{bobs.pk}/").content.decode()

    fragment = alices.post(path, {"remove": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="false"' in fragment
    assert "<html" not in fragment
    bobs.refresh_from_db()
    assert bobs.shortlisted_at is None


def test_the_way_back_from_the_shortlist_is_one_of_ours(alices: Client, inbox: str, bobs: Proposal) -> None:
    for back, there in {
        "detail": f"/proposals/{bobs.pk}/",
        "https://evil.example/": f"{inbox}#proposal-{bobs.pk}",
    }.items():
        assert alices.post(f"/proposals/{bobs.pk}/shortlist/", {"back": back}).headers["Location"] == there


def test_declining_asks_for_a_reason_that_the_freelancer_then_reads(
    alices: Client, inbox: str, bob: Person, bobs: Proposal
) -> None:
    path = f"/proposals/{bobs.pk}/decline/"
    assert alices.get(path).status_code == 200

    done = alices.post(path, {"reason": "timing"})

    assert done.headers["Location"] == inbox
    assert "You declined this proposal: timing." in alices.get(f"/proposals/{bobs.pk}/").content.decode()
    assert "The client declined it: timing." in browser(bob).get(f"/proposals/{bobs.pk}/").content.decode()
    assert "Timing" in browser(bob).get("/proposals/?tab=ended").content.decode()


@pytest.mark.parametrize("reason", ["", "because", "price\x00", "other" * 500])
def test_a_reason_that_is_none_declines_nothing(alices: Client, bobs: Proposal, reason: str) -> None:
    with nothing_happens():
        page = alices.post(f"/proposals/{bobs.pk}/decline/", {"reason": reason})

    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


def test_a_second_no_is_told_and_changes_nothing(alices: Client, bobs: Proposal) -> None:
    path = f"/proposals/{bobs.pk}/decline/"
    alices.post(path, {"reason": "price"})

    with nothing_happens():
        page = alices.post(path, {"reason": "skills"})
    assert page.status_code == 409
    assert "already been answered, withdrawn or closed" in page.content.decode()


def test_opening_the_page_is_the_first_look_and_a_prefetch_is_none(alices: Client, bobs: Proposal) -> None:
    path = f"/proposals/{bobs.pk}/"
    with nothing_happens():
        alices.head(path)
        alices.get(path, headers={"Sec-Purpose": "prefetch;prerender"})

    page = alices.get(path).content.decode()

    bobs.refresh_from_db()
    assert bobs.status == Proposal.Status.VIEWED
    for words in (SECRET, "€900.00", "Make an offer", "Decline", "Shortlist"):
        assert words in page, words


def test_the_inbox_itself_opens_no_proposal_and_is_noted_unless_prefetched(
    alices: Client, inbox: str, job: Job, bobs: Proposal
) -> None:
    with nothing_happens():
        alices.get(inbox, headers={"Sec-Purpose": "prefetch"})
        alices.head(inbox)

    alices.get(inbox)

    bobs.refresh_from_db()
    assert bobs.status == Proposal.Status.SUBMITTED
    assert JobActivity.objects.get(job=job).viewed_at is not None


@pytest.mark.parametrize("role", ["finance", "member"])
def test_those_who_only_read_see_no_buttons_and_leave_no_trace(
    alice: Person, inbox: str, bobs: Proposal, at: datetime, role: str
) -> None:
    fay = make_member("Fay", party_of(alice), role, at=at)
    if role == "member":
        add_job_reader(job_id=bobs.job_id, user_id=fay.user.pk, by=alice.actor, at=at)
    reader = browser(fay)

    with nothing_happens():
        page = reader.get(f"/proposals/{bobs.pk}/").content.decode()
        assert reader.get(inbox).status_code == 200
        assert reader.post(f"/proposals/{bobs.pk}/shortlist/").status_code == 403
        assert reader.post(f"/proposals/{bobs.pk}/decline/", {"reason": "price"}).status_code == 403
    assert SECRET in page
    assert "Make an offer" not in page
    assert "Shortlist" not in page


def test_a_rival_sees_neither_price_nor_letter_nor_label_anywhere(
    alice: Person, chloe: Person, job: Job, bobs: Proposal, chloes: Proposal, at: datetime
) -> None:
    decline_proposal(proposal_id=bobs.pk, reason="skills", by=alice.actor, at=at)
    rival = browser(chloe)
    for path in (f"/jobs/{job.pk}/", f"/proposals/{chloes.pk}/", "/proposals/", "/proposals/?tab=ended", "/connects/"):
        page = rival.get(path)
        assert page.status_code == 200, path
        for words in ("€900.00", SECRET, "Bob D."):
            assert words not in page.content.decode(), path
    with nothing_happens():
        for way in ("", "withdraw/", "decline/", "shortlist/"):
            path = f"/proposals/{bobs.pk}/{way}"
            unknown = f"/proposals/{bobs.pk + 10_000}/{way}"
            answers = [rival.post(each, {"reason": "price"}).status_code for each in (path, unknown)]
            assert answers == ([405, 405] if way == "" else [404, 404]), way
            assert rival.get(f"/proposals/{bobs.pk}/").status_code == 404
        assert rival.get(f"/jobs/{job.pk}/proposals/").status_code == 404


def test_the_freelancer_never_reads_the_clients_label(
    alice: Person, bob: Person, job: Job, bobs: Proposal, at: datetime
) -> None:
    his = browser(bob)
    paths = (f"/proposals/{bobs.pk}/", "/proposals/", f"/jobs/{job.pk}/")
    before = [his.get(path).content.decode().lower() for path in paths]
    shortlist_proposal(proposal_id=bobs.pk, by=alice.actor, at=at)
    archive_proposal(proposal_id=bobs.pk, by=alice.actor, at=at)

    after = [his.get(path).content.decode().lower() for path in paths]

    assert not [page for page in after if "shortlist" in page or "archived" in page]
    assert [len(page) for page in after] == [len(page) for page in before]


def test_another_client_finds_neither_inbox_nor_proposal(inbox: str, bobs: Proposal, at: datetime) -> None:
    eve = browser(make_client("Eve", at=at))

    with nothing_happens():
        for path in (inbox, f"/proposals/{bobs.pk}/", f"/proposals/{bobs.pk}/decline/"):
            assert eve.get(path).status_code == 404
