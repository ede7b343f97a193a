"""Appointing staff: by administrators, with a reason, on record, never oneself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.actions import (
    AccountClosed,
    AlreadyInGroup,
    NotInGroup,
    OwnAccount,
    grant_staff_group,
    revoke_staff_group,
)
from accounts.models import StaffGroup, User
from accounts.queries import acting, staff_groups_of
from accounts.tests.cast import Person, make_client, make_staff, make_user, sign_in
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.models import Event
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def ada() -> Person:
    return make_staff("Ada", "administrator")


def grant(person: User, group: StaffGroup, by: Actor) -> User:
    return grant_staff_group(user_id=person.pk, group=group, reason="New colleague.", by=by, at=AT)


def revoke(person: User, group: StaffGroup, by: Actor) -> User:
    return revoke_staff_group(user_id=person.pk, group=group, reason="Left us.", by=by, at=AT)


def test_a_person_becomes_staff_with_the_first_group_and_stays_until_the_last(ada: Person) -> None:
    dora = make_user("Dora")
    grant(dora, StaffGroup.MEDIATOR, ada.actor)
    grant(dora, StaffGroup.SUPPORT, ada.actor)
    dora.refresh_from_db()
    assert acting(dora).actor.groups == {"mediator", "support"}
    revoke(dora, StaffGroup.MEDIATOR, ada.actor)
    dora.refresh_from_db()
    assert (dora.is_staff, staff_groups_of(dora)) == (True, frozenset({"support"}))
    revoke(dora, StaffGroup.SUPPORT, ada.actor)
    dora.refresh_from_db()
    assert (dora.is_staff, staff_groups_of(dora)) == (False, frozenset())
    events = Event.objects.filter(subject=f"user:{dora.pk}", kind__startswith="accounts.staff_group").order_by("pk")
    assert [(each.kind, each.reason, each.actor_user_id, each.data) for each in events] == [
        (
            f"accounts.staff_group_{verb}",
            reason,
            ada.user.pk,
            {"group": group, "before": before, "after": after},
        )
        for verb, reason, group, before, after in (
            ("granted", "New colleague.", "mediator", [], ["mediator"]),
            ("granted", "New colleague.", "support", ["mediator"], ["mediator", "support"]),
            ("revoked", "Left us.", "mediator", ["mediator", "support"], ["support"]),
            ("revoked", "Left us.", "support", ["support"], []),
        )
    ]


def test_the_first_administrator_loses_every_right_with_the_group(ada: Person) -> None:
    root = User.objects.create_superuser("root@example.com", first_name="R", last_name="T", country="FR")
    assert acting(root).actor.in_group("administrator")
    revoke(root, StaffGroup.ADMINISTRATOR, ada.actor)
    root.refresh_from_db()
    assert (root.is_superuser, root.is_staff) == (False, False)


@pytest.mark.parametrize("group", ["support", "moderator", "mediator", "finance"])
def test_other_staff_appoint_nobody(group: str) -> None:
    max_, dora = make_staff("Max", group), make_staff("Dora", "mediator")
    for verb, wanted in ((grant, StaffGroup.ADMINISTRATOR), (revoke, StaffGroup.MEDIATOR)):
        with nothing_happens(), pytest.raises(NotAllowed):
            verb(dora.user, wanted, max_.actor)


def test_people_the_system_and_stand_ins_appoint_nobody(ada: Person) -> None:
    dora = make_staff("Dora", "mediator")
    stand_in = Actor(user_id=ada.user.pk, groups=frozenset({"administrator"}), impersonator_id=dora.user.pk)
    for by in (make_client("Alice").actor, Actor.anonymous(), Actor.system(), stand_in):
        with nothing_happens(), pytest.raises(NotAllowed):
            grant(dora.user, StaffGroup.FINANCE, by)


def test_nobody_appoints_or_dismisses_themselves(ada: Person) -> None:
    for verb, group in ((grant, StaffGroup.FINANCE), (revoke, StaffGroup.ADMINISTRATOR)):
        with nothing_happens(), pytest.raises(OwnAccount):
            verb(ada.user, group, ada.actor)


def test_what_is_so_already_is_refused(ada: Person) -> None:
    dora, closed = make_staff("Dora", "mediator"), make_user("Carl")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    refusals: list[tuple[type[DomainError], User, StaffGroup]] = [
        (AlreadyInGroup, dora.user, StaffGroup.MEDIATOR),
        (AccountClosed, closed, StaffGroup.MEDIATOR),
    ]
    for refusal, user, group in refusals:
        with nothing_happens(), pytest.raises(refusal):
            grant(user, group, ada.actor)
    with nothing_happens(), pytest.raises(NotInGroup):
        revoke(dora.user, StaffGroup.FINANCE, ada.actor)


def test_an_administrator_appoints_on_the_page_of_a_person(client: Client, ada: Person) -> None:
    dora = make_user("Dora")
    sign_in(client, ada)
    path = f"/admin/accounts/user/{dora.pk}"
    assert "Put into the group" in client.get(f"{path}/change/").content.decode()
    with nothing_happens():
        empty = client.post(f"{path}/grant/appoint/", {"group": "mediator", "reason": " "})
        unknown = client.post(f"{path}/grant/appoint/", {"group": "king", "reason": "Why not."})
    assert (empty.status_code, unknown.status_code) == (409, 409)
    answer = client.post(f"{path}/grant/appoint/", {"group": "mediator", "reason": "New colleague."})
    assert answer["Location"] == f"{path}/change/"
    dora.refresh_from_db()
    assert staff_groups_of(dora) == {"mediator"}
    client.post(f"{path}/revoke/appoint/", {"group": "mediator", "reason": "Left us."})
    dora.refresh_from_db()
    assert dora.is_staff is False
    assert client.post(f"{path}/crown/appoint/", {"group": "mediator", "reason": "No."}).status_code == 404


def test_support_is_offered_no_groups(client: Client) -> None:
    dora = make_user("Dora")
    sign_in(client, make_staff("Sam", "support"))
    path = f"/admin/accounts/user/{dora.pk}"
    assert "Put into the group" not in client.get(f"{path}/change/").content.decode()
    with nothing_happens():
        answer = client.post(f"{path}/grant/appoint/", {"group": "mediator", "reason": "No."})
    assert answer.status_code == 403
