"""The CV: what the profile says, on paper, for whoever may read the profile."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.tests.cast import Person, make_client, sign_in
from core.clock import now
from profiles.actions import EntryTexts, PortfolioTexts, add_item
from profiles.models import Profile, Section
from profiles.tests.cast import make_approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Person:
    """Return a freelancer with one entry in three sections."""
    bob = make_approved("Bob")
    profile = Profile.objects.get(party=bob.party)
    texts: list[EntryTexts | PortfolioTexts] = [
        EntryTexts(section=Section.EMPLOYMENT, heading="Lead <b>developer</b>", organisation="R & D", text="Ferries."),
        EntryTexts(section=Section.LANGUAGES, language="de", fluency="native"),
        PortfolioTexts(heading="Timetable", text="Each quay\nand each day."),
    ]
    for each in texts:
        add_item(profile_id=profile.pk, texts=each, by=bob.actor, at=now())
    return bob


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def address(bob: Person) -> str:
    return reverse("profiles:cv", args=[Profile.objects.get(party=bob.party).slug])


def test_a_cv_says_what_the_profile_says_by_the_public_name(bob: Person) -> None:
    profile = Profile.objects.get(party=bob.party)
    answer = Client().get(address(bob))
    assert answer.headers["Content-Type"] == "application/pdf"
    text = words(answer.content)
    for part in (
        profile.party.public_name,
        profile.title,
        "Lead <b>developer</b>, R & D",
        "Ferries.",
        "German",
        "Each quay",
    ):
        assert part in text, part
    assert bob.user.last_name not in text
    assert bob.user.email not in text
    assert f"/f/{profile.slug}/" in text


def test_a_cv_is_in_the_readers_language(bob: Person) -> None:
    assert "allemand" in words(Client().get(f"/fr{address(bob)}").content).lower()


@pytest.mark.parametrize(("visibility", "visitor", "client"), [("signed_in", 404, 200), ("private", 404, 404)])
def test_a_cv_is_for_those_who_may_read_the_profile(bob: Person, visibility: str, visitor: int, client: int) -> None:
    Profile.objects.filter(party=bob.party).update(visibility=visibility)
    alice = Client()
    sign_in(alice, make_client("Alice"))
    assert (Client().get(address(bob)).status_code, alice.get(address(bob)).status_code) == (visitor, client)
    own = Client()
    sign_in(own, bob)
    assert own.get(address(bob)).status_code == 200
