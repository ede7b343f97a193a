"""Released money given back: exact postings, fees in proportion, what was transferred, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import Membership
from accounts.tests.cast import Person, charge_vat, make_client, make_staff
from core.errors import FormSentBefore, NotAllowed
from core.registers import SAMPLE_VAT_NUMBER
from events.models import Event
from ledger.checks import run_checks
from ledger.models import Entry, Transfer
from payments import actions
from payments.models import (
    Chargeback,
    GiveBack,
    MoneyMove,
    ProviderTransfer,
    Refund,
    Release,
    SandboxObject,
    TransferReversal,
)
from payments.queries import giveable_releases, left_of, most_to_give_back, purse, quote_give_back
from payments.tax import ChargeTaxes, Reason, Tax
from payments.tests import cards
from payments.tests.cards import make_bank, make_card, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]
TAXED = ChargeTaxes(work=Tax(2000, Reason.DOMESTIC), fee=Tax(2000, Reason.DOMESTIC))


def party(person: Person) -> int:
    assert person.party is not None
    return person.party.pk


def legs_of(key: str) -> dict[str, int]:
    """Return the legs of a transfer by account."""
    entries = Entry.objects.filter(transfer__key=key).select_related("account")
    return {entry.account.name: entry.amount for entry in entries}


def give(release: Release, gross: int, by: Person, at: datetime, **more: object) -> GiveBack:
    """Give a part back."""
    return actions.give_back_release(release_id=release.pk, gross=gross, by=by.actor, at=at, **more)  # type: ignore[arg-type]


@pytest.fixture
def funded(alice: Person, told: Told, at: datetime) -> None:
    """Hold 1000.00 + 50.00 on thing:7."""
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)


@pytest.fixture
def pending(funded: None, at: datetime) -> Release:
    """Release all of it; it is pending."""
    (release,) = cards.release("thing:7", 100_000, at=at)
    return release


@pytest.fixture
def later(at: datetime) -> datetime:
    """Return a moment after the security period."""
    return at + timedelta(days=5)


@pytest.fixture
def transferred(funded: None, bob: Person, at: datetime) -> Release:
    """Release all of it and let it arrive at Bob's own account."""
    make_bank(bob, at)
    cards.earn(holder="thing:7", gross=100_000, at=at)
    return Release.objects.get()


def test_pending_money_goes_back_with_its_fees(
    pending: Release, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    given = give(pending, 20_000, bob, at)
    move = MoneyMove.objects.get(verb="refund")
    assert legs_of(f"give_back:{given.pk}") == {
        f"pending:party:{party(bob)}": -18_000,
        "rev:service": -2_000,
        "rev:client_fee": -1_000,
        f"refunding:move:{move.pk}": 21_000,
    }
    pending.refresh_from_db()
    assert (pending.remaining, given.net, given.owed, given.amount) == (72_000, 18_000, 0, 21_000)
    event = Event.objects.get(kind="payments.release_given_back")
    assert (event.data["amount"], event.data["net"], event.data["payer"]) == (21_000, 18_000, party(alice))
    settle_all(at)
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert legs_of(f"refund_paid:{given.refund_id}") == {f"refunding:move:{move.pk}": -21_000, "gateway": 21_000}


def test_with_vat_everything_goes_back_in_proportion(
    alice: Person, bob: Person, told: Told, at: datetime, settings: Any
) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    charge_vat(bob, at=at)
    charge = start(alice, make_card(alice, at=at), at=at, taxes=TAXED)
    actions.run_charge(charge_id=charge.pk, at=at)
    (release,) = cards.release("thing:7", 100_000, at=at)
    assert (release.vat, release.fee_vat, release.client_fee_vat, release.net) == (20_000, 2_000, 1_000, 108_000)
    given = give(release, 20_000, bob, at)
    move = MoneyMove.objects.get(verb="refund")
    assert legs_of(f"give_back:{given.pk}") == {
        f"pending:party:{party(bob)}": -21_600,
        "rev:service": -2_000,
        "rev:client_fee": -1_000,
        "tax:payable": -600,
        f"refunding:move:{move.pk}": 25_200,
    }


def test_available_money_that_was_not_transferred_goes_back_at_once(
    pending: Release, bob: Person, later: datetime, books: Books
) -> None:
    actions.mature_releases(at=later)
    given = give(pending, 20_000, bob, later)
    assert legs_of(f"give_back:{given.pk}")[f"available:party:{party(bob)}"] == -18_000
    assert TransferReversal.objects.count() == 0
    make_bank(bob, later)
    settle_all(later)
    actions.plan_transfers(at=later)
    settle_all(later)
    assert ProviderTransfer.objects.get().amount == 72_000  # only what is left of it
    assert Refund.objects.get().status == Refund.Status.CONFIRMED


def test_transferred_money_is_taken_back_first(
    transferred: Release, bob: Person, later: datetime, books: Books
) -> None:
    given = give(transferred, 20_000, bob, later)
    reversal = TransferReversal.objects.get()
    refund_move = MoneyMove.objects.get(verb="refund")
    assert (reversal.amount, reversal.refund, given.owed) == (18_000, given.refund, 0)
    actions.run_move(move_id=refund_move.pk, at=later)
    refund_move.refresh_from_db()
    assert refund_move.status == MoneyMove.Status.PLANNED  # it waits for the reversal
    assert purse(party(bob)).withdrawable == 72_000  # what is being taken back cannot leave
    settle_all(later)
    reversal.refresh_from_db()
    assert reversal.status == TransferReversal.Status.CONFIRMED
    assert legs_of(f"transfer_reversed:{reversal.pk}") == {"gateway": -18_000, f"connected:party:{party(bob)}": 18_000}
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert (books(f"connected:party:{party(bob)}"), books(f"available:party:{party(bob)}")) == (-72_000, 72_000)
    keys = cards.sandbox().calls
    assert keys.index(f"sandbox:reversal:reversal-{reversal.pk}:1") < keys.index(refund_move.key)


def test_a_reversal_waits_for_a_transfer_under_way(
    pending: Release, bob: Person, later: datetime, books: Books
) -> None:
    make_bank(bob, later)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    give(pending, 20_000, bob, later)
    reversal = MoneyMove.objects.get(verb="reversal")
    actions.run_move(move_id=reversal.pk, at=later)
    reversal.refresh_from_db()
    assert reversal.status == MoneyMove.Status.PLANNED
    settle_all(later)
    settle_all(later + timedelta(minutes=3))
    assert ProviderTransfer.objects.get().status == ProviderTransfer.Status.CONFIRMED
    assert TransferReversal.objects.get().status == TransferReversal.Status.CONFIRMED
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert books(f"connected:party:{party(bob)}") == -72_000


def test_a_transfer_that_is_refused_needs_no_reversal(
    pending: Release, bob: Person, later: datetime, books: Books
) -> None:
    from payments.models import SandboxObject

    make_bank(bob, later)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    give(pending, 20_000, bob, later)
    account = SandboxObject.objects.get(kind="account")
    account.data["status"] = "restricted"
    account.save()
    settle_all(later)
    assert TransferReversal.objects.get().status == TransferReversal.Status.DROPPED
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    account.refresh_from_db()
    account.data["status"] = "enabled"
    account.save()
    again = later + timedelta(hours=1)
    actions.plan_transfers(at=again)
    settle_all(again)
    assert (ProviderTransfer.objects.get().amount, books(f"connected:party:{party(bob)}")) == (72_000, -72_000)


@pytest.mark.parametrize("rest", ["confirmed", "under way", "refused"])
def test_what_came_by_several_transfers_is_taken_back_of_each(
    alice: Person, bob: Person, told: Told, at: datetime, later: datetime, books: Books, rest: str
) -> None:
    """Half of it was contested until the other half had arrived."""
    make_bank(bob, at)
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    cards.release("thing:7", 100_000, at=at)
    cards.sandbox().contest(charge.provider_id or "", 52_500, at=at)
    settle_all(at + cards.SANDBOX_TIME)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    settle_all(later)
    chargeback = Chargeback.objects.get()
    cards.sandbox().decide_dispute(chargeback.provider_id, is_won=True, at=later)
    actions.deliver_sandbox_events(at=later)
    actions.process_inbox(at=later)
    account = SandboxObject.objects.get(kind="account")
    if rest == "refused":
        account.data["status"] = "restricted"
        account.save()
    if rest != "under way":
        settle_all(later)
    statuses = ["confirmed", {"under way": "planned", "refused": "denied"}.get(rest, rest)]
    assert [*ProviderTransfer.objects.order_by("pk").values_list("status", flat=True)] == statuses
    given = give(Release.objects.get(), 80_000, bob, later)
    assert (given.net, given.owed) == (72_000, 0)
    taken_back = [*TransferReversal.objects.order_by("pk").values_list("amount", flat=True)]
    assert taken_back == ([27_000] if rest == "refused" else [45_000, 27_000])
    account.refresh_from_db()
    account.data["status"] = "enabled"
    account.save()
    settle_all(later)
    again = later + timedelta(hours=2)
    actions.plan_transfers(at=again)
    settle_all(again)
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert (books(f"connected:party:{party(bob)}"), purse(party(bob)).withdrawable) == (-18_000, 18_000)


def test_what_was_withdrawn_is_owed(transferred: Release, bob: Person, later: datetime, books: Books) -> None:
    method = bob.party.payout_methods.get() if bob.party else None
    assert method is not None
    actions.request_withdrawal(party_id=party(bob), method_id=method.pk, amount=80_000, by=bob.actor, at=later)
    given = give(transferred, 20_000, bob, later)
    assert (given.net, given.owed) == (18_000, 8_000)
    legs = legs_of(f"give_back:{given.pk}")
    assert (legs[f"available:party:{party(bob)}"], legs[f"receivable:party:{party(bob)}"]) == (-10_000, -8_000)
    assert TransferReversal.objects.get().amount == 10_000
    settle_all(later)
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert purse(party(bob)).owed == 8_000
    with pytest.raises(actions.DebtOpen), transaction.atomic():
        actions.request_withdrawal(party_id=party(bob), method_id=method.pk, amount=1, by=bob.actor, at=later)


def test_money_that_another_transfer_may_bring_is_not_taken(
    transferred: Release, alice: Person, bob: Person, later: datetime
) -> None:
    method = bob.party.payout_methods.get() if bob.party else None
    assert method is not None
    actions.request_withdrawal(party_id=party(bob), method_id=method.pk, amount=90_000, by=bob.actor, at=later)
    settle_all(later)
    settle_all(later + cards.SANDBOX_TIME)
    charge = start(alice, make_card(alice, at=later), at=later, reference=8)
    actions.run_charge(charge_id=charge.pk, at=later)
    cards.release("thing:8", 100_000, at=later)
    latest = later + timedelta(days=5)
    actions.mature_releases(at=latest)
    actions.plan_transfers(at=latest)
    given = give(transferred, 20_000, bob, latest)
    assert (given.net, given.owed, TransferReversal.objects.count()) == (18_000, 18_000, 0)
    assert (purse(party(bob)).available, purse(party(bob)).owed) == (90_000, 18_000)


def test_books_find_money_that_will_never_arrive(transferred: Release, bob: Person, later: datetime) -> None:
    reversal = actions.plan_reversal(transfer=ProviderTransfer.objects.get(), amount=1, at=later)
    found = [each for each in run_checks() if each.check == "payments.available_money_arrives"]
    assert [(each.subject, each.message) for each in found] == [
        (f"party {party(bob)}", "90000 is available, 89999 is or will be on the own account")
    ]
    MoneyMove.objects.filter(verb="reversal").delete()
    reversal.delete()


def test_a_refused_reversal_is_tried_again_and_holds_no_refund_up(
    transferred: Release, bob: Person, later: datetime, books: Books
) -> None:
    from payments.models import SandboxObject

    account = SandboxObject.objects.get(kind="account")
    kept, account.data["balance"] = account.data["balance"], 0
    account.save()
    actions.top_up(amount=50_000, reason="advance", by=make_staff("Fleur", "finance").actor, at=later)
    give(transferred, 20_000, bob, later)
    settle_all(later)
    reversal = TransferReversal.objects.get()
    assert (reversal.status, reversal.failure_code) == (TransferReversal.Status.DENIED, "balance_insufficient")
    assert Refund.objects.get().status == Refund.Status.CONFIRMED
    assert purse(party(bob)).withdrawable == 72_000
    assert actions.retry_reversals(at=later) == 0
    account.refresh_from_db()
    account.data["balance"] = kept
    account.save()
    again = later + timedelta(hours=1)
    assert actions.retry_reversals(at=again) == 1
    settle_all(again)
    reversal.refresh_from_db()
    assert reversal.status == TransferReversal.Status.CONFIRMED
    assert books(f"connected:party:{party(bob)}") == -72_000
    settle_all(later + timedelta(days=3))


def test_work_paid_from_credit_becomes_credit_again(alice: Person, bob: Person, told: Told, at: datetime) -> None:
    from payments.tests.test_credit import use

    cards.make_credit(alice, bob, 105_000, at=at)
    use(alice, bob, at=at)
    (release,) = cards.release("thing:7", 100_000, at=at)
    given = give(release, 20_000, bob, at)
    assert given.refund is None
    assert legs_of(f"give_back:{given.pk}") == {
        f"pending:party:{party(bob)}": -18_000,
        "rev:service": -2_000,
        "rev:client_fee": -1_000,
        f"credit:party:{party(alice)}": 21_000,
    }


def test_the_last_of_many_parts_carries_the_rounding(pending: Release, bob: Person, at: datetime) -> None:
    given = [give(pending, 33_333, bob, at) for _time in range(3)]
    pending.refresh_from_db()
    given.append(give(pending, most_to_give_back(pending), bob, at))
    assert [each.gross for each in given] == [33_333, 33_333, 33_333, 1]
    assert (sum(each.fee for each in given), sum(each.client_fee for each in given)) == (10_000, 5_000)
    pending.refresh_from_db()
    assert (pending.remaining, left_of(pending).gross, most_to_give_back(pending)) == (0, 0, 0)
    assert giveable_releases(party(bob), at) == []
    assert sum(each.amount for each in given) == 105_000


def test_what_is_left_bounds_what_goes_back(pending: Release) -> None:
    pending.remaining = 45_000  # as after a debt was repaid from it
    assert most_to_give_back(pending) == 50_000
    pending.remaining = 45_001
    most = most_to_give_back(pending)
    assert quote_give_back(pending, most).net <= 45_001


@pytest.mark.parametrize("gross", [0, -1, 100_001])
def test_no_other_amount_goes_back(pending: Release, bob: Person, at: datetime, gross: int) -> None:
    before = Transfer.objects.count(), Event.objects.count()
    with pytest.raises(actions.AmountNotReturnable), transaction.atomic():
        give(pending, gross, bob, at)
    assert (Transfer.objects.count(), Event.objects.count()) == before
    assert GiveBack.objects.count() == 0


def test_half_a_year_after_the_charge_nothing_goes_back(pending: Release, bob: Person, at: datetime) -> None:
    end = at + timedelta(days=180)
    with pytest.raises(actions.GiveBackTooLate), transaction.atomic():
        give(pending, 20_000, bob, end)
    assert giveable_releases(party(bob), end) == []
    assert give(pending, 20_000, bob, end - timedelta(seconds=1)).gross == 20_000


def test_only_its_payee_and_finance_staff_give_it_back(
    pending: Release, alice: Person, bob: Person, at: datetime
) -> None:
    fanny = make_staff("Fanny", "finance")
    for stranger in (alice, make_client("Chloe", at=at), make_staff("Dora", "mediator")):
        with pytest.raises(NotAllowed), transaction.atomic():
            give(pending, 20_000, stranger, at, reason="mine")
    with pytest.raises(actions.ReasonMissing), transaction.atomic():
        give(pending, 20_000, fanny, at)
    assert GiveBack.objects.count() == 0
    given = give(pending, 20_000, fanny, at, reason="Case 12")
    assert (given.reason, given.user_id) == ("Case 12", fanny.actor.user_id)


def test_no_staff_give_back_what_is_of_a_party_that_they_has_belonged_to(
    pending: Release, alice: Person, bob: Person, at: datetime
) -> None:
    for name, side in (("Fanny", alice), ("Frank", bob)):
        staff = make_staff(name, "finance")
        past = Membership.objects.create(user=staff.user, party_id=party(side), role="owner", created_at=at)
        for ended_at in (None, at):
            past.ended_at = ended_at
            past.save()
            with pytest.raises(NotAllowed), transaction.atomic():
                give(pending, 20_000, staff, at, reason="Case 12")
    assert GiveBack.objects.count() == 0


def test_one_form_gives_back_once_however_often_it_is_sent(pending: Release, bob: Person, at: datetime) -> None:
    token = uuid4()
    sent: dict[str, Any] = {"token": token, "seen_total": 21_000, "seen_remaining": 90_000}
    given = [give(pending, 20_000, bob, at, **sent).pk for _time in range(3)]
    assert len({*given}) == GiveBack.objects.count() == Refund.objects.count() == 1
    with pytest.raises(FormSentBefore), transaction.atomic():
        give(pending, 20_001, bob, at, token=token)
    with pytest.raises(actions.ReleaseChanged), transaction.atomic():  # another form, opened before
        give(pending, 20_000, bob, at, **{**sent, "token": uuid4()})
    pending.refresh_from_db()
    assert (pending.remaining, GiveBack.objects.count()) == (72_000, 1)


def test_sums_that_changed_since_the_page_are_refused(pending: Release, bob: Person, at: datetime) -> None:
    with pytest.raises(actions.ReleaseChanged), transaction.atomic():
        give(pending, 20_000, bob, at, seen_total=20_999)
    assert give(pending, 20_000, bob, at, seen_total=21_000).amount == 21_000
