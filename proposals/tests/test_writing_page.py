"""Writing a proposal in the browser: what it shows, keeps, refuses and sends once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_freelancer
from core.clock import now
from jobs.actions import close_job
from jobs.models import Job
from proposals.models import Proposal
from proposals.tests.cast import LETTER, bid, browser, connects_of, make_job
from tests.nothing import nothing_happens

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TYPED = {"amount": "900.50", "duration": "months", "letter": LETTER, "language": "fr"}


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def bobs(bob: Person) -> Client:
    """Return Bob's browser."""
    return browser(bob)


def form_of(job: Job) -> str:
    return f"/jobs/{job.pk}/proposals/new/"


def hourly(alice: Person, at: datetime, **changes: Any) -> Job:
    return make_job(
        alice, at=at, kind="hourly", budget=None, rate_low=4_000, rate_high=6_000, weekly_load=20, **changes
    )


def test_the_form_starts_at_the_budget_with_fee_net_and_connects(bob: Person, job: Job) -> None:
    page = browser(bob).get(form_of(job))

    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="1000.00"' in text
    for words in (
        "€1,000.00",
        "−€100.00",
        "€900.00",
        "Send for 5 connects",
        "<dd>40</dd>",
        "<dd>−5</dd>",
        "<dd>35</dd>",
    ):
        assert words in text, words
    assert "Offers are made at a fixed price" not in text


def test_an_hourly_post_is_bid_on_by_the_hour_and_says_that_offers_are_fixed_price(
    alice: Person, bob: Person, at: datetime
) -> None:
    job = hourly(alice, at)
    page = browser(bob).get(form_of(job)).content.decode()
    for words in (
        "Your rate an hour",
        "Your proposal is by the hour. Offers are made at a fixed price for now",
        "−€6.00",
    ):
        assert words in page, words

    sent = browser(bob).post(form_of(job), {**TYPED, "amount": "45"})

    proposal = Proposal.objects.get()
    assert sent.headers["Location"] == f"/proposals/{proposal.pk}/"
    assert proposal.amount == 4_500
    assert "per hour" in browser(alice).get(f"/proposals/{proposal.pk}/").content.decode()


def test_a_sent_form_is_stored_as_it_was_typed(alice: Person, bob: Person, at: datetime) -> None:
    job = make_job(alice, at=at, questions=("Which quay?", "When?"))

    sent = browser(bob).post(form_of(job), {**TYPED, "answer_0": "The north one.", "answer_1": " In May. "})

    proposal = Proposal.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, f"/proposals/{proposal.pk}/")
    assert (proposal.amount, proposal.currency, proposal.duration) == (90_050, "EUR", "months")
    assert (proposal.letter, proposal.language) == (LETTER, "fr")
    assert proposal.answers == ["The north one.", "In May."]
    assert (proposal.party, proposal.author) == (bob.party, bob.user)


def test_a_form_sent_twice_makes_one_proposal_and_says_so(bob: Person, job: Job) -> None:
    client = browser(bob)
    client.post(form_of(job), TYPED)

    with nothing_happens():
        again = client.post(form_of(job), TYPED)

    assert again.status_code == 409
    assert "You have already sent a proposal for this job." in again.content.decode()
    assert connects_of(bob) == 35


def test_the_form_of_a_job_that_was_bid_on_leads_to_the_proposal(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)

    assert browser(bob).get(form_of(job)).headers["Location"] == f"/proposals/{proposal.pk}/"


def test_wrong_input_is_named_kept_and_costs_nothing(alice: Person, bobs: Client, at: datetime) -> None:
    job = make_job(alice, at=at, questions=("Which quay?",))
    wrong = {
        "amount": "a lot",
        "duration": "centuries",
        "letter": "x" * 5_001,
        "answer_0": "",
        "language": "tlh",
    }

    with nothing_happens():
        page = bobs.post(form_of(job), wrong)

    text = page.content.decode()
    assert page.status_code == 422
    assert 'role="alert"' in text
    for words in (
        "Enter an amount in figures",
        "Select a valid choice",
        "Shorten your letter to 5000 characters: it has 5001.",
        "Answer this question.",
        'value="a lot"',
        "x" * 5_001,
    ):
        assert words in text, words


@pytest.mark.parametrize(
    "amount", ["", "0", "-5", "4.99", "10000000.01", "9" * 24, "9" * 6_000, "1e5", "5\x000", "٤٥", "NaN"]
)
def test_an_amount_that_cannot_be_is_refused(bobs: Client, job: Job, amount: str) -> None:
    with nothing_happens():
        page = bobs.post(form_of(job), {**TYPED, "amount": amount})

    assert page.status_code == 422
    assert LETTER in page.content.decode()


@pytest.mark.parametrize("changes", [{"letter": "a\x00b"}, {"letter": " \n "}, {"letter": ""}, {"language": ""}])
def test_a_letter_that_cannot_be_is_refused(bobs: Client, job: Job, changes: dict[str, str]) -> None:
    with nothing_happens():
        assert bobs.post(form_of(job), {**TYPED, **changes}).status_code == 422


def test_nobody_sets_what_is_not_on_the_form(bob: Person, chloe: Person, job: Job) -> None:
    extra = {"status": "hired", "party": chloe.actor.party_id, "shortlisted_at": "2026-01-01", "fee_version": 99}

    browser(bob).post(form_of(job), {**TYPED, **extra})

    proposal = Proposal.objects.get()
    assert (proposal.status, proposal.party, proposal.shortlisted_at) == ("submitted", bob.party, None)


def test_markup_in_letter_and_answers_is_shown_as_text(alice: Person, bob: Person, at: datetime) -> None:
    job = make_job(alice, at=at, questions=("Which quay?",))
    browser(bob).post(form_of(job), {**TYPED, "letter": HOSTILE, "answer_0": HOSTILE})
    proposal = Proposal.objects.get()

    for reader in (bob, alice):
        for path in (f"/proposals/{proposal.pk}/", f"/jobs/{job.pk}/proposals/", "/proposals/"):
            text = browser(reader).get(path).content.decode()
            assert "<script>alert" not in text
            assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in browser(alice).get(f"/proposals/{proposal.pk}/").content.decode()


def test_without_javascript_the_fee_is_worked_out_and_nothing_is_sent(bobs: Client, job: Job) -> None:
    with nothing_happens():
        page = bobs.post(form_of(job), {**TYPED, "letter": "Half a", "recalculate": "1"})

    text = page.content.decode()
    assert page.status_code == 200
    assert 'role="alert"' not in text
    for words in ("€900.50", "−€90.05", "€810.45", "Half a"):
        assert words in text, words


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1234.56", ("€1,234.56", "−€123.46", "€1,111.10")),
        ("", ("Enter a price to see the fee",)),
        ("0", ("Enter a price to see the fee",)),
        ("ten", ("Enter a price to see the fee",)),
        ("9" * 6_000, ("Enter a price to see the fee",)),
        ("\x00", ("Enter a price to see the fee",)),
    ],
)
def test_the_quote_is_a_fragment_that_survives_whatever_is_typed(
    bob: Person, job: Job, amount: str, shown: tuple[str, ...]
) -> None:
    page = browser(bob).get(f"/jobs/{job.pk}/proposals/quote/", {"amount": amount})

    text = page.content.decode()
    assert page.status_code == 200
    assert "<html" not in text
    for words in shown:
        assert words in text, words


def test_too_few_connects_are_told_and_the_text_is_kept(alice: Person, bob: Person, at: datetime) -> None:
    for number in range(8):
        bid(bob, make_job(alice, at=at, title=f"Job {number}"), at=at)
    last = make_job(alice, at=at, title="One too many")
    client = browser(bob)
    form = client.get(form_of(last)).content.decode()
    assert "not enough" in form
    assert 'href="/connects/"' in form

    with nothing_happens():
        page = client.post(form_of(last), TYPED)

    assert page.status_code == 409
    assert "costs 5 connects and you have 0" in page.content.decode()
    assert LETTER in page.content.decode()


def test_a_job_closed_while_the_letter_was_written_keeps_the_letter(alice: Person, bob: Person, job: Job) -> None:
    client = browser(bob)
    client.get(form_of(job))
    close_job(job_id=job.pk, by=alice.actor, at=now())

    with nothing_happens():
        page = client.post(form_of(job), TYPED)

    assert page.status_code == 409
    assert "Nothing was spent." in page.content.decode()
    assert LETTER in page.content.decode()


def test_an_unapproved_freelancer_is_told_before_and_refused_after(job: Job, at: datetime) -> None:
    dan = browser(make_freelancer("Dan", at=at))
    assert "Your profile is not approved yet." in dan.get(form_of(job)).content.decode()

    with nothing_happens():
        page = dan.post(form_of(job), TYPED)
    assert page.status_code == 409


@pytest.mark.parametrize("job_id", ["0", "99999999999999999999999", "-1", "1e3", "%00"])
def test_a_job_that_cannot_be_is_not_found(bob: Person, job_id: str) -> None:
    for page in ("new", "quote"):
        assert browser(bob).get(f"/jobs/{job_id}/proposals/{page}/").status_code == 404


def test_the_french_form_asks_in_french(bob: Person, job: Job) -> None:
    page = browser(bob).get(f"/fr{form_of(job)}").content.decode()

    assert "Message de présentation" in page
    assert "1\u202f000,00\u00a0€" in page
