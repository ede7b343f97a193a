"""Money cases: what cannot settle by itself has an owner, an age and a deadline until somebody has settled it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_staff, sign_in
from core.actor import Actor
from core.clock import now
from core.errors import NotAllowed
from events.models import Event
from payments import actions
from payments.actions.moves import MoveMismatch
from payments.gateway import GatewayAnswer, GatewayUnreachable
from payments.gateways.sandbox import Fault, SandboxGateway
from payments.models import Credit, MoneyCase, MoneyMove, OperatorCash, Withdrawal
from payments.tests import cards
from payments.tests.cards import make_bank, make_card, settle_all
from payments.tests.purposes import Told, start

Kind, Status = MoneyCase.Kind, MoneyCase.Status
DAY = timedelta(days=1)
OVERDUE = timedelta(hours=21)


@pytest.fixture
def fanny(db: None) -> Person:
    return make_staff("Fanny", "finance")


@pytest.fixture
def frank(db: None) -> Person:
    return make_staff("Frank", "finance")


def open_one(at: datetime, subject: str = "cash:0", **more: object) -> MoneyCase:
    facts = {"kind": Kind.SHORTFALL, "amount": 500, "currency": "EUR", "by": Actor.system(), **more}
    return actions.open_money_case(subject=subject, at=at, **facts)  # type: ignore[arg-type]


def told() -> list[str]:
    kinds = Event.objects.filter(subject__startswith="money_case:").order_by("pk").values_list("kind", flat=True)
    return [kind.removeprefix("payments.money_case_") for kind in kinds]


# The verbs


def test_one_case_is_open_about_one_thing_however_often_it_is_opened(at: datetime, db: None) -> None:
    case = open_one(at)
    assert open_one(at + DAY, amount=900).pk == case.pk
    assert (case.status, case.due_at, case.owner, MoneyCase.objects.count()) == ("open", at + 3 * DAY, None, 1)
    assert MoneyCase.objects.get().amount == 500
    assert told() == ["opened"]
    assert open_one(at, "cash:1").pk != case.pk
    assert open_one(at, kind=Kind.MOVE_UNKNOWN).pk != case.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        MoneyCase.objects.create(kind=Kind.SHORTFALL, subject="cash:0", opened_at=at, due_at=at)


def test_a_closed_case_does_not_stand_in_the_way_of_the_next(at: datetime, fanny: Person) -> None:
    first = open_one(at)
    actions.close_money_case(case_id=first.pk, reason="Topped up", by=fanny.actor, at=at)
    assert open_one(at + DAY).pk != first.pk


def test_a_deadline_of_its_own_counts(at: datetime, db: None) -> None:
    assert open_one(at, due_at=at + 90 * DAY).due_at == at + 90 * DAY


def test_a_case_is_taken_by_who_saw_its_owner(at: datetime, fanny: Person, frank: Person) -> None:
    case = open_one(at)
    taken = actions.take_money_case(case_id=case.pk, seen_owner_id=None, by=fanny.actor, at=at)
    assert taken.owner == fanny.user
    with pytest.raises(actions.MoneyCaseTaken), transaction.atomic():
        actions.take_money_case(case_id=case.pk, seen_owner_id=None, by=frank.actor, at=at)
    assert MoneyCase.objects.get().owner == fanny.user
    actions.take_money_case(case_id=case.pk, seen_owner_id=None, by=fanny.actor, at=at)
    assert told() == ["opened", "taken"]
    actions.take_money_case(case_id=case.pk, seen_owner_id=fanny.user.pk, by=frank.actor, at=at)
    assert MoneyCase.objects.get().owner == frank.user


def test_a_case_is_closed_with_a_reason_and_once(at: datetime, fanny: Person) -> None:
    case = open_one(at)
    with pytest.raises(actions.ReasonMissing), transaction.atomic():
        actions.close_money_case(case_id=case.pk, reason=" ", by=fanny.actor, at=at)
    closed = actions.close_money_case(case_id=case.pk, reason=" Topped up ", by=fanny.actor, at=at + DAY)
    assert (closed.status, closed.closed_at, closed.closed_by) == ("closed", at + DAY, fanny.user)
    with pytest.raises(actions.MoneyCaseClosed), transaction.atomic():
        actions.close_money_case(case_id=case.pk, reason="Again", by=fanny.actor, at=at)
    with pytest.raises(actions.MoneyCaseClosed), transaction.atomic():
        actions.take_money_case(case_id=case.pk, seen_owner_id=None, by=fanny.actor, at=at)
    assert actions.settle_money_cases("cash:0", at=at) == 0
    assert Event.objects.get(kind="payments.money_case_closed").reason == "Topped up"
    assert told() == ["opened", "closed"]


@pytest.mark.parametrize("group", ["support", "moderator", "mediator"])
def test_cases_are_for_finance_staff(at: datetime, db: None, alice: Person, group: str) -> None:
    case = open_one(at)
    for person in (alice, make_staff("Dora", group)):
        verbs: tuple[Callable[[], object], ...] = (
            lambda by=person.actor: open_one(at, "cash:5", by=by),  # type: ignore[misc]
            lambda by=person.actor: actions.take_money_case(case_id=case.pk, seen_owner_id=None, by=by, at=at),  # type: ignore[misc]
            lambda by=person.actor: actions.close_money_case(case_id=case.pk, reason="Mine", by=by, at=at),  # type: ignore[misc]
        )
        for verb in verbs:
            with pytest.raises(NotAllowed), transaction.atomic():
                verb()
    assert (MoneyCase.objects.get().status, MoneyCase.objects.get().owner, told()) == ("open", None, ["opened"])


def test_an_overdue_case_is_told_once(at: datetime, fanny: Person) -> None:
    open_one(at)
    closed = open_one(at, "cash:1")
    actions.close_money_case(case_id=closed.pk, reason="Done", by=fanny.actor, at=at)
    due = at + 3 * DAY
    assert actions.tell_overdue_cases(at=due - timedelta(seconds=1)) == 0
    assert [actions.tell_overdue_cases(at=due), actions.tell_overdue_cases(at=due + DAY)] == [1, 0]
    assert told() == ["opened", "opened", "closed", "overdue"]


# What opens and closes them


def test_a_refused_refund_is_a_case_until_its_credit_is_used_up(
    alice: Person, bob: Person, fanny: Person, at: datetime
) -> None:
    assert alice.party is not None
    cards.make_credit(alice, bob, 10_000, at=at)
    case = MoneyCase.objects.get()
    facts = (case.kind, case.subject, case.amount, case.party_id)
    assert facts == ("refund_denied", f"credit:{Credit.objects.get().pk}", 10_000, alice.party.pk)
    actions.pay_credit_out(party_id=alice.party.pk, reason="IBAN by mail", by=fanny.actor, at=at)
    case.refresh_from_db()
    assert (case.status, case.closed_by) == ("closed", None)

    move = MoneyMove.objects.get(verb="cashout")
    MoneyMove.objects.filter(pk=move.pk).update(status="sent", sent_at=at, request_hash="x")
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", code="debit_failed"), at=at)
    again = MoneyCase.objects.get(status="open")
    assert (again.kind, again.amount, Credit.objects.get(left__gt=0).amount) == ("credit_not_paid_out", 10_000, 10_000)


def test_credit_used_in_part_keeps_its_case(alice: Person, bob: Person, told: Told, at: datetime) -> None:
    assert alice.party is not None
    cards.make_credit(alice, bob, 10_000, at=at)
    other = make_card(alice, at=at)
    charge = start(alice, other, at=at, reference=7, gross=4_000, client_fee=0)
    actions.run_charge(charge_id=charge.pk, at=at)
    cards.release("thing:7", 4_000, at=at)
    (refund,) = actions.ask_credit_back(party_id=alice.party.pk, by=alice.actor, at=at)
    assert refund.credit == 400  # what nobody is promised of it: the fee
    assert MoneyCase.objects.get().status == "open"


def lose_every_answer(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """Let calls of a kind, and the look-up of them, go unanswered."""
    cards.sandbox().faults.extend(Fault(verb, "reply_lost") for _ in range(3))

    def nobody_answers(self: SandboxGateway, *args: object, **kwargs: object) -> None:
        raise GatewayUnreachable("nobody answers")

    monkeypatch.setattr(SandboxGateway, "find", nobody_answers)


def test_a_move_that_the_look_up_cannot_end_is_a_case_until_it_has_its_answer(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        lose_every_answer(patched, "charge")
        actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
        move = MoneyMove.objects.get()
        assert (move.status, MoneyCase.objects.count()) == ("unknown", 0)
        for hours in (21, 23):
            actions.run_move(move_id=move.pk, at=at + timedelta(hours=hours))
        case = MoneyCase.objects.get()
        assert (case.kind, case.subject, case.amount) == ("move_unknown", f"move:{move.pk}", 105_000)
    actions.run_move(move_id=move.pk, at=at + timedelta(hours=25))
    case.refresh_from_db()
    assert (MoneyMove.objects.get(pk=move.pk).status, case.status, case.closed_by) == ("confirmed", "closed", None)
    settle_all(at + timedelta(hours=25))


def test_a_withdrawal_that_nobody_knows_of_is_one_case_about_it(
    alice: Person, bob: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bob.party is not None
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    bank = make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    withdrawal = actions.request_withdrawal(
        party_id=bob.party.pk, method_id=bank.pk, amount=50_000, by=bob.actor, at=later
    )
    move = MoneyMove.objects.get(verb="payout")
    with monkeypatch.context() as patched:
        lose_every_answer(patched, "payout")
        actions.run_move(move_id=move.pk, at=later)
        actions.run_move(move_id=move.pk, at=later + OVERDUE)
    case = MoneyCase.objects.get()
    assert (case.kind, case.subject) == ("withdrawal_unknown", f"withdrawal:{withdrawal.pk}")
    assert Withdrawal.objects.get().status == "reconciling"
    actions.run_move(move_id=move.pk, at=later + 2 * OVERDUE)
    case.refresh_from_db()
    assert (Withdrawal.objects.get().status, case.status) == ("sent", "closed")
    settle_all(later + 3 * DAY)


def test_an_answer_about_another_sum_is_a_case_and_books_nothing(alice: Person, told: Told, at: datetime) -> None:
    charge = start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at)
    actions.run_charge(charge_id=charge.pk, at=at)
    move = MoneyMove.objects.get()
    with pytest.raises(MoveMismatch):
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer("confirmed", fee=0, amount=1), at=at)
    assert (MoneyCase.objects.get().kind, MoneyMove.objects.get().status) == ("move_mismatch", "waiting")


def test_a_shortfall_is_one_case_until_it_is_covered(alice: Person, told: Told, fanny: Person, at: datetime) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    for hours in (0, 1, 30):
        actions.tell_shortfall(at=at + timedelta(hours=hours))
    case = MoneyCase.objects.get()
    fee = 105_000 * 150 // 10_000 + 25
    assert (case.kind, case.amount, case.is_open) == ("shortfall", fee, True)
    actions.top_up(amount=fee, reason="Fees", by=fanny.actor, at=at + 2 * DAY)
    settle_all(at + 2 * DAY)
    settle_all(at + 3 * DAY)
    assert OperatorCash.objects.get().status == "confirmed"
    actions.tell_shortfall(at=at + 3 * DAY)
    case.refresh_from_db()
    assert (case.status, case.closed_by) == ("closed", None)


# The pages


def signed_in(person: Person) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def test_the_queue_shows_age_deadline_and_owner(fanny: Person) -> None:
    today = now()
    case = open_one(today - 5 * DAY)
    open_one(today, "cash:1")
    actions.take_money_case(case_id=case.pk, seen_owner_id=None, by=fanny.actor, at=today)
    page = signed_in(fanny).get(reverse("admin:payments_moneycase_changelist"))
    assert [each.pk for each in page.context["cl"].queryset] == list(
        MoneyCase.objects.order_by("due_at").values_list("pk", flat=True)
    )
    text = page.content.decode()
    for shown in ("5 days ago", "overdue", "€5.00", fanny.user.get_full_name()):
        assert shown in text


def test_finance_staff_take_and_close_a_case_on_its_screen(fanny: Person, frank: Person) -> None:
    case = open_one(now())
    page = reverse("admin:payments_moneycase_change", args=[case.pk])
    take, close = (reverse(f"admin:payments_moneycase_{act}", args=[case.pk]) for act in ("take", "close"))
    browser, other = signed_in(fanny), signed_in(frank)
    text = browser.get(page).content.decode()
    assert "Put cash in from your bank" in text
    assert reverse("admin:payments_operatorcash_changelist") in text
    assert browser.post(take, {"seen_owner": ""}).headers["Location"] == page
    assert "Make it mine" not in browser.get(page).content.decode()
    assert other.post(take, {"seen_owner": ""}).status_code == 409
    assert other.post(close, {"reason": ""}).status_code == 409
    assert MoneyCase.objects.get().is_open
    assert browser.post(close, {"reason": "Cash arrived"}).status_code == 302
    assert "Cash arrived" in browser.get(page).content.decode()
    assert browser.post(close, {"reason": "Again"}).status_code == 409
    dora = signed_in(make_staff("Dora", "mediator"))
    assert [dora.get(page).status_code, dora.post(take).status_code, dora.post(close).status_code] == [403] * 3
    assert browser.get(reverse("admin:payments_moneycase_change", args=[999])).status_code == 404
