"""A client's lists of freelancers: shared by its people, seen by nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_client, make_member, sign_in
from core.clock import now
from core.errors import NotAllowed
from core.product import rules
from events.models import Event
from profiles.actions import (
    ListFull,
    ListNameTaken,
    delete_talent_list,
    make_talent_list,
    rename_talent_list,
    save_talent,
    take_off_list,
)
from profiles.models import Profile, TalentEntry, TalentList
from profiles.tests.cast import make_approved
from tests.nothing import nothing_happens


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def alice(db: None) -> Person:
    return make_client("Alice", company_name="Brise")


@pytest.fixture
def bob(db: None) -> Person:
    return make_approved("Bob")


@pytest.fixture
def profile(bob: Person) -> Profile:
    return Profile.objects.get(party=bob.party)


def names() -> list[tuple[str, int]]:
    return [(each.name, each.entries.count()) for each in TalentList.objects.order_by("name")]


def test_saving_makes_the_first_list_and_a_second_time_changes_the_note(
    alice: Person, profile: Profile, at: datetime
) -> None:
    events = Event.objects.count()
    first = save_talent(profile_id=profile.pk, note=" Quick ", by=alice.actor, at=at)
    again = save_talent(profile_id=profile.pk, note="Slow", by=alice.actor, at=at)
    assert (first.pk, first.note, again.note) == (again.pk, "Quick", "Slow")
    assert names() == [("", 1)]
    assert Event.objects.count() == events


def test_lists_are_named_renamed_and_deleted_with_who_is_on_them(alice: Person, profile: Profile, at: datetime) -> None:
    quays = make_talent_list(name="Quays", by=alice.actor, at=at)
    save_talent(profile_id=profile.pk, list_id=quays.pk, by=alice.actor, at=at)
    saved = save_talent(profile_id=profile.pk, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(ListNameTaken):
        make_talent_list(name=" quays ", by=alice.actor, at=at)
    rename_talent_list(list_id=saved.talent_list_id, name="First", by=alice.actor)
    save_talent(profile_id=profile.pk, by=alice.actor, at=at)
    assert names() == [("", 1), ("First", 1), ("Quays", 1)]
    delete_talent_list(list_id=quays.pk, by=alice.actor)
    take_off_list(entry_id=saved.pk, by=alice.actor)
    assert names() == [("", 1), ("First", 0)]


def test_other_clients_readers_freelancers_and_hidden_profiles_are_refused(
    alice: Person, bob: Person, profile: Profile, at: datetime
) -> None:
    entry = save_talent(profile_id=profile.pk, by=alice.actor, at=at)
    assert alice.party is not None
    eve = make_client("Eve", email="eve@example.com")
    maud = make_member("Maud", alice.party, "member")
    with nothing_happens():
        for person in (bob, maud):
            with pytest.raises(NotAllowed):
                save_talent(profile_id=profile.pk, by=person.actor, at=at)
        with pytest.raises(NotAllowed):
            save_talent(profile_id=profile.pk, list_id=entry.talent_list_id, by=eve.actor, at=at)
        with pytest.raises(NotAllowed):
            rename_talent_list(list_id=entry.talent_list_id, name="Mine", by=eve.actor)
        with pytest.raises(NotAllowed):
            delete_talent_list(list_id=entry.talent_list_id, by=eve.actor)
        with pytest.raises(NotAllowed):
            take_off_list(entry_id=entry.pk, by=eve.actor)
    Profile.objects.filter(pk=profile.pk).update(visibility=Profile.Visibility.PRIVATE)
    with nothing_happens(), pytest.raises(NotAllowed):
        save_talent(profile_id=profile.pk, by=eve.actor, at=at)


def test_lists_and_their_length_end(
    alice: Person, profile: Profile, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(rules(), talent_lists_maximum=1, talent_list_length=1)
    monkeypatch.setattr("profiles.actions.lists.rules", lambda: few)
    save_talent(profile_id=profile.pk, by=alice.actor, at=at)
    other = Profile.objects.get(party=make_approved("Chloé").party)
    with nothing_happens():
        with pytest.raises(ListFull):
            make_talent_list(name="Quays", by=alice.actor, at=at)
        with pytest.raises(ListFull):
            save_talent(profile_id=other.pk, by=alice.actor, at=at)


def test_the_team_shares_the_page_and_the_freelancer_sees_nothing(
    client: Client, alice: Person, bob: Person, profile: Profile, at: datetime
) -> None:
    sign_in(client, alice)
    path = f"/f/{profile.slug}/save/"
    assert "Save to a list" in client.get(f"/f/{profile.slug}/").content.decode()
    with nothing_happens():
        assert client.post(path, {"chosen": "new", "new_name": ""}).status_code == 422
    sent = {"chosen": "new", "new_name": "Quays", "note": "<b>Quick</b>"}
    assert client.post(path, sent)["Location"] == f"/f/{profile.slug}/"
    entry = TalentEntry.objects.get()
    assert (entry.talent_list.name, entry.note) == ("Quays", "<b>Quick</b>")
    assert "Save to a list" not in client.get(f"/f/{profile.slug}/").content.decode()
    assert alice.party is not None
    member = Client()
    sign_in(member, make_member("Maud", alice.party, "member"))
    page = member.get("/talent/lists/").content.decode()
    assert "&lt;b&gt;Quick&lt;/b&gt;" in page
    assert "Quays" in page
    assert "Take off the list" not in page
    bobs = Client()
    sign_in(bobs, bob)
    for address in ("/talent/", f"/f/{profile.slug}/", "/notices/", "/profile/"):
        text = bobs.get(address).content.decode()
        assert "Quays" not in text, address
    assert bobs.get("/talent/lists/").status_code == 403


def test_a_profile_that_went_private_keeps_its_place_without_its_page(
    client: Client, alice: Person, profile: Profile, at: datetime
) -> None:
    save_talent(profile_id=profile.pk, note="Quick", by=alice.actor, at=at)
    Profile.objects.filter(pk=profile.pk).update(visibility=Profile.Visibility.PRIVATE)
    sign_in(client, alice)
    page = client.get("/talent/lists/").content.decode()
    assert "This profile is not public at the moment." in page
    assert profile.title not in page
    entry = TalentEntry.objects.get()
    assert client.post(f"/talent/lists/entries/{entry.pk}/remove/").status_code == 302
    assert not TalentEntry.objects.exists()
