"""Several workers, pages and webhooks at once: the end is that of one after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread, Timer
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.tests.cast import Person, make_staff
from core.tests.threads import PATIENCE, race
from ledger.actions import Leg, post
from ledger.models import Transfer
from ledger.queries import balance
from payments import actions
from payments.actions import releases
from payments.actions.calls import LEASE
from payments.gateway import GatewayAnswer
from payments.gateways.sandbox import Fault
from payments.models import (
    Charge,
    Chargeback,
    CreditPayment,
    FrozenRelease,
    GiveBack,
    MoneyMove,
    OperatorCash,
    PayoutMethod,
    Refund,
    Release,
    SandboxObject,
    ScheduledWithdrawal,
    TransferReversal,
    Withdrawal,
    WithdrawalSchedule,
)
from payments.queries import Purse, cover, held, purse
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_bank, make_card, sandbox, settle_all
from payments.tests.purposes import NAME, Told, start
from payments.tests.test_chargebacks import see

pytestmark = pytest.mark.django_db(transaction=True)
Books = Callable[[str], int]


def test_one_move_run_by_four_workers_is_called_once(alice: Person, told: Told, at: datetime, trials: int) -> None:
    card = make_card(alice, at=at)
    for trial in range(trials):
        start(alice, card, at=at, reference=trial)
        move = MoneyMove.objects.latest("pk")
        race(*[lambda pk=move.pk: actions.run_move(move_id=pk, at=at)] * 4)
        assert sandbox().calls.count(move.key) == 1
    assert sorted(told.heard) == sorted(f"settled {trial}" for trial in range(trials))
    assert Charge.objects.filter(status=Charge.Status.CONFIRMED).count() == trials


def test_the_answer_and_the_webhook_settle_once(alice: Person, told: Told, at: datetime, fewer: int) -> None:
    card = make_card(alice, at=at)
    for trial in range(fewer):
        sandbox().faults.append(Fault("charge", "reply_lost"))
        charge = actions.run_charge(charge_id=start(alice, card, at=at, reference=trial).pk, at=at)
        move = MoneyMove.objects.latest("pk")
        actions.deliver_sandbox_events(at=at)
        later = at + LEASE
        race(
            lambda pk=move.pk, later=later: actions.run_move(move_id=pk, at=later),  # type: ignore[misc]
            lambda later=later: actions.process_inbox(at=later),  # type: ignore[misc]
            lambda pk=charge.pk, later=later: actions.ask_about_charge(charge_id=pk, at=later),  # type: ignore[misc]
        )
        assert told.heard.count(f"settled {trial}") == 1
    assert Transfer.objects.filter(kind="charge").count() == fewer
    assert SandboxObject.objects.filter(kind="payment").count() == fewer


def test_of_two_withdrawals_of_everything_exactly_one_succeeds(
    alice: Person, bob: Person, told: Told, at: datetime, trials: int
) -> None:
    assert bob.party is not None
    party_id = bob.party.pk
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    method_id = make_bank(bob, at).pk
    later = cards.earn(holder="thing:7", gross=100_000, at=at)

    def withdraw() -> Withdrawal:
        return actions.request_withdrawal(party_id=party_id, method_id=method_id, amount=90_000, by=bob.actor, at=later)

    for trial in range(trials):
        results = race(withdraw, withdraw)
        won = [each for each in results if isinstance(each, Withdrawal)]
        refused = [each for each in results if isinstance(each, actions.NotEnoughAvailable)]
        assert (len(won), len(refused)) == (1, 1)
        assert Withdrawal.objects.count() == trial + 1
        actions.cancel_withdrawal(withdrawal_id=won[0].pk, by=bob.actor, at=later)


def test_cancelling_and_sending_a_withdrawal_cross_and_one_of_them_wins(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, fewer: int
) -> None:
    assert bob.party is not None
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    method_id = make_bank(bob, at).pk
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    paid = 0
    for _trial in range(fewer):
        withdrawal = actions.request_withdrawal(
            party_id=bob.party.pk, method_id=method_id, amount=1_000, by=bob.actor, at=later
        )
        move = MoneyMove.objects.latest("pk")
        race(
            lambda pk=withdrawal.pk: actions.cancel_withdrawal(withdrawal_id=pk, by=bob.actor, at=later),  # type: ignore[misc]
            lambda pk=move.pk: actions.run_move(move_id=pk, at=later),  # type: ignore[misc]
        )
        settle_all(later + SANDBOX_TIME)
        withdrawal.refresh_from_db()
        was_sent = move.key in sandbox().calls
        assert withdrawal.status == (Withdrawal.Status.PAID if was_sent else Withdrawal.Status.CANCELLED)
        paid += was_sent
    assert books(f"available:party:{bob.party.pk}") == 90_000 - 1_000 * paid


def test_releases_and_refunds_of_everything_cross_and_the_money_moves_once(
    alice: Person, bob: Person, told: Told, at: datetime, trials: int
) -> None:
    card = make_card(alice, at=at)
    for trial in range(trials):
        actions.run_charge(charge_id=start(alice, card, at=at, reference=trial).pk, at=at)
        holder = f"thing:{trial}"
        race(
            lambda holder=holder: cards.release(holder, 100_000, at=at),  # type: ignore[misc]
            lambda holder=holder: cards.refund(holder, 100_000, at=at),  # type: ignore[misc]
            lambda holder=holder: cards.release(holder, 60_000, at=at),  # type: ignore[misc]
        )
        out = sum(Release.objects.filter(source=holder).values_list("gross", flat=True))
        back = sum(Refund.objects.filter(source=holder).values_list("gross", flat=True))
        assert out + back + held(holder).gross == 100_000
        assert (out, back) in {(100_000, 0), (0, 100_000), (60_000, 0)}


def test_maturing_twice_at_once_moves_each_release_once(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, fewer: int
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    make_bank(bob, at)
    for _trial in range(fewer):
        cards.release("thing:7", 1_000, at=at)
    later = at + timedelta(days=5)
    results = race(*[lambda: actions.mature_releases(at=later)] * 3, *[lambda: actions.plan_transfers(at=later)] * 3)
    assert sum(each for each in results[:3] if isinstance(each, int)) == fewer
    actions.plan_transfers(at=later)
    settle_all(later)
    assert books(f"available:party:{bob.actor.party_id}") == 900 * fewer
    assert books(f"connected:party:{bob.actor.party_id}") == -900 * fewer


def test_paid_and_failed_announced_at_once_return_the_money_once(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, trials: int
) -> None:
    assert bob.party is not None
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    method = make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    for _trial in range(trials):
        withdrawal = actions.request_withdrawal(
            party_id=bob.party.pk, method_id=method.pk, amount=90_000, by=bob.actor, at=later
        )
        actions.run_due_moves(at=later)
        withdrawal.refresh_from_db()
        assert withdrawal.provider_id is not None
        later += SANDBOX_TIME
        sandbox().return_payout(withdrawal.provider_id, at=later)
        actions.deliver_sandbox_events(at=later)
        race(*[lambda later=later: actions.process_inbox(at=later)] * 3)
        settle_all(later)
        withdrawal.refresh_from_db()
        assert withdrawal.status == Withdrawal.Status.RETURNED
        assert books(f"available:party:{bob.party.pk}") == 90_000
        PayoutMethod.objects.update(status=PayoutMethod.Status.ACTIVE)


def test_funding_one_thing_in_two_tabs_charges_it_once(alice: Person, told: Told, at: datetime, trials: int) -> None:
    card = make_card(alice, at=at)
    for trial in range(trials):
        results = race(*[lambda trial=trial: start(alice, card, at=at, reference=trial)] * 2)
        assert len([each for each in results if isinstance(each, Charge)]) == 1
        assert Charge.objects.filter(reference=trial).count() == 1


def test_a_schedule_that_three_clocks_find_due_while_its_person_withdraws_moves_the_money_once(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, trials: int
) -> None:
    assert bob.party is not None
    party_id = bob.party.pk
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    method_id = make_bank(bob, at).pk
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    actions.set_withdrawal_schedule(
        party_id=party_id, rhythm="weekly", threshold=1, method_id=method_id, by=bob.actor, at=later
    )
    for trial in range(trials):
        due = WithdrawalSchedule.objects.get().next_at
        assert due is not None
        results = race(
            *[lambda due=due: actions.request_scheduled_withdrawals(at=due)] * 3,
            lambda due=due: actions.request_withdrawal(  # type: ignore[misc]
                party_id=party_id, method_id=method_id, amount=90_000, by=bob.actor, at=due
            ),
        )
        assert sum(each for each in results[:3] if isinstance(each, int)) == 1
        assert ScheduledWithdrawal.objects.count() == trial + 1
        withdrawal = Withdrawal.objects.get(status=Withdrawal.Status.RESERVED)
        assert withdrawal.amount == 90_000
        was_theirs = isinstance(results[3], Withdrawal)
        assert ScheduledWithdrawal.objects.latest("pk").outcome == ("below_threshold" if was_theirs else "withdrawn")
        actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=due)
        assert books(f"available:party:{party_id}") == 90_000


def test_a_withdrawal_and_a_give_back_cross_and_never_take_the_same_money(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, fewer: int
) -> None:
    assert bob.party is not None
    party_id, card, method_id = bob.party.pk, make_card(alice, at=at), make_bank(bob, at).pk
    for trial in range(fewer):
        actions.run_charge(charge_id=start(alice, card, at=at, reference=trial).pk, at=at)
        later = cards.earn(holder=f"thing:{trial}", gross=100_000, at=at)
        release_id = Release.objects.latest("pk").pk
        results = race(
            lambda: actions.request_withdrawal(
                party_id=party_id,
                method_id=method_id,
                amount=90_000,
                by=bob.actor,
                at=later,  # noqa: B023  (both have ended before the next trial)
            ),
            lambda: actions.give_back_release(release_id=release_id, gross=50_000, by=bob.actor, at=later),  # noqa: B023
        )
        given = GiveBack.objects.latest("pk")
        assert given in results  # what is lacking is owed: the give-back always goes through
        withdrawn = [each for each in results if isinstance(each, Withdrawal)]
        assert given.owed == (45_000 if withdrawn else 0)
        if withdrawn:
            actions.cancel_withdrawal(withdrawal_id=withdrawn[0].pk, by=bob.actor, at=later)
        settle_all(later)
        assert Refund.objects.filter(status=Refund.Status.CONFIRMED).count() == 2 * trial + 1
        actions.give_back_release(release_id=release_id, gross=50_000, by=bob.actor, at=later)
        settle_all(later)
        if withdrawn:
            break  # a debt is open now, and nothing more is withdrawn


def test_of_two_give_backs_of_everything_exactly_one_succeeds(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, trials: int
) -> None:
    card = make_card(alice, at=at)
    for trial in range(trials):
        actions.run_charge(charge_id=start(alice, card, at=at, reference=trial).pk, at=at)
        (release,) = cards.release(f"thing:{trial}", 100_000, at=at)
        results = race(
            *[lambda pk=release.pk: actions.give_back_release(release_id=pk, gross=100_000, by=bob.actor, at=at)] * 2
        )
        assert sum(isinstance(each, GiveBack) for each in results) == 1
        assert sum(isinstance(each, actions.AmountNotReturnable) for each in results) == 1
        release.refresh_from_db()
        assert release.remaining == 0
    assert books(f"pending:party:{bob.actor.party_id}") == 0


def test_a_give_back_and_the_end_of_the_security_period_cross(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, trials: int
) -> None:
    card, later = make_card(alice, at=at), at + timedelta(days=5)
    for trial in range(trials):
        actions.run_charge(charge_id=start(alice, card, at=at, reference=trial).pk, at=at)
        (release,) = cards.release(f"thing:{trial}", 100_000, at=at)
        race(
            lambda: actions.mature_releases(at=later),
            lambda pk=release.pk: actions.give_back_release(release_id=pk, gross=50_000, by=bob.actor, at=later),  # type: ignore[misc]
        )
        actions.mature_releases(at=later)  # the clock leaves out what is locked, and comes again
        release.refresh_from_db()
        assert (release.remaining, GiveBack.objects.get(release=release).owed) == (45_000, 0)
    assert books(f"pending:party:{bob.actor.party_id}") == 0
    assert books(f"available:party:{bob.actor.party_id}") == 45_000 * trials


def test_credit_pays_once_however_many_tabs_use_it(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, fewer: int
) -> None:
    assert alice.party is not None
    assert bob.party is not None
    payer_id, payee_id = alice.party.pk, bob.party.pk
    for trial in range(fewer):
        cards.make_credit(alice, bob, 100_000, at=at + timedelta(hours=trial))

        def pay(holder: str) -> CreditPayment:
            return actions.pay_from_credit(
                payer_id=payer_id,
                payee_id=payee_id,
                holder=holder,
                purpose=NAME,
                reference=1,
                scope="contract:5",
                title="Logo",
                gross=60_000,
                client_fee=0,
                by=alice.actor,
                at=at,
            )

        results = race(
            lambda trial=trial: pay(f"thing:a{trial}"),  # type: ignore[misc]
            lambda trial=trial: pay(f"thing:b{trial}"),  # type: ignore[misc]
        )
        paid = [each for each in results if isinstance(each, CreditPayment)]
        assert len(paid) == 1
        assert sum(isinstance(each, actions.CreditNotEnough) for each in results) == 1
        cash = actions.pay_credit_out(
            party_id=payer_id, reason="rest", by=make_staff(f"Fanny{trial}", "finance").actor, at=at
        )
        assert cash.amount == 40_000
    assert books(f"credit:party:{payer_id}") == 0


def test_of_two_cash_outs_of_everything_exactly_one_succeeds(
    alice: Person, told: Told, at: datetime, trials: int
) -> None:
    fanny, card = make_staff("Fanny", "finance"), make_card(alice, at=at)
    actions.run_charge(charge_id=start(alice, card, at=at).pk, at=at)
    cards.release("thing:7", 100_000, at=at)
    for _trial in range(trials):
        spare = cover().spare
        results = race(*[lambda: actions.cash_out(amount=spare, reason="Earned", by=fanny.actor, at=at)] * 2)  # noqa: B023
        assert sum(isinstance(each, OperatorCash) for each in results) == 1
        assert sum(isinstance(each, actions.OwedToOthers) for each in results) == 1
        assert cover().spare == 0
        made = OperatorCash.objects.latest("pk")
        move = MoneyMove.objects.get(verb="cashout", source=f"cash-{made.pk}")
        MoneyMove.objects.filter(pk=move.pk).update(status="sent", sent_at=at, request_hash="x")
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", code="debit_failed"), at=at)


def test_a_withdrawal_and_a_chargeback_cross_and_nobody_takes_out_what_is_frozen(
    alice: Person, bob: Person, told: Told, at: datetime, trials: int
) -> None:
    """Of 90.00 each time: either it leaves and is missing, or it is frozen and cannot leave."""
    assert bob.party is not None
    party_id, method_id = bob.party.pk, make_bank(bob, at).pk
    card = make_card(alice, at=at)
    left = 0
    for trial in range(trials):
        charge = start(alice, card, at=at, reference=trial, gross=10_000, client_fee=500)
        actions.run_charge(charge_id=charge.pk, at=at)
        later = cards.earn(holder=f"thing:{trial}", gross=10_000, at=at)
        sandbox().contest(Charge.objects.get(pk=charge.pk).provider_id or "", 10_500, at=later - SANDBOX_TIME)
        actions.deliver_sandbox_events(at=later)
        results = race(
            lambda later=later: actions.request_withdrawal(  # type: ignore[misc]
                party_id=party_id, method_id=method_id, amount=9_000, by=bob.actor, at=later
            ),
            lambda later=later: actions.process_inbox(at=later),  # type: ignore[misc]
        )
        has_left = isinstance(results[0], Withdrawal)
        assert has_left or isinstance(results[0], actions.NotEnoughAvailable)
        chargeback = Chargeback.objects.latest("pk")
        row = FrozenRelease.objects.get(case=chargeback.holder)
        assert (row.frozen, row.missing) == ((0, 9_000) if has_left else (9_000, 0))
        assert purse(party_id).withdrawable == 0
        left += has_left
        sandbox().decide_dispute(chargeback.provider_id, is_won=True, at=later)
        settle_all(later)
        settle_all(later + SANDBOX_TIME)
        if not has_left:
            actions.request_withdrawal(party_id=party_id, method_id=method_id, amount=9_000, by=bob.actor, at=later)
            settle_all(later)
            settle_all(later + SANDBOX_TIME)
        assert (purse(party_id).available, purse(party_id).kept_back) == (0, 0)


def test_a_release_and_a_chargeback_cross_and_all_of_it_is_frozen_in_one_place(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, trials: int
) -> None:
    """Whoever commits first: it is frozen from held, and cannot be released, or it is frozen from pending."""
    assert bob.party is not None
    card = make_card(alice, at=at)
    for trial in range(trials):
        charge = start(alice, card, at=at, reference=trial, gross=10_000, client_fee=500)
        actions.run_charge(charge_id=charge.pk, at=at)
        sandbox().contest(Charge.objects.get(pk=charge.pk).provider_id or "", 10_500, at=at - SANDBOX_TIME)
        actions.deliver_sandbox_events(at=at)
        results = race(
            lambda trial=trial: cards.release(f"thing:{trial}", 10_000, at=at),  # type: ignore[misc]
            lambda: actions.process_inbox(at=at),
        )
        is_released = not isinstance(results[0], actions.NotEnoughHeld)
        chargeback = Chargeback.objects.latest("pk")
        assert (chargeback.missing, chargeback.uncovered) == (0, 0)
        assert FrozenRelease.objects.filter(case=chargeback.holder).exists() == is_released
        assert books(f"frozen:{chargeback.holder}") == (9_000 if is_released else 10_500)
        assert (books(f"held:thing:{trial}"), books(f"pending:party:{bob.party.pk}")) == (0, 0)


def test_one_form_sent_three_times_at_once_moves_its_money_once(
    alice: Person, bob: Person, told: Told, at: datetime, fewer: int
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    (release,) = cards.release("thing:7", 100_000, at=at)
    fanny = make_staff("Fanny", "finance").actor
    for trial in range(1, fewer + 1):
        token = uuid4()
        race(
            *[
                lambda token=token: actions.give_back_release(
                    release_id=release.pk, gross=1_000, token=token, by=bob.actor, at=at
                )
            ]
            * 3,
            *[lambda token=token: actions.top_up(amount=1_000, reason="Cash", token=token, by=fanny, at=at)] * 3,
        )
        assert (GiveBack.objects.count(), OperatorCash.objects.count()) == (trial, trial)
    settle_all(at)
    settle_all(at + SANDBOX_TIME)


def test_the_refusal_of_a_transfer_that_comes_in_the_middle_of_a_give_back_waits_for_it(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    make_bank(bob, at)
    (release,) = cards.release("thing:7", 100_000, at=at)
    later = at + timedelta(days=5)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    move = MoneyMove.objects.get(verb="transfer")
    MoneyMove.objects.filter(pk=move.pk).update(status="sent", sent_at=later, request_hash="x")

    def refuse() -> None:
        answer = GatewayAnswer("denied", code="account_not_enabled")
        try:
            actions.settle_move(move_id=move.pk, answer=answer, at=later)
        finally:
            connection.close()

    refusal = Thread(target=refuse, daemon=True)

    def look_while_it_is_refused(party_id: int) -> Purse:
        refusal.start()
        refusal.join(0.5)
        return purse(party_id)

    monkeypatch.setattr("payments.actions.returns.purse", look_while_it_is_refused)
    actions.give_back_release(release_id=release.pk, gross=20_000, by=bob.actor, at=later)
    refusal.join(PATIENCE)
    assert TransferReversal.objects.get().status == TransferReversal.Status.DROPPED
    again = later + timedelta(hours=1)
    actions.plan_transfers(at=again)
    settle_all(again)
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert (books(f"available:party:{bob.actor.party_id}"), books(f"connected:party:{bob.actor.party_id}")) == (
        72_000,
        -72_000,
    )


def test_give_backs_and_refusals_of_their_transfers_cross_and_no_money_is_stranded(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books, fewer: int
) -> None:
    make_bank(bob, at)
    card, account = make_card(alice, at=at), SandboxObject.objects.get(kind="account")

    def allow(status: str) -> None:
        account.refresh_from_db()
        account.data["status"] = status
        account.save()

    for trial in range(1, fewer + 1):
        actions.run_charge(charge_id=start(alice, card, at=at, reference=trial).pk, at=at)
        (release,) = cards.release(f"thing:{trial}", 100_000, at=at)
        at += timedelta(days=5)
        actions.mature_releases(at=at)
        actions.plan_transfers(at=at)
        transfer = MoneyMove.objects.filter(verb="transfer").latest("pk")
        allow("restricted")
        race(
            lambda pk=transfer.pk, at=at: actions.run_move(move_id=pk, at=at),  # type: ignore[misc]
            lambda pk=release.pk, at=at: actions.give_back_release(  # type: ignore[misc]
                release_id=pk, gross=20_000, by=bob.actor, at=at
            ),
        )
        allow("enabled")
        at += timedelta(hours=1)
        actions.plan_transfers(at=at)
        settle_all(at)
        assert not Refund.objects.exclude(status=Refund.Status.CONFIRMED).exists()
        assert books(f"available:party:{bob.actor.party_id}") == 72_000 * trial
        assert books(f"connected:party:{bob.actor.party_id}") == -72_000 * trial


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("cause", ["clock", "chargeback won"])
def test_a_repayment_and_a_release_that_matures_do_not_wait_for_each_other(
    alice: Person, bob: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    assert bob.party is not None
    owner = f"party:{bob.party.pk}"
    card = make_card(alice, at=at)
    for reference in (7, 8):
        actions.run_charge(charge_id=start(alice, card, at=at, reference=reference).pk, at=at)
        cards.release(f"thing:{reference}", 100_000, at=at)
    first, last = Release.objects.select_related("charge").order_by("pk")
    assert first.charge is not None
    contested = first.charge
    if cause == "chargeback won":
        Release.objects.filter(pk=first.pk).update(matures_at=at)
        actions.mature_releases(at=at)
        see(contested, "needs_response", at=at)
    Release.objects.filter(pk=last.pk).update(matures_at=at)
    legs = [Leg(f"receivable:{owner}", -150_000), Leg("exp:chargeback", 150_000)]
    with transaction.atomic():
        post(key="debt", kind="debt", at=at, currency="EUR", legs=legs)
    has_release, may_post = Event(), Event()

    def post_later(**given: Any) -> int:
        has_release.set()
        may_post.wait(PATIENCE)
        return post(**given)

    monkeypatch.setattr(releases, "post", post_later)

    def repay() -> None:
        has_release.wait(PATIENCE)
        Timer(1, may_post.set).start()  # by then the repayment waits for the release
        if cause == "clock":
            assert actions.repay_debts(at=at) == 1
        else:
            see(contested, "won", at=at)

    assert race(lambda: actions.mature_releases(at=at), repay) == [1, None]
    assert balance(f"receivable:{owner}", "EUR") == 0
    assert balance(f"pending:{owner}", "EUR") + balance(f"available:{owner}", "EUR") == 30_000
