"""What search engines read: the map of the public pages, their one address, and the facts on them as data."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Party
from core.actor import Actor
from core.money import to_decimal
from core.product import rules
from core.text import markdown
from jobs.models import Job
from jobs.queries import SkillShown, clients_for, jobs_for
from profiles.models import Profile

#: Addresses in one file of the map; a file may have 50 000, and each of ours stands for two languages.
PAGE = 5_000
#: Characters of a description that others show.
LONGEST = 200
_UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def absolute(path: str) -> str:
    """Return the whole address of a path of this site."""
    return f"{settings.BASE_URL}{path}"


def addresses(request: HttpRequest) -> tuple[str, dict[str, str]]:
    """Return the one address of the page, without its parameters, and that of the page in each language."""
    path = request.path
    return absolute(path), {code: absolute(translate_url(path, code)) for code, _name in settings.LANGUAGES}


class _Map(Sitemap[Any]):
    i18n = True
    alternates = True
    x_default = True
    limit = PAGE
    protocol = urlsplit(settings.BASE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        """Return the host that the operator named, whatever the request says."""
        return urlsplit(settings.BASE_URL).netloc


class Pages(_Map):
    """The pages of the house; the filtered lists of jobs are many ways to the same posts, and are left out."""

    def items(self) -> list[str]:
        """Return the names of their addresses."""
        return ["home", "jobs:list", "profiles:talent", "ranking", "fees", "guide_profile", "guide_job"]

    def location(self, item: str) -> str:
        """Return the path of one."""
        return reverse(item)


class Jobs(_Map):
    """Open jobs that everybody may read, newest first."""

    def items(self) -> QuerySet[Job]:
        """Return them."""
        found = jobs_for(Actor.anonymous()).filter(status=Job.Status.OPEN)
        return found.order_by("-posted_at", "-pk").only("pk", "posted_at")

    def lastmod(self, item: Job) -> Any:
        """Return when it was posted."""
        return item.posted_at

    def location(self, item: Job) -> str:
        """Return its path."""
        return reverse("jobs:detail", args=[item.pk])


class Profiles(_Map):
    """Approved profiles."""

    def items(self) -> QuerySet[Profile]:
        """Return them."""
        found = Profile.objects.approved().filter(visibility=Profile.Visibility.PUBLIC)
        return found.order_by("pk").only("slug", "approved_at")

    def lastmod(self, item: Profile) -> Any:
        """Return when it was approved."""
        return item.approved_at

    def location(self, item: Profile) -> str:
        """Return its path."""
        return reverse("profiles:public", args=[item.slug])


class Clients(_Map):
    """Clients that published a job which everybody may read."""

    def items(self) -> QuerySet[Party]:
        """Return them."""
        return clients_for(Actor.anonymous()).order_by("pk").only("slug")

    def location(self, item: Party) -> str:
        """Return the path of one."""
        return reverse("jobs:client", args=[item.slug])


SITEMAPS: dict[str, type[Sitemap[Any]]] = {"pages": Pages, "jobs": Jobs, "profiles": Profiles, "clients": Clients}


def shortened(text: str) -> str:
    """Return the beginning of a text in one line, as previews show it."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def as_data(facts: dict[str, Any]) -> SafeString:
    """Return facts of schema.org as a block of a page; no text in it can end the block."""
    text = json.dumps({"@context": "https://schema.org", **facts}, ensure_ascii=False).translate(_UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  (its signs are escaped)


def job_posting(job: Job, skills: list[SkillShown]) -> dict[str, Any]:
    """Return an open job in the words of schema.org; freelancers work where they are, so it names no place of work."""
    facts: dict[str, Any] = {
        "@type": "JobPosting",
        "title": job.title,
        "description": str(markdown(job.description)),
        "identifier": {"@type": "PropertyValue", "name": rules().brand_name, "value": str(job.pk)},
        "url": absolute(reverse("jobs:detail", args=[job.pk])),
        "datePosted": job.posted_at.isoformat() if job.posted_at else "",
        "validThrough": job.expires_at.isoformat() if job.expires_at else "",
        "employmentType": "CONTRACTOR",
        "jobLocationType": "TELECOMMUTE",
        "directApply": True,
        "inLanguage": job.language,
        "skills": ", ".join(skill.name for skill in skills),
        "hiringOrganization": {
            "@type": "Organization",
            "name": job.client.public_name,
            "sameAs": absolute(reverse("jobs:client", args=[job.client.slug])),
        },
    }
    if job.category:
        facts["industry"] = job.category.name
    if job.rate_low and job.rate_high:
        low, high = (float(to_decimal(rate, job.currency)) for rate in (job.rate_low, job.rate_high))
        value = {"@type": "QuantitativeValue", "minValue": low, "maxValue": high, "unitText": "HOUR"}
        facts["baseSalary"] = {"@type": "MonetaryAmount", "currency": job.currency, "value": value}
    return facts


def profile_page(profile: Profile, image: str) -> dict[str, Any]:
    """Return an approved profile in the words of schema.org, by the name that everybody sees."""
    person: dict[str, Any] = {
        "@type": "Organization" if profile.is_agency else "Person",
        "name": profile.party.public_name,
        "slogan" if profile.is_agency else "jobTitle": profile.title,
        "description": shortened(profile.overview),
        "url": absolute(reverse("profiles:public", args=[profile.slug])),
        "knowsAbout": [skill.name for skill in profile.skills.all()],
        "address": {"@type": "PostalAddress", "addressCountry": str(profile.party.country)},
    }
    if image:
        person["logo" if profile.is_agency else "image"] = absolute(image)
    return {
        "@type": "ProfilePage",
        "dateCreated": profile.created_at.isoformat(),
        "inLanguage": profile.language,
        "mainEntity": person,
    }


def client_page(party: Party) -> dict[str, Any]:
    """Return a client in the words of schema.org, by the name that everybody sees."""
    facts: dict[str, Any] = {
        "@type": "Organization" if party.is_company else "Person",
        "name": party.public_name,
        "url": absolute(reverse("jobs:client", args=[party.slug])),
        "address": {"@type": "PostalAddress", "addressCountry": str(party.country)},
    }
    if party.place:
        facts["address"]["addressLocality"] = party.place
    if party.about:
        facts["description"] = shortened(party.about)
    return facts


def locale_of(language: str) -> str:
    """Return a language as previews name it, such as "fr_FR"."""
    return {"en": "en_GB", "fr": "fr_FR"}.get(language, translation.to_locale(language))
