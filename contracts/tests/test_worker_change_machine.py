"""The machine of a change of the worker, cell by cell: every state, every verb, every actor; and what each demands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.queries import acting
from accounts.tests.cast import Person, join_agency, leave_agency, make_client, make_staff
from contracts import actions
from contracts.models import Contract, WorkerChange
from contracts.tests import cast
from contracts.tests.cast import nothing_happens
from contracts.tests.test_agency_contracts import Team, make_team
from core.actor import Actor
from core.errors import NotAllowed
from events.models import Event
from notifications.models import Notice
from profiles.models import Profile
from proposals.tests.cast import browser, party_of

Status = WorkerChange.Status
LATE = cast.AT + timedelta(days=7)
REASON = "Nina is ill until spring."


@pytest.fixture
def team(db: None) -> Team:
    """Return the agency and its deal."""
    return make_team()


@pytest.fixture
def contract(team: Team) -> Contract:
    """Return the agency's contract, on which Nina works."""
    return cast.sign(team[1])


def _propose(contract: Contract, by: Actor, worker_id: int | None, **changes: Any) -> WorkerChange:
    values = {"reason": REASON, "at": cast.AT, **changes}
    return actions.propose_worker(contract_id=contract.pk, worker_id=worker_id, by=by, **values)


def _asked(team: Team, contract: Contract) -> WorkerChange:
    """Return Olga's wish that Emil does the work."""
    return _propose(contract, team[0].olga.actor, team[0].emil.user.pk)


VERBS: dict[str, Callable[..., Any]] = {
    "accept_worker": actions.accept_worker,
    "decline_worker": actions.decline_worker,
    "withdraw_worker": actions.withdraw_worker,
    "expire_worker_change": actions.expire_worker_change,
}
#: How a change comes into each of its ends.
ENDS = {
    Status.ACCEPTED: ("accept_worker", "client"),
    Status.DECLINED: ("decline_worker", "client"),
    Status.WITHDRAWN: ("withdraw_worker", "freelancer"),
    Status.EXPIRED: ("expire_worker_change", "system"),
}


def _actors(team: Team) -> dict[str, Actor]:
    studio, deal = team
    return {
        "client": deal.alice.actor,
        "freelancer": studio.olga.actor,
        "system": cast.SYSTEM,
        "staff": make_staff("Dora", at=cast.AT).actor,
        "named worker": studio.nina.actor,
        "stranger": make_client("Eve", at=cast.AT).actor,
    }


def _when(verb: str) -> Any:
    return LATE if verb == "expire_worker_change" else cast.AT


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", Status)
def test_every_cell_of_the_table(team: Team, contract: Contract, state: Status, verb: str) -> None:
    change = _asked(team, contract)
    actors = _actors(team)
    if state in ENDS:
        name, who = ENDS[state]
        VERBS[name](change_id=change.pk, by=actors[who], at=_when(name))
    allowed = {(row.frm, row.verb, who) for row in WorkerChange.TRANSITIONS for who in row.actors}
    winners = [who for who in actors if (state, verb, who) in allowed]
    for who, by in actors.items():
        if who not in winners:
            with nothing_happens():
                VERBS[verb](change_id=change.pk, by=by, at=_when(verb))
    for who in winners:
        VERBS[verb](change_id=change.pk, by=actors[who], at=_when(verb))
        change.refresh_from_db()
        assert (state, change.status) in {(row.frm, row.to) for row in WorkerChange.TRANSITIONS if row.verb == verb}
    assert len(winners) == (state == Status.PROPOSED)


@pytest.mark.parametrize("role", ["finance", "member", "hiring_manager", "named_worker"])
def test_only_those_who_lead_the_agency_propose(team: Team, contract: Contract, role: str) -> None:
    studio = team[0]
    Membership.objects.filter(user=studio.nina.user, party=studio.party).update(role=role)
    by = acting(studio.nina.user, studio.party.pk).actor
    with nothing_happens(NotAllowed):
        _propose(contract, by, studio.emil.user.pk)


def test_the_agency_proposes_and_the_client_accepts(team: Team, contract: Contract) -> None:
    studio, deal = team
    change = _asked(team, contract)
    assert (change.old_worker, change.worker, change.expires_at) == (studio.nina.user, studio.emil.user, LATE)
    assert cast.fresh(contract).worker == studio.nina.user
    actions.accept_worker(change_id=change.pk, by=deal.alice.actor, at=cast.AT)
    assert cast.fresh(contract).worker == studio.emil.user
    kinds = Event.objects.filter(scope=contract.scope, kind__contains="worker").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["contracts.worker_proposed", "contracts.worker_replaced"]


def test_only_somebody_new_of_the_agency_with_an_approved_profile_can_be_proposed(
    team: Team, contract: Contract
) -> None:
    studio, deal = team
    olga, emil = studio.olga, studio.emil.user.pk
    for worker_id in (None, studio.nina.user.pk, olga.user.pk, deal.alice.user.pk, 10**12):
        with nothing_happens(actions.WorkerNotPossible):
            _propose(contract, olga.actor, worker_id)
    with nothing_happens(actions.NoteMissing):
        _propose(contract, olga.actor, emil, reason=" \n ")
    join_agency(studio.emil, party_of(deal.alice), "member", at=cast.AT)
    with nothing_happens(actions.WorkerNotPossible):
        _propose(contract, olga.actor, emil)


def test_one_change_waits_at_a_time(team: Team, contract: Contract) -> None:
    _asked(team, contract)
    with nothing_happens(actions.WorkerChangeWaits):
        _asked(team, contract)


def test_whoever_left_meanwhile_is_not_accepted(team: Team, contract: Contract) -> None:
    studio, deal = team
    change = _asked(team, contract)
    leave_agency(studio.emil, at=cast.AT)
    with nothing_happens(actions.WorkerNotPossible):
        actions.accept_worker(change_id=change.pk, by=deal.alice.actor, at=cast.AT)
    assert actions.decline_worker(change_id=change.pk, by=deal.alice.actor, at=cast.AT).status == "declined"


def test_an_ended_contract_keeps_its_worker(team: Team, contract: Contract) -> None:
    studio, deal = team
    change = _asked(team, contract)
    Contract.objects.filter(pk=contract.pk).update(status="ended", ending_at=cast.AT, ended_at=cast.AT)
    with nothing_happens(actions.ContractNotActive):
        actions.accept_worker(change_id=change.pk, by=deal.alice.actor, at=cast.AT)
    actions.withdraw_worker(change_id=change.pk, by=studio.olga.actor, at=cast.AT)
    with nothing_happens(actions.ContractNotActive):
        _asked(team, contract)


def test_the_clock_reminds_twice_and_then_ends_it(team: Team, contract: Contract) -> None:
    deal = team[1]
    change = _asked(team, contract)
    moments = [cast.AT + timedelta(days=days) for days in (3, 3.5, 5.9, 6, 6.9)]
    assert [actions.remind_worker_changes(at=moment) for moment in moments] == [0, 1, 0, 1, 0]
    with nothing_happens(actions.WorkerChangeStillRuns):
        actions.expire_worker_change(change_id=change.pk, by=cast.SYSTEM, at=LATE - timedelta(seconds=1))
    with nothing_happens(actions.WorkerChangeOver):
        actions.accept_worker(change_id=change.pk, by=deal.alice.actor, at=LATE)
    assert actions.expire_worker_changes(at=LATE) == 1
    assert actions.expire_worker_changes(at=LATE) == 0
    assert (cast.fresh(change).status, cast.fresh(contract).worker) == ("expired", team[0].nina.user)


def test_both_sides_are_told(team: Team, contract: Contract) -> None:
    deal = team[1]
    Notice.objects.all().delete()
    change = _asked(team, contract)
    cast.settle()
    assert list(Notice.objects.values_list("kind", "user__first_name")) == [("contracts.worker_proposed", "Alice")]
    actions.accept_worker(change_id=change.pk, by=deal.alice.actor, at=cast.AT)
    cast.settle()
    told = Notice.objects.filter(kind="contracts.worker_replaced").values_list("user__first_name", flat=True)
    assert sorted(told) == ["Emil", "Olga"]


# Pages


def _now(team: Team, contract: Contract) -> WorkerChange:
    """Return a change that is proposed on the page, which reads the clock."""
    page = browser(team[0].olga)
    address = reverse("contracts:worker", args=[contract.pk])
    assert page.get(address).content.decode().count('name="worker"') == 1
    data = {"worker": str(team[0].emil.user.pk), "reason": REASON}
    assert page.post(address, {**data, "reason": ""}).status_code == 422
    assert page.post(address, {**data, "worker": "1"}).status_code == 422
    assert not WorkerChange.objects.exists()
    assert page.post(address, data).status_code == 302
    assert page.post(address, data).status_code == 409
    return WorkerChange.objects.get()


def test_the_client_reads_the_reason_and_accepts_on_the_page(team: Team, contract: Contract) -> None:
    studio, deal = team
    change = _now(team, contract)
    client = browser(deal.alice)
    text = client.get(reverse("contracts:room", args=[contract.pk])).content.decode()
    assert "Studio Nord proposes Emil Durand for the work instead of Nina Durand" in text
    assert REASON in text
    assert client.post(reverse("contracts:worker_accept", args=[contract.pk, change.pk])).status_code == 302
    assert cast.fresh(contract).worker == studio.emil.user
    assert client.post(reverse("contracts:worker_accept", args=[contract.pk, change.pk])).status_code == 409


ANSWERS = {"worker_accept": "client", "worker_decline": "client", "worker_withdraw": "agency"}


@pytest.mark.parametrize("name", ANSWERS)
def test_own_and_foreign_people_at_the_addresses_of_a_change(team: Team, contract: Contract, name: str) -> None:
    studio, deal = team
    change = _now(team, contract)
    people: dict[str, tuple[Person, int]] = {
        "agency": (studio.olga, 403),
        "worker": (studio.nina, 403),
        "other worker": (studio.emil, 404),
        "in her own name": (studio.own["nina"], 404),
        "client": (deal.alice, 403),
        "stranger": (make_client("Eve"), 404),
    }
    for who, (person, status) in people.items():
        if who != ANSWERS[name]:
            answer = browser(person).post(reverse(f"contracts:{name}", args=[contract.pk, change.pk]))
            assert (who, answer.status_code) == (who, status)
    assert cast.fresh(change).status == "proposed"
    own = people[ANSWERS[name]][0]
    assert browser(own).post(reverse(f"contracts:{name}", args=[contract.pk, change.pk + 1])).status_code == 404
    assert browser(own).post(reverse(f"contracts:{name}", args=[contract.pk, change.pk])).status_code == 302


def test_own_and_foreign_people_at_the_page_that_proposes(team: Team, contract: Contract) -> None:
    studio, deal = team
    address = reverse("contracts:worker", args=[contract.pk])
    for person, status in (
        (studio.olga, 200),
        (studio.nina, 403),
        (studio.emil, 404),
        (deal.alice, 403),
        (make_client("Eve"), 404),
    ):
        assert browser(person).get(address).status_code == status
    Profile.objects.filter(party=studio.own["emil"].party).update(status="changes_requested")
    assert "Nobody else of the agency can be proposed" in browser(studio.olga).get(address).content.decode()
