"""Notices about credit, money given back and the operator's cash: who is told, in which words, and where they lead."""

from __future__ import annotations

import pytest
from django.urls import resolve
from django.utils import translation

from accounts.models import User
from accounts.tests.cast import Person, make_client, make_freelancer, make_staff
from contracts.tests.cast import AT
from events.models import Event
from notifications.actions import make_notices
from notifications.catalogue import KINDS, thing_of
from notifications.catalogue.words import words
from notifications.models import Notice
from payments import actions
from payments.models import Charge, MoneyCase
from payments.tests import cards
from payments.tests.purposes import purpose_for, start

pytestmark = pytest.mark.django_db


def told(kind: str) -> dict[str, str]:
    """Return whom the newest event of a kind is told to, by first name, and the page that it opens."""
    event = Event.objects.filter(kind=kind).latest("pk")
    make_notices(event=event)
    thing = thing_of(event)
    for language in ("en", "fr"):
        with translation.override(language):
            title, text = words(kind, {**event.data, **thing.words})
        assert title
        assert "%(" not in title + text
    found = Notice.objects.filter(event_id=event.pk).select_related("user")
    for notice in found:
        resolve(notice.path)
    return {notice.user.first_name: notice.path for notice in found}


@pytest.fixture
def alice(db: None) -> Person:
    return make_client("Alice", at=AT)


@pytest.fixture
def bob(db: None) -> Person:
    return make_freelancer("Bob", at=AT)


@pytest.fixture
def fanny(db: None) -> Person:
    return make_staff("Fanny", "finance")


def test_a_refused_refund_is_told_to_the_client_and_its_case_to_finance_staff(
    alice: Person, bob: Person, fanny: Person
) -> None:
    make_staff("Dora", "mediator")
    cards.make_credit(alice, bob, 10_000, at=AT)
    assert told("payments.refund_denied") == {"Alice": "/payments/"}
    case = MoneyCase.objects.get()
    assert told("payments.money_case_opened") == {"Fanny": f"/admin/payments/moneycase/{case.pk}/change/"}


def test_credit_that_staff_have_to_pay_out_is_told_to_them_alone(alice: Person, bob: Person, fanny: Person) -> None:
    assert alice.party is not None
    cards.make_credit(alice, bob, 10_000, at=AT)
    actions.ask_credit_back(party_id=alice.party.pk, by=alice.actor, at=AT)
    assert told("payments.credit_asked_back").keys() == {"Fanny"}
    actions.pay_credit_out(party_id=alice.party.pk, reason="IBAN by mail", by=fanny.actor, at=AT)
    assert told("payments.credit_paid_out_planned").keys() == {"Alice"}


def test_money_given_back_is_told_to_the_other_side(alice: Person, bob: Person, fanny: Person) -> None:
    with purpose_for(bob):
        actions.run_charge(charge_id=start(alice, cards.make_card(alice, at=AT), at=AT).pk, at=AT)
        (release,) = cards.release("thing:7", 100_000, at=AT)
    actions.give_back_release(release_id=release.pk, gross=10_000, by=bob.actor, at=AT)
    assert told("payments.release_given_back") == {"Alice": "/contracts/5/"}
    actions.give_back_release(release_id=release.pk, gross=10_000, reason="Case 12", by=fanny.actor, at=AT)
    assert told("payments.release_given_back").keys() == {"Alice", "Bob"}


def test_a_bank_that_wants_its_absent_payer_is_told_to_the_party_that_pays(alice: Person, bob: Person) -> None:
    with purpose_for(bob):
        charge = start(alice, cards.make_card(alice, cards.SECOND_STEP, at=AT), at=AT)
        Charge.objects.filter(pk=charge.pk).update(is_payer_present=False)
        actions.run_charge(charge_id=charge.pk, at=AT)
    assert told("payments.payer_wanted") == {"Alice": f"/payments/charges/{charge.pk}/"}


def test_a_shortfall_is_told_to_finance_staff(alice: Person, bob: Person, fanny: Person) -> None:
    with purpose_for(bob):
        actions.run_charge(charge_id=start(alice, cards.make_card(alice, at=AT), at=AT).pk, at=AT)
    actions.tell_shortfall(at=AT)
    assert told("payments.shortfall_found").keys() == {"Fanny"}
    assert User.objects.filter(first_name="Fanny").exists()


def test_each_kind_for_staff_names_a_group_that_exists() -> None:
    groups = {spec.staff for spec in KINDS.values() if spec.staff} | {
        "finance" for spec in KINDS.values() if spec.to == "staff"
    }
    assert groups == {"finance", "moderator"}
    assert all(spec.staff for spec in KINDS.values() if spec.to == "staff")
