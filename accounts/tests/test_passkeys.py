"""Passkeys: adding, renaming and removing them, logging in and proving oneself with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tests.cast import PASSWORD, Person, make_client, make_freelancer
from accounts.tests.passkeys import HOST, Device
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
LIST, ADD, LOG_IN = "/accounts/2fa/passkeys/", "/accounts/2fa/passkeys/add/", "/accounts/2fa/passkeys/login/"
AGAIN = "/accounts/2fa/passkeys/reauthenticate/"


def browser() -> Client:
    return Client(headers={"host": HOST})


def log_in(client: Client, name: str = "alice") -> str:
    answer = client.post("/accounts/login/", {"login": f"{name}@example.com", "password": PASSWORD})
    return str(answer["Location"])


def add(client: Client, device: Device, **changes: Any) -> Any:
    options = plain(client.get(ADD).context["js_data"])["creation_options"]
    return client.post(ADD, {"name": "My phone", "credential": json.dumps({**device.make(options), **changes})})


def plain(value: Any) -> Any:
    """Return what the page's script reads."""
    return json.loads(json.dumps(value, default=dict))


def use(client: Client, device: Device) -> Any:
    """Log in with the device and nothing else."""
    options = client.get(LOG_IN, headers={"accept": "application/json"}).json()["request_options"]
    return client.post(LOG_IN, {"credential": json.dumps(device.use(options))})


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


@pytest.fixture
def here(alice: Person) -> Client:
    client = browser()
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def phone(here: Client) -> Device:
    device = Device()
    assert add(here, device)["Location"] == "/accounts/2fa/recovery-codes/"
    mail.outbox.clear()
    return device


def passkey() -> Authenticator:
    found: Authenticator = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    return found


def test_a_passkey_is_added_with_recovery_codes_and_a_mail(here: Client) -> None:
    add(here, Device(), surplus="\x00")
    assert passkey().wrap().name == "My phone"
    assert sorted(passkey().data["credential"]) == ["clientExtensionResults", "id", "rawId", "response", "type"]
    assert Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES).count() == 1
    assert "A passkey was added" in [each.subject for each in mail.outbox]
    assert "My phone" in here.get(LIST).content.decode()


def test_without_a_name_it_gets_one(here: Client) -> None:
    options = plain(here.get(ADD).context["js_data"])["creation_options"]
    here.post(ADD, {"name": "", "credential": json.dumps(Device().make(options))})
    assert passkey().wrap().name == "Passkey 1"


def test_the_passkey_alone_opens_the_account(alice: Person, phone: Device) -> None:
    other = browser()
    assert use(other, phone)["Location"] == "/start/"
    assert other.session["_auth_user_id"] == str(alice.user.pk)


def test_the_password_alone_does_not_any_more(phone: Device) -> None:
    other = browser()
    assert log_in(other) == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in other.session
    options = plain(other.get("/accounts/2fa/authenticate/").context["js_data"])["request_options"]
    answer = other.post("/accounts/2fa/authenticate/", {"credential": json.dumps(phone.use(options))})
    assert answer["Location"] == "/start/"


def test_a_recovery_code_stands_in_for_a_lost_passkey(here: Client, phone: Device) -> None:
    code = here.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    other = browser()
    log_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/start/"


def test_a_passkey_proves_who_it_is_before_a_change(alice: Person, phone: Device) -> None:
    stale = browser()
    stale.force_login(alice.user)
    assert "reauthenticate" in stale.get(ADD)["Location"]
    options = plain(stale.get(AGAIN).context["js_data"])["request_options"]
    assert stale.post(AGAIN, {"credential": json.dumps(phone.use(options))}).status_code == 302
    assert stale.get(ADD).status_code == 200


def test_an_answer_is_good_once(phone: Device) -> None:
    first, second = browser(), browser()
    options = first.get(LOG_IN, headers={"accept": "application/json"}).json()["request_options"]
    answer = {"credential": json.dumps(phone.use(options))}
    assert first.post(LOG_IN, answer)["Location"] == "/start/"
    assert second.post(LOG_IN, answer)["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in second.session


def test_a_device_that_does_not_know_its_owner_adds_nothing_and_opens_nothing(here: Client, phone: Device) -> None:
    stranger = Device(is_owner=False, identifier=b"device-2")
    with nothing_happens():
        assert add(here, stranger).context["form"].errors
    phone.is_owner = False
    other = browser()
    assert use(other, phone)["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in other.session


def test_what_was_said_to_another_site_adds_nothing_and_opens_nothing(here: Client, phone: Device) -> None:
    with nothing_happens():
        assert add(here, Device(origin="https://evil.example", identifier=b"device-2")).context["form"].errors
    phone.origin = "https://evil.example"
    other = browser()
    use(other, phone)
    assert "_auth_user_id" not in other.session


def test_another_key_under_the_same_name_opens_nothing(phone: Device) -> None:
    forged = Device(owner=phone.owner)
    other = browser()
    use(other, forged)
    assert "_auth_user_id" not in other.session


def test_a_closed_account_stays_closed(alice: Person, phone: Device) -> None:
    User.objects.filter(pk=alice.user.pk).update(is_active=False)
    other = browser()
    use(other, phone)
    assert "_auth_user_id" not in other.session


NAMED = '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "e30", %s}}'
HOSTILE = [
    "", "{}", "[]", "7", '"x"', "nonsense", '{"id": "x"}', '{"response": {}}', '{"response": {"userHandle": "MQ"}}',
    NAMED % '"attestationObject": "AA"', NAMED % '"authenticatorData": "AA", "signature": "AA", "userHandle": "MQ"',
    "[" * 5_000, '{"id": "' + "x" * 50_000 + '"}', '{"id": "\\u0000", "response": {"userHandle": "\\u0000"}}',
]  # fmt: skip


@pytest.mark.parametrize("sent", HOSTILE)
def test_hostile_answers_open_nothing_and_break_nothing(here: Client, phone: Device, sent: str) -> None:
    other = browser()
    other.get(LOG_IN, headers={"accept": "application/json"})
    assert other.post(LOG_IN, {"credential": sent})["Location"] == "/accounts/login/"
    log_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"credential": sent}).status_code == 200
    assert "_auth_user_id" not in other.session
    here.get(ADD)
    assert here.post(ADD, {"name": "x", "credential": sent}).status_code == 200
    assert here.post(AGAIN, {"credential": sent}).status_code == 302
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 1


def test_a_passkey_is_renamed(here: Client, phone: Device) -> None:
    address = f"{LIST}{passkey().pk}/rename/"
    assert here.get(address).status_code == 200
    assert here.post(address, {"name": " Work \n phone "})["Location"] == LIST
    assert passkey().wrap().name == "Work phone"


def test_the_last_passkey_takes_the_recovery_codes_with_it(here: Client, phone: Device) -> None:
    address = f"{LIST}{passkey().pk}/remove/"
    assert here.get(address).status_code == 200
    assert here.post(address)["Location"] == LIST
    assert Authenticator.objects.count() == 0
    assert [(each.to, each.subject) for each in mail.outbox] == [(["alice@example.com"], "A passkey was removed")]
    assert log_in(browser()) == "/start/"


def test_a_strangers_passkey_does_not_exist(phone: Device) -> None:
    make_freelancer("Bob")
    bob = browser()
    log_in(bob, "bob")
    bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
    with nothing_happens():
        for what in ("rename", "remove"):
            assert bob.post(f"{LIST}{passkey().pk}/{what}/", {"name": "Mine"}).status_code == 404
