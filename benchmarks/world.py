"""Ten thousand open jobs and the people who look at them, made once with a fixed seed in a database of its own."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ["JALON_STACK"] = "bench"
os.environ["DEMO_CLOCK"] = "0"

import django

django.setup()

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from accounts.tests.cast import Person, make_client, sign_in
from benchmarks.database import make_database
from benchmarks.figures import tell
from contracts.models import Contract
from contracts.tests import cast
from core.clock import now
from jobs.actions import connects_cost, refresh_document
from jobs.models import Job, JobActivity
from marketplace.embedded import current
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals.actions import connects as connect_actions
from proposals.models import ConnectLot, Proposal
from proposals.tests.cast import bid, make_job
from taxonomy.models import Category, Skill

JOBS = 10_000
NAME = "app"
WORDS = [
    "checkout",
    "ferry",
    "booking",
    "passengers",
    "timetable",
    "library",
    "catalogue",
    "members",
    "readings",
    "turbine",
    "labels",
    "harbour",
    "kiosk",
    "translation",
    "glossary",
    "dashboard",
    "invoices",
    "accessibility",
    "prototype",
    "screens",
    "audit",
    "research",
    "migration",
    "import",
    "export",
    "payment",
    "mobile",
    "tablet",
    "printing",
    "archive",
    "photographs",
    "recipes",
    "orchard",
    "workshop",
    "ceramics",
    "museum",
    "tickets",
    "school",
    "meals",
]


@dataclass(frozen=True, slots=True)
class World:
    """Who looks, and at what."""

    freelancer: Person
    job: Job
    contract: Contract
    rare_category: str


def use_database() -> None:
    """Start the benchmark's own servers, with a database that holds nothing but tables and the taxonomy."""
    current().ensure()
    make_database(NAME)


def make_world() -> World:
    """Fill the database and return what the benchmarks ask for."""
    use_database()
    tell(f"making {JOBS} jobs ...")
    alice = make_client("Alice", company_name="Brise Ferries")
    bob = make_approved("Bob")
    cards.settle_all()
    _many_jobs(alice)
    _many_connects(bob)
    deal = cast.Deal(alice, bob, *_bid(alice, bob), cards.make_card(alice), now())
    contract = cast.sign(deal)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rare = Category.objects.order_by("-position").values_list("slug", flat=True)[0]
    job = Job.objects.filter(status=Job.Status.OPEN).latest("posted_at")
    return World(bob, job, contract, rare)


def _bid(alice: Person, bob: Person) -> tuple[Job, Proposal]:
    job = make_job(alice, title="The contract's job")
    return job, bid(bob, job)


def _many_jobs(alice: Person) -> None:
    assert alice.party is not None
    dice, at = random.Random(20261123), now()
    categories = list(Category.objects.order_by("position"))
    skills = list(Skill.objects.order_by("pk").values_list("pk", flat=True))
    rows = []
    for number in range(JOBS):
        posted = at - timedelta(minutes=number * 4)
        is_fixed = dice.random() < 0.6
        low = dice.randrange(1_500, 6_000)
        job = Job(
            client=alice.party,
            status=Job.Status.OPEN,
            title=" ".join(dice.sample(WORDS, 5)).capitalize(),
            description=" ".join(dice.choices(WORDS, k=60)).capitalize() + ".",
            language=dice.choice(("en", "en", "fr")),
            # The last category has one job, so that a list of one row can be asked for.
            category=categories[-1] if number == 0 else categories[dice.randrange(len(categories) - 1)],
            kind=Job.Kind.FIXED if is_fixed else Job.Kind.HOURLY,
            budget=dice.randrange(5_000, 900_000) if is_fixed else None,
            rate_low=None if is_fixed else low,
            rate_high=None if is_fixed else low + 1_500,
            currency="EUR",
            duration=dice.choice(Job.Duration.values),
            weekly_load=None if is_fixed else 20,
            level=dice.choice(("entry", "intermediate", "expert")),
            created_at=posted,
            submitted_at=posted,
            posted_at=posted,
            acted_at=posted,
            expires_at=at + timedelta(days=30),
        )
        job.connects_cost = connects_cost(job)
        rows.append(job)
    Job.objects.bulk_create(rows, batch_size=1000)
    JobActivity.objects.bulk_create([JobActivity(job=job, proposals=job.pk % 30) for job in rows], batch_size=2000)
    through = Job.skills.through
    through.objects.bulk_create(
        [through(job_id=job.pk, skill_id=pk) for job in rows for pk in dice.sample(skills, 4)], batch_size=5000
    )
    for start in range(0, JOBS, 500):
        with transaction.atomic():
            for job in rows[start : start + 500]:
                refresh_document(job.pk)


def _many_connects(bob: Person) -> None:
    assert bob.party is not None
    with transaction.atomic():
        connect_actions._add_lot(  # noqa: SLF001  (a purchase of more than the form sells)
            party_id=bob.party.pk, origin=ConnectLot.Origin.PURCHASE, key="purchase:bench", amount=50_000, at=now()
        )


def signed_in(person: Person) -> Client:
    """Return a test client with the person's session."""
    client = Client(SERVER_NAME="localhost")
    sign_in(client, person)
    return client


def session_of(person: Person) -> str:
    """Return the session key with which a browser is signed in as this person."""
    return str(signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value)
