"""How good the order of results is, against judged searches: `python -m benchmarks.relevance`.

A small marketplace and searches with graded results are in `benchmarks/search/`. Each search is asked of the product
and of a plain `ts_rank` over the same titles, skills and texts. Printed are means over the half that is never looked
at; `--show` prints the other half search by search, for tuning.
"""

from __future__ import annotations

import csv
import hashlib
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ.setdefault("JALON_STACK", "bench")
os.environ["DATABASE_POOL_SIZE"] = "0"

import django
from django.db import connection, transaction

from benchmarks.database import own_database
from benchmarks.figures import report, tell
from marketplace.embedded import current

DATABASE = "bench_relevance"
DATA = Path(__file__).parent / "search"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
#: How many results count, and the grade of a good one.
TOP, GOOD = 10, 2
WEIGHTS = "{0.1,0.1,0.4,1.0}"

Search = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A search with the grade of everything that it should find."""

    kind: str
    query: str
    grades: dict[str, int]

    @property
    def is_shown(self) -> bool:
        """Test whether the search is of the half that may be looked at."""
        return int(hashlib.sha256(f"{self.kind}:{self.query}".encode()).hexdigest()[-1], 16) % 2 == 1


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one file."""
    with (DATA / f"{name}.psv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="|"))


def judged() -> list[Judged]:
    """Return every judged search."""
    found = []
    for row in rows("judged"):
        pairs = (each.split(":") for each in row["judgements"].split())
        found.append(Judged(row["kind"], row["query"], {name: int(grade) for name, grade in pairs}))
    return found


def ndcg(results: list[str], grades: dict[str, int]) -> float:
    """Return nDCG@10 with gains of 2^grade - 1."""
    best = sorted(grades.values(), reverse=True)[:TOP]
    return _gain([grades.get(each, 0) for each in results[:TOP]]) / _gain(best)


def _gain(grades: list[int]) -> float:
    return sum((math.pow(2, grade) - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def fill_jobs() -> dict[int, str]:
    """Open every job of the corpus, at most sixty days ago, and return their names by id."""
    from accounts.models import Party
    from jobs.actions import connects_cost, refresh_document
    from jobs.models import Job, JobActivity
    from taxonomy.models import Category
    from taxonomy.queries import find_skills

    categories = {each.slug: each for each in Category.objects.all()}
    client = Party.objects.create(kind="client", name="Corpus", public_name="Corpus", slug="corpus", created_at=AT)
    names = {}
    for row in rows("jobs"):
        posted = AT - timedelta(hours=int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 1440)
        moments = dict.fromkeys(("created_at", "submitted_at", "posted_at", "acted_at"), posted)
        job = Job(
            client=client,
            status=Job.Status.OPEN,
            title=row["title"],
            description=row["description"],
            language=row["language"],
            category=categories[row["category"]],
            kind=Job.Kind.FIXED,
            budget=100_000,
            currency="EUR",
            duration=Job.Duration.values[0],
            level="intermediate",
            expires_at=AT + timedelta(days=30),
            **moments,
        )
        job.connects_cost = connects_cost(job)
        job.save()
        JobActivity.objects.create(job=job)
        job.skills.set([skill for skill in find_skills(row["skills"].split(";")).values() if skill])
        names[job.pk] = row["id"]
        with transaction.atomic():
            refresh_document(job.pk)
    return names


def search_of_jobs(names: dict[int, str]) -> Search:
    """Return the product's search of jobs, best match first."""
    from core.actor import Actor
    from jobs.queries import Filters, search_jobs
    from taxonomy.queries import lexicon

    def search(words: str) -> list[str]:
        page = search_jobs(
            Filters(words=words, is_best_first=True), Actor.anonymous(), lexicon=lexicon(), at=AT + timedelta(hours=1)
        )
        return [names[row.pk] for row in page.rows]

    return search


def fill_profiles() -> dict[int, str]:
    """Approve every profile of the corpus and return their names by id."""
    from accounts.models import Party
    from profiles.actions import refresh_document
    from profiles.models import Profile
    from taxonomy.models import Category
    from taxonomy.queries import find_skills

    categories = {each.slug: each for each in Category.objects.all()}
    names = {}
    for row in rows("profiles"):
        party = Party.objects.create(
            kind="freelancer", name=row["id"], public_name=row["id"], slug=f"f-{row['id']}", country="FR", created_at=AT
        )
        profile = Profile.objects.create(
            party=party,
            slug=party.slug,
            status=Profile.Status.APPROVED,
            language=row["language"],
            title=row["title"],
            overview=row["overview"],
            category=categories[row["category"]],
            level="expert",
            hourly_rate=5_000,
            currency="EUR",
            created_at=AT,
            submitted_at=AT,
            approved_at=AT,
        )
        profile.skills.set([skill for skill in find_skills(row["skills"].split(";")).values() if skill])
        names[profile.pk] = row["id"]
        with transaction.atomic():
            refresh_document(profile.pk)
    return names


def search_of_talent(names: dict[int, str]) -> Search:
    """Return the product's search of freelancers."""
    from core.actor import Actor
    from profiles.queries import TalentFilters, search_talent
    from taxonomy.queries import lexicon

    def search(words: str) -> list[str]:
        return [
            names[row.pk]
            for row in search_talent(TalentFilters(words=words), Actor.anonymous(), lexicon=lexicon()).rows
        ]

    return search


def plain_search(kind: str) -> Search:
    """Return `ts_rank` over all matches: title A, skills B, text D in the document's language, without accents."""
    text = {"jobs": "description", "profiles": "overview"}[kind]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE plain_{kind} (name text, configuration regconfig, text tsvector)")
        for row in rows(kind):
            cursor.execute(
                f"""INSERT INTO plain_{kind} SELECT %(id)s, %(c)s::regconfig,
                    setweight(to_tsvector(%(c)s::regconfig, %(title)s), 'A')
                    || setweight(to_tsvector(%(c)s::regconfig, %(skills)s), 'B')
                    || setweight(to_tsvector(%(c)s::regconfig, %(text)s), 'D')""",
                {**row, "c": f"{row['language']}_u", "text": row[text], "skills": row["skills"].replace(";", " . ")},
            )

    def search(words: str) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT name FROM plain_{kind}, websearch_to_tsquery(configuration, %s) query WHERE text @@ query
                    ORDER BY ts_rank('{WEIGHTS}', text, query) DESC, name LIMIT {TOP}""",
                [words],
            )
            return [name for (name,) in cursor.fetchall()]

    return search


def measure(kind: str, search: Search, plain: Search, *, is_shown: bool) -> tuple[list[float], list[float], list[bool]]:
    """Return, of one half of a kind's searches, nDCG of the product, that of `ts_rank`, and which begin well."""
    ours, theirs, first = [], [], []
    for each in judged():
        if each.kind != kind or each.is_shown != is_shown:
            continue
        results, others = search(each.query), plain(each.query)
        ours.append(ndcg(results, each.grades))
        theirs.append(ndcg(others, each.grades))
        first.append(bool(results) and each.grades.get(results[0], 0) >= GOOD)
        if is_shown:
            shown = " ".join(f"{name}:{each.grades.get(name, 0)}" for name in results[:TOP])
            tell(f"{ours[-1]:.2f} {theirs[-1]:.2f} {kind} {each.query!r}: {shown}")
    return ours, theirs, first


def main() -> None:
    """Measure and print `ndcg_jobs`, `ndcg_talent`, `first_hit_jobs` and `ndcg_gain`."""
    is_shown = "--show" in sys.argv
    current().ensure()
    django.setup()
    with own_database(DATABASE):
        jobs = measure("jobs", search_of_jobs(fill_jobs()), plain_search("jobs"), is_shown=is_shown)
        talent = measure("talent", search_of_talent(fill_profiles()), plain_search("profiles"), is_shown=is_shown)
    if is_shown:
        for kind, (ours, theirs, first) in (("jobs", jobs), ("talent", talent)):
            tell(f"{kind}: {mean(ours):.3f}, ts_rank {mean(theirs):.3f}, good first {mean(first):.3f}")
        return
    report("ndcg_jobs", mean(jobs[0]), ">=0.85")
    report("ndcg_talent", mean(talent[0]), ">=0.85")
    report("first_hit_jobs", mean(jobs[2]), ">=0.9")
    report("ndcg_gain", mean([*jobs[0], *talent[0]]) - mean([*jobs[1], *talent[1]]), ">=0.05")


if __name__ == "__main__":
    main()
