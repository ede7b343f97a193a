"""The filters of the inbox: each leaves what it names, and one that would change nothing is not offered."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import Party
from accounts.tests.cast import Person
from core.clock import now
from jobs.models import Job
from profiles.models import Profile
from proposals.actions import view_proposal
from proposals.models import Proposal
from proposals.tests.cast import bid, browser, make_job, party_of


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def job(alice: Person, at: datetime) -> Job:
    """Return a job with a question."""
    return make_job(alice, at=at, questions=["Where would you test it?"])


@pytest.fixture
def inbox(job: Job) -> str:
    return f"/jobs/{job.pk}/proposals/"


@pytest.fixture
def hers(alice: Person) -> Client:
    return browser(alice)


@pytest.fixture
def two(alice: Person, bob: Person, chloe: Person, job: Job, at: datetime) -> tuple[Proposal, Proposal]:
    """Return Bob's and Chloé's proposals, which differ in all that is filtered."""
    first = bid(bob, job, at=at, amount=90_000, letter="I would walk the quay 100% of the time.", answers=["In Brest."])
    second = bid(
        chloe, job, at=at, amount=70_000, letter="Je préfère la gare.", answers=["À Quimper, l’été."], language="fr"
    )
    Party.objects.filter(pk=party_of(chloe).pk).update(country="BE", kind=Party.Kind.AGENCY)
    Profile.objects.filter(party=party_of(chloe)).update(level="entry")
    view_proposal(proposal_id=first.pk, by=alice.actor, at=at)
    return first, second


def shown(page: str) -> list[str]:
    return sorted(re.findall(r'class="job__title"><a href="[^"]*">([^<]*)</a>', page))


#: What each filter leaves of the two.
LEFT: tuple[tuple[str, list[str]], ...] = (
    ("q=quay", ["Bob D."]),
    ("q=QUAY+walk", ["Bob D."]),
    ("q=100%25", ["Bob D."]),
    ("q=%25", ["Bob D."]),
    ("q=préfère", ["Chloé D."]),
    ("q=quay+gare", []),
    ("answer=quimper", ["Chloé D."]),
    ("answer=l’été", ["Chloé D."]),
    ("price_min=800", ["Bob D."]),
    ("price_max=800", ["Chloé D."]),
    ("price_min=700&price_max=900", ["Bob D.", "Chloé D."]),
    ("level=expert", ["Bob D."]),
    ("language=fr", ["Chloé D."]),
    ("country=BE", ["Chloé D."]),
    ("kind=agency", ["Chloé D."]),
    ("kind=freelancer", ["Bob D."]),
    ("unread=1", ["Chloé D."]),
    ("worked=1", []),
    ("country=XX&level=none&kind=client&language=xx&q=%00", ["Bob D.", "Chloé D."]),
)


def test_each_filter_leaves_what_it_names(hers: Client, inbox: str, two: tuple[Proposal, Proposal]) -> None:
    for query, names in LEFT:
        assert shown(hers.get(f"{inbox}?{query}").content.decode()) == names, query


def test_filters_that_would_change_nothing_are_not_offered(
    hers: Client, inbox: str, bob: Person, job: Job, at: datetime
) -> None:
    bid(bob, job, at=at, answers=["In Brest."])
    page = hers.get(inbox).content.decode()
    for name in ("pmin", "f-level", "f-language", "f-country", "f-kind"):
        assert f'id="{name}"' not in page, name
    for name in ("unread", "worked"):
        assert f'name="{name}"' not in page, name
    assert 'name="q"' in page
    assert 'name="answer"' in page


def test_what_differs_is_offered_and_what_is_on_can_be_taken_off(
    hers: Client, inbox: str, two: tuple[Proposal, Proposal]
) -> None:
    page = hers.get(inbox).content.decode()
    for name in ("pmin", "pmax", "f-level", "f-language", "f-country", "f-kind"):
        assert f'id="{name}"' in page, name
    assert 'name="unread"' in page
    assert 'name="worked"' not in page

    chosen = hers.get(f"{inbox}?sort=price&country=BE&price_max=800").content.decode()
    assert 'href="?sort=price&amp;price_max=800"' in chosen
    assert 'href="?sort=price&amp;country=BE"' in chosen
    assert "Belgium" in chosen
    assert "Highest price: €800.00" in chosen


def test_an_amount_that_cannot_be_read_is_said_and_left_out(
    hers: Client, inbox: str, two: tuple[Proposal, Proposal]
) -> None:
    page = hers.get(f"{inbox}?price_min=cheap").content.decode()

    assert shown(page) == ["Bob D.", "Chloé D."]
    assert "“Lowest price” was left out" in page


def test_filters_that_leave_nothing_say_how_to_go_back(
    hers: Client, inbox: str, two: tuple[Proposal, Proposal]
) -> None:
    page = hers.get(f"{inbox}?q=nowhere").content.decode()

    assert "No proposals match" in page
    assert "Clear all" in page
