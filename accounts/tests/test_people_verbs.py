"""Signing up, the other hat, settings and closing accounts, as verbs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.actions import (
    AddressTaken,
    HatAlreadyWorn,
    Newcomer,
    UnknownTimeZone,
    add_hat,
    correct_address,
    register_user,
    save_party,
    save_user,
    sign_up,
)
from accounts.models import Membership, Party, User
from accounts.permissions import can_hire, can_read, can_spend, can_work
from accounts.queries import acting, people_of
from accounts.tests.cast import PASSWORD, make_client, make_freelancer, make_member, make_user
from accounts.tests.conftest import link_in
from core.actor import Actor
from core.clock import now
from core.errors import NotAllowed
from events.models import Event
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, tzinfo=UTC)


def _newcomer(email: str = "nora@example.com") -> Newcomer:
    return Newcomer(
        email=email,
        password="!",
        first_name="Nora",
        last_name="Blanc",
        country="FR",
        language="fr",
        time_zone="Europe/Paris",
        hat="freelancer",
    )


def test_the_command_of_the_installation_guide_makes_an_administrator() -> None:
    call_command(
        "createsuperuser",
        "--no-input",
        email="Ada@Example.com",
        first_name="Ada",
        last_name="Petit",
        country="FR",
        stdout=StringIO(),
    )

    ada = User.objects.get(email="ada@example.com")
    assert acting(ada).actor.in_group("administrator")
    assert abs(ada.created_at - now()) < timedelta(minutes=1)
    ada.set_password(PASSWORD)  # as the command asks for it
    ada.save()
    browser = Client()
    browser.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})  # not verified yet: a link is mailed
    browser.post(link_in(mail.outbox[-1]))
    assert EmailAddress.objects.get(user=ada).verified


def test_nobody_signs_up_somebody_else() -> None:
    user = make_user("Nora")
    for by in (Actor.anonymous(), make_client("Alice").actor, Actor(user_id=user.pk, impersonator_id=1)):
        with nothing_happens(), pytest.raises(NotAllowed):
            sign_up(user=user, hat="client", by=by, at=AT)


def test_a_person_has_one_freelancer_and_one_client_party() -> None:
    alice = make_client("Alice")
    add_hat(kind="freelancer", by=alice.actor, at=AT)
    for kind in ("client", "freelancer"):
        with nothing_happens(), pytest.raises(HatAlreadyWorn):
            add_hat(kind=kind, by=alice.actor, at=AT)
    assert sorted(Party.objects.values_list("kind", flat=True)) == ["client", "freelancer"]
    assert Event.objects.filter(kind="accounts.hat_added").count() == 1


def test_visitors_and_staff_in_somebodys_place_add_no_hat() -> None:
    alice = make_client("Alice")
    for by in (Actor.anonymous(), Actor(user_id=alice.user.pk, impersonator_id=9)):
        with nothing_happens(), pytest.raises(NotAllowed):
            add_hat(kind="freelancer", by=by, at=AT)


def test_people_of_one_name_get_addresses_of_their_own() -> None:
    first, second = make_client("Alice"), make_client("Alice", email="alice2@example.com")
    assert first.party is not None
    assert second.party is not None
    assert first.party.slug == "alice-m"
    assert second.party.slug.startswith("alice-m-")


def test_a_name_without_latin_letters_gets_an_address_too() -> None:
    person = make_client("明", "李", email="ming@example.com")
    assert person.party is not None
    assert (person.party.public_name, person.party.slug) == ("明 李.", "client")


def test_a_taken_address_registers_nobody() -> None:
    make_client("Alice")
    with nothing_happens(), pytest.raises(AddressTaken):
        register_user(newcomer=_newcomer("Alice@Example.com"), at=AT)


def test_an_address_is_not_corrected_to_a_taken_one_nor_by_others() -> None:
    alice = make_client("Alice")
    nora = register_user(newcomer=_newcomer(), at=AT)
    with nothing_happens(), pytest.raises(AddressTaken):
        correct_address(user_id=nora.pk, email="alice@example.com", by=Actor(user_id=nora.pk), at=AT)
    with nothing_happens(), pytest.raises(NotAllowed):
        correct_address(user_id=nora.pk, email="new@example.com", by=alice.actor, at=AT)


def test_only_oneself_changes_ones_settings() -> None:
    alice, bob = make_client("Alice"), make_freelancer("Bob")
    with nothing_happens(), pytest.raises(NotAllowed):
        save_user(
            user_id=alice.user.pk,
            first_name="A",
            last_name="B",
            language="en",
            time_zone="UTC",
            country="FR",
            by=bob.actor,
            at=AT,
        )


def test_a_company_keeps_its_name_when_its_owner_changes_theirs() -> None:
    alice = make_client("Alice", company_name="Verger SA")
    save_user(
        user_id=alice.user.pk,
        first_name="Anna",
        last_name="Roy",
        language="en",
        time_zone="UTC",
        country="FR",
        by=alice.actor,
        at=AT,
    )
    assert Party.objects.get().name == "Verger SA"


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    alice = make_client("Alice")
    assert alice.party is not None
    with nothing_happens(), pytest.raises(UnknownTimeZone):
        save_party(
            party_id=alice.party.pk,
            company_name="",
            about="",
            place="",
            country="FR",
            time_zone="Mars/Olympus",
            by=alice.actor,
            at=AT,
        )


@pytest.mark.parametrize(
    ("role", "hire", "spend"),
    [
        ("owner", True, True),
        ("admin", True, True),
        ("hiring_manager", True, False),
        ("finance", False, True),
        ("member", False, False),
    ],
)
def test_roles_of_a_client_party(role: str, hire: bool, spend: bool) -> None:
    alice = make_client("Alice")
    assert alice.party is not None
    by = alice.actor if role == "owner" else make_member("Hugo", alice.party, role).actor
    key = alice.party.pk
    assert (can_hire(by, key), can_spend(by, key), can_work(by, key), can_read(by, key)) == (hire, spend, False, True)


@pytest.mark.parametrize(("role", "spend", "work"), [("owner", True, True), ("named_worker", False, True)])
def test_roles_of_a_freelancer_party(role: str, spend: bool, work: bool) -> None:
    bob = make_freelancer("Bob")
    assert bob.party is not None
    by = bob.actor if role == "owner" else make_member("Nils", bob.party, role).actor
    assert (can_hire(by, bob.party.pk), can_spend(by, bob.party.pk), can_work(by, bob.party.pk)) == (False, spend, work)


def test_who_stands_in_for_somebody_may_do_nothing_for_the_party() -> None:
    alice = make_client("Alice")
    assert alice.party is not None
    by = Actor(user_id=1, party_id=alice.party.pk, party_kind="client", role="owner", impersonator_id=2)
    assert [can(by, alice.party.pk) for can in (can_hire, can_spend, can_read)] == [False, False, False]


def test_notices_reach_live_members_who_can_log_in() -> None:
    alice = make_client("Alice", at=AT)
    assert alice.party is not None
    hugo = make_member("Hugo", alice.party, "finance", at=AT)
    gone = make_member("Gaston", alice.party, "member", at=AT)
    closed = make_member("Carl", alice.party, "member", at=AT)
    Membership.objects.filter(user=gone.user).update(ended_at=AT)
    User.objects.filter(pk=closed.user.pk).update(is_active=False)
    assert people_of(alice.party.pk) == [alice.user, hugo.user]


def test_a_closed_party_is_acted_for_by_nobody() -> None:
    alice = make_client("Alice")
    Party.objects.update(closed_at=AT)
    assert acting(alice.user).actor.party_id is None
