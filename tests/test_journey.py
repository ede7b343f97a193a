"""The whole way through the house, clicked by people: from two sign-ups to money in the bank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from accounts.tests.cast import PASSWORD, SIRET, VAT_NUMBER, make_staff
from core.clock import forget, now
from core.registers import SAMPLE_VAT_NUMBER
from core.sweeps import run_all
from ledger.checks import run_checks
from ledger.queries import balance
from payments.gateways.sandbox import WORKING_IBAN
from payments.models import Withdrawal
from payments.tests.cards import SANDBOX_TIME, SUCCEEDS
from tests.browser import MARKS, Visitor, in_browser, outside, site

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]

TITLE = "Clickable prototype of a booking page"
#: What is left of the first milestone of 1 000.00 after the fee of 10 % and the VAT of 20 % on that fee. It carries no
#: VAT of Bob's: he declares what he is once the offer is there.
EARNED = 88_000
OVERVIEW = (
    "I design booking pages that people finish. For ten years I have drawn, tested and rebuilt the forms of small "
    "hotels, ferries and museums: fewer questions, clearer prices, and a summary that fits on one screen. I start with "
    "what your guests ask at the desk, and I end with a page that answers it. You get sketches on the second day."
)


@dataclass(slots=True)
class Journey:
    """The people of one journey, each at a window of their own, and what they agreed on."""

    alice: Visitor
    bob: Visitor
    staff: Visitor
    file: Path
    settings: Any
    sweep: Callable[[], None]

    def run(self) -> None:
        """Go the whole way."""
        self.post_a_job()
        self.be_let_in()
        self.bid()
        self.hire()
        self.work()
        self.be_paid()

    def post_a_job(self) -> None:
        """Alice signs up to hire; staff read her first job and open it."""
        alice = self.alice
        sign_up(alice, "client", "Alice")
        alice.open("/jobs/new/")
        alice.fill(title=TITLE)
        alice.press("button[name=save]")  # a draft needs nothing but its title
        if "/edit/" not in alice.page.url:
            alice.follow("/edit/")
        alice.fill(
            description="Our guests give up on the second page. Draw us one that they finish, for phone and desktop, "
            "and let us click through it before anybody builds it.",
            budget="1200",
            skills="Django, PostgreSQL",
        )
        alice.choose(category="web-development", level="intermediate")
        alice.tick("kind", "fixed")
        alice.press("button[name=preview]")
        assert "/preview/" in alice.page.url
        assert alice.sees(TITLE)
        alice.press_primary()
        sign_in(self.staff, "maya@example.com", "/admin/")
        self.staff.open("/admin/jobs/job/")
        self.staff.press(f'a:has-text("{TITLE}")')
        self.staff.press('form[action*="approve"] input[type=submit]')

    def be_let_in(self) -> None:
        """Bob signs up to work, writes his profile, and staff make it public."""
        bob = self.bob
        sign_up(bob, "freelancer", "Bob")
        bob.open("/profile/")
        bob.fill(title="Designer of booking pages", overview=OVERVIEW, skills="Django, PostgreSQL", hourly_rate="60")
        bob.choose(category="web-development")
        bob.tick("level", "expert")
        bob.attach("photo", Path(__file__).parent.parent / "marketplace" / "demo" / "sam.png")
        bob.press("button[name=submit]")
        self.staff.open("/admin/profiles/profile/")
        self.staff.press('#result_list a:has-text("Bob")')
        self.staff.press('form[action*="approve"] input[type=submit]')
        self.sweep()

    def bid(self) -> None:
        """Bob finds the job by its words and sends a proposal; his connects go down by what it costs."""
        bob = self.bob
        before = connects_of(bob)
        assert before > 0
        bob.open("/jobs/?q=clickable+prototype")
        bob.press(f'main a:has-text("{TITLE}")')
        bob.press_primary()
        bob.fill(
            amount="1000",
            letter="I would begin with your three most frequent bookings and draw the shortest way through each.",
        )
        bob.press_primary()
        assert "/proposals/" in bob.page.url
        assert 1 <= before - connects_of(bob) <= 6

    def hire(self) -> None:
        """Alice shortlists him, adds a card, and sends an offer whose first milestone is charged; Bob accepts."""
        alice, bob = self.alice, self.bob
        alice.open("/jobs/mine/")
        alice.press(f'main a:has-text("{TITLE}")')
        alice.follow("/proposals/")
        alice.send('form[action*="/shortlist/"] button')
        alice.press('main a[href*="tab=shortlisted"]')
        alice.press("main .job__title a")
        self.sweep()
        alice.follow("/offer/")
        alice.fill(
            title=TITLE,
            deliverables="A prototype to click through, for phone and desktop.",
            **{"milestones-0-title": "Sketches and prototype", "milestones-0-amount": "1000"},
        )
        alice.choose(duration="weeks")
        alice.press("button[name=save]")
        if "/send/" not in alice.page.url:
            alice.press_primary()
        alice.follow("/payments/cards/new/")
        alice.tick("card", SUCCEEDS)
        alice.press_primary()
        assert "/send/" in alice.page.url
        alice.press_primary()
        self.sweep()
        bob.open("/proposals/")
        bob.press(f'main a:has-text("{TITLE}")')
        bob.follow("/offers/")
        bob.press_primary()
        bob.press_primary()
        self.declare()
        bob.press_primary()
        assert "/contracts/" in bob.page.url
        self.sweep()

    def declare(self) -> None:
        """Bob is asked what he is before the law, says so, and is led back to the offer."""
        bob = self.bob
        assert "/settings/legal-status/" in bob.page.url
        bob.tick("status", "registered")
        bob.fill(legal_name="Bob Keller EI", address="1 rue du Port\n29200 Brest", siret=SIRET, vat_number=VAT_NUMBER)
        bob.tick("charges_vat", "yes")
        bob.tick("mandate")
        bob.press_primary()
        assert "/accept/" in bob.page.url

    def work(self) -> None:
        """They talk; Bob submits twice, Alice asks for changes once and then approves."""
        alice, bob = self.alice, self.bob
        bob.open("/contracts/")
        bob.press(f'main a:has-text("{TITLE}")')
        room = bob.page.url
        bob.follow("/messages/")
        bob.fill(text="I begin today. Which three bookings come most often?")
        bob.send("#room-form .btn--primary")
        assert bob.sees("Which three bookings come most often?")
        bob.page.goto(room)
        self.submit("Sketches of all three ways.")
        path = room.split("/contracts/")[1]
        alice.open(f"/contracts/{path}")
        assert alice.sees("Which three bookings come most often?")
        assert alice.sees(self.file.name)
        alice.follow("/request-changes/")
        alice.fill(note="Please draw the group booking too.")
        alice.press_primary()
        bob.page.goto(room)
        assert bob.sees("Please draw the group booking too.")
        self.submit("With the group booking.")
        alice.open(f"/contracts/{path}")
        assert alice.sees("With the group booking.")
        alice.follow("/approve/")
        alice.press_primary()
        self.sweep()

    def submit(self, note: str) -> None:
        """Hand work in with a file, from the open room."""
        self.bob.press_primary()
        self.bob.fill(note=note)
        self.bob.attach("attachments", self.file)
        self.bob.press_primary()
        if "/submit/" in self.bob.page.url:  # shown once more before it leaves
            self.bob.press_primary()
        assert self.bob.sees(note)

    def be_paid(self) -> None:
        """The security period and the wait of a new bank account pass by the demo clock; then the money leaves."""
        bob = self.bob
        self.pass_time("5d")
        self.settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
        bob.open("/wallet/")
        bob.follow("/wallet/bank/new/")
        self.prove_who_he_is()
        bob.fill(iban=WORKING_IBAN)
        bob.press_primary()
        self.pass_time("3d")
        self.settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
        bob.open("/wallet/")
        bob.follow("/wallet/withdraw/")
        self.prove_who_he_is()
        bob.press_primary()
        bob.press_primary()
        self.sweep()
        bob.open("/wallet/")
        bob.open("/wallet/statement/")

    def prove_who_he_is(self) -> None:
        """Type the password again, and be trusted for the next minutes."""
        assert "/reauthenticate/" in self.bob.page.url
        self.settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
        self.bob.fill(password=PASSWORD)
        self.bob.press_primary()

    def pass_time(self, step: str) -> None:
        """Let staff move the demo clock."""
        self.staff.open("/demo-clock/")
        self.staff.fill(step=step)
        self.staff.press_primary()
        self.sweep()


def sign_up(visitor: Visitor, hat: str, name: str) -> None:
    """Make an account, and verify its address by the link of the mail, read in the mailbox."""
    email = f"{name.lower()}@example.com"
    visitor.open("/accounts/signup/")
    visitor.tick("hat", hat)
    visitor.fill(first_name=name, last_name="Keller", email=email, password1=PASSWORD)
    visitor.choose(country="FR")
    visitor.tick("agree")
    visitor.press_primary()
    visitor.follow("/mailbox/")
    visitor.press(f'tr:has-text("{email}") a')
    visitor.press('article a[href*="/confirm-email/"]')
    visitor.press_primary()


def sign_in(visitor: Visitor, email: str, path: str) -> None:
    """Open a page that asks who it is, and say so."""
    visitor.open(path)
    visitor.fill(login=email, password=PASSWORD)
    visitor.press_primary()


def connects_of(visitor: Visitor) -> int:
    """Read the connects that are left from their page."""
    visitor.open("/connects/")
    return int(visitor.page.inner_text("main .stat-rate"))


def settle() -> None:
    """Do what the worker and the beat would have done by now, the sandbox's few seconds included."""
    forget()
    run_all(at=now())
    run_all(at=now() + SANDBOX_TIME)


@pytest.mark.parametrize(
    ("language", "has_script"),
    [
        pytest.param("en", True, id="english-with-script", marks=pytest.mark.full),
        pytest.param("en", False, id="english-without-script", marks=pytest.mark.full),
        pytest.param("fr", True, id="french-with-script"),
        pytest.param("fr", False, id="french-without-script", marks=pytest.mark.full),
    ],
)
def test_two_people_go_from_sign_up_to_money_in_the_bank(
    site: str,
    in_browser: Any,
    outside: Any,
    settings: Any,
    tmp_path: Path,
    *,
    language: str,
    has_script: bool,
) -> None:
    settings.DEMO_CLOCK = settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.BASE_URL = site
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    make_staff("Maya", "administrator")
    file = tmp_path / "sketches.txt"
    file.write_text("Three ways to book, one page each.\n")

    def click(browser: Any) -> list[str]:
        people = [Visitor(browser, site, language, has_script) for _name in ("Alice", "Bob", "Maya")]
        alice, bob, maya = people
        try:
            Journey(alice, bob, maya, file=file, settings=settings, sweep=lambda: outside(settle)).run()
            return [line for person in people for line in person.complaints]
        except Exception as error:
            seen = "\n".join(f"{person.page.url}\n{person.text()[:3000]}\n{person.complaints[:5]}" for person in people)
            raise AssertionError(f"{error}\n{seen}") from error
        finally:
            for person in people:
                person.close()

    assert in_browser(click) == []
    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.status, withdrawal.amount) == (Withdrawal.Status.PAID, EARNED)
    assert balance(f"available:party:{withdrawal.party_id}", withdrawal.currency) == 0
    assert run_checks() == []
