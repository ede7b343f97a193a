"""Cases: opened by silence, decided once, divided to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Membership
from accounts.tests.cast import Person, charge_vat, make_client, make_member, make_staff, sign_in
from contracts.models import Contract, Milestone
from contracts.models.offers import PURPOSE
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.registers import SAMPLE_VAT_NUMBER
from disputes import actions
from disputes.models import Case
from disputes.tests.conftest import OPENED
from events.models import Event
from payments.models import Charge, Refund, Release
from payments.tests import cards

AT = OPENED + timedelta(days=1)


def decide(case: Case, by: Person, to_freelancer: int = 60_000, to_client: int = 40_000, **more: Any) -> Case:
    values = {"seen_version": case.version, "reasons": "Most of the screens were done.", "at": AT, **more}
    return actions.decide_case(case_id=case.pk, to_freelancer=to_freelancer, to_client=to_client, by=by.actor, **values)


def test_silence_on_submitted_work_freezes_what_was_asked_back(case: Case, contract: Contract) -> None:
    milestone = cast.milestone(contract)

    assert (case.status, case.gross, case.claim) == (Case.Status.MEDIATION, 100_000, "The work stopped.")
    assert (milestone.status, milestone.frozen, milestone.held) == (Milestone.Status.DISPUTED, 100_000, 0)
    assert cast.money(f"frozen:{case.holder}") == 105_000
    assert cast.money(f"held:{milestone.holder}") == 0
    assert Event.objects.filter(kind="disputes.case_opened", scope=contract.scope).count() == 1
    cast.assert_books_clean()


def test_the_case_opens_at_the_instant_and_once(deal: Deal, contract: Contract) -> None:
    cast.asked_back(deal, contract, is_submitted=True)

    assert actions.sweep_silent_ask_backs(at=OPENED - timedelta(microseconds=1)) == 0
    assert actions.sweep_silent_ask_backs(at=OPENED) == 1
    assert actions.sweep_silent_ask_backs(at=OPENED) == 0
    assert Case.objects.count() == 1


def test_a_decision_divides_the_sum_and_tells_both(case: Case, deal: Deal, contract: Contract, dora: Person) -> None:
    done = decide(case, dora)

    assert (done.status, done.to_freelancer, done.to_client, done.mediator_id, done.closed_at) == (
        Case.Status.CLOSED,
        60_000,
        40_000,
        dora.user.pk,
        AT,
    )
    milestone = cast.milestone(contract)
    assert (milestone.status, milestone.released, milestone.refunded, milestone.frozen) == (
        Milestone.Status.SETTLED,
        60_000,
        40_000,
        0,
    )
    assert cast.money(f"pending:party:{deal.freelancer.pk}") == 54_000
    assert (cast.money("rev:service"), cast.money("rev:client_fee")) == (6_000, 3_000)
    release, refund = Release.objects.get(), Refund.objects.get()
    assert (release.gross, release.net, release.matures_at) == (60_000, 54_000, AT + timedelta(days=5))
    assert (refund.gross, refund.client_fee) == (40_000, 2_000)
    assert Event.objects.get(kind="disputes.case_decided").reason == "Most of the screens were done."
    cast.settle(AT)
    cast.assert_books_clean()


def test_frozen_money_is_divided_with_its_vat(deal: Deal, dora: Person, settings: Any) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    charge_vat(deal.bob, at=cast.AT)
    contract = cast.sign(deal)
    cast.asked_back(deal, contract, is_submitted=True)
    actions.sweep_silent_ask_backs(at=OPENED)
    case = Case.objects.get()
    assert cast.money(f"frozen:{case.holder}") == 126_000
    cast.assert_books_clean()

    decide(case, dora)

    assert cast.money(f"pending:party:{deal.freelancer.pk}") == 64_800
    assert (cast.money("rev:service"), cast.money("rev:client_fee"), cast.money("tax:payable")) == (6_000, 3_000, 1_800)
    assert Refund.objects.get().amount == 50_400
    cast.settle(AT)
    cast.assert_books_clean()


def test_a_second_mediator_comes_too_late_and_money_moves_once(case: Case, dora: Person) -> None:
    other = make_staff("Denis", "mediator", at=cast.AT)
    decide(case, dora)

    with cast.nothing_happens(actions.CaseNotOpen):
        decide(case, other, 0, 100_000)


@pytest.mark.parametrize(
    ("to_freelancer", "to_client"),
    [(60_000, 40_001), (60_000, 39_999), (0, 0), (-1, 100_001), (100_001, -1), (10**12, -(10**12) + 100_000)],
)
def test_the_parts_must_be_the_whole(case: Case, dora: Person, to_freelancer: int, to_client: int) -> None:
    with cast.nothing_happens(actions.CaseSplitWrong):
        decide(case, dora, to_freelancer, to_client)


def test_a_decision_needs_reasons_and_what_was_seen(case: Case, dora: Person) -> None:
    with cast.nothing_happens(actions.ReasonsMissing):
        decide(case, dora, reasons="  ")
    with cast.nothing_happens(actions.CaseChanged):
        decide(case, dora, seen_version=case.version + 1)


def test_the_database_itself_ties_the_end_and_the_mediator_to_the_state(case: Case, dora: Person) -> None:
    changes: dict[str, dict[str, Any]] = {
        "disputes_case_closed_at": {"closed_at": AT},
        "disputes_case_mediator": {"mediator": dora.user},
    }
    for broken, change in changes.items():
        with pytest.raises(IntegrityError, match=broken), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)
    decided = decide(case, dora)
    for missing in ("closed_at", "mediator"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=decided.pk).update(**{missing: None})


def test_one_who_belongs_or_belonged_to_a_side_is_recused(case: Case, deal: Deal, dora: Person) -> None:
    Membership.objects.create(
        user=dora.user, party=deal.freelancer, role="member", created_at=cast.AT, ended_at=cast.AT
    )

    with cast.nothing_happens(NotAllowed):
        decide(case, dora)


@pytest.mark.parametrize("group", ["support", "moderator", "finance"])
def test_other_staff_do_not_decide(case: Case, group: str) -> None:
    person = make_staff("Denis", group, at=cast.AT)

    with cast.nothing_happens(NotAllowed):
        decide(case, person)


@pytest.mark.parametrize("state", list(Case.Status), ids=str)
def test_each_cell_of_the_cases_machine(case: Case, deal: Deal, dora: Person, state: Case.Status) -> None:
    if state == Case.Status.CLOSED:
        decide(case, dora)
    if state in {Case.Status.BANK, Case.Status.LOST}:
        charge = Charge.objects.get(purpose=PURPOSE, reference=case.milestone.contract.offer_id)
        dispute = cards.sandbox().contest(charge.provider_id or "", charge.amount, at=AT)
        cast.settle(AT)
        if state == Case.Status.LOST:
            cards.sandbox().decide_dispute(dispute, is_won=False, at=AT)
            cast.settle(AT)
    case = cast.fresh(case)
    assert case.status == state
    actors = {
        "client": deal.alice.actor,
        "freelancer": deal.bob.actor,
        "staff": make_staff("Denis", "mediator", at=cast.AT).actor,
        "system": cast.SYSTEM,
        "stranger": make_client("Chloe", at=cast.AT).actor,
    }

    def open_case(by: Actor) -> Case:
        return actions.open_silent_ask_back_case(milestone_id=case.milestone_id, by=by, at=AT)

    def close_case(by: Actor) -> Case:
        return actions.decide_case(
            case_id=case.pk,
            seen_version=case.version,
            to_freelancer=100_000,
            to_client=0,
            reasons="Done.",
            by=by,
            at=AT,
        )

    calls: dict[str, Callable[[Actor], Case]] = {"open_silent_ask_back_case": open_case, "decide_case": close_case}
    by_banks = {"wait_for_bank", "hear_bank"}  # called by payments with no actor, and walked in contracts/tests
    assert {row.verb for row in Case.TRANSITIONS} == calls.keys() | by_banks
    for who, actor in actors.items():
        for verb, call in calls.items():
            rows = {row.to for row in Case.TRANSITIONS if (row.frm, row.verb) == (state, verb) and who in row.actors}
            if not rows:
                with cast.nothing_happens(DomainError):
                    call(actor)
                continue
            spot = transaction.savepoint()
            assert call(actor).status in rows
            transaction.savepoint_rollback(spot)


@pytest.mark.django_db
@given(asked=st.integers(500, 100_000), share=st.integers(0, 10**6), early=st.integers(0, 10**6))
def test_every_split_of_every_sum_leaves_the_books_clean(
    once: tuple[Deal, Contract, Person], asked: int, share: int, early: int
) -> None:
    deal, contract, dora = once
    spot = transaction.savepoint()
    try:
        first = cast.submitted(deal, contract)
        from contracts.actions import ask_milestone_back, release_undisputed

        ask_milestone_back(
            milestone_id=first.pk,
            amount=asked,
            note="It is late.",
            seen_version=first.version,
            by=deal.alice.actor,
            at=cast.AT,
        )
        actions.sweep_silent_ask_backs(at=OPENED)
        milestone = cast.milestone(contract)
        if milestone.held:
            release_undisputed(
                milestone_id=milestone.pk,
                amount=early % milestone.held + 1,
                seen_version=milestone.version,
                by=deal.alice.actor,
                at=AT,
            )
        case = Case.objects.get(milestone=milestone)
        to_freelancer = share % (asked + 1)
        decide(case, dora, to_freelancer, asked - to_freelancer)
        done = cast.milestone(contract)
        assert done.released + done.refunded + done.held == 100_000
        assert cast.money(f"frozen:{case.holder}") == 0
        assert cast.money(f"held:{done.holder}") == done.held
        assert done.status == (Milestone.Status.FUNDED if done.held else Milestone.Status.SETTLED)
        gross, fee = sum(Release.objects.values_list("gross", flat=True)), cast.money("rev:service")
        assert fee == (gross * 1_000 * 2 + 10_000) // 20_000
        cast.assert_books_clean()
    finally:
        transaction.savepoint_rollback(spot)


@pytest.fixture
def once(deal: Deal, contract: Contract, dora: Person) -> tuple[Deal, Contract, Person]:
    return deal, contract, dora


def _urls(case: Case) -> tuple[str, str]:
    return (
        reverse("admin:disputes_case_change", args=[case.pk]),
        reverse("admin:disputes_case_decide", args=[case.pk]),
    )


def test_the_case_page_shows_all_of_it_and_decides(case: Case, dora: Person, client: Client) -> None:
    screen, decision = _urls(case)
    sign_in(client, dora)

    page = client.get(screen)
    assert page.status_code == 200
    shown = ("The work stopped.", "The first screens, ready to look at.", "€1,000.00", "Alice Martin", "Bob Durand")
    for words in shown:
        assert words in page.content.decode()
    typed = {"to_freelancer": "600", "to_client": "399.99", "reasons": "Because.", "seen_version": case.version}
    with_error = client.post(decision, typed)
    assert with_error.status_code == 422
    assert "399.99" in with_error.content.decode()
    assert "must add up to the sum in question: €1,000.00" in with_error.content.decode()
    assert cast.fresh(case).status == Case.Status.MEDIATION
    assert client.post(decision, {**typed, "to_client": "400"}).status_code == 302
    assert cast.fresh(case).to_client == 40_000
    again = client.post(decision, {**typed, "to_client": "400"})
    assert again.status_code == 409
    assert "decided before" in again.content.decode()


def test_the_queue_is_for_mediators(case: Case, client: Client) -> None:
    screen, decision = _urls(case)
    for group, status in [("support", 403), ("finance", 403), ("moderator", 403)]:
        sign_in(client, make_staff("Denis", group, email=f"{group}@example.com"))
        assert client.get(screen).status_code == status
        assert client.post(decision, {}).status_code == status


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_both_sides_read_the_case_in_the_room(
    case: Case, deal: Deal, contract: Contract, dora: Person, client: Client, who: str
) -> None:
    sign_in(client, deal.alice if who == "alice" else deal.bob)
    room = reverse("contracts:room", kwargs={"contract_id": contract.pk})

    before = client.get(room).content.decode()
    assert "neither side can move it" in before
    assert "right to go to court" in before
    decide(case, dora, reasons="Six of ten screens.")
    after = client.get(room).content.decode()
    assert "Six of ten screens." in after
    assert "€600.00" in after
    assert "right to go to court" in after


def test_a_member_of_a_side_sees_no_form(case: Case, deal: Deal, client: Client) -> None:
    dora = make_member("Dalia", deal.client, "member")
    dora.user.is_staff = True
    dora.user.save()
    dora.user.groups.add(make_staff("Denis", "mediator").user.groups.get())
    sign_in(client, dora)

    page = client.get(_urls(case)[0]).content.decode()

    assert "another mediator has to decide" in page
    assert "Decide the case" not in page
