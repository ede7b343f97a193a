"""A client's credit: it pays for work, goes back to other cards where they have room, and is paid out by staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_staff
from core.errors import FormSentBefore, NotAllowed
from events.models import Event
from ledger.models import Entry, Transfer
from payments import actions
from payments.actions.moves import NEVER_ARRIVED, MoveMismatch
from payments.gateway import GatewayAnswer
from payments.models import Credit, CreditPayment, Holding, MoneyCase, MoneyMove, OperatorCash, Refund, Release
from payments.queries import credit_page, credit_queue, credit_total, held, rooms_for_credit
from payments.tax import ChargeTaxes, Reason, Tax
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_card, settle_all
from payments.tests.purposes import NAME, Told, start

Books = Callable[[str], int]
DENIED = GatewayAnswer("denied", code="refund_refused")
TAXED = ChargeTaxes(work=Tax(2000, Reason.DOMESTIC), fee=Tax(2000, Reason.DOMESTIC))


def legs_of(key: str) -> dict[str, int]:
    """Return the legs of a transfer by account."""
    entries = Entry.objects.filter(transfer__key=key).select_related("account")
    return {entry.account.name: entry.amount for entry in entries}


def use(
    payer: Person, payee: Person, *, at: datetime, gross: int = 100_000, fee: int = 5_000, **more: object
) -> object:
    """Pay for thing:7 from credit."""
    assert payer.party is not None
    assert payee.party is not None
    given: dict[str, object] = {"by": payer.actor, **more}
    return actions.pay_from_credit(
        payer_id=payer.party.pk,
        payee_id=payee.party.pk,
        holder="thing:7",
        purpose=NAME,
        reference=7,
        scope="contract:5",
        title="Logo",
        gross=gross,
        client_fee=fee,
        at=at,
        **given,  # type: ignore[arg-type]
    )


def party(person: Person) -> int:
    assert person.party is not None
    return person.party.pk


@pytest.fixture
def credit(alice: Person, bob: Person, told: Told, at: datetime) -> Credit:
    """Let Alice have 1 260.00 of credit."""
    cards.make_credit(alice, bob, 126_000, at=at)
    return Credit.objects.get()


def test_a_refused_refund_is_credit_with_its_cause(credit: Credit, alice: Person, books: Books) -> None:
    refund = Refund.objects.get()
    assert (credit.source, credit.title, credit.amount, credit.left) == (
        f"refund:{refund.pk}",
        "Logo",
        126_000,
        126_000,
    )
    assert (credit.refund, credit.gateway, credit.asked_back_at) == (refund, "sandbox", None)
    assert books(f"credit:party:{party(alice)}") == credit_total(party(alice)) == 126_000


def test_a_refund_that_comes_back_after_it_arrived_is_credit(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    charge = start(alice, make_card(alice, cards.REFUND_COMES_BACK, at=at), at=at)
    actions.run_charge(charge_id=charge.pk, at=at)
    before = books("gateway")
    (refund,) = cards.refund("thing:7", 100_000, at=at)
    settle_all(at)
    refund.refresh_from_db()
    assert (refund.status, books("gateway"), credit_total(party(alice))) == ("confirmed", before + 105_000, 0)

    settle_all(at + SANDBOX_TIME)
    refund.refresh_from_db()
    assert (refund.status, refund.failure_code) == (Refund.Status.DENIED, "refund_refused")
    assert legs_of(f"refund_returned:{refund.pk}") == {"gateway": -105_000, f"credit:party:{party(alice)}": 105_000}
    credit = Credit.objects.get()
    assert (credit.refund, credit.left, books("gateway")) == (refund, 105_000, before)
    assert told.heard == ["settled 7", "refunded 105000", "refund failed 105000"]
    case = MoneyCase.objects.get(kind="refund_denied")
    assert (case.subject, case.amount, case.status) == (f"credit:{credit.pk}", 105_000, "open")
    assert Event.objects.filter(kind="payments.refund_denied").count() == 1

    actions.settle_move(move_id=MoneyMove.objects.get(verb="refund").pk, answer=DENIED, at=at + SANDBOX_TIME)
    assert Credit.objects.count() == Transfer.objects.filter(kind="refund_returned").count() == 1


def test_a_look_up_that_finds_nothing_does_not_undo_a_refund(alice: Person, told: Told, at: datetime) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    (refund,) = cards.refund("thing:7", 100_000, at=at)
    settle_all(at)
    before = Transfer.objects.count()
    move = MoneyMove.objects.get(verb="refund")
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", code=NEVER_ARRIVED), at=at)
    with pytest.raises(MoveMismatch):
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", provider_id="another"), at=at)
    refund.refresh_from_db()
    assert (refund.status, Transfer.objects.count(), Credit.objects.count()) == ("confirmed", before, 0)


def test_credit_pays_for_work_at_once(credit: Credit, alice: Person, bob: Person, at: datetime, books: Books) -> None:
    moves = MoneyMove.objects.count()
    payment = use(alice, bob, at=at)
    assert isinstance(payment, CreditPayment)
    assert legs_of(f"credit_payment:{payment.pk}") == {
        f"credit:party:{party(alice)}": -105_000,
        "held:thing:7": 100_000,
        "held_fee:thing:7": 5_000,
    }
    assert MoneyMove.objects.count() == moves
    holding = Holding.objects.get(holder="thing:7")
    assert (holding.charge, holding.credit_payment, holding.gross_left) == (None, payment, 100_000)
    assert credit_total(party(alice)) == 21_000
    event = Event.objects.get(kind="payments.credit_used")
    assert (event.data["amount"], event.data["left"]) == (105_000, 21_000)


def test_credit_pays_with_vat(credit: Credit, alice: Person, bob: Person, at: datetime) -> None:
    payment = use(alice, bob, at=at, taxes=TAXED)
    assert isinstance(payment, CreditPayment)
    assert legs_of(f"credit_payment:{payment.pk}") == {
        f"credit:party:{party(alice)}": -126_000,
        "held:thing:7": 120_000,
        "held_fee:thing:7": 6_000,
    }
    assert (payment.vat, payment.client_fee_vat, payment.vat_bps, payment.fee_vat_bps) == (20_000, 1_000, 2000, 2000)
    assert payment.taxes == TAXED


def test_credit_that_does_not_cover_all_pays_nothing(credit: Credit, alice: Person, bob: Person, at: datetime) -> None:
    before = Transfer.objects.count(), Event.objects.count()
    with pytest.raises(actions.CreditNotEnough), transaction.atomic():
        use(alice, bob, at=at, gross=126_000, fee=1)
    assert (Transfer.objects.count(), Event.objects.count()) == before
    assert CreditPayment.objects.count() == 0
    assert credit_total(party(alice)) == 126_000


def test_nobody_else_pays_from_it(credit: Credit, alice: Person, bob: Person, at: datetime) -> None:
    chloe = make_client("Chloe", at=at)
    for stranger in (chloe, bob, make_staff("Fanny", "finance")):
        with pytest.raises(NotAllowed), transaction.atomic():
            use(alice, bob, at=at, by=stranger.actor)
    assert CreditPayment.objects.count() == 0


def test_the_oldest_credit_is_used_first(credit: Credit, alice: Person, bob: Person, at: datetime) -> None:
    later = at + timedelta(hours=1)
    cards.make_credit(alice, bob, 10_000, at=later)
    use(alice, bob, at=later, gross=130_000, fee=0)
    assert list(Credit.objects.order_by("pk").values_list("left", flat=True)) == [0, 6_000]


def test_work_paid_from_credit_is_released_and_transferred_without_a_charge(
    credit: Credit, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    cards.make_bank(bob, at)
    top_up(at, 10_000)
    use(alice, bob, at=at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    release = Release.objects.get()
    assert (release.charge, release.net) == (None, 90_000)
    move = MoneyMove.objects.get(verb="transfer")
    assert move.status == MoneyMove.Status.CONFIRMED
    assert "source_transaction" not in move.body
    assert books(f"connected:party:{party(bob)}") == -90_000
    assert books("rev:service") == 10_000
    assert later == at + timedelta(days=5)


def top_up(at: datetime, amount: int) -> None:
    """Cover the provider's fees, which the operator's own money has to."""
    actions.top_up(amount=amount, reason="fees", by=make_staff("Fleur", "finance").actor, at=at)
    settle_all(at)
    settle_all(at + timedelta(days=3))


def test_what_was_paid_from_credit_goes_back_to_credit_at_once(
    credit: Credit, alice: Person, bob: Person, at: datetime
) -> None:
    use(alice, bob, at=at)
    (back,) = cards.back("thing:7", 40_000, at=at)
    assert isinstance(back, Credit)
    assert legs_of(f"credit_returned:{back.pk}") == {
        "held:thing:7": -40_000,
        "held_fee:thing:7": -2_000,
        f"credit:party:{party(alice)}": 42_000,
    }
    assert (back.source, back.left, back.gross, back.client_fee) == ("thing:7", 42_000, 40_000, 2_000)
    assert held("thing:7").gross == 60_000
    assert credit_total(party(alice)) == 63_000


def test_what_was_paid_from_credit_is_frozen_and_shared_out(
    credit: Credit, alice: Person, bob: Person, at: datetime
) -> None:
    use(alice, bob, at=at)
    with transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="case:2", gross=100_000, at=at)
        releases, returned = actions.settle_frozen(
            case="case:2", to_freelancer=60_000, to_client=40_000, fee_version=1, title="Logo", at=at
        )
    assert [release.credit_payment_id for release in releases] == [CreditPayment.objects.get().pk]
    assert [each.amount for each in returned] == [42_000]
    assert credit_total(party(alice)) == 63_000


# Paid back another way


def test_without_room_on_another_card_credit_waits_for_staff(credit: Credit, alice: Person, at: datetime) -> None:
    before = Transfer.objects.count()
    assert actions.ask_credit_back(party_id=party(alice), by=alice.actor, at=at) == []
    credit.refresh_from_db()
    assert (credit.asked_back_at, credit.left) == (at, 126_000)
    assert Transfer.objects.count() == before
    event = Event.objects.get(kind="payments.credit_asked_back")
    assert event.data["amount"] == 126_000
    with pytest.raises(actions.CreditAskedBack), transaction.atomic():
        actions.ask_credit_back(party_id=party(alice), by=alice.actor, at=at)
    assert [(owner.party.pk, owner.total, owner.asked_back_at) for owner in credit_queue()] == [
        (party(alice), 126_000, at)
    ]


def test_credit_goes_back_to_another_card_up_to_its_room(
    credit: Credit, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    card = make_card(alice, at=at)
    charge = start(alice, card, at=at, reference=8)
    actions.run_charge(charge_id=charge.pk, at=at)
    assert rooms_for_credit(party(alice)) == {}  # all of it is held for work
    cards.release("thing:8", 100_000, at=at)
    assert rooms_for_credit(party(alice)) == {charge.pk: 15_000}  # what nobody is promised: the fees
    assert credit_page(party(alice)).to_cards == 15_000

    (refund,) = actions.ask_credit_back(party_id=party(alice), by=alice.actor, at=at)
    assert (refund.charge_id, refund.credit, refund.amount, refund.gross) == (charge.pk, 15_000, 15_000, 0)
    move = MoneyMove.objects.get(verb="refund", source=f"refund-{refund.pk}")
    assert legs_of(f"credit_back:{refund.pk}") == {
        f"credit:party:{party(alice)}": -15_000,
        f"refunding:move:{move.pk}": 15_000,
    }
    settle_all(at)
    refund.refresh_from_db()
    assert refund.status == Refund.Status.CONFIRMED
    assert legs_of(f"refund_paid:{refund.pk}") == {f"refunding:move:{move.pk}": -15_000, "gateway": 15_000}
    credit.refresh_from_db()
    assert (credit.left, credit.asked_back_at) == (111_000, at)  # the rest waits for staff
    assert rooms_for_credit(party(alice)) == {}


def test_credit_that_a_card_refuses_is_credit_again(credit: Credit, alice: Person, bob: Person, at: datetime) -> None:
    charge = start(alice, make_card(alice, at=at), at=at, reference=8)
    actions.run_charge(charge_id=charge.pk, at=at)
    cards.release("thing:8", 100_000, at=at)
    (refund,) = actions.ask_credit_back(party_id=party(alice), by=alice.actor, at=at)
    cards.sandbox().faults.clear()
    from payments.models import SandboxObject

    for kept in SandboxObject.objects.filter(kind="card"):
        kept.data["refund_fails"] = True
        kept.save()
    settle_all(at)
    settle_all(at + SANDBOX_TIME)
    refund.refresh_from_db()
    assert refund.status == Refund.Status.DENIED
    assert Credit.objects.get(refund=refund).left == 15_000
    assert credit_total(party(alice)) == 126_000
    assert rooms_for_credit(party(alice)) == {}  # no second time on that card


def test_who_may_ask_for_credit(credit: Credit, alice: Person, bob: Person, at: datetime) -> None:
    fanny = make_staff("Fanny", "finance")
    for stranger in (make_client("Chloe", at=at), bob, make_staff("Dora", "mediator")):
        with pytest.raises(NotAllowed), transaction.atomic():
            actions.ask_credit_back(party_id=party(alice), by=stranger.actor, at=at)
    with pytest.raises(actions.ReasonMissing), transaction.atomic():
        actions.ask_credit_back(party_id=party(alice), by=fanny.actor, at=at)
    with pytest.raises(actions.NoCredit), transaction.atomic():
        actions.ask_credit_back(party_id=party(bob), reason="why", by=fanny.actor, at=at)
    credit.refresh_from_db()
    assert credit.asked_back_at is None
    actions.ask_credit_back(party_id=party(alice), reason="Asked by phone", by=fanny.actor, at=at)
    assert Event.objects.get(kind="payments.credit_asked_back").reason == "Asked by phone"


def test_staff_pay_credit_out_by_hand(credit: Credit, alice: Person, at: datetime, books: Books) -> None:
    top_up(at, 10_000)  # the provider kept its fee of the charge
    before = books("gateway")
    fanny = make_staff("Fanny", "finance")
    for by, reason, wrong in (
        (alice.actor, "mine", NotAllowed),
        (fanny.actor, " ", actions.ReasonMissing),
    ):
        with pytest.raises(wrong), transaction.atomic():
            actions.pay_credit_out(party_id=party(alice), reason=reason, by=by, at=at)
    cash = actions.pay_credit_out(party_id=party(alice), reason="IBAN given by mail", by=fanny.actor, at=at)
    move = MoneyMove.objects.get(verb="cashout")
    assert legs_of(f"credit_out:{cash.pk}") == {
        f"credit:party:{party(alice)}": -126_000,
        f"refunding:move:{move.pk}": 126_000,
    }
    with pytest.raises(actions.NoCredit), transaction.atomic():
        actions.pay_credit_out(party_id=party(alice), reason="again", by=fanny.actor, at=at)
    settle_all(at)
    settle_all(at + timedelta(days=3))
    cash.refresh_from_db()
    assert cash.status == OperatorCash.Status.CONFIRMED
    assert legs_of(f"cash:{cash.pk}") == {f"refunding:move:{move.pk}": -126_000, "gateway": 126_000}
    assert books("gateway") == before + 126_000
    assert credit_queue() == []


def test_no_staff_pay_out_what_is_of_a_party_that_they_has_belonged_to(
    credit: Credit, alice: Person, at: datetime
) -> None:
    fanny = make_staff("Fanny", "finance")
    Membership.objects.create(user=fanny.user, party_id=party(alice), role="member", created_at=at, ended_at=at)
    for verb in (actions.pay_credit_out, actions.ask_credit_back):
        with pytest.raises(NotAllowed), transaction.atomic():
            verb(party_id=party(alice), reason="Mine", by=fanny.actor, at=at)
    credit.refresh_from_db()
    assert (credit.left, credit.asked_back_at, OperatorCash.objects.count()) == (126_000, None, 0)


def test_one_form_pays_credit_out_once_also_when_there_is_new_credit(
    credit: Credit, alice: Person, bob: Person, at: datetime
) -> None:
    fanny, token = make_staff("Fanny", "finance"), uuid4()
    sent: dict[str, Any] = {"reason": "IBAN by mail", "token": token, "by": fanny.actor, "at": at}
    cash = actions.pay_credit_out(party_id=party(alice), **sent)
    cards.make_credit(alice, bob, 10_000, at=at)
    assert actions.pay_credit_out(party_id=party(alice), **sent) == cash
    with pytest.raises(FormSentBefore), transaction.atomic():
        actions.pay_credit_out(party_id=party(bob), **sent)
    assert (OperatorCash.objects.count(), Credit.objects.latest("pk").left) == (1, 10_000)


def test_credit_that_comes_back_after_it_was_paid_out_is_credit_again(
    credit: Credit, alice: Person, at: datetime, books: Books
) -> None:
    top_up(at, 10_000)
    before = books("gateway")
    fanny = make_staff("Fanny", "finance")
    cash = actions.pay_credit_out(party_id=party(alice), reason="IBAN given by mail", by=fanny.actor, at=at)
    settle_all(at)
    later = at + timedelta(days=3)
    settle_all(later)
    cash.refresh_from_db()
    assert (cash.status, credit_total(party(alice))) == (OperatorCash.Status.CONFIRMED, 0)

    cards.sandbox().return_cash(str(cash.provider_id), at=later)
    settle_all(later)
    cash.refresh_from_db()
    assert (cash.status, cash.failure_code) == (OperatorCash.Status.DENIED, "no_account")
    assert legs_of(f"cash_returned:{cash.pk}") == {"gateway": -126_000, f"credit:party:{party(alice)}": 126_000}
    assert (books("gateway"), credit_total(party(alice))) == (before, 126_000)
    again = Credit.objects.latest("pk")
    case = MoneyCase.objects.get(kind="credit_not_paid_out")
    assert (again.source, case.subject) == (f"cash:{cash.pk}", f"credit:{again.pk}")


def test_credit_that_cannot_be_paid_out_is_credit_again(credit: Credit, alice: Person, at: datetime) -> None:
    fanny = make_staff("Fanny", "finance")
    cash = actions.pay_credit_out(party_id=party(alice), reason="IBAN given by mail", by=fanny.actor, at=at)
    settle_all(at)  # the provider's fee of the charge is missing on the balance
    cash.refresh_from_db()
    assert (cash.status, cash.failure_code) == (OperatorCash.Status.DENIED, "balance_insufficient")
    assert credit_total(party(alice)) == 126_000
    assert Credit.objects.latest("pk").source == f"cash:{cash.pk}"
