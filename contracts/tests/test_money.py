"""What the verbs about held money do to the books, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import make_member
from contracts import actions
from contracts.actions import AmountNotPossible, CannotMove, MilestoneChanged, MilestoneTerms
from contracts.models import Contract, Milestone
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.actor import Actor
from core.errors import NotAllowed
from events.models import Event
from payments.actions import give_back_release
from payments.models import Refund, Release
from profiles.models import PartyFacts

Status = Milestone.Status


def _pending(deal: Deal) -> int:
    return cast.money(f"pending:party:{deal.freelancer.pk}")


def test_approval_releases_all_that_is_held_less_the_fee(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)

    done = actions.approve_milestone(milestone_id=work.pk, seen_version=work.version, by=deal.alice.actor, at=cast.AT)

    assert (done.status, done.released, done.held, done.finished_at) == (Status.RELEASED, 100_000, 0, cast.AT)
    assert (_pending(deal), cast.money("rev:service"), cast.money("rev:client_fee")) == (90_000, 10_000, 5_000)
    release = Release.objects.get()
    assert (release.gross, release.fee, release.net, release.client_fee) == (100_000, 10_000, 90_000, 5_000)
    assert release.matures_at == cast.AT + timedelta(days=5)
    event = Event.objects.get(kind="contracts.milestone_approved")
    assert (event.subject, event.scope, event.data["amount"], event.data["net"]) == (
        done.holder,
        contract.scope,
        100_000,
        90_000,
    )
    cast.assert_books_clean()


def test_a_second_approval_moves_no_money(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)
    actions.approve_milestone(milestone_id=work.pk, seen_version=work.version, by=deal.alice.actor, at=cast.AT)

    with cast.nothing_happens(actions.MilestoneNotSubmitted):
        actions.approve_milestone(milestone_id=work.pk, seen_version=work.version, by=deal.alice.actor, at=cast.AT)


def test_work_submitted_again_is_not_approved_unseen(deal: Deal, contract: Contract) -> None:
    seen = cast.submitted(deal, contract).version
    work = cast.milestone(contract)
    back = actions.request_milestone_changes(
        milestone_id=work.pk, note="Fares.", seen_version=seen, by=deal.alice.actor, at=cast.AT
    )
    actions.submit_milestone(
        milestone_id=work.pk, note="Fares.", file_ids=[], seen_version=back.version, by=deal.bob.actor, at=cast.AT
    )

    with cast.nothing_happens(MilestoneChanged):
        actions.approve_milestone(milestone_id=work.pk, seen_version=seen, by=deal.alice.actor, at=cast.AT)


def test_releases_are_counted_for_both_sides_once(deal: Deal, contract: Contract) -> None:
    cast.released(deal, contract)
    cast.settle()
    cast.settle()

    assert PartyFacts.objects.get(party=deal.client).spent == 100_000
    assert PartyFacts.objects.get(party=deal.freelancer).earned == 90_000


def test_what_goes_back_is_taken_off_the_counts(deal: Deal, contract: Contract) -> None:
    cast.released(deal, contract)
    cast.settle()
    give_back_release(release_id=Release.objects.get().pk, gross=20_000, by=deal.bob.actor, at=cast.AT)
    cast.settle()
    cast.settle()

    assert PartyFacts.objects.get(party=deal.client).spent == 80_000
    assert PartyFacts.objects.get(party=deal.freelancer).earned == 72_000


def test_a_released_part_leaves_the_rest_held(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)

    done = actions.release_milestone_part(
        milestone_id=work.pk, amount=60_000, seen_version=work.version, by=deal.alice.actor, at=cast.AT
    )

    assert (done.status, done.released, done.held, done.review_ends_at) == (Status.FUNDED, 60_000, 40_000, None)
    assert (_pending(deal), cast.money(f"held:{done.holder}"), cast.money(f"held_fee:{done.holder}")) == (
        54_000,
        40_000,
        2_000,
    )
    cast.assert_books_clean()


def test_parts_cost_the_freelancer_what_the_whole_would(deal: Deal) -> None:
    contract = cast.sign(deal, MilestoneTerms("Odd", 1_005))
    for amount in (333, 333):
        first = cast.milestone(contract)
        actions.release_milestone_part(
            milestone_id=first.pk, amount=amount, seen_version=first.version, by=deal.alice.actor, at=cast.AT
        )
    cast.released(deal, contract)

    assert sum(Release.objects.values_list("fee", flat=True)) == 101  # 10 % of 1 005, rounded half up once
    assert cast.money("rev:client_fee") == 50
    assert cast.milestone(contract).status == Status.RELEASED
    cast.assert_books_clean()


@pytest.mark.parametrize("amount", [0, -1, 100_000, 100_001, 10**12])
def test_a_part_is_above_zero_and_below_what_is_held(deal: Deal, contract: Contract, amount: int) -> None:
    first = cast.milestone(contract)

    with cast.nothing_happens(AmountNotPossible):
        actions.release_milestone_part(
            milestone_id=first.pk, amount=amount, seen_version=first.version, by=deal.alice.actor, at=cast.AT
        )


def test_the_rest_of_a_part_can_be_asked_back(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)

    done = actions.release_part_and_ask_back(
        milestone_id=first.pk,
        amount=60_000,
        note="It is late.",
        seen_version=first.version,
        by=deal.alice.actor,
        at=cast.AT,
    )

    assert (done.status, done.released, done.asked_back) == (Status.REFUND_REQUESTED, 60_000, 40_000)
    assert done.ask_back_ends_at == cast.AT + timedelta(days=7)
    agreed = actions.agree_to_ask_back(milestone_id=done.pk, seen_version=done.version, by=deal.bob.actor, at=cast.AT)
    assert (agreed.status, agreed.released, agreed.refunded) == (Status.REFUNDED, 60_000, 40_000)
    cast.assert_books_clean()


def test_the_rest_of_a_part_can_fund_another_milestone_of_just_that_amount(deal: Deal, contract: Contract) -> None:
    first, second = cast.milestone(contract), cast.milestone(contract, 2)

    done = actions.release_part_and_move(
        milestone_id=first.pk,
        amount=60_000,
        target_id=second.pk,
        seen_version=first.version,
        by=deal.alice.actor,
        at=cast.AT,
    )

    assert (done.status, done.released, done.moved, done.held) == (Status.RELEASED, 60_000, 40_000, 0)
    target = cast.fresh(second)
    assert (target.status, target.held, target.funded_at) == (Status.FUNDED, 40_000, cast.AT)
    assert (cast.money(f"held:{target.holder}"), cast.money(f"held_fee:{target.holder}")) == (40_000, 2_000)
    assert cast.money(f"held:{done.holder}") == 0
    cast.assert_books_clean()


def test_the_rest_moves_to_nothing_else(deal: Deal, contract: Contract) -> None:
    first, second = cast.milestone(contract), cast.milestone(contract, 2)
    other = cast.sign(cast.another_bid_on_new_job(deal))
    draft = cast.proposed(deal, contract)

    for target_id, amount in [
        (second.pk, 50_000),  # 50 000 would be left, the other is worth 40 000
        (first.pk, 60_000),
        (cast.milestone(other, 2).pk, 60_000),
        (draft.pk, 75_000),
        (0, 60_000),
    ]:
        with cast.nothing_happens(CannotMove):
            actions.release_part_and_move(
                milestone_id=first.pk,
                amount=amount,
                target_id=target_id,
                seen_version=first.version,
                by=deal.alice.actor,
                at=cast.AT,
            )


@pytest.mark.parametrize("verb", [actions.ask_milestone_back, actions.release_part_and_ask_back])
def test_money_is_asked_back_with_a_reason(deal: Deal, contract: Contract, verb: Callable[..., object]) -> None:
    first = cast.milestone(contract)

    with cast.nothing_happens(actions.NoteMissing):
        verb(
            milestone_id=first.pk,
            amount=60_000,
            note=" ",
            seen_version=first.version,
            by=deal.alice.actor,
            at=cast.AT,
        )


@pytest.mark.parametrize("target_id", [0, -1])
def test_one_who_may_not_release_learns_nothing_about_the_other_milestone(
    deal: Deal, contract: Contract, target_id: int
) -> None:
    first = cast.milestone(contract)

    with cast.nothing_happens(NotAllowed):
        actions.release_part_and_move(
            milestone_id=first.pk,
            amount=60_000,
            target_id=target_id or first.pk,
            seen_version=first.version,
            by=deal.bob.actor,
            at=cast.AT,
        )


@pytest.mark.parametrize("amount", [1, 33_333, 100_000])
def test_what_was_asked_back_returns_with_its_share_of_the_client_fee(
    deal: Deal, contract: Contract, amount: int
) -> None:
    asked = cast.asked_back(deal, contract, amount)

    done = actions.agree_to_ask_back(milestone_id=asked.pk, seen_version=asked.version, by=deal.bob.actor, at=cast.AT)

    refund = Refund.objects.get()
    fee = {1: 0, 33_333: 1_667, 100_000: 5_000}[amount]
    assert (refund.gross, refund.client_fee) == (amount, fee)
    assert done.status == (Status.REFUNDED if amount == 100_000 else Status.FUNDED)
    assert done.held == 100_000 - amount
    cast.settle()
    cast.assert_books_clean()


@pytest.mark.parametrize("amount", [0, -5, 100_001, 10**12])
def test_nobody_asks_back_more_than_is_held(deal: Deal, contract: Contract, amount: int) -> None:
    first = cast.milestone(contract)

    with cast.nothing_happens(AmountNotPossible):
        actions.ask_milestone_back(
            milestone_id=first.pk,
            amount=amount,
            note="",
            seen_version=first.version,
            by=deal.alice.actor,
            at=cast.AT,
        )


@pytest.mark.parametrize("arrange", [cast.funded, cast.submitted, cast.changes_requested, cast.asked_back])
def test_the_freelancer_gives_back_all_at_any_time(
    deal: Deal, contract: Contract, arrange: Callable[[Deal, Contract], Milestone]
) -> None:
    work = arrange(deal, contract)

    done = actions.give_milestone_back(milestone_id=work.pk, seen_version=work.version, by=deal.bob.actor, at=cast.AT)

    assert (done.status, done.refunded, done.held) == (Status.REFUNDED, 100_000, 0)
    assert Refund.objects.get().amount == 105_000
    assert (_pending(deal), cast.money("rev:service")) == (0, 0)
    cast.settle()
    cast.assert_books_clean()


def test_silence_for_the_whole_review_approves_at_its_instant(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)
    over = cast.AT + timedelta(days=14)
    assert work.review_ends_at == over

    assert actions.release_silent_milestones(at=over - timedelta(microseconds=1)) == 0
    assert actions.release_silent_milestones(at=over) == 1
    assert actions.release_silent_milestones(at=over) == 0

    assert cast.fresh(work).status == Status.RELEASED
    assert _pending(deal) == 90_000
    cast.assert_books_clean()


def _decide_end(work: Milestone, by: Actor, at: datetime) -> None:
    actions.end_contract(
        contract_id=work.contract_id,
        reason="other",
        note="",
        decisions={work.pk: actions.Decision("ask_back", work.version, "No more budget.")},
        by=by,
        at=at,
    )


@pytest.mark.parametrize(
    "verb",
    [
        lambda work, **more: actions.request_milestone_changes(note="No.", **more),
        lambda work, **more: actions.ask_milestone_back(amount=100, note="No.", **more),
        lambda work, **more: actions.release_milestone_part(amount=100, **more),
        lambda work, **more: actions.release_part_and_ask_back(amount=100, note="No.", **more),
        lambda work, **more: _decide_end(work, more["by"], more["at"]),
    ],
    ids=["changes", "ask back", "part", "part and ask back", "end"],
)
def test_what_silence_has_approved_is_not_taken_back_before_the_clock_pays_it(
    deal: Deal, contract: Contract, verb: Callable[..., object]
) -> None:
    work = cast.submitted(deal, contract)
    over = cast.AT + timedelta(days=14)
    seen = {"milestone_id": work.pk, "seen_version": work.version, "by": deal.alice.actor}

    with cast.nothing_happens(actions.ApprovedBySilence):
        verb(work, at=over, **seen)
    assert cast.fresh(work).held == 100_000
    verb(work, at=over - timedelta(microseconds=1), **seen)

    assert cast.fresh(work).status != Status.SUBMITTED


def test_work_may_still_be_approved_after_its_review_is_over(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)
    over = cast.AT + timedelta(days=14)

    actions.approve_milestone(milestone_id=work.pk, seen_version=work.version, by=deal.alice.actor, at=over)

    assert cast.fresh(work).status == Status.RELEASED


def test_asking_for_changes_stops_the_clock_and_submitting_starts_it_anew(deal: Deal, contract: Contract) -> None:
    work = cast.changes_requested(deal, contract)
    assert actions.release_silent_milestones(at=cast.AT + timedelta(days=365)) == 0

    later = cast.AT + timedelta(days=20)
    again = actions.submit_milestone(
        milestone_id=work.pk, note="Fares.", file_ids=[], seen_version=work.version, by=deal.bob.actor, at=later
    )

    assert again.review_ends_at == later + timedelta(days=14)


def test_silence_gives_back_what_was_asked_for_if_nothing_was_ever_submitted(deal: Deal, contract: Contract) -> None:
    from disputes.actions import sweep_silent_ask_backs

    asked = cast.asked_back(deal, contract, 70_000)
    over = cast.AT + timedelta(days=7)
    assert asked.ask_back_ends_at == over

    assert sweep_silent_ask_backs(at=over - timedelta(microseconds=1)) == 0
    assert sweep_silent_ask_backs(at=over) == 1
    assert sweep_silent_ask_backs(at=over) == 0

    done = cast.fresh(asked)
    assert (done.status, done.refunded, done.held) == (Status.FUNDED, 70_000, 30_000)
    cast.assert_books_clean()


def test_reviews_and_ask_backs_are_reminded_at_half_time_and_a_day_before(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)

    for day, expected in [(6.99, 0), (7, 1), (7, 0), (12.99, 0), (13, 1), (13, 0), (13.9, 0)]:
        assert actions.remind_milestones(at=cast.AT + timedelta(days=day)) == expected, day
    assert Event.objects.filter(kind="contracts.milestone_review_ending").count() == 2
    work = cast.fresh(work)
    actions.ask_milestone_back(
        milestone_id=work.pk, amount=100, note="It is late.", seen_version=work.version, by=deal.alice.actor, at=cast.AT
    )
    for day, expected in [(3.49, 0), (3.5, 1), (3.5, 0), (5.99, 0), (6, 1), (6, 0)]:
        assert actions.remind_milestones(at=cast.AT + timedelta(days=day)) == expected, day
    assert Event.objects.filter(kind="contracts.milestone_ask_back_ending").count() == 2


def test_a_clock_that_jumps_over_its_reminders_tells_nobody_of_a_time_that_is_over(
    deal: Deal, contract: Contract
) -> None:
    cast.submitted(deal, contract)

    actions.remind_milestones(at=cast.AT + timedelta(days=30))

    assert not Event.objects.filter(kind="contracts.milestone_review_ending").exists()
    assert actions.release_silent_milestones(at=cast.AT + timedelta(days=30)) == 1


#: Each verb about money, who of the two sides' roles may call it.
SPENDERS, LEADERS, WORKERS, HIRERS = (
    {"owner", "admin", "finance"},
    {"owner", "admin"},
    {"owner", "admin", "named_worker"},
    {"owner", "admin", "hiring_manager"},
)
ROLES = [
    ("approve", "client", SPENDERS),
    ("request_changes", "client", HIRERS),
    ("ask_back", "client", SPENDERS),
    ("fund", "client", SPENDERS),
    ("give_back", "freelancer", LEADERS),
    ("submit", "freelancer", WORKERS),
    ("end", "client", LEADERS),
    ("propose", "client", HIRERS),
]


@pytest.mark.parametrize(("verb", "side", "allowed"), ROLES, ids=[row[0] for row in ROLES])
def test_each_role_does_what_its_row_of_the_table_says(
    deal: Deal, contract: Contract, verb: str, side: str, allowed: set[str]
) -> None:
    from django.db import transaction

    if verb in {"approve", "request_changes"}:
        cast.submitted(deal, contract)
    party = deal.client if side == "client" else deal.freelancer
    calls: dict[str, Callable[..., object]] = {
        "approve": lambda m, by: actions.approve_milestone(
            milestone_id=m.pk, seen_version=m.version, by=by, at=cast.AT
        ),
        "request_changes": lambda m, by: actions.request_milestone_changes(
            milestone_id=m.pk, note="x", seen_version=m.version, by=by, at=cast.AT
        ),
        "ask_back": lambda m, by: actions.ask_milestone_back(
            milestone_id=m.pk, amount=100, note="It is late.", seen_version=m.version, by=by, at=cast.AT
        ),
        "fund": lambda m, by: actions.fund_milestone(
            milestone_id=cast.milestone(contract, 2).pk,
            method_id=deal.card.pk,
            seen_version=cast.milestone(contract, 2).version,
            by=by,
            at=cast.AT,
        ),
        "give_back": lambda m, by: actions.give_milestone_back(
            milestone_id=m.pk, seen_version=m.version, by=by, at=cast.AT
        ),
        "submit": lambda m, by: actions.submit_milestone(
            milestone_id=m.pk, note="x", file_ids=[], seen_version=m.version, by=by, at=cast.AT
        ),
        "end": lambda m, by: actions.end_contract(
            contract_id=contract.pk,
            reason="done",
            note="",
            decisions={m.pk: actions.Decision("ask_back", m.version, "No more budget.")},
            by=by,
            at=cast.AT,
        ),
        "propose": lambda m, by: actions.propose_milestone(
            contract_id=contract.pk, terms=MilestoneTerms("More", 5_000), by=by, at=cast.AT
        ),
    }
    for role in ("owner", "admin", "hiring_manager", "finance", "member", "named_worker"):
        by = make_member(f"P {role}", party, role, at=cast.AT).actor
        spot = transaction.savepoint()
        if role in allowed:
            calls[verb](cast.milestone(contract), by)
        else:
            with pytest.raises(NotAllowed):
                calls[verb](cast.milestone(contract), by)
        transaction.savepoint_rollback(spot)
