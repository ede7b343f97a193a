"""What an agency decides about its people, and each of them about its page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.actions import appear_for_agency, disappear_for_agency, save_agency_rules
from accounts.models import Membership, Party
from accounts.queries import acting, exclusive_agency_of
from accounts.tests.cast import Person, join_agency, leave_agency, make_agency, make_freelancer, sign_in
from core.errors import NotAllowed
from events.models import Event
from tests.nothing import fingerprint

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def olga(db: None) -> Person:
    """Return Olga as the owner of an agency."""
    return make_agency(make_freelancer("Olga", at=AT), at=AT)


@pytest.fixture
def nina_own(db: None) -> Person:
    """Return Nina in her own name."""
    return make_freelancer("Nina", at=AT)


@pytest.fixture
def nina(olga: Person, nina_own: Person) -> Person:
    """Return Nina as a named worker of the agency."""
    return join_agency(nina_own, _agency(olga), at=AT)


def _agency(olga: Person) -> Party:
    assert olga.party is not None
    return olga.party


def test_named_workers_see_sums_only_if_the_agency_shows_them(olga: Person, nina: Person) -> None:
    key = _agency(olga).pk
    assert (olga.actor.sees_sums, nina.actor.sees_sums) == (True, False)
    save_agency_rules(party_id=key, workers_see_sums=True, by=olga.actor, at=AT)
    assert acting(nina.user, key).actor.sees_sums
    assert [event.kind for event in Event.objects.filter(subject=f"party:{key}")] == ["accounts.agency_rules_changed"]
    save_agency_rules(party_id=key, workers_see_sums=True, by=olga.actor, at=AT)
    assert Event.objects.filter(subject=f"party:{key}").count() == 1


def test_a_person_sees_the_sums_of_their_own_party_whatever_the_agency_says(nina: Person, nina_own: Person) -> None:
    assert nina_own.party is not None
    assert acting(nina.user, nina_own.party.pk).actor.sees_sums


@pytest.mark.parametrize("role", ["named_worker", "member", "finance", "hiring_manager"])
def test_only_owners_and_administrators_change_the_rules(olga: Person, nina: Person, role: str) -> None:
    Membership.objects.filter(user=nina.user, party=olga.party).update(role=role)
    by = acting(nina.user, _agency(olga).pk).actor
    before = fingerprint()
    with pytest.raises(NotAllowed):
        save_agency_rules(party_id=_agency(olga).pk, workers_see_sums=True, by=by, at=AT)
    assert fingerprint() == before


def test_a_freelancer_has_no_rules_of_an_agency(nina_own: Person) -> None:
    assert nina_own.party is not None
    before = fingerprint()
    with pytest.raises(NotAllowed):
        save_agency_rules(party_id=nina_own.party.pk, workers_see_sums=True, by=nina_own.actor, at=AT)
    with pytest.raises(NotAllowed):
        appear_for_agency(party_id=nina_own.party.pk, by=nina_own.actor, at=AT)
    assert fingerprint() == before


def test_each_decides_for_themselves_whether_the_agency_names_them(olga: Person, nina: Person) -> None:
    key = _agency(olga).pk
    assert appear_for_agency(party_id=key, by=nina.actor, at=AT).shown_at == AT
    assert list(Membership.objects.filter(party=key, shown_at__isnull=False).values_list("user", flat=True)) == [
        nina.user.pk
    ]
    disappear_for_agency(party_id=key, by=nina.actor, at=AT)
    assert not Membership.objects.filter(shown_at__isnull=False).exists()
    leave_agency(nina)
    before = fingerprint()
    with pytest.raises(NotAllowed):
        appear_for_agency(party_id=key, by=nina.actor, at=AT)
    assert fingerprint() == before


def test_who_is_exclusive_to_an_make_agency_is_so_as_long_as_they_belong_to_it(olga: Person, nina_own: Person) -> None:
    assert nina_own.party is not None
    key = nina_own.party.pk
    assert exclusive_agency_of(key) is None
    nina = join_agency(nina_own, _agency(olga), is_exclusive=True, at=AT)
    assert exclusive_agency_of(key) == olga.party
    Party.objects.filter(pk=_agency(olga).pk).update(closed_at=AT)
    assert exclusive_agency_of(key) is None
    Party.objects.filter(pk=_agency(olga).pk).update(closed_at=None)
    leave_agency(nina)
    assert exclusive_agency_of(key) is None


def test_nobody_is_exclusive_to_two_agencies_whatever_a_verb_forgets(olga: Person, nina_own: Person) -> None:
    join_agency(nina_own, _agency(olga), is_exclusive=True, at=AT)
    rival = make_agency(make_freelancer("Rita", at=AT), at=AT)
    worker = {"user": nina_own.user, "party": rival.party, "role": Membership.Role.NAMED_WORKER, "created_at": AT}

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(**worker, is_exclusive=True)
    Membership.objects.create(**worker)


def test_the_page_shows_the_rules_to_all_and_their_form_to_those_who_change_them(olga: Person, nina: Person) -> None:
    owner, worker = Client(), Client()
    sign_in(owner, olga)
    sign_in(worker, nina)
    address = reverse("accounts:agency")
    assert 'name="workers_see_sums"' in owner.get(address).content.decode()
    assert 'name="workers_see_sums"' not in worker.get(address).content.decode()
    assert owner.post(address, {"workers_see_sums": "on"}).status_code == 302
    assert Party.objects.get(pk=_agency(olga).pk).workers_see_sums
    assert worker.post(address, {}).status_code == 403
    assert Party.objects.get(pk=_agency(olga).pk).workers_see_sums
    assert worker.post(reverse("accounts:agency_appear"), {}).status_code == 302
    assert Membership.objects.get(user=nina.user, party=olga.party).shown_at is not None
    assert worker.post(reverse("accounts:agency_appear"), {"remove": "1"}).status_code == 302
    assert Membership.objects.get(user=nina.user, party=olga.party).shown_at is None


def test_others_have_no_such_page(nina_own: Person) -> None:
    browser = Client()
    sign_in(browser, nina_own)
    assert browser.get(reverse("accounts:agency")).status_code == 404
    assert browser.post(reverse("accounts:agency_appear")).status_code == 404
