"""The money rows in the admin: finance staff read them and may have the provider asked again."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.tests.cast import Person, make_staff, sign_in
from core.clock import now
from events.models import Event
from payments import actions
from payments.models import Charge, Credit, GiveBack, MoneyMove, OperatorCash, Release, WebhookEvent
from payments.tests import cards
from payments.tests.cards import make_card, sandbox, settle_all
from payments.tests.purposes import Told, start

MODELS = (
    "moneymove",
    "charge",
    "refund",
    "release",
    "transferreversal",
    "credit",
    "operatorcash",
    "withdrawal",
    "paymentmethod",
    "webhookevent",
)


def staff(group: str) -> Client:
    client = Client()
    sign_in(client, make_staff(f"Staff-{group}", group))
    return client


@pytest.fixture
def paid(alice: Person, told: Told, at: datetime) -> MoneyMove:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    cards.release("thing:7", 40_000, at=at)
    cards.refund("thing:7", 60_000, at=at)
    settle_all(at)
    return MoneyMove.objects.get(verb="charge")


@pytest.mark.parametrize("model", MODELS)
def test_finance_staff_read_every_list_and_nobody_changes_it(paid: MoneyMove, model: str) -> None:
    assert staff("finance").get(reverse(f"admin:payments_{model}_changelist")).status_code == 200
    assert staff("moderator").get(reverse(f"admin:payments_{model}_changelist")).status_code == 403
    assert staff("administrator").get(reverse(f"admin:payments_{model}_add")).status_code == 403


def test_the_screen_of_a_move_shows_its_entries_and_what_was_announced(paid: MoneyMove) -> None:
    text = staff("finance").get(reverse("admin:payments_moneymove_change", args=[paid.pk])).content.decode()
    assert paid.key in text
    assert "held:thing:7" in text
    assert "payment_intent.succeeded" in text
    assert "payments.charge_confirmed" in text
    assert "Ask now" not in text


def test_finance_staff_ask_the_provider_again_with_a_reason(alice: Person, told: Told, at: datetime) -> None:
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at).pk, at=at)
    assert charge.provider_id is not None
    sandbox().decide(charge.provider_id, is_approved=True, at=at)
    move, finance = MoneyMove.objects.get(), staff("finance")
    url = reverse("admin:payments_moneymove_ask", args=[move.pk])
    assert finance.post(url).status_code == 409
    assert staff("mediator").post(url, {"reason": "Curious"}).status_code == 403
    assert told.heard == []
    assert finance.post(url, {"reason": "The client called"}).status_code == 302
    assert told.heard == ["settled 7"]
    assert Event.objects.get(kind="payments.move_asked_again").reason == "The client called"
    assert "This move has its answer." in finance.post(url, {"reason": "Again"}).content.decode()


def test_finance_staff_let_an_event_be_worked_through_again(paid: MoneyMove) -> None:
    event = WebhookEvent.objects.first()
    assert event is not None
    finance = staff("finance")
    assert finance.get(reverse("admin:payments_webhookevent_change", args=[event.pk])).status_code == 200
    finance.post(reverse("admin:payments_webhookevent_again", args=[event.pk]), {"reason": "Asked"})
    event.refresh_from_db()
    assert event.processed_at is None
    assert staff("support").post(reverse("admin:payments_webhookevent_again", args=[event.pk])).status_code == 403


def test_a_number_that_does_not_exist_is_not_found(paid: MoneyMove) -> None:
    finance = staff("finance")
    assert finance.get("/admin/payments/moneymove/999999/change/").status_code == 404
    assert finance.get("/admin/payments/moneymove/x/change/").status_code == 404


def test_the_moves_of_a_party_are_found_and_no_others(paid: MoneyMove, alice: Person, bob: Person) -> None:
    assert alice.party is not None
    assert bob.party is not None
    finance = staff("finance")

    def keys(typed: str) -> set[str]:
        page = finance.get(reverse("admin:payments_moneymove_changelist"), {"q": typed})
        return {move.key for move in page.context["cl"].queryset}

    charge_and_refund = set(MoneyMove.objects.filter(verb__in=["charge", "refund"]).values_list("key", flat=True))
    assert len(charge_and_refund) == 2
    assert keys(f"party:{alice.party.pk}") == charge_and_refund
    assert keys(f"party:{bob.party.pk}") == set()
    assert keys("party:x") == set()


def test_finance_staff_move_cash_with_a_reason(db: None) -> None:
    page = reverse("admin:payments_operatorcash_changelist")
    url, finance = reverse("admin:payments_operatorcash_move"), staff("finance")
    token = token_of(finance, page)
    assert finance.post(url, {"amount": "500", "way": "in", "token": token}).status_code == 409
    assert finance.post(url, {"amount": "500", "reason": "Earned", "way": "out", "token": token}).status_code == 409
    assert staff("mediator").post(url, {"amount": "500", "reason": "Mine", "way": "in"}).status_code == 403
    assert OperatorCash.objects.count() == 0
    sent = {"amount": "500", "reason": "First cash", "way": "in", "token": token_of(finance, page)}
    assert finance.post(url, {**sent, "token": ""}).status_code == 409
    for _time in range(2):
        answer = finance.post(url, sent)
        assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert finance.post(url, {**sent, "way": "out"}).status_code == 409
    cash = OperatorCash.objects.get()
    assert (cash.kind, cash.amount, cash.reason) == ("topup", 50_000, "First cash")
    assert "First cash" in finance.get(page).content.decode()


def test_finance_staff_pay_a_clients_credit_back(alice: Person, bob: Person, at: datetime) -> None:
    assert alice.party is not None
    cards.make_credit(alice, bob, 10_000, at=at)
    url, finance = reverse("admin:payments_credit_pay_back", args=[alice.party.pk]), staff("finance")
    token = token_of(finance, reverse("admin:payments_credit_changelist"))
    page = finance.get(reverse("admin:payments_credit_changelist")).content.decode()
    assert alice.party.name in page
    assert "€100.00" in page
    assert finance.post(url, {"way": "out", "token": token}).status_code == 409
    assert finance.post(url, {"way": "out", "reason": "IBAN by mail"}).status_code == 409
    assert staff("mediator").post(url, {"reason": "Mine", "way": "out"}).status_code == 403
    assert Credit.objects.get().left == 10_000
    assert finance.post(url, {"reason": "Asked by mail", "way": "cards", "token": token}).status_code == 302
    assert Credit.objects.get().asked_back_at is not None
    for _time in range(2):
        assert finance.post(url, {"reason": "IBAN by mail", "way": "out", "token": token}).status_code == 302
    assert (Credit.objects.get().left, OperatorCash.objects.get().kind) == (0, "credit")
    assert finance.post(url, {"reason": "Again", "way": "out", "token": str(uuid4())}).status_code == 409


def test_finance_staff_give_released_money_back_with_a_case(paid: MoneyMove) -> None:
    release, finance = Release.objects.get(), staff("finance")
    Release.objects.update(created_at=now())
    Charge.objects.update(settled_at=now())
    url = reverse("admin:payments_release_give_back", args=[release.pk])
    assert "Give money back to the client" in finance.get(_page(release)).content.decode()
    sent = {"reason": "Case 12", "token": token_of(finance, _page(release)), "seen_remaining": str(release.remaining)}
    for wrong in (
        {"amount": "100", "reason": ""},
        {"amount": "401"},
        {"amount": "100", "token": ""},
        {"amount": "100", "seen_remaining": "1"},
    ):
        finance.post(url, {**sent, **wrong})
    assert staff("mediator").post(url, {**sent, "amount": "100"}).status_code == 403
    assert GiveBack.objects.count() == 0
    for _time in range(2):
        assert finance.post(url, {**sent, "amount": "100"}).headers["Location"] == _page(release)
    given = GiveBack.objects.get()
    assert (given.gross, given.net, given.reason) == (10_000, 9_000, "Case 12")


def _page(release: Release) -> str:
    return reverse("admin:payments_release_change", args=[release.pk])


def test_staff_are_offered_nothing_about_a_party_that_they_belonged_to(
    paid: MoneyMove, alice: Person, bob: Person, at: datetime
) -> None:
    assert alice.party is not None
    cards.make_credit(alice, bob, 10_000, at=at)
    Charge.objects.update(settled_at=now())
    fanny, finance = make_staff("Fanny", "finance"), Client()
    sign_in(finance, fanny)
    release, credits_page = Release.objects.get(), reverse("admin:payments_credit_changelist")
    pages = (_page(release), credits_page)
    assert [token_of(finance, page) != "" for page in pages] == [True, True]
    Membership.objects.create(user=fanny.user, party=alice.party, role="owner", created_at=at, ended_at=at)
    assert [token_of(finance, page) for page in pages] == ["", ""]
    sent = {"amount": "1", "reason": "Mine", "token": str(uuid4()), "seen_remaining": str(release.remaining)}
    for name, pk in (("payments_release_give_back", release.pk), ("payments_credit_pay_back", alice.party.pk)):
        assert finance.post(reverse(f"admin:{name}", args=[pk]), sent).status_code == 403
    assert (GiveBack.objects.count(), OperatorCash.objects.count()) == (0, 0)


def token_of(client: Client, page: str) -> str:
    """Return the token that a page has written into its form."""
    return client.get(page).content.decode().partition('name="token" value="')[2].partition('"')[0]
