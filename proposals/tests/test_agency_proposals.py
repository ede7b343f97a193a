"""Proposals of agencies: they name the worker, spend the agency's connects, and leave nobody proposed twice."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.urls import reverse

from accounts.tests.cast import Person, join_agency, leave_agency, make_agency
from jobs.models import Job
from profiles.models import Profile
from profiles.tests.cast import Studio, make_studio
from proposals.actions import (
    AlreadyProposed,
    ExclusiveToAgency,
    OwnJob,
    ProfileNotApproved,
    WorkerAlreadyProposed,
    WorkerMissing,
    withdraw_proposal,
)
from proposals.models import Proposal
from proposals.tests.cast import LETTER, bid, browser, connects_of, make_job, party_of, tell
from tests.nothing import fingerprint

FORM = {"amount": "900", "duration": "", "letter": LETTER, "language": "en"}


@pytest.fixture
def studio(marc: Person, at: datetime) -> Studio:
    """Return the agency of Olga with Nina, and Emil who is exclusive; everybody has their welcome connects."""
    made = make_studio(moderator=marc, at=at)
    tell(at)
    return made


def _refused(refusal: type[Exception], person: Person, job: Job, at: datetime, **changes: object) -> None:
    before = fingerprint()
    with pytest.raises(refusal) as caught:
        bid(person, job, at=at, **changes)
    assert type(caught.value) is refusal
    assert fingerprint() == before


@pytest.mark.parametrize("who", ["olga", "nina"])
def test_owner_and_named_workers_propose_somebody_of_the_agency(
    studio: Studio, job: Job, at: datetime, who: str
) -> None:
    person: Person = getattr(studio, who)
    proposal = bid(person, job, at=at, worker_id=studio.emil.user.pk)
    assert (proposal.party, proposal.worker, proposal.author) == (studio.party, studio.emil.user, person.user)
    assert (connects_of(studio.olga), connects_of(studio.own["emil"]), connects_of(studio.own["nina"])) == (35, 40, 40)


def test_an_agency_has_to_name_somebody_it_may_propose(studio: Studio, job: Job, bob: Person, at: datetime) -> None:
    _refused(WorkerMissing, studio.olga, job, at)
    _refused(WorkerMissing, studio.olga, job, at, worker_id=bob.user.pk)
    _refused(WorkerMissing, studio.olga, job, at, worker_id=studio.olga.user.pk)  # whose own profile is not approved
    Profile.objects.filter(party=studio.own["nina"].party).update(status="changes_requested")
    _refused(WorkerMissing, studio.olga, job, at, worker_id=studio.nina.user.pk)
    leave_agency(studio.emil, at=at)
    _refused(WorkerMissing, studio.olga, job, at, worker_id=studio.emil.user.pk)


def test_the_agencys_own_profile_has_to_be_approved(studio: Studio, job: Job, at: datetime) -> None:
    Profile.objects.filter(party=studio.party).update(status="changes_requested")
    _refused(ProfileNotApproved, studio.olga, job, at, worker_id=studio.nina.user.pk)


def test_a_freelancer_names_nobody(bob: Person, studio: Studio, job: Job, at: datetime) -> None:
    assert bid(bob, job, at=at, worker_id=studio.nina.user.pk).worker is None


def test_who_is_exclusive_proposes_only_through_the_agency(studio: Studio, job: Job, at: datetime) -> None:
    before = fingerprint()
    with pytest.raises(ExclusiveToAgency) as caught:
        bid(studio.own["emil"], job, at=at)
    assert caught.value.agency == studio.party
    assert fingerprint() == before
    assert bid(studio.own["nina"], job, at=at).worker is None
    leave_agency(studio.emil, at=at)
    assert bid(studio.own["emil"], job, at=at).worker is None


def test_nobody_is_proposed_twice_for_a_job(studio: Studio, job: Job, at: datetime) -> None:
    own = bid(studio.own["nina"], job, at=at)
    _refused(WorkerAlreadyProposed, studio.olga, job, at, worker_id=studio.nina.user.pk)
    withdraw_proposal(proposal_id=own.pk, by=studio.own["nina"].actor, at=at)
    bid(studio.olga, job, at=at, worker_id=studio.nina.user.pk)
    _refused(WorkerAlreadyProposed, studio.own["nina"], job, at)
    _refused(AlreadyProposed, studio.olga, job, at, worker_id=studio.emil.user.pk)


def test_nobody_is_proposed_by_two_agencies_for_a_job(studio: Studio, job: Job, bob: Person, at: datetime) -> None:
    bid(studio.olga, job, at=at, worker_id=studio.nina.user.pk)
    Proposal.objects.update(party=make_agency(bob, "Atelier Sud", at=at).party)
    _refused(WorkerAlreadyProposed, studio.olga, job, at, worker_id=studio.nina.user.pk)
    Proposal.objects.update(party=party_of(studio.olga))  # who paid for it


def test_no_worker_is_one_of_the_clients_people(studio: Studio, job: Job, alice: Person, at: datetime) -> None:
    join_agency(studio.nina, party_of(alice), "member", at=at)
    _refused(OwnJob, studio.olga, job, at, worker_id=studio.nina.user.pk)


def test_the_client_reads_the_worker_with_the_agency(studio: Studio, job: Job, alice: Person, at: datetime) -> None:
    proposal = bid(studio.olga, job, at=at, worker_id=studio.nina.user.pk)
    client = browser(alice)
    inbox = client.get(reverse("proposals:inbox", args=[job.pk])).content.decode()
    assert "Nina D., with Studio Nord" in inbox
    page = client.get(reverse("proposals:detail", args=[proposal.pk])).content.decode()
    assert "Nina D., with Studio Nord" in page
    assert reverse("profiles:public", args=["nina-d"]) in page
    assert reverse("profiles:public", args=["studio-nord"]) in page


def test_the_form_asks_an_agency_who_does_the_work(studio: Studio, alice: Person) -> None:
    job = make_job(alice)
    page = browser(studio.olga)
    address = reverse("proposals:new", args=[job.pk])
    assert page.get(address).content.decode().count('name="worker"') == 2
    assert page.post(address, FORM).status_code == 422
    assert page.post(address, {**FORM, "worker": str(alice.user.pk)}).status_code == 422
    assert not Proposal.objects.exists()
    assert page.post(address, {**FORM, "worker": str(studio.emil.user.pk)}).status_code == 302
    assert Proposal.objects.get().worker == studio.emil.user


def test_who_is_exclusive_reads_why_and_where_to_go(studio: Studio, alice: Person) -> None:
    job = make_job(alice)
    page = browser(studio.own["emil"])
    address = reverse("proposals:new", args=[job.pk])
    text = page.get(address).content.decode()
    assert "You work only through Studio Nord." in text
    assert reverse("profiles:public", args=["studio-nord"]) in text
    answer = page.post(address, FORM)
    assert answer.status_code == 409
    assert "works only through the agency Studio Nord" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_a_named_worker_reads_the_price_of_their_own_words_only(studio: Studio, alice: Person, at: datetime) -> None:
    own = bid(studio.nina, make_job(alice, at=at), at=at, worker_id=studio.nina.user.pk, amount=81_200)
    other = bid(studio.olga, make_job(alice, at=at, title="Kiosk"), at=at, worker_id=studio.nina.user.pk, amount=81_300)
    page = browser(studio.nina)
    assert "€812.00" in page.get(reverse("proposals:detail", args=[own.pk])).content.decode()
    assert "€813.00" not in page.get(reverse("proposals:detail", args=[other.pk])).content.decode()
    mine = page.get(reverse("proposals:mine")).content.decode()
    assert "€81" not in mine
    assert "€813.00" in browser(studio.olga).get(reverse("proposals:detail", args=[other.pk])).content.decode()
