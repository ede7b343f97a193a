"""From a bid to a contract, clicked by two people at once: they write, meet, talk, bargain and sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts.tests.cast import Person, make_client
from contracts.models import Contract, Offer
from core.clock import forget, now
from core.product import rules
from core.sweeps import run_all
from jobs.actions import invite_to_job
from jobs.models import Job
from ledger.checks import run_checks
from ledger.queries import balance
from messaging.models import Room
from notifications.actions import send_due_mails
from payments.models import Charge
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals.models import Interview, Proposal
from proposals.tests.cast import make_job
from tests.browser import MARKS, Visitor, in_browser, outside, site
from tests.test_call_journey import CONNECTED, opened, pictures_move, session_of, two_people

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]

TITLE = "Timetable for six quays"
LETTER = "I would begin at the quay itself, and draw what people look for while they wait."
ADDRESS = "bob@rivage.fr"
#: What the accounts of the client's money and of the fee on it begin with.
HELD = ("held", "held_fee")
#: Why the first milestone of the counter-offer is dearer.
REASON = "The sixth quay needs drawings of its own."


@dataclass(slots=True)
class Hiring:
    """Alice and Bob, each at a window of their own, the job between them, and who does the work of the machines."""

    alice: Visitor
    bob: Visitor
    job: Job
    sweep: Callable[[], None]
    has_script: bool = True

    def find(self, visitor: Visitor, words: str) -> None:
        """Come to what has happened: from the bell, or from the mail that told of it."""
        self.sweep()
        if self.has_script:
            visitor.open("/notices/")
            visitor.press(f'main a:has-text("{words}")')
            return
        name = "alice" if visitor is self.alice else "bob"
        visitor.open("/mailbox/")
        visitor.press(f'tr:has-text("{name}@example.com"):has-text("{words}") a')
        visitor.press("article a")

    def bid(self) -> None:
        """Bob plans two milestones, bids for a place, and sends; no connects but those of the boost, if invited."""
        bob = self.bob
        bob.tick("pricing", "milestones")
        bob.fill(
            **{
                "milestones-0-title": "Drawings",
                "milestones-0-amount": "600",
                "milestones-1-title": "Print files",
                "milestones-1-amount": "400",
            },
            letter=LETTER,
            boost="3",
        )
        bob.choose(duration="weeks")
        bob.press_primary()
        assert "/proposals/" in bob.page.url

    def shortlist(self) -> None:
        """Alice puts the marked proposal of her inbox on the shortlist and opens it."""
        alice = self.alice
        assert alice.page.is_visible('main .badge:has-text("Boosted")')
        alice.send('form[action*="/shortlist/"] button')
        assert alice.page.is_visible('button[aria-pressed="true"]:has-text("Shortlisted")')

    def begin_to_talk(self) -> None:
        """Alice writes the first message, on the page of the proposal."""
        self.alice.page.fill('#message [name="text"]', "Which quay would you draw first?")
        self.alice.press("#message .btn--primary")
        assert "/messages/" in self.alice.page.url

    def say(self, visitor: Visitor, words: str) -> None:
        """Write in the room that is open."""
        visitor.fill(text=words)
        visitor.send("#room-form .btn--primary")
        self.sweep()

    def give_address(self) -> None:
        """Bob writes his address, is told that it will be hidden, and sends it so all the same."""
        bob = self.bob
        bob.fill(text=f"Send the plan to {ADDRESS}, please.")
        before = len(bob.complaints)
        bob.page.click("#room-form .btn--primary")
        bob.page.wait_for_selector('button[name="masked"]')
        del bob.complaints[before:]  # the answer 422 is on the console
        bob.send('button[name="masked"]')
        self.sweep()

    def propose_times(self) -> None:
        """Alice proposes two times for an interview."""
        alice = self.alice
        alice.follow("/interview/")
        day = (now() + timedelta(days=2)).date()
        alice.fill(start_0=f"{day}T10:00", start_1=f"{day}T15:30")
        alice.press_primary()
        assert "/interviews/" in alice.page.url

    def accept_second_time(self) -> None:
        """Bob takes the second of the times."""
        self.bob.page.check('main input[name="slot"] >> nth=1')
        self.bob.press_primary()

    def make_an_offer(self) -> None:
        """Alice offers what Bob asked for, and pays the first milestone."""
        alice = self.alice
        alice.follow("/offer/")
        assert alice.page.input_value('[name="milestones-0-amount"]') == "600.00"
        alice.fill(title=TITLE, deliverables="Six timetables, drawn and ready to print.")
        alice.choose(duration="weeks")
        alice.press("button[name=save]")
        alice.press_primary()
        assert alice.sees("Pay €630.00 and send")
        alice.press_primary()

    def counter(self) -> None:
        """Bob asks for more for the first milestone, and says why."""
        bob = self.bob
        bob.follow("/counter/")
        bob.fill(**{"milestones-0-amount": "800"}, note=REASON)
        bob.press("button[name=save]")

    def agree(self) -> None:
        """Alice reads what changes and what just that costs, and pays the difference."""
        alice = self.alice
        assert alice.sees(REASON)
        alice.follow("/agree/")
        for words in (
            "€600.00 €800.00",
            "More for the first milestone €200.00",
            "Client fee, 5% €10.00",
            "You pay now €210.00",
        ):
            assert alice.sees(words), words
        assert alice.page.inner_text("main .btn--primary").strip() == "Pay €210.00 and agree"
        alice.press_primary()

    def accept(self) -> None:
        """Bob accepts the version that both agreed on."""
        self.bob.press_primary()
        self.bob.press_primary()
        assert "/contracts/" in self.bob.page.url


def settle() -> None:
    """Do what the worker and the beat would have done by now, the sandbox's few seconds included."""
    forget()
    run_all(at=now())
    run_all(at=now() + cards.SANDBOX_TIME)


def settle_and_mail() -> None:
    """Do that, and send what is mailed once it has waited for its reader."""
    settle()
    send_due_mails(at=now() + timedelta(minutes=rules().message_mail_minutes) + cards.SANDBOX_TIME)


@dataclass(frozen=True, slots=True)
class People:
    """Who meets: an English client with a card and an open job, and a freelancer who reads French."""

    alice: Person
    bob: Person
    job: Job
    sessions: dict[str, str]


@pytest.fixture
def people(outside: Any) -> People:
    alice = make_client("Alice", company_name="Verger SA")
    cards.make_card(alice)
    bob = make_approved("Bob", language="fr")
    job = make_job(alice, title=TITLE)
    outside(settle)
    return People(alice, bob, job, {"alice": session_of(alice), "bob": session_of(bob)})


def explained(error: Exception, *visitors: Visitor) -> AssertionError:
    """Return what went wrong with what each of them saw."""
    seen = "\n".join(f"{each.page.url}\n{each.text()[:2000]}\n{each.complaints[:5]}" for each in visitors)
    return AssertionError(f"{error}\n{seen}")


def check_signed() -> None:
    """Demand one contract, with the agreed sum held for it and nothing elsewhere, and rooms without a guard."""
    contract, offer = Contract.objects.get(), Offer.objects.get()
    first = contract.milestones.get(position=1)
    assert (contract.status, first.status, first.amount) == ("active", "funded", 80_000)
    assert [each.amount for each in contract.milestones.order_by("position")] == [80_000, 40_000]
    held = [balance(f"{name}:{holder}", "EUR") for holder in (first.holder, offer.holder) for name in HELD]
    assert held == [80_000, 4_000, 0, 0]
    charges = Charge.objects.order_by("pk").values_list("status", "amount")
    assert list(charges) == [("confirmed", 63_000), ("confirmed", 21_000)]
    assert not Room.objects.filter(guarded=True).exists()
    assert (Proposal.objects.get().status, Interview.objects.get().status) == ("hired", "accepted")
    assert run_checks() == []


def test_two_people_write_meet_bargain_and_sign_at_open_pages(
    site: str, in_browser: Any, outside: Any, settings: Any, people: People
) -> None:
    settings.BASE_URL = site
    job = people.job

    def go(browser: Any) -> list[str]:
        with two_people(browser, site, people.sessions, language="fr") as (alice, bob):
            try:
                way = Hiring(alice, bob, job, lambda: outside(settle))
                bob.open(f"/jobs/{job.pk}/proposals/new/")
                way.bid()
                alice.open(f"/jobs/{job.pk}/proposals/")
                way.shortlist()
                alice.press('main a[href*="tab=shortlisted"]')
                alice.press("main .job__title a")
                way.begin_to_talk()
                answer_live(way)
                way.propose_times()
                way.find(bob, "Des dates sont proposées pour un entretien")
                way.accept_second_time()
                way.find(alice, "Interview about")
                call(way)
                alice.press('main a:has-text("Read the proposal")')
                way.make_an_offer()
                way.find(bob, "Verger SA vous a envoyé une offre")
                way.counter()
                way.find(alice, "Bob D. proposes other terms")
                way.agree()
                way.find(bob, "Verger SA a accepté vos conditions")
                alice.open("/messages/")
                alice.press("main .job__title a")
                assert not alice.sees(ADDRESS)
                way.accept()
                outside(settle)
                alice.page.wait_for_selector(f'#room-messages :text("{ADDRESS}")')
                return alice.complaints + bob.complaints
            except Exception as error:
                raise explained(error, alice, bob) from error

    assert in_browser(go) == []
    check_signed()
    assert Proposal.objects.get().boost == 3


def answer_live(way: Hiring) -> None:
    """Bob's page says at once that he was written to; what each writes is on the open page of the other."""
    alice, bob = way.alice, way.bob
    way.sweep()
    bob.press('a:has([data-unread]:not([hidden]):has-text("1"))')
    bob.press("main .job__title a")
    for visitor in (alice, bob):
        visitor.page.evaluate("window.isSamePage = true")
    way.say(bob, "Le quai six, le plus fréquenté.")
    alice.page.wait_for_selector('#room-messages :text("Le quai six")')
    way.say(alice, "Good. How many sheets?")
    bob.page.wait_for_selector('#room-messages :text("How many sheets?")')
    way.give_address()
    alice.page.wait_for_selector("#room-messages :text('A part is hidden until there is a contract')")
    assert not alice.sees(ADDRESS)
    assert all(visitor.page.evaluate("window.isSamePage") for visitor in (alice, bob))


def call(way: Hiring) -> None:
    """Alice calls from the conversation, Bob answers the ring on his page, and both see pictures that move."""
    alice, bob = way.alice, way.bob
    alice.press('main a:has-text("Open the conversation")')
    here = opened(alice, 'main a:has-text("Video call")')
    here.click('#call-start button:has-text("Call now")')
    bob.page.wait_for_selector("dialog.ring[open]")
    there = opened(bob, 'dialog.ring button:has-text("Répondre")')
    there.click("#call-join")
    for tab in (here, there):
        tab.wait_for_selector(CONNECTED)
        assert pictures_move(tab)
    there.click('button:has-text("Raccrocher")')
    here.wait_for_selector('#call-status:has-text("The call has ended.")')
    there.wait_for_selector('#call-status:has-text("L’appel est terminé.")')
    here.close()
    there.close()


def test_the_same_way_is_gone_without_script_from_the_links_of_mails(
    site: str, in_browser: Any, outside: Any, settings: Any, people: People
) -> None:
    settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.BASE_URL = site
    assert people.bob.party is not None
    invite_to_job(job_id=people.job.pk, party_id=people.bob.party.pk, by=people.alice.actor, at=now())

    def go(browser: Any) -> list[str]:
        alice, bob = Visitor(browser, site, "en", False), Visitor(browser, site, "fr", False)
        alice.sign_in(people.sessions["alice"], django_settings.SESSION_COOKIE_NAME)
        bob.sign_in(people.sessions["bob"], django_settings.SESSION_COOKIE_NAME)
        try:
            way = Hiring(alice, bob, people.job, lambda: outside(settle_and_mail), has_script=False)
            way.find(bob, "Verger SA vous invite à")
            bob.press_primary()
            way.bid()
            way.find(alice, "Bob D. sent a proposal")
            way.shortlist()
            way.begin_to_talk()
            way.find(bob, "a écrit dans")
            assert bob.sees("Which quay would you draw first?")
            way.give_address()
            way.find(alice, "Bob D. wrote in")
            assert alice.sees("A part is hidden until there is a contract")
            assert not alice.sees(ADDRESS)
            way.propose_times()
            way.find(bob, "Des dates sont proposées pour un entretien")
            way.accept_second_time()
            way.find(alice, "Interview about")
            alice.press('main a:has-text("Open the conversation")')
            alice.press('main a:has-text("Read the proposal")')
            way.make_an_offer()
            way.find(bob, "Verger SA vous a envoyé une offre")
            way.counter()
            way.find(alice, "Bob D. proposes other terms")
            way.agree()
            way.find(bob, "Verger SA a accepté vos conditions")
            way.accept()
            way.find(alice, "accepted your offer")
            alice.press('main a:has-text("Open the contract")')
            assert alice.sees("€800.00")
            alice.open("/messages/")
            alice.press(f'main .job:has-text("{ADDRESS}") .job__title a')
            assert alice.sees(f"Send the plan to {ADDRESS}, please.")
            return alice.complaints + bob.complaints
        except Exception as error:
            raise explained(error, alice, bob) from error
        finally:
            alice.close()
            bob.close()

    assert in_browser(go) == []
    check_signed()
