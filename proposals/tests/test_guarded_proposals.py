"""Contact data in a proposal: refused with what was found; nothing is lost and nothing spent."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.tests.cast import Person
from core.clock import now
from messaging.guard import LeadsAway
from proposals.tests.cast import LETTER, bid, browser, connects_of, make_job
from tests.nothing import nothing_happens

CONTACT = f"{LETTER} Contact me on WhatsApp."
TOLD = "Take this out: a request to talk elsewhere (“Contact me on WhatsApp”)."
TOLD_IN_FRENCH = "Retirez ceci\u202f: une demande d’échanger ailleurs («\u202fContact me on WhatsApp\u202f»)."


@pytest.fixture
def at() -> datetime:
    return now()


def test_contact_data_in_the_letter_is_not_sent(alice: Person, bob: Person, at: datetime) -> None:
    job = make_job(alice, at=at)

    with nothing_happens(), pytest.raises(LeadsAway) as refusal:
        bid(bob, job, at=at, letter=CONTACT)

    assert list(refusal.value.problems) == ["letter"]
    assert connects_of(bob) == 40


def test_contact_data_in_an_answer_is_told_by_its_number(alice: Person, bob: Person, at: datetime) -> None:
    job = make_job(alice, at=at, questions=("Which quay?", "When?"))

    with nothing_happens(), pytest.raises(LeadsAway) as refusal:
        bid(bob, job, at=at, answers=["The north one.", "Pay me by PayPal."])

    assert list(refusal.value.problems) == ["answer_1"]


@pytest.mark.parametrize(("prefix", "told"), [("", TOLD), ("/fr", TOLD_IN_FRENCH)])
def test_the_form_says_what_to_take_out_and_keeps_what_was_typed(
    alice: Person, bob: Person, at: datetime, prefix: str, told: str
) -> None:
    job = make_job(alice, at=at, questions=("Which quay?",))
    bobs = browser(bob)
    sent = {"amount": "900.50", "duration": "months", "language": "en", "letter": CONTACT, "answer_0": "The north one."}

    with nothing_happens():
        answer = bobs.post(f"{prefix}/jobs/{job.pk}/proposals/new/", sent)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count(told) == 2  # in the summary and beside the field
    assert CONTACT in page
    assert "The north one." in page
    assert connects_of(bob) == 40


def test_an_answer_that_leads_away_is_named_beside_its_field(alice: Person, bob: Person, at: datetime) -> None:
    job = make_job(alice, at=at, questions=("Which quay?",))
    sent = {"amount": "900.50", "duration": "", "language": "en", "letter": LETTER, "answer_0": "Ask bob@quay.fr"}

    bobs = browser(bob)

    with nothing_happens():
        page = bobs.post(f"/jobs/{job.pk}/proposals/new/", sent).content.decode()

    assert page.count("Take this out: an e-mail address (“bob@quay.fr”).") == 2
