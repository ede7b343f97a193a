"""Writing a profile and submitting it."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.machine import sources_of
from core.money import format_money
from core.product import rules
from files.actions import replace_files
from messaging.guard import check_texts
from profiles.actions.rows import check_complete, lock_own, note_changes, tell
from profiles.links import check_video
from profiles.models import OldAddress, Profile
from profiles.permissions import can_have_profile
from profiles.queries import completeness

PHOTO = "profiles.photo"
#: The lowest and the highest hourly rate that can be asked, in minor units.
LEAST_RATE, MOST_RATE = 100, 1_000_000
#: What a freelancer writes freely and visitors read.
GUARDED = ("title", "overview")
#: Words that no profile takes as its address: they would look like a page of the house.
RESERVED = frozenset(
    {
        "about",
        "add",
        "admin",
        "api",
        "edit",
        "help",
        "jalon",
        "jobs",
        "login",
        "me",
        "new",
        "null",
        "preview",
        "profile",
    }
    | {"search", "settings", "staff", "support", "undefined"}
)
#: An address under /f/.
ADDRESS = re.compile(r"[a-z0-9_-]{3,60}")


class AddressTaken(DomainError):
    """An address under /f/ belongs to one profile."""


class AddressNotPossible(DomainError):
    """An address under /f/ is 3 to 60 letters without accents, digits and hyphens, and no word of the house."""


class AvailabilityNotPossible(DomainError):
    """Only who is not available names the day until which, and both are chosen from what there is."""


class RateNotPossible(DomainError):
    """An hourly rate lies between what is worth a charge and what a typing mistake makes of it."""


class ProfileNotSubmittable(DomainError):
    """Only a draft, or a profile sent back, can be submitted."""


class TooManySkills(DomainError):
    """A profile shows so many skills and specialities and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileTexts:
    """What a freelancer writes on the profile; an empty value leaves its section empty. The rate is in minor units."""

    title: str = ""
    overview: str = ""
    video: str = ""
    language: str = "en"
    category_id: int | None = None
    speciality_ids: Sequence[int] = ()
    skill_ids: Sequence[int] = ()
    level: str = ""
    hourly_rate: int | None = None
    visibility: str = Profile.Visibility.PUBLIC
    availability: str = ""
    away_until: date | None = None


@transaction.atomic
def create_profile(*, party_id: int, by: Actor, at: datetime) -> Profile:
    """Start the profile of a freelancer or an agency; nobody else sees it. One that exists is returned as it is.

    To: draft. Event: profiles.profile_created.

    Raises NotAllowed unless `by` is its owner or administrator.
    """
    party = Party.objects.locked(party_id)
    if not (can_have_profile(by) and by.acts_for(party_id)):
        raise NotAllowed(_("Only a freelancer or an agency has a profile."))
    known: Profile | None = Profile.objects.filter(party_id=party_id).first()
    if known:
        return known
    is_taken = (
        party.slug in RESERVED
        or Profile.objects.filter(slug=party.slug).exists()
        or OldAddress.objects.filter(slug=party.slug).exists()
    )
    profile: Profile = Profile.objects.create(
        party=party,
        slug=f"{party.slug[:50]}-{secrets.token_hex(3)}" if is_taken else party.slug,
        currency=rules().currency,
        created_at=at,
    )
    tell("profiles.profile_created", profile, by, at)
    return profile


@transaction.atomic
def save_profile(*, profile_id: int, texts: ProfileTexts, by: Actor, at: datetime) -> Profile:
    """Keep what was written, complete or not. An approved profile stays approved, and public with what is new.

    Who is not available for now is not "available now" either.

    From, to: any state, unchanged. The version rises, so that staff never approve what they did not read.
    Event: profiles.profile_saved, with the names of the changed parts.

    Raises NotAllowed unless `by` may write for its party, TooManySkills, RateNotPossible, VideoNotPossible,
    AvailabilityNotPossible, LeadsAway for contact data in what was
    changed, ProfileIncomplete when an approved profile would lose something that visitors need.
    """
    profile = lock_own(profile_id, by)
    _check_number(texts)
    _check_rate(texts.hourly_rate)
    check_video(texts.video)
    _check_availability(texts)
    plain = (
        "title",
        "overview",
        "video",
        "language",
        "category_id",
        "level",
        "hourly_rate",
        "visibility",
        "availability",
        "away_until",
    )
    changed = [name for name in plain if getattr(profile, name) != getattr(texts, name)]
    check_texts({name: getattr(texts, name) for name in GUARDED if name in changed})
    for name in changed:
        setattr(profile, name, getattr(texts, name))
    if profile.availability == Profile.Availability.AWAY:
        profile.available_until = profile.available_reminded_at = None
    for name, wanted in (("specialities", texts.speciality_ids), ("skills", texts.skill_ids)):
        kept = getattr(profile, name)
        if set(kept.values_list("pk", flat=True)) != set(wanted):
            kept.set(wanted)
            changed.append(name)
    return note_changes(profile, changed, by, at)


@transaction.atomic
def set_profile_photo(*, profile_id: int, file_id: uuid.UUID | None, by: Actor, at: datetime) -> Profile:
    """Put a stored picture on a profile in place of the one there is, or take that off.

    From, to: any state, unchanged. Event: profiles.profile_saved.

    Raises NotAllowed unless `by` may write for its party, FileGone if the upload is not there any more.
    """
    profile = lock_own(profile_id, by)
    if profile.photo_id == file_id:
        return profile
    replace_files(file_ids=[file_id] if file_id else [], kind=PHOTO, ref=profile.pk, by=by, at=at)
    profile.photo_id = file_id
    return note_changes(profile, ["photo"], by, at)


@transaction.atomic
def change_profile_address(*, profile_id: int, slug: str, by: Actor, at: datetime) -> Profile:
    """Give a profile another address under /f/; the old one leads to it from then on.

    From, to: any state, unchanged. Event: profiles.profile_saved.

    Raises NotAllowed unless `by` may write for its party, AddressNotPossible, AddressTaken.
    """
    profile = lock_own(profile_id, by)
    if profile.slug == slug:
        return profile
    if not ADDRESS.fullmatch(slug):
        raise AddressNotPossible(_("Use letters without accents, digits and hyphens."))
    if slug in RESERVED:
        raise AddressNotPossible(_("This word is reserved. Choose another one."))
    if OldAddress.objects.filter(slug=slug).exclude(profile=profile).exists():
        raise AddressTaken(_("This address is taken. Choose another one."))
    old, profile.slug = profile.slug, slug
    try:
        with transaction.atomic():
            profile.save(update_fields=["slug"])
    except IntegrityError as error:
        raise AddressTaken(_("This address is taken. Choose another one.")) from error
    OldAddress.objects.filter(slug=slug).delete()
    OldAddress.objects.create(slug=old, profile=profile, left_at=at)
    return note_changes(profile, ["slug"], by, at)


@transaction.atomic
def submit_profile(*, profile_id: int, by: Actor, at: datetime) -> Profile:
    """Ask staff to make the profile public.

    From: draft, changes requested. To: submitted. Event: profiles.profile_submitted.

    Raises NotAllowed unless `by` may write for its party, ProfileNotSubmittable in any other state (a second
    submission included), ProfileIncomplete when something that staff need is missing, LeadsAway for contact data.
    """
    profile = lock_own(profile_id, by)
    if profile.status not in sources_of(Profile.TRANSITIONS, "submit_profile"):
        raise ProfileNotSubmittable(
            _("Your profile is in review already.")
            if profile.status == Profile.Status.SUBMITTED
            else _("Your profile is approved: what you save is public at once.")
        )
    check_complete(completeness(profile), _("Before you submit: %(steps)s."))
    check_texts({name: getattr(profile, name) for name in GUARDED})
    profile.status, profile.submitted_at = Profile.Status.SUBMITTED, at
    profile.save(update_fields=["status", "submitted_at"])
    tell("profiles.profile_submitted", profile, by, at)
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


def _check_availability(texts: ProfileTexts) -> None:
    if (
        texts.visibility not in Profile.Visibility.values
        or texts.availability not in {"", *Profile.Availability.values}
        or (texts.away_until and texts.availability != Profile.Availability.AWAY)
    ):
        raise AvailabilityNotPossible(_("Name a day only if you are not available for now."))


def _check_rate(rate: int | None) -> None:
    if rate is not None and not LEAST_RATE <= rate <= MOST_RATE:
        currency = rules().currency
        raise RateNotPossible(
            _("Enter a rate from %(least)s to %(most)s.")
            % {"least": format_money(LEAST_RATE, currency), "most": format_money(MOST_RATE, currency)}
        )
