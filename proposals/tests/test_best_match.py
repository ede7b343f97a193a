"""Best match: what speaks for a proposal, in what order, in what words, and nothing that can be bought."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from accounts.tests.cast import Person
from contracts.tests import cast as contracts_cast
from core.clock import now
from jobs.actions import invite_to_job
from jobs.models import Job
from payments.tests import cards
from profiles.models import PartyFacts, Profile
from proposals.inbox import Filters, inbox_of
from proposals.matching import CRITERIA, Match, best_first, wanted_of
from proposals.models import Proposal
from proposals.tests.cast import bid, browser, make_job, party_of
from taxonomy.models import Skill, Speciality


@pytest.fixture
def at() -> datetime:
    return now()


def profile_of(person: Person) -> Profile:
    return Profile.objects.get(party=party_of(person))


def bare(person: Person) -> Profile:
    """Take from a profile all that could speak for it."""
    profile = profile_of(person)
    profile.skills.clear()
    Profile.objects.filter(pk=profile.pk).update(level="", language="en", category=None)
    return profile_of(person)


def matches(job: Job, at: datetime) -> dict[int, Match]:
    wanted = wanted_of(job, at)
    found = best_first(Proposal.objects.filter(job=job), wanted, at=at, length=100)
    return {match.pk: match for match in found}


def reasons(job: Job, at: datetime) -> dict[int, list[str]]:
    page = inbox_of(job, tab="all", order="best", filters=Filters(), at=at).page
    return {row.proposal.pk: list(row.reasons) for row in page.object_list}


def test_the_weights_add_up_to_a_hundred() -> None:
    assert sum(each.weight for each in CRITERIA) == 100
    assert len({each.name for each in CRITERIA}) == len(CRITERIA)


def test_nothing_speaks_for_an_empty_profile_above_the_budget(bob: Person, alice: Person, at: datetime) -> None:
    job = make_job(alice, at=at, language="fr")
    bare(bob)
    proposal = bid(bob, job, at=at, amount=120_001)

    assert matches(job, at)[proposal.pk].score == 0
    assert reasons(job, at) == {proposal.pk: []}


def test_everything_that_speaks_for_a_proposal_is_counted_and_told(bob: Person, alice: Person, at: datetime) -> None:
    category = profile_of(bob).category
    assert category is not None
    speciality = Speciality.objects.filter(category=category)[0]
    skills = tuple(Skill.objects.order_by("pk").values_list("pk", flat=True)[:4])
    job = make_job(alice, at=at, speciality_id=speciality.pk, skill_ids=skills, level="intermediate")
    profile = profile_of(bob)
    profile.skills.set(skills[:3])
    profile.specialities.add(speciality)
    Profile.objects.filter(pk=profile.pk).update(level="expert", available_until=at + timedelta(days=3))
    PartyFacts.objects.update_or_create(party=profile.party, defaults={"contracts_ended": 2})
    invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, note="", by=alice.actor, at=at)
    proposal = bid(bob, job, at=at, amount=100_000)

    match = matches(job, at)[proposal.pk]

    assert match.score == pytest.approx(30 * 3 / 4 + 15 + 10 + 10 + 10 + 8 * 2 / 5 + 4 + 3)
    assert reasons(job, at)[proposal.pk] == [
        "3 of 4 skills",
        "Within your budget",
        str(speciality),
        "Expert",
        "English",
        "Available now",
        "2 contracts ended here",
        "Invited by you",
    ]
    with translation.override("fr"):
        assert reasons(job, at)[proposal.pk][:2] == ["3 compétences sur 4", "Dans votre budget"]


def test_half_counts_for_the_category_a_price_a_little_above_and_hours(
    bob: Person, alice: Person, at: datetime
) -> None:
    job = make_job(alice, at=at, level="expert", language="fr", skill_ids=tuple(
        Skill.objects.order_by("-pk").values_list("pk", flat=True)[:1]
    ))  # fmt: skip
    Profile.objects.filter(party=party_of(bob)).update(level="intermediate", availability="part")
    proposal = bid(bob, job, at=at, amount=120_000)

    assert matches(job, at)[proposal.pk].score == pytest.approx(7.5 + 5 + 2)
    assert reasons(job, at)[proposal.pk] == [
        "A little above your budget",
        str(profile_of(bob).category),
        "Less than 30 hours a week",
    ]


def test_a_contract_with_this_client_counts(db: None, at: datetime) -> None:
    deal = contracts_cast.make_deal(at=at, hires_wanted=3)
    contracts_cast.sign(deal)
    cards.settle_all(at)
    again = make_job(deal.alice, at=at, title="A second job of hers")
    proposal = bid(deal.bob, again, at=at)

    assert matches(again, at)[proposal.pk].values["past_work"] == 1
    assert "Worked with you before" in reasons(again, at)[proposal.pk]
    found = inbox_of(again, tab="all", order="best", filters=Filters(has_worked=True), at=at)
    assert [row.proposal.pk for row in found.page.object_list] == [proposal.pk]


def test_without_a_budget_the_usual_price_of_the_category_is_the_measure(
    bob: Person, chloe: Person, alice: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(alice, at=at)
    Job.objects.filter(pk=job.pk).update(budget=None)
    job.refresh_from_db()
    dear, cheap = bid(bob, job, at=at, amount=200_000), bid(chloe, job, at=at, amount=90_000)
    assert {match.values["price"] for match in matches(job, at).values()} == {0}

    wanted = replace(wanted_of(job, at), most=100_000, is_budget=False)
    found = {match.pk: match for match in best_first(Proposal.objects.all(), wanted, at=at, length=10)}

    assert (found[dear.pk].values["price"], found[cheap.pk].values["price"]) == (0, 1)


def test_the_best_comes_first_then_the_newest_and_pages_do_not_overlap(
    bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    first = bid(bob, job, at=at)
    second = bid(chloe, job, at=at + timedelta(minutes=1))
    wanted = wanted_of(job, at)
    every = Proposal.objects.filter(job=job)

    def order(start: int, length: int, *, are_places_first: bool = True) -> list[int]:
        found = best_first(every, wanted, at=at, start=start, length=length, are_places_first=are_places_first)
        return [match.pk for match in found]

    assert order(0, 9) == [second.pk, first.pk], "equal: the newest"
    profile_of(chloe).skills.clear()
    assert order(0, 9) == [first.pk, second.pk], "better"
    assert order(0, 1) + order(1, 1) == [first.pk, second.pk]


def test_marked_places_stand_first_in_best_match_alone_and_say_so(
    bob: Person, chloe: Person, alice: Person, job: Job, at: datetime
) -> None:
    bid(bob, job, at=at, amount=80_000)
    bid(chloe, job, at=at + timedelta(minutes=1), amount=99_000, boost=3)
    bare(chloe)
    hers = browser(alice)

    for sort, names in {"best": ["Chloé D.", "Bob D."], "price": ["Bob D.", "Chloé D."]}.items():
        page = hers.get(f"/jobs/{job.pk}/proposals/?sort={sort}").content.decode()
        assert re.findall(r'class="job__title"><a href="[^"]*">([^<]*)</a>', page) == names, sort
        assert page.count("Boosted") == 1
        assert page.index("Chloé D.</a>") < page.index("Boosted")


def test_the_public_page_tells_every_weight(alice: Person) -> None:
    page = browser(alice).get("/ranking/").content.decode()

    for each in CRITERIA:
        assert str(each.how) in page.replace("&#x27;", "'"), each.name
        assert f"<td>{each.weight}</td>" in page, each.name
