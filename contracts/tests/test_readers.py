"""Members read the jobs and contracts they were added to, and nothing else; work goes on when they leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.actions import remove_member
from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_member, sign_in
from contracts import actions
from contracts.models import Contract, ContractReader
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotAllowed
from jobs.actions import NotAMember, add_job_reader, remove_job_reader
from jobs.models import JobReader
from messaging.actions import post_message
from messaging.models import Room
from messaging.queries import belongs_to_room, rooms_for
from notifications.models import Notice
from proposals.queries import proposals_for
from tests.nothing import nothing_happens


@pytest.fixture
def maud(deal: Deal) -> Person:
    return make_member("Maud", deal.client, "member", at=deal.at)


def _add(deal: Deal, contract: Contract, person: Person) -> ContractReader:
    return actions.add_contract_reader(contract_id=contract.pk, user_id=person.user.pk, by=deal.alice.actor, at=deal.at)


def test_a_member_sees_a_contract_from_the_moment_they_are_added(
    client: Client, deal: Deal, contract: Contract, maud: Person
) -> None:
    sign_in(client, maud)
    room = Room.objects.get(owner=contract.scope)
    pages = [f"/contracts/{contract.pk}/{page}" for page in ("", "messages/", "files/", "terms/", "payments/")]
    assert {client.get(page).status_code for page in pages} == {404}
    assert contract.title not in client.get("/contracts/").content.decode()
    assert belongs_to_room(maud.user.pk, room.owner) is False
    assert list(rooms_for(maud.actor)) == []

    _add(deal, contract, maud)

    assert {client.get(page).status_code for page in pages} == {200}
    assert contract.title in client.get("/contracts/").content.decode()
    assert belongs_to_room(maud.user.pk, room.owner) is True
    assert list(rooms_for(maud.actor)) == [room]
    with nothing_happens(), pytest.raises(NotAllowed):
        post_message(room_id=room.pk, text="Hello", token="t", by=maud.actor, at=deal.at)

    actions.remove_contract_reader(contract_id=contract.pk, user_id=maud.user.pk, by=deal.alice.actor, at=deal.at)
    assert client.get(pages[0]).status_code == 404
    assert belongs_to_room(maud.user.pk, room.owner) is False


def test_a_member_sees_the_proposals_on_a_job_they_were_added_to(client: Client, deal: Deal, maud: Person) -> None:
    sign_in(client, maud)
    inbox, proposal = f"/jobs/{deal.job.pk}/proposals/", f"/proposals/{deal.proposal.pk}/"
    assert [client.get(page).status_code for page in (inbox, proposal)] == [404, 404]
    assert deal.job.title not in client.get("/jobs/mine/").content.decode()
    add_job_reader(job_id=deal.job.pk, user_id=maud.user.pk, by=deal.alice.actor, at=deal.at)
    assert [client.get(page).status_code for page in (inbox, proposal)] == [200, 200]
    assert list(proposals_for(maud.actor)) == [deal.proposal]
    assert deal.job.title in client.get("/jobs/mine/").content.decode()
    remove_job_reader(job_id=deal.job.pk, user_id=maud.user.pk, by=deal.alice.actor, at=deal.at)
    assert client.get(inbox).status_code == 404


def test_members_hear_only_of_what_they_were_added_to(deal: Deal, contract: Contract, maud: Person) -> None:
    added = make_member("Ada", deal.client, "member", at=deal.at)
    _add(deal, contract, added)
    at = deal.at + timedelta(hours=1)
    room = Room.objects.get(owner=contract.scope)
    post_message(room_id=room.pk, text="See the first screens.", token="t", by=deal.bob.actor, at=at)
    cast.settle(at)
    told = Notice.objects.filter(kind="messaging.message_posted").values_list("user__first_name", flat=True)
    assert sorted(told) == ["Ada", "Alice"]


def test_only_members_are_added_and_only_by_those_who_hire(deal: Deal, contract: Contract, maud: Person) -> None:
    farid, stranger = make_member("Farid", deal.client, "finance", at=deal.at), make_client("Zoe")
    for person in (farid, stranger, deal.bob):
        with nothing_happens(), pytest.raises(NotAMember):
            _add(deal, contract, person)
        with nothing_happens(), pytest.raises(NotAMember):
            add_job_reader(job_id=deal.job.pk, user_id=person.user.pk, by=deal.alice.actor, at=deal.at)
    for by in (farid, maud, stranger, deal.bob):
        with nothing_happens(), pytest.raises(NotAllowed):
            actions.add_contract_reader(contract_id=contract.pk, user_id=maud.user.pk, by=by.actor, at=deal.at)
        with nothing_happens(), pytest.raises(NotAllowed):
            add_job_reader(job_id=deal.job.pk, user_id=maud.user.pk, by=by.actor, at=deal.at)
    _add(deal, contract, maud)
    with nothing_happens():
        _add(deal, contract, maud)


@pytest.mark.parametrize("has_successor", [True, False])
def test_what_a_member_was_added_to_goes_to_who_follows(
    client: Client, deal: Deal, contract: Contract, maud: Person, has_successor: bool
) -> None:
    nora = make_member("Nora", deal.client, "member", at=deal.at)
    _add(deal, contract, maud)
    add_job_reader(job_id=deal.job.pk, user_id=maud.user.pk, by=deal.alice.actor, at=deal.at)
    membership = Membership.objects.get(user=maud.user)
    sign_in(client, deal.alice)
    page = client.get(f"/settings/people/{membership.pk}/remove/").content.decode()
    assert contract.title in page
    assert deal.job.title in page

    remove_member(
        membership_id=membership.pk,
        successor_id=nora.user.pk if has_successor else None,
        by=deal.alice.actor,
        at=deal.at,
    )

    follows = [nora.user.pk] if has_successor else []
    assert list(ContractReader.objects.values_list("user_id", flat=True)) == follows
    assert list(JobReader.objects.values_list("user_id", flat=True)) == follows
    assert Contract.objects.get(pk=contract.pk).status == "active"


def test_a_hiring_manager_adds_and_removes_on_the_pages(
    client: Client, deal: Deal, contract: Contract, maud: Person
) -> None:
    sign_in(client, make_member("Helene", deal.client, "hiring_manager", at=deal.at))
    for page, model in (
        (f"/jobs/{deal.job.pk}/readers/", JobReader),
        (f"/contracts/{contract.pk}/readers/", ContractReader),
    ):
        assert "Maud Martin" in client.get(page).content.decode()
        assert client.post(page, {"user": ""}).status_code == 422
        assert client.post(page, {"user": maud.user.pk})["Location"] == page
        assert model.objects.get().user == maud.user
        assert client.post(page, {"remove": maud.user.pk})["Location"] == page
        assert not model.objects.exists()
