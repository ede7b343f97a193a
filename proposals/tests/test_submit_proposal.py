"""Sending a proposal: what it costs, and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.tests.cast import Person, make_client, make_freelancer
from core.clock import now
from core.errors import NotAllowed
from jobs.actions import close_job
from jobs.models import Job
from ledger.queries import balance
from profiles.tests.cast import make_approved
from proposals.actions import (
    AlreadyProposed,
    AnswersMissing,
    CannotAffordConnects,
    JobNotOpen,
    LetterMissing,
    OwnJob,
    PriceTooLow,
    ProfileNotApproved,
    withdraw_proposal,
)
from proposals.models import ConnectLot, Proposal
from proposals.tests.cast import bid, make_job, tell
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


@pytest.fixture
def bob() -> Person:
    person = make_approved("Bob")
    tell(now())
    return person


@pytest.fixture
def job(alice: Person) -> Job:
    return make_job(alice)


def connects_of(person: Person) -> int:
    assert person.party is not None
    return balance(f"connects:party:{person.party.pk}", "CONNECT")


def test_a_proposal_spends_what_the_job_costs(bob: Person, job: Job) -> None:
    proposal = bid(bob, job)

    assert proposal.status == Proposal.Status.SUBMITTED
    assert job.connects_cost == 5
    assert connects_of(bob) == 35
    assert balance("spent", "CONNECT") == 5
    assert ConnectLot.objects.get(party=bob.party).left == 35


def test_a_second_proposal_on_the_same_job_is_refused(bob: Person, job: Job) -> None:
    bid(bob, job)

    with nothing_happens(), pytest.raises(AlreadyProposed):
        bid(bob, job)


def test_after_withdrawing_a_new_proposal_costs_again(bob: Person, job: Job) -> None:
    first = bid(bob, job)
    withdraw_proposal(proposal_id=first.pk, by=bob.actor, at=now())

    bid(bob, job)

    assert connects_of(bob) == 30


def test_a_freelancer_without_enough_connects_spends_none(bob: Person, alice: Person) -> None:
    for number in range(8):
        bid(bob, make_job(alice, title=f"Job {number}"))
    assert connects_of(bob) == 0
    last = make_job(alice, title="One too many")

    with nothing_happens(), pytest.raises(CannotAffordConnects):
        bid(bob, last)


def test_an_unapproved_profile_may_not_bid(job: Job) -> None:
    chloe = make_freelancer("Chloé")

    with nothing_happens(), pytest.raises(ProfileNotApproved):
        bid(chloe, job)


def test_a_client_may_not_bid(job: Job) -> None:
    eve = make_client("Eve")

    with nothing_happens(), pytest.raises(NotAllowed):
        bid(eve, job)


def test_nobody_bids_on_a_job_of_their_own(bob: Person) -> None:
    from accounts.actions import add_hat
    from accounts.queries import acting

    client_party = add_hat(kind="client", by=bob.actor, at=now())
    as_client = Person(bob.user, client_party, acting(bob.user, client_party.pk).actor)
    own = make_job(as_client)

    with nothing_happens(), pytest.raises(OwnJob):
        bid(bob, own)


def test_a_job_closed_meanwhile_costs_nothing(alice: Person, bob: Person, job: Job) -> None:
    close_job(job_id=job.pk, by=alice.actor, at=now())

    with nothing_happens(), pytest.raises(JobNotOpen):
        bid(bob, job)


def test_a_job_past_its_day_takes_no_proposal_even_before_the_sweep(bob: Person, job: Job) -> None:
    with nothing_happens(), pytest.raises(JobNotOpen):
        bid(bob, job, at=now() + timedelta(days=31))


@pytest.mark.parametrize(("amount", "is_refused"), [(499, True), (500, False)])
def test_the_least_price_is_the_least_a_milestone_pays(bob: Person, job: Job, amount: int, is_refused: bool) -> None:
    if is_refused:
        with nothing_happens(), pytest.raises(PriceTooLow):
            bid(bob, job, amount=amount)
    else:
        assert bid(bob, job, amount=amount).amount == 500


def test_an_empty_letter_is_refused(bob: Person, job: Job) -> None:
    with nothing_happens(), pytest.raises(LetterMissing):
        bid(bob, job, letter="  \n ")


def test_every_question_wants_an_answer(alice: Person, bob: Person) -> None:
    asking = make_job(alice, questions=("Which quay?", "When?"))

    with nothing_happens(), pytest.raises(AnswersMissing):
        bid(bob, asking, answers=["The north one", " "])
