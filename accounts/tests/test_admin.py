"""People, parties and legal texts in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import LegalDocument, User
from accounts.queries import acting
from accounts.tests.cast import PASSWORD, Person, make_client, make_freelancer, make_staff, sign_in
from events.models import Event
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam(client: Client) -> Person:
    person = make_staff("Sam", "support")
    sign_in(client, person)
    return person


def test_staff_log_in_where_everybody_does(client: Client) -> None:
    make_staff("Sam", "support")
    asked = client.get("/admin/")
    assert asked["Location"] == "/admin/login/?next=/admin/"
    assert client.get(asked["Location"])["Location"].startswith("/accounts/login/?next=")
    answer = client.post("/admin/login/", {"username": "sam@example.com", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_who_is_not_staff_is_refused(client: Client) -> None:
    sign_in(client, make_client("Alice"))
    assert client.get("/admin/login/").status_code == 403


def test_a_person_is_shown_on_one_screen_without_the_password(client: Client, sam: Person) -> None:
    alice = make_client("Alice", company_name="Verger SA")
    page = client.get(f"/admin/accounts/user/{alice.user.pk}/change/").content.decode()
    for words in ("Alice Martin", "alice@example.com (verified)", "Verger SA", "Close the account"):
        assert words in page
    assert alice.user.password not in page
    assert "md5$" not in page


def test_an_account_is_closed_and_opened_with_a_reason(client: Client, sam: Person) -> None:
    alice = make_client("Alice")
    path = f"/admin/accounts/user/{alice.user.pk}"
    client.post(f"{path}/deactivate/decide/", {"reason": "Asked by phone."})
    assert User.objects.get(pk=alice.user.pk).is_active is False
    client.post(f"{path}/reactivate/decide/", {"reason": "Found it again."})
    assert User.objects.get(pk=alice.user.pk).is_active is True
    kinds = ["accounts.user_deactivated", "accounts.user_reactivated"]
    found = Event.objects.filter(kind__in=kinds).order_by("pk").values_list("kind", "reason", "actor_user_id")
    assert list(found) == [(kinds[0], "Asked by phone.", sam.user.pk), (kinds[1], "Found it again.", sam.user.pk)]


def test_without_a_reason_nothing_is_closed(client: Client, sam: Person) -> None:
    alice = make_client("Alice")
    with nothing_happens():
        answer = client.post(f"/admin/accounts/user/{alice.user.pk}/deactivate/decide/", {"reason": " "})
    assert answer.status_code == 409
    assert "Say why in a sentence." in answer.content.decode()


def test_support_closes_no_staff(client: Client, sam: Person) -> None:
    dora = make_staff("Dora", "mediator")
    with nothing_happens():
        answer = client.post(f"/admin/accounts/user/{dora.user.pk}/deactivate/decide/", {"reason": "No."})
    assert answer.status_code == 403


def test_nobody_closes_their_own_account(client: Client) -> None:
    ada = make_staff("Ada", "administrator")
    sign_in(client, ada)
    with nothing_happens():
        answer = client.post(f"/admin/accounts/user/{ada.user.pk}/deactivate/decide/", {"reason": "Tired."})
    assert answer.status_code == 409


@pytest.mark.parametrize("group", ["moderator", "mediator", "finance"])
def test_other_staff_look_and_do_not_close(client: Client, group: str) -> None:
    alice = make_client("Alice")
    sign_in(client, make_staff("Max", group))
    assert client.get(f"/admin/accounts/user/{alice.user.pk}/change/").status_code == 200
    with nothing_happens():
        answer = client.post(f"/admin/accounts/user/{alice.user.pk}/deactivate/decide/", {"reason": "No."})
    assert answer.status_code == 403


def test_a_party_is_shown_on_one_screen_with_the_way_to_what_is_its_own(client: Client, sam: Person) -> None:
    bob = make_freelancer("Bob")
    assert bob.party is not None
    page = client.get(f"/admin/accounts/party/{bob.party.pk}/change/").content.decode()
    assert "bob@example.com" in page
    assert f"client__id__exact={bob.party.pk}" in page
    for path in (f"/admin/jobs/job/?client__id__exact={bob.party.pk}&state=any", "/admin/accounts/party/?q=bob"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("key", ["0", "x", "9" * 30, "-1"])
def test_a_key_that_is_none_answers_404(client: Client, sam: Person, key: str) -> None:
    assert client.get(f"/admin/accounts/party/{key}/change/").status_code == 404
    assert client.get(f"/admin/accounts/user/{key}/change/").status_code == 404


def test_administrators_publish_a_legal_text_in_both_languages(client: Client) -> None:
    sign_in(client, make_staff("Ada", "administrator"))
    assert client.get("/admin/accounts/legaldocument/add/").status_code == 200
    answer = client.post(
        "/admin/accounts/legaldocument/add/", {"kind": "terms", "en": "New terms.", "fr": "Nouvelles conditions."}
    )
    assert answer["Location"] == "/admin/accounts/legaldocument/"
    assert LegalDocument.objects.filter(kind="terms", version=2).count() == 2


def test_a_text_in_one_language_is_not_published_and_kept(client: Client) -> None:
    sign_in(client, make_staff("Ada", "administrator"))
    answer = client.post("/admin/accounts/legaldocument/add/", {"kind": "terms", "en": "New terms.", "fr": ""})
    assert answer.status_code == 422
    assert "New terms." in answer.content.decode()
    assert LegalDocument.objects.count() == 6


def test_others_publish_nothing(client: Client, sam: Person) -> None:
    with nothing_happens():
        answer = client.post("/admin/accounts/legaldocument/add/", {"kind": "terms", "en": "A", "fr": "B"})
    assert answer.status_code == 403


def test_libraries_have_no_pages_in_the_admin(client: Client) -> None:
    """Not even to a superuser, whom their permissions would let in: secrets and rights are not read or edited there."""
    root = User.objects.create_superuser("root@example.com", first_name="R", last_name="T", country="FR")
    sign_in(client, Person(root, None, acting(root).actor))
    for page in ("mfa/authenticator/", "auth/group/", "account/emailaddress/", "django_celery_beat/periodictask/"):
        assert client.get(f"/admin/{page}").status_code == 404
    assert client.get("/admin/accounts/user/").status_code == 200
