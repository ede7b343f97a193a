"""The page of one's legal status: what is accepted is what the page showed, and it leads back to a page only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import LegalDocument, MandateAcceptance
from accounts.tests.cast import Person, make_freelancer, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/settings/legal-status/"
DETAILS = {
    "status": "unregistered",
    "legal_name": "Bob Durand",
    "address": "1 rue du Port",
    "country": "FR",
    "charges_vat": "no",
}


@pytest.fixture
def bob(client: Client) -> Person:
    """Return a freelancer who is signed in."""
    person = make_freelancer("Bob")
    sign_in(client, person)
    return person


def test_the_mandate_that_the_page_shows_is_the_one_that_is_accepted(client: Client, bob: Person) -> None:
    assert 'name="mandate" value="1"' in client.get(PAGE).content.decode().replace('type="checkbox" ', "")
    client.post(PAGE, {**DETAILS, "mandate": "1"})
    assert list(MandateAcceptance.objects.values_list("party_id", "version")) == [(bob.actor.party_id, 1)]


@pytest.mark.parametrize("shown", ["1", "on", "9" * 40])
def test_a_mandate_that_was_replaced_meanwhile_is_not_accepted(client: Client, bob: Person, shown: str) -> None:
    LegalDocument.objects.create(
        kind=LegalDocument.Kind.MANDATE,
        version=2,
        language="en",
        text="New.",
        published_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    answer = client.post(PAGE, {**DETAILS, "mandate": shown})
    assert answer.status_code == 422
    assert "The billing mandate has a newer version." in answer.content.decode()
    assert not MandateAcceptance.objects.exists()


@pytest.mark.parametrize("following", ["abc", "//elsewhere.example", "http://["])
def test_what_is_no_page_of_this_site_is_not_led_back_to(client: Client, bob: Person, following: str) -> None:
    answer = client.post(PAGE, {**DETAILS, "mandate": "1", "next": following})
    assert answer["Location"] == reverse("accounts:legal_status")
