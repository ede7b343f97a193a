"""The people of a party: roles, limits, and who goes, as verbs and on their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.actions import (
    HatAlreadyWorn,
    LastOwner,
    MembershipEnded,
    NameMissing,
    NoLimitHere,
    NoSuccessor,
    OwnMembership,
    RoleNotOffered,
    TooManyAgencies,
    add_hat,
    change_role,
    leave_party,
    open_agency,
    remove_member,
    save_party,
    save_user,
    set_approval_limit,
)
from accounts.models import Membership, Party
from accounts.queries import acting
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, sign_in
from core.clock import now
from core.errors import NotAllowed
from core.tests.threads import race, winners
from events.actions import deliver_due
from events.models import Event
from messaging.actions import open_room
from messaging.models import Room
from messaging.queries import belongs_to_room
from notifications.models import Notice
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return now() + timedelta(minutes=1)  # after everybody has come


@pytest.fixture
def alice() -> Person:
    return make_client("Alice", company_name="Verger SA")


def _party(person: Person) -> Party:
    assert person.party is not None
    return person.party


def _in(person: Person) -> Membership:
    return Membership.objects.get(user=person.user, party=person.party)


def _told(person: Person, at: datetime) -> list[str]:
    deliver_due(at=at)
    return list(Notice.objects.filter(user=person.user).values_list("kind", flat=True))


def test_a_role_counts_from_the_next_request_on(alice: Person, at: datetime) -> None:
    farid = make_member("Farid", _party(alice), "finance")

    changed = change_role(membership_id=_in(farid).pk, role="hiring_manager", by=alice.actor, at=at)

    assert (changed.role, changed.approval_limit) == ("hiring_manager", 0)
    assert acting(farid.user).actor.role == "hiring_manager"
    event = Event.objects.get(kind="accounts.role_changed")
    assert (event.scope, event.data) == (
        f"party:{_party(alice).pk}",
        {"role": "hiring_manager", "former": "finance"},
    )
    assert _told(farid, at) == ["accounts.role_changed"]


def test_the_same_role_again_changes_nothing(alice: Person, at: datetime) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    with nothing_happens():
        change_role(membership_id=_in(farid).pk, role="finance", by=alice.actor, at=at)


def test_administrators_do_everything_but_choose_owners(alice: Person, at: datetime) -> None:
    adele, maud = make_member("Adele", _party(alice), "admin"), make_member("Maud", _party(alice), "member")
    own = _in(alice).pk
    refusals: list[Callable[[], object]] = [
        lambda: change_role(membership_id=_in(maud).pk, role="owner", by=adele.actor, at=at),
        lambda: change_role(membership_id=own, role="member", by=adele.actor, at=at),
        lambda: remove_member(membership_id=own, successor_id=None, by=adele.actor, at=at),
    ]
    for refused in refusals:
        with nothing_happens(), pytest.raises(NotAllowed):
            refused()
    change_role(membership_id=_in(maud).pk, role="admin", by=adele.actor, at=at)
    assert remove_member(membership_id=_in(maud).pk, successor_id=None, by=adele.actor, at=at).ended_at == at


@pytest.mark.parametrize("role", ["hiring_manager", "finance", "member"])
def test_other_roles_choose_nobody(alice: Person, at: datetime, role: str) -> None:
    gina, other = make_member("Gina", _party(alice), role), make_member("Hugo", _party(alice), "hiring_manager")
    stranger = make_client("Zoe")
    for by in (gina.actor, stranger.actor):
        for refused in (
            partial(change_role, role="member"),
            partial(set_approval_limit, amount=5),
            partial(remove_member, successor_id=None),
        ):
            with nothing_happens(), pytest.raises(NotAllowed):
                refused(membership_id=_in(other).pk, by=by, at=at)


def test_roles_are_those_of_the_kind_of_party(alice: Person, at: datetime) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    with nothing_happens(), pytest.raises(RoleNotOffered):
        change_role(membership_id=_in(farid).pk, role="named_worker", by=alice.actor, at=at)


def test_the_only_owner_neither_leaves_nor_becomes_less(alice: Person, at: datetime) -> None:
    make_member("Adele", _party(alice), "admin")
    with nothing_happens(), pytest.raises(LastOwner):
        change_role(membership_id=_in(alice).pk, role="admin", by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(LastOwner):
        leave_party(party_id=_party(alice).pk, successor_id=None, by=alice.actor, at=at)


def test_an_owner_whose_account_is_closed_does_not_count(alice: Person, at: datetime) -> None:
    olga = make_member("Olga", _party(alice), "owner")
    type(olga.user).objects.filter(pk=olga.user.pk).update(is_active=False)
    with nothing_happens(), pytest.raises(LastOwner):
        leave_party(party_id=_party(alice).pk, successor_id=None, by=alice.actor, at=at)


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_go_at_once_one_stays(at: datetime, trials: int) -> None:
    alice = make_client("Alice")
    olga = make_member("Olga", _party(alice), "owner")
    party_id = _party(alice).pk
    for _trial in range(trials):
        answers = race(
            partial(leave_party, party_id=party_id, successor_id=None, by=alice.actor, at=at),
            partial(change_role, membership_id=_in(olga).pk, role="member", by=olga.actor, at=at),
        )
        assert winners(answers) == 1
        assert Membership.objects.live().filter(party_id=party_id, role="owner").count() == 1
        Membership.objects.filter(party_id=party_id).update(ended_at=None, role="owner")


def test_a_limit_is_set_for_hiring_managers_alone(alice: Person, at: datetime) -> None:
    hugo = make_member("Hugo", _party(alice), "hiring_manager")
    farid = make_member("Farid", _party(alice), "finance")
    assert set_approval_limit(membership_id=_in(hugo).pk, amount=50_000, by=alice.actor, at=at).approval_limit == 50_000
    for membership, amount in ((_in(farid), 5), (_in(hugo), -1), (_in(hugo), 10**13)):
        with nothing_happens(), pytest.raises(NoLimitHere):
            set_approval_limit(membership_id=membership.pk, amount=amount, by=alice.actor, at=at)
    assert change_role(membership_id=_in(hugo).pk, role="member", by=alice.actor, at=at).approval_limit == 0


def test_who_is_removed_acts_for_the_party_no_more_at_once(client: Client, alice: Person, at: datetime) -> None:
    farid, party = make_member("Farid", _party(alice), "finance"), _party(alice)
    room = open_room(kind=Room.Kind.CONTRACT, owner="contract:9", title="Kiosk", party_ids=[party.pk], at=at)
    sign_in(client, farid)
    assert client.get("/settings/people/").status_code == 200
    assert belongs_to_room(farid.user.pk, room.owner) is True

    remove_member(membership_id=_in(farid).pk, successor_id=None, by=alice.actor, at=at)

    assert client.get("/settings/people/").status_code == 404
    assert acting(farid.user, party.pk).party is None
    assert belongs_to_room(farid.user.pk, room.owner) is False
    assert _told(farid, at) == ["accounts.member_removed"]
    assert Notice.objects.get(user=farid.user).party is None


def test_nobody_is_removed_twice_nor_by_themselves(alice: Person, at: datetime) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    with nothing_happens(), pytest.raises(OwnMembership):
        remove_member(membership_id=_in(alice).pk, successor_id=None, by=alice.actor, at=at)
    remove_member(membership_id=_in(farid).pk, successor_id=None, by=alice.actor, at=at)
    for refused in (
        partial(remove_member, successor_id=None),
        partial(change_role, role="member"),
        partial(set_approval_limit, amount=5),
    ):
        with nothing_happens(), pytest.raises(MembershipEnded):
            refused(membership_id=_in(farid).pk, by=alice.actor, at=at)


def test_who_leaves_is_gone_and_owners_are_told(alice: Person, at: datetime) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    leave_party(party_id=_party(alice).pk, successor_id=alice.user.pk, by=farid.actor, at=at)
    assert _in(farid).ended_at == at
    assert _told(alice, at) == ["accounts.member_left"]
    with nothing_happens(), pytest.raises(NotAllowed):
        leave_party(party_id=_party(alice).pk, successor_id=None, by=farid.actor, at=at)


def test_work_goes_to_a_colleague_or_to_nobody(alice: Person, at: datetime) -> None:
    farid, stranger = make_member("Farid", _party(alice), "finance"), make_client("Zoe")
    for successor in (stranger.user.pk, farid.user.pk):
        with nothing_happens(), pytest.raises(NoSuccessor):
            remove_member(membership_id=_in(farid).pk, successor_id=successor, by=alice.actor, at=at)


def test_a_party_without_a_company_goes_by_its_first_owners_name(at: datetime) -> None:
    alice = make_client("Alice")
    olga = make_member("Olga", _party(alice), "owner")
    data: dict[str, Any] = {"language": "en", "time_zone": "UTC", "country": "FR", "by": olga.actor, "at": at}
    save_user(user_id=olga.user.pk, first_name="Olga", last_name="Roy", **data)
    assert Party.objects.get(pk=_party(alice).pk).name == "Alice Martin"


# Agencies


def test_a_person_opens_several_agencies(alice: Person, at: datetime) -> None:
    for name in ("Atelier", "Atelier"):
        open_agency(name=name, by=alice.actor, at=at)
    rows = Party.objects.filter(kind="agency").values_list("name", "public_name", "is_company")
    assert list(rows) == [("Atelier", "Atelier", True)] * 2
    with nothing_happens(), pytest.raises(NameMissing):
        open_agency(name="  ", by=alice.actor, at=at)
    for number in range(8):
        open_agency(name=f"Agency {number}", by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(TooManyAgencies):
        open_agency(name="One more", by=alice.actor, at=at)


def test_an_agency_keeps_a_name(alice: Person, at: datetime) -> None:
    agency = open_agency(name="Atelier", by=alice.actor, at=at)
    by = acting(alice.user, agency.pk).actor
    data: dict[str, Any] = {"about": "", "place": "", "country": "FR", "time_zone": "UTC", "by": by, "at": at}
    assert save_party(party_id=agency.pk, company_name="Atelier Nord", **data).public_name == "Atelier Nord"
    with nothing_happens(), pytest.raises(NameMissing):
        save_party(party_id=agency.pk, company_name="", **data)


def test_who_belongs_to_somebody_elses_account_can_open_their_own(alice: Person, at: datetime) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    assert add_hat(kind="client", by=farid.actor, at=at).name == "Farid Martin"
    with nothing_happens(), pytest.raises(HatAlreadyWorn):
        add_hat(kind="client", by=farid.actor, at=at)


def test_a_person_opens_an_agency_on_the_page_and_acts_for_it(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    assert client.post("/settings/add/agency/", {"company_name": ""}).status_code == 422
    answer = client.post("/settings/add/agency/", {"company_name": "Atelier"})
    assert answer["Location"] == "/settings/people/"
    page = client.get("/settings/people/").content.decode()
    assert "People of Atelier" in page
    assert "Named worker" in page
    assert "Exclusive member" in page
    assert "Hiring manager" not in page


# Pages


def test_an_owner_sees_and_changes_the_people(client: Client, alice: Person) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    sign_in(client, alice)
    page = client.get("/settings/people/").content.decode()
    assert "farid@example.com" in page
    assert "Pays, approves, releases and refunds;" in page
    address = f"/settings/people/{_in(farid).pk}/"
    assert client.post(address, {"what": "role", "role": "hiring_manager"})["Location"] == "/settings/people/"
    assert client.post(address, {"what": "limit", "amount": "1,250.00"})["Location"] == "/settings/people/"
    assert _in(farid).approval_limit == 125_000
    assert "Limit: €1,250.00." in client.get("/settings/people/").content.decode()
    assert client.post(f"{address}remove/", {"successor": ""})["Location"] == "/settings/people/"
    assert _in(farid).ended_at is not None


def test_colleagues_see_who_is_there_but_no_addresses(client: Client, alice: Person) -> None:
    sign_in(client, make_member("Farid", _party(alice), "finance"))
    page = client.get("/settings/people/").content.decode()
    assert "Alice Martin" in page
    assert "alice@example.com" not in page
    assert "Invite somebody" not in page


def test_refusals_are_shown_beside_the_form(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    send: Callable[..., Any] = partial(client.post, "/settings/people/")
    assert send({"email": "x@example.com", "role": "member"}).status_code == 302
    again = send({"email": "x@example.com", "role": "member"})
    assert again.status_code == 409
    assert "This address has an open invitation." in again.content.decode()
    assert send({"email": "no address", "role": "emperor"}).status_code == 422
    left = client.post("/settings/people/leave/", {"successor": ""})
    assert left.status_code == 409
    assert "Make somebody else an owner first." in left.content.decode()


def test_who_left_lands_on_a_page_that_is_theirs(client: Client, alice: Person) -> None:
    farid = make_member("Farid", _party(alice), "finance")
    sign_in(client, farid)
    assert client.post("/settings/people/leave/", {"successor": ""})["Location"] == "/start/"
    landed = client.get("/start/", follow=True)
    assert landed.status_code == 200
    assert "You left Verger SA." in landed.content.decode()


def test_a_freelancers_account_has_no_people(client: Client) -> None:
    sign_in(client, make_freelancer("Bob"))
    assert client.get("/settings/people/").status_code == 404
    assert "/settings/people/" not in client.get("/settings/").content.decode()
