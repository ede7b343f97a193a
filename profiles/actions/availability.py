"""When a freelancer can begin: "available now", which lapses unless confirmed, and vacation, which ends by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError
from core.product import rules
from core.sweeps import for_each
from profiles.actions.documents import refresh_document
from profiles.actions.rows import lock_own, tell
from profiles.models import Profile

#: The longest vacation.
LONGEST_VACATION = timedelta(days=366)


class NotAvailable(DomainError):
    """Who says that they are away, or on vacation, is not available now."""


class VacationNotPossible(DomainError):
    """A vacation ends today or later, and within a year."""


@transaction.atomic
def confirm_available_now(*, profile_id: int, by: Actor, at: datetime) -> Profile:
    """Say that work can begin at once, or say so again; it lapses after `available_now_days` without a word.

    The profile keeps its state. Event: profiles.available_now_confirmed.

    Raises NotAllowed unless `by` may write for its party, NotAvailable while the profile says away or vacation.
    """
    profile = lock_own(profile_id, by)
    if profile.vacation_until is not None:
        raise NotAvailable(_("You are on vacation. End it first."))
    if profile.availability == Profile.Availability.AWAY:
        raise NotAvailable(_("Your profile says that you are not available for now. Change that first."))
    profile.available_until, profile.available_reminded_at = at + timedelta(days=rules().available_now_days), None
    return _keep(profile, "available_now_confirmed", by, at, until=profile.available_until)


@transaction.atomic
def stop_available_now(*, profile_id: int, by: Actor, at: datetime) -> Profile:
    """Take "available now" back; once more changes nothing. Event: profiles.available_now_stopped.

    Raises NotAllowed unless `by` may write for its party.
    """
    profile = lock_own(profile_id, by)
    if profile.available_until is None:
        return profile
    profile.available_until = profile.available_reminded_at = None
    return _keep(profile, "available_now_stopped", by, at)


@transaction.atomic
def start_vacation(*, profile_id: int, until: date, by: Actor, at: datetime) -> Profile:
    """Say until which day, that one included, nobody should wait for an answer; "available now" ends with it.

    The profile keeps its state and stays in searches. Event: profiles.vacation_started.

    Raises NotAllowed unless `by` may write for its party, VacationNotPossible for a day that has passed or is too far.
    """
    profile = lock_own(profile_id, by)
    if not at.date() <= until <= at.date() + LONGEST_VACATION:
        raise VacationNotPossible(_("Choose a day from today on, within a year."))
    profile.vacation_until = until
    profile.available_until = profile.available_reminded_at = None
    return _keep(profile, "vacation_started", by, at, until=until)


@transaction.atomic
def end_vacation(*, profile_id: int, by: Actor, at: datetime) -> Profile:
    """Be back before the day that was named; once more changes nothing. Event: profiles.vacation_ended.

    Raises NotAllowed unless `by` may write for its party.
    """
    profile = lock_own(profile_id, by)
    return _be_back(profile, by, at) if profile.vacation_until is not None else profile


def lapse_available_now(*, at: datetime) -> int:
    """End each "available now" that nobody confirmed in time; return how many. Event: profiles.available_now_lapsed."""
    return for_each(Profile.objects.filter(available_until__lte=at), lambda pk: _lapse(pk, at))


def remind_of_available_now(*, at: datetime) -> int:
    """Remind each freelancer once, shortly before it lapses; return how many. Event: profiles.available_now_lapsing."""
    soon = at + timedelta(hours=rules().available_now_reminder_hours)
    rows = Profile.objects.filter(available_until__lte=soon, available_until__gt=at, available_reminded_at=None)
    return for_each(rows, lambda pk: _remind(pk, at))


def end_vacations(*, at: datetime) -> int:
    """End each vacation whose last day has passed; return how many. Event: profiles.vacation_ended."""
    return for_each(Profile.objects.filter(vacation_until__lt=at.date()), lambda pk: _end(pk, at))


@transaction.atomic
def _lapse(profile_id: int, at: datetime) -> int:
    profile = Profile.objects.locked(profile_id)
    if profile.available_until is None or profile.available_until > at:
        return 0
    profile.available_until = profile.available_reminded_at = None
    _keep(profile, "available_now_lapsed", Actor.system(), at)
    return 1


@transaction.atomic
def _remind(profile_id: int, at: datetime) -> int:
    profile = Profile.objects.locked(profile_id)
    until = profile.available_until
    soon = at + timedelta(hours=rules().available_now_reminder_hours)
    if until is None or not at < until <= soon or profile.available_reminded_at is not None:
        return 0
    profile.available_reminded_at = at
    profile.save(update_fields=["available_reminded_at"])
    tell("profiles.available_now_lapsing", profile, Actor.system(), at)
    return 1


@transaction.atomic
def _end(profile_id: int, at: datetime) -> int:
    profile = Profile.objects.locked(profile_id)
    if profile.vacation_until is None or profile.vacation_until >= at.date():
        return 0
    _be_back(profile, Actor.system(), at)
    return 1


def _be_back(profile: Profile, by: Actor, at: datetime) -> Profile:
    profile.vacation_until = None
    return _keep(profile, "vacation_ended", by, at)


def _keep(profile: Profile, event: str, by: Actor, at: datetime, **data: date) -> Profile:
    profile.save(update_fields=["available_until", "available_reminded_at", "vacation_until"])
    refresh_document(profile.pk)
    tell(f"profiles.{event}", profile, by, at, **data)
    return profile
