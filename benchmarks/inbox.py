"""Statements and processor time of the client's inbox with 2,000 proposals on one job: `python -m benchmarks.inbox`."""

from __future__ import annotations

from benchmarks.world import session_of, signed_in, use_database  # isort: skip  (names the servers to use)

import random
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from django.conf import settings
from django.db import connection

from accounts.models import Membership, Party, User
from accounts.tests.cast import make_client
from benchmarks.figures import report, tell
from benchmarks.pages import MEASURED, ROUNDS, WARM, floor, page, spent, statements_of
from benchmarks.server import Server
from benchmarks.world import WORDS
from core.clock import now
from jobs.models import Job
from profiles.models import PartyFacts, Profile
from proposals.letters import runs_of
from proposals.models import LetterPrint, Proposal
from proposals.tests.cast import make_job
from taxonomy.models import Skill

PROPOSALS = 2_000
#: What a client opens: the inbox as it comes, another order, and a search with filters.
VIEWS = {
    "best": "",
    "newest": "?sort=newest",
    "found": "?q=ferry&language=en&level=expert&price_max=1000",
}


def fill(job: Job) -> None:
    """Give the job its proposals, each by a freelancer with a profile, ten skills and a history."""
    dice, at = random.Random(20261126), now()
    skills = list(Skill.objects.order_by("pk").values_list("pk", flat=True))
    wanted = list(job.skills.values_list("pk", flat=True))
    names = [f"Bidder{number}" for number in range(PROPOSALS)]
    users = User.objects.bulk_create(
        User(email=f"{name.lower()}@example.com", first_name=name, last_name="Martin", created_at=at) for name in names
    )
    parties = Party.objects.bulk_create(
        Party(kind=Party.Kind.FREELANCER, name=name, public_name=f"{name} M.", country=dice.choice(["FR", "DE", "BE"]),
              created_at=at, slug=name.lower())
        for name in names
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(user=user, party=party, role=Membership.Role.OWNER, created_at=at)
        for user, party in zip(users, parties, strict=True)
    )
    profiles = Profile.objects.bulk_create(
        Profile(party=party, slug=party.slug, status=Profile.Status.APPROVED, title="Django developer", currency="EUR",
                level=dice.choice(["entry", "intermediate", "expert"]), category=job.category, created_at=at,
                submitted_at=at, approved_at=at, availability=dice.choice(["full", "part", "as_needed"]))
        for party in parties
    )  # fmt: skip
    through = Profile.skills.through
    chosen = [(profile, {*dice.sample(skills, 10), *dice.sample(wanted, dice.randrange(len(wanted) + 1))})
              for profile in profiles]  # fmt: skip
    through.objects.bulk_create(
        [through(profile=profile, skill_id=pk) for profile, several in chosen for pk in several], batch_size=5_000
    )
    PartyFacts.objects.bulk_create(PartyFacts(party=party, contracts_ended=dice.randrange(9)) for party in parties)
    proposals = Proposal.objects.bulk_create(
        Proposal(job=job, party=party, author=user, amount=dice.randrange(50_000, 200_000), currency="EUR",
                 fee_version=1, letter=" ".join(dice.choices(WORDS, k=200)), language=dice.choice(["en", "fr"]),
                 answers=[" ".join(dice.choices(WORDS, k=40))], created_at=at - timedelta(minutes=number))
        for number, (user, party) in enumerate(zip(users, parties, strict=True))
    )  # fmt: skip
    LetterPrint.objects.bulk_create(
        LetterPrint(proposal=proposal, runs=sorted(runs_of(proposal.letter))) for proposal in proposals
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    """Fill a database, count the statements of each view and print the highest; tell what the processor spends."""
    use_database()
    alice = make_client("Alice", company_name="Brise Ferries")
    job = make_job(alice, questions=["What did you do that is like it?"])
    tell(f"making {PROPOSALS} proposals ...")
    fill(job)
    client = signed_in(alice)
    paths = {name: f"/jobs/{job.pk}/proposals/{query}" for name, query in VIEWS.items()}
    counted = {name: statements_of(client, path) for name, path in paths.items()}
    tell(f"statements: {counted}")
    report("sql_inbox_2000", max(counted.values()), "<=10")

    cookies = f"{settings.SESSION_COOKIE_NAME}={session_of(alice)}"
    works: dict[str, Callable[[Server], None]] = {name: page(path, cookies) for name, path in paths.items()}
    ratios: dict[str, list[float]] = {name: [] for name in works}
    milliseconds: dict[str, list[float]] = {name: [] for name in works}
    with Server("benchmarks.hello:application") as hello, Server("marketplace.asgi:application") as site:
        for _time in range(WARM):
            floor(hello)
        for work in works.values():
            work(site)
        for _round in range(ROUNDS):
            base = spent(hello, floor, MEASURED * 10) / 10
            for name, work in works.items():
                cost = spent(site, work, MEASURED)
                ratios[name].append(cost / base)
                milliseconds[name].append(1_000 * cost / MEASURED)
    for name in works:
        tell(f"inbox, {name}: {median(milliseconds[name]):.1f} ms of the web server, "
             f"{median(ratios[name]):.1f} times two bytes")  # fmt: skip


if __name__ == "__main__":
    main()
