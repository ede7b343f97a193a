"""The cast itself: everybody's tests stand on it."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Consent, Membership
from accounts.tests.cast import (
    make_client,
    make_freelancer,
    make_member,
    make_staff,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_a_client_owns_a_client_party_under_her_name() -> None:
    alice = make_client("Alice")
    assert alice.party is not None
    assert (
        alice.party.kind,
        alice.party.name,
        alice.party.public_name,
        alice.party.slug,
    ) == (
        "client",
        "Alice Martin",
        "Alice M.",
        "alice-m",
    )
    assert (alice.actor.role, alice.actor.party_kind, alice.actor.party_id) == (
        "owner",
        "client",
        alice.party.pk,
    )


def test_a_company_goes_by_its_name() -> None:
    alice = make_client("Alice", company_name="Verger SA")
    assert alice.party is not None
    assert (alice.party.name, alice.party.public_name, alice.party.is_company) == (
        "Verger SA",
        "Verger SA",
        True,
    )


def test_everybody_of_the_cast_has_agreed_to_both_texts() -> None:
    people = [
        make_client("Alice"),
        make_freelancer("Bob"),
        make_staff("Dora", "mediator"),
    ]
    for person in people:
        assert sorted(Consent.objects.filter(user=person.user).values_list("kind", "version")) == [
            ("privacy", 1),
            ("terms", 1),
        ]


def test_staff_have_groups_and_no_party() -> None:
    dora = make_staff("Dora", "mediator")
    assert (dora.actor.groups, dora.actor.party_id, dora.user.is_staff) == (
        frozenset({"mediator"}),
        None,
        True,
    )


def test_a_member_acts_in_the_given_role() -> None:
    alice = make_client("Alice")
    assert alice.party is not None
    hugo = make_member("Hugo", alice.party, Membership.Role.HIRING_MANAGER)
    assert (hugo.actor.party_id, hugo.actor.role) == (alice.party.pk, "hiring_manager")


def test_a_signed_in_person_is_known_to_the_next_request(client: Client) -> None:
    sign_in(client, make_freelancer("Bob"))
    assert client.session["_auth_user_id"]
