"""What search engines read: one address a page, both languages, the facts as data, and nothing that is not public."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_client, make_freelancer, sign_in
from core.clock import now
from jobs.actions import close_job
from jobs.models import Job
from profiles.models import Profile
from profiles.tests.cast import make_approved, make_profile
from proposals.tests.cast import make_job

pytestmark = pytest.mark.django_db
SPACE = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def alice() -> Person:
    return make_client("Alice", company_name="Brise </script><b>Ferries")


@pytest.fixture
def job(alice: Person) -> Job:
    return make_job(alice, title="Labels for </script><script>alert(1)</script> ferries")


def read(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def data(page: str) -> list[dict[str, Any]]:
    """Return the facts of a page as a program reads them."""
    return [
        json.loads(block)
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    ]


def addresses(section: str) -> set[str]:
    tree = ET.fromstring(read(reverse("sitemap_section", args=[section])))
    return {str(found.text).removeprefix(settings.BASE_URL) for found in tree.findall("map:url/map:loc", SPACE)}


def test_the_map_names_what_is_public_in_both_languages_and_nothing_else(job: Job, alice: Person) -> None:
    hidden = make_job(alice, title="For people who are signed in")
    Job.objects.filter(pk=hidden.pk).update(visibility=Job.Visibility.SIGNED_IN)
    paused = make_job(alice, title="Paused")
    Job.objects.filter(pk=paused.pk).update(status=Job.Status.PAUSED)
    bob = make_approved("Bob")
    slug = Profile.objects.get(party=bob.party).slug
    assert addresses("jobs") == {f"/jobs/{job.pk}/", f"/fr/jobs/{job.pk}/"}
    assert addresses("profiles") == {f"/f/{slug}/", f"/fr/f/{slug}/"}
    pages = ("/", "/jobs/", "/talent/", "/ranking/", "/fees/", "/guides/profile/", "/guides/job-post/")
    assert addresses("pages") == {*pages, *(f"/fr{path}" for path in pages)}


def test_a_client_is_on_the_map_with_a_job_that_everybody_may_read(job: Job, alice: Person) -> None:
    assert alice.party is not None
    slug = alice.party.slug
    assert addresses("clients") == {f"/c/{slug}/", f"/fr/c/{slug}/"}
    page = read(f"/c/{slug}/")
    (facts,) = data(page)
    assert (facts["@type"], facts["name"]) == ("Organization", "Brise </script><b>Ferries")
    assert facts["url"] == f"{settings.BASE_URL}/c/{slug}/"
    assert f'<link rel="canonical" href="{settings.BASE_URL}/c/{slug}/">' in page
    assert "</script><b>" not in page
    Job.objects.filter(pk=job.pk).update(visibility=Job.Visibility.SIGNED_IN)
    assert addresses("clients") == set()


def test_a_profile_that_nobody_approved_is_on_no_map() -> None:
    make_profile(make_freelancer("Chloe"))
    assert addresses("profiles") == set()


def test_the_index_and_the_robots_lead_to_the_map(job: Job) -> None:
    index = ET.fromstring(read(reverse("sitemap")))
    files = {str(found.text) for found in index.findall("map:sitemap/map:loc", SPACE)}
    assert files == {f"http://testserver/sitemap-{name}.xml" for name in ("pages", "jobs", "profiles", "clients")}
    robots = read(reverse("robots"))
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in robots
    assert "Disallow: /admin/" in robots


def test_the_map_has_no_section_that_was_not_named() -> None:
    assert Client().get("/sitemap-users.xml").status_code == 404
    assert Client().get("/sitemap-jobs.xml?p=abc").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_a_page_has_one_address_and_names_the_other_language(job: Job, prefix: str) -> None:
    page = read(f"{prefix}/jobs/{job.pk}/?utm_source=mail")
    base = settings.BASE_URL
    assert f'<link rel="canonical" href="{base}{prefix}/jobs/{job.pk}/">' in page
    assert f'<link rel="alternate" hreflang="en" href="{base}/jobs/{job.pk}/">' in page
    assert f'<link rel="alternate" hreflang="fr" href="{base}/fr/jobs/{job.pk}/">' in page
    assert f'<link rel="alternate" hreflang="x-default" href="{base}/jobs/{job.pk}/">' in page
    assert '<meta property="og:title" content="Labels for &lt;/script&gt;' in page


def test_a_job_is_a_posting_and_no_text_ends_its_block(job: Job) -> None:
    page = read(f"/jobs/{job.pk}/")
    (facts,) = data(page)
    assert (facts["@type"], facts["title"]) == ("JobPosting", job.title)
    assert facts["hiringOrganization"]["name"] == job.client.public_name
    assert facts["validThrough"] == job.expires_at.isoformat() if job.expires_at else False
    assert "<script>alert" not in page
    assert job.description[:20] in facts["description"]


def test_who_is_signed_in_and_what_is_not_public_carry_no_data(job: Job, alice: Person, client: Client) -> None:
    sign_in(client, alice)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert data(page) == []
    assert "canonical" not in page
    close_job(job_id=job.pk, by=alice.actor, at=now())
    closed = read(f"/jobs/{job.pk}/")
    assert data(closed) == []
    assert '<meta name="robots" content="noindex">' in closed


def test_a_profile_is_a_person_by_the_name_that_everybody_sees() -> None:
    bob = make_approved("Bob")
    profile = Profile.objects.get(party=bob.party)
    (facts,) = data(read(f"/f/{profile.slug}/"))
    person = facts["mainEntity"]
    assert (facts["@type"], person["name"], person["jobTitle"]) == (
        "ProfilePage",
        profile.party.public_name,
        profile.title,
    )
    assert bob.user.last_name not in json.dumps(facts)
    assert bob.user.email not in json.dumps(facts)


@pytest.mark.parametrize("path", ["/", "/jobs/", "/talent/", "/ranking/", "/fees/"])
def test_the_pages_of_the_house_have_one_address(path: str) -> None:
    assert f'<link rel="canonical" href="{settings.BASE_URL}{path}">' in read(path)


def test_a_filtered_list_is_not_to_be_indexed(job: Job) -> None:
    page = read("/jobs/?q=labels")
    assert "canonical" not in page
    assert '<meta name="robots" content="noindex">' in page
