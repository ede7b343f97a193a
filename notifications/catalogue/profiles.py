"""Notices of profiles: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from notifications.catalogue.shapes import Kind, Thing, path_of
from profiles.models import Certification, Profile, Testimonial


def _profile(pk: int) -> Thing:
    profile = Profile.objects.get(pk=pk)
    return Thing(None, profile.party_id, {}, path_of("profiles:edit"))


def _certification(pk: int) -> Thing:
    certification = Certification.objects.select_related("profile").get(pk=pk)
    return Thing(None, certification.profile.party_id, {"certificate": certification.heading}, path_of("profiles:edit"))


def _testimonial(pk: int) -> Thing:
    testimonial = Testimonial.objects.select_related("profile").get(pk=pk)
    return Thing(None, testimonial.profile.party_id, {"who": testimonial.name}, path_of("profiles:edit"))


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "profile": _profile,
    "certification": _certification,
    "testimonial": _testimonial,
}

KINDS: Mapping[str, Kind] = {
    "profiles.profile_approved": Kind(
        "freelancer", _("Your profile is approved"), _("It is public now, and you can send proposals.")
    ),
    "profiles.profile_changes_requested": Kind(
        "freelancer", _("Your profile needs some changes"), _("Open it to see which points, then submit it again.")
    ),
    # What stands on a profile
    "profiles.certification_checked": Kind(
        "freelancer",
        _("Your certificate “%(certificate)s” is checked"),
        _("Your profile says so, with the day."),
    ),
    "profiles.certification_refused": Kind(
        "freelancer",
        _("Your certificate “%(certificate)s” could not be confirmed"),
        _("Open your profile to read why. Change it, and it is checked again."),
    ),
    "profiles.testimonial_written": Kind(
        "freelancer",
        _("%(who)s wrote about your work"),
        _("Staff read it, then it stands on your profile."),
        is_mailed=False,
    ),
    "profiles.testimonial_declined": Kind(
        "freelancer", _("%(who)s does not want to write a testimonial"), is_mailed=False
    ),
    "profiles.testimonial_expired": Kind(
        "freelancer", _("%(who)s did not answer: the link has expired"), is_mailed=False
    ),
    "profiles.testimonial_published": Kind(
        "freelancer",
        _("What %(who)s wrote is on your profile"),
        _("You can hide it there at any time."),
    ),
    "profiles.testimonial_refused": Kind(
        "freelancer",
        _("What %(who)s wrote is not on your profile"),
        _("Open your profile to read why."),
    ),
    "profiles.available_now_lapsing": Kind(
        "freelancer",
        _("Are you still available now?"),
        _("Confirm it on your profile, or it lapses within a day."),
    ),
    "profiles.available_now_lapsed": Kind(
        "freelancer", _("You are not shown as available now any more"), is_mailed=False
    ),
    "profiles.vacation_ended": Kind(
        "freelancer",
        _("Your vacation has ended"),
        _("Say on your profile if you are available now."),
        is_mailed=False,
    ),
}
