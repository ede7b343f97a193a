"""The pages that load the provider's own fields, clicked in a real browser: a card, the bank's question, onboarding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.tests.cast import Person, make_client, make_freelancer, sign_in
from core.clock import now
from payments import actions
from payments.models import Charge, GatewayAccount, PaymentMethod, PayoutMethod
from payments.tests import cards
from payments.tests.purposes import purpose_for, start
from tests.browser import MARKS, Visitor, in_browser, outside, site, violations
from tests.providers import listen, stripe_settings
from tests.stripe_js import StripeScript
from tests.stripe_server import StripeServer

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]


@dataclass(frozen=True, slots=True)
class House:
    """The site on a local Stripe, with its people and their sessions."""

    server: StripeServer
    script: StripeScript
    site: str
    alice: Person
    bob: Person

    def session(self, person: Person) -> str:
        """Sign somebody in, their password proven a moment ago."""
        client = Client()
        sign_in(client, person)
        cards.prove_password(client)
        return str(client.session.session_key)

    def work(self) -> None:
        """Do what workers and webhooks have done by now."""
        self.server.webhooks.settle()
        later = now() + timedelta(minutes=1)
        actions.run_due_moves(at=later)
        actions.process_inbox(at=later)


@pytest.fixture
def house(site: str, settings: Any) -> Iterator[House]:
    alice, bob = make_client("Alice"), make_freelancer("Bob")
    with StripeServer() as server, StripeScript(server) as script, purpose_for(bob):
        for name, value in (stripe_settings(server) | {"STRIPE_JS_URL": script.url}).items():
            setattr(settings, name, value)
        listen(server, site)
        yield House(server, script, site, alice, bob)
        server.webhooks.settle()
        server.check()


def click(house: House, in_browser: Any, session: str, steps: Callable[[Visitor], None], **kind: Any) -> list[str]:
    """Let somebody go their way, and return what the browser complained about."""

    def go(browser: Any) -> list[str]:
        visitor = Visitor(browser, house.site, **kind)
        visitor.sign_in(session, django_settings.SESSION_COOKIE_NAME)
        try:
            steps(visitor)
            return [each for each in visitor.complaints if not each.startswith(house.server.url)]
        except Exception as error:
            raise AssertionError(
                f"{error}\n{visitor.page.url}\n{visitor.text()[:2000]}\n{visitor.complaints}"
            ) from error
        finally:
            visitor.close()

    complaints: list[str] = in_browser(go)
    return complaints


def type_number(visitor: Visitor, number: str) -> None:
    """Type into the frame of the provider."""
    visitor.page.frame_locator('iframe[title="fields"]').locator("input").fill(number)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_card_is_typed_into_the_providers_frame(house: House, in_browser: Any, outside: Any, language: str) -> None:
    session = outside(lambda: house.session(house.alice))

    def steps(visitor: Visitor) -> None:
        home = "/payments/" if language == "en" else "/fr/payments/"
        visitor.open(f"/payments/cards/new/?next={home}")
        assert violations(visitor.page) == []
        visitor.press_primary()
        type_number(visitor, "4000000000000002")
        visitor.page.click("main .btn--primary")
        visitor.page.wait_for_selector("[data-problem]:not([hidden])")
        assert visitor.sees("Your card was declined.")
        type_number(visitor, "4242424242424242")
        assert violations(visitor.page) == []
        visitor.press_primary()
        assert visitor.page.url == f"{house.site}{home}"
        assert visitor.sees("Visa ···· 4242")

    assert click(house, in_browser, session, steps, language=language) == []
    method = outside(PaymentMethod.objects.get)
    assert (method.brand, method.last4) == ("Visa", "4242")
    assert "4242424242424242" not in str([call.params for call in house.server.calls.all()])


def test_without_script_the_page_says_why_nothing_is_there(house: House, in_browser: Any, outside: Any) -> None:
    session = outside(lambda: house.session(house.alice))

    def steps(visitor: Visitor) -> None:
        visitor.open("/payments/cards/new/")
        visitor.press_primary()
        assert visitor.sees("need JavaScript")

    assert click(house, in_browser, session, steps, has_script=False) == []


@pytest.mark.parametrize(("button", "status"), [("#yes", "confirmed"), ("#no", "denied")])
@pytest.mark.parametrize("is_payer_present", [True, False])
def test_the_bank_asks_in_a_frame_and_the_payer_answers(
    house: House, in_browser: Any, outside: Any, button: str, status: str, *, is_payer_present: bool
) -> None:
    def arrange() -> tuple[str, int]:
        assert house.alice.party is not None
        setup, begun = actions.begin_setup(party_id=house.alice.party.pk, by=house.alice.actor, at=now())
        card = house.server.play.collect_card(number="4000002760003184")
        house.server.play.confirm(client_secret=begun.client_secret, payment_method=card["id"])
        house.server.play.authenticate(intent=begun.provider_id)
        method = actions.finish_setup(setup_id=setup.pk, by=house.alice.actor, at=now()).method
        assert method is not None
        charge = start(house.alice, method, at=now())
        Charge.objects.filter(pk=charge.pk).update(is_payer_present=is_payer_present)
        assert actions.run_charge(charge_id=charge.pk, at=now()).status == "waiting"
        return house.session(house.alice), charge.pk

    session, charge_id = outside(arrange)

    def steps(visitor: Visitor) -> None:
        visitor.open(f"/payments/charges/{charge_id}/")
        visitor.press_primary()
        visitor.page.click("main .btn--primary")
        bank = visitor.page.frame_locator('iframe[title="bank"]')
        bank.locator("body[data-ready]").wait_for()
        with visitor.page.expect_navigation():
            bank.locator(button).click()
        assert visitor.sees("Paid." if status == "confirmed" else "Not paid.")

    assert click(house, in_browser, session, steps) == []
    charge = outside(Charge.objects.get)
    assert charge.status == status
    assert house.server.totals().charged == (105_000 if status == "confirmed" else 0)


def test_a_freelancer_tells_the_provider_about_himself(house: House, in_browser: Any, outside: Any) -> None:
    session = outside(lambda: house.session(house.bob))

    def steps(visitor: Visitor) -> None:
        visitor.open("/wallet/")
        visitor.follow("/wallet/bank/new/")
        assert "/wallet/account/" in visitor.page.url
        assert violations(visitor.page) == []
        with visitor.page.expect_navigation():
            visitor.page.click("main .btn--primary")
        assert visitor.page.url.startswith(house.server.url)
        with visitor.page.expect_navigation():
            visitor.page.click("button")
        assert visitor.page.url.endswith("/wallet/")
        outside(house.work)
        visitor.open("/wallet/")
        assert visitor.sees("DE ···· 3000")
        assert violations(visitor.page) == []

    assert click(house, in_browser, session, steps) == []
    account = outside(GatewayAccount.objects.get)
    assert (account.status, account.missing) == ("enabled", [])
    assert outside(lambda: PayoutMethod.objects.get().usable_from) > now() + timedelta(days=2)


def test_what_is_missing_is_named_with_a_way_to_go_on(house: House, in_browser: Any, outside: Any) -> None:
    def arrange() -> str:
        assert house.bob.party is not None
        urls = {"return_url": f"{house.site}/wallet/", "refresh_url": f"{house.site}/wallet/account/"}
        actions.begin_onboarding(party_id=house.bob.party.pk, by=house.bob.actor, at=now(), **urls)
        return house.session(house.bob)

    session = outside(arrange)

    def steps(visitor: Visitor) -> None:
        visitor.open("/wallet/")
        visitor.press('form[action*="/account/check/"] button')
        assert visitor.sees("Our payment provider needs more from you.")
        assert visitor.sees("A bank account to pay you on")
        visitor.follow("/wallet/account/")
        assert visitor.sees("It still needs:")

    assert click(house, in_browser, session, steps) == []


def test_only_those_pages_let_the_provider_in(house: House, outside: Any) -> None:
    def look() -> dict[str, str]:
        assert house.alice.party is not None
        setup, _begun = actions.begin_setup(party_id=house.alice.party.pk, by=house.alice.actor, at=now())
        client = Client()
        sign_in(client, house.alice)
        paths = ["/payments/", "/payments/cards/new/", f"/payments/cards/new/{setup.pk}/", "/"]
        return {path: client.get(path, follow=True).headers["Content-Security-Policy"] for path in paths}

    policies = outside(look)
    (fields,) = (path for path in policies if path.startswith("/payments/cards/new/") and not path.endswith("new/"))
    assert [path for path, policy in policies.items() if house.script.origin in policy] == [fields]
    parts = dict(part.strip().split(" ", 1) for part in policies[fields].split(";") if " " in part.strip())
    assert {name for name, value in parts.items() if house.script.origin in value} == {
        "script-src",
        "frame-src",
        "connect-src",
    }
    assert "unsafe" not in policies[fields]


def test_with_the_real_script_exactly_its_makers_hosts_are_let_in(house: House, outside: Any, settings: Any) -> None:
    settings.STRIPE_JS_URL = "https://js.stripe.com/v3/"

    def look() -> str:
        assert house.alice.party is not None
        setup, _begun = actions.begin_setup(party_id=house.alice.party.pk, by=house.alice.actor, at=now())
        client = Client()
        sign_in(client, house.alice)
        return str(client.get(f"/payments/cards/new/{setup.pk}/").headers["Content-Security-Policy"])

    words = [word for word in outside(look).replace(";", " ").split() if "stripe.com" in word]
    assert sorted(set(words)) == [
        "https://*.js.stripe.com",
        "https://*.stripe.com",
        "https://api.stripe.com",
        "https://hooks.stripe.com",
        "https://js.stripe.com",
    ]
