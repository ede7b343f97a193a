"""What a party declares about itself before the law, and the mandate to invoice in its name."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.actions import (
    DetailsNotPossible,
    LegalDetails,
    NoSuchDocument,
    accept_mandate,
    give_consent,
    publish_legal_document,
    save_legal_profile,
)
from accounts.models import LegalDocument, LegalProfile, MandateAcceptance
from accounts.queries import Gap, current_versions, gaps_before_work, mandate_version
from accounts.tests.cast import (
    GERMAN_VAT_NUMBER,
    SIRET,
    VAT_NUMBER,
    Person,
    charge_vat,
    declare,
    make_client,
    make_freelancer,
    make_member,
    make_staff,
    sign_in,
)
from core.actor import Actor
from core.clock import now
from core.errors import NotAllowed
from core.machine import sources_of
from events.models import Event
from tests.nothing import fingerprint

pytestmark = pytest.mark.django_db
MANDATE = LegalDocument.Kind.MANDATE
FORM = {
    "status": "registered",
    "legal_name": "Bob Durand EI",
    "address": "1 rue du Port\n29200 Brest",
    "country": "FR",
    "siret": "123 456 782 00010",
    "vat_number": "fr 11 123456782",
    "charges_vat": "yes",
    "mandate": "1",
}


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob")


def party_id(person: Person) -> int:
    assert person.party is not None
    return person.party.pk


def save(person: Person, *, by: Actor | None = None, **changes: Any) -> LegalProfile:
    """Declare a French business that charges VAT, but for the changes."""
    details = {
        "status": "registered",
        "legal_name": "Bob Durand EI",
        "address": "1 rue du Port\n29200 Brest",
        "country": "FR",
        "siret": SIRET,
        "vat_number": VAT_NUMBER,
        "charges_vat": True,
        **changes,
    }
    return save_legal_profile(
        party_id=party_id(person), details=LegalDetails(**details), by=by or person.actor, at=now()
    )


def test_a_declaration_is_kept_in_its_short_form_and_told_without_names(bob: Person) -> None:
    profile = save(bob, legal_name="  Bob   Durand EI ", siret="123 456 782 00010", vat_number="FR 11 123456782")
    assert (profile.legal_name, profile.siret, profile.vat_number) == ("Bob Durand EI", SIRET, VAT_NUMBER)
    assert profile.charges_vat is True
    event = Event.objects.get(kind="accounts.legal_status_declared")
    assert event.data == {
        "before": {},
        "after": {"status": "registered", "country": "FR", "vat_number": True, "charges_vat": True},
    }


def test_a_change_is_told_with_what_was_before(bob: Person) -> None:
    charge_vat(bob)
    save(bob, status="unregistered", siret="", vat_number="", charges_vat=False)
    event = Event.objects.get(kind="accounts.legal_status_changed")
    assert event.data["before"]["charges_vat"] is True
    assert event.data["after"]["status"] == "unregistered"


def test_a_client_is_a_private_person_or_a_business_and_is_not_asked_about_its_work() -> None:
    alice = make_client("Alice")
    private = save(alice, status="unregistered", siret="", vat_number="", charges_vat=None)
    assert (private.status, private.charges_vat) == ("unregistered", None)
    business = save(alice, country="DE", siret="", vat_number=GERMAN_VAT_NUMBER, charges_vat=True)
    assert (business.vat_number, business.charges_vat) == (GERMAN_VAT_NUMBER, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "company"}, "status"),
        ({"legal_name": "  "}, "legal_name"),
        ({"address": " \n "}, "address"),
        ({"country": "ZZ"}, "country"),
        ({"siret": ""}, "siret"),
        ({"siret": "12345678200011"}, "siret"),
        ({"country": "DE", "vat_number": GERMAN_VAT_NUMBER}, "siret"),
        ({"status": "unregistered", "vat_number": "", "charges_vat": False}, "siret"),
        ({"vat_number": "FR12123456782"}, "vat_number"),
        ({"vat_number": GERMAN_VAT_NUMBER}, "vat_number"),
        ({"vat_number": "FR12000000000"}, "vat_number"),  # another business's
        ({"status": "unregistered", "siret": "", "charges_vat": False}, "vat_number"),
        ({"country": "US", "siret": "", "vat_number": "US12"}, "vat_number"),
        ({"vat_number": ""}, "vat_number"),  # charges VAT and has no number
        ({"charges_vat": None}, "charges_vat"),
        ({"status": "unregistered", "siret": "", "vat_number": ""}, "charges_vat"),
        ({"country": "US", "siret": "", "vat_number": ""}, "charges_vat"),
    ],
)
def test_details_that_contradict_each_other_are_refused(bob: Person, changes: dict[str, Any], field: str) -> None:
    before = fingerprint()
    with pytest.raises(DetailsNotPossible) as caught, transaction.atomic():
        save(bob, **changes)
    assert caught.value.field == field
    assert fingerprint() == before


def test_the_database_refuses_numbers_of_one_who_is_no_business(bob: Person) -> None:
    profile = charge_vat(bob)
    profile.status = LegalProfile.Status.UNREGISTERED
    with pytest.raises(IntegrityError), transaction.atomic():
        profile.save()


def test_every_state_can_be_declared_from_every_other() -> None:
    states = set(LegalProfile.Status)
    assert sources_of(LegalProfile.TRANSITIONS, "save_legal_profile") == states
    for frm in (None, *sorted(states)):
        for to in sorted(states):
            assert any((row.frm, row.to) == (frm, to) for row in LegalProfile.TRANSITIONS)
            person = make_freelancer(f"P{frm}{to}")
            changes: dict[str, Any] = {"siret": "", "vat_number": "", "charges_vat": False}
            for state in filter(None, (frm, to)):
                save(person, status=state, **(changes if state == "unregistered" else {}))
            assert LegalProfile.objects.get(party=person.party).status == to


@pytest.mark.parametrize("role", ["hiring_manager", "finance", "member", "named_worker"])
def test_only_owners_and_administrators_declare_and_accept(bob: Person, role: str) -> None:
    assert bob.party is not None
    other = make_member("Nils", bob.party, role)
    before = fingerprint()
    with pytest.raises(NotAllowed), transaction.atomic():
        save(bob, by=other.actor)
    with pytest.raises(NotAllowed), transaction.atomic():
        accept_mandate(party_id=bob.party.pk, version=1, by=other.actor, at=now())
    assert fingerprint() == before


def test_strangers_and_clients_accept_no_mandate(bob: Person) -> None:
    alice = make_client("Alice")
    for pk, by in ((party_id(bob), alice.actor), (party_id(alice), alice.actor)):
        with pytest.raises(NotAllowed), transaction.atomic():
            accept_mandate(party_id=pk, version=1, by=by, at=now())
    assert not MandateAcceptance.objects.exists()


def test_the_mandate_is_accepted_once_with_its_version_and_time(bob: Person) -> None:
    at = now()
    for _time in range(2):
        accept_mandate(party_id=party_id(bob), version=1, by=bob.actor, at=at)
    accepted = MandateAcceptance.objects.get()
    assert (accepted.version, accepted.accepted_by_id, accepted.accepted_at) == (1, bob.user.pk, at)
    assert Event.objects.filter(kind="accounts.mandate_accepted").count() == 1
    with pytest.raises(NoSuchDocument), transaction.atomic():
        accept_mandate(party_id=party_id(bob), version=2, by=bob.actor, at=at)


def test_a_new_mandate_is_asked_for_again_and_the_old_one_cannot_be_accepted(bob: Person) -> None:
    declare(bob)
    assert gaps_before_work(party_id(bob), now()) == ()
    admin = make_staff("Ada", "administrator")
    publish_legal_document(kind=MANDATE, texts={"en": "Newer.", "fr": "Plus récent."}, by=admin.actor, at=now())
    assert mandate_version(now()) == 2
    assert gaps_before_work(party_id(bob), now()) == (Gap.MANDATE,)
    with pytest.raises(NoSuchDocument), transaction.atomic():
        accept_mandate(party_id=party_id(bob), version=1, by=bob.actor, at=now())


def test_the_mandate_is_not_asked_of_people_as_the_terms_are(bob: Person) -> None:
    assert set(current_versions(now())) == {"terms", "privacy"}
    with pytest.raises(NoSuchDocument), transaction.atomic():
        give_consent(kind=MANDATE, version=1, by=bob.actor, at=now())


def test_what_is_missing_is_named(bob: Person) -> None:
    assert gaps_before_work(party_id(bob), now()) == (Gap.STATUS, Gap.MANDATE)
    private: dict[str, Any] = {"status": "unregistered", "siret": "", "vat_number": "", "charges_vat": False}
    save(bob, **private)
    assert gaps_before_work(party_id(bob), now()) == (Gap.REGISTRATION, Gap.MANDATE)
    save(bob, country="SN", **private)  # its table does not ask for a register
    assert gaps_before_work(party_id(bob), now()) == (Gap.MANDATE,)
    accept_mandate(party_id=party_id(bob), version=1, by=bob.actor, at=now())
    assert gaps_before_work(party_id(bob), now()) == ()


# The page


def test_the_form_saves_status_and_mandate_and_leads_back(client: Client, bob: Person) -> None:
    sign_in(client, bob)
    page = client.get("/settings/legal-status/?next=/offers/7/accept/").content.decode()
    assert "billing mandate" in page
    answer = client.post("/settings/legal-status/", {**FORM, "next": "/offers/7/accept/"})
    assert (answer.status_code, answer["Location"]) == (302, "/offers/7/accept/")
    profile = LegalProfile.objects.get(party=bob.party)
    assert (profile.siret, profile.vat_number, profile.charges_vat) == (SIRET, VAT_NUMBER, True)
    assert MandateAcceptance.objects.get().party == bob.party
    again = client.get("/settings/legal-status/").content.decode()
    assert "You accepted the billing mandate in force." in again
    assert 'name="mandate"' not in again


def test_the_form_never_leads_out_of_the_site(client: Client, bob: Person) -> None:
    sign_in(client, bob)
    answer = client.post("/settings/legal-status/", {**FORM, "next": "https://evil.example/"})
    assert answer["Location"] == "/settings/legal-status/"


@pytest.mark.parametrize(
    ("changes", "target", "message"),
    [
        ({"status": ""}, "id_status", "Say whether this is a registered business."),
        ({"siret": "123"}, "id_siret", "This is not a SIRET: check its 14 digits."),
        ({"mandate": ""}, "id_mandate", "Accept the billing mandate: without it no invoice can be written."),
        ({"charges_vat": ""}, "id_charges_vat", "Say whether you charge VAT."),
        ({"vat_number": ""}, "id_vat_number", "Enter your VAT number: who charges VAT has one."),
    ],
)
def test_a_refusal_stands_in_the_summary_and_nothing_is_saved(
    client: Client, bob: Person, changes: dict[str, str], target: str, message: str
) -> None:
    sign_in(client, bob)
    answer = client.post("/settings/legal-status/", {**FORM, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#{target}' in page
    assert message in page
    assert "Bob Durand EI" in page  # what was typed is kept
    assert not LegalProfile.objects.exists()
    assert not MandateAcceptance.objects.exists()


def test_the_page_speaks_french(client: Client, bob: Person) -> None:
    sign_in(client, bob)
    page = client.get("/fr/settings/legal-status/").content.decode()
    assert "Facturez-vous la TVA sur votre travail\u202f?" in page
    assert "mandat de facturation" in page
    assert "Ceci est un exemple." in client.get("/fr/billing-mandate/").content.decode()


def test_one_who_must_register_first_is_told(client: Client, bob: Person) -> None:
    save(bob, status="unregistered", siret="", vat_number="", charges_vat=False)
    sign_in(client, bob)
    assert "You cannot accept paid work yet." in client.get("/settings/legal-status/").content.decode()


def test_members_read_the_status_without_the_address(client: Client, bob: Person) -> None:
    declare(bob)
    assert bob.party is not None
    sign_in(client, make_member("Nils", bob.party, "named_worker"))
    page = client.get("/settings/legal-status/").content.decode()
    assert "Bob Durand SARL" in page
    assert "rue du Port" not in page


def test_a_client_form_asks_for_no_mandate(client: Client) -> None:
    alice = make_client("Alice")
    sign_in(client, alice)
    page = client.get("/settings/legal-status/").content.decode()
    assert 'name="mandate"' not in page
    assert 'name="charges_vat"' not in page
    data = {"status": "unregistered", "legal_name": "Alice Martin", "address": "2 quai Nord", "country": "FR"}
    assert client.post("/settings/legal-status/", data).status_code == 302


@pytest.mark.parametrize(("group", "status"), [("finance", 200), ("administrator", 200), ("support", 403)])
def test_finance_staff_read_what_was_declared(client: Client, bob: Person, group: str, status: int) -> None:
    profile = charge_vat(bob)
    staff = make_staff("Fanny", group)
    sign_in(client, staff)
    for address in (
        "/admin/accounts/legalprofile/",
        f"/admin/accounts/legalprofile/{profile.pk}/change/",
        "/admin/accounts/mandateacceptance/",
    ):
        answer = client.get(address)
        assert answer.status_code == status, address
        assert (VAT_NUMBER.encode() in answer.content) == (status == 200 and "legalprofile" in address)
