"""Which freelancers a search finds, in which order, and that nobody else is found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.cast import Person, make_freelancer, make_staff
from core.actor import Actor
from core.clock import now
from profiles.actions import (
    approve_profile,
    count_contract_ended,
    count_release,
    create_profile,
    request_profile_changes,
    save_profile,
    submit_profile,
    write_missing_documents,
)
from profiles.models import Profile, ProfileDocument
from profiles.queries import TalentFilters, search_talent, talent_without_each
from profiles.tests.cast import OVERVIEW, complete_texts
from taxonomy import matching
from taxonomy.models import Category
from taxonomy.queries import find_skills, lexicon

pytestmark = pytest.mark.django_db


@pytest.fixture
def marc() -> Person:
    return make_staff("Marc", "moderator")


def freelancer(marc: Person, name: str, title: str, *, skills: tuple[str, ...] = ("Figma",), **changes: Any) -> Profile:
    """Return the approved profile of a new freelancer."""
    person = make_freelancer(name, email=f"{name}@example.com".lower())
    assert person.party is not None
    found = tuple(skill.pk for skill in find_skills(skills).values() if skill)
    assert len(found) == len(skills)
    profile = create_profile(party_id=person.party.pk, by=person.actor, at=now())
    texts = complete_texts(title=title, skill_ids=found, **changes)
    save_profile(profile_id=profile.pk, texts=texts, by=person.actor, at=now())
    sent = submit_profile(profile_id=profile.pk, by=person.actor, at=now())
    return approve_profile(profile_id=profile.pk, seen_version=sent.version, by=marc.actor, at=now())


def find(words: str = "", **filters: Any) -> list[str]:
    return [
        row.title
        for row in search_talent(TalentFilters(words=words, **filters), Actor.anonymous(), lexicon=lexicon()).rows
    ]


def test_words_are_found_in_both_languages_without_accents_by_synonym_and_misspelt(marc: Person) -> None:
    freelancer(marc, "Ana", "Community builder", skills=("Social media",))
    freelancer(marc, "Bea", "Développeuse expérimentée", language="fr", skills=("WordPress",))
    assert find("réseaux sociaux") == ["Community builder"]
    assert find("developpeuse experimentee") == ["Développeuse expérimentée"]
    assert find("worpdress") == ["Développeuse expérimentée"]
    assert find("nothing like it") == []


def test_who_has_every_word_comes_before_who_has_some_and_the_missing_ones_are_named(marc: Person) -> None:
    freelancer(marc, "Ana", "Harbour painter")
    freelancer(marc, "Bea", "Harbour pilot")
    page = search_talent(TalentFilters(words="harbour pilot"), Actor.anonymous(), lexicon=lexicon())
    assert [(row.title, row.missing) for row in page.rows] == [("Harbour pilot", ()), ("Harbour painter", ("pilot",))]
    assert page.count == 1


def test_each_filter_keeps_what_fits(marc: Person) -> None:
    writing = Category.objects.get(slug="writing-translation").pk
    ana = freelancer(marc, "Ana", "Cheap", level="entry", hourly_rate=2_000, skills=("Django",))
    freelancer(marc, "Bea", "Dear", category_id=writing, hourly_rate=9_000, language="fr")
    count_release(payer_id=ana.party_id, payee_id=ana.party_id, gross=60_000, net=50_000, at=now())
    django = find_skills(["Django"])["Django"]
    assert django is not None
    assert find(categories=(writing,)) == ["Dear"]
    assert find(levels=("entry",)) == ["Cheap"]
    assert find(languages=("fr",)) == ["Dear"]
    assert find(skills=(django.pk,)) == ["Cheap"]
    assert find(rate_max=2_000) == ["Cheap"]
    assert find(rate_min=2_001) == ["Dear"]
    assert find(earned_min=50_000) == ["Cheap"]
    assert find(earned_min=50_001) == []
    assert sorted(find(countries=("FR",))) == ["Cheap", "Dear"]
    assert find(countries=("DE",)) == []


def test_counts_of_choices_are_of_what_passes_the_other_filters(marc: Person) -> None:
    freelancer(marc, "Ana", "One", level="entry")
    freelancer(marc, "Bea", "Two", language="fr")
    page = search_talent(TalentFilters(levels=("entry",)), Actor.anonymous(), lexicon=lexicon())
    assert page.count == 1
    assert page.facets["level"] == {"entry": 1, "expert": 1}
    assert page.facets["language"] == {"en": 1}
    assert talent_without_each(
        TalentFilters(levels=("entry",), languages=("fr",)), Actor.anonymous(), lexicon=lexicon()
    ) == {
        "level": 1,
        "language": 1,
    }


def test_only_public_profiles_are_found(marc: Person) -> None:
    profile = freelancer(marc, "Ana", "Harbour pilot")
    hidden = make_freelancer("Bea", email="bea@example.com")
    assert hidden.party is not None
    draft = create_profile(party_id=hidden.party.pk, by=hidden.actor, at=now())
    save_profile(profile_id=draft.pk, texts=complete_texts(title="Harbour draft"), by=hidden.actor, at=now())
    assert find("harbour") == ["Harbour pilot"]
    request_profile_changes(
        profile_id=profile.pk, seen_version=profile.version, points=["title"], note="", by=marc.actor, at=now()
    )
    assert find("harbour") == []
    assert not ProfileDocument.objects.exists()


def test_a_document_left_behind_by_mistake_shows_nobody(marc: Person) -> None:
    profile = freelancer(marc, "Ana", "Harbour pilot")
    Profile.objects.filter(pk=profile.pk).update(status=Profile.Status.CHANGES_REQUESTED)
    assert ProfileDocument.objects.count() == 1
    assert find("harbour") == []
    assert find() == []


def test_a_profile_of_a_closed_party_is_not_found(marc: Person) -> None:
    profile = freelancer(marc, "Ana", "Harbour pilot")
    profile.party.closed_at = timezone.now()
    profile.party.save(update_fields=["closed_at"])
    assert find("harbour") == []


def test_quality_counts_what_the_page_about_ranking_says(marc: Person) -> None:
    profile = freelancer(marc, "Ana", "Harbour pilot")
    assert ProfileDocument.objects.get().quality == 0.4
    for _time in range(10):
        count_contract_ended(client_id=profile.party_id, freelancer_id=profile.party_id, at=now())
    count_release(payer_id=profile.party_id, payee_id=profile.party_id, gross=1, net=5_000_000, at=now())
    document = ProfileDocument.objects.get()
    assert (document.quality, document.earned) == (0.7, 5_000_000)


def test_the_best_come_first_and_pages_go_on_where_the_last_ended(
    marc: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PER_PAGE", 1)
    best = freelancer(marc, "Ana", "First")
    freelancer(marc, "Bea", "Second")
    count_release(payer_id=best.party_id, payee_id=best.party_id, gross=1, net=900_000, at=now())
    page = search_talent(TalentFilters(), Actor.anonymous(), lexicon=lexicon())
    assert [row.title for row in page.rows] == ["First"]
    rest = search_talent(TalentFilters(after=page.after), Actor.anonymous(), lexicon=lexicon())
    assert [row.title for row in rest.rows] == ["Second"]
    assert rest.after is None


def test_the_clock_writes_documents_that_are_missing(marc: Person) -> None:
    freelancer(marc, "Ana", "Harbour pilot", overview=OVERVIEW)
    ProfileDocument.objects.all().delete()
    at = now() + timedelta(minutes=10)
    assert write_missing_documents(at=at) == 1
    assert find("harbour") == ["Harbour pilot"]
    assert write_missing_documents(at=at) == 0
