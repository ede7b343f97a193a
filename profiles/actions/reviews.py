"""What staff decide about profiles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.machine import sources_of
from events.actions import record
from profiles.actions.documents import refresh_document
from profiles.models import Profile, ProfileReview
from profiles.permissions import can_review_profile


class ProfileNotInReview(DomainError):
    """Only a submitted profile waits for a decision; an approved one can still be sent back."""


class ProfileChanged(DomainError):
    """A decision is about what was read."""


class PointsMissing(DomainError):
    """Who sends a profile back says which points must change."""


@transaction.atomic
def approve_profile(*, profile_id: int, seen_version: int, by: Actor, at: datetime) -> Profile:
    """Make a profile public; its freelancer may propose from now on.

    From: submitted. To: approved. Event: profiles.profile_approved.

    Raises NotAllowed unless `by` is a moderator of another party, ProfileNotInReview in any other state (a second
    approval included), ProfileChanged if the freelancer saved it again since `seen_version`.
    """
    profile = _in_review(profile_id, "approve_profile", seen_version, by)
    profile.status, profile.approved_at = Profile.Status.APPROVED, at
    profile.save(update_fields=["status", "approved_at"])
    refresh_document(profile.pk)
    ProfileReview.objects.create(profile=profile, is_approved=True, reviewer_id=by.person_id, created_at=at)
    record(
        kind="profiles.profile_approved",
        actor=by,
        subject=f"profile:{profile.pk}",
        scope=f"party:{profile.party_id}",
        at=at,
        version=profile.version,
    )
    return profile


@transaction.atomic
def request_profile_changes(
    *, profile_id: int, seen_version: int, points: Sequence[str], note: str, by: Actor, at: datetime
) -> Profile:
    """Send a profile back, naming the points that must change. An approved one is not public any more.

    From: submitted, approved. To: changes requested. Event: profiles.profile_changes_requested.

    Raises NotAllowed unless `by` is a moderator of another party, ProfileNotInReview in any other state,
    ProfileChanged if the freelancer saved it again since `seen_version`, PointsMissing without a known point.
    """
    profile = _in_review(profile_id, "request_profile_changes", seen_version, by)
    named = [point for point in ProfileReview.Point.values if point in points]
    if not named:
        raise PointsMissing(_("Choose the points that must change."))
    profile.status = Profile.Status.CHANGES_REQUESTED
    profile.save(update_fields=["status"])
    refresh_document(profile.pk)
    ProfileReview.objects.create(
        profile=profile, is_approved=False, points=named, note=note, reviewer_id=by.person_id, created_at=at
    )
    record(
        kind="profiles.profile_changes_requested",
        actor=by,
        subject=f"profile:{profile.pk}",
        scope=f"party:{profile.party_id}",
        at=at,
        reason=note,
        points=named,
        version=profile.version,
    )
    return profile


def _in_review(profile_id: int, verb: str, seen_version: int, by: Actor) -> Profile:
    profile: Profile = Profile.objects.locked(profile_id)
    if not can_review_profile(by, profile):
        raise NotAllowed(_("Only moderators may decide about profiles, and not about their own."))
    if profile.status not in sources_of(Profile.TRANSITIONS, verb):
        raise ProfileNotInReview(_("This profile is not waiting for a decision."))
    if profile.version != seen_version:
        raise ProfileChanged(_("The freelancer changed the profile after you opened this page. Read it again."))
    return profile
