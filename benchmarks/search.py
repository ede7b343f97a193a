"""Search of jobs and of freelancers at 10 000, 100 000 and 1 000 000: `python -m benchmarks.search`.

At 1 000 000 there are 700 000 open jobs, and 400 000 profiles that search may show; closed jobs and other profiles
have no search document and are never read. Texts are made with a fixed seed: words by Zipf's law out of 50 000, five
skills out of the taxonomy by the same law. Each class of searches has 20 of them: a word in about 5 % of the documents,
two such words, one in 0.5 %, one in 0.02 %, a common word with filters, filters alone.

A search is what the product runs to find and order the 20 results of a page (`search_jobs`, `search_talent`); its cost
is the CPU time of its PostgreSQL backend, the best of three, and that of the count with the facets is told apart on
standard error. Tantivy answers the same searches over the same documents with its top 20 and an exact count.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ.setdefault("JALON_STACK", "bench")
os.environ["DATABASE_POOL_SIZE"] = "0"

import django
from django.conf import settings
from django.db import connection

from benchmarks.database import own_database
from benchmarks.figures import report, tell
from marketplace.embedded import current

DATABASE = "bench_search"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
SIZES = {10_000: "10k", 100_000: "100k", 1_000_000: "1m"}
OPEN, SEARCHABLE = 0.7, 0.4
WORDS, DRAWN, QUERIES, TIMES = 50_000, 45, 20, 3
#: Which words of the vocabulary, from the most frequent on, are in about so many documents.
RANKS = {"common": (60, 110), "medium": (700, 1000), "rare": (16_000, 24_000)}
LOAD_MINUTES = 15

Run = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: its class, its words, and its filters in the words of both kinds."""

    name: str
    words: tuple[int, ...] = ()
    category: int = 0
    level: str = ""
    skills: tuple[int, ...] = ()
    least: int | None = None


def word(number: int) -> str:
    """Return a word of the vocabulary, the way the database spells it."""
    return "q" + f"{number * 7919 % 1_000_003:x}".translate(str.maketrans("0123456789abcdef", "bdfghklmnprstvzx"))


#: The same in SQL: a word drawn by Zipf's law; `{row}` keeps it from being drawn only once.
DRAW = (
    "'q' || translate(to_hex((floor(exp(random() * ln({words})) + 0 * {row})::int * 7919) % 1000003),"
    " '0123456789abcdef', 'bdfghklmnprstvzx')"
)


def text(number: str, row: str) -> str:
    """Return SQL for a text of so many words."""
    drawn = DRAW.format(words=WORDS, row=f"({row} + i)")
    return f"(SELECT string_agg({drawn}, ' ') FROM generate_series(1, {number}) i)"


def copy_row(row: Any, number: int, **changed: str) -> str:
    """Return SQL that inserts copies of a row, numbered `n`, with some columns changed, and take the row away."""
    table = row._meta.db_table  # noqa: SLF001  (Django's own way)
    columns = [column.column for column in row._meta.concrete_fields]  # noqa: SLF001
    values = [changed.get(name, "n" if name == "id" else f"pattern.{name}") for name in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM {table} pattern, generate_series(1000, {999 + number}) n WHERE pattern.id = {row.pk}"
    )


def prepare() -> None:
    """Make the rows that copies are taken of, and the vector of each skill as documents have it."""
    from accounts.models import Party
    from jobs.models import Job
    from profiles.models import Profile
    from taxonomy.models import Category

    category = Category.objects.first()
    client = Party.objects.create(kind="client", name="C", public_name="C", slug="c", country="FR", created_at=AT)
    person = Party.objects.create(kind="freelancer", name="F", public_name="F", slug="f", country="FR", created_at=AT)
    Job.objects.create(
        client=client,
        title="t",
        description="d",
        category=category,
        currency="EUR",
        duration="months",
        level="expert",
        created_at=AT,
    )
    Profile.objects.create(party=person, slug="f", category=category, level="expert", currency="EUR", created_at=AT)
    run(
        """CREATE TABLE skill_vector AS SELECT row_number() OVER (ORDER BY skill.id) AS place, skill.id,
           setweight(to_tsvector('en_u', skill.name_en || ' . ' || coalesce(string_agg(word, ' . '), '')), 'B')
           || setweight(to_tsvector('fr_u', skill.name_fr), 'B') || array_to_tsvector(ARRAY['~k' || skill.id]) AS text
           FROM taxonomy_skill skill LEFT JOIN taxonomy_synonym ON skill_id = skill.id GROUP BY skill.id"""
    )


def run(*statements: str) -> None:
    """Run statements, each for at most so many minutes."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{LOAD_MINUTES}min'")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute("SET synchronous_commit = off")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("RESET statement_timeout")


def fill(kind: str, size: int) -> None:
    """Fill the tables of one kind; keys, constraints and secondary indexes are checked or built afterwards at once."""
    from accounts.models import Party
    from jobs.actions import renew_head as renew_jobs
    from jobs.models import Job
    from profiles.actions import renew_head as renew_profiles
    from profiles.models import Profile

    began = time.monotonic()
    run("SET session_replication_role = replica", "SELECT setseed(0.20261126)")
    five = ", ".join(f"floor(exp(random() * ln(700)))::int AS k{n}" for n in range(1, 6))
    joined = " ".join(f"JOIN skill_vector s{n} ON s{n}.place = row.k{n}" for n in range(1, 6))
    skills = "ARRAY[s1.id, s2.id, s3.id, s4.id, s5.id]::int[]"
    vectors = " || ".join(f"s{n}.text" for n in range(1, 6))
    if kind == "jobs":
        number, table, documents = int(size * OPEN), "jobs_job", "jobs_jobdocument"
        copied = copy_row(
            Job.objects.get(pk__lt=1000),
            number,
            status="'open'",
            title=text("5", "n"),
            description=text(str(DRAWN), "n"),
            category_id="(SELECT min(id) FROM taxonomy_category) + floor(random() * 12)::int",
            level="(ARRAY['entry', 'intermediate', 'expert'])[1 + floor(random() * 3)::int]",
            kind="CASE WHEN random() < 0.6 THEN 'fixed' ELSE 'hourly' END",
            budget="floor(exp(8 + random() * 6))::int",
            rate_low="3000",
            rate_high="5000",
            connects_cost="8",
            posted_at=f"'{AT:%Y-%m-%d}'::timestamptz - interval '24 months' * (1 - (n - 1000)::float / {number})",
            acted_at="pattern.created_at",
            expires_at="pattern.created_at",
        )
        written = f"""INSERT INTO {documents} ({JOB_COLUMNS})
            SELECT row.id, posted_at, category_id, kind, level, duration, language, visibility,
            budget, rate_low, rate_high, random() < 0.5, connects_cost, {skills},
            setweight(to_tsvector('en_u', title), 'A') || {vectors}
            || setweight(to_tsvector('en_u', description), 'D')
            FROM (SELECT *, {five} FROM jobs_job WHERE id >= 1000) row {joined} ORDER BY row.id"""
        rest: list[str] = []
    else:
        number, table, documents = int(size * SEARCHABLE), "profiles_profile", "profiles_profiledocument"
        rest = [
            "DELETE FROM accounts_party WHERE id >= 1000",
            copy_row(Party.objects.get(slug="f"), number, slug="'f' || n", public_name="'F' || n"),
        ]
        copied = copy_row(
            Profile.objects.get(pk__lt=1000),
            number,
            party_id="n",
            slug="'f' || n",
            status="'approved'",
            title=text("5", "n"),
            overview=text(str(DRAWN), "n"),
            category_id="(SELECT min(id) FROM taxonomy_category) + floor(random() * 12)::int",
            level="(ARRAY['entry', 'intermediate', 'expert'])[1 + floor(random() * 3)::int]",
            hourly_rate="floor(exp(7 + random() * 3))::int",
            submitted_at="pattern.created_at",
            approved_at="pattern.created_at",
        )
        written = f"""INSERT INTO {documents} ({PROFILE_COLUMNS})
            SELECT row.id, round((0.4 + 0.6 * random() ^ 2)::numeric, 2), visibility, 'freelancer',
            category_id, level, language, (ARRAY['FR', 'BE', 'DE', 'ES'])[1 + floor(random() * 4)::int], hourly_rate,
            floor(exp(random() * 16))::int, {skills},
            setweight(to_tsvector('en_u', title), 'A') || {vectors}
            || setweight(to_tsvector('en_u', overview), 'D')
            FROM (SELECT *, {five} FROM profiles_profile WHERE id >= 1000) row {joined}"""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
               WHERE indrelid = %s::regclass AND NOT indisunique""",
            [documents],
        )
        indexes = cursor.fetchall()
    heads = [name for name, _made in indexes if "_head_" in name]
    run(*(f"DROP INDEX {name}" for name in heads))
    indexes = [(name, made) for name, made in indexes if name not in heads]
    run(f"TRUNCATE {documents}", f"DELETE FROM {table} WHERE id >= 1000", *rest)
    run(*(f"DROP INDEX {name}" for name, _made in indexes))
    run(copied)
    tell(f"{number} rows of {kind} after {time.monotonic() - began:.0f} s")
    run(written)
    tell(f"documents after {time.monotonic() - began:.0f} s")
    run(*(made for _name, made in indexes), f"VACUUM ANALYZE {documents}", f"VACUUM ANALYZE {table}")
    run("SET session_replication_role = origin")
    renew = {"jobs": renew_jobs, "talent": renew_profiles}[kind]
    tell(f"{renew(at=AT)} head made after {time.monotonic() - began:.0f} s")
    tell(f"{kind} ready after {time.monotonic() - began:.0f} s")


JOB_COLUMNS = (
    "job_id, posted_at, category_id, kind, level, duration, language, visibility, budget, rate_low, rate_high,"
    " is_payment_verified, connects_cost, skills, text"
)
PROFILE_COLUMNS = (
    "profile_id, quality, visibility, kind, category_id, level, language, country, rate, earned, skills, text"
)


def searches() -> list[Asked]:
    """Return the searches of every class, drawn with a fixed seed."""
    from taxonomy.models import Category, Skill

    dice = random.Random(20261126)
    categories = list(Category.objects.order_by("pk").values_list("pk", flat=True))
    skills = list(Skill.objects.order_by("pk").values_list("pk", flat=True))[:60]
    found = []
    for _number in range(QUERIES):
        drawn = {name: dice.randrange(*ranks) for name, ranks in RANKS.items()}
        other = dice.randrange(*RANKS["common"])
        filters = Asked(
            "filters",
            category=dice.choice(categories),
            level=dice.choice(("entry", "intermediate", "expert")),
            skills=tuple(dice.sample(skills, 3)),
            least=dice.choice((3_000, 10_000, 20_000)),
        )
        found += [
            Asked("common1", (drawn["common"],)),
            Asked("common2", (drawn["common"], other)),
            Asked("medium", (drawn["medium"],)),
            Asked("rare", (drawn["rare"],)),
            replace(filters, name="common1+filters", words=(drawn["common"],)),
            replace(filters, name="medium+filters", words=(drawn["medium"],)),
            filters,
        ]
    return found


def backend_ms() -> float:
    """Return the CPU time that the backend of this connection has had, in ms."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def product(kind: str) -> Callable[[Asked], tuple[float, float]]:
    """Return a function that measures the product's search: ms of the hits, and of the count with the facets."""
    from core.actor import Actor
    from jobs.queries import Filters
    from jobs.queries import search as jobs
    from profiles.queries import TalentFilters, talent
    from taxonomy.matching import Conditions, Documents
    from taxonomy.queries import lexicon

    words = lexicon()
    counting = [0.0]
    count = Documents.count  # told apart from the hits

    def told(documents: Documents, conditions: Conditions) -> Any:
        before = backend_ms()
        result = count(documents, conditions)
        counting[0] = backend_ms() - before
        return result

    def once(asked: Asked) -> tuple[float, float]:
        common = {
            "words": " ".join(map(word, asked.words)),
            "categories": (asked.category,) if asked.category else (),
            "levels": (asked.level,) if asked.level else (),
            "skills": asked.skills,
        }
        setattr(Documents, "count", told)  # noqa: B010  (a method put in its place)
        before = backend_ms()
        if kind == "jobs":
            filters = Filters(**common, is_best_first=True, budget_min=asked.least)  # type: ignore[arg-type]
            jobs.search_jobs(filters, Actor.anonymous(), lexicon=words, at=AT)
        else:
            talent.search_talent(TalentFilters(**common, rate_min=asked.least), Actor.anonymous(), lexicon=words)  # type: ignore[arg-type]
        spent = backend_ms() - before
        setattr(Documents, "count", count)  # noqa: B010  (as above)
        return spent - counting[0], counting[0]

    def best(asked: Asked) -> tuple[float, float]:
        tries = [once(asked) for _time in range(TIMES)]
        return min(hits for hits, _count in tries), min(counted for _hits, counted in tries)

    return best


def tantivy_search(kind: str, folder: str) -> Callable[[Asked], float]:
    """Index the documents and return a function that measures tantivy's top 20 with an exact count, in CPU ms."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("title", stored=False)
    schema.add_text_field("body", stored=False)
    for name in ("id", "category", "least"):
        schema.add_unsigned_field(name, stored=name == "id", indexed=True, fast=True)
    schema.add_text_field("level", tokenizer_name="raw")
    schema.add_unsigned_field("skills", indexed=True)
    index = tantivy.Index(schema.build(), path=folder)
    writer = index.writer(heap_size=256_000_000, num_threads=1)
    sql = {
        "jobs": "SELECT id, title, description, document.category_id, document.level, document.skills, document.budget"
        " FROM jobs_job JOIN jobs_jobdocument document ON job_id = id",
        "talent": "SELECT id, title, overview, document.category_id, document.level, document.skills, document.rate"
        " FROM profiles_profile JOIN profiles_profiledocument document ON profile_id = id",
    }[kind]
    began = time.monotonic()
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(5_000):
            for pk, title, body, category, level, skills, least in rows:
                document = tantivy.Document()
                document.add_unsigned("id", pk)
                document.add_text("title", title)
                document.add_text("body", body)
                document.add_unsigned("category", category)
                document.add_text("level", level)
                document.add_unsigned("least", least)
                for skill in skills:
                    document.add_unsigned("skills", skill)
                writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    tell(f"tantivy indexed after {time.monotonic() - began:.0f} s")
    searcher = index.searcher()

    def measure(asked: Asked) -> float:
        parts = [f"+(title:{word(each)}^10 OR body:{word(each)})" for each in asked.words]
        if asked.category:
            parts += [f"+category:{asked.category}", f"+level:{asked.level}", f"+least:[{asked.least} TO 1000000000]"]
            parts.append(f"+({' OR '.join(f'skills:{skill}' for skill in asked.skills)})")
        query = index.parse_query(" ".join(parts), ["title", "body"])
        tries = []
        for _time in range(TIMES):
            before = time.process_time()
            searcher.search(query, 20, count=True)
            tries.append((time.process_time() - before) * 1e3)
        return min(tries)

    return measure


def p95(values: list[float]) -> float:
    """Return the 95th percentile: the smallest value that 95 % do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def by_class(measured: list[tuple[str, float]]) -> dict[str, list[float]]:
    """Return the values of each class."""
    found: dict[str, list[float]] = {}
    for name, value in measured:
        found.setdefault(name, []).append(value)
    return found


def main() -> None:
    """Measure and print `search_*` and `talent_*`; a size given, such as 100000, is the largest."""
    largest = max(size for size in SIZES if size <= int(sys.argv[1])) if len(sys.argv) > 1 else max(SIZES)
    current().ensure()
    django.setup()
    settings.DATABASES["default"]["OPTIONS"]["options"] = (
        "-c max_parallel_workers_per_gather=0"  # all CPU in one process
    )
    with own_database(DATABASE):
        prepare()
        asked = searches()
        all_p95: dict[tuple[str, int], float] = {}
        for kind in ("jobs", "talent"):
            name = {"jobs": "search", "talent": "talent"}[kind]
            for size in (each for each in SIZES if each <= largest):
                if kind == "talent" and size != largest:
                    continue
                fill(kind, size)
                measure = product(kind)
                hits, counts = [], []
                for each in asked:
                    hit, counted = measure(each)
                    hits.append((each.name, hit))
                    counts.append((each.name, counted))
                for label, values in (("hits", hits), ("count and facets", counts)):
                    shown = ", ".join(f"{key} {p95(found):.1f}" for key, found in by_class(values).items())
                    tell(f"{kind} at {SIZES[size]}, p95 of {label}: {shown}")
                all_p95[kind, size] = p95([value for _name, value in hits])
                if size != largest:
                    continue
                report(f"{name}_p95_{SIZES[size]}", max(p95(found) for found in by_class(hits).values()), "<=20")
                with tempfile.TemporaryDirectory() as folder:
                    theirs = tantivy_search(kind, folder)
                    other = [(each.name, theirs(each)) for each in asked]
                shown = ", ".join(f"{key} {p95(found):.2f}" for key, found in by_class(other).items())
                tell(f"tantivy, {kind} at {SIZES[size]}, p95: {shown}")
                ratio = all_p95[kind, size] / p95([value for _name, value in other])
                report(f"{name}_vs_tantivy_{SIZES[size]}", ratio, "<=10")
        report("search_growth", all_p95["jobs", largest] / all_p95["jobs", min(SIZES)], "<=8")


if __name__ == "__main__":
    main()
