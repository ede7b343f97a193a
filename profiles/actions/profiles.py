"""Writing a profile and submitting it."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.machine import sources_of
from core.money import format_money
from core.product import rules
from events.actions import record
from files.actions import replace_files
from messaging.guard import check_texts
from profiles.actions.documents import refresh_document
from profiles.models import Profile
from profiles.permissions import can_edit_profile, can_have_profile
from profiles.queries import Completeness, completeness

PHOTO = "profiles.photo"
#: The lowest and the highest hourly rate that can be asked, in minor units.
LEAST_RATE, MOST_RATE = 100, 1_000_000
#: What a freelancer writes freely and visitors read.
GUARDED = ("title", "overview")
#: An address under /f/.
ADDRESS = re.compile(r"[a-z0-9_-]{3,60}")


class AddressTaken(DomainError):
    """An address under /f/ belongs to one profile."""


class AddressNotPossible(DomainError):
    """An address under /f/ is 3 to 60 letters without accents, digits and hyphens."""


class RateNotPossible(DomainError):
    """An hourly rate lies between what is worth a charge and what a typing mistake makes of it."""


class ProfileIncomplete(DomainError):
    """Staff review, and visitors see, only profiles that say what they need to know."""


class ProfileNotSubmittable(DomainError):
    """Only a draft, or a profile sent back, can be submitted."""


class TooManySkills(DomainError):
    """A profile shows so many skills and specialities and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileTexts:
    """What a freelancer writes on the profile; an empty value leaves its section empty. The rate is in minor units."""

    title: str = ""
    overview: str = ""
    language: str = "en"
    category_id: int | None = None
    speciality_ids: Sequence[int] = ()
    skill_ids: Sequence[int] = ()
    level: str = ""
    hourly_rate: int | None = None


@transaction.atomic
def create_profile(*, party_id: int, by: Actor, at: datetime) -> Profile:
    """Start the profile of a freelancer party; nobody else sees it. One that exists is returned as it is.

    To: draft. Event: profiles.profile_created.

    Raises NotAllowed unless `by` is its owner or administrator.
    """
    party = Party.objects.locked(party_id)
    if not (can_have_profile(by) and by.acts_for(party_id)):
        raise NotAllowed(_("Only a freelancer account has a profile."))
    known: Profile | None = Profile.objects.filter(party_id=party_id).first()
    if known:
        return known
    is_taken = Profile.objects.filter(slug=party.slug).exists()
    profile: Profile = Profile.objects.create(
        party=party,
        slug=f"{party.slug[:50]}-{secrets.token_hex(3)}" if is_taken else party.slug,
        currency=rules().currency,
        created_at=at,
    )
    _tell("profiles.profile_created", profile, by, at)
    return profile


@transaction.atomic
def save_profile(*, profile_id: int, texts: ProfileTexts, by: Actor, at: datetime) -> Profile:
    """Keep what was written, complete or not. An approved profile stays approved, and public with what is new.

    From, to: any state, unchanged. The version rises, so that staff never approve what they did not read.
    Event: profiles.profile_saved, with the names of the changed parts.

    Raises NotAllowed unless `by` may write for its party, TooManySkills, RateNotPossible, LeadsAway for contact data in
    what was changed, ProfileIncomplete when an approved profile would lose something that visitors need.
    """
    profile = _own(profile_id, by)
    _check_number(texts)
    _check_rate(texts.hourly_rate)
    plain = ("title", "overview", "language", "category_id", "level", "hourly_rate")
    changed = [name for name in plain if getattr(profile, name) != getattr(texts, name)]
    check_texts({name: getattr(texts, name) for name in GUARDED if name in changed})
    for name in changed:
        setattr(profile, name, getattr(texts, name))
    for name, wanted in (("specialities", texts.speciality_ids), ("skills", texts.skill_ids)):
        kept = getattr(profile, name)
        if set(kept.values_list("pk", flat=True)) != set(wanted):
            kept.set(wanted)
            changed.append(name)
    return _changed(profile, changed, by, at)


@transaction.atomic
def set_profile_photo(*, profile_id: int, file_id: uuid.UUID | None, by: Actor, at: datetime) -> Profile:
    """Put a stored picture on a profile in place of the one there is, or take that off.

    From, to: any state, unchanged. Event: profiles.profile_saved.

    Raises NotAllowed unless `by` may write for its party, FileGone if the upload is not there any more.
    """
    profile = _own(profile_id, by)
    if profile.photo_id == file_id:
        return profile
    replace_files(file_ids=[file_id] if file_id else [], kind=PHOTO, ref=profile.pk, by=by, at=at)
    profile.photo_id = file_id
    return _changed(profile, ["photo"], by, at)


@transaction.atomic
def change_profile_address(*, profile_id: int, slug: str, by: Actor, at: datetime) -> Profile:
    """Give a profile another address under /f/; the old one answers 404 from then on.

    From, to: any state, unchanged. Event: profiles.profile_saved.

    Raises NotAllowed unless `by` may write for its party, AddressNotPossible, AddressTaken.
    """
    profile = _own(profile_id, by)
    if profile.slug == slug:
        return profile
    if not ADDRESS.fullmatch(slug):
        raise AddressNotPossible(_("Use letters without accents, digits and hyphens."))
    profile.slug = slug
    try:
        with transaction.atomic():
            profile.save(update_fields=["slug"])
    except IntegrityError as error:
        raise AddressTaken(_("This address is taken. Choose another one.")) from error
    return _changed(profile, ["slug"], by, at)


@transaction.atomic
def submit_profile(*, profile_id: int, by: Actor, at: datetime) -> Profile:
    """Ask staff to make the profile public.

    From: draft, changes requested. To: submitted. Event: profiles.profile_submitted.

    Raises NotAllowed unless `by` may write for its party, ProfileNotSubmittable in any other state (a second
    submission included), ProfileIncomplete when something that staff need is missing, LeadsAway for contact data.
    """
    profile = _own(profile_id, by)
    if profile.status not in sources_of(Profile.TRANSITIONS, "submit_profile"):
        raise ProfileNotSubmittable(
            _("Your profile is in review already.")
            if profile.status == Profile.Status.SUBMITTED
            else _("Your profile is approved: what you save is public at once.")
        )
    _check(completeness(profile), _("Before you submit: %(steps)s."))
    check_texts({name: getattr(profile, name) for name in GUARDED})
    profile.status, profile.submitted_at = Profile.Status.SUBMITTED, at
    profile.save(update_fields=["status", "submitted_at"])
    _tell("profiles.profile_submitted", profile, by, at)
    return profile


def _own(profile_id: int, by: Actor) -> Profile:
    profile: Profile = Profile.objects.locked(profile_id)
    if not can_edit_profile(by, profile):
        raise NotAllowed(_("Only the freelancer may change this profile."))
    return profile


def _changed(profile: Profile, parts: list[str], by: Actor, at: datetime) -> Profile:
    """Raise the version for these new parts and record them; a public profile must stay one worth reading."""
    if not parts:
        return profile
    profile.version += 1
    profile.save()
    if profile.status == Profile.Status.APPROVED:
        _check(completeness(profile), _("Your profile is public, so this cannot be left empty: %(steps)s."))
        refresh_document(profile.pk)
    _tell("profiles.profile_saved", profile, by, at, changed=parts, status=profile.status)
    return profile


def _check_number(texts: ProfileTexts) -> None:
    most = rules().skills_maximum
    if len(set(texts.skill_ids)) > most:
        raise TooManySkills(
            ngettext("Name %(most)s skill at most.", "Name %(most)s skills at most.", most) % {"most": most}
        )
    most = rules().specialities_maximum
    if len(set(texts.speciality_ids)) > most:
        raise TooManySkills(
            ngettext("Choose %(most)s speciality at most.", "Choose %(most)s specialities at most.", most)
            % {"most": most}
        )


def _check_rate(rate: int | None) -> None:
    if rate is not None and not LEAST_RATE <= rate <= MOST_RATE:
        currency = rules().currency
        raise RateNotPossible(
            _("Enter a rate from %(least)s to %(most)s.")
            % {"least": format_money(LEAST_RATE, currency), "most": format_money(MOST_RATE, currency)}
        )


def _check(found: Completeness, sentence: str) -> None:
    needed = [str(step.words) for step in found.left if step.is_needed]
    if needed:
        raise ProfileIncomplete(sentence % {"steps": ", ".join(each[0].lower() + each[1:] for each in needed)})


def _tell(kind: str, profile: Profile, by: Actor, at: datetime, **data: Any) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"profile:{profile.pk}",
        scope=f"party:{profile.party_id}",
        at=at,
        version=profile.version,
        **data,
    )
