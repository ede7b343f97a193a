"""Deleting an account ends what the person had with others: invitations, lists, reports, teams."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.actions import erase_account, invite_member
from accounts.models import Membership, PartyInvitation
from accounts.tests.cast import join_agency, make_client, make_freelancer, make_staff
from core.clock import now
from events.models import Event
from files.models import StoredFile
from jobs.actions import invite_to_job, save_search
from jobs.models import Invitation, JobReader, SavedSearch
from profiles.actions import save_talent
from profiles.models import Certification, Profile, TalentEntry
from profiles.models import Testimonial as Words  # a name that is no test's
from profiles.queries import CERTIFICATE
from profiles.tests.cast import add_certificate, ask, make_approved, make_studio, write
from proposals.tests.cast import make_job, party_of
from trust.actions import report_client, report_profile
from trust.models import Report, ReportCase

pytestmark = pytest.mark.django_db


def test_what_others_hold_of_a_freelancer_goes_or_ends() -> None:
    at = now()
    marc = make_staff("Marc", "moderator", at=at)
    alice, nora = make_client("Alice", at=at), make_client("Nora", at=at)
    bob = make_approved("Bob", moderator=marc, at=at)
    profile = Profile.objects.get(party=bob.party)
    job = make_job(alice, at=at)
    invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, by=alice.actor, at=at)
    save_talent(profile_id=profile.pk, note="Quick", by=alice.actor, at=at)
    save_search(subject="jobs", name="Kiosks", query="q=kiosk", alert="daily", by=bob.actor, at=at)
    add_certificate(bob, at=at)
    write(ask(bob, at=at), at=at)
    report_profile(profile_id=profile.pk, reason="fake", text="", by=alice.actor, at=at)
    report_client(party_id=party_of(nora).pk, reason="spam", text="", by=bob.actor, at=at)
    invite_member(party_id=party_of(nora).pk, email=bob.user.email, role="member", language="en", by=nora.actor, at=at)

    erase_account(user_id=bob.user.pk, typed_email=bob.user.email, by=bob.actor, at=at + timedelta(hours=1))

    assert Invitation.objects.get().status == Invitation.Status.EXPIRED
    for model in (TalentEntry, SavedSearch, Certification, Words, Profile):
        assert not model.objects.exists(), model
    assert not StoredFile.objects.filter(owner_kind=CERTIFICATE).exclude(owner_ref="").exists()
    assert list(Report.objects.values_list("reporter_id", "case__party_id")) == [(bob.user.pk, party_of(nora).pk)]
    assert ReportCase.objects.count() == 1
    asked = PartyInvitation.objects.get()
    assert (asked.status, asked.email) == ("expired", f"user-{bob.user.pk}@vacated.invalid")
    assert asked.next_mail_at is None


def test_a_client_takes_their_lists_and_uninvited_posts_along() -> None:
    at = now()
    marc = make_staff("Marc", "moderator", at=at)
    alice, bob = make_client("Alice", at=at), make_approved("Bob", moderator=marc, at=at)
    invite_to_job(job_id=make_job(alice, at=at).pk, party_id=party_of(bob).pk, by=alice.actor, at=at)
    save_talent(profile_id=Profile.objects.get(party=bob.party).pk, note="", by=alice.actor, at=at)
    invite_member(
        party_id=party_of(alice).pk, email="zoe@example.com", role="finance", language="en", by=alice.actor, at=at
    )

    erase_account(user_id=alice.user.pk, typed_email=alice.user.email, by=alice.actor, at=at + timedelta(hours=1))

    assert not Invitation.objects.exists()
    assert not TalentEntry.objects.exists()
    assert PartyInvitation.objects.get().status == "expired"


def test_the_team_hears_that_a_member_is_gone_and_reads_no_name() -> None:
    at = now()
    marc = make_staff("Marc", "moderator", at=at)
    studio = make_studio(moderator=marc, at=at)
    zoe = make_freelancer("Zoe", "Quist", at=at)
    member = join_agency(zoe, studio.party, at=at)
    membership = Membership.objects.get(user=zoe.user, party=studio.party)
    assert member.party == studio.party

    erase_account(user_id=zoe.user.pk, typed_email=zoe.user.email, by=zoe.actor, at=at + timedelta(hours=1))

    left = Event.objects.get(kind="accounts.member_left")
    assert left.subject == f"membership:{membership.pk}"
    assert "Quist" not in str(left.data)
    membership.refresh_from_db()
    assert membership.ended_at == at + timedelta(hours=1)
    assert not JobReader.objects.exists()
