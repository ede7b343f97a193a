"""New terms or a new privacy notice: everybody agrees before they go on."""

from __future__ import annotations

import pytest
from django.test import Client, TestCase

from accounts.actions import publish_legal_document
from accounts.models import Consent, LegalDocument
from accounts.tests.cast import Person, make_client, make_staff, sign_in
from core.clock import now

pytestmark = pytest.mark.django_db
TEXTS = {"en": "New terms.", "fr": "Nouvelles conditions."}


def _publish() -> None:
    admin = make_staff("Ada", "administrator")
    with TestCase.captureOnCommitCallbacks(execute=True):
        publish_legal_document(kind=LegalDocument.Kind.TERMS, texts=TEXTS, by=admin.actor, at=now())


@pytest.fixture
def alice(client: Client) -> Person:
    person = make_client("Alice")
    sign_in(client, person)
    return person


def test_nobody_is_asked_twice_for_the_same_version(client: Client, alice: Person) -> None:
    assert client.get("/settings/").status_code == 200
    assert client.get("/consent/")["Location"] == "/start/"


def test_after_a_new_version_pages_lead_to_the_question_and_back(client: Client, alice: Person) -> None:
    client.get("/settings/")
    _publish()
    answer = client.get("/settings/party/?tab=1")
    assert (answer.status_code, answer["Location"]) == (302, "/consent/?next=%2Fsettings%2Fparty%2F%3Ftab%3D1")
    page = client.get(answer["Location"]).content.decode()
    assert '<a href="/terms/?version=2"' in page
    assert "/privacy/?version" not in page, "only what is new is asked"
    done = client.post("/consent/", {"agree": "on", "terms": "2", "next": "/settings/party/?tab=1"})
    assert done["Location"] == "/settings/party/?tab=1"
    assert Consent.objects.filter(user=alice.user, kind="terms", version=2).count() == 1
    assert client.get("/settings/").status_code == 200


def test_nothing_is_done_before_agreeing(client: Client, alice: Person) -> None:
    _publish()
    answer = client.post("/settings/", {"first_name": "Anna"})
    assert answer["Location"] == "/consent/?next=%2F"
    alice.user.refresh_from_db()
    assert alice.user.first_name == "Alice"
    assert "Nothing was sent" in client.get("/consent/").content.decode()


def test_an_htmx_request_moves_the_whole_page(client: Client, alice: Person) -> None:
    _publish()
    answer = client.get("/settings/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/consent/?next=%2Fsettings%2F")


@pytest.mark.parametrize("path", ["/terms/", "/privacy/", "/consent/", "/accounts/logout/", "/fr/terms/"])
def test_reading_and_leaving_stay_possible(client: Client, alice: Person, path: str) -> None:
    _publish()
    assert client.get(path).status_code == 200


def test_visitors_are_not_asked(client: Client) -> None:
    _publish()
    assert client.get("/accounts/login/").status_code == 200


def test_not_ticking_the_box_is_no_consent(client: Client, alice: Person) -> None:
    _publish()
    answer = client.post("/consent/", {"terms": "2"})
    assert answer.status_code == 422
    assert "Tick the box to go on." in answer.content.decode()
    assert not Consent.objects.filter(user=alice.user, version=2).exists()


@pytest.mark.parametrize("shown", ["1", "3", "", "x", "2\x00"])
def test_one_agrees_to_what_the_page_showed_and_nothing_else(client: Client, alice: Person, shown: str) -> None:
    _publish()
    answer = client.post("/consent/", {"agree": "on", "terms": shown})
    assert answer.status_code == 200
    assert "A newer version was published meanwhile." in answer.content.decode()
    assert not Consent.objects.filter(user=alice.user, version__gt=1).exists()


def test_nobody_is_led_to_another_site(client: Client, alice: Person) -> None:
    _publish()
    answer = client.post("/consent/", {"agree": "on", "terms": "2", "next": "https://evil.example/"})
    assert answer["Location"] == "/start/"
