"""In French, in a real browser: a first post from sign-up to the list, a report by keyboard alone, its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings as django_settings
from django.test import Client

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff
from accounts.tests.cast import sign_in as begin_session
from jobs.models import Job
from proposals.tests.cast import make_job
from tests.browser import MARKS, Visitor, in_browser, outside, site, violations
from tests.test_journey import settle, sign_up
from trust.models import ReportCase

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]

TITLE = "Une page pour réserver nos visites guidées"
WHY = "Le paiement en bons d’achat est interdit."
#: Steps of the Tab key after which something cannot be reached.
MOST_STEPS = 60


def tab_to(visitor: Visitor, selector: str) -> None:
    """Walk on with the Tab key until the focus is there."""
    for _step in range(MOST_STEPS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def press_key(visitor: Visitor, key: str) -> None:
    """Press a key that leads to a page, and wait for it."""
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press(key)


@dataclass(slots=True)
class Journey:
    """The client, who reports her, and who decides."""

    alice: Visitor
    bob: Visitor
    staff: Visitor
    sweep: Any

    def run(self) -> None:
        """Go the whole way."""
        self.post()
        self.open_it()
        self.report()
        self.decide()
        self.read()

    def post(self) -> None:
        """Alice signs up, begins with a template, reads what others pay, and publishes."""
        alice = self.alice
        sign_up(alice, "client", "Alice")
        alice.open("/jobs/new/?template=company-site")
        assert "## L’objectif" in alice.page.input_value('textarea[name="description"]')
        alice.choose(category="data")
        alice.page.wait_for_selector("#prices figure", state="detached")
        alice.choose(category="web-development")
        alice.page.wait_for_selector("#prices figure svg")
        assert alice.sees("La moitié de 3 missions semblables")
        assert violations(alice.page) == []
        alice.fill(title=TITLE, budget="1200")
        alice.press("button[name=preview]")
        assert alice.sees("Complétez ou effacez ce qui est entre crochets"), "a blank was left"
        alice.fill(
            description="Nos visiteurs abandonnent à la deuxième page. Dessinez-en une qu’ils terminent, sur téléphone "
            "et sur ordinateur, avant que quiconque la construise.",
            questions="",
        )
        alice.press("button[name=preview]")
        assert "/preview/" in alice.page.url
        alice.press_primary()

    def open_it(self) -> None:
        """A moderator reads the first post and opens it."""
        self.staff.open("/admin/jobs/job/")
        self.staff.press(f'a:has-text("{TITLE}")')
        self.staff.press('form[action*="approve"] input[type=submit]')
        self.sweep()

    def report(self) -> None:
        """Bob finds the job, looks at its client, and reports the job without touching the mouse."""
        bob = self.bob
        bob.open("/jobs/")
        bob.press(f'main a:has-text("{TITLE}")')
        job = bob.page.url
        bob.follow("/c/")
        assert bob.sees("Nouveau client")
        bob.page.goto(job)
        tab_to(bob, 'a[href*="/reports/job/"]')
        press_key(bob, "Enter")
        assert "/fr/reports/job/" in bob.page.url
        tab_to(bob, 'input[name="reason"]')
        bob.page.keyboard.press("Space")
        assert bob.page.is_checked('input[value="scam"]')
        tab_to(bob, 'textarea[name="text"]')
        bob.page.keyboard.type("Ils paient en bons d’achat.")
        tab_to(bob, "main .btn--primary")
        press_key(bob, "Enter")
        assert bob.sees("Nous l’avons bien reçu.")
        self.sweep()

    def decide(self) -> None:
        """The moderator reads the report and removes the job."""
        staff = self.staff
        staff.open("/admin/trust/reportcase/")
        staff.press(f'#result_list tbody a:has-text("{TITLE}")')
        assert staff.sees("Ils paient en bons d’achat.")
        staff.page.fill("#remove", WHY)
        staff.press('form[action*="/remove/"] input[type=submit]')
        self.sweep()

    def read(self) -> None:
        """Alice reads why; Bob reads that it was looked at, and not more."""
        alice, bob = self.alice, self.bob
        alice.open("/jobs/mine/")
        alice.press(f'main a:has-text("{TITLE}")')
        assert alice.sees(WHY)
        assert not alice.sees("Bob")
        bob.open("/notices/")
        bob.press(f'main :is(a, button):has-text("{TITLE}")')
        assert "/fr/reports/" in bob.page.url
        assert bob.sees("C’était contraire aux règles.")
        assert not bob.sees(WHY)


def cookie_of(person: Person) -> str:
    """Return a session in which the person is signed in."""
    browser = Client()
    begin_session(browser, person)
    return browser.cookies[django_settings.SESSION_COOKIE_NAME].value


def test_a_first_post_is_published_reported_and_removed(
    site: str, in_browser: Any, outside: Any, settings: Any
) -> None:
    settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.BASE_URL = site
    settings.PRODUCT = replace(settings.PRODUCT, price_sample_minimum=3)
    eve = make_client("Eve")
    for number, budget in enumerate((80_000, 120_000, 200_000)):
        make_job(eve, title=f"Post number {number}", budget=budget)
    reader, moderator = make_freelancer("Bob"), make_staff("Maya", "moderator")
    sessions = [cookie_of(person) for person in (reader, moderator)]

    def click(browser: Any) -> list[str]:
        people = [Visitor(browser, site, "fr") for _name in ("Alice", "Bob", "Maya")]
        alice, bob, maya = people
        for person, session in zip((bob, maya), sessions, strict=True):
            person.sign_in(session, django_settings.SESSION_COOKIE_NAME)
        try:
            Journey(alice, bob, maya, sweep=lambda: outside(settle)).run()
            return [line for person in people for line in person.complaints]
        except Exception as error:
            seen = "\n".join(f"{person.page.url}\n{person.text()[:2500]}\n{person.complaints[:5]}" for person in people)
            raise AssertionError(f"{error}\n{seen}") from error
        finally:
            for person in people:
                person.close()

    # The refused form puts its error beside the field, which a visitor counts as a complaint.
    complaints = [line for line in in_browser(click) if "entre crochets" not in line]
    assert complaints == []
    assert Job.objects.get(title=TITLE).status == Job.Status.REMOVED
    assert ReportCase.objects.get().decision == ReportCase.Decision.REMOVED
