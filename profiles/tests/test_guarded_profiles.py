"""Contact data in a profile: refused with what was found, in the reader's language, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_freelancer, sign_in
from core.clock import now
from messaging.guard import LeadsAway
from profiles.actions import save_profile, submit_profile
from profiles.models import Profile
from profiles.tests.cast import OVERVIEW, complete_texts, make_approved, make_profile
from taxonomy.models import Category, Skill
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db

CONTACT = f"{OVERVIEW} Telegram: @bobbuilds"
TOLD = "Take this out: an account or a link of a messenger or network (“Telegram: @bobbuilds”)."
TOLD_IN_FRENCH = (
    "Retirez ceci\u202f: un compte ou un lien de messagerie ou de réseau social («\u202fTelegram: @bobbuilds"
)


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob")


def typed(**changes: Any) -> dict[str, Any]:
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


@pytest.mark.parametrize("field", ["title", "overview"])
def test_contact_data_is_not_saved_in_a_draft(bob: Person, field: str) -> None:
    profile = make_profile(bob)

    with nothing_happens(), pytest.raises(LeadsAway) as refusal:
        save_profile(
            profile_id=profile.pk, texts=complete_texts(**{field: "Call 06 78 90 12 34"}), by=bob.actor, at=now()
        )

    assert list(refusal.value.problems) == [field]


def test_contact_data_is_not_saved_in_a_public_profile() -> None:
    bob = make_approved("Bob")
    profile = Profile.objects.get(party=bob.party)

    with nothing_happens(), pytest.raises(LeadsAway):
        save_profile(profile_id=profile.pk, texts=complete_texts(overview=CONTACT), by=bob.actor, at=now())


def test_contact_data_written_before_there_was_a_guard_is_not_submitted_but_the_rest_can_be_changed(
    bob: Person,
) -> None:
    profile = make_profile(bob)
    Profile.objects.filter(pk=profile.pk).update(overview=CONTACT)

    with nothing_happens(), pytest.raises(LeadsAway):
        submit_profile(profile_id=profile.pk, by=bob.actor, at=now())

    texts = complete_texts(overview=CONTACT, hourly_rate=7_000)
    assert save_profile(profile_id=profile.pk, texts=texts, by=bob.actor, at=now()).hourly_rate == 7_000


@pytest.mark.parametrize(("prefix", "told"), [("", TOLD), ("/fr", TOLD_IN_FRENCH)])
def test_the_form_says_what_to_take_out_and_keeps_what_was_typed(
    client: Client, bob: Person, prefix: str, told: str
) -> None:
    sign_in(client, bob)

    with nothing_happens():
        answer = client.post(f"{prefix}/profile/", typed(overview=CONTACT, title="Potter, not Django"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count(told) == 2  # in the summary and beside the field
    assert CONTACT in page
    assert 'value="Potter, not Django"' in page
