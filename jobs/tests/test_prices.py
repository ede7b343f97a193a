"""The budget helper: what similar jobs cost."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, sign_in
from contracts.tests.cast import make_deal, sign
from core.clock import now
from jobs.actions import record_hire
from jobs.models import Job, JobActivity
from jobs.queries import price_quartiles
from jobs.tests.posts import draft_job, open_job, party_of
from jobs.views.prices import chart_for

BUDGETS = (10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000)


@pytest.fixture
def posts(chloe: Person, marc: Person) -> list[Job]:
    """Return eight open jobs of Chloé, posted a moment ago."""
    return [open_job(chloe, moderator=marc, at=now(), budget=budget) for budget in BUDGETS]


def test_what_contracts_agreed_counts_before_what_was_named(alice: Person, posts: list[Job]) -> None:
    job = posts[-1]
    record_hire(job_id=job.pk, agreed=4_000, at=now())
    activity = JobActivity.objects.get(job=job)
    assert (activity.agreed, activity.agreed_hires) == (4_000, 1)
    usual = price_quartiles(
        category_id=job.category_id, kind="fixed", currency="EUR", client_id=party_of(alice).pk, at=now()
    )
    assert usual is not None
    assert (usual.number, usual.low, usual.middle, usual.high) == (8, 10_000, 30_000, 50_000)


def test_a_contract_writes_what_it_was_agreed_at(db: None) -> None:
    contract = sign(make_deal())
    activity = JobActivity.objects.get(job=contract.job_id)
    assert activity.agreed_hires == 1
    assert activity.agreed == sum(contract.milestones.values_list("amount", flat=True))


def test_the_chart_is_drawn_to_scale(alice: Person, posts: list[Job]) -> None:
    chart = chart_for(party_of(alice).pk, posts[0].category_id, "fixed")
    assert chart is not None
    assert (chart.low_at, chart.half_width, chart.middle_at) == (250, 500, 500)


def test_the_fragment_says_in_words_what_it_draws(client: Client, alice: Person, posts: list[Job]) -> None:
    sign_in(client, alice)
    with CaptureQueriesContext(connection) as seen:
        page = client.get("/jobs/prices/?category=product-design&kind=fixed").content.decode()
    assert sum("percentile_disc" in query["sql"] for query in seen.captured_queries) == 1
    assert "Half of 8 similar jobs of the last year cost €200 to €600; €400 is the middle." in page
    assert '<rect class="is-half" x="250" width="500" height="16"/>' in page
    assert "style=" not in page


def test_nothing_is_said_of_too_few_of_unknown_ones_and_of_ones_own(
    client: Client, alice: Person, chloe: Person, posts: list[Job]
) -> None:
    sign_in(client, alice)
    for query in ("category=product-design&kind=hourly", "category=nonsense", "", "category=translation&kind=fixed"):
        assert "Half of" not in client.get(f"/jobs/prices/?{query}").content.decode(), query
    sign_in(client, chloe)
    assert "Half of" not in client.get("/jobs/prices/?category=product-design&kind=fixed").content.decode()


def test_a_saved_draft_shows_it_without_scripts(client: Client, alice: Person, posts: list[Job], at: datetime) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, alice)
    assert "Half of 8 similar jobs" in client.get(f"/jobs/{job.pk}/edit/").content.decode()
    assert "Half of" not in client.get("/jobs/new/").content.decode()
