"""The risk rules: what each finds, in both languages, and what it does to a post."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, make_client, sign_in
from jobs.actions import edit_job, publish_job
from jobs.models import Job
from jobs.queries import kept_risks, price_quartiles, risks_in
from jobs.queries.risk import COMPARED_POSTS, RULES
from jobs.tests.posts import DESCRIPTION, complete_terms, draft_job, open_job, party_of, review_job

OTHER = (
    "We bottle juice from forty orchards and want the story of each told in a short text, with a photograph that shows "
    "the people who pick, press and drive."
)


def found(alice: Person, at: datetime, **changes: Any) -> dict[str, str]:
    return {risk.rule: risk.found for risk in risks_in(draft_job(alice, at=at, **changes), at=at)}


@pytest.mark.parametrize(
    ("words", "rule", "snippet"),
    [
        ("We will pay you each Friday via PayPal.", "outside_payment", "we will pay you each friday via paypal"),
        ("You will be paid weekly in crypto.", "outside_payment", "you will be paid weekly in crypto"),
        ("Let us deal with it outside the platform.", "outside_payment", "deal with it outside the platform"),
        ("Nous vous réglerons par Western Union.", "outside_payment", "nous vous reglerons par western union"),
        ("Le paiement se fera en espèces.", "outside_payment", "paiement se fera en especes"),
        ("On peut travailler hors de la plateforme.", "outside_payment", "travailler hors de la plateforme"),
        ("A training fee is needed first.", "asks_money", "training fee"),
        ("Please buy two gift cards for us.", "asks_money", "buy two gift cards"),
        ("Des frais d’inscription sont à régler.", "asks_money", "frais d'inscription"),
        ("Un dépôt de garantie est demandé.", "asks_money", "depot de garantie"),
        ("Begin with an unpaid test.", "free_work", "unpaid test"),
        ("The first article must be free.", "free_work", "first article must be free"),
        ("Un essai non rémunéré est prévu.", "free_work", "essai non remunere"),
        ("Vous travaillerez gratuitement au début.", "free_work", "travaillerez gratuitement"),
        ("Write to t.me/agent today.", "hidden_link", "t.me/agent"),
        ("See https://brise.example/brief for it.", "links", "https://brise.example/brief"),
    ],
)
def test_words_touch_the_rule_they_are_about_and_no_other(
    words: str, rule: str, snippet: str, alice: Person, at: datetime
) -> None:
    assert found(alice, at, description=f"{OTHER} {words}") == {rule: snippet}


@pytest.mark.parametrize(
    "words",
    [
        "Connect PayPal and Stripe to our checkout, and let customers pay by gift card.",
        "We offer a free trial to our users: write its page.",
        "Branchez PayPal et le virement sur notre boutique.",
        "Décrivez nos frais de port et nos dépôts.",
        "Our crypto wallet needs a new icon set; pay attention to contrast.",
    ],
)
def test_honest_words_touch_no_rule(words: str, alice: Person, at: datetime) -> None:
    assert found(alice, at, description=f"{OTHER} {words}") == {}


def test_a_price_is_compared_with_the_quartiles_of_its_category(alice: Person, marc: Person, at: datetime) -> None:
    chloe = make_client("Chloé", email="chloe@example.com", at=at)
    for budget in (10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000):
        open_job(chloe, moderator=marc, at=at, budget=budget, description=OTHER)
    category = Job.objects.first().category_id  # type: ignore[union-attr]
    asked: dict[str, Any] = {
        "category_id": category,
        "kind": "fixed",
        "currency": "EUR",
        "client_id": party_of(alice).pk,
        "at": at,
    }
    asked["at"] = at + timedelta(days=1)
    assert price_quartiles(**asked) is None
    open_job(chloe, moderator=marc, at=at, budget=80_000, description=OTHER)
    usual = price_quartiles(**asked)
    assert usual is not None
    assert (usual.number, usual.low, usual.middle, usual.high) == (8, 20_000, 40_000, 60_000)
    assert price_quartiles(**{**asked, "client_id": party_of(chloe).pk}) is None
    assert price_quartiles(**{**asked, "kind": "hourly"}) is None
    assert price_quartiles(**{**asked, "at": at + timedelta(days=366)}) is None
    later = at + timedelta(hours=1)
    for budget, rules in ((4_999, {"price_low"}), (5_000, set()), (240_000, set()), (240_001, {"price_high"})):
        assert set(found(alice, later, budget=budget)) == rules, budget


def test_a_copy_of_another_clients_post_is_found_and_ones_own_is_not(
    alice: Person, chloe: Person, marc: Person, at: datetime
) -> None:
    job = open_job(chloe, moderator=marc, at=at)
    assert found(alice, at) == {"copy": f"#{job.pk} {job.title}"}
    assert found(alice, at, description=DESCRIPTION.replace("phones", "tablets")) == {"copy": f"#{job.pk} {job.title}"}
    assert found(alice, at, description=OTHER) == {}
    assert found(chloe, at) == {}
    assert COMPARED_POSTS == 300


def test_the_rules_cost_two_statements(alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    with CaptureQueriesContext(connection) as seen:
        risks_in(job, at=at)
    assert len(seen.captured_queries) == 2


def test_a_later_post_that_weighs_enough_is_read_first(alice: Person, marc: Person, at: datetime) -> None:
    open_job(alice, moderator=marc, at=at)
    light = draft_job(alice, at=at, description=f"{OTHER} See https://brise.example/ for more.")
    assert publish_job(job_id=light.pk, by=alice.actor, at=at).status == "open"
    heavy = publish_job(
        job_id=draft_job(alice, at=at, description=f"{OTHER} Begin with an unpaid test.").pk, by=alice.actor, at=at
    )
    light.refresh_from_db()
    heavy.refresh_from_db()
    assert (light.risk_weight, light.risks) == (20, [{"rule": "links", "found": "https://brise.example/"}])
    assert (heavy.status, heavy.risk_weight, heavy.submitted_at) == ("in_review", 50, at)


def test_an_open_job_is_read_again_when_its_words_change(alice: Person, marc: Person, at: datetime) -> None:
    job = open_job(alice, moderator=marc, at=at)
    assert job.risk_weight == 0
    texts = complete_terms(description=f"{OTHER} Begin with an unpaid test.")
    job = edit_job(job_id=job.pk, texts=texts, by=alice.actor, at=at)
    assert (job.status, job.risk_weight) == ("open", 50)


def test_staff_see_each_rule_with_its_weight_and_reason_and_a_list_by_weight(
    client: Client, alice: Person, chloe: Person, marc: Person, at: datetime
) -> None:
    job = review_job(alice, at=at, description=f"{OTHER} Begin with an unpaid test, see https://brise.example/x now.")
    quiet = review_job(chloe, at=at, title="A quiet one")
    sign_in(client, marc)
    page = client.get(f"/admin/jobs/job/{job.pk}/change/").content.decode()
    for words in ("Asks for free work", "unpaid test", "a small first milestone pays them", "70 together."):
        assert words in page, words
    assert "No rule was touched." in client.get(f"/admin/jobs/job/{quiet.pk}/change/").content.decode()
    heavy = client.get("/admin/jobs/job/?risk=review").content.decode()
    assert job.title in heavy
    assert "A quiet one" not in heavy


def test_a_rule_that_is_no_more_is_left_out(alice: Person, at: datetime) -> None:
    job = review_job(alice, at=at)
    job.risks = [{"rule": "gone", "found": "x"}, {"rule": "links", "found": "y"}]
    assert [(risk.rule, risk.weight, risk.found) for risk in kept_risks(job)] == [("links", 20, "y")]
    assert set(RULES) == {
        *("outside_payment", "asks_money", "free_work", "hidden_link", "links", "price_low", "price_high", "copy"),
    }


def test_the_client_sees_until_when_the_job_is_read(client: Client, alice: Person, at: datetime) -> None:
    job = review_job(alice, at=at)
    sign_in(client, alice)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "We read it before others see it." in page
    assert 'datetime="2026-11-03T' in page
