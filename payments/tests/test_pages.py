"""The pages of those who pay and of those who earn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_client, sign_in
from core.clock import now
from payments import actions
from payments.models import Charge, Chargeback, GiveBack, MoneyMove, PaymentMethod, PayoutMethod, Withdrawal
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_bank, make_card, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]
YEAR = timedelta(days=365)
CHARGED_BACK = "4000000000000259"


@pytest.fixture
def earned(alice: Person, bob: Person, told: Told, at: datetime) -> datetime:
    """Let Bob own 900.00 that can leave, and return the moment."""
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    assert charge.status == Charge.Status.CONFIRMED
    make_bank(bob, at)
    return cards.earn(holder="thing:7", gross=100_000, at=at)


def signed_in(person: Person, *, proved: bool = True) -> Client:
    client = Client()
    sign_in(client, person)
    if proved:
        cards.prove_password(client)
    return client


def test_the_wallet_says_what_is_pending_and_when_it_clears(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    cards.release("thing:7", 40_000, at=at)
    page = signed_in(bob).get(reverse("payments:wallet"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "€360.00" in text
    assert "€600.00" in text
    assert "28 November 2026" in text
    assert "Alice Martin" in text


def test_the_statement_lists_each_movement_with_its_balance(alice: Person, bob: Person, earned: datetime) -> None:
    client = signed_in(bob)
    text = client.get(reverse("payments:statement")).content.decode()
    assert "Became available" in text
    assert "+€900.00" in text
    text = client.get(reverse("payments:statement"), {"account": "pending"}).content.decode()
    assert "Milestone released" in text
    assert "Moved to available" in text


def test_the_statement_of_another_month_is_empty(bob: Person, earned: datetime) -> None:
    text = signed_in(bob).get(reverse("payments:statement"), {"month": "2024-02"}).content.decode()
    assert "No movement fits" in text


@pytest.mark.parametrize("query", [{"month": "9999-99"}, {"before": "x"}, {"account": "'"}, {"month": "1999-01"}])
def test_a_nonsense_address_of_the_statement_opens_a_page(bob: Person, query: dict[str, str]) -> None:
    assert signed_in(bob).get(reverse("payments:statement"), query).status_code == 200


def test_withdrawing_asks_for_the_password_first(bob: Person, earned: datetime) -> None:
    answer = signed_in(bob, proved=False).get(reverse("payments:withdraw"))
    assert answer.status_code == 302
    assert reverse("account_reauthenticate") in answer["Location"]


def test_a_withdrawal_is_confirmed_with_its_exact_amount_before_it_leaves(
    bob: Person, earned: datetime, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.views.wallet.now", lambda: earned)
    client = signed_in(bob)
    method = PayoutMethod.objects.get()
    data = {"amount": "500", "method": method.pk, "token": str(uuid4())}
    check = client.post(reverse("payments:withdraw"), data)
    assert check.status_code == 200
    assert "Withdraw €500.00" in check.content.decode()
    assert not Withdrawal.objects.exists()
    for _twice in range(2):
        assert client.post(reverse("payments:withdraw"), {**data, "confirmed": "1"}).status_code == 302
    withdrawal = Withdrawal.objects.get()
    assert withdrawal.amount == 50_000
    assert books(f"available:party:{bob.actor.party_id}") == 40_000


def test_a_bad_amount_is_refused_and_kept(
    bob: Person, earned: datetime, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    monkeypatch.setattr("payments.views.wallet.now", lambda: earned)
    method = PayoutMethod.objects.get()
    client = signed_in(bob)
    for amount in ("", "0", "-1", "1e9", "900.01", "12,345.678", "abc", "99999999999999999999999"):
        with subtests.test(amount=amount):
            data = {"amount": amount, "method": method.pk, "token": str(uuid4())}
            answer = client.post(reverse("payments:withdraw"), data)
            assert answer.status_code == 422
            assert "There is a problem" in answer.content.decode()
            assert f'value="{amount}"' in answer.content.decode() or not amount
            assert not Withdrawal.objects.exists()


def test_more_than_there_is_is_refused_when_confirmed(
    bob: Person, earned: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.views.wallet.now", lambda: earned)
    method = PayoutMethod.objects.get()
    data = {"amount": "900.01", "method": method.pk, "token": str(uuid4()), "confirmed": "1"}
    answer = signed_in(bob).post(reverse("payments:withdraw"), data)
    assert answer.status_code == 409
    assert "more than you can withdraw now" in answer.content.decode()
    assert not Withdrawal.objects.exists()


def test_a_bank_account_is_refused_when_it_is_no_iban(bob: Person, at: datetime) -> None:
    answer = signed_in(bob).post(reverse("payments:payout_method_new"), {"iban": "FR14 2004 1010 0505 0001 3M02 607"})
    assert answer.status_code == 422
    assert "not a valid IBAN" in answer.content.decode()
    assert not PayoutMethod.objects.exists()


def test_a_bank_account_is_added_and_removed(bob: Person, at: datetime) -> None:
    client = signed_in(bob)
    answer = client.post(reverse("payments:payout_method_new"), {"iban": "fr14 2004 1010 0505 0001 3m02 606"})
    assert answer.status_code == 302
    method = PayoutMethod.objects.get()
    assert method.label == "FR ···· 2606"
    client.post(reverse("payments:payout_method_remove", args=[method.pk]))
    method.refresh_from_db()
    assert method.status == PayoutMethod.Status.REMOVED


def test_a_real_card_number_is_refused_and_stored_nowhere(alice: Person) -> None:
    answer = signed_in(alice).post(reverse("payments:method_new"), {"card": "other", "number": "5555 5555 5555 4444"})
    assert answer.status_code == 422
    assert "only the test cards" in answer.content.decode()
    assert "5555" not in answer.content.decode()
    assert not PaymentMethod.objects.exists()


@pytest.mark.parametrize("typed", [{"card": CHARGED_BACK}, {"card": "other", "number": CHARGED_BACK}])
def test_a_card_whose_payments_are_charged_back_is_offered(alice: Person, typed: dict[str, str]) -> None:
    client = signed_in(alice)
    assert "4000 0000 0000 0259" in client.get(reverse("payments:method_new")).content.decode()
    assert client.post(reverse("payments:method_new"), typed).status_code == 302
    assert PaymentMethod.objects.get().last4 == "0259"


def test_the_wallet_says_what_is_frozen_kept_back_and_owed_and_why(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    method = PayoutMethod.objects.get()
    actions.request_withdrawal(party_id=bob.party.pk, method_id=method.pk, amount=80_000, by=bob.actor, at=later)
    cards.settle_all(later)
    cards.settle_all(later + cards.SANDBOX_TIME)
    cards.sandbox().contest(charge.provider_id or "", charge.amount, at=later)
    cards.settle_all(later + cards.SANDBOX_TIME)
    client = signed_in(bob)
    page = client.get(reverse("payments:wallet")).content.decode()
    assert "€100.00 is frozen" in page
    assert "€800.00 of what is contested is not among your money here any more" in page
    assert "Payment contested at the client&#x27;s bank" in client.get(reverse("payments:statement")).content.decode()
    cards.sandbox().decide_dispute(Chargeback.objects.get().provider_id, is_won=False, at=later)
    cards.settle_all(later + cards.SANDBOX_TIME)
    page = client.get(reverse("payments:wallet")).content.decode()
    assert "You owe €800.00" in page
    assert "is frozen" not in page


def test_a_test_card_is_saved_and_leads_back(alice: Person) -> None:
    client = signed_in(alice)
    data = {"card": "other", "number": "4242 4242 4242 4242", "next": "/contracts/5/"}
    answer = client.post(reverse("payments:method_new"), data)
    assert answer["Location"] == "/contracts/5/"
    assert "···· 4242" in client.get(reverse("payments:client")).content.decode()


@pytest.mark.parametrize(
    "following", ["https://elsewhere.example/", "//elsewhere.example", "abc", "payments:x", "http://["]
)
def test_an_address_that_is_not_a_page_of_this_site_is_not_led_back_to(alice: Person, following: str) -> None:
    data = {"card": "4242424242424242", "next": following}
    answer = signed_in(alice).post(reverse("payments:method_new"), data)
    assert answer["Location"] == reverse("payments:client")


def test_a_charge_that_needs_the_bank_links_there_and_is_approved(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at).pk, at=at)
    client = signed_in(alice)
    page = client.get(reverse("payments:charge", args=[charge.pk]))
    bank = reverse("payments:sandbox_bank", args=[charge.provider_id])
    assert bank in page.content.decode()
    assert client.get(bank).status_code == 200
    assert client.post(bank, {"answer": "approve"})["Location"] == reverse("payments:charge", args=[charge.pk])
    charge.refresh_from_db()
    assert charge.status == Charge.Status.CONFIRMED
    assert "€1,050.00 was charged" in client.get(reverse("payments:charge", args=[charge.pk])).content.decode()


def test_the_french_reader_goes_to_the_french_bank_page(alice: Person, bob: Person, told: Told, at: datetime) -> None:
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at).pk, at=at)
    page = signed_in(alice).get(f"/fr/payments/charges/{charge.pk}/")
    assert f"/fr/payments/sandbox-bank/{charge.provider_id}/" in page.content.decode()


def test_a_declined_charge_says_why_and_that_nothing_was_charged(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, cards.DECLINED, at=at), at=at).pk, at=at)
    text = signed_in(alice).get(reverse("payments:charge", args=[charge.pk])).content.decode()
    assert "The bank declined the card." in text
    assert "Nothing was charged" in text


def test_the_page_of_a_charge_asks_again_by_itself_and_on_demand(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, cards.LATER, at=at), at=at).pk, at=at)
    client = signed_in(alice)
    text = client.get(reverse("payments:charge", args=[charge.pk])).content.decode()
    assert 'http-equiv="refresh"' in text
    assert 'hx-trigger="every 3s"' in text
    settle_all(at + SANDBOX_TIME)
    assert client.post(reverse("payments:charge", args=[charge.pk])).status_code == 302
    assert 'http-equiv="refresh"' not in client.get(reverse("payments:charge", args=[charge.pk])).content.decode()


def test_another_clients_charge_does_not_exist(alice: Person, bob: Person, told: Told, at: datetime) -> None:
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at).pk, at=at)
    client = signed_in(make_client("Chloé"))
    assert client.get(reverse("payments:charge", args=[charge.pk])).status_code == 404
    bank = reverse("payments:sandbox_bank", args=[charge.provider_id])
    assert client.get(bank).status_code == 404
    assert client.post(bank, {"answer": "approve"}).status_code == 404
    assert MoneyMove.objects.get(verb="charge").status == MoneyMove.Status.WAITING


def test_the_client_sees_charges_refunds_and_what_is_held(alice: Person, bob: Person, told: Told, at: datetime) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    cards.refund("thing:7", 40_000, at=at)
    settle_all(at)
    text = signed_in(alice).get(reverse("payments:client")).content.decode()
    assert "€1,050.00" in text
    assert "+€420.00" in text
    assert "€600.00" in text
    assert "€30.00" in text
    assert "Bob Durand" in text


def test_a_freelancers_wallet_is_closed_to_a_client(alice: Person) -> None:
    assert signed_in(alice).get(reverse("payments:wallet")).status_code == 403


def test_a_withdrawal_is_cancelled_on_the_page(bob: Person, earned: datetime, books: Books) -> None:
    method = PayoutMethod.objects.get()
    withdrawal = actions.request_withdrawal(
        party_id=method.party_id, method_id=method.pk, amount=90_000, by=bob.actor, at=earned
    )
    client = signed_in(bob)
    assert client.post(reverse("payments:withdrawal_cancel", args=[withdrawal.pk])).status_code == 302
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.CANCELLED
    assert books(f"available:party:{method.party_id}") == 90_000


def test_credit_is_shown_with_its_cause_and_asked_back(alice: Person, bob: Person, at: datetime) -> None:
    cards.make_credit(alice, bob, 10_000, at=at)
    client = signed_in(alice)
    text = client.get(reverse("payments:client")).content.decode()
    assert "Your credit" in text
    assert "€100.00" in text
    assert "Logo" in text
    assert "No card of yours can take it" in text
    assert client.post(reverse("payments:credit_ask_back")).status_code == 302
    text = client.get(reverse("payments:client")).content.decode()
    assert "Our staff will contact you to pay your credit out." in text
    assert "Asked back: our staff will contact you." in text
    assert "Ask for it back" not in text
    client.post(reverse("payments:credit_ask_back"))
    assert "You asked for this before." in client.get(reverse("payments:client")).content.decode()


def test_released_money_goes_back_after_a_look_at_the_exact_sums(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    (release,) = cards.release("thing:7", 100_000, at=at)
    Charge.objects.update(settled_at=now())
    url, client = reverse("payments:release_give_back", args=[release.pk]), signed_in(bob)
    assert "up to €1,000.00" in client.get(url).content.decode()
    token = str(uuid4())
    assert client.post(url, {"amount": "1000.01", "token": token}).status_code == 422
    assert client.post(url, {"amount": "200"}).status_code == 422  # without its token
    text = client.post(url, {"amount": "200", "reason": "Less work", "token": token}).content.decode()
    for hidden in (token, 'name="seen_total" value="21000"', 'name="seen_remaining" value="90000"'):
        assert hidden in text
    for shown in ("€180.00", "€20.00", "€10.00", "€210.00", "Less work"):
        assert shown in text
    sure = {"amount": "200", "reason": "Less work", "confirmed": "1", "token": token, "seen_remaining": "90000"}
    assert client.post(url, {**sure, "seen_total": "20999"}).status_code == 409
    assert client.post(url, sure).status_code == 409
    assert GiveBack.objects.count() == 0
    assert client.post(url, {**sure, "seen_total": "21000", "seen_remaining": ""}).status_code == 409
    assert GiveBack.objects.count() == 0
    for _time in range(3):
        assert client.post(url, {**sure, "seen_total": "21000"}).status_code == 302
    answer = client.post(url, {**sure, "amount": "900", "seen_total": "21000"})
    assert answer.status_code == 409
    assert "This form was sent before with other figures. Open it anew." in answer.content.decode()
    given = GiveBack.objects.get()
    assert (given.amount, given.reason) == (21_000, "Less work")
    assert signed_in(alice).get(url).status_code == 403
    text = client.get(reverse("payments:statement"), {"account": "pending"}).content.decode()
    assert "Given back to the client" in text
