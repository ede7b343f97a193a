"""The settings of a person and of a party, the other hat, and acting for another party."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.actions import add_hat, open_agency
from accounts.models import Membership, Party, User
from accounts.queries import acting
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, sign_in
from core.actor import Actor
from core.clock import now

pytestmark = pytest.mark.django_db
PERSON = {"first_name": "Alice", "last_name": "Roy", "language": "en", "time_zone": "Asia/Tokyo", "country": "JP"}
PARTY = {
    "company_name": "Verger SA",
    "about": "We grow.",
    "place": "Lyon",
    "country": "FR",
    "time_zone": "Europe/Paris",
}


@pytest.fixture
def alice(client: Client) -> Person:
    person = make_client("Alice")
    sign_in(client, person)
    return person


def _party(person: Person) -> Party:
    assert person.party is not None
    return Party.objects.get(pk=person.party.pk)


def test_a_person_changes_name_zone_and_country_and_the_party_follows_the_name(client: Client, alice: Person) -> None:
    assert client.post("/settings/", PERSON)["Location"] == "/settings/"
    user = User.objects.get(pk=alice.user.pk)
    assert (user.get_full_name(), user.time_zone, str(user.country)) == ("Alice Roy", "Asia/Tokyo", "JP")
    assert (_party(alice).name, _party(alice).public_name) == ("Alice Roy", "Alice R.")


def test_the_language_leads_to_pages_in_it(client: Client, alice: Person) -> None:
    answer = client.post("/settings/", {**PERSON, "language": "fr"})
    assert answer["Location"] == "/fr/settings/"
    assert User.objects.get(pk=alice.user.pk).language == "fr"


def test_pages_show_times_in_the_persons_zone(client: Client, alice: Person) -> None:
    User.objects.filter(pk=alice.user.pk).update(time_zone="Asia/Tokyo")
    alice.user.refresh_from_db()
    page = client.get("/terms/").content.decode()
    assert "JST" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("language", "de"),
        ("country", "XX"),
        ("first_name", ""),
        ("last_name", "x" * 50_000),
        ("first_name", "a\x00"),
        ("first_name", "\u3164\u200b"),
        ("last_name", "—"),
    ],
)
def test_bad_settings_change_nothing_and_are_kept(client: Client, alice: Person, field: str, value: str) -> None:
    answer = client.post("/settings/", {**PERSON, field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    user = User.objects.get(pk=alice.user.pk)
    assert (user.last_name, user.time_zone) == ("Martin", "Europe/Paris")


def test_no_setting_gives_rights_or_another_address(client: Client, alice: Person) -> None:
    client.post("/settings/", {**PERSON, "is_staff": "on", "email": "new@example.com", "user_id": "1", "is_active": ""})
    user = User.objects.get(pk=alice.user.pk)
    assert (user.is_staff, user.email, user.is_active) == (False, "alice@example.com", True)


def test_a_client_takes_a_company_name_and_lays_it_down_again(client: Client, alice: Person) -> None:
    client.post("/settings/party/", PARTY)
    party = _party(alice)
    assert (party.name, party.public_name, party.is_company, party.place) == ("Verger SA", "Verger SA", True, "Lyon")
    client.post("/settings/party/", {**PARTY, "company_name": ""})
    assert (_party(alice).name, _party(alice).is_company) == ("Alice Martin", False)


def test_a_freelancer_has_no_company_name_to_give(client: Client) -> None:
    bob = make_freelancer("Bob")
    sign_in(client, bob)
    client.post("/settings/party/", PARTY)
    assert (_party(bob).name, _party(bob).is_company, _party(bob).about) == ("Bob Durand", False, "We grow.")


def test_a_party_field_cannot_change_kind_owner_or_address(client: Client, alice: Person) -> None:
    client.post(
        "/settings/party/", {**PARTY, "kind": "agency", "slug": "evil", "party_id": "1", "closed_at": "2026-01-01"}
    )
    party = _party(alice)
    assert (party.kind, party.slug, party.closed_at) == ("client", "alice-m", None)


def test_a_member_reads_the_settings_of_the_party_and_cannot_change_them(client: Client, alice: Person) -> None:
    hugo = make_member("Hugo", _party(alice), Membership.Role.MEMBER)
    sign_in(client, hugo)
    page = client.get("/settings/party/")
    assert page.status_code == 200
    assert "Only owners and administrators may change these settings." in page.content.decode()
    assert client.post("/settings/party/", PARTY).status_code == 403
    assert _party(alice).name == "Alice Martin"


def test_the_other_hat_is_added_once_and_worn_at_once(client: Client, alice: Person) -> None:
    assert client.get("/settings/add/freelancer/").status_code == 200
    assert Party.objects.count() == 1, "reading the page adds nothing"
    assert client.post("/settings/add/freelancer/")["Location"] == "/start/"
    bare = Party.objects.get(kind="freelancer")
    assert client.session["party_id"] == bare.pk
    assert client.post("/settings/add/freelancer/")["Location"] == "/settings/"
    assert Party.objects.count() == 2


@pytest.mark.parametrize("hat", ["admin", "x" * 3000])
def test_there_is_no_other_hat(client: Client, alice: Person, hat: str) -> None:
    assert client.post(f"/settings/add/{hat}/").status_code == 404


def test_one_acts_for_the_party_one_chose(client: Client, alice: Person) -> None:
    client.post("/settings/add/freelancer/")
    assert client.get("/settings/").wsgi_request.actor.party_kind == "freelancer"  # type: ignore[attr-defined]
    assert client.post("/switch/", {"party": _party(alice).pk})["Location"] == "/start/"
    actor: Actor = client.get("/settings/").wsgi_request.actor  # type: ignore[attr-defined]
    assert (actor.party_kind, actor.party_id, actor.role) == ("client", _party(alice).pk, "owner")


@pytest.mark.parametrize("asked", ["", "0", "x", "-1", "9" * 40, "²", "1\x00"])
def test_nobody_acts_for_a_party_that_is_not_theirs(client: Client, alice: Person, asked: str) -> None:
    assert client.post("/switch/", {"party": asked}).status_code == 404


def test_a_strangers_party_answers_like_none(client: Client, alice: Person) -> None:
    bob = make_freelancer("Bob")
    assert client.post("/switch/", {"party": _party(bob).pk}).status_code == 404
    session = client.session
    session["party_id"] = _party(bob).pk
    session.save()
    actor: Actor = client.get("/settings/").wsgi_request.actor  # type: ignore[attr-defined]
    assert actor.party_id == _party(alice).pk


def test_an_ended_membership_acts_for_nobody(client: Client, alice: Person) -> None:
    membership = Membership.objects.get(user=alice.user)
    membership.ended_at = membership.created_at
    membership.save()
    actor: Actor = client.get("/settings/").wsgi_request.actor  # type: ignore[attr-defined]
    assert (actor.user_id, actor.party_id, actor.role) == (alice.user.pk, None, "")


def test_who_acts_costs_one_query(client: Client, alice: Person, django_assert_num_queries: object) -> None:
    party_id = _party(alice).pk
    with django_assert_num_queries(1):  # type: ignore[operator]
        acting(alice.user, party_id)


def test_the_security_page_leads_to_password_address_and_second_step(client: Client, alice: Person) -> None:
    page = client.get("/settings/security/").content.decode()
    for path in ("/accounts/password/change/", "/accounts/email/", "/accounts/2fa/"):
        assert f'href="{path}"' in page


def test_the_settings_offer_only_the_hat_that_is_missing(client: Client, alice: Person) -> None:
    page = client.get("/settings/").content.decode()
    assert ("Add a freelancer account" in page, "Add a client account" in page) == (True, False)
    add_hat(kind="freelancer", by=alice.actor, at=now())
    page = client.get("/settings/").content.decode()
    assert ("Add a freelancer account" in page, "Add a client account" in page) == (False, False)


def test_the_menu_names_every_account_with_its_kind_and_works_without_script(client: Client, alice: Person) -> None:
    agency = open_agency(name="Atelier", by=alice.actor, at=now())
    client.post("/settings/add/freelancer/")
    page = client.get("/settings/").content.decode()
    menu = page.split("Act as")[1].split("</details>")[0]
    kinds = re.findall(r'name="party" value="(\d+)".*?<span class="muted sm">(\w+)</span>', menu, re.DOTALL)
    assert [kind for _party, kind in kinds] == ["Client", "Agency", "Freelancer"]
    assert menu.count('<button form="frame" formaction="/switch/"') == 3
    assert client.post("/switch/", {"party": agency.pk})["Location"] == "/start/"
    landed = client.get("/start/", follow=True)
    assert landed.status_code == 200
    assert landed.wsgi_request.actor.party_id == agency.pk  # type: ignore[attr-defined]
