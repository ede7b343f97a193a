"""Taking one's data along: asked for, built by a worker, downloaded by its person alone, deleted in time."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import ExportTooSoon, build_export, build_exports, expire_exports, request_export
from accounts.actions import exports as module
from accounts.models import DataExport
from accounts.tests.cast import Person, make_client, make_freelancer, sign_in
from accounts.tests.departures import make_past
from accounts.views.privacy import token_of
from contracts.tests import cast
from core.clock import now
from core.errors import NotAllowed
from events.actions import deliver_due
from files.actions import attach_files, store_file
from files.gateway import store
from notifications.models import Mail, Notice
from payments.tests.cards import prove_password
from profiles.models import Profile
from profiles.queries import PORTFOLIO

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ask(person: Person, at: Any) -> DataExport:
    return request_export(user_id=person.user.pk, by=person.actor, at=at)


def archive_of(person: Person, at: Any) -> zipfile.ZipFile:
    """Return what a person's archive holds."""
    export = ask(person, at)
    assert build_export(export_id=export.pk, at=at) == 1
    export.refresh_from_db()
    with store().open(export.path) as opened:
        content = opened.read()
    assert len(content) == export.size
    return zipfile.ZipFile(io.BytesIO(content))


def rows(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob", at=cast.AT)


def test_an_archive_holds_what_the_person_gave_did_and_was_told() -> None:
    past = make_past()
    portfolio = Profile.objects.get(party=past.deal.freelancer).portfolio.create(heading="Fares", created_at=past.at)
    file = store_file(
        upload=SimpleUploadedFile("fares.txt", b"All fares of the line."), kind=PORTFOLIO, by=past.bob.actor, at=past.at
    )
    attach_files(file_ids=[file.pk], kind=PORTFOLIO, ref=portfolio.pk, by=past.bob.actor, at=past.at)
    archive = archive_of(past.bob, past.at)

    assert archive.testzip() is None
    assert archive.read("README.txt").decode().startswith("Your data at Jalon")
    assert rows(archive, "accounts/account.json")[0]["email"] == "bob@example.com"
    assert rows(archive, "accounts/legal-status.json")[0]["siret"] == "12345678200010"
    assert [row["text"] for row in rows(archive, "messaging/messages.json")] == [
        "When do the fares change?",
        "In spring, as always.",
    ]
    assert [row["net"] for row in rows(archive, "payments/releases.json")] == [90_000]
    assert [row["amount"] for row in rows(archive, "payments/withdrawals.json")] == [90_000]
    assert sum(row["amount"] for row in rows(archive, "payments/statement.json")) == 0
    assert {row["kind"] for row in rows(archive, "payments/invoices.json")} == {"work", "freelancer_fee"}
    assert [row["title"] for row in rows(archive, "contracts/contracts.json")] == ["Checkout of the ferry site"]
    assert [row["status"] for row in rows(archive, "proposals/proposals.json")] == ["hired"]
    assert {row["title"] for row in rows(archive, "notifications/notices.json")} >= {"Your profile is approved"}
    assert "contracts.offer_accepted" in {row["kind"] for row in rows(archive, "events/events.json")}
    [described] = rows(archive, "files/files.json")
    assert archive.read(described["file"]) == b"All fares of the line."
    assert described["file"] == f"files/{file.pk.hex[:8]}-fares.txt"


def test_an_archive_holds_nothing_of_others_and_no_number_of_a_card() -> None:
    past = make_past()
    for person, other in ((past.bob, past.alice), (past.alice, past.bob)):
        archive = archive_of(person, past.at)
        said = "\n".join(archive.read(name).decode() for name in archive.namelist())
        assert other.user.email not in said
        for word in ("shortlisted", "risk", "review_note", "last4", "4242", "provider_id", "password"):
            assert word not in said, word


def test_the_readme_is_in_the_persons_language() -> None:
    claire = make_client("Claire", language="fr", at=cast.AT)
    archive = archive_of(claire, cast.AT)

    assert archive.read("README.txt").decode().startswith("Vos données chez Jalon")


def test_one_a_day_and_one_at_a_time(bob: Person) -> None:
    export = ask(bob, cast.AT)
    with cast.nothing_happens(ExportTooSoon):
        ask(bob, cast.AT + 2 * DAY)
    build_export(export_id=export.pk, at=cast.AT)
    with cast.nothing_happens(ExportTooSoon):
        ask(bob, cast.AT + DAY - timedelta(seconds=1))
    assert ask(bob, cast.AT + DAY).pk != export.pk


def test_nobody_asks_for_the_data_of_others(bob: Person) -> None:
    chloe = make_freelancer("Chloé", at=cast.AT)
    with cast.nothing_happens(NotAllowed):
        request_export(user_id=bob.user.pk, by=chloe.actor, at=cast.AT)


def test_the_clock_builds_what_no_task_did_and_the_person_is_told(bob: Person) -> None:
    ask(bob, cast.AT)

    assert build_exports(at=cast.AT) == 1
    assert build_exports(at=cast.AT) == 0
    while deliver_due(at=cast.AT):
        pass
    notice = Notice.objects.get(user=bob.user)
    assert (notice.kind, notice.path) == ("accounts.export_ready", "/settings/data/")
    assert Mail.objects.filter(notice=notice).count() == 1


def test_one_that_fails_is_begun_anew_three_times_and_then_given_up(
    bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, at = ask(bob, cast.AT), cast.AT

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(module, "_write", fail)
    for attempt in (1, 2, 3):
        assert build_exports(at=at) == 0
        export.refresh_from_db()
        assert (export.status, export.attempts) == ("building", attempt)
        assert build_exports(at=at) == 0  # not before the worker counts as dead
        at += module.PATIENCE
    assert build_exports(at=at) == 0
    export.refresh_from_db()
    assert (export.status, export.ended_at) == ("failed", at)
    while deliver_due(at=at):
        pass
    assert Notice.objects.get(user=bob.user).kind == "accounts.export_failed"
    assert ask(bob, at).status == "requested"  # a failed one does not count for the day


def test_a_second_worker_that_comes_late_leaves_the_first_ones_file(bob: Person) -> None:
    export = ask(bob, cast.AT)
    build_export(export_id=export.pk, at=cast.AT)
    export.refresh_from_db()

    assert not module._finish(export, "exports/other", 1, cast.AT)
    assert build_export(export_id=export.pk, at=cast.AT) == 0


def test_the_file_is_deleted_when_its_days_are_over(bob: Person) -> None:
    export = ask(bob, cast.AT)
    build_export(export_id=export.pk, at=cast.AT)
    export.refresh_from_db()
    path = export.path

    assert expire_exports(at=cast.AT + 7 * DAY - timedelta(seconds=1)) == 0
    assert store().exists(path)
    assert expire_exports(at=cast.AT + 7 * DAY) == 1
    assert not store().exists(path)
    export.refresh_from_db()
    assert (export.status, export.path) == ("expired", "")


# Pages


def test_the_page_asks_for_the_password_first(bob: Person, client: Client) -> None:
    sign_in(client, bob)

    assert "/reauthenticate/" in client.post(reverse("accounts:export_request")).headers["Location"]
    assert not DataExport.objects.exists()
    assert "/reauthenticate/" in client.get(reverse("accounts:erase")).headers["Location"]


def test_a_person_asks_waits_and_downloads(client: Client) -> None:
    bob = make_freelancer("Bob")
    sign_in(client, bob)
    prove_password(client)
    page = reverse("accounts:data")
    assert client.post(reverse("accounts:export_request")).headers["Location"] == page
    assert "is being put together" in client.get(page).content.decode()
    export = DataExport.objects.get()
    build_export(export_id=export.pk, at=export.requested_at)
    export.refresh_from_db()

    link = reverse("accounts:export_download", args=[export.pk, token_of(export)])
    assert link in client.get(page).content.decode()
    answer: Any = client.get(link)
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Jalon-')
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_a_link_is_good_for_its_person_alone_and_as_long_as_the_file_lives(client: Client) -> None:
    bob, chloe, at = make_freelancer("Bob"), make_freelancer("Chloé"), now()
    export = request_export(user_id=bob.user.pk, by=bob.actor, at=at)
    build_export(export_id=export.pk, at=at)
    export.refresh_from_db()
    link = reverse("accounts:export_download", args=[export.pk, token_of(export)])

    assert client.get(link).status_code == 302
    sign_in(client, chloe)
    assert client.get(link).status_code == 404
    sign_in(client, bob)
    assert client.get(reverse("accounts:export_download", args=[export.pk, "forged"])).status_code == 404
    assert client.get(link).status_code == 200
    assert "Ask for a new archive" not in client.get(reverse("accounts:data")).content.decode()
    DataExport.objects.update(requested_at=at - DAY)
    assert "Ask for a new archive" in client.get(reverse("accounts:data")).content.decode()
    DataExport.objects.update(expires_at=at - timedelta(seconds=1))
    assert client.get(link).status_code == 404
    assert link not in client.get(reverse("accounts:data")).content.decode()


def test_the_page_says_what_has_to_end_first_and_shows_no_form(client: Client) -> None:
    deal = cast.make_deal()
    sign_in(client, deal.alice)
    prove_password(client)
    page = client.get(reverse("accounts:erase")).content.decode()

    assert "This has to end first" in page
    assert reverse("jobs:detail", args=[deal.job.pk]) in page
    assert 'name="email"' not in page
    refused = client.post(reverse("accounts:erase"), {"email": "alice@example.com"})
    assert refused.status_code == 409


def test_a_person_deletes_the_account_and_is_logged_out(client: Client) -> None:
    bob = make_freelancer("Bob")
    sign_in(client, bob)
    prove_password(client)
    address = reverse("accounts:erase")
    wrong = client.post(address, {"email": "alice@example.com"})
    assert (wrong.status_code, "Type the address of your account" in wrong.content.decode()) == (409, True)
    answer = client.post(address, {"email": "bob@example.com"}, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert "Your account is deleted." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    bob.user.refresh_from_db()
    assert bob.user.erased_at is not None


def test_who_does_not_agree_to_new_terms_may_still_leave(client: Client) -> None:
    bob = make_freelancer("Bob")
    client.force_login(bob.user)
    bob.user.consents.all().delete()

    assert client.get(reverse("start")).headers["Location"].startswith("/consent/")
    assert client.get(reverse("accounts:data")).status_code == 200
