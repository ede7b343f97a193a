"""Up to four proposals of a job side by side, for its client alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.queries import acting
from accounts.tests.cast import Person, make_client
from core.clock import now
from jobs.models import Job
from profiles.tests.cast import make_approved
from proposals.actions import fill_scorecard, withdraw_proposal
from proposals.models import Proposal, Scorecard
from proposals.tests.cast import bid, browser, make_job, statements, tell
from tests.nothing import nothing_happens


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def job(alice: Person, at: datetime) -> Job:
    return make_job(alice, at=at, questions=["Where would you test it?", "With whom?"])


@pytest.fixture
def five(job: Job, marc: Person, at: datetime) -> list[Proposal]:
    """Return five proposals, each a minute after the last."""
    people = [make_approved(name, moderator=marc, at=at) for name in ("Ana", "Ben", "Cyd", "Dov", "Eli")]
    tell(at)
    return [
        bid(
            person,
            job,
            at=at + timedelta(minutes=number),
            amount=50_000 + 1_000 * number,
            letter=f"Letter number {number}. " + "word " * 200,
            answers=[f"At pier {number}.", f"With crew {number}."],
        )
        for number, person in enumerate(people)
    ]


@pytest.fixture
def hers(alice: Person) -> Client:
    return browser(alice)


def address(job: Job, proposals: list[Proposal]) -> str:
    return f"/jobs/{job.pk}/proposals/compare/?" + "&".join(f"p={each.pk}" for each in proposals)


def test_four_stand_side_by_side_in_the_order_of_the_choice(
    hers: Client, alice: Person, job: Job, five: list[Proposal], at: datetime
) -> None:
    fill_scorecard(proposal_id=five[1].pk, marks={"skills": 4, "price": 5}, by=alice.actor, at=at)
    chosen = [five[3], five[1], five[0], five[2]]

    page = hers.get(address(job, chosen)).content.decode()

    head = page[page.index("<thead") : page.index("</thead")]
    places = [head.index(name) for name in ("Dov D.", "Ben D.", "Ana D.", "Cyd D.")]
    assert places == sorted(places)
    for number in range(4):
        for words in (f"€5{number}0.00", f"Letter number {number}.", f"At pier {number}.", f"With crew {number}."):
            assert words in page, words
    assert "word " * 190 not in page, "the letter is teased"
    assert "4.5 of 5 by 1 person" in page
    assert "1 of 2 skills" in page


def test_a_fifth_is_left_out_and_said(hers: Client, job: Job, five: list[Proposal]) -> None:
    page = hers.get(address(job, five)).content.decode()

    assert "These are the first 4 of the 5 that you chose." in page
    assert "Letter number 4." not in page


def test_it_costs_as_many_statements_for_four_as_for_two(hers: Client, job: Job, five: list[Proposal]) -> None:
    two, four = (statements(hers, address(job, five[:number])) for number in (2, 4))

    assert two == four
    assert four <= 13


def test_what_is_not_on_the_job_or_was_withdrawn_is_left_out(
    hers: Client, alice: Person, bob: Person, job: Job, five: list[Proposal], at: datetime
) -> None:
    other = bid(bob, make_job(alice, at=at, title="Another job"), at=at, letter="For another job.")
    withdraw_proposal(proposal_id=five[0].pk, by=acting(five[0].author).actor, at=at)

    page = hers.get(address(job, [five[0], other, five[1]]) + "&p=&p=x&p=99999999999999999999999").content.decode()

    assert "Letter number 1." in page
    assert "Letter number 0." not in page
    assert "For another job." not in page
    assert "Choose up to four proposals" in hers.get(address(job, [])).content.decode()


def test_marks_are_given_in_the_comparison_and_lead_back_to_it(hers: Client, job: Job, five: list[Proposal]) -> None:
    query = f"p={five[0].pk}&p={five[1].pk}"

    answer = hers.post(f"/proposals/{five[0].pk}/scorecard/?{query}", {"skills": "5", "impression": "3"})

    assert answer.headers["Location"] == f"/jobs/{job.pk}/proposals/compare/?{query}"
    assert Scorecard.objects.values_list("skills", "price", "impression").get() == (5, None, 3)
    page = hers.get(f"/jobs/{job.pk}/proposals/compare/?{query}").content.decode()
    assert "4.0 of 5 by 1 person" in page


def test_nobody_else_compares(chloe: Person, job: Job, five: list[Proposal], at: datetime) -> None:
    visitors = [browser(person) for person in (chloe, make_client("Eve", at=at))]
    with nothing_happens():
        for visitor in visitors:
            assert visitor.get(address(job, five[:2])).status_code == 404
