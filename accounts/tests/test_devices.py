"""The list of devices, and logging them out."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.actions import sign_out_device, sign_out_other_devices
from accounts.queries import devices_of
from accounts.tests.cast import PASSWORD, Person, make_client, make_freelancer
from core.actor import Actor
from core.clock import now
from core.errors import NotAllowed
from events.models import Event
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
PAGE, OTHERS = "/settings/devices/", "/settings/devices/sign-out-others/"


def log_in(name: str, agent: str = FIREFOX) -> Client:
    browser = Client(headers={"user-agent": agent})
    answer = browser.post("/accounts/login/", {"login": f"{name}@example.com", "password": PASSWORD})
    assert answer["Location"] == "/start/"
    return browser


def session_of(browser: Client) -> UserSession:
    session: UserSession = UserSession.objects.get(session_key=browser.session.session_key)
    return session


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


def test_each_log_in_is_listed_by_what_it_is_this_one_first(alice: Person) -> None:
    here, phone = log_in("alice"), log_in("alice", IPHONE)
    found = devices_of(alice.user, here.session.session_key)
    assert [(each.browser, each.system, each.is_current) for each in found] == [
        ("Firefox", "Windows", True),
        ("Safari", "iPhone", False),
    ]
    page = here.get(PAGE).content.decode()
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert f"/settings/devices/{session_of(phone).pk}/sign-out/" in page
    assert f"/settings/devices/{session_of(here).pk}/sign-out/" not in page


def test_a_browser_that_says_nothing_is_listed_too(alice: Person) -> None:
    here = log_in("alice", "<b>curl</b>")
    page = here.get(PAGE).content.decode()
    assert "Unknown browser" in page
    assert "<b>curl</b>" not in page


def test_a_device_that_is_logged_out_has_to_log_in_again(alice: Person) -> None:
    here, phone = log_in("alice"), log_in("alice", IPHONE)
    assert here.post(f"/settings/devices/{session_of(phone).pk}/sign-out/")["Location"] == PAGE
    assert phone.get("/settings/").status_code == 302
    assert here.get("/settings/").status_code == 200
    assert len(devices_of(alice.user, None)) == 1
    assert Event.objects.filter(kind="accounts.device_signed_out", subject=f"user:{alice.user.pk}").count() == 1


def test_all_others_are_logged_out_at_once_and_nobody_elses(alice: Person) -> None:
    make_freelancer("Bob")
    here, phone, laptop, bob = log_in("alice"), log_in("alice", IPHONE), log_in("alice"), log_in("bob")
    assert here.post(OTHERS)["Location"] == PAGE
    assert [each.get("/settings/").status_code for each in (here, phone, laptop, bob)] == [200, 302, 302, 200]
    event = Event.objects.get(kind="accounts.other_devices_signed_out")
    assert event.data["devices"] == 2


def test_this_device_is_left_by_logging_out(alice: Person) -> None:
    here = log_in("alice")
    with nothing_happens():
        assert here.post(f"/settings/devices/{session_of(here).pk}/sign-out/").status_code == 409
    assert here.get("/settings/").status_code == 200


def test_logging_out_takes_the_device_from_the_list(alice: Person) -> None:
    here, phone = log_in("alice"), log_in("alice", IPHONE)
    phone.post("/accounts/logout/")
    assert [each.browser for each in devices_of(alice.user, here.session.session_key)] == ["Firefox"]


def test_a_strangers_device_does_not_exist(alice: Person) -> None:
    make_freelancer("Bob")
    here, bob = log_in("alice"), log_in("bob")
    with nothing_happens():
        assert here.post(f"/settings/devices/{session_of(bob).pk}/sign-out/").status_code == 404
    assert bob.get("/settings/").status_code == 200


def test_the_verbs_refuse_strangers_and_staff_who_look_as_somebody(alice: Person) -> None:
    bob = make_freelancer("Bob")
    session = session_of(log_in("alice"))
    watcher = Actor(user_id=alice.user.pk, impersonator_id=bob.user.pk)
    with nothing_happens():
        for by in (bob.actor, watcher):
            with pytest.raises(NotAllowed):
                sign_out_device(device_id=session.pk, by=by, at=now())
            with pytest.raises(NotAllowed):
                sign_out_other_devices(user_id=alice.user.pk, keep="", by=by, at=now())


def test_a_log_in_that_ended_meanwhile_is_no_error(alice: Person) -> None:
    with nothing_happens():
        sign_out_device(device_id=0, by=alice.actor, at=now())
        assert sign_out_other_devices(user_id=alice.user.pk, keep="", by=alice.actor, at=now()) == 0


def test_a_new_password_leaves_only_this_device_on_the_list(alice: Person) -> None:
    here = log_in("alice")
    log_in("alice", IPHONE)
    new = "an even longer sentence"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    found = here.get(PAGE).context["devices"]
    assert [(each.browser, each.is_current) for each in found] == [("Firefox", True)]
