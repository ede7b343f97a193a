"""A proposal that answers an invitation: it costs no connects, and the form says so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person
from core.clock import now
from core.errors import NotFound
from jobs.actions import AlreadyInvited, decline_invitation, expire_invitations, invite_to_job
from jobs.models import Invitation, Job, JobActivity
from notifications.models import Notice
from proposals.actions import withdraw_proposal
from proposals.models import ConnectSpend
from proposals.tests.cast import bid, browser, connects_of, make_job, party_of, statements, tell
from tests.nothing import nothing_happens


def invite(job: Job, alice: Person, bob: Person, at: datetime) -> Invitation:
    return invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, note="", by=alice.actor, at=at)


def test_it_costs_nothing_once(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    invitation = invite(job, alice, bob, at)
    proposal = bid(bob, job, at=at)
    invitation.refresh_from_db()
    assert (invitation.status, invitation.ended_at) == ("accepted", at)
    assert connects_of(bob) == 40
    assert not ConnectSpend.objects.exists()
    withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)
    bid(bob, job, at=at)
    assert connects_of(bob) == 35
    tell(at)
    assert JobActivity.objects.values_list("invitations", "invitations_unanswered", "proposals").get() == (1, 0, 1)


def test_others_and_late_answers_pay(alice: Person, bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    invite(job, alice, bob, at)
    bid(chloe, job, at=at)
    assert connects_of(chloe) == 35
    expire_invitations(at=at + timedelta(days=7))
    bid(bob, job, at=at + timedelta(days=7))
    assert connects_of(bob) == 35


def test_a_declined_invitation_does_not_make_it_free(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    decline_invitation(invitation_id=invite(job, alice, bob, at).pk, reason="busy", by=bob.actor, at=at)
    bid(bob, job, at=at)
    assert connects_of(bob) == 35


def test_who_has_proposed_is_not_invited(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    bid(bob, job, at=at)
    with nothing_happens(), pytest.raises(AlreadyInvited, match="already sent a proposal"):
        invite(job, alice, bob, at)


def test_only_those_invited_propose_for_a_job_of_theirs(
    alice: Person, bob: Person, chloe: Person, at: datetime
) -> None:
    job = make_job(alice, at=at, visibility="invited")
    with nothing_happens():
        for person in (bob, chloe):
            with pytest.raises(NotFound):
                bid(person, job, at=at)
    invite(job, alice, bob, at)
    assert bid(bob, job, at=at).status == "submitted"
    with nothing_happens(), pytest.raises(NotFound):
        bid(chloe, job, at=at)


def test_the_pages_say_that_it_is_free(alice: Person, bob: Person) -> None:
    job = make_job(alice, at=now())  # pages read the clock
    bobs = browser(bob)
    before = statements(bobs, f"/jobs/{job.pk}/")
    assert "Sending costs 5 connects." in bobs.get(f"/jobs/{job.pk}/").content.decode()
    invite(job, alice, bob, now())
    assert statements(bobs, f"/jobs/{job.pk}/") == before <= 10
    page = bobs.get(f"/jobs/{job.pk}/").content.decode()
    assert "Sending costs you no connects" in page
    assert "Sending costs 5" not in page
    form = bobs.get(f"/jobs/{job.pk}/proposals/new/")
    assert "The client invited you: your proposal costs no connects." in form.content.decode()
    assert form.context["left_after"] == 40


def test_both_sides_are_told(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    tell(at)
    Notice.objects.all().delete()
    invitation = invite(job, alice, bob, at)
    tell(at)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.path) == (bob.user, "jobs.invitation_sent", f"/jobs/{job.pk}/")
    assert hasattr(notice, "mail")
    decline_invitation(invitation_id=invitation.pk, reason="busy", by=bob.actor, at=at)
    tell(at)
    told = Notice.objects.latest("pk")
    assert (told.user, told.kind) == (alice.user, "jobs.invitation_declined")
