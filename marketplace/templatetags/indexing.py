"""What a public page tells machines about itself: its one address, a preview, and its facts as data."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.models import Party
from jobs.models import Job
from jobs.queries import SkillShown
from marketplace import indexing
from profiles.models import Profile

register = template.Library()


@register.inclusion_tag("marketplace/_indexed.html", takes_context=True)
def indexed(context: Context, title: str, description: str = "", image: str = "") -> dict[str, Any]:
    """Give visitors' programs the page's address in each language and a preview; people signed in need neither."""
    request = context.get("request")
    shell = context.get("shell")
    if request is None or shell is None or shell.is_signed_in:
        return {"is_shown": False}
    address, languages = indexing.addresses(request)
    return {
        "is_shown": True,
        "address": address,
        "languages": languages,
        "title": title,
        "description": indexing.shortened(description),
        "image": indexing.absolute(image) if image else "",
        "brand": context.get("brand", ""),
        "locale": indexing.locale_of(get_language() or "en"),
    }


@register.simple_tag(takes_context=True)
def job_data(context: Context, job: Job, skills: list[SkillShown]) -> SafeString | str:
    """Return an open job as data, for visitors' programs."""
    if context["shell"].is_signed_in or job.status != Job.Status.OPEN or job.visibility != Job.Visibility.PUBLIC:
        return ""
    return indexing.as_data(indexing.job_posting(job, skills))


@register.simple_tag(takes_context=True)
def profile_data(context: Context, profile: Profile) -> SafeString | str:
    """Return an approved profile as data, for visitors' programs."""
    if context["shell"].is_signed_in or profile.status != Profile.Status.APPROVED:
        return ""
    return indexing.as_data(indexing.profile_page(profile, image_of(profile)))


@register.simple_tag(takes_context=True)
def client_data(context: Context, party: Party) -> SafeString | str:
    """Return a client as data, for visitors' programs."""
    return "" if context["shell"].is_signed_in else indexing.as_data(indexing.client_page(party))


@register.filter
def image_of(profile: Profile) -> str:
    """Return the path of a profile's photo; empty without one."""
    return reverse("files:image", args=[profile.photo_id, "large"]) if profile.photo_id else ""
