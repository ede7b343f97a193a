"""SQL statements and processor time of the pages that are asked for most: `python -m benchmarks.pages`."""

from __future__ import annotations

from benchmarks.world import World, make_world, session_of, signed_in  # isort: skip  (names the servers to use)

from collections.abc import Callable
from statistics import median
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.figures import report, tell
from benchmarks.server import Server
from jobs.models import Job

SEARCH = "/jobs/?q=checkout+ferry&level=expert"
#: Rounds that both sides take turns in; 50 requests before the first, 200 measured in all.
ROUNDS, WARM, MEASURED = 5, 50, 40
QUIET = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")


def letter() -> dict[str, str]:
    """Return the fields of a proposal."""
    return {"amount": "900", "letter": "I would start on the quay. " * 10, "language": "en"}


def statements(client: Client, ask: Callable[[Client], object]) -> int:
    """Return how many statements one request sends, transactions apart."""
    with CaptureQueriesContext(connection) as captured:
        ask(client)
    return sum(not query["sql"].startswith(QUIET) for query in captured.captured_queries)


def statements_of(client: Client, path: str) -> int:
    """Return the statements of a warm page."""
    for _time in range(3):
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"benchmarks.pages: {path} answered {answer.status_code}")
    return statements(client, lambda asking: asking.get(path))


def count_statements(world: World, jobs: list[int]) -> None:
    """Print `sql_*`."""
    client = signed_in(world.freelancer)
    full = statements_of(client, "/jobs/")
    report("sql_job_list", full, "<=8")
    report("sql_job_page", statements_of(client, f"/jobs/{world.job.pk}/"), "<=10")
    report("sql_search", statements_of(client, SEARCH), "<=8")
    cache.delete(limit_of(world.freelancer.user.pk))
    if client.post(f"/jobs/{jobs.pop()}/proposals/new/", letter()).status_code != 302:
        raise SystemExit("benchmarks.pages: a proposal was refused")
    path = f"/jobs/{jobs.pop()}/proposals/new/"
    report("sql_submit", statements(client, lambda asking: asking.post(path, letter())), "<=25")
    many = Job.objects.filter(status=Job.Status.OPEN).exclude(category__slug=world.rare_category)
    busy = many.values_list("category__slug", flat=True)[0]
    twenty = statements_of(client, f"/jobs/?category={busy}")
    one = statements_of(client, f"/jobs/?category={world.rare_category}")
    report("sql_job_list_growth", twenty - one, "<=0")


def page(path: str, cookies: str) -> Callable[[Server], None]:
    """Return what asks for a page."""

    def ask(server: Server) -> None:
        status = server.ask(path, Cookie=cookies)
        if status != 200:
            raise SystemExit(f"benchmarks.pages: {path} answered {status}")

    return ask


def limit_of(user_id: int) -> str:
    """Return the key of the counter that keeps programs from sending proposals without end."""
    return f"limit:proposal_new:user:{user_id}"


def submission(jobs: list[int], cookies: str, token: str, user_id: int) -> Callable[[Server], None]:
    """Return what sends a proposal, each time for another job; nobody sends as many in an hour by hand."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token}

    def submit(server: Server) -> None:
        path = f"/jobs/{jobs.pop()}/proposals/new/"
        cache.delete(limit_of(user_id))
        status = server.ask(path, body=urlencode(letter()), Cookie=cookies, **form)
        if status != 302:
            raise SystemExit(f"benchmarks.pages: a proposal was answered with {status}")

    return submit


def floor(server: Server) -> None:
    """Ask for two bytes."""
    server.ask("/")


def measure_cpu(world: World, jobs: list[int]) -> None:
    """Print `cpu_*`: the server's time for a request over its time for two bytes, side by side in each round."""
    token = "b" * 32
    cookies = f"{settings.SESSION_COOKIE_NAME}={session_of(world.freelancer)}; {settings.CSRF_COOKIE_NAME}={token}"
    works = {
        "cpu_job_list": (page("/jobs/", cookies), "<=15"),
        "cpu_job_page": (page(f"/jobs/{world.job.pk}/", cookies), "<=10"),
        "cpu_search": (page(SEARCH, cookies), "<=20"),
        "cpu_submit": (submission(jobs, cookies, token, world.freelancer.user.pk), "<=15"),
    }
    ratios: dict[str, list[float]] = {name: [] for name in works}
    with Server("benchmarks.hello:application") as hello, Server("marketplace.asgi:application") as site:
        for _time in range(WARM):
            floor(hello)
            for work, _goal in works.values():
                work(site)
        for number in range(ROUNDS):
            base = spent(hello, floor, MEASURED * 10) / 10
            for name, (work, _goal) in works.items():
                ratios[name].append(spent(site, work, MEASURED) / base)
            tell(f"round {number + 1}/{ROUNDS}: {', '.join(f'{name} {each[-1]:.1f}' for name, each in ratios.items())}")
    for name, (_work, goal) in works.items():
        report(name, median(ratios[name]), goal)


def spent(server: Server, work: Callable[[Server], None], times: int) -> float:
    """Return the processor seconds of the server for doing a thing so many times."""
    before = server.cpu()
    for _time in range(times):
        work(server)
    return server.cpu() - before


def main() -> World:
    """Measure and print, and return the world for the benchmarks that follow."""
    world = make_world()
    jobs = list(Job.objects.filter(status=Job.Status.OPEN).order_by("-posted_at").values_list("pk", flat=True)[1:400])
    count_statements(world, jobs)
    measure_cpu(world, jobs)
    return world


if __name__ == "__main__":
    main()
