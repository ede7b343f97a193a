"""What other pages show of a profile."""

from __future__ import annotations

from django import template
from django.urls import reverse

from profiles.models import Profile

register = template.Library()


@register.filter
def photo_url(profile: Profile | str | None) -> str:
    """Return the address of the small photo of a profile, for signed-in readers; empty where they may not read it."""
    if not isinstance(profile, Profile) or profile.status != Profile.Status.APPROVED or profile.photo_id is None:
        return ""
    if profile.visibility == Profile.Visibility.PRIVATE:
        return ""
    return reverse("files:image", kwargs={"file_id": profile.photo_id, "size": "small"})
