"""The way to report something, for the pages of other apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from accounts.models import Party
from jobs.models import Job
from profiles.models import Profile

register = template.Library()


@register.inclusion_tag("trust/_report_link.html", takes_context=True)
def report_job_link(context: dict[str, Any], job: Job) -> dict[str, Any]:
    """Lead from a live job to its report; its own people and visitors have nothing to report."""
    url = reverse("trust:job", args=[job.pk]) if job.status in Job.LIVE else ""
    return _link(context, job.client_id, url)


@register.inclusion_tag("trust/_report_link.html", takes_context=True)
def report_profile_link(context: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """Lead from an approved profile to its report."""
    is_public = profile.status == Profile.Status.APPROVED
    return _link(context, profile.party_id, reverse("trust:profile", args=[profile.slug]) if is_public else "")


@register.inclusion_tag("trust/_report_link.html", takes_context=True)
def report_client_link(context: dict[str, Any], party: Party) -> dict[str, Any]:
    """Lead from a client's page to its report."""
    return _link(context, party.pk, reverse("trust:client", args=[party.slug]))


def _link(context: dict[str, Any], owner_id: int, url: str) -> dict[str, Any]:
    actor = context["request"].actor
    is_shown = bool(url) and actor.user_id is not None and actor.impersonator_id is None
    return {"url": url if is_shown and actor.party_id != owner_id else ""}
