"""Who sees a profile, under which address, and what it says about its freelancer's time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff, sign_in
from profiles.actions import (
    AddressNotPossible,
    AddressTaken,
    AvailabilityNotPossible,
    change_profile_address,
    create_profile,
    save_profile,
)
from profiles.models import OldAddress, Profile
from profiles.templatetags.profiles import photo_url
from profiles.tests.cast import complete_texts, make_approved, make_profile
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def _signed_in(person: Person) -> Client:
    browser = Client()
    sign_in(browser, person)
    return browser


@pytest.mark.parametrize(
    ("visibility", "visitor", "member"), [("public", 200, 200), ("signed_in", 404, 200), ("private", 404, 404)]
)
def test_a_profile_is_seen_by_those_its_freelancer_chose_and_always_by_its_own_and_staff(
    visibility: str, visitor: int, member: int
) -> None:
    bob = make_approved("Bob")
    profile = Profile.objects.get()
    save_profile(profile_id=profile.pk, texts=complete_texts(visibility=visibility), by=bob.actor, at=AT)
    path = f"/f/{profile.slug}/"
    assert Client().get(path).status_code == visitor
    assert _signed_in(make_client("Alice")).get(path).status_code == member
    own = _signed_in(bob).get(path)
    assert own.status_code == 200
    assert ("noindex" in own.content.decode()) is (visibility != "public")
    assert _signed_in(make_staff("Max", "moderator")).get(path).status_code == 200


def test_lists_show_no_photo_of_a_private_profile() -> None:
    profile = Profile(status="approved", photo_id="6b1d3c1e-0000-4000-8000-000000000000")
    assert photo_url(profile) != ""
    profile.visibility = "private"
    assert photo_url(profile) == ""


def test_an_old_address_leads_to_the_new_one_and_is_given_to_nobody_else() -> None:
    bob, chloe = make_approved("Bob"), make_freelancer("Chloe")
    profile = Profile.objects.get()
    old = profile.slug
    change_profile_address(profile_id=profile.pk, slug="bob-codes", by=bob.actor, at=AT)
    assert Client().get(f"/f/{old}/")["Location"] == "/f/bob-codes/"
    hers = make_profile(chloe, at=AT)
    with nothing_happens(), pytest.raises(AddressTaken):
        change_profile_address(profile_id=hers.pk, slug=old, by=chloe.actor, at=AT)
    change_profile_address(profile_id=profile.pk, slug=old, by=bob.actor, at=AT)
    assert list(OldAddress.objects.values_list("slug", flat=True)) == ["bob-codes"]
    assert Client().get("/f/bob-codes/")["Location"] == f"/f/{old}/"


def test_an_old_address_of_a_profile_one_may_not_see_is_not_found() -> None:
    bob = make_approved("Bob")
    profile = Profile.objects.get()
    old = profile.slug
    change_profile_address(profile_id=profile.pk, slug="bob-codes", by=bob.actor, at=AT)
    save_profile(profile_id=profile.pk, texts=complete_texts(visibility="private"), by=bob.actor, at=AT)
    assert Client().get(f"/f/{old}/").status_code == 404
    assert _signed_in(bob).get(f"/f/{old}/")["Location"] == "/f/bob-codes/"


def test_words_of_the_house_are_no_addresses() -> None:
    bob = make_freelancer("Bob", at=AT)
    profile = make_profile(bob, at=AT)
    with nothing_happens(), pytest.raises(AddressNotPossible):
        change_profile_address(profile_id=profile.pk, slug="admin", by=bob.actor, at=AT)


def test_a_new_profile_takes_no_old_address_of_another() -> None:
    bob, chloe = make_approved("Bob"), make_freelancer("Chloe", at=AT)
    assert chloe.party is not None
    OldAddress.objects.create(slug=chloe.party.slug, profile=Profile.objects.get(), left_at=AT)
    hers = create_profile(party_id=chloe.party.pk, by=chloe.actor, at=AT)
    assert hers.slug != chloe.party.slug
    assert hers.slug.startswith(chloe.party.slug)
    assert bob.party is not None


def test_availability_stands_on_the_page_with_its_day() -> None:
    bob = make_approved("Bob")
    profile = Profile.objects.get()
    texts = complete_texts(availability="away", away_until=date(2026, 5, 4))
    save_profile(profile_id=profile.pk, texts=texts, by=bob.actor, at=AT)
    assert "Not available for now, until 4 May 2026" in Client().get(f"/f/{profile.slug}/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"availability": "part", "away_until": date(2026, 5, 4)},
        {"availability": "always"},
        {"visibility": "friends"},
    ],
)
def test_a_day_without_absence_and_unknown_choices_are_refused(wrong: dict[str, object]) -> None:
    bob = make_freelancer("Bob", at=AT)
    profile = make_profile(bob, at=AT)
    with nothing_happens(), pytest.raises(AvailabilityNotPossible):
        save_profile(profile_id=profile.pk, texts=complete_texts(**wrong), by=bob.actor, at=AT)
