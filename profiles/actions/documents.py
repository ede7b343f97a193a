"""The one function that writes what search sees of a profile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core.sweeps import BATCH
from profiles.models import Profile, ProfileDocument
from profiles.queries.talent import DOCUMENTS
from taxonomy import actions as taxonomy
from taxonomy.matching import with_skills, words_of
from taxonomy.queries import skills_in

#: Most skills that the words of a profile are searched for.
MENTIONS = 30
#: Net earnings, in minor units, from which more of them do not raise the quality any further.
MUCH_EARNED = 5_000_000
#: Ended contracts from which more of them do not raise the quality any further.
MANY_CONTRACTS = 20

#: What makes a profile good without looking at words, out of 1; the page "How ranking works" shows these numbers.
APPROVED, PHOTO, SPECIALITY, EARNED, ENDED = 0.4, 0.1, 0.1, 0.2, 0.2
QUALITY = f"""round(({APPROVED}
    + {PHOTO} * (profile.photo_id IS NOT NULL)::int
    + {SPECIALITY} * (EXISTS (SELECT FROM profiles_profile_specialities WHERE profile_id = profile.id))::int
    + {EARNED} * least(ln(1 + greatest(coalesce(facts.earned, 0), 0)) / ln({MUCH_EARNED}), 1)
    + {ENDED} * least(coalesce(facts.contracts_ended, 0) / {MANY_CONTRACTS}.0, 1))::numeric, 2)"""

#: Every column of a document and where it comes from. A new filter is a column here and in the model, or, where one
#: value keeps few profiles, a word in LEXEMES.
COLUMNS = {
    "quality": QUALITY,
    "visibility": "profile.visibility",
    "kind": "party.kind",
    "category_id": "profile.category_id",
    "level": "profile.level",
    "language": "profile.language",
    "country": "party.country",
    "rate": "profile.hourly_rate",
    "earned": "coalesce(facts.earned, 0)",
    "availability": "profile.availability",
    "available_until": "profile.available_until",
    "skills": "coalesce(skill.ids::int[], '{}')",
}
#: Arrays of words that no parser makes: chosen skills, mentioned skills, the country, the kind of the party.
LEXEMES = (
    "coalesce(skill.lexemes, '{}')",
    "%(mentions)s::text[]",
    "ARRAY['~o' || party.country, '~p' || party.kind]",
)

WRITE = f"""
INSERT INTO profiles_profiledocument (profile_id, {", ".join(COLUMNS)}, text)
SELECT profile.id, {", ".join(COLUMNS.values())},
       {words_of("profile.title", "profile.overview")}
       || array_to_tsvector({" || ".join(LEXEMES)})
FROM profiles_profile profile
JOIN accounts_party party ON party.id = profile.party_id
LEFT JOIN profiles_partyfacts facts ON facts.party_id = party.id
{with_skills("profiles_profile_skills", "profile_id", "profile.id")}
WHERE profile.id = %(profile)s
ON CONFLICT (profile_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS, "text"))}
"""  # noqa: S608  (the parts are written above; everything from outside is a parameter)


def is_searchable(profile: Profile) -> bool:
    """Test whether search may show a profile: approved, not private, of an open party, and with all that is needed."""
    return (
        profile.status == Profile.Status.APPROVED
        and profile.visibility != Profile.Visibility.PRIVATE
        and profile.party.closed_at is None
        and profile.category_id is not None
        and profile.hourly_rate is not None
    )


def refresh_document(profile_id: int) -> None:
    """Write the search document of a public profile, and delete that of any other, inside the caller's transaction.

    Weights: title A, names and synonyms of its skills in both languages B, overview D. `~k17` stands for a skill that
    was chosen, `~m17` for one that the words mention, `~oFR` for a country, `~pagency` for an agency: no parser makes
    a `~`.
    """
    profile: Profile = Profile.objects.select_related("party").get(pk=profile_id)
    if not is_searchable(profile):
        ProfileDocument.objects.filter(profile_id=profile_id).delete()
        return
    mentioned = skills_in(f"{profile.title} {profile.overview}", limit=MENTIONS)
    values: dict[str, Any] = {
        "profile": profile_id,
        "configuration": f"{profile.language}_u",
        "mentions": [f"~m{skill.pk}" for skill in mentioned],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


def refresh_document_of_party(party_id: int) -> None:
    """Write the search document of the party's profile anew, if it has a profile."""
    profile_id = Profile.objects.filter(party_id=party_id).values_list("pk", flat=True).first()
    if profile_id is not None:
        refresh_document(profile_id)


def write_missing_documents(*, at: datetime) -> int:
    """Write the documents of public profiles that have none, as after an upgrade; some at a time."""
    missing = Profile.objects.approved().filter(document=None, category__isnull=False, hourly_rate__isnull=False)
    missing = missing.exclude(visibility=Profile.Visibility.PRIVATE)
    ids = list(missing.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for profile_id in ids:
        with transaction.atomic():
            refresh_document(profile_id)
    return len(ids)


def renew_head(*, at: datetime) -> int:
    """Make the index of the best profiles of a large table anew where it has drifted; return 0 or 1."""
    return taxonomy.renew_head(DOCUMENTS)
