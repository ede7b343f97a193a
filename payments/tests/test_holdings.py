"""Held money: carried, released, refunded, frozen and shared out, each charge traced to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import Person
from events.models import Event
from ledger.actions import post
from ledger.models import Transfer
from payments import actions
from payments.models import FrozenPart, Holding, MoneyMove, Refund, Release
from payments.queries import Held, held, held_many, quote_charge, quote_release
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_card, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]


@pytest.fixture
def funded(alice: Person, told: Told, at: datetime) -> None:
    """Hold 1000.00 + 50.00 on thing:7."""
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)


@pytest.fixture
def twice_funded(alice: Person, told: Told, at: datetime) -> None:
    """Hold 600.00 + 30.00 of one charge and 400.01 + 20.00 of a later one on thing:7."""
    card = make_card(alice, at=at)
    actions.run_charge(charge_id=start(alice, card, at=at, gross=60_000, client_fee=3_000).pk, at=at)
    later = at + timedelta(seconds=1)
    actions.run_charge(charge_id=start(alice, card, at=later, gross=40_001, client_fee=2_000).pk, at=later)


def test_what_is_held_is_told_for_many_in_one_query(
    funded: None, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert held_many(["thing:7", "thing:8"]) == {"thing:7": Held(100_000, 5_000), "thing:8": Held(0, 0)}
    assert held("thing:7").total == 105_000


@pytest.mark.django_db
def test_a_quote_names_fee_and_net() -> None:
    charge, release = quote_charge(100_000, 1), quote_release(100_000, 1)
    assert (charge.gross, charge.client_fee, charge.total) == (100_000, 5_000, 105_000)
    assert (release.gross, release.fee, release.net) == (100_000, 10_000, 90_000)


def test_carrying_moves_money_with_its_charge(funded: None, at: datetime, books: Books) -> None:
    with transaction.atomic():
        actions.carry_holding(frm="thing:7", to="thing:8", gross=40_000, scope="contract:9", at=at)
    assert (books("held:thing:7"), books("held_fee:thing:7")) == (60_000, 3_000)
    assert (books("held:thing:8"), books("held_fee:thing:8")) == (40_000, 2_000)
    assert Holding.objects.get(holder="thing:8").scope == "contract:9"


def test_a_release_of_all_is_pending_less_the_fee(funded: None, bob: Person, at: datetime, books: Books) -> None:
    (release,) = cards.release("thing:7", 100_000, at=at)
    assert (release.gross, release.fee, release.client_fee, release.net) == (100_000, 10_000, 5_000, 90_000)
    assert release.matures_at == at + timedelta(days=5)
    assert books(f"pending:party:{bob.actor.party_id}") == 90_000
    assert books("rev:service") == 10_000
    assert books("rev:client_fee") == 5_000
    assert books("held:thing:7") == books("held_fee:thing:7") == 0
    event = Event.objects.get(kind="payments.released")
    assert (event.data["gross"], event.data["net"], event.data["payee"]) == (100_000, 90_000, bob.actor.party_id)


def test_parts_cost_what_the_whole_would(funded: None, at: datetime, books: Books) -> None:
    fees = [cards.release("thing:7", gross, at=at)[0].fee for gross in (4, 4, 4, 99_988)]
    assert fees == [0, 1, 0, 9_999]
    assert sum(fees) == 10_000
    assert books("rev:service") == 10_000
    assert books("held_fee:thing:7") == 0


def test_a_release_over_two_charges_is_two_rows_and_one_posting(twice_funded: None, at: datetime, books: Books) -> None:
    before = Transfer.objects.count()
    releases = cards.release("thing:7", 80_000, at=at)
    assert [(release.gross, release.client_fee, release.fee) for release in releases] == [
        (60_000, 3_000, 6_000),
        (20_000, 1_000, 2_000),
    ]
    assert Transfer.objects.count() == before + 1
    assert (books("held:thing:7"), books("held_fee:thing:7")) == (20_001, 1_000)


def test_a_refund_over_two_charges_is_two_moves_and_one_posting(
    twice_funded: None, told: Told, at: datetime, books: Books
) -> None:
    before = Transfer.objects.count()
    refunds = cards.refund("thing:7", 100_001, at=at)
    assert [refund.amount for refund in refunds] == [63_000, 42_001]
    assert Transfer.objects.count() == before + 1
    moves = MoneyMove.objects.filter(verb="refund").order_by("pk")
    assert [books(f"refunding:move:{move.pk}") for move in moves] == [63_000, 42_001]
    settle_all(at)
    assert told.heard == ["settled 7", "settled 7", "refunded 63000", "refunded 42001"]
    assert [books(f"refunding:move:{move.pk}") for move in moves] == [0, 0]
    assert -books("gateway") == -(63_000 * 150 // 10_000 + 25) - (42_001 * 150 + 5_000) // 10_000 - 25


def test_the_last_of_many_partial_refunds_carries_the_rounding(funded: None, at: datetime, books: Books) -> None:
    shares = [cards.refund("thing:7", 33_333, at=at)[0].client_fee for _time in range(3)]
    shares.append(cards.refund("thing:7", 1, at=at)[0].client_fee)
    assert sum(shares) == 5_000
    assert held("thing:7") == Held(0, 0)
    settle_all(at)
    assert books("held_fee:thing:7") == 0


def test_more_than_is_held_is_refused_and_nothing_moves(funded: None, at: datetime, books: Books) -> None:
    before = Transfer.objects.count()
    with pytest.raises(actions.NotEnoughHeld):
        cards.release("thing:7", 100_001, at=at)
    with pytest.raises(actions.NotEnoughHeld):
        cards.refund("thing:7", 100_001, at=at)
    with pytest.raises(actions.NotEnoughHeld), transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_001, at=at)
    with pytest.raises(actions.NotEnoughHeld), transaction.atomic():
        actions.carry_holding(frm="thing:8", to="thing:9", gross=1, at=at)
    assert Transfer.objects.count() == before
    assert (Release.objects.count(), Refund.objects.count(), FrozenPart.objects.count()) == (0, 0, 0)
    assert books("held:thing:7") == 100_000


def test_a_refund_that_the_card_refuses_becomes_the_clients_credit(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    card = make_card(alice, cards.REFUND_FAILS, at=at)
    actions.run_charge(charge_id=start(alice, card, at=at).pk, at=at)
    (refund,) = cards.refund("thing:7", 40_000, at=at)
    settle_all(at)
    refund.refresh_from_db()
    assert refund.status == Refund.Status.RESERVED
    settle_all(at + SANDBOX_TIME)
    refund.refresh_from_db()
    assert (refund.status, refund.failure_code) == (Refund.Status.DENIED, "refund_refused")
    assert told.heard == ["settled 7", "refund failed 42000"]
    assert books(f"credit:party:{alice.actor.party_id}") == 42_000
    assert books("gateway") == -105_000 + 1_600


def test_frozen_money_is_out_of_every_verbs_reach(funded: None, at: datetime, books: Books) -> None:
    with transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_000, at=at)
    assert books("frozen:matter:2") == 105_000
    with pytest.raises(actions.NotEnoughHeld):
        cards.release("thing:7", 1, at=at)


def test_a_decided_case_is_one_posting_to_the_cent(funded: None, bob: Person, at: datetime, books: Books) -> None:
    with transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_000, at=at)
    before = Transfer.objects.count()
    with transaction.atomic():
        releases, refunds = actions.settle_frozen(
            case="matter:2", to_freelancer=60_000, to_client=40_000, fee_version=1, title="Logo", at=at
        )
    assert Transfer.objects.count() == before + 1
    assert books("frozen:matter:2") == 0
    assert books(f"pending:party:{bob.actor.party_id}") == 54_000
    assert (books("rev:service"), books("rev:client_fee")) == (6_000, 3_000)
    assert [release.matures_at for release in releases] == [at + timedelta(days=5)]
    assert [refund.amount for refund in refunds] == [42_000]
    settle_all(at)
    assert books("gateway") == -105_000 + 1_600 + 42_000


def test_a_decided_case_over_two_charges_splits_each_by_largest_remainder(
    twice_funded: None, bob: Person, at: datetime, books: Books
) -> None:
    with transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_001, at=at)
        releases, refunds = actions.settle_frozen(
            case="matter:2", to_freelancer=50_000, to_client=50_001, fee_version=1, title="Logo", at=at
        )
    assert sum(release.gross for release in releases) == 50_000
    assert sum(refund.gross for refund in refunds) == 50_001
    assert sum(release.client_fee for release in releases) + sum(refund.client_fee for refund in refunds) == 5_000
    assert sum(release.fee for release in releases) == 5_000
    settle_all(at)
    assert books("frozen:matter:2") == 0


@pytest.mark.parametrize(("to_freelancer", "to_client"), [(100_000, 1), (99_999, 0), (-1, 100_001), (100_001, -1)])
def test_a_split_that_does_not_add_up_is_a_bug(
    funded: None, at: datetime, books: Books, to_freelancer: int, to_client: int
) -> None:
    with transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_000, at=at)
    with pytest.raises(actions.BadSplit), transaction.atomic():
        actions.settle_frozen(
            case="matter:2", to_freelancer=to_freelancer, to_client=to_client, fee_version=1, title="Logo", at=at
        )
    assert books("frozen:matter:2") == 105_000


def test_all_to_one_side_leaves_nothing_for_the_other(funded: None, at: datetime, books: Books) -> None:
    with transaction.atomic():
        actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_000, at=at)
        releases, refunds = actions.settle_frozen(
            case="matter:2", to_freelancer=0, to_client=100_000, fee_version=1, title="Logo", at=at
        )
    assert (releases, [refund.amount for refund in refunds]) == ([], [105_000])
    assert books("rev:service") == 0


def test_a_release_that_cannot_mature_stops_no_other(
    funded: None, bob: Person, at: datetime, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards.release("thing:7", 40_000, at=at)
    cards.release("thing:7", 60_000, at=at + timedelta(minutes=1))
    first = Release.objects.earliest("pk")

    def fail_for_the_first(*, key: str, **more: Any) -> object:
        if key == f"mature:{first.pk}":
            raise RuntimeError
        return post(key=key, **more)

    monkeypatch.setattr("payments.actions.releases.post", fail_for_the_first)

    assert actions.mature_releases(at=at + timedelta(days=6)) == 1
    assert books(f"available:party:{bob.actor.party_id}") == 54_000
    first.refresh_from_db()
    assert first.matured_at is None


def test_a_release_matures_when_its_days_are_over_and_not_before(
    funded: None, bob: Person, at: datetime, books: Books
) -> None:
    cards.release("thing:7", 100_000, at=at)
    party = f"party:{bob.actor.party_id}"
    assert actions.mature_releases(at=at + timedelta(days=5) - timedelta(microseconds=1)) == 0
    assert books(f"available:{party}") == 0
    assert actions.mature_releases(at=at + timedelta(days=5)) == 1
    assert actions.mature_releases(at=at + timedelta(days=5)) == 0
    assert (books(f"pending:{party}"), books(f"available:{party}")) == (0, 90_000)
    assert Event.objects.filter(kind="payments.release_matured").count() == 1
