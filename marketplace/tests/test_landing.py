"""The landing page: its own figures, the reader's language, no invented claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Party
from core.clock import now
from core.product import rules
from core.registers import SAMPLE_VAT_NUMBER
from jobs.models import Job
from marketplace.queries import categories_with_jobs, counts, fee_versions, quote
from payments.models import FeeSchedule
from taxonomy.models import Category

pytestmark = pytest.mark.django_db


@pytest.fixture
def design() -> Category:
    return Category.objects.create(
        slug="product-design-x", name_en="Ferry design", name_fr="Design de ferries", icon="palette"
    )


@pytest.fixture
def alice() -> Party:
    return Party.objects.create(
        kind="client", name="Alice Martin", public_name="Alice M.", slug="alice", country="FR", created_at=now()
    )


def open_job(party: Party, category: Category, **fields: object) -> Job:
    at = now()
    values = {
        "status": "open",
        "title": "Redesign a checkout",
        "currency": "EUR",
        "connects_cost": 1,
        "created_at": at,
        "posted_at": at,
        "expires_at": at + timedelta(days=30),
    }
    return Job.objects.create(client=party, category=category, **{**values, **fields})


def test_a_category_counts_the_open_jobs_that_everybody_may_see(alice: Party, design: Category) -> None:
    open_job(alice, design)
    open_job(alice, design, visibility="signed_in")
    open_job(alice, design, status="draft", posted_at=None, expires_at=None, connects_cost=None)
    found = {category.slug: category.jobs for category in categories_with_jobs()}
    assert found["product-design-x"] == 1
    assert counts().open_jobs == 1


def test_an_empty_installation_claims_nothing(client: Client) -> None:
    page = client.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "released here so far" not in page
    assert "open jobs right now" not in page
    assert (counts().open_jobs, counts().paid_milestones, counts().held_milestones) == (0, 0, 0)


def test_the_landing_page_shows_the_jobs_of_a_category(client: Client, alice: Party, design: Category) -> None:
    open_job(alice, design)
    page = client.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Ferry design</b><span>1 open job</span>" in page
    assert "<strong>1</strong> open job right now." in page


@pytest.mark.parametrize(
    ("accept", "cookie", "target"),
    [("fr-FR,fr;q=0.9,en;q=0.5", "", "/fr/"), ("en", "fr", "/fr/"), ("fr", "en", ""), ("de", "", ""), ("", "", "")],
)
def test_the_browser_or_the_last_choice_decides_the_language_of_the_bare_address(
    client: Client, accept: str, cookie: str, target: str
) -> None:
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    answer = client.get("/", HTTP_ACCEPT_LANGUAGE=accept)
    assert (answer.status_code, answer.headers.get("Location", "")) == ((302, target) if target else (200, ""))


def test_other_addresses_keep_their_language_whatever_the_browser_asks(client: Client) -> None:
    assert '<html lang="en"' in client.get("/fees/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert '<html lang="fr"' in client.get("/fr/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_landing_page_takes_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    client.get("/", HTTP_ACCEPT_LANGUAGE="en")
    with django_assert_max_num_queries(4):
        client.get("/", HTTP_ACCEPT_LANGUAGE="en")


def test_the_example_adds_up() -> None:
    fee = FeeSchedule(version=9, freelancer_bps=1000, client_bps=500, valid_from=now())
    example = quote(fee, 100_000)
    assert (example.client_pays, example.freelancer_gets) == (105_000, 90_000)
    assert (example.client_fee, example.freelancer_fee) == (5_000, 10_000)
    assert (example.charge.total, example.release.net) == (105_000, 90_000)  # no VAT without an operator's number


def test_the_example_shows_vat_where_the_operator_charges_it(client: Client, settings: Any) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    example = quote(FeeSchedule(version=9, freelancer_bps=1000, client_bps=500, valid_from=now()), 100_000)
    assert (example.charge.total, example.release.net) == (126_000, 108_000)
    page = client.get("/fees/").content.decode()
    assert "VAT, 20%" in page
    assert "€1,260.00" in page
    assert "€1,080.00" in page


def test_the_table_of_fees_starts_with_the_version_in_force_and_leaves_out_later_ones() -> None:
    at = now()
    FeeSchedule.objects.create(version=90, freelancer_bps=800, client_bps=300, valid_from=at)
    FeeSchedule.objects.create(version=91, freelancer_bps=700, client_bps=200, valid_from=at + timedelta(days=1))
    assert fee_versions(at)[0].version == 90
    assert 91 not in [fee.version for fee in fee_versions(at)]


def test_the_fees_page_counts_out_the_version_in_force(client: Client) -> None:
    FeeSchedule.objects.create(version=90, freelancer_bps=850, client_bps=300, valid_from=now())
    page = client.get("/fees/").content.decode()
    assert "Freelancer fee, 8.5%" in page
    assert "€1,030.00" in page
    assert "€915.00" in page


def test_the_fees_page_says_when_there_are_none(client: Client) -> None:
    FeeSchedule.objects.all().delete()
    assert "No fees are in force yet" in client.get("/fees/").content.decode()
    assert client.get("/").status_code == 200


def test_the_deadline_on_the_landing_page_is_the_one_of_the_product(client: Client) -> None:
    page = client.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert f"After {rules().review_days} days of silence it is approved." in page
