"""The pages on which a profile is written, looked at and submitted."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff, sign_in
from profiles.actions import request_profile_changes, submit_profile
from profiles.models import Profile
from profiles.tests.cast import OVERVIEW, approve, make_approved, make_profile
from taxonomy.models import Category, Skill
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(client: Client) -> Person:
    person = make_freelancer("Bob")
    sign_in(client, person)
    return person


def _typed(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Django developer",
        "overview": OVERVIEW,
        "category": Category.objects.order_by("position")[0].slug,
        "level": "expert",
        "hourly_rate": "60.00",
        "skills": Skill.objects.order_by("pk")[0].name_en,
        "language": "en",
        "slug": "bob-d",
        **changes,
    }


def _picture(side: int = 600) -> SimpleUploadedFile:
    drawn = BytesIO()
    Image.new("RGB", (side, side // 2 * 2), "navy").save(drawn, "PNG")
    return SimpleUploadedFile("me.png", drawn.getvalue(), "image/png")


def test_looking_at_the_form_makes_no_profile(client: Client, bob: Person) -> None:
    client.get("/settings/")
    with nothing_happens():
        page = client.get("/profile/")
    assert page.status_code == 200
    assert "Write a title" in page.content.decode()


def test_the_first_save_makes_the_profile_with_what_was_typed(client: Client, bob: Person) -> None:
    assert client.post("/profile/", _typed(title="Potter", overview="", hourly_rate=""))["Location"] == "/profile/"
    profile = Profile.objects.get()
    assert (profile.party_id, profile.title, profile.status, profile.hourly_rate) == (
        bob.actor.party_id,
        "Potter",
        "draft",
        None,
    )


def test_saving_and_submitting_in_one_go(client: Client, bob: Person) -> None:
    assert client.post("/profile/", _typed(submit="1"))["Location"] == "/profile/"
    assert Profile.objects.get().status == "submitted"
    assert "In review." in client.get("/profile/").content.decode()


def test_submitting_what_is_incomplete_keeps_it_and_names_what_is_missing(client: Client, bob: Person) -> None:
    answer = client.post("/profile/", _typed(submit="1", title=""))
    assert answer.status_code == 409
    assert "Before you submit: write a title." in answer.content.decode()
    assert (Profile.objects.get().status, Profile.objects.get().hourly_rate) == ("draft", 6000)


def test_a_second_click_on_submit_is_answered_and_changes_nothing(client: Client, bob: Person) -> None:
    client.post("/profile/", _typed(submit="1"))
    answer = client.post("/profile/submit/")
    assert answer.status_code == 409
    assert "in review already" in answer.content.decode()


BAD_INPUT = [
    ("title", "x" * 101),
    ("overview", "x" * 50_000),
    ("title", "a\x00b"),
    ("category", "no-such-category"),
    ("level", "god"),
    ("hourly_rate", "-5"),
    ("hourly_rate", "1e9"),
    ("hourly_rate", "99999999999999999999"),
    ("skills", "no such skill at all"),
    ("language", "de"),
    ("slug", "../admin"),
    ("slug", ""),
    ("specialities", "no-such-thing"),
]


def test_bad_input_saves_nothing_and_is_kept(client: Client, bob: Person, subtests: pytest.Subtests) -> None:
    for field, value in BAD_INPUT:
        with subtests.test(field=field, value=value[:40]):
            answer = client.post("/profile/", _typed(**{field: value}))
            assert answer.status_code == 422
            assert field in answer.context["form"].errors
            assert Profile.objects.count() == 0


def test_no_field_sets_state_owner_or_slug_of_another(client: Client, bob: Person) -> None:
    client.post(
        "/profile/", _typed(status="approved", approved_at="2026-01-01", party="1", version="99", currency="USD")
    )
    profile = Profile.objects.get()
    assert (profile.status, profile.approved_at, profile.party_id, profile.currency) == (
        "draft",
        None,
        bob.actor.party_id,
        "EUR",
    )


def test_a_taken_address_is_said_at_its_field(client: Client, bob: Person) -> None:
    chloe = make_approved("Chloé")
    taken = Profile.objects.get(party=chloe.party).slug
    answer = client.post("/profile/", _typed(slug=taken))
    assert answer.status_code == 409
    assert answer.context["form"].errors["slug"] == ["This address is taken. Choose another one."]
    assert Profile.objects.filter(party=bob.party).count() == 0


def test_a_photo_becomes_a_square_seen_by_its_owner_only_until_approval(client: Client, bob: Person) -> None:
    client.post("/profile/", {**_typed(), "photo": _picture()})
    profile = Profile.objects.select_related("photo").get()
    assert profile.photo is not None
    assert (profile.photo.width, profile.photo.height) == (512, 512)
    path = f"/files/{profile.photo.pk}/image/small/"
    assert client.get(path).status_code == 200
    stranger = Client()
    assert stranger.get(path).status_code == 404
    Profile.objects.update(status="approved", approved_at=profile.created_at)
    assert stranger.get(path).status_code == 200


def test_a_file_that_is_no_picture_is_refused(client: Client, bob: Person) -> None:
    upload = SimpleUploadedFile("me.png", b"<script>alert(1)</script>", "image/png")
    answer = client.post("/profile/", {**_typed(), "photo": upload})
    assert answer.status_code == 422
    assert "photo" in answer.context["form"].errors


def test_specialities_of_another_category_are_left_out(client: Client, bob: Person) -> None:
    first, second = [each for each in Category.objects.order_by("position") if each.specialities.exists()][:2]
    both = [first.specialities.all()[0].slug, second.specialities.all()[0].slug]
    client.post("/profile/", _typed(category=first.slug, specialities=both))
    assert list(Profile.objects.get().specialities.values_list("slug", flat=True)) == both[:1]


def test_an_approved_profile_is_for_everybody(client: Client) -> None:
    profile = Profile.objects.get(party=make_approved("Bob", language="fr").party)
    Profile.objects.filter(pk=profile.pk).update(language="fr")
    page = client.get(f"/f/{profile.slug}/")
    assert page.status_code == 200
    shown = page.content.decode()
    assert '<div class="prose" lang="fr">' in shown
    assert "Bob D." in shown
    assert "Durand" not in shown
    assert 'name="robots"' not in shown


@pytest.mark.parametrize("status", ["draft", "submitted", "changes_requested"])
def test_any_other_is_only_for_its_party_and_moderators(client: Client, bob: Person, status: str) -> None:
    profile = make_profile(bob)
    Profile.objects.filter(pk=profile.pk).update(status=status, submitted_at=profile.created_at)
    path = f"/f/{profile.slug}/"
    assert 'content="noindex"' in client.get(path).content.decode()
    for person in (None, make_client("Alice"), make_staff("Sam", "support")):
        other = Client()
        if person:
            sign_in(other, person)
        assert other.get(path).status_code == 404
        assert other.get("/f/no-such-profile/").status_code == 404
    moderator = Client()
    sign_in(moderator, make_staff("Max", "moderator"))
    assert moderator.get(path).status_code == 200


def test_the_preview_shows_the_page_to_come(client: Client, bob: Person) -> None:
    assert client.get("/profile/preview/")["Location"] == "/profile/"
    make_profile(bob)
    page = client.get("/profile/preview/").content.decode()
    assert "Visitors will see this page once staff have approved it." in page
    assert "Submit for review" in page


def test_points_lead_to_their_section_and_tip(client: Client, bob: Person) -> None:
    profile = submit_profile(profile_id=make_profile(bob).pk, by=bob.actor, at=bob.user.created_at)
    request_profile_changes(
        profile_id=profile.pk,
        seen_version=profile.version,
        points=["photo", "contact"],
        note="Show your face.",
        by=make_staff("Max", "moderator").actor,
        at=bob.user.created_at,
    )
    page = client.get("/profile/").content.decode()
    assert "Show your face." in page
    assert '<a href="/profile/#photo"><strong>Photo</strong></a>: Your face, natural light' in page
    assert '<a href="/profile/#overview"><strong>Contact details</strong></a>' in page


def test_a_client_is_told_how_to_get_a_profile(client: Client) -> None:
    sign_in(client, make_client("Alice"))
    answer = client.get("/profile/")
    assert answer.status_code == 403
    assert "Only freelancers and agencies have a profile." in answer.content.decode()


def test_moderators_find_the_queue_by_age_and_decide(client: Client) -> None:
    moderator = make_staff("Max", "moderator")
    bob = make_freelancer("Bob")
    profile = submit_profile(profile_id=make_profile(bob).pk, by=bob.actor, at=bob.user.created_at)
    sign_in(client, moderator)
    assert "Django developer" in client.get("/admin/profiles/profile/").content.decode()
    screen = f"/admin/profiles/profile/{profile.pk}"
    assert OVERVIEW[:40] in client.get(f"{screen}/change/").content.decode()
    refused = client.post(f"{screen}/request_changes/decide/", {"seen_version": profile.version, "note": "Why not."})
    assert refused.status_code == 409
    assert "Why not." in refused.content.decode(), "what was typed is kept"
    stale = client.post(f"{screen}/approve/decide/", {"seen_version": profile.version + 1})
    assert stale.status_code == 409
    assert client.post(f"{screen}/approve/decide/", {"seen_version": profile.version}).status_code == 302
    profile.refresh_from_db()
    assert profile.status == "approved"


def test_support_looks_and_does_not_decide(client: Client) -> None:
    bob = make_freelancer("Bob")
    profile = approve(bob, moderator=make_staff("Max", "moderator"))
    sign_in(client, make_staff("Sam", "support"))
    assert client.get(f"/admin/profiles/profile/{profile.pk}/change/").status_code == 200
    data = {"seen_version": profile.version, "points": "title", "note": "No."}
    with nothing_happens():
        answer = client.post(f"/admin/profiles/profile/{profile.pk}/request_changes/decide/", data)
    assert answer.status_code == 403
