"""Days and wishes of a job: said to everybody, a warning to some, an obstacle to nobody."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, sign_in
from core.actor import Actor
from jobs.actions import DatesOutOfOrder, start_draft
from jobs.models import Job
from jobs.queries import unmet_wishes
from jobs.tests.posts import complete_terms, draft_job, open_job, party_of
from jobs.tests.test_writing_pages import COMPLETE
from profiles.tests.cast import approve
from proposals.tests.cast import bid, stock_up
from tests.nothing import nothing_happens


def test_a_freelancer_is_warned_of_what_they_do_not_meet_and_may_still_bid(
    client: Client, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    approve(bob, moderator=marc, at=at)
    job = open_job(alice, moderator=marc, at=at, wanted_country="PT", wanted_language="fr")
    assert unmet_wishes(job, bob.actor) == [
        "The client prefers someone who lives here: Portugal.",
        "The client prefers a profile in this language: Français.",
    ]
    assert unmet_wishes(job, alice.actor) == unmet_wishes(job, Actor.anonymous()) == []
    sign_in(client, bob)
    for path in (f"/jobs/{job.pk}/", f"/jobs/{job.pk}/proposals/new/"):
        assert "You may still send a proposal." in client.get(path).content.decode(), path
    stock_up(bob, 20, at=at)
    assert bid(bob, job, at=at).status == "submitted"


def test_a_freelancer_who_meets_the_wishes_is_not_warned(
    client: Client, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    approve(bob, moderator=marc, at=at)
    job = open_job(alice, moderator=marc, at=at, wanted_country=str(party_of(bob).country), wanted_language="en")
    sign_in(client, bob)
    client.get(f"/jobs/{job.pk}/")
    with CaptureQueriesContext(connection) as seen:
        page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert len([query for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]]) <= 10
    assert "Preferred" in page
    assert "You may still send a proposal." not in page


def test_days_out_of_order_are_refused_by_form_verb_and_database(client: Client, alice: Person, at: datetime) -> None:
    sign_in(client, alice)
    days = {"starts_on": "2026-12-24", "due_on": "2026-12-01"}
    with nothing_happens():
        response = client.post("/jobs/new/", {**COMPLETE, **days})
        assert "Enter a day that is not before the start." in response.content.decode()
        terms = complete_terms(starts_on=date(2026, 12, 24), due_on=date(2026, 12, 1))
        with pytest.raises(DatesOutOfOrder):
            start_draft(client_id=party_of(alice).pk, terms=terms, by=alice.actor, at=at)
    job = draft_job(alice, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(starts_on=date(2026, 12, 24), due_on=date(2026, 12, 1))


def test_days_are_shown_to_readers(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    job = open_job(alice, moderator=marc, at=at, starts_on=date(2026, 12, 1), due_on=date(2026, 12, 24))
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert '<time datetime="2026-12-01">1 December 2026</time>' in page
    assert '<time datetime="2026-12-24">24 December 2026</time>' in page
