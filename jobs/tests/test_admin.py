"""The review queue of staff and the screen on which they decide."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client

from accounts.tests.cast import Person, make_staff, sign_in
from events.models import Event
from jobs.actions import edit_draft, publish_job, withdraw_job
from jobs.tests.posts import complete_terms, open_job, review_job
from tests.nothing import nothing_happens


def test_the_queue_shows_what_waits_and_what_is_late(
    client: Client, alice: Person, chloe: Person, marc: Person, at: datetime
) -> None:
    review_job(alice, at=at - timedelta(days=400), title="An old one")
    open_job(chloe, moderator=marc, at=at, title="An open one")
    sign_in(client, marc)
    page = client.get("/admin/jobs/job/").content.decode()
    assert "An old one" in page
    assert "<strong>late</strong>" in page
    assert "An open one" not in page
    assert "An open one" in client.get("/admin/jobs/job/?state=open").content.decode()


def test_one_screen_shows_the_post_its_client_and_what_happened(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    job = review_job(alice, at=at)
    sign_in(client, marc)
    page = client.get(f"/admin/jobs/job/{job.pk}/change/").content.decode()
    for words in (job.title, "€4,200.00", "Brise", "jobs.job_submitted", "Approve and open"):
        assert words in page
    assert client.get("/admin/jobs/job/999999/change/").status_code == 404
    assert client.get("/admin/jobs/job/abc/change/").status_code == 404


def test_moderators_approve_send_back_and_remove(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    approved, back, removed = (review_job(alice, at=at) for _number in range(3))
    sign_in(client, marc)
    client.post(f"/admin/jobs/job/{back.pk}/send_back/decide/", {"seen_version": "1", "reason": "Name the files."})
    client.post(f"/admin/jobs/job/{removed.pk}/remove/decide/", {"seen_version": "1", "reason": "Free work."})
    client.post(f"/admin/jobs/job/{approved.pk}/approve/decide/", {"seen_version": "1"})
    for job in (approved, back, removed):
        job.refresh_from_db()
    assert [approved.status, back.status, removed.status] == ["open", "draft", "removed"]
    assert (back.review_note, removed.removal_reason) == ("Name the files.", "Free work.")
    assert Event.objects.get(kind="jobs.job_removed").actor_user_id == marc.user.pk


def test_a_decision_without_a_reason_or_on_an_older_version_changes_nothing(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    job = review_job(alice, at=at)
    withdraw_job(job_id=job.pk, by=alice.actor, at=at)
    edit_draft(job_id=job.pk, terms=complete_terms(title="Call me"), by=alice.actor, at=at)
    publish_job(job_id=job.pk, by=alice.actor, at=at)
    sign_in(client, marc)
    with nothing_happens():
        stale = client.post(f"/admin/jobs/job/{job.pk}/approve/decide/", {"seen_version": "1"})
        empty = client.post(f"/admin/jobs/job/{job.pk}/send_back/decide/", {"seen_version": "2", "reason": " "})
        kept = client.post(f"/admin/jobs/job/{job.pk}/remove/decide/", {"reason": "Free work."})
        assert client.get(f"/admin/jobs/job/{job.pk}/approve/decide/").status_code == 405
        assert client.post(f"/admin/jobs/job/{job.pk}/burn/decide/", {"seen_version": "2"}).status_code == 404
    assert (stale.status_code, empty.status_code, kept.status_code) == (409, 409, 409)
    assert "was changed after you opened the page" in stale.content.decode()
    assert "Say why in a sentence." in empty.content.decode()
    assert "Free work.</textarea>" in kept.content.decode()


def test_support_looks_and_others_do_not_see_it(client: Client, alice: Person, at: datetime) -> None:
    job = review_job(alice, at=at)
    for group, status in (("support", 200), ("finance", 403), ("mediator", 403)):
        sign_in(client, make_staff("Sam", group, email=f"{group}@example.com", at=at))
        page = client.get(f"/admin/jobs/job/{job.pk}/change/")
        assert page.status_code == status
        assert "Approve and open" not in page.content.decode()
        with nothing_happens():
            decided = client.post(f"/admin/jobs/job/{job.pk}/approve/decide/", {"seen_version": "1"})
        assert decided.status_code == 403
