"""Two people talk to each other from one room: two real browsers with pictures that move, on one real site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.tests.cast import Person, sign_in
from contracts.models import Contract
from contracts.tests import cast
from core.clock import now
from core.sweeps import run_all, run_sweep
from messaging.models import Call, Room
from tests.browser import MARKS, Visitor, in_browser, outside, site, violations
from tests.chromium import FLAGS, find_chromium

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]
#: A camera and a microphone that are not there: a picture that moves, and a beep each second.
DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
#: Counts the pictures that came from the other side, and the bytes of sound.
CAME_IN = """async () => {
  const video = document.querySelector("#call-there");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(video, 0, 0, 64, 64);
  const data = brush.getImageData(0, 0, 64, 64).data;
  const pixels = data.reduce((sum, each, index) => (sum * 31 + each * (index % 7)) % 1e9, 0);
  return { pictures: video.getVideoPlaybackQuality().totalVideoFrames, pixels, width: video.videoWidth };
}"""
CONNECTED = '#call[data-connection="connected"]'


def session_of(person: Person) -> str:
    browser = Client()
    sign_in(browser, person)
    return str(browser.cookies[django_settings.SESSION_COOKIE_NAME].value)


@contextmanager
def two_people(browser: Any, site: str, sessions: dict[str, str], **looks: Any) -> Iterator[tuple[Visitor, Visitor]]:
    """Open a browser with devices, and in it Alice and Bob, each at a window of their own."""
    flags = [*FLAGS, *DEVICES]
    with browser.browser_type.launch(executable_path=find_chromium(), args=flags) as own:
        alice, bob = Visitor(own, site), Visitor(own, site, **looks)
        for visitor, name in ((alice, "alice"), (bob, "bob")):
            visitor.context.grant_permissions(["camera", "microphone"], origin=site)
            visitor.sign_in(sessions[name], django_settings.SESSION_COOKIE_NAME)
        yield alice, bob
        for visitor in (alice, bob):
            visitor.close()


def opened(visitor: Visitor, selector: str) -> Any:
    """Press what opens a new tab, and return the tab."""
    with visitor.context.expect_page() as tab:
        visitor.page.click(selector)
    tab.value.wait_for_load_state()
    return tab.value


def pictures_move(page: Any) -> bool:
    """Test whether pictures of the other side go on coming in, and differ."""
    first = page.evaluate(CAME_IN)
    page.wait_for_function(
        "before => document.querySelector('#call-there').getVideoPlaybackQuality().totalVideoFrames > before + 5",
        arg=first["pictures"],
    )
    second = page.evaluate(CAME_IN)
    return bool(second["width"] > 0 and second["pixels"] != first["pixels"])


def ring(alice: Visitor, contract: Contract, kind: str = "Video call") -> Any:
    """Alice opens the messages of the contract, checks her devices and calls; return the tab of the call."""
    alice.open(f"/contracts/{contract.pk}/messages/")
    tab = opened(alice, f'main a:has-text("{kind}")')
    tab.click('#call-start button:has-text("Call now")')
    tab.wait_for_url("**/calls/*/")
    return tab


@pytest.fixture
def deal() -> cast.Deal:
    return cast.make_deal()


@pytest.fixture
def contract(deal: cast.Deal) -> Contract:
    return cast.sign(deal)


def test_two_people_see_and_hear_each_other_and_the_room_keeps_a_line(
    site: str, in_browser: Any, outside: Any, settings: Any, deal: cast.Deal, contract: Contract
) -> None:
    settings.BASE_URL = site
    sessions = {"alice": session_of(deal.alice), "bob": session_of(deal.bob)}

    def talk(browser: Any) -> tuple[list[str], list[str]]:
        with two_people(browser, site, sessions) as (alice, bob):
            bob.open("/contracts/")
            here = ring(alice, contract)
            bob.page.wait_for_selector("dialog.ring[open]")
            found = violations(bob.page)
            assert bob.sees("Video call from Alice Martin")
            here.wait_for_selector('#call-status:has-text("It rings.")')
            there = opened(bob, 'dialog.ring button:has-text("Answer")')
            there.wait_for_selector("#call-join:visible")
            found += violations(there)
            there.click("#call-join")
            for tab in (here, there):
                tab.wait_for_selector(CONNECTED)
                assert pictures_move(tab)
            found += violations(here)
            here.click("#call-mute")
            there.wait_for_selector('#call-there-note:has-text("The other microphone is off")')
            there.click("#call-dark")
            here.wait_for_selector('#call-there-note:has-text("The other camera is off")')
            there.click("#call-dark")
            there.wait_for_selector('#call-dark[aria-pressed="false"]')
            assert pictures_move(here)
            there.click('button:has-text("Hang up")')
            for tab in (here, there):
                tab.wait_for_selector('#call-status:has-text("The call has ended.")')
            alice.open(f"/contracts/{contract.pk}/messages/")
            alice.page.click(".call__panel summary")
            assert alice.sees("Video call by Alice Martin, answered by Bob Durand, 0:")
            return found, alice.complaints + bob.complaints

    assert in_browser(talk) == ([], [])
    call = outside(Call.objects.get)
    assert (call.status, call.why, call.callee_id) == ("ended", "hung_up", deal.bob.user.pk)


def refuse(browser: Any, site: str, session: str, flags: list[str], room_path: str, **looks: Any) -> str:
    """Open the page of a call in a browser that gives it nothing, and return what the page says is to be done."""
    with browser.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, *flags]) as own:
        alice = Visitor(own, site, **looks)
        alice.sign_in(session, django_settings.SESSION_COOKIE_NAME)
        alice.open(room_path)
        alice.page.click("#call-open")
        alice.page.wait_for_selector("#call-problem:visible")
        assert alice.page.is_visible("#call-retry")
        assert not alice.page.is_visible("#call-start button")
        text = str(alice.page.inner_text("#call-problem p"))
        assert (alice.complaints, violations(alice.page)) == ([], [])
        alice.close()
        return text


def test_a_call_is_declined_another_unheard_and_a_browser_without_a_microphone_says_so(
    site: str, in_browser: Any, outside: Any, settings: Any, deal: cast.Deal, contract: Contract
) -> None:
    settings.BASE_URL = site
    sessions = {"alice": session_of(deal.alice), "bob": session_of(deal.bob)}
    room = Room.objects.get(owner=contract.scope)

    def let_it_ring_out() -> None:
        moment = now() - timedelta(minutes=1)
        Call.objects.filter(status="ringing").update(started_at=moment, rings_until=moment)
        assert run_sweep("messaging.miss_calls", at=now()) == 1
        run_all(at=now())

    def talk(browser: Any) -> tuple[list[str], list[str]]:
        with two_people(browser, site, sessions, language="fr", width=390, theme="dark") as (alice, bob):
            bob.open("/contracts/")
            here = ring(alice, contract, "Voice call")
            bob.page.wait_for_selector("dialog.ring[open]")
            assert bob.sees("Appel vocal de Alice Martin")
            found = violations(bob.page)
            bob.page.keyboard.press("Escape")
            bob.page.wait_for_selector("dialog.ring", state="detached")
            bob.open("/contracts/")
            bob.page.wait_for_selector("dialog.ring[open]")
            bob.page.click("dialog.ring [data-decline] button")
            here.wait_for_selector('#call-status:has-text("Your call was declined.")')
            bob.page.wait_for_selector("dialog.ring", state="detached")
            bob.page.goto("about:blank")
            here = ring(alice, contract, "Voice call")
            here.wait_for_selector('#call-status:has-text("No page of theirs is open yet.")')
            outside(let_it_ring_out)
            here.wait_for_selector('#call-status:has-text("Nobody is online on the other side.")')
            bob.open("/notices/")
            bob.press('main :text("Vous avez manqué un appel de Alice Martin")')
            assert bob.sees("Vous avez manqué un appel de Alice Martin.")
            found += violations(bob.page)
            bob.open(f"/rooms/{room.pk}/call/?kind=video")
            bob.page.wait_for_selector("#call-start button:visible")
            found += violations(bob.page)
            quiet = Visitor(browser, site, has_script=False)
            quiet.sign_in(sessions["alice"], django_settings.SESSION_COOKIE_NAME)
            quiet.open(f"/rooms/{room.pk}/call/?kind=video")
            assert quiet.sees("Calls need JavaScript. Switch it on to talk, or write a message.")
            quiet.close()
            return found, alice.complaints + bob.complaints

    assert in_browser(talk) == ([], [])
    assert list(outside(lambda: list(Call.objects.order_by("pk").values_list("status", "why")))) == [
        ("declined", ""),
        ("missed", "offline"),
    ]
    page = f"/rooms/{room.pk}/call/?kind=voice"
    denied = in_browser(lambda browser: refuse(browser, site, sessions["alice"], [DEVICES[0]], page))
    assert denied.startswith("The browser does not let this page use your microphone or camera.")
    missing = in_browser(lambda browser: refuse(browser, site, sessions["alice"], [DEVICES[1]], page))
    assert missing.startswith("No microphone was found.")
