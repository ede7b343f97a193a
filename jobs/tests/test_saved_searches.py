"""Searches that people keep, and what they hear of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, make_freelancer, sign_in
from core.errors import NotAllowed
from core.product import rules
from events.models import Event
from jobs.actions import (
    SearchEmpty,
    SearchNameTaken,
    SearchTooLong,
    TooManySearches,
    change_search,
    delete_search,
    hide_job,
    note_found,
    pause_job,
    resume_job,
    save_search,
    stop_alerts,
)
from jobs.models import Job, SavedSearch
from jobs.queries import stop_token
from jobs.tasks import send_search_alerts
from jobs.tests.posts import open_job
from notifications.actions import compose, send_due_mails
from notifications.models import Notice
from profiles.models import Profile
from profiles.tests.cast import approve
from proposals.tests.cast import tell
from taxonomy.actions import renew_edition
from taxonomy.models import Skill
from tests.nothing import nothing_happens

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def job(alice: Person, marc: Person, at: datetime) -> Job:
    """Return an open job of Alice, whose first post was read, so that the next ones open at once."""
    return open_job(alice, moderator=marc, at=at)


def save(
    who: Person, at: datetime, *, query: str = "q=checkout", alert: str = "instant", name: str = ""
) -> SavedSearch:
    return save_search(subject="jobs", name=name or f"{query} {alert}", query=query, alert=alert, by=who.actor, at=at)


def told() -> list[tuple[str, list[str]]]:
    events = Event.objects.filter(kind="jobs.search_found").order_by("pk")
    return [(event.data["count"], [each["title"] for each in event.data["found"]]) for event in events]


def test_only_new_jobs_that_match_are_told_of_and_each_once(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    save(bob, at + MINUTE)
    open_job(alice, at=at + 2 * MINUTE, title="A second checkout")
    open_job(alice, at=at + 2 * MINUTE, title="Pottery", description="Forty bowls, glazed and fired twice. " * 4)
    with nothing_happens():  # so new that a post may still be on its way
        assert send_search_alerts(at=at + 2 * MINUTE) == 0
    assert send_search_alerts(at=at + 3 * MINUTE) == 1
    assert told() == [("1", ["A second checkout"])]
    with nothing_happens():
        assert send_search_alerts(at=at + 3 * MINUTE) == 0
        assert send_search_alerts(at=at + 4 * MINUTE) == 0
    open_job(alice, at=at + 5 * MINUTE, title="A third checkout")
    assert send_search_alerts(at=at + HOUR) == 1
    assert told()[1:] == [("1", ["A third checkout"])]


def test_a_resumed_or_hidden_job_is_not_new(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    save(bob, at + MINUTE)
    pause_job(job_id=job.pk, by=alice.actor, at=at + 2 * MINUTE)
    resume_job(job_id=job.pk, by=alice.actor, at=at + 3 * MINUTE)
    hidden = open_job(alice, at=at + 4 * MINUTE, title="A hidden checkout")
    hide_job(job_id=hidden.pk, reason="field", by=bob.actor, at=at + 4 * MINUTE)
    open_job(alice, at=at + 4 * MINUTE, title="A checkout for those invited", visibility="invited")
    send_search_alerts(at=at + HOUR)
    assert told() == []


def test_daily_and_weekly_wait_for_their_day_and_keep_their_hour(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    daily, weekly = save(bob, at, alert="daily"), save(bob, at, alert="weekly")
    save(bob, at, alert="off")
    open_job(alice, at=at + HOUR, title="A second checkout")
    with nothing_happens():
        assert send_search_alerts(at=at + DAY - MINUTE) == 0
    assert send_search_alerts(at=at + DAY + HOUR) == 1
    daily.refresh_from_db()
    assert daily.next_at == at + 2 * DAY
    assert send_search_alerts(at=at + 9 * DAY) == 1
    weekly.refresh_from_db()
    daily.refresh_from_db()
    assert (weekly.next_at, daily.next_at) == (at + 14 * DAY, at + 10 * DAY)
    assert told() == [("1", ["A second checkout"])] * 2


def test_two_clocks_at_once_tell_once(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    search = save(bob, at)
    found = [{"title": "A", "language": "en", "path": "/jobs/1/"}]
    until = at + HOUR
    done = [
        note_found(search_id=search.pk, since=at, until=until, found=found, count="1", at=until) for _time in range(2)
    ]
    assert done == [1, 0]
    assert len(told()) == 1


def test_one_search_costs_a_bounded_number_of_statements(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    save(bob, at)
    costs = []
    for number in (1, 6):
        moment = at + number * HOUR
        for each in range(number):
            open_job(alice, at=moment, title=f"Checkout {number} {each}")
        with CaptureQueriesContext(connection) as seen:
            send_search_alerts(at=moment + MINUTE)
        costs.append(len(seen.captured_queries))
    assert [count for count, _titles in told()] == ["1", "6"]
    assert costs[0] == costs[1] <= 16


def test_a_skill_that_is_gone_holds_the_alerts_and_loses_nothing(
    client: Client, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    skill = Skill.objects.create(slug="quaycraft", name_en="Quaycraft", name_fr="Art des quais")
    renew_edition()
    search = save(bob, at, query="q=checkout&skills=quaycraft&category=product-design", name="Quays")
    skill.delete()
    renew_edition()
    open_job(alice, at=at + MINUTE, title="A second checkout")
    assert send_search_alerts(at=at + HOUR) == 0
    search.refresh_from_db()
    assert (search.seen_at, search.next_at, search.query.count("quaycraft")) == (at, at + 2 * HOUR, 1)
    sign_in(client, bob)
    page = client.get("/searches/").content.decode()
    assert "“quaycraft” is not a known skill, so it was left out." in page
    assert "Its alerts wait." in page
    opened = client.get(f"/searches/{search.pk}/")
    assert opened["Location"] == "/jobs/?q=checkout&skills=quaycraft&category=product-design"
    assert "“quaycraft” is not a known skill" in client.get(opened["Location"]).content.decode()
    Skill.objects.create(slug="quaycraft", name_en="Quaycraft", name_fr="Art des quais")
    renew_edition()
    assert send_search_alerts(at=at + 3 * HOUR) == 0  # nothing asks for the skill, but the search is read again
    search.refresh_from_db()
    assert search.seen_at == at + 3 * HOUR - timedelta(seconds=30)


def test_strangers_clients_empty_long_and_too_many_searches_are_refused(
    alice: Person, bob: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing_happens():
        with pytest.raises(NotAllowed):
            save(alice, at)
        with pytest.raises(SearchEmpty):
            save(bob, at, query="")
        with pytest.raises(SearchTooLong):
            save(bob, at, query="q=" + "a" * 2000)
    search = save(bob, at, name="Mine")
    other = make_freelancer("Dan", email="dan@example.com", at=at)
    with nothing_happens():
        with pytest.raises(SearchNameTaken):
            save(bob, at, name=" Mine ")
        with pytest.raises(NotAllowed):
            change_search(search_id=search.pk, name="Yours", alert="off", by=other.actor, at=at)
        with pytest.raises(NotAllowed):
            delete_search(search_id=search.pk, by=other.actor)
    monkeypatch.setattr("jobs.actions.searches.rules", lambda: replace(rules(), saved_searches_maximum=1))
    with nothing_happens(), pytest.raises(TooManySearches):
        save(bob, at, name="Second")


def test_alerts_that_begin_again_tell_only_of_what_comes_then(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    search = save(bob, at)
    change_search(search_id=search.pk, name="Other", alert="off", by=bob.actor, at=at)
    open_job(alice, at=at + MINUTE, title="A second checkout")
    send_search_alerts(at=at + HOUR)
    change_search(search_id=search.pk, name="Other", alert="instant", by=bob.actor, at=at + HOUR)
    send_search_alerts(at=at + 2 * HOUR)
    assert told() == []


def test_the_mail_names_the_new_ones_in_the_readers_language_and_ends_with_one_click(
    client: Client, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    bob.user.language = "fr"
    bob.user.save(update_fields=["language"])
    search = save(bob, at, name="Paiement")
    second = open_job(alice, at=at + MINUTE, title="A <second> checkout")
    tell(at + MINUTE)
    Notice.objects.all().delete()
    send_search_alerts(at=at + HOUR)
    tell(at + HOUR)
    mail.outbox.clear()
    send_due_mails(at=at + HOUR)
    [sent] = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    assert sent.to == [bob.user.email]
    assert sent.subject == "Nouveau pour votre recherche « Paiement » : 1"
    assert f"/fr/jobs/{second.pk}/" in sent.body
    assert "A <second> checkout" in sent.body
    assert "A &lt;second&gt; checkout" in str(sent.alternatives[0][0])
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = sent.extra_headers["List-Unsubscribe"].strip("<>")
    path = link[link.index("/fr/searches/") :]
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(path).status_code == 200
    search.refresh_from_db()
    assert search.alert == "instant"
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    search.refresh_from_db()
    assert (search.alert, search.next_at) == ("off", None)
    assert client.get(f"/searches/stop/{search.pk}:forged/").status_code == 404


def test_a_stopped_or_deleted_search_is_stopped_again_without_harm(bob: Person, at: datetime) -> None:
    search = save(bob, at)
    stop_alerts(search_id=search.pk)
    with nothing_happens():
        stop_alerts(search_id=search.pk)
    key = search.pk
    delete_search(search_id=key, by=bob.actor)
    assert Client().post(f"/searches/stop/{stop_token(key)}/").status_code == 200


def test_a_search_that_was_deleted_before_its_news_went_out_tells_nobody(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    search = save(bob, at)
    open_job(alice, at=at + MINUTE, title="A second checkout")
    assert send_search_alerts(at=at + HOUR) == 1
    delete_search(search_id=search.pk, by=bob.actor)
    tell(at + HOUR)
    assert not Notice.objects.filter(kind="jobs.search_found").exists()


def test_new_freelancers_are_told_of_once(alice: Person, bob: Person, marc: Person, at: datetime) -> None:
    save_search(subject="talent", name="All", query="q=django", alert="instant", by=alice.actor, at=at)
    approve(bob, moderator=marc, at=at + MINUTE)
    assert send_search_alerts(at=at + HOUR) == 1
    profile_id = bob.party.profile.pk  # type: ignore[union-attr]
    event = Event.objects.get(kind="jobs.search_found")
    assert (event.data["count"], event.data["found"]) == ("1", [{"profile": profile_id}])  # no name is kept
    tell(at + HOUR)
    notice = Notice.objects.get(kind="jobs.search_found")
    assert "Bob D.: Django developer" in str(compose(notice, alice.user).body)
    Profile.objects.filter(pk=profile_id).update(visibility="private")
    assert "Bob" not in str(compose(notice, alice.user).body)
    bob.party.profile.refresh_from_db()  # type: ignore[union-attr]
    profile = bob.party.profile  # type: ignore[union-attr]
    profile.approved_at = at + 2 * HOUR  # approved again after changes
    profile.save(update_fields=["approved_at"])
    assert send_search_alerts(at=at + 3 * HOUR) == 0


def test_the_pages_save_list_change_and_delete(client: Client, bob: Person, job: Job) -> None:
    sign_in(client, bob)
    assert (
        "/searches/new/jobs/?q=checkout&amp;level=intermediate"
        in client.get("/jobs/?q=checkout&level=intermediate").content.decode()
    )
    path = "/searches/new/jobs/?q=checkout&level=intermediate&after=5-5"
    assert client.get(path).status_code == 200
    with nothing_happens():
        assert client.post(path, {"name": "", "alert": "daily"}).status_code == 422
        for bad in ("q=%2B%2B", "q=" + "a" * 10_000, "", "category=nothing", "skills=nonsense-skill"):
            for answer in (
                client.get(f"/searches/new/jobs/?{bad}"),
                client.post(f"/searches/new/jobs/?{bad}", {"name": "A", "alert": "off"}),
            ):
                assert answer.status_code == 409, bad
    assert client.post(path, {"name": "<i>Mine", "alert": "daily"})["Location"] == "/searches/"
    search = SavedSearch.objects.get()
    assert search.query == "q=checkout&level=intermediate"
    page = client.get("/searches/").content.decode()
    assert "&lt;i&gt;Mine" in page
    assert "Intermediate" in page
    client.post(f"/searches/{search.pk}/edit/", {"name": "Other", "alert": "off"})
    search.refresh_from_db()
    assert (search.name, search.alert) == ("Other", "off")
    client.post(f"/searches/{search.pk}/delete/")
    assert not SavedSearch.objects.exists()
