"""The operator's own cash: in, out, and never below what belongs to others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.tests.cast import Person, make_staff
from core.errors import FormSentBefore, NotAllowed
from core.money import LARGEST
from core.product import rules
from events.models import Event
from ledger.models import Transfer
from payments import actions
from payments.models import Chargeback, MoneyMove, OperatorCash
from payments.queries import cover
from payments.tests import cards
from payments.tests.cards import make_card, sandbox, settle_all
from payments.tests.purposes import Told, start
from tests.nothing import nothing_happens

Books = Callable[[str], int]
Status = OperatorCash.Status
BANK = timedelta(days=3)
FEE = 105_000 * 150 // 10_000 + 25


@pytest.fixture
def fanny(db: None) -> Person:
    return make_staff("Fanny", "finance")


@pytest.fixture
def held(alice: Person, told: Told, at: datetime) -> None:
    """Hold 1000.00 + 50.00; the provider kept its fee."""
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)


def arrive(at: datetime) -> None:
    settle_all(at)
    settle_all(at + BANK)


def test_a_top_up_counts_once_it_arrived(fanny: Person, at: datetime, books: Books) -> None:
    cash = actions.top_up(amount=50_000, reason="First cash", by=fanny.actor, at=at)
    settle_all(at)
    cash.refresh_from_db()
    assert (cash.status, books("operator"), books("gateway")) == (Status.PLANNED, 0, 0)
    arrive(at)
    cash.refresh_from_db()
    assert (cash.status, books("operator"), books("gateway")) == (Status.CONFIRMED, 50_000, -50_000)
    assert [event.reason for event in Event.objects.filter(kind="payments.cash_planned")] == ["First cash"]
    assert cards.sandbox().balances("EUR").platform == 50_000


def test_cash_out_takes_what_is_spare_and_no_cent_more(held: None, fanny: Person, at: datetime, books: Books) -> None:
    assert (cover().platform, cover().owed, cover().spare) == (105_000 - FEE, 105_000, -FEE)
    cards.release("thing:7", 100_000, at=at)
    assert (cover().earnings, cover().spare) == (90_000, 15_000 - FEE)
    before = Transfer.objects.count()
    with pytest.raises(actions.OwedToOthers), transaction.atomic():
        actions.cash_out(amount=15_000 - FEE + 1, reason="Earned", by=fanny.actor, at=at)
    assert Transfer.objects.count() == before
    assert OperatorCash.objects.count() == MoneyMove.objects.filter(verb="cashout").count() == 0

    cash = actions.cash_out(amount=15_000 - FEE, reason="Earned", by=fanny.actor, at=at)
    assert (cash.spare, cover().spare, books("operator")) == (15_000 - FEE, 0, 0)
    with pytest.raises(actions.OwedToOthers), transaction.atomic():
        actions.cash_out(amount=1, reason="Earned", by=fanny.actor, at=at)
    arrive(at)
    cash.refresh_from_db()
    assert (cash.status, books("operator"), cover().platform) == (Status.CONFIRMED, -(15_000 - FEE), 90_000)
    assert cover().spare == 0


def test_what_was_transferred_is_no_longer_to_be_covered(held: None, bob: Person, at: datetime) -> None:
    cards.make_bank(bob, at)
    cards.earn(holder="thing:7", gross=100_000, at=at)
    assert (cover().platform, cover().earnings, cover().spare) == (15_000 - FEE, 0, 15_000 - FEE)


def test_a_refused_cash_out_moves_nothing(fanny: Person, at: datetime, books: Books) -> None:
    actions.top_up(amount=50_000, reason="Cash", by=fanny.actor, at=at)
    arrive(at)
    later = at + BANK
    first = actions.cash_out(amount=50_000, reason="Back", by=fanny.actor, at=later)
    move = MoneyMove.objects.get(verb="cashout")
    from payments.gateway import GatewayAnswer

    MoneyMove.objects.filter(pk=move.pk).update(status="sent", sent_at=later, request_hash="x")
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", code="debit_failed"), at=later)
    first.refresh_from_db()
    assert (first.status, first.failure_code, books("operator")) == (Status.DENIED, "debit_failed", 50_000)
    assert cover().spare == 50_000


def test_cash_that_comes_back_after_it_had_arrived_is_reversed_once(fanny: Person, at: datetime, books: Books) -> None:
    topup = actions.top_up(amount=50_000, reason="Cash", by=fanny.actor, at=at)
    arrive(at)
    later = at + BANK
    cashout = actions.cash_out(amount=20_000, reason="Back", by=fanny.actor, at=later)
    arrive(later)
    assert (books("operator"), books("gateway")) == (30_000, -30_000)
    later += BANK
    for cash, operator in ((cashout, 50_000), (topup, 0)):
        cash.refresh_from_db()
        assert cash.status == Status.CONFIRMED
        for _time in range(2):
            cards.sandbox().return_cash(str(cash.provider_id), at=later)
            settle_all(later)
        cash.refresh_from_db()
        assert cash.status == Status.DENIED
        assert (books("operator"), books("gateway"), cover().platform) == (operator, -operator, operator)
    assert Transfer.objects.filter(kind="cash_returned").count() == 2
    returned = Event.objects.filter(kind="payments.cash_returned").order_by("pk")
    assert [event.data["code"] for event in returned] == ["no_account", "debit_failed"]


def test_one_form_moves_cash_once_however_often_it_is_sent(fanny: Person, at: datetime) -> None:
    token = uuid4()
    sent = {actions.top_up(amount=500, reason="Cash", token=token, by=fanny.actor, at=at).pk for _time in range(3)}
    assert len(sent) == OperatorCash.objects.count() == MoneyMove.objects.count() == 1
    for act, amount in ((actions.top_up, 501), (actions.cash_out, 500)):
        with pytest.raises(FormSentBefore), transaction.atomic():
            act(amount=amount, reason="Cash", token=token, by=fanny.actor, at=at)
    arrive(at)
    token = uuid4()
    for _time in range(2):
        actions.cash_out(amount=500, reason="Back", token=token, by=fanny.actor, at=at + BANK)
    assert (OperatorCash.objects.count(), MoneyMove.objects.count()) == (2, 2)


@pytest.mark.parametrize("verb", [actions.top_up, actions.cash_out])
def test_who_may_move_cash_and_how_much(
    alice: Person, fanny: Person, at: datetime, verb: Callable[..., object]
) -> None:
    for by, amount, reason, wrong in (
        (alice.actor, 1, "mine", NotAllowed),
        (make_staff("Dora", "mediator").actor, 1, "mine", NotAllowed),
        (fanny.actor, 1, " ", actions.ReasonMissing),
        (fanny.actor, 0, "none", actions.CashNotPossible),
        (fanny.actor, -1, "less", actions.CashNotPossible),
        (fanny.actor, LARGEST + 1, "all", actions.CashNotPossible),
    ):
        with pytest.raises(wrong), transaction.atomic():
            verb(amount=amount, reason=reason, by=by, at=at)
    assert OperatorCash.objects.count() == 0
    assert Transfer.objects.count() == 0


def test_a_shortfall_is_told_once_a_day(held: None, at: datetime) -> None:
    assert actions.tell_shortfall(at=at) == 1
    assert actions.tell_shortfall(at=at + timedelta(hours=1)) == 0
    assert actions.tell_shortfall(at=at + timedelta(hours=25)) == 1
    event = Event.objects.filter(kind="payments.shortfall_found").latest("pk")
    assert (event.data["amount"], event.data["owed"]) == (FEE, 105_000)


def test_covered_money_is_no_news(fanny: Person, at: datetime) -> None:
    assert actions.tell_shortfall(at=at) == 0
    assert Event.objects.filter(kind="payments.shortfall_found").count() == 0


def test_what_a_chargeback_froze_on_an_own_account_covers_no_other_earnings(
    alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    cards.make_bank(bob, at)
    card = make_card(alice, at=at)
    charges = [actions.run_charge(charge_id=start(alice, card, at=at, reference=n).pk, at=at) for n in (7, 8)]
    later = cards.earn(holder="thing:7", gross=100_000, at=at)  # on Bob's own account
    cards.release("thing:8", 100_000, at=later)
    last = later + timedelta(days=rules().security_days)
    actions.mature_releases(at=last)  # available, and not transferred yet
    before = cover()
    sandbox().contest(charges[0].provider_id or "", 105_000, at=last)
    settle_all(last + cards.SANDBOX_TIME)
    contested = cover()
    assert contested.earnings == before.earnings == 90_000
    assert before.spare - contested.spare == 105_000 + Chargeback.objects.get().fee
    actions.plan_transfers(at=last)
    settle_all(last + cards.SANDBOX_TIME)
    assert (cover().earnings, cover().spare) == (0, contested.spare)


def test_play_money_never_covers_cash_that_really_leaves(held: None, fanny: Person, at: datetime) -> None:
    cards.release("thing:7", 100_000, at=at)
    assert cover().spare > 0
    with override_settings(PAYMENT_GATEWAY="stripe"), nothing_happens(), pytest.raises(actions.CashNotPossible):
        actions.cash_out(amount=1, reason="Earned.", token=uuid4(), by=fanny.actor, at=at)
