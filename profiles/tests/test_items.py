"""The sections of a profile that hold lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.tests.cast import Person, make_client, make_freelancer, sign_in
from core.actor import Actor
from core.errors import NotAllowed, NotFound
from events.models import Event
from files.models import StoredFile
from profiles.actions import (
    EntryTexts,
    ItemNotPossible,
    PortfolioTexts,
    add_item,
    change_item,
    delete_item,
    move_item,
)
from profiles.links import VideoNotPossible
from profiles.models import Entry, PortfolioItem, Profile, Section
from profiles.queries import completeness
from profiles.tests.cast import make_approved, make_profile
from taxonomy.models import Skill
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob", at=AT)


@pytest.fixture
def profile(bob: Person) -> Profile:
    return make_profile(bob, at=AT)


def _job(role: str, **more: Any) -> EntryTexts:
    return EntryTexts(section=Section.EMPLOYMENT, heading=role, organisation="Rivage", **more)


def _add(profile: Profile, bob: Person, texts: EntryTexts | PortfolioTexts) -> Any:
    return add_item(profile_id=profile.pk, texts=texts, by=bob.actor, at=AT)


def _order(profile: Profile) -> list[str]:
    return list(Entry.objects.filter(profile=profile, section="employment").values_list("heading", flat=True))


def test_an_entry_stands_at_the_end_of_its_section_and_raises_the_version(bob: Person, profile: Profile) -> None:
    version = profile.version
    _add(profile, bob, _job("Developer", started_on=date(2020, 3, 1), ended_on=date(2024, 6, 1)))
    second = _add(profile, bob, _job("Lead"))
    profile.refresh_from_db()
    assert (_order(profile), second.position, profile.version) == (["Developer", "Lead"], 1, version + 2)
    event = Event.objects.filter(subject=f"profile:{profile.pk}").latest("pk")
    assert (event.kind, event.data["changed"]) == ("profiles.profile_saved", ["employment"])


@pytest.mark.parametrize(
    "texts",
    [
        _job(" "),
        _job("Lead", started_on=date(2024, 2, 1), ended_on=date(2024, 1, 1)),
        EntryTexts(section=Section.LANGUAGES, language="fr"),
        EntryTexts(section=Section.LANGUAGES, language="xx", fluency="native"),
        PortfolioTexts(heading=""),
    ],
)
def test_what_says_nothing_or_contradicts_itself_is_refused(bob: Person, profile: Profile, texts: Any) -> None:
    with nothing_happens(), pytest.raises(ItemNotPossible):
        _add(profile, bob, texts)


def test_a_language_is_named_once(bob: Person, profile: Profile) -> None:
    french = EntryTexts(section=Section.LANGUAGES, language="fr", fluency="native")
    first = _add(profile, bob, french)
    with nothing_happens(), pytest.raises(ItemNotPossible):
        _add(profile, bob, french)
    basic = EntryTexts(section=Section.LANGUAGES, language="fr", fluency="basic")
    change_item(profile_id=profile.pk, item_id=first.pk, texts=basic, by=bob.actor, at=AT)
    assert Entry.objects.get(pk=first.pk).fluency == "basic"


def test_a_full_section_takes_no_more(bob: Person, profile: Profile) -> None:
    Entry.objects.bulk_create(
        Entry(profile=profile, section="employment", heading=f"Job {n}", position=n, created_at=AT) for n in range(30)
    )
    with nothing_happens(), pytest.raises(ItemNotPossible):
        _add(profile, bob, _job("One more"))


@pytest.mark.parametrize(
    ("start", "places", "order"),
    [(0, 1, "BAC"), (2, -1, "ACB"), (0, 2, "BCA"), (2, -9, "CAB")],
)
def test_an_entry_moves_and_the_others_keep_their_order(
    bob: Person, profile: Profile, start: int, places: int, order: str
) -> None:
    items = [_add(profile, bob, _job(role)) for role in "ABC"]
    move_item(
        profile_id=profile.pk,
        section=Section.EMPLOYMENT,
        item_id=items[start].pk,
        places=places,
        by=bob.actor,
        at=AT,
    )
    assert "".join(_order(profile)) == order


def test_moving_beyond_an_end_is_no_change(bob: Person, profile: Profile) -> None:
    only = _add(profile, bob, _job("A"))
    with nothing_happens():
        move_item(profile_id=profile.pk, section=Section.EMPLOYMENT, item_id=only.pk, places=-1, by=bob.actor, at=AT)


def test_a_deleted_entry_leaves_no_gap_and_is_not_found_again(bob: Person, profile: Profile) -> None:
    items = [_add(profile, bob, _job(role)) for role in "ABC"]
    where = {"profile_id": profile.pk, "section": Section.EMPLOYMENT, "item_id": items[0].pk}
    delete_item(**where, by=bob.actor, at=AT)
    assert list(Entry.objects.values_list("heading", "position")) == [("B", 0), ("C", 1)]
    with nothing_happens(), pytest.raises(NotFound):
        delete_item(**where, by=bob.actor, at=AT)


def test_nobody_else_fills_changes_moves_or_empties_a_section(bob: Person, profile: Profile) -> None:
    item = _add(profile, bob, _job("A"))
    where = {"profile_id": profile.pk, "item_id": item.pk}
    others = (make_freelancer("Chloe", at=AT).actor, make_client("Alice").actor, Actor.anonymous(), Actor.system())
    for by in others:
        with nothing_happens():
            with pytest.raises(NotAllowed):
                add_item(profile_id=profile.pk, texts=_job("B"), by=by, at=AT)
            with pytest.raises(NotAllowed):
                change_item(**where, texts=_job("B"), by=by, at=AT)
            with pytest.raises(NotAllowed):
                move_item(**where, section=Section.EMPLOYMENT, places=1, by=by, at=AT)
            with pytest.raises(NotAllowed):
                delete_item(**where, section=Section.EMPLOYMENT, by=by, at=AT)


def test_an_entry_of_another_profile_is_not_found(bob: Person, profile: Profile) -> None:
    chloe = make_freelancer("Chloe", at=AT)
    hers = make_profile(chloe, at=AT)
    item = _add(profile, bob, _job("A"))
    with nothing_happens(), pytest.raises(NotFound):
        change_item(profile_id=hers.pk, item_id=item.pk, texts=_job("B"), by=chloe.actor, at=AT)


@pytest.mark.parametrize(
    "link",
    [
        "http://youtu.be/abc",
        "https://youtu.be.example.com/abc",
        "https://youtu.be@example.com/abc",
        "https://youtu.be:8443/abc",
        "https://youtu.be/",
        "https://[youtu.be/abc",
        "javascript:alert(1)",
    ],
)
def test_a_video_elsewhere_is_refused(bob: Person, profile: Profile, link: str) -> None:
    with nothing_happens(), pytest.raises(VideoNotPossible):
        _add(profile, bob, PortfolioTexts(heading="Booking", video=link))


def test_a_video_that_we_know_and_skills_are_kept(bob: Person, profile: Profile) -> None:
    skill = Skill.objects.order_by("pk")[0]
    item = _add(profile, bob, PortfolioTexts(heading="Booking", video="https://youtu.be/abc", skill_ids=[skill.pk]))
    assert (item.video, [each.pk for each in item.skills.all()]) == ("https://youtu.be/abc", [skill.pk])


def test_employment_and_languages_bring_points_and_the_next_step_is_the_one_worth_most(
    bob: Person, profile: Profile
) -> None:
    before = completeness(profile)
    assert (before.percent, before.next.section if before.next else "") == (65, "photo")
    _add(profile, bob, _job("Developer"))
    _add(profile, bob, EntryTexts(section=Section.LANGUAGES, language="fr", fluency="native"))
    after = completeness(profile)
    assert (after.percent, [(step.section, step.points) for step in after.left]) == (
        80,
        [("photo", 15), ("category", 5)],
    )


def _picture(name: str = "one.png") -> SimpleUploadedFile:
    drawn = BytesIO()
    Image.new("RGB", (300, 200), "navy").save(drawn, "PNG")
    return SimpleUploadedFile(name, drawn.getvalue(), "image/png")


def test_an_entry_is_added_without_scripts(client: Client, bob: Person, profile: Profile) -> None:
    sign_in(client, bob)
    answer = client.post(
        "/profile/employment/add/", {"heading": "Lead", "organisation": "Rivage", "started_on": "2020-03"}
    )
    assert answer["Location"] == "/profile/#employment"
    entry = Entry.objects.get()
    assert (entry.heading, entry.organisation, entry.started_on, entry.ended_on) == (
        "Lead",
        "Rivage",
        date(2020, 3, 1),
        None,
    )
    assert "March 2020 – today" in client.get("/profile/").content.decode()


def test_in_place_the_section_alone_comes_back_and_a_mistake_shows_the_form_again(
    client: Client, bob: Person, profile: Profile
) -> None:
    sign_in(client, bob)
    htmx = {"HX-Request": "true"}
    with nothing_happens():
        wrong = client.post("/profile/employment/add/", {"heading": "Lead", "started_on": "soon"}, headers=htmx)
    assert wrong.status_code == 422
    assert "Write the month as 2024-03." in wrong.content.decode()
    right = client.post("/profile/employment/add/", {"heading": "Lead"}, headers=htmx).content.decode()
    assert "<html" not in right
    assert 'id="employment"' in right
    assert "Lead" in right


def test_up_and_down_and_delete_are_buttons(client: Client, bob: Person, profile: Profile) -> None:
    sign_in(client, bob)
    items = [_add(profile, bob, _job(role)) for role in "AB"]
    client.post(f"/profile/employment/{items[0].pk}/move/", {"down": "1"})
    assert _order(profile) == ["B", "A"]
    client.post(f"/profile/employment/{items[0].pk}/move/", {"up": "1"})
    assert _order(profile) == ["A", "B"]
    client.post(f"/profile/employment/{items[0].pk}/delete/")
    assert _order(profile) == ["B"]


def test_an_unknown_section_is_not_found(client: Client, bob: Person, profile: Profile) -> None:
    sign_in(client, bob)
    assert client.get("/profile/hobbies/add/").status_code == 404


def test_pictures_of_a_work_are_read_by_those_who_may_read_its_profile(client: Client) -> None:
    bob = make_approved("Bob")
    sign_in(client, bob)
    client.post("/profile/portfolio/add/", {"heading": "Booking", "uploads": [_picture(), _picture("two.png")]})
    item = PortfolioItem.objects.get()
    files = StoredFile.objects.of("profiles.portfolio", str(item.pk))
    assert [file.name for file in files] == ["one.png", "two.png"]
    visitor = Client()
    assert visitor.get(f"/files/{files[0].pk}/image/small/").status_code == 200
    page = visitor.get(f"/f/{Profile.objects.get().slug}/").content.decode()
    assert str(files[0].pk) in page
    Profile.objects.update(status="draft")
    assert visitor.get(f"/files/{files[0].pk}/image/small/").status_code == 404


def test_more_files_than_a_work_shows_are_refused(client: Client, bob: Person, profile: Profile) -> None:
    sign_in(client, bob)
    answer = client.post(
        "/profile/portfolio/add/", {"heading": "Booking", "uploads": [_picture(f"{n}.png") for n in range(9)]}
    )
    assert answer.status_code == 422
    assert "Send 8 files at most." in answer.content.decode()
    assert not PortfolioItem.objects.exists()


@pytest.mark.parametrize("number", [1, 12])
def test_the_page_of_a_profile_takes_as_many_queries_whatever_it_holds(client: Client, number: int) -> None:
    bob = make_approved("Bob")
    profile = Profile.objects.get()
    skill = Skill.objects.order_by("pk")[0]
    for turn in range(number):
        _add(profile, bob, _job(f"Job {turn}"))
        _add(profile, bob, PortfolioTexts(heading=f"Work {turn}", skill_ids=[skill.pk]))
    path = f"/f/{profile.slug}/"
    client.get(path)
    sign_in(client, make_client("Alice"))
    client.get(path)
    with CaptureQueriesContext(connection) as taken:
        page = client.get(path)
    assert f"Work {number - 1}" in page.content.decode()
    assert len(taken) <= 15, "\n".join(each["sql"][:150] for each in taken.captured_queries)
