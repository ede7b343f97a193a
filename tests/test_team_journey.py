"""An owner invites a colleague, who has no account yet, reads French, and answers on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Membership, User
from accounts.tests.cast import PASSWORD, make_client
from core.clock import forget, now
from core.sweeps import run_all
from notifications.models import Notice
from tests.browser import MARKS, Visitor, in_browser, outside, site
from tests.test_journey import sign_in

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]
PHONE = 390


def settle() -> None:
    """Do what the worker and the beat would have done by now."""
    forget()
    run_all(at=now())


def invite(alice: Visitor) -> None:
    """Alice opens the page of people and invites her colleague as finance."""
    sign_in(alice, "alice@example.com", "/settings/")
    alice.follow("/settings/people/")
    alice.fill(email="farah@example.com")
    alice.tick("role", "finance")
    alice.choose(language="fr")
    alice.press_primary()
    assert alice.sees("The invitation is on its way to farah@example.com.")


def answer(farah: Visitor) -> None:
    """Farah follows the link of the mail, creates an account, comes back to the invitation and accepts it."""
    farah.open("/mailbox/")
    farah.press('tr:has-text("farah@example.com") a')
    farah.press('article a[href*="/join/"]')
    assert farah.sees("Alice Martin vous invite à agir pour Verger SA.")
    assert fits(farah)
    farah.follow("/accounts/signup/")
    farah.fill(first_name="Farah", last_name="Benali", password1=PASSWORD)
    farah.choose(country="FR")
    farah.tick("agree")
    farah.press_primary()
    assert "/fr/join/" in farah.page.url
    farah.press_primary()
    assert farah.sees("Vous avez rejoint Verger SA")
    assert farah.sees("Farah Benali")
    assert fits(farah)


def fits(visitor: Visitor) -> bool:
    """Test whether nothing of the page is wider than the screen."""
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    "has_script", [pytest.param(True, id="script"), pytest.param(False, id="no-script", marks=pytest.mark.full)]
)
def test_a_colleague_joins_as_finance_in_french_on_a_phone(
    site: str, in_browser: Any, outside: Any, settings: Any, *, has_script: bool
) -> None:
    settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.BASE_URL = site
    make_client("Alice", company_name="Verger SA")

    def click(browser: Any) -> list[str]:
        alice = Visitor(browser, site, "en", has_script)
        farah = Visitor(browser, site, "fr", has_script, width=PHONE)
        try:
            invite(alice)
            outside(settle)
            answer(farah)
            outside(settle)
            alice.open("/settings/people/")
            assert alice.sees("Farah Benali")
            assert alice.sees("farah@example.com")
            return [*alice.complaints, *farah.complaints]
        except Exception as error:
            seen = "\n".join(f"{each.page.url}\n{each.text()[:2000]}\n{each.complaints[:5]}" for each in (alice, farah))
            raise AssertionError(f"{error}\n{seen}") from error
        finally:
            alice.close()
            farah.close()

    assert in_browser(click) == []
    farah = User.objects.get(email="farah@example.com")
    assert (farah.language, Membership.objects.get(user=farah).role) == ("fr", "finance")
    assert list(Notice.objects.values_list("user__email", "kind")) == [
        ("alice@example.com", "accounts.invitation_accepted")
    ]
