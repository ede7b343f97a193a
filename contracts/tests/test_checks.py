"""The checks of held money find what is wrong, and the sweeps and the admin are in place."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import make_staff, sign_in
from contracts import checks
from contracts.models import Contract, Milestone, Offer
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.sweeps import sweeps
from disputes.checks import frozen_equals_open_cases
from ledger.checks import Difference


def _set(table: str, change: str, pk: int) -> None:
    """Change a row behind everybody's back, past every constraint of the table."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [f"contracts_{table}"]
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE contracts_{table} DROP CONSTRAINT "{name}"')
        cursor.execute(f"UPDATE contracts_{table} SET {change} WHERE id = %s", [pk])


def test_a_milestone_that_claims_more_than_the_ledger_holds_is_found(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    _set("milestone", "released = 1", first.pk)

    assert list(checks.held_equals_state()) == [
        Difference(checks.HELD, first.holder, "its state says 99999, the ledger 100000")
    ]


def test_an_ended_offer_that_still_holds_money_is_found(deal: Deal, offer: Offer) -> None:
    _set("offer", "status = 'expired'", offer.pk)

    assert [each.subject for each in checks.held_equals_state()] == [offer.holder]


def test_frozen_money_without_a_disputed_milestone_is_found(deal: Deal, contract: Contract) -> None:
    from disputes.actions import sweep_silent_ask_backs

    first = cast.asked_back(deal, contract, is_submitted=True)
    sweep_silent_ask_backs(at=cast.AT + cast.days(7))
    assert list(checks.frozen_equals_state()) == list(frozen_equals_open_cases()) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE disputes_case SET gross = gross - 1")
    _set("milestone", "frozen = 99999", first.pk)

    assert [each.subject for each in checks.frozen_equals_state()] == [first.holder]
    assert [each.message for each in frozen_equals_open_cases()] == ["99999 is in question, 100000 is frozen"]


def test_an_ended_contract_with_open_work_is_found(deal: Deal, contract: Contract) -> None:
    _set("contract", "status = 'ended'", contract.pk)

    assert [each.subject for each in checks.finals_hold_nothing()] == [contract.scope]


def test_a_finished_milestone_whose_parts_do_not_add_up_is_found(deal: Deal, contract: Contract) -> None:
    done = cast.released(deal, contract)
    _set("milestone", "released = released - 1", done.pk)

    assert [each.subject for each in checks.finals_hold_nothing()] == [done.holder]


def test_the_database_itself_refuses_a_milestone_beyond_its_amount(deal: Deal, contract: Contract) -> None:
    for change in ({"released": 60_000, "refunded": 60_000}, {"frozen": 5}, {"status": Milestone.Status.RELEASED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Milestone.objects.filter(contract=contract, position=1).update(**change)


def test_the_database_itself_ties_the_end_of_an_offer_to_its_state(offer: Offer) -> None:
    for change in ({"ended_at": cast.AT}, {"status": Offer.Status.WITHDRAWN, "remind_at": None}):
        with pytest.raises(IntegrityError, match="contracts_offer_ended_at"), transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(**change)


def test_every_clock_is_swept() -> None:
    every = {sweep.name: sweep.every for sweep in sweeps() if sweep.name.startswith(("contracts.", "disputes."))}

    assert every == {
        "contracts.expire_offers": 60,
        "contracts.release_silent": 60,
        "contracts.remind_offers": 600,
        "contracts.expire_worker_changes": 60,
        "contracts.remind_worker_changes": 600,
        "contracts.remind_milestones": 600,
        "contracts.finish": 300,
        "disputes.silent_ask_backs": 60,
        "contracts.write_missing_work_history": 600,
    }


@pytest.mark.parametrize(
    ("group", "status"), [("support", 200), ("finance", 200), ("mediator", 200), ("moderator", 403)]
)
def test_the_contract_screen_is_for_staff_who_need_it(
    deal: Deal, contract: Contract, client: Client, group: str, status: int
) -> None:
    cast.settle()
    sign_in(client, make_staff("Sami", group))

    page = client.get(reverse("admin:contracts_contract_change", args=[contract.pk]))

    assert page.status_code == status
    assert (":charge:charge-" in page.content.decode()) == (status == 200)
    assert client.get(reverse("admin:contracts_contract_change", args=[0])).status_code in {403, 404}
