"""What moderators decide about reports, on one screen, through the product's own verbs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from accounts.actions import save_party
from accounts.models import Party
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, make_staff, sign_in
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.machine import CLIENT, FREELANCER, STAFF, SYSTEM
from events.actions import deliver_due
from events.models import Event
from jobs.actions import remove_job
from jobs.models import Job
from jobs.tests.posts import party_of
from notifications.models import Notice
from profiles.actions import request_profile_changes
from profiles.models import Profile
from tests.nothing import nothing_happens
from trust.actions import (
    CaseChanged,
    CaseDecided,
    WhyMissing,
    WrongThing,
    clear_reported_page,
    dismiss_reports,
    hear_decision,
    remove_reported_job,
    report_client,
    report_job,
    report_profile,
    send_back_reported_profile,
    uphold_reports,
)
from trust.models import ReportCase

CHANGE = "/admin/trust/reportcase/{pk}/change/"
DECIDE = "/admin/trust/reportcase/{pk}/{decision}/decide/"


def told(kind: str, at: datetime) -> dict[str, str]:
    """Return who was told of a kind of event, and what."""
    deliver_due(at=at)
    return {notice.user.first_name: str(notice.data.get("outcome", "")) for notice in Notice.objects.filter(kind=kind)}


def test_dismissed_reports_change_nothing_and_their_reporters_are_told(
    case: ReportCase, job: Job, marc: Person, at: datetime
) -> None:
    eve = make_client("Eve", at=at)
    report_job(job_id=job.pk, reason="spam", text="", by=eve.actor, at=at)

    dismiss_reports(case_id=case.pk, seen_reports=2, reason=" They do not. ", by=marc.actor, at=at)

    case.refresh_from_db()
    assert (case.status, case.decision, case.note, case.decided_by) == ("dismissed", "", "They do not.", marc.user)
    job.refresh_from_db()
    assert job.status == "open"
    assert told("trust.report_answered", at) == {"Bob": "dismissed", "Eve": "dismissed"}


def test_a_removed_job_tells_its_client_why_and_its_reporter_that_we_looked(
    client: Client, case: ReportCase, job: Job, alice: Person, marc: Person, at: datetime
) -> None:
    remove_reported_job(case_id=case.pk, seen_reports=1, reason="Vouchers are no pay.", by=marc.actor, at=at)

    job.refresh_from_db()
    case.refresh_from_db()
    assert (job.status, job.removal_reason) == ("removed", "Vouchers are no pay.")
    assert (case.status, case.decision) == ("upheld", "removed")
    assert told("trust.report_answered", at) == {"Bob": "upheld"}
    assert list(told("jobs.job_removed", at)) == ["Alice"]
    sign_in(client, alice)
    assert "Vouchers are no pay." in client.get(f"/jobs/{job.pk}/").content.decode()
    assert Event.objects.filter(kind__startswith="trust.reports_").count() == 1, "the removal is not heard again"


def test_a_profile_is_sent_back_with_its_points(profile: Profile, bob: Person, marc: Person, at: datetime) -> None:
    case = report_profile(profile_id=profile.pk, reason="contact", text="", by=bob.actor, at=at).case
    with nothing_happens(), pytest.raises(DomainError):
        send_back_reported_profile(
            case_id=case.pk, seen_reports=1, seen_version=profile.version, points=[], reason="Why", by=marc.actor, at=at
        )
    send_back_reported_profile(
        case_id=case.pk,
        seen_reports=1,
        seen_version=profile.version,
        points=["contact"],
        reason="Take the number out.",
        by=marc.actor,
        at=at,
    )
    profile.refresh_from_db()
    case.refresh_from_db()
    assert (profile.status, case.status, case.decision) == ("changes_requested", "upheld", "sent_back")
    review = profile.reviews.latest("pk")
    assert (review.points, review.note) == (["contact"], "Take the number out.")


def _with_about(alice: Person, at: datetime) -> Party:
    party = party_of(alice)
    return save_party(
        party_id=party.pk, company_name="Brise", about="No women, please.", place="", country="FR",
        time_zone="Europe/Paris", by=alice.actor, at=at,
    )  # fmt: skip


def test_the_text_of_a_page_is_taken_down_and_the_client_reads_why(
    alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    party = _with_about(alice, at)
    case = report_client(party_id=party.pk, reason="illegal", text="", by=bob.actor, at=at).case
    clear_reported_page(case_id=case.pk, seen_reports=1, reason="It discriminates.", by=marc.actor, at=at)
    party.refresh_from_db()
    case.refresh_from_db()
    assert (party.about, case.status, case.decision) == ("", "upheld", "cleared")
    deliver_due(at=at)
    (notice,) = Notice.objects.filter(kind="accounts.about_cleared")
    assert (notice.user, notice.data["why"]) == (alice.user, "It discriminates.")


def test_each_decision_fits_one_kind_of_thing(case: ReportCase, marc: Person, at: datetime) -> None:
    with nothing_happens(), pytest.raises(WrongThing):
        clear_reported_page(case_id=case.pk, seen_reports=1, reason="No.", by=marc.actor, at=at)
    with nothing_happens(), pytest.raises(WrongThing):
        send_back_reported_profile(
            case_id=case.pk, seen_reports=1, seen_version=1, points=["title"], reason="No.", by=marc.actor, at=at
        )


def test_a_decision_is_about_all_that_was_reported_and_has_a_reason(
    case: ReportCase, job: Job, marc: Person, at: datetime
) -> None:
    report_job(job_id=job.pk, reason="spam", text="", by=make_client("Eve", at=at).actor, at=at)
    with nothing_happens(), pytest.raises(CaseChanged):
        dismiss_reports(case_id=case.pk, seen_reports=1, reason="No.", by=marc.actor, at=at)
    with nothing_happens(), pytest.raises(WhyMissing):
        dismiss_reports(case_id=case.pk, seen_reports=2, reason=" ", by=marc.actor, at=at)


def test_who_is_bound_does_not_decide(
    case: ReportCase, job: Job, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    report_job(job_id=job.pk, reason="spam", text="", by=marc.actor, at=at)  # Marc reports it himself
    insider = make_staff("Maya", "moderator", at=at)
    make_member("Maya", party_of(alice), "member", email="maya.member@example.com", at=at)
    alice_of_staff = Actor(user_id=alice.user.pk, groups=frozenset({"moderator"}))
    supporter = make_staff("Samir", "support", at=at)
    for by in (marc.actor, alice_of_staff, bob.actor, alice.actor, supporter.actor, Actor.anonymous()):
        with nothing_happens(), pytest.raises(NotAllowed):
            dismiss_reports(case_id=case.pk, seen_reports=2, reason="No.", by=by, at=at)
    assert dismiss_reports(case_id=case.pk, seen_reports=2, reason="No.", by=insider.actor, at=at).status == "dismissed"


def test_what_staff_do_on_the_things_own_screen_answers_the_reports(
    case: ReportCase, job: Job, profile: Profile, bob: Person, marc: Person, at: datetime
) -> None:
    other = report_profile(profile_id=profile.pk, reason="spam", text="", by=bob.actor, at=at).case
    remove_job(job_id=job.pk, reason="Vouchers.", by=marc.actor, at=at)
    request_profile_changes(
        profile_id=profile.pk, seen_version=profile.version, points=["title"], note="Say more.", by=marc.actor, at=at
    )
    assert told("trust.report_answered", at) == {"Bob": "upheld"}
    found = [(each.status, each.decision, each.note, each.decided_by) for each in ReportCase.objects.order_by("pk")]
    assert found == [
        ("upheld", "removed", "Vouchers.", marc.user),
        ("upheld", "sent_back", "Say more.", marc.user),
    ]
    assert other.pk != case.pk
    with nothing_happens():
        hear_decision(case_id=case.pk, decision="removed", reason="", decided_by_id=None, at=at)


Verb = Callable[[ReportCase, Actor, datetime], object]
VERBS: dict[str, Verb] = {
    "report_job": lambda case, by, at: report_job(job_id=case.job_id or 0, reason="spam", text="", by=by, at=at),
    "dismiss_reports": lambda case, by, at: dismiss_reports(
        case_id=case.pk, seen_reports=1, reason="No.", by=by, at=at
    ),
    "uphold_reports": lambda case, by, at: uphold_reports(case_id=case.pk, seen_reports=1, reason="Yes.", by=by, at=at),
    "remove_reported_job": lambda case, by, at: remove_reported_job(
        case_id=case.pk, seen_reports=1, reason="Yes.", by=by, at=at
    ),
}


class Undone(Exception):
    """Takes back what one allowed cell did, so that the next one starts from the same state."""


@pytest.mark.parametrize("status", ReportCase.Status.values)
def test_the_table_is_what_happens(case: ReportCase, marc: Person, at: datetime, status: str) -> None:
    if status != ReportCase.Status.OPEN:
        finish = dismiss_reports if status == ReportCase.Status.DISMISSED else uphold_reports
        finish(case_id=case.pk, seen_reports=1, reason="Read.", by=marc.actor, at=at)
    people = {
        CLIENT: make_client("Eve", at=at).actor,
        FREELANCER: make_freelancer("Nils", at=at).actor,
        STAFF: marc.actor,
        SYSTEM: Actor.system(),
    }
    allowed = {
        (verb, role): row.to
        for row in ReportCase.TRANSITIONS
        for verb in VERBS
        for role in people
        if row.verb == verb and row.frm == status and role in row.actors
    }
    with nothing_happens():
        for verb, act in VERBS.items():
            for role, by in people.items():
                if (verb, role) in allowed or (verb == "report_job" and role != SYSTEM):
                    continue
                with pytest.raises(DomainError) as refused:
                    act(case, by, at)
                assert role != STAFF or type(refused.value) is CaseDecided, verb
    for (verb, role), after in allowed.items():
        with contextlib.suppress(Undone), transaction.atomic():
            VERBS[verb](case, people[role], at)
            assert (verb, ReportCase.objects.get().status) == (verb, after)
            raise Undone


def test_the_queue_has_one_line_for_each_thing_and_says_what_is_late(
    client: Client, case: ReportCase, job: Job, bob: Person, marc: Person, at: datetime
) -> None:
    report_job(job_id=job.pk, reason="spam", text="", by=make_client("Eve", at=at).actor, at=at)
    ReportCase.objects.update(opened_at=at - timedelta(days=400), due_at=at - timedelta(days=398))
    sign_in(client, marc)
    page = client.get("/admin/trust/reportcase/").content.decode()
    assert page.count(job.title) == 1
    assert "a scam, or payment outside, spam, or a copy" in page
    assert "<strong>late</strong>" in page


def test_one_screen_shows_the_thing_its_reports_and_earlier_ones(
    client: Client, case: ReportCase, job: Job, bob: Person, marc: Person, at: datetime
) -> None:
    dismiss_reports(case_id=case.pk, seen_reports=1, reason="They do not.", by=marc.actor, at=at)
    second = report_job(job_id=job.pk, reason="spam", text="<script>1</script>", by=bob.actor, at=at).case
    sign_in(client, marc)
    page = client.get(CHANGE.format(pk=second.pk)).content.decode()
    for words in (
        job.title,
        "Bob",
        "&lt;script&gt;1&lt;/script&gt;",
        "No rule was touched.",
        "They do not.",
    ):
        assert words in page
    assert "Take the text down" not in page
    assert client.get(CHANGE.format(pk=999_999)).status_code == 404

    remove = DECIDE.format(pk=second.pk, decision="remove")
    refused = client.post(remove, {"seen_reports": "7", "reason": "Fees asked."})
    assert refused.status_code == 409
    assert "Fees asked." in refused.content.decode(), "what was typed is kept"
    with nothing_happens():
        assert client.post(DECIDE.format(pk=second.pk, decision="nothing"), {"reason": "x"}).status_code == 404
    done = client.post(remove, {"seen_reports": "1", "reason": "Fees asked."})
    assert done.status_code == 302
    second.refresh_from_db()
    assert (second.status, second.decision) == ("upheld", "removed")
    sign_in(client, bob)
    mine = client.get(f"/reports/{second.reports.get().pk}/").content.decode()
    assert "It was against the rules." in mine
    assert "Fees asked." not in mine
