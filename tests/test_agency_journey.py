"""The way of an agency through the house, clicked by people: its profile, a proposal with a name, a contract."""

from __future__ import annotations

from typing import Any

from django.conf import settings as project
from django.test import Client

from accounts.models import Membership
from accounts.tests.cast import (
    Person,
    declare,
    join_agency,
    make_agency,
    make_client,
    make_freelancer,
    make_staff,
    sign_in,
)
from contracts.models import Contract
from core.clock import forget, now
from core.sweeps import run_all
from jobs.models import Job
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals.tests.cast import LETTER, make_job
from tests.browser import MARKS, Visitor, in_browser, outside, site, violations

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]

TITLE = "Signs for the new quay"
OVERVIEW = (
    "Two people who build booking pages that guests finish, from the first sketch to the day it runs. You talk to one "
    "of us, and the other one reads every line before you see it."
)


def settle() -> None:
    """Do what the worker and the beat would have done by now, the sandbox's few seconds included."""
    forget()
    run_all(at=now())
    run_all(at=now() + cards.SANDBOX_TIME)


def session_of(person: Person) -> str:
    """Return the session of a browser in which the person acts for this party."""
    client = Client()
    sign_in(client, person)
    return str(client.session.session_key)


def write_the_profile(olga: Visitor, maya: Visitor, sweep: Any) -> list[str]:
    """Olga writes the agency's profile, staff read it, and she reads it as visitors do."""
    olga.open("/profile/")
    olga.fill(title="Booking pages by a team", overview=OVERVIEW, skills="Django", hourly_rate="70")
    olga.choose(category="web-development")
    found = violations(olga.page)
    olga.press("button[name=submit]")
    maya.open("/admin/profiles/profile/")
    maya.press('#result_list a:has-text("Studio Nord")')
    maya.press('form[action*="approve"] input[type=submit]')
    sweep()
    olga.open("/f/studio-nord/")
    assert olga.sees("Agency")
    return found + violations(olga.page)


def propose(olga: Visitor, emil: Visitor, job: Job, become_exclusive: Any) -> list[str]:
    """Emil becomes exclusive while he writes in his own name, and is refused; Olga proposes him for the agency."""
    emil.open(f"/jobs/{job.pk}/proposals/new/")
    emil.fill(amount="900", letter=LETTER)
    become_exclusive()
    emil.page.click("main form .btn--primary")
    emil.page.wait_for_selector('main :text("works only through the agency Studio Nord")')
    emil.complaints.clear()  # the answer 409 is on the console
    emil.open(f"/jobs/{job.pk}/proposals/new/")
    assert emil.sees("You work only through Studio Nord.")
    assert not emil.sees("Your letter")
    olga.open(f"/jobs/{job.pk}/proposals/new/")
    found = violations(olga.page)
    olga.page.check('main label:has-text("Emil D.") input')
    olga.fill(amount="900", letter=LETTER)
    olga.press_primary()
    assert olga.sees("Emil D.")
    return found


def hire(alice: Visitor, olga: Visitor, job: Job, sweep: Any) -> list[str]:
    """Alice reads who does the work, makes an offer, and Olga accepts it for the agency."""
    alice.open(f"/jobs/{job.pk}/proposals/")
    alice.press('main a:has-text("Emil D., with Studio Nord")')
    found = violations(alice.page)
    alice.follow("/offer/")
    alice.fill(
        title=TITLE,
        deliverables="Twelve signs, painted and put up.",
        **{"milestones-0-title": "All signs", "milestones-0-amount": "900"},
    )
    alice.press("button[name=save]")
    if "/send/" not in alice.page.url:
        alice.press_primary()
    alice.press_primary()
    sweep()
    olga.open("/proposals/")
    olga.press(f'main a:has-text("{TITLE}")')
    olga.follow("/offers/")
    assert olga.sees("Emil D. does the work")
    olga.press_primary()
    olga.press_primary()
    assert "/contracts/" in olga.page.url
    return found + violations(olga.page)


def test_an_agency_goes_from_its_profile_to_a_contract_that_names_its_worker(
    site: str, in_browser: Any, outside: Any, settings: Any
) -> None:
    settings.BASE_URL = site
    maya = make_staff("Maya", "administrator")
    marc = make_staff("Marc", "moderator")
    alice = make_client("Alice", company_name="Brise")
    cards.make_card(alice, cards.SUCCEEDS, at=now())
    own = {name: make_approved(name, moderator=marc) for name in ("Nina", "Emil")}
    olga = make_agency(make_freelancer("Olga", "Nord"))
    assert olga.party is not None
    declare(olga)
    join_agency(own["Nina"], olga.party)
    join_agency(own["Emil"], olga.party)
    job = make_job(alice, title=TITLE)
    outside(settle)
    people = {"alice": alice, "olga": olga, "emil": own["Emil"], "maya": maya}
    sessions = {name: session_of(person) for name, person in people.items()}

    def exclusive() -> None:
        Membership.objects.filter(user=own["Emil"].user, party=olga.party).update(is_exclusive=True)

    def click(browser: Any) -> list[str]:
        visitors = {name: Visitor(browser, site) for name in people}
        for name, visitor in visitors.items():
            visitor.sign_in(sessions[name], project.SESSION_COOKIE_NAME)
        owner, client = visitors["olga"], visitors["alice"]
        try:
            found = write_the_profile(owner, visitors["maya"], lambda: outside(settle))
            found += propose(owner, visitors["emil"], job, lambda: outside(exclusive))
            found += hire(client, owner, job, lambda: outside(settle))
            return found + [line for visitor in visitors.values() for line in visitor.complaints]
        except Exception as error:
            seen = "\n".join(
                f"{each.page.url}\n{each.text()[:2000]}\n{each.complaints[:5]}" for each in visitors.values()
            )
            raise AssertionError(f"{error}\n{seen}") from error
        finally:
            for visitor in visitors.values():
                visitor.close()

    assert in_browser(click) == []
    contract = Contract.objects.get()
    assert (contract.freelancer, contract.worker) == (olga.party, own["Emil"].user)
