"""The page of connects and the page on which more are bought."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_member
from core.clock import now
from events.models import Event
from jobs.actions import close_job
from jobs.models import Job
from payments.models import Charge, PaymentMethod
from payments.tests import cards
from proposals.actions import grant_monthly
from proposals.models import ConnectPurchase
from proposals.tests.cast import bid, browser, connects_of, make_job, party_of, statements, stock_up, tell
from tests.nothing import nothing_happens

MOST_STATEMENTS = 10
BUY = "/connects/buy/"


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def bobs(bob: Person) -> Client:
    """Return Bob's browser."""
    return browser(bob)


@pytest.fixture
def card(bob: Person, at: datetime) -> PaymentMethod:
    return cards.make_card(bob, at=at)


def order(card: PaymentMethod, **changes: str) -> dict[str, str]:
    return {"quantity": "20", "method": str(card.pk), "token": "one-form", **changes}


def test_every_movement_is_a_line_with_its_reason_and_balance(
    bobs: Client, alice: Person, bob: Person, at: datetime
) -> None:
    stock_up(bob, 20, at=at)
    job = make_job(alice, at=at)
    bid(bob, job, at=at)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    tell(at)
    grant_monthly(at=at + timedelta(days=32))

    page = bobs.get("/connects/").content.decode()

    wanted = (
        ("Monthly grant", "+10", "70"),
        ("Returned: the client closed the job without hiring", "+5", "60"),
        ("Proposal:", "−5", "55"),
        ("Purchase", "+20", "60"),
        ("Welcome grant", "+40", "40"),
    )
    lines = page.partition("<tbody>")[2].split("<tr>")[1:]
    assert len(lines) == len(wanted)
    for line, (what, amount, balance) in zip(lines, wanted, strict=True):
        assert what in line
        assert f'data-label="Connects">{amount}</td><td class="end" data-label="Balance">{balance}</td>' in line
    assert '<span class="stat-rate">70</span>' in page


def test_the_packs_have_their_price(bobs: Client) -> None:
    page = bobs.get("/connects/").content.decode()

    for count, price in {10: "€1.50", 20: "€3.00", 40: "€6.00", 60: "€9.00", 80: "€12.00"}.items():
        assert f'href="{BUY}?quantity={count}">Buy for {price}</a>' in page


def test_a_named_worker_reads_and_does_not_buy(bob: Person, at: datetime) -> None:
    worker = browser(make_member("Will", party_of(bob), "named_worker", at=at))

    page = worker.get("/connects/").content.decode()

    assert "Welcome grant" in page
    assert BUY not in page
    with nothing_happens():
        assert worker.get(f"{BUY}?quantity=10").status_code == 403


def test_a_client_has_no_connects(alice: Person) -> None:
    alices = browser(alice)
    for path in ("/connects/", BUY):
        assert alices.get(path).status_code == 404


def test_others_movements_are_not_shown(bobs: Client, chloe: Person, job: Job, at: datetime) -> None:
    bid(chloe, job, at=at)

    assert job.title not in bobs.get("/connects/").content.decode()


def test_more_movements_cost_no_more_statements_and_go_on_another_page(
    bobs: Client, alice: Person, bob: Person, at: datetime
) -> None:
    stock_up(bob, 60, at=at)
    bid(bob, make_job(alice, at=at, title="The first of all", budget=5_000), at=at)
    one = statements(bobs, "/connects/")
    for number in range(30):
        bid(bob, make_job(alice, at=at, title=f"Job {number}", budget=5_000), at=at)

    first = bobs.get("/connects/").content.decode()
    assert statements(bobs, "/connects/") == one
    assert one <= MOST_STATEMENTS
    assert first.partition("<tbody>")[2].count("<tr>") == 30
    assert "The first of all" not in first
    older = first.partition('href="?older=')[2].partition('"')[0]
    second = bobs.get(f"/connects/?older={older}").content.decode()
    assert second.partition("<tbody>")[2].count("<tr>") == 3
    for words in ("The first of all", "Purchase", "Welcome grant", "Back to the newest"):
        assert words in second, words


def test_nonsense_in_the_address_of_the_movements_is_survived(bobs: Client, subtests: pytest.Subtests) -> None:
    for older in ("x", "-1", "9" * 18, "9" * 19, "9" * 6_000, "²", "%00", "1.5"):
        with subtests.test(older=older[:20]):
            assert bobs.get(f"/connects/?older={older}").status_code == 200


def test_the_purchase_shows_its_exact_price_before_it_is_paid(bobs: Client, card: PaymentMethod) -> None:
    with nothing_happens():
        page = bobs.get(f"{BUY}?quantity=37").content.decode()

    for words in ("37 connects", "Pay €5.55", "<dd>77</dd>", "4242"):
        assert words in page, words


def test_without_a_card_one_is_asked_for(bobs: Client) -> None:
    page = bobs.get(f"{BUY}?quantity=10").content.decode()

    assert "You have no card yet." in page
    assert "next=/connects/buy/%3Fquantity%3D10" in page
    assert "Pay €" not in page


def test_paying_charges_and_leads_to_the_payment(bobs: Client, bob: Person, card: PaymentMethod) -> None:
    paid = bobs.post(BUY, order(card))

    charge = Charge.objects.get()
    assert paid.headers["Location"] == f"/payments/charges/{charge.pk}/"
    assert (charge.status, charge.gross, connects_of(bob)) == (Charge.Status.CONFIRMED, 300, 60)
    assert "€3.00 was charged." in bobs.get(paid.headers["Location"]).content.decode()


def test_the_same_form_sent_twice_pays_once(bobs: Client, bob: Person, card: PaymentMethod) -> None:
    first = bobs.post(BUY, order(card))

    with nothing_happens():
        second = bobs.post(BUY, order(card))

    assert second.headers["Location"] == first.headers["Location"]
    assert connects_of(bob) == 60
    with nothing_happens():
        other = bobs.post(BUY, order(card, quantity="80"))
    assert other.status_code == 409
    assert "This form was sent before with other figures. Open it anew." in other.content.decode()


def test_each_opening_of_the_page_is_a_form_of_its_own(bobs: Client, card: PaymentMethod) -> None:
    tokens = {
        bobs.get(f"{BUY}?quantity=10").content.decode().partition('name="token" value="')[2][:32] for _time in range(2)
    }

    assert {len(token) for token in tokens} == {32}
    assert len(tokens) == 2


def test_a_declined_card_is_told_and_brings_nothing(bobs: Client, bob: Person, at: datetime) -> None:
    refused = bobs.post(BUY, order(cards.make_card(bob, cards.DECLINED, at=at)))

    page = bobs.get(refused.headers["Location"]).content.decode()
    assert "Not paid." in page
    assert connects_of(bob) == 40
    assert ConnectPurchase.objects.get().status == ConnectPurchase.Status.FAILED


@pytest.mark.parametrize(
    ("number", "reason", "advice", "asks_for_card"),
    [
        ("4000000000009995", "There is not enough money on the card.", "Try again later, or use another card.", False),
        ("4000000000009987", "the card was lost or stolen.", "the bank will refuse this one again.", True),
        ("4000000000000069", "The card has expired.", "the bank will refuse this one again.", True),
        ("4000000000000002", "The bank declined the card.", "Try again, or use another card.", False),
    ],
    ids=["soft", "lost", "expired", "unsaid"],
)
def test_why_the_bank_refused_and_what_helps_is_told(
    bobs: Client, bob: Person, at: datetime, number: str, reason: str, advice: str, *, asks_for_card: bool
) -> None:
    refused = bobs.post(BUY, order(cards.make_card(bob, number, at=at)))

    page = bobs.get(refused.headers["Location"]).content.decode()
    assert reason in page
    assert f"{advice}</" in page
    assert ('href="/payments/cards/new/?next=/connects/"' in page) is asks_for_card


def test_a_second_step_leads_to_the_bank_and_nothing_has_arrived(bobs: Client, bob: Person, at: datetime) -> None:
    waiting = bobs.post(BUY, order(cards.make_card(bob, cards.SECOND_STEP, at=at)))

    page = bobs.get(waiting.headers["Location"]).content.decode()
    assert "Your bank wants you to confirm." in page
    assert "Confirm with your bank" in page
    assert connects_of(bob) == 40


def test_a_payment_that_waits_for_the_bank_is_shown_until_it_has_its_answer(
    bobs: Client, bob: Person, chloe: Person, at: datetime
) -> None:
    paid = bobs.post(BUY, order(cards.make_card(bob, cards.SECOND_STEP, at=at))).headers["Location"]
    words = "Confirm the payment of €3.00 for 20 connects"
    page = bobs.get("/connects/").content.decode()
    assert words in page
    assert f'href="{paid}"' in page
    assert words not in browser(chloe).get("/connects/").content.decode()

    charge = Charge.objects.get()
    bobs.post(f"/payments/sandbox-bank/{charge.provider_id}/", {"answer": "approve"})

    assert words not in bobs.get("/connects/").content.decode()
    assert connects_of(bob) == 60


NOT_SOLD = {
    "0": "Enter 1 or more.",
    "-5": "Enter 1 or more.",
    "501": "Enter 500 or fewer.",
    "9" * 30: "Enter 500 or fewer.",
    "9" * 6_000: "Enter a whole number.",
    "1.5": "Enter a whole number.",
    "ten": "Enter a whole number.",
    "1\x000": "Enter a whole number.",
    "": "Enter how many connects you want.",
}


def test_a_number_that_is_not_sold_is_named_and_charged_nowhere(
    bobs: Client, card: PaymentMethod, subtests: pytest.Subtests
) -> None:
    for quantity, told in NOT_SOLD.items():
        with subtests.test(quantity=quantity[:40]):
            with nothing_happens():
                answers = [bobs.get(BUY, {"quantity": quantity}), bobs.post(BUY, order(card, quantity=quantity))]

            for page in answers:
                assert page.status_code == 422
                assert told in page.content.decode()


def test_a_card_that_is_none_pays_for_nothing(bobs: Client, card: PaymentMethod, subtests: pytest.Subtests) -> None:
    for method in ("", "0", "-1", "x", "1\x00", "9" * 30, "9" * 6_000):
        with subtests.test(method=method[:40]):
            with nothing_happens():
                page = bobs.post(BUY, order(card, method=method))

            assert page.status_code == 422
            assert 'role="alert"' in page.content.decode()


def test_anothers_card_pays_for_nothing(bobs: Client, chloe: Person, at: datetime) -> None:
    foreign = cards.make_card(chloe, at=at)

    with nothing_happens():
        assert bobs.post(BUY, order(foreign)).status_code == 422


@pytest.mark.parametrize("token", ["", "x" * 41, "a\x00b"])
def test_a_form_without_its_token_pays_for_nothing(bobs: Client, card: PaymentMethod, token: str) -> None:
    with nothing_happens():
        assert bobs.post(BUY, order(card, token=token)).status_code == 422


def test_price_and_party_are_not_taken_from_the_form(
    bobs: Client, bob: Person, chloe: Person, card: PaymentMethod
) -> None:
    bobs.post(BUY, order(card, price="1", party=str(chloe.actor.party_id), status="paid", currency="JPY"))

    purchase = ConnectPurchase.objects.get()
    assert (purchase.party, purchase.price, purchase.currency) == (bob.party, 300, "EUR")
    assert connects_of(chloe) == 40


def test_opening_the_purchase_by_its_address_buys_nothing(bobs: Client, card: PaymentMethod) -> None:
    with nothing_happens():
        bobs.get(BUY, order(card))
    assert not Event.objects.filter(kind="proposals.connects_bought").exists()


def test_what_expires_is_told_by_day_with_what_stays(bobs: Client, bob: Person, at: datetime) -> None:
    stock_up(bob, 20, at=at - timedelta(days=340))
    stock_up(bob, 5, at=at - timedelta(days=340))

    page = bobs.get("/connects/").content.decode()

    (soon, later) = page.partition("What expires")[2].partition("</dl>")[0].split("<div>")[1:]
    assert ("soon" in soon, "40 left then" in soon, "<dd>−25</dd>" in soon) == (True, True, True)
    assert ("soon" in later, "0 left then" in later, "<dd>−40</dd>" in later) == (False, True, True)


def test_the_movements_are_narrowed_by_kind_and_day(bobs: Client, alice: Person, bob: Person, at: datetime) -> None:
    stock_up(bob, 20, at=at)
    bid(bob, make_job(alice, at=at), at=at, boost=2)

    def shown(query: str) -> list[str]:
        page = bobs.get(f"/connects/?{query}").content.decode()
        names = ("Welcome grant", "Purchase", "Proposal:", "Boost:")
        return [name for name in names if name in page.partition("<tbody>")[2]]

    tomorrow = (at + timedelta(days=2)).date()
    assert shown("") == ["Welcome grant", "Purchase", "Proposal:", "Boost:"]
    assert shown("group=spent") == ["Proposal:", "Boost:"]
    assert shown("group=received") == ["Welcome grant", "Purchase"]
    assert shown(f"since={tomorrow}") == []
    assert shown(f"until={tomorrow}&group=gone") == []
    assert shown("group=nonsense&since=x") == ["Welcome grant", "Purchase", "Proposal:", "Boost:"]
    assert "No movement fits" in bobs.get("/connects/?group=returned").content.decode()
