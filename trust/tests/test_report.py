"""Reporting a job, a profile or a client: once for each person and thing, and nobody learns by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_client, make_freelancer, make_member, sign_in
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import deliver_due
from jobs.actions import close_job
from jobs.models import Job
from jobs.tests.posts import draft_job, open_job, party_of
from notifications.models import Notice
from profiles.models import Profile
from tests.nothing import nothing_happens
from trust.actions import (
    AlreadyReported,
    NothingToReport,
    ReportUnclear,
    TooManyReports,
    dismiss_reports,
    report_client,
    report_job,
    report_profile,
)
from trust.models import Report, ReportCase


def test_the_first_report_opens_a_case_and_the_next_join_it(job: Job, bob: Person, marc: Person, at: datetime) -> None:
    first = report_job(job_id=job.pk, reason="scam", text=" Vouchers. ", by=bob.actor, at=at)
    eve = make_client("Eve", at=at)
    second = report_job(job_id=job.pk, reason="spam", text="", by=eve.actor, at=at + timedelta(hours=1))

    assert (first.text, first.reason, first.reporter) == ("Vouchers.", "scam", bob.user)
    assert second.case_id == first.case_id
    case = ReportCase.objects.get()
    assert (case.kind, case.job, case.party_id, case.status) == ("job", job, job.client_id, "open")
    assert case.due_at == at + timedelta(hours=48)
    deliver_due(at=at)
    told = Notice.objects.filter(kind__startswith="trust.")
    assert [(notice.user, notice.kind) for notice in told] == [(marc.user, "trust.case_opened")], "and not the client"


def test_profiles_and_clients_are_reported_too(profile: Profile, alice: Person, bob: Person, at: datetime) -> None:
    report_profile(profile_id=profile.pk, reason="fake", text="", by=bob.actor, at=at)
    report_client(party_id=party_of(alice).pk, reason="illegal", text="", by=bob.actor, at=at)
    found = list(ReportCase.objects.order_by("pk").values_list("kind", "profile_id", "party_id"))
    assert found == [("profile", profile.pk, profile.party_id), ("client", None, party_of(alice).pk)]


def test_what_is_not_there_for_others_is_not_reported(
    alice: Person, bob: Person, job: Job, profile: Profile, at: datetime
) -> None:
    draft = draft_job(alice, at=at)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    Profile.objects.filter(pk=profile.pk).update(status="draft")
    nils = make_freelancer("Nils", at=at)
    for report, thing in (
        (report_job, {"job_id": draft.pk}),
        (report_job, {"job_id": job.pk}),
        (report_profile, {"profile_id": profile.pk}),
        (report_client, {"party_id": party_of(bob).pk}),
    ):
        with nothing_happens(), pytest.raises(NothingToReport):
            report(**thing, reason="spam", text="", by=nils.actor, at=at)


def test_nobody_reports_their_own_and_visitors_report_nothing(alice: Person, job: Job, at: datetime) -> None:
    maud = make_member("Maud", party_of(alice), "member", at=at)
    other_hat = replace(alice.actor, party_id=None, role="")
    behind = Actor(user_id=make_freelancer("Nils").user.pk, impersonator_id=1)
    for by in (alice.actor, maud.actor, other_hat, Actor.anonymous(), behind):
        with nothing_happens(), pytest.raises(NotAllowed):
            report_job(job_id=job.pk, reason="spam", text="", by=by, at=at)


def test_a_person_reports_a_thing_once_while_the_case_is_open(
    case: ReportCase, job: Job, bob: Person, marc: Person, at: datetime
) -> None:
    with nothing_happens(), pytest.raises(AlreadyReported):
        report_job(job_id=job.pk, reason="spam", text="", by=bob.actor, at=at)
    dismiss_reports(case_id=case.pk, seen_reports=1, reason="They do not.", by=marc.actor, at=at)
    again = report_job(job_id=job.pk, reason="spam", text="", by=bob.actor, at=at)
    assert again.case_id != case.pk


def test_a_day_has_so_many_reports_of_a_person(
    alice: Person, bob: Person, marc: Person, settings: Any, at: datetime
) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, reports_per_day=2)
    jobs = [open_job(alice, moderator=marc, at=at, title=f"Post number {number}") for number in range(3)]
    for job in jobs[:2]:
        report_job(job_id=job.pk, reason="spam", text="", by=bob.actor, at=at)
    with nothing_happens(), pytest.raises(TooManyReports):
        report_job(job_id=jobs[2].pk, reason="spam", text="", by=bob.actor, at=at + timedelta(hours=23))
    report_job(job_id=jobs[2].pk, reason="spam", text="", by=bob.actor, at=at + timedelta(hours=24))
    assert Report.objects.count() == 3


def test_something_else_needs_words(job: Job, bob: Person, at: datetime) -> None:
    with nothing_happens(), pytest.raises(ReportUnclear):
        report_job(job_id=job.pk, reason="other", text="  ", by=bob.actor, at=at)


def test_the_form_reports_and_confirms_and_leads_back_to_the_report(client: Client, job: Job, bob: Person) -> None:
    sign_in(client, bob)
    url = reverse("trust:job", args=[job.pk])
    assert url in client.get(reverse("jobs:detail", args=[job.pk])).content.decode()
    page = client.get(url).content.decode()
    assert job.title in page
    assert "does not learn that it was you" in page
    with nothing_happens():
        assert client.post(url, {"reason": "other", "text": ""}).status_code == 422
        assert client.post(url, {"reason": "scam", "text": "x" * 1001}).status_code == 422
    answer = client.post(url, {"reason": "scam", "text": "<b>Vouchers</b>"}, follow=True)
    shown = answer.content.decode()
    assert "We have received it." in shown
    assert "&lt;b&gt;Vouchers&lt;/b&gt;" in shown
    report = Report.objects.get()
    assert answer.redirect_chain == [(reverse("trust:report", args=[report.pk]), 302)]
    assert client.get(url).headers["Location"] == reverse("trust:report", args=[report.pk])
    assert job.title in client.get(reverse("trust:mine")).content.decode()


def test_the_reported_side_sees_neither_the_report_nor_a_link(
    client: Client, case: ReportCase, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    deliver_due(at=at)
    sign_in(client, alice)
    report = Report.objects.get()
    assert client.get(reverse("trust:report", args=[report.pk])).status_code == 404
    assert client.get(reverse("trust:job", args=[job.pk])).status_code == 403
    for path in (reverse("jobs:detail", args=[job.pk]), reverse("trust:mine"), "/notices/", "/jobs/mine/"):
        page = client.get(path).content.decode()
        assert "vouchers" not in page
        assert bob.user.first_name not in page
        assert reverse("trust:job", args=[job.pk]) not in page
    visitor = Client().get(reverse("jobs:detail", args=[job.pk])).content.decode()
    assert reverse("trust:job", args=[job.pk]) not in visitor


def test_what_one_may_not_see_one_cannot_report(client: Client, job: Job, bob: Person) -> None:
    sign_in(client, bob)
    Job.objects.filter(pk=job.pk).update(status="draft", expires_at=None)
    with nothing_happens():
        assert client.post(reverse("trust:job", args=[job.pk]), {"reason": "spam"}).status_code == 404


def test_every_refusal_is_a_refusal() -> None:
    assert issubclass(TooManyReports, DomainError)
    assert TooManyReports.status_code == 429
