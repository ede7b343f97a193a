"""Writing, submitting and judging a profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from accounts.actions import add_hat
from accounts.queries import acting
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, make_staff
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.models import Event
from profiles.actions import (
    AddressNotPossible,
    AddressTaken,
    PointsMissing,
    ProfileChanged,
    ProfileIncomplete,
    ProfileNotInReview,
    ProfileNotSubmittable,
    ProfileTexts,
    RateNotPossible,
    TooManySkills,
    approve_profile,
    change_profile_address,
    create_profile,
    request_profile_changes,
    save_profile,
    submit_profile,
)
from profiles.models import Profile, ProfileReview
from profiles.queries import completeness, is_approved, review_deadline, standing
from profiles.tests.cast import OVERVIEW, complete_texts, make_profile
from taxonomy.models import Skill
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Status = Profile.Status


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob", at=AT)


@pytest.fixture
def max_() -> Person:
    return make_staff("Max", "moderator", at=AT)


def _party(person: Person) -> int:
    assert person.party is not None
    return person.party.pk


def _submitted(bob: Person) -> Profile:
    return submit_profile(profile_id=make_profile(bob, at=AT).pk, by=bob.actor, at=AT)


def _kinds(profile: Profile) -> list[str]:
    return list(Event.objects.filter(subject=f"profile:{profile.pk}").order_by("pk").values_list("kind", flat=True))


def test_a_profile_begins_as_an_empty_draft_under_the_party_address(bob: Person) -> None:
    profile = create_profile(party_id=_party(bob), by=bob.actor, at=AT)
    assert (profile.status, profile.slug, profile.version, profile.title) == ("draft", "bob-d", 1, "")
    assert create_profile(party_id=_party(bob), by=bob.actor, at=AT).pk == profile.pk
    assert _kinds(profile) == ["profiles.profile_created"]


def test_only_the_owner_of_a_freelancer_party_begins_one(bob: Person) -> None:
    alice = make_client("Alice")
    nils = make_member("Nils", bob.party, "named_worker")  # type: ignore[arg-type]
    for party_id, by in ((_party(alice), alice), (_party(bob), alice), (_party(bob), nils)):
        with nothing_happens(), pytest.raises(NotAllowed):
            create_profile(party_id=party_id, by=by.actor, at=AT)


def test_what_is_written_is_kept_complete_or_not(bob: Person) -> None:
    profile = create_profile(party_id=_party(bob), by=bob.actor, at=AT)
    saved = save_profile(profile_id=profile.pk, texts=ProfileTexts(title="Potter"), by=bob.actor, at=AT)
    assert (saved.title, saved.version, saved.status) == ("Potter", 2, "draft")


def test_saving_the_same_again_is_no_change(bob: Person) -> None:
    profile = make_profile(bob, at=AT)
    with nothing_happens():
        save_profile(profile_id=profile.pk, texts=complete_texts(), by=bob.actor, at=AT)


def test_nobody_else_writes_it(bob: Person, max_: Person) -> None:
    profile = make_profile(bob, at=AT)
    both = make_client("Clara")
    add_hat(kind="freelancer", by=both.actor, at=AT)
    for by in (both.actor, acting(both.user).actor, max_.actor, Actor.anonymous(), Actor.system()):
        with nothing_happens(), pytest.raises(NotAllowed):
            save_profile(profile_id=profile.pk, texts=complete_texts(title="Mine"), by=by, at=AT)


def test_more_skills_than_a_profile_shows_are_refused(bob: Person) -> None:
    profile = make_profile(bob, at=AT)
    ids = tuple(Skill.objects.order_by("pk").values_list("pk", flat=True)[:16])
    while len(ids) < 16:
        extra = Skill.objects.create(slug=f"extra-{len(ids)}", name_en=f"Extra {len(ids)}", name_fr=f"Extra {len(ids)}")
        ids = (*ids, extra.pk)
    with nothing_happens(), pytest.raises(TooManySkills):
        save_profile(profile_id=profile.pk, texts=complete_texts(skill_ids=ids), by=bob.actor, at=AT)


@pytest.mark.parametrize("rate", [-1, 0, 99, 1_000_001])
def test_a_rate_out_of_bounds_is_refused(bob: Person, rate: int) -> None:
    profile = make_profile(bob, at=AT)
    with nothing_happens(), pytest.raises(RateNotPossible):
        save_profile(profile_id=profile.pk, texts=complete_texts(hourly_rate=rate), by=bob.actor, at=AT)


@pytest.mark.parametrize("slug", ["", "ab", "Bob", "bob codes", "bob/../x", "élan", "b" * 61])
def test_an_address_of_another_shape_is_refused(bob: Person, slug: str) -> None:
    profile = make_profile(bob, at=AT)
    with nothing_happens(), pytest.raises(AddressNotPossible):
        change_profile_address(profile_id=profile.pk, slug=slug, by=bob.actor, at=AT)


def test_an_address_is_chosen_and_belongs_to_one_profile(bob: Person) -> None:
    profile = make_profile(bob, at=AT)
    other = make_profile(make_freelancer("Chloé", at=AT), at=AT)
    assert change_profile_address(profile_id=profile.pk, slug="bob-codes", by=bob.actor, at=AT).slug == "bob-codes"
    with nothing_happens(), pytest.raises(AddressTaken):
        change_profile_address(profile_id=profile.pk, slug=other.slug, by=bob.actor, at=AT)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"title": ""}, "write a title"),
        ({"overview": "x" * 99}, "write 100 characters or more about your work"),
        ({"category_id": None}, "choose a category"),
        ({"level": ""}, "choose your level"),
        ({"hourly_rate": None}, "set your hourly rate"),
        ({"skill_ids": ()}, "name at least one skill"),
    ],
)
def test_an_incomplete_profile_is_not_submitted_and_says_what_is_missing(
    bob: Person, missing: dict[str, Any], words: str
) -> None:
    profile = make_profile(bob, at=AT)
    save_profile(profile_id=profile.pk, texts=complete_texts(**missing), by=bob.actor, at=AT)
    with nothing_happens(), pytest.raises(ProfileIncomplete, match=words):
        submit_profile(profile_id=profile.pk, by=bob.actor, at=AT)


def test_a_photo_is_recommended_and_not_needed(bob: Person) -> None:
    profile = _submitted(bob)
    assert profile.photo_id is None
    assert [step.section for step in completeness(profile).left] == [
        "photo",
        "employment",
        "category",
        "languages",
    ]
    assert completeness(profile).is_submittable is True


def test_a_submitted_profile_is_answered_within_48_hours(bob: Person) -> None:
    profile = _submitted(bob)
    assert (profile.status, profile.submitted_at) == ("submitted", AT)
    assert review_deadline(profile) == AT + timedelta(hours=48)
    assert standing(profile).deadline == AT + timedelta(hours=48)
    assert _kinds(profile)[-1] == "profiles.profile_submitted"


def test_a_second_submission_is_refused(bob: Person) -> None:
    profile = _submitted(bob)
    with nothing_happens(), pytest.raises(ProfileNotSubmittable, match="in review already"):
        submit_profile(profile_id=profile.pk, by=bob.actor, at=AT)


def test_an_approved_profile_is_public_and_may_propose(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    assert is_approved(_party(bob)) is False
    approved = approve_profile(profile_id=profile.pk, seen_version=profile.version, by=max_.actor, at=AT)
    assert (approved.status, approved.approved_at) == ("approved", AT)
    assert is_approved(_party(bob)) is True
    review = ProfileReview.objects.get()
    assert (review.is_approved, review.reviewer_id, review.points) == (True, max_.user.pk, [])
    assert _kinds(profile)[-1] == "profiles.profile_approved"


def test_a_second_approval_changes_nothing(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    approve_profile(profile_id=profile.pk, seen_version=profile.version, by=max_.actor, at=AT)
    with nothing_happens(), pytest.raises(ProfileNotInReview):
        approve_profile(profile_id=profile.pk, seen_version=profile.version, by=max_.actor, at=AT)


def test_staff_never_approve_what_they_did_not_read(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    save_profile(profile_id=profile.pk, texts=complete_texts(title="Something else"), by=bob.actor, at=AT)
    seen = profile.version
    with nothing_happens(), pytest.raises(ProfileChanged):
        approve_profile(profile_id=profile.pk, seen_version=seen, by=max_.actor, at=AT)
    with nothing_happens(), pytest.raises(ProfileChanged):
        request_profile_changes(
            profile_id=profile.pk, seen_version=seen, points=["title"], note="No.", by=max_.actor, at=AT
        )


def test_changes_are_asked_for_with_points_and_a_note(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    request_profile_changes(
        profile_id=profile.pk,
        seen_version=profile.version,
        points=["overview", "photo", "made up"],
        note="Show your face.",
        by=max_.actor,
        at=AT,
    )
    profile.refresh_from_db()
    assert profile.status == "changes_requested"
    assert (standing(profile).points, standing(profile).note) == (("photo", "overview"), "Show your face.")
    assert _kinds(profile)[-1] == "profiles.profile_changes_requested"
    submit_profile(profile_id=profile.pk, by=bob.actor, at=AT)
    profile.refresh_from_db()
    assert profile.status == "submitted", "it can always be submitted again"


def test_an_approved_profile_can_be_taken_down_again(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    approve_profile(profile_id=profile.pk, seen_version=profile.version, by=max_.actor, at=AT)
    request_profile_changes(
        profile_id=profile.pk, seen_version=profile.version, points=["contact"], note="No phone.", by=max_.actor, at=AT
    )
    assert is_approved(_party(bob)) is False


def test_sending_back_without_a_point_is_refused(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    with nothing_happens(), pytest.raises(PointsMissing):
        request_profile_changes(
            profile_id=profile.pk, seen_version=profile.version, points=["made up"], note="x", by=max_.actor, at=AT
        )


@pytest.mark.parametrize("group", ["support", "mediator", "finance"])
def test_only_moderators_decide(bob: Person, group: str) -> None:
    profile = _submitted(bob)
    for by in (make_staff("Sam", group).actor, bob.actor):
        with nothing_happens(), pytest.raises(NotAllowed):
            approve_profile(profile_id=profile.pk, seen_version=profile.version, by=by, at=AT)


def test_a_moderator_does_not_decide_about_their_own(max_: Person) -> None:
    party = add_hat(kind="freelancer", by=max_.actor, at=AT)
    own = acting(max_.user, party.pk).actor
    profile = _submitted(Person(max_.user, party, own))
    other_hat = acting(max_.user, add_hat(kind="client", by=max_.actor, at=AT).pk).actor
    for by in (own, max_.actor, other_hat):
        with nothing_happens(), pytest.raises(NotAllowed):
            approve_profile(profile_id=profile.pk, seen_version=profile.version, by=by, at=AT)


def test_an_approved_profile_stays_approved_when_it_is_edited_and_the_change_is_recorded(
    bob: Person, max_: Person
) -> None:
    profile = _submitted(bob)
    approve_profile(profile_id=profile.pk, seen_version=profile.version, by=max_.actor, at=AT)
    saved = save_profile(profile_id=profile.pk, texts=complete_texts(title="Django and more"), by=bob.actor, at=AT)
    assert (saved.status, saved.title) == ("approved", "Django and more")
    event = Event.objects.filter(kind="profiles.profile_saved").latest("pk")
    assert (event.data["changed"], event.data["status"]) == (["title"], "approved")


def test_an_approved_profile_cannot_be_emptied(bob: Person, max_: Person) -> None:
    profile = _submitted(bob)
    approve_profile(profile_id=profile.pk, seen_version=profile.version, by=max_.actor, at=AT)
    with nothing_happens(), pytest.raises(ProfileIncomplete, match="cannot be left empty: write a title"):
        save_profile(profile_id=profile.pk, texts=complete_texts(title=""), by=bob.actor, at=AT)


VERBS = ("submit_profile", "approve_profile", "request_profile_changes")


@pytest.mark.parametrize("status", Status.values)
def test_each_cell_of_the_machine(bob: Person, max_: Person, status: str, subtests: pytest.Subtests) -> None:
    profile = make_profile(bob, at=AT)
    Profile.objects.filter(pk=profile.pk).update(status=status, submitted_at=AT, approved_at=AT)
    roles = {"freelancer": bob.actor, "staff": max_.actor, "client": make_client("Alice").actor}

    for verb, (role, by) in product(VERBS, roles.items()):
        row = next((each for each in Profile.TRANSITIONS if each.frm == status and each.verb == verb), None)
        with subtests.test(verb=verb, role=role):
            if row is None or role not in row.actors:
                with nothing_happens(), pytest.raises(DomainError):
                    _call(verb, profile, by)
                continue
            spot = transaction.savepoint()
            _call(verb, profile, by)
            assert Profile.objects.get().status == row.to
            transaction.savepoint_rollback(spot)


def _call(verb: str, profile: Profile, by: Actor) -> None:
    seen = {"profile_id": profile.pk, "seen_version": profile.version, "by": by, "at": AT}
    if verb == "submit_profile":
        submit_profile(profile_id=profile.pk, by=by, at=AT)
    elif verb == "approve_profile":
        approve_profile(**seen)  # type: ignore[arg-type]
    else:
        request_profile_changes(**seen, points=["title"], note="x")  # type: ignore[arg-type]


def test_the_overview_of_the_cast_is_long_enough() -> None:
    assert len(OVERVIEW) >= 100
