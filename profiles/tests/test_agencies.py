"""The profile of an agency: what it holds, who writes it, how it is found, whom it names."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import appear_for_agency, disappear_for_agency
from accounts.tests.cast import Person, leave_agency, make_client, make_staff, sign_in
from core.errors import NotAllowed
from profiles.actions import EntryTexts, ItemNotPossible, PortfolioTexts, add_item, create_profile, save_profile
from profiles.actions.profiles import submit_profile
from profiles.actions.reviews import approve_profile
from profiles.models import Profile, Section
from profiles.queries import TalentFilters, completeness, own_profile, search_talent, sections_of, workers_of
from profiles.tests.cast import Studio, complete_texts, make_studio
from proposals.tests.cast import connects_of, tell
from taxonomy.models import Speciality
from taxonomy.queries import lexicon
from tests.nothing import fingerprint

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def marc(db: None) -> Person:
    """Return Marc, who moderates."""
    return make_staff("Marc", "moderator", at=AT)


@pytest.fixture
def studio(marc: Person) -> Studio:
    """Return the agency of Olga with Nina and Emil."""
    return make_studio(moderator=marc, at=AT)


def _profile(studio: Studio) -> Profile:
    profile = own_profile(studio.party.pk)
    assert profile is not None
    return profile


def _page(studio: Studio) -> str:
    return Client().get(reverse("profiles:public", args=[_profile(studio).slug])).content.decode()


def test_an_agency_has_points_of_its_own(studio: Studio) -> None:
    profile = _profile(studio)
    before = completeness(profile)
    assert (before.percent, [(step.section, step.points) for step in before.left]) == (
        65,
        [("photo", 10), ("portfolio", 15), ("category", 5), ("languages", 5)],
    )
    work = PortfolioTexts(heading="A ferry site")
    add_item(profile_id=profile.pk, texts=work, by=studio.olga.actor, at=AT)
    spoken = EntryTexts(section=Section.LANGUAGES, language="fr", fluency="native")
    add_item(profile_id=profile.pk, texts=spoken, by=studio.olga.actor, at=AT)
    profile.specialities.add(Speciality.objects.filter(category=profile.category)[0])
    assert [step.section for step in completeness(profile).left] == ["photo"]
    assert completeness(profile).percent == 90


def test_an_agency_shows_works_and_languages_and_no_career(studio: Studio) -> None:
    profile = _profile(studio)
    assert sections_of(profile) == (Section.PORTFOLIO, Section.LANGUAGES)
    before = fingerprint()
    with pytest.raises(ItemNotPossible):
        add_item(
            profile_id=profile.pk,
            texts=EntryTexts(section=Section.EMPLOYMENT, heading="Founder"),
            by=studio.olga.actor,
            at=AT,
        )
    assert fingerprint() == before


def test_named_workers_do_not_write_the_agencys_profile(studio: Studio) -> None:
    before = fingerprint()
    with pytest.raises(NotAllowed):
        save_profile(profile_id=_profile(studio).pk, texts=complete_texts(), by=studio.nina.actor, at=AT)
    with pytest.raises(NotAllowed):
        create_profile(party_id=studio.party.pk, by=studio.own["nina"].actor, at=AT)
    assert fingerprint() == before


def test_the_first_approval_brings_the_agency_connects_of_its_own(studio: Studio) -> None:
    tell(AT)
    assert (connects_of(studio.olga), connects_of(studio.own["nina"])) == (40, 40)


def test_no_moderator_of_the_agency_reviews_it(studio: Studio, marc: Person) -> None:
    profile = _profile(studio)
    Profile.objects.filter(pk=profile.pk).update(status="changes_requested")
    submit_profile(profile_id=profile.pk, by=studio.olga.actor, at=AT)
    marc.user.memberships.create(party=studio.party, role="member", created_at=AT)
    before = fingerprint()
    with pytest.raises(NotAllowed):
        approve_profile(profile_id=profile.pk, seen_version=profile.version, by=marc.actor, at=AT)
    assert fingerprint() == before


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ((), {"studio-nord", "nina-d", "emil-d"}),
        (("agency",), {"studio-nord"}),
        (("freelancer",), {"nina-d", "emil-d"}),
        (("agency", "freelancer"), {"studio-nord", "nina-d", "emil-d"}),
    ],
)
def test_a_search_asks_for_freelancers_or_agencies(studio: Studio, kinds: tuple[str, ...], found: set[str]) -> None:
    page = search_talent(TalentFilters(kinds=kinds), make_client("Alice").actor, lexicon=lexicon())
    assert {row.slug for row in page.rows} == found
    assert page.facets["kind"] == {"agency": 1, "freelancer": 2}
    assert {row.slug for row in page.rows if row.is_agency} == found & {"studio-nord"}


def test_the_list_marks_agencies_and_offers_the_choice(studio: Studio) -> None:
    text = Client().get(reverse("profiles:talent")).content.decode()
    assert text.count("</svg>Agency</span>") == 1
    assert 'name="kind" value="agency"' in text
    Profile.objects.filter(party=studio.party).get().document.delete()
    assert 'name="kind"' not in Client().get(reverse("profiles:talent")).content.decode()


def test_the_page_is_that_of_an_organisation_and_has_no_cv(studio: Studio) -> None:
    text = _page(studio)
    data = json.loads(text.partition("ld+json")[2].partition(">")[2].partition("</script>")[0])
    assert (data["mainEntity"]["@type"], data["mainEntity"]["name"]) == ("Organization", "Studio Nord")
    assert "cv.pdf" not in text
    assert Client().get(reverse("profiles:cv", args=[_profile(studio).slug])).status_code == 404


def test_people_are_named_on_the_page_once_they_agree_and_no_longer_than_they_belong(studio: Studio) -> None:
    assert "Nina D." not in _page(studio)
    appear_for_agency(party_id=studio.party.pk, by=studio.nina.actor, at=AT)
    assert "Nina D." in _page(studio)
    assert reverse("profiles:public", args=["nina-d"]) in _page(studio)
    assert "Emil D." not in _page(studio)
    disappear_for_agency(party_id=studio.party.pk, by=studio.nina.actor, at=AT)
    assert "Nina D." not in _page(studio)
    appear_for_agency(party_id=studio.party.pk, by=studio.emil.actor, at=AT)
    assert "Emil D." in _page(studio)
    leave_agency(studio.emil)
    assert "Emil D." not in _page(studio)


def test_who_can_be_proposed_works_for_the_agency_and_has_an_approved_profile(studio: Studio) -> None:
    assert [each.name for each in workers_of(studio.party.pk)] == ["Emil D.", "Nina D."]
    Profile.objects.filter(party=studio.own["emil"].party).update(status="changes_requested")
    assert [each.name for each in workers_of(studio.party.pk)] == ["Nina D."]
    studio.nina.user.memberships.filter(party=studio.party).update(role="finance")
    assert workers_of(studio.party.pk) == []


def test_the_edit_page_of_an_agency_asks_for_a_logo_and_no_level(studio: Studio) -> None:
    browser = Client()
    sign_in(browser, studio.olga)
    text = browser.get(reverse("profiles:edit")).content.decode()
    assert "Logo" in text
    assert 'name="level"' not in text
    assert 'name="availability"' not in text
    profile = _profile(studio)
    data = {
        "language": "en",
        "slug": "nord",
        "title": "Booking pages",
        "overview": profile.overview,
        "category": profile.category.slug if profile.category else "",
        "hourly_rate": "80",
        "skills": profile.skills.all()[0].name_en,
    }
    assert browser.post(reverse("profiles:edit"), data).status_code == 302
    profile = _profile(studio)
    assert (profile.slug, profile.title, profile.hourly_rate, profile.level) == ("nord", "Booking pages", 8000, "")
