"""A passkey in a real browser, whose device is a virtual one: added, used to log in, and put away."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.tests.cast import PASSWORD, make_client
from tests.browser import MARKS, Visitor, in_browser, outside, site, violations

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_passkey_is_added_and_logs_in(site: str, in_browser: Any, outside: Any, settings: Any, language: str) -> None:
    settings.BASE_URL = site
    outside(lambda: make_client("Alice", language=language))

    def go(browser: Any) -> list[str]:
        alice = Visitor(browser, site, language)
        device = alice.context.new_cdp_session(alice.page)
        device.send("WebAuthn.enable")
        name = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
        alice.open("/accounts/login/")
        alice.fill(login="alice@example.com", password=PASSWORD)
        alice.press_primary()
        alice.open("/accounts/2fa/passkeys/add/")
        alice.fill(password=PASSWORD)
        alice.press_primary()
        assert violations(alice.page) == []
        alice.fill(name="My phone")
        alice.press_primary()
        assert "/accounts/2fa/recovery-codes/" in alice.page.url
        alice.open("/accounts/2fa/passkeys/")
        assert alice.sees("My phone")
        assert violations(alice.page) == []
        alice.open("/settings/devices/")
        assert violations(alice.page) == []

        alice.context.clear_cookies()
        alice.open("/accounts/login/")
        alice.press('form[data-passkey="fetch"] button')
        alice.open("/settings/security/")
        assert alice.sees("alice@example.com")

        alice.context.clear_cookies()
        device.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
        alice.open("/accounts/login/")
        alice.page.click('form[data-passkey="fetch"] button')
        alice.page.wait_for_selector("[data-problem]:not([hidden])")
        assert "/accounts/login/" in alice.page.url
        alice.close()
        return alice.complaints

    assert in_browser(go) == []
    assert outside(lambda: Authenticator.objects.filter(type="webauthn").count()) == 1


def test_without_script_the_other_ways_stay(site: str, in_browser: Any, settings: Any) -> None:
    settings.BASE_URL = site

    def go(browser: Any) -> bool:
        visitor = Visitor(browser, site, has_script=False)
        visitor.open("/accounts/login/")
        shown = bool(visitor.page.is_visible('form[data-passkey="fetch"]'))
        visitor.close()
        return shown

    assert in_browser(go) is False
