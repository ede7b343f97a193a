"""Bids, purchases and returns at the same moment: the end is that of one after the other."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from threading import Event as Signal
from typing import Any

import pytest

from accounts.tests.cast import Person
from core.tests.threads import race, winners
from events.models import Event
from jobs.actions import close_job
from jobs.models import Job
from ledger.queries import balance
from payments.actions import (
    ask_about_charge,
    process_inbox,
    run_charge,
    run_due_moves,
)
from payments.gateways.sandbox import Fault
from payments.models import Charge, PaymentMethod, WebhookEvent
from payments.queries import latest_charge
from payments.tests import cards
from proposals.actions import (
    AlreadyProposed,
    CannotAffordConnects,
    JobNotOpen,
    buy_connects,
    close_proposal,
    compare_letter,
    letters,
    return_unopened,
    view_proposal,
    withdraw_proposal,
)
from proposals.letters import runs_of
from proposals.models import CONNECTS_PURPOSE, ConnectLot, ConnectPurchase, ConnectSpend, LetterPrint, Proposal
from proposals.tests.cast import bid, connects_of, make_job, party_of, stock_up, tell

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(minutes=30)


@pytest.fixture
def card(bob: Person, at: datetime) -> PaymentMethod:
    return cards.make_card(bob, at=at)


def buy(bob: Person, card: PaymentMethod, quantity: int, token: str, at: datetime) -> ConnectPurchase:
    return buy_connects(
        party_id=party_of(bob).pk, quantity=quantity, method_id=card.pk, token=token, by=bob.actor, at=at
    )


def charge_of(purchase: ConnectPurchase) -> Charge:
    charge = latest_charge(CONNECTS_PURPOSE, purchase.pk)
    assert charge is not None
    return charge


def test_the_last_connects_pay_for_one_of_two_jobs(
    alice: Person, bob: Person, card: PaymentMethod, at: datetime, trials: int
) -> None:
    for number in range(8):
        bid(bob, make_job(alice, at=at, title=f"Job {number}"), at=at)
    assert connects_of(bob) == 0
    for trial in range(trials):
        run_charge(charge_id=charge_of(buy(bob, card, 5, f"trial {trial}", at)).pk, at=at)
        assert connects_of(bob) == 5
        one, other = make_job(alice, at=at, title="One"), make_job(alice, at=at, title="Other")

        answers = race(partial(bid, bob, one, at=at), partial(bid, bob, other, at=at))

        assert sorted(type(answer).__name__ for answer in answers) == [CannotAffordConnects.__name__, "Proposal"]
        assert Proposal.objects.filter(job__in=[one, other]).count() == 1
        assert connects_of(bob) == 0
    assert balance("spent", "CONNECT") == 40 + 5 * trials


def test_a_bid_sent_twice_on_one_job_is_one_bid(alice: Person, bob: Person, at: datetime, trials: int) -> None:
    stock_up(bob, trials, at=at)
    before = connects_of(bob)
    for trial in range(trials):
        job = make_job(alice, at=at, title="A small one", budget=5_000)
        send = partial(bid, bob, job, at=at)

        answers = race(send, send)

        assert sorted(type(answer).__name__ for answer in answers) == [AlreadyProposed.__name__, "Proposal"]
        assert Proposal.objects.filter(job=job).count() == 1
        assert connects_of(bob) == before - trial - 1


def test_a_bid_on_a_job_that_is_being_closed_costs_nothing_in_the_end(
    alice: Person, bob: Person, at: datetime, trials: int
) -> None:
    for _trial in range(trials):
        job = make_job(alice, at=at)

        sent, closed = race(partial(bid, bob, job, at=at), partial(close_job, job_id=job.pk, by=alice.actor, at=at))
        tell(at)

        assert isinstance(closed, Job)
        if isinstance(sent, Proposal):
            sent.refresh_from_db()
            assert sent.status == Proposal.Status.CLOSED
        else:
            assert isinstance(sent, JobNotOpen)
            assert not Proposal.objects.filter(job=job).exists()
        assert connects_of(bob) == 40


def test_bought_connects_announced_twice_at_once_arrive_once(
    bob: Person, card: PaymentMethod, at: datetime, trials: int
) -> None:
    for trial in range(trials):
        cards.sandbox().faults.append(Fault("charge", "reply_lost"))
        purchase = buy(bob, card, 10, f"trial {trial}", at)
        charge = run_charge(charge_id=charge_of(purchase).pk, at=at)
        assert (charge.status, connects_of(bob)) == (Charge.Status.PLANNED, 40 + 10 * trial)
        (event,) = cards.sandbox().outgoing(at=at, limit=10)

        race(partial(cards.deliver, event, at=at), partial(cards.deliver, event, at=at))
        assert WebhookEvent.objects.count() == trial + 1
        race(
            partial(process_inbox, at=at + LATER),
            partial(process_inbox, at=at + LATER),
            partial(run_due_moves, at=at + LATER),
            partial(ask_about_charge, charge_id=charge.pk, at=at + LATER),
        )

        purchase.refresh_from_db()
        assert (purchase.status, connects_of(bob)) == (ConnectPurchase.Status.PAID, 50 + 10 * trial)
    assert ConnectLot.objects.filter(origin=ConnectLot.Origin.PURCHASE).count() == trials
    assert balance("rev:connects", "EUR") == 150 * trials
    assert Event.objects.filter(kind="proposals.connects_bought").count() == trials


def test_a_purchase_sent_twice_charges_once(bob: Person, card: PaymentMethod, at: datetime, fewer: int) -> None:
    for trial in range(fewer):
        send = partial(buy, bob, card, 10, f"trial {trial}", at)

        one, other = race(send, send)

        assert one == other
        assert Charge.objects.filter(purpose=CONNECTS_PURPOSE).count() == trial + 1


def test_two_reasons_at_once_return_a_bids_connects_once(alice: Person, bob: Person, at: datetime, fewer: int) -> None:
    late = at + timedelta(days=14)
    for _trial in range(fewer):
        job = make_job(alice, at=at)
        proposal = bid(bob, job, at=at)

        race(
            partial(return_unopened, at=late),
            partial(close_proposal, proposal_id=proposal.pk, reason=ConnectSpend.Reason.CLOSED, at=late),
            partial(return_unopened, at=late),
        )

        assert ConnectSpend.objects.get(proposal=proposal).reason in {"closed", "unopened"}
        assert connects_of(bob) == 40
    assert Event.objects.filter(kind="proposals.connects_returned").count() == fewer


def test_a_bid_is_opened_or_withdrawn_first_and_ends_withdrawn(
    alice: Person, bob: Person, at: datetime, fewer: int
) -> None:
    stock_up(bob, fewer, at=at)
    job = make_job(alice, at=at, budget=5_000)
    for _trial in range(fewer):
        proposal = bid(bob, job, at=at)

        answers = race(
            partial(view_proposal, proposal_id=proposal.pk, by=alice.actor, at=at),
            partial(withdraw_proposal, proposal_id=proposal.pk, by=bob.actor, at=at),
        )

        assert winners(answers) == 2
        proposal.refresh_from_db()
        assert proposal.status == Proposal.Status.WITHDRAWN


def test_a_bid_that_was_withdrawn_in_time_is_not_closed_with_the_job(
    alice: Person, bob: Person, at: datetime, trials: int
) -> None:
    stock_up(bob, trials, at=at)
    for _trial in range(trials):
        job = make_job(alice, at=at, title="A small one", budget=5_000)
        proposal = bid(bob, job, at=at)
        left = connects_of(bob)

        withdrawn, _closed = race(
            partial(withdraw_proposal, proposal_id=proposal.pk, by=bob.actor, at=at),
            partial(close_proposal, proposal_id=proposal.pk, reason=ConnectSpend.Reason.CLOSED, at=at),
        )

        proposal.refresh_from_db()
        if isinstance(withdrawn, Proposal):
            assert (proposal.status, connects_of(bob)) == (Proposal.Status.WITHDRAWN, left)
        else:
            assert (proposal.status, connects_of(bob)) == (Proposal.Status.CLOSED, left + 1)


def test_a_letter_that_is_changed_while_it_is_compared_is_kept_as_it_is_now(
    bob: Person, job: Job, at: datetime, monkeypatch: Any
) -> None:
    proposal = bid(bob, job, at=at, letter="The gate sticks in winter, so the hinge comes first.")
    is_read, is_changed = Signal(), Signal()

    def slowly(letter: str, *, posted: Any) -> set[int]:
        if "hinge" in letter:
            is_read.set()
            is_changed.wait(2)  # a row that is held keeps the other one from coming first
        return runs_of(letter, posted=posted)

    def change() -> None:
        is_read.wait(10)
        Proposal.objects.filter(pk=proposal.pk).update(letter="The lock sticks in summer, so the key comes first.")
        compare_letter(proposal_id=proposal.pk, at=at)
        is_changed.set()

    monkeypatch.setattr(letters, "runs_of", slowly)
    race(partial(compare_letter, proposal_id=proposal.pk, at=at), change)

    now = runs_of("The lock sticks in summer, so the key comes first.", posted=[job.title, job.description])
    assert LetterPrint.objects.get().runs == sorted(now)
