"""The row of a profile as its verbs take it, and what they all do once something on it has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from profiles.actions.documents import refresh_document
from profiles.models import Profile
from profiles.permissions import can_edit_profile
from profiles.queries import Completeness, completeness


class ProfileIncomplete(DomainError):
    """Staff review, and visitors see, only profiles that say what they need to know."""


def lock_own(profile_id: int, by: Actor) -> Profile:
    """Return the profile, locked. Raises NotAllowed unless `by` may write for its party."""
    profile: Profile = Profile.objects.locked(profile_id)
    if not can_edit_profile(by, profile):
        raise NotAllowed(_("Only the freelancer may change this profile."))
    return profile


def note_changes(profile: Profile, parts: list[str], by: Actor, at: datetime) -> Profile:
    """Raise the version for these new parts and record them; a public profile must stay one worth reading."""
    if not parts:
        return profile
    profile.version += 1
    profile.save()
    if profile.status == Profile.Status.APPROVED:
        check_complete(completeness(profile), _("Your profile is public, so this cannot be left empty: %(steps)s."))
        refresh_document(profile.pk)
    tell("profiles.profile_saved", profile, by, at, changed=parts, status=profile.status)
    return profile


def check_complete(found: Completeness, sentence: str) -> None:
    """Raise ProfileIncomplete, with this sentence around what is missing, unless nothing that staff need is."""
    needed = [str(step.words) for step in found.left if step.is_needed]
    if needed:
        raise ProfileIncomplete(sentence % {"steps": ", ".join(each[0].lower() + each[1:] for each in needed)})


def tell(kind: str, profile: Profile, by: Actor, at: datetime, **data: Any) -> None:
    """Record what happened to a profile."""
    record(
        kind=kind,
        actor=by,
        subject=f"profile:{profile.pk}",
        scope=f"party:{profile.party_id}",
        at=at,
        version=profile.version,
        **data,
    )
