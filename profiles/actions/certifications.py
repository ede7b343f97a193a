"""What staff find about a certificate."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.machine import sources_of
from events.actions import record
from profiles.models import Certification, Profile
from profiles.permissions import can_review_profile


class CertificationNotWaiting(DomainError):
    """Only a claimed certification waits for a decision; a checked one can still be refused."""


class CertificationChanged(DomainError):
    """A decision is about what was read."""


class ReasonMissing(DomainError):
    """A decision about what somebody claims says what it rests on."""


@transaction.atomic
def check_certification(
    *, certification_id: int, seen_version: int, reason: str, by: Actor, at: datetime
) -> Certification:
    """Say that the proof bears out what is claimed; the public profile says "checked" with the day.

    From: claimed. To: checked. Event: profiles.certification_checked.

    Raises NotAllowed unless `by` is a moderator of another party, CertificationNotWaiting in any other state (a second
    check included), CertificationChanged if it was written anew since `seen_version`, ReasonMissing.
    """
    found = _lock(certification_id, by)
    _check(found, "check_certification", seen_version, reason)
    found.status = Certification.Status.CHECKED
    return _decide(found, reason, by, at)


@transaction.atomic
def refuse_certification(
    *, certification_id: int, seen_version: int, reason: str, by: Actor, at: datetime
) -> Certification:
    """Say that the proof does not bear out what is claimed; visitors do not see it, its freelancer reads the reason.

    From: claimed, checked. To: refused. Event: profiles.certification_refused.

    Raises what `check_certification` raises.
    """
    found = _lock(certification_id, by)
    _check(found, "refuse_certification", seen_version, reason)
    found.status, found.reason = Certification.Status.REFUSED, reason.strip()
    return _decide(found, reason, by, at)


def _lock(certification_id: int, by: Actor) -> Certification:
    profile_id = Certification.objects.values_list("profile_id", flat=True).get(pk=certification_id)
    profile = Profile.objects.locked(profile_id)
    found: Certification = Certification.objects.locked(certification_id)
    found.profile = profile
    if not can_review_profile(by, profile):
        raise NotAllowed(_("Only moderators may decide about certificates, and not about their own."))
    return found


def _check(found: Certification, verb: str, seen_version: int, reason: str) -> None:
    if found.status not in sources_of(Certification.TRANSITIONS, verb):
        raise CertificationNotWaiting(_("This certificate is not waiting for a decision."))
    if found.version != seen_version:
        raise CertificationChanged(
            _("The freelancer changed the certificate after you opened this page. Read it again.")
        )
    if not reason.strip():
        raise ReasonMissing(_("Say why in a sentence."))


def _decide(found: Certification, reason: str, by: Actor, at: datetime) -> Certification:
    found.decided_at, found.decided_by_id = at, by.person_id
    found.save(update_fields=["status", "reason", "decided_at", "decided_by"])
    record(
        kind=f"profiles.certification_{found.status}",
        actor=by,
        subject=f"certification:{found.pk}",
        scope=f"party:{found.profile.party_id}",
        at=at,
        reason=reason.strip(),
        version=found.version,
    )
    return found
