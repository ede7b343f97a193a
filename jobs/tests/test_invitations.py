"""Inviting people to a job, withdrawing, declining, expiring; and the pages of both sides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_member, sign_in
from core.errors import NotAllowed, NotFound
from core.product import rules
from events.models import Event
from jobs.actions import (
    AlreadyInvited,
    DeclineReasonUnknown,
    InvitationNotWaiting,
    JobIncomplete,
    JobNotOpenToInvite,
    JobTexts,
    NotInvitable,
    TooManyInvitations,
    close_job,
    decline_invitation,
    edit_job,
    expire_invitation,
    expire_invitations,
    expire_invitations_of,
    invite_to_job,
    pause_job,
    withdraw_invitation,
)
from jobs.models import Invitation, Job, JobActivity, JobDocument
from jobs.queries import Filters, job_for, jobs_for, search_jobs
from jobs.tests.posts import DESCRIPTION, complete_terms, open_job, party_of
from messaging.guard import LeadsAway
from profiles.models import Profile
from profiles.tests.cast import approve
from taxonomy.queries import lexicon
from tests.nothing import nothing_happens

WEEK = timedelta(days=7)


@pytest.fixture
def job(alice: Person, marc: Person, at: datetime) -> Job:
    """Return an open job of Alice."""
    return open_job(alice, moderator=marc, at=at)


@pytest.fixture
def rated(bob: Person, marc: Person, at: datetime) -> Person:
    """Return Bob with an approved profile."""
    approve(bob, moderator=marc, at=at)
    return bob


def invite(job: Job, who: Person, by: Person, at: datetime, note: str = "") -> Invitation:
    return invite_to_job(job_id=job.pk, party_id=party_of(who).pk, note=note, by=by.actor, at=at)


def facts(job: Job) -> tuple[int, int]:
    return JobActivity.objects.values_list("invitations", "invitations_unanswered").get(job=job)


def test_an_invitation_waits_a_week_is_counted_and_keeps_the_job_open(
    alice: Person, rated: Person, job: Job, at: datetime
) -> None:
    later = at + timedelta(days=20)
    invitation = invite(job, rated, alice, later, note=" You know ferries. ")
    assert (invitation.status, invitation.note, invitation.expires_at) == ("invited", "You know ferries.", later + WEEK)
    job.refresh_from_db()
    assert (job.acted_at, job.expires_at) == (later, later + timedelta(days=30))
    assert facts(job) == (1, 1)
    event = Event.objects.latest("pk")
    assert (event.kind, event.subject) == ("jobs.invitation_sent", f"invitation:{invitation.pk}")


def test_strangers_unready_people_ones_own_and_second_invitations_are_refused(
    alice: Person, bob: Person, chloe: Person, marc: Person, job: Job, at: datetime
) -> None:
    with nothing_happens(), pytest.raises(NotInvitable):
        invite(job, bob, alice, at)
    approve(bob, moderator=marc, at=at)
    with nothing_happens():
        for person in (chloe, bob, marc):
            with pytest.raises(NotAllowed):
                invite(job, bob, person, at)
        with pytest.raises(LeadsAway):
            invite(job, bob, alice, at, note="Write to me at alice@gmail.com")
    Profile.objects.filter(party=party_of(bob)).update(visibility=Profile.Visibility.PRIVATE)
    with nothing_happens(), pytest.raises(NotInvitable):
        invite(job, bob, alice, at)
    Profile.objects.filter(party=party_of(bob)).update(visibility=Profile.Visibility.PUBLIC)
    first = invite(job, bob, alice, at)
    with nothing_happens(), pytest.raises(AlreadyInvited):
        invite(job, bob, alice, at)
    withdraw_invitation(invitation_id=first.pk, by=alice.actor, at=at)
    second = invite(job, bob, alice, at)
    decline_invitation(invitation_id=second.pk, reason="busy", by=bob.actor, at=at)
    with nothing_happens(), pytest.raises(AlreadyInvited):
        invite(job, bob, alice, at)
    make_member("Mona", party_of(bob), "named_worker", at=at)
    member = make_member("Hugo", party_of(alice), "hiring_manager", at=at)
    member.user.memberships.create(party=party_of(bob), role="named_worker", created_at=at)
    other = open_job(alice, moderator=marc, at=at, title="Another checkout")
    with nothing_happens(), pytest.raises(NotInvitable):
        invite(other, bob, alice, at)


def test_a_job_that_takes_no_proposals_invites_nobody(alice: Person, rated: Person, job: Job, at: datetime) -> None:
    pause_job(job_id=job.pk, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(JobNotOpenToInvite):
        invite(job, rated, alice, at)


def test_a_job_has_so_many_invitations_a_day(
    alice: Person, rated: Person, job: Job, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.actions.invitations.rules", _few)
    first = invite(job, rated, alice, at)
    withdraw_invitation(invitation_id=first.pk, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(TooManyInvitations):
        invite(job, rated, alice, at + timedelta(hours=23))
    assert invite(job, rated, alice, at + timedelta(hours=24)).status == "invited"


def _few() -> object:
    from dataclasses import replace

    return replace(rules(), invitations_a_day=1)


def test_an_invitation_is_declined_with_a_reason_and_answered_once(
    alice: Person, rated: Person, job: Job, at: datetime
) -> None:
    invitation = invite(job, rated, alice, at)
    with nothing_happens():
        with pytest.raises(NotAllowed):
            decline_invitation(invitation_id=invitation.pk, reason="busy", by=alice.actor, at=at)
        with pytest.raises(DeclineReasonUnknown):
            decline_invitation(invitation_id=invitation.pk, reason="", by=rated.actor, at=at)
        with pytest.raises(LeadsAway):
            decline_invitation(
                invitation_id=invitation.pk, reason="busy", note="Call +33 6 12 34 56 78", by=rated.actor, at=at
            )
        with pytest.raises(NotAllowed):
            withdraw_invitation(invitation_id=invitation.pk, by=rated.actor, at=at)
    declined = decline_invitation(
        invitation_id=invitation.pk, reason="busy", note=" Free in May. ", by=rated.actor, at=at
    )
    assert (declined.status, declined.decline_reason, declined.decline_note) == ("declined", "busy", "Free in May.")
    assert facts(job) == (1, 0)
    with nothing_happens():
        with pytest.raises(InvitationNotWaiting):
            decline_invitation(invitation_id=invitation.pk, reason="busy", by=rated.actor, at=at)
        with pytest.raises(InvitationNotWaiting):
            withdraw_invitation(invitation_id=invitation.pk, by=alice.actor, at=at)
        assert expire_invitation(invitation_id=invitation.pk, at=at + WEEK) == 0


def test_it_expires_after_its_days_once_and_with_its_job(alice: Person, rated: Person, job: Job, at: datetime) -> None:
    invitation = invite(job, rated, alice, at)
    with nothing_happens():
        assert expire_invitations(at=at + WEEK - timedelta(seconds=1)) == 0
    assert expire_invitations(at=at + WEEK) == 1
    with nothing_happens():
        assert expire_invitations(at=at + WEEK) == 0
    invitation.refresh_from_db()
    assert (invitation.status, invitation.ended_at) == ("expired", at + WEEK)
    again = invite(job, rated, alice, at + WEEK)
    close_job(job_id=job.pk, by=alice.actor, at=at + WEEK)
    assert expire_invitations_of(job_id=job.pk, at=at + WEEK) == 1
    again.refresh_from_db()
    assert again.status == "expired"
    assert facts(job) == (2, 0)


def test_a_job_for_those_invited_exists_for_nobody_else(
    client: Client, alice: Person, bob: Person, chloe: Person, marc: Person, at: datetime
) -> None:
    approve(bob, moderator=marc, at=at)
    job = open_job(alice, moderator=marc, at=at, visibility="invited")
    assert not JobDocument.objects.filter(job=job).exists()
    path = f"/jobs/{job.pk}/"
    assert client.get(path).status_code == 404
    assert job.title not in client.get("/sitemap-jobs.xml").content.decode()
    assert f"/jobs/{job.pk}/" not in client.get("/sitemap-jobs.xml").content.decode()
    sign_in(client, chloe)
    assert client.get(path).status_code == 404
    sign_in(client, bob)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}save/").status_code == 404
    assert client.get(f"{path}proposals/new/").status_code == 404
    invitation = invite(job, bob, alice, at)
    assert "You are invited to this job." in client.get(path).content.decode()
    assert search_jobs(Filters(), bob.actor, lexicon=lexicon(), at=at).rows == []
    assert list(jobs_for(marc.actor)) == [job]
    assert job_for(alice.actor, job.pk) == job
    withdraw_invitation(invitation_id=invitation.pk, by=alice.actor, at=at)
    assert client.get(path).status_code == 404
    with pytest.raises(NotFound):
        job_for(bob.actor, job.pk)


def test_an_open_job_is_not_hidden_but_a_hidden_one_opens(alice: Person, marc: Person, job: Job, at: datetime) -> None:
    with nothing_happens(), pytest.raises(JobIncomplete) as refused:
        edit_job(job_id=job.pk, texts=_texts("invited"), by=alice.actor, at=at)
    assert list(refused.value.problems) == ["visibility"]
    hidden = open_job(alice, moderator=marc, at=at, visibility="invited")
    edit_job(job_id=hidden.pk, texts=_texts("public"), by=alice.actor, at=at)
    assert JobDocument.objects.filter(job=hidden).exists()


def _texts(visibility: str) -> JobTexts:
    terms = complete_terms()
    return JobTexts(
        title=terms.title,
        description=DESCRIPTION,
        category_id=terms.category_id,
        skill_ids=terms.skill_ids,
        visibility=visibility,
    )


def test_the_pages_of_a_client_suggest_invite_and_withdraw(
    client: Client, alice: Person, rated: Person, job: Job, at: datetime
) -> None:
    slug = party_of(rated).profile.slug
    Profile.objects.get(slug=slug).skills.set(job.skills.all())
    from profiles.actions.documents import refresh_document

    refresh_document(Profile.objects.get(slug=slug).pk)
    sign_in(client, alice)
    page = client.get(f"/jobs/{job.pk}/invite/")
    assert [row.who.slug for row in page.context["rows"]] == [slug]
    assert f"/f/{slug}/invite/?job={job.pk}" in page.content.decode()
    assert f"/f/{slug}/invite/" in client.get("/talent/").content.decode()
    assert "Invite to a job" in client.get(f"/f/{slug}/").content.decode()
    with nothing_happens():
        refused = client.post(f"/f/{slug}/invite/", {"job": job.pk, "note": "Write to alice@gmail.com"})
    assert refused.status_code == 409
    assert client.post(f"/f/{slug}/invite/", {"job": ""}).status_code == 422
    response = client.post(f"/f/{slug}/invite/", {"job": job.pk, "note": "Join us"})
    assert response["Location"] == f"/jobs/{job.pk}/invite/"
    page = client.get(f"/jobs/{job.pk}/invite/")
    assert page.context["rows"] == []
    invitation = Invitation.objects.get()
    assert client.post(f"/invitations/{invitation.pk}/withdraw/").status_code == 302
    invitation.refresh_from_db()
    assert invitation.status == "withdrawn"


def test_the_pages_of_a_freelancer_list_and_decline(
    client: Client, alice: Person, rated: Person, job: Job, at: datetime
) -> None:
    invitation = invite(job, rated, alice, at, note="<b>Join</b> us")
    sign_in(client, rated)
    page = client.get("/invitations/").content.decode()
    assert job.title in page
    assert "&lt;b&gt;Join&lt;/b&gt; us" in page
    assert '<span class="badge badge--accent">1</span>' in client.get("/jobs/").content.decode()
    path = f"/invitations/{invitation.pk}/decline/"
    assert client.get(path).status_code == 200
    with nothing_happens():
        assert client.post(path, {}).status_code == 422
    assert client.post(path, {"reason": "price", "note": "Too little."})["Location"] == "/invitations/"
    assert job.title not in client.get("/invitations/").content.decode()
    assert job.title in client.get("/invitations/?tab=over").content.decode()
    with nothing_happens():
        assert client.post(path, {"reason": "price"}).status_code == 409
    sign_in(client, alice)
    page = client.get(f"/jobs/{job.pk}/invite/").content.decode()
    assert "Too little." in page
    assert "It pays too little" in page
