"""Jobs that freelancers save and hide."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, make_freelancer, sign_in
from core.errors import NotAllowed, NotFound
from jobs.actions import ReasonUnknown, hide_job, remove_job, save_job, unmark_job
from jobs.models import Job, JobMark
from jobs.tests.posts import draft_job, open_job, party_of
from tests.nothing import nothing_happens


@pytest.fixture
def job(alice: Person, marc: Person, at: datetime) -> Job:
    """Return an open job of Alice."""
    return open_job(alice, moderator=marc, at=at)


def marks() -> list[tuple[int, int, str, str]]:
    return list(JobMark.objects.order_by("pk").values_list("party_id", "job_id", "kind", "reason"))


def test_a_job_is_saved_once_then_hidden_then_forgotten(bob: Person, job: Job, at: datetime) -> None:
    party = party_of(bob).pk
    for _time in range(2):
        save_job(job_id=job.pk, by=bob.actor, at=at)
        assert marks() == [(party, job.pk, "saved", "")]
    hide_job(job_id=job.pk, reason="price", by=bob.actor, at=at + timedelta(days=1))
    assert marks() == [(party, job.pk, "hidden", "price")]
    hide_job(job_id=job.pk, reason="vague", by=bob.actor, at=at + timedelta(days=1))
    assert marks() == [(party, job.pk, "hidden", "vague")]
    for _time in range(2):
        unmark_job(job_id=job.pk, by=bob.actor)
        assert marks() == []


def test_a_saved_job_keeps_the_day_it_was_saved(bob: Person, job: Job, at: datetime) -> None:
    save_job(job_id=job.pk, by=bob.actor, at=at)
    assert save_job(job_id=job.pk, by=bob.actor, at=at + timedelta(days=3)).created_at == at


def test_clients_staff_and_reasons_of_ones_own_are_refused(
    alice: Person, bob: Person, marc: Person, job: Job, at: datetime
) -> None:
    with nothing_happens():
        for person in (alice, marc):
            with pytest.raises(NotAllowed):
                save_job(job_id=job.pk, by=person.actor, at=at)
            with pytest.raises(NotAllowed):
                hide_job(job_id=job.pk, reason="price", by=person.actor, at=at)
            with pytest.raises(NotAllowed):
                unmark_job(job_id=job.pk, by=person.actor)
        for reason in ("", "because"):
            with pytest.raises(ReasonUnknown):
                hide_job(job_id=job.pk, reason=reason, by=bob.actor, at=at)


def test_a_job_that_one_may_not_see_is_not_saved(bob: Person, alice: Person, at: datetime) -> None:
    draft = draft_job(alice, at=at)
    with nothing_happens(), pytest.raises(NotFound):
        save_job(job_id=draft.pk, by=bob.actor, at=at)


def test_a_hidden_job_leaves_the_list_and_search_of_who_hid_it_alone(
    client: Client, alice: Person, bob: Person, marc: Person, job: Job, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at, title="Another checkout")
    hide_job(job_id=job.pk, reason="field", by=bob.actor, at=at)
    sign_in(client, bob)
    for address in ("/jobs/", "/jobs/?q=checkout", "/jobs/?q=checkout&sort=best"):
        page = client.get(address).content.decode()
        assert job.title not in page, address
        assert "Another checkout" in page, address
        assert "1 job<" in page, address
    assert client.get(f"/jobs/{job.pk}/").status_code == 200
    others = Client()
    assert job.title in others.get("/jobs/").content.decode()
    sign_in(others, make_freelancer("Dan", email="dan@example.com", at=at))
    assert job.title in others.get("/jobs/").content.decode()


def test_filters_to_take_off_do_not_bring_hidden_jobs(client: Client, bob: Person, job: Job, at: datetime) -> None:
    hide_job(job_id=job.pk, reason="field", by=bob.actor, at=at)
    sign_in(client, bob)
    page = client.get("/jobs/?level=expert")
    assert page.context["removals"] == []


def test_the_list_costs_no_statement_more(client: Client, bob: Person, job: Job, at: datetime) -> None:
    sign_in(client, bob)
    client.get("/jobs/")
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as seen:
            client.get("/jobs/")
        counts.append(len(seen.captured_queries))
        hide_job(job_id=job.pk, reason="field", by=bob.actor, at=at)
    assert counts[0] == counts[1]


def test_the_page_saves_hides_and_shows_again_with_and_without_scripts(client: Client, bob: Person, job: Job) -> None:
    sign_in(client, bob)
    assert "Save the job" in client.get(f"/jobs/{job.pk}/").content.decode()
    fragment = client.post(f"/jobs/{job.pk}/save/", headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in fragment
    assert "<html" not in fragment
    assert f'action="/jobs/{job.pk}/unmark/"' in client.get(f"/jobs/{job.pk}/").content.decode()
    assert job.title in client.get("/jobs/saved/").content.decode()
    with nothing_happens():
        refused = client.post(f"/jobs/{job.pk}/hide/", {})
    assert refused.status_code == 422
    assert "Choose why you hide this job." in refused.content.decode()
    assert client.post(f"/jobs/{job.pk}/hide/", {"reason": "client"})["Location"] == "/jobs/"
    assert "No saved jobs" in client.get("/jobs/saved/").content.decode()
    assert "I have doubts about the client" in client.get("/jobs/saved/?tab=hidden").content.decode()
    assert "You hid this job" in client.get(f"/jobs/{job.pk}/").content.decode()
    response = client.post(f"/jobs/{job.pk}/unmark/", {"back": "hidden"})
    assert response["Location"] == "/jobs/saved/?tab=hidden"
    assert marks() == []


def test_a_removed_job_leaves_the_list_of_saved_ones(
    client: Client, bob: Person, marc: Person, job: Job, at: datetime
) -> None:
    save_job(job_id=job.pk, by=bob.actor, at=at)
    remove_job(job_id=job.pk, reason="Free work.", by=marc.actor, at=at)
    sign_in(client, bob)
    page = client.get("/jobs/saved/")
    assert job.title not in page.content.decode()
    assert page.context["saved"] == 0


def test_visitors_and_clients_see_no_button(client: Client, alice: Person, job: Job) -> None:
    assert "Save the job" not in client.get(f"/jobs/{job.pk}/").content.decode()
    sign_in(client, alice)
    assert "Save the job" not in client.get(f"/jobs/{job.pk}/").content.decode()
