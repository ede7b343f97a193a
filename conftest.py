"""The tests' house: servers of their own, one size setting, nothing left behind."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent

pytest_plugins = ["tests.stripe_server.fixtures"]

IS_CONTROLLER = "PYTEST_XDIST_WORKER" not in os.environ
RUN = f"test-{os.environ.get('JALON_TEST_DB', 'jalon')}-{os.getpid()}"
FILES = tempfile.mkdtemp(prefix="jalon-files-")

os.environ["DJANGO_SETTINGS_MODULE"] = "marketplace.settings"
os.environ["JALON_STACK"] = "test"
os.environ["JALON_KEY_PREFIX"] = RUN
os.environ["PRIVATE_FILES_ROOT"] = FILES
os.environ["DATABASE_POOL_SIZE"] = "0"
os.environ["BASE_URL"] = "http://localhost:8000"
os.environ.setdefault("DEMO_CLOCK", "0")
os.environ["JALON_OPERATOR_VAT_NUMBER"] = ""  # fees carry no VAT but in the tests that are about it
os.environ["PGOPTIONS"] = "-c jalon.may_truncate=on"  # tables are emptied between tests; the books refuse it elsewhere

import django
import pytest
import redis
from django.conf import settings as django_settings
from django.db import connections
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from marketplace.embedded import current
from marketplace.translations import compile_stale
from tests.chromium import find_chromium
from tests.database import has_database, keep_as_template, restore_after_commits, template_name
from tests.nothing import lay_down_fingerprint

if django_settings.STACK.name != "test":  # read before this file could say which servers to use
    raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE (`unset DJANGO_SETTINGS_MODULE`) and run the tests again.")
TEMPLATE = template_name()
if IS_CONTROLLER:
    compile_stale(ROOT)
    current().ensure()
django.setup()
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of users, no secrets
django_settings.WHITENOISE_AUTOREFRESH = True  # a test's client must not read every static file at its first request


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything a run does; chosen once, on the command line.

    `kills` counts those of all providers together; a night's are more than the whole matrix of points and faults.
    """

    name: str
    races: int
    steps: int
    kills: int
    outages: int
    webhook_orders: int
    examples: int
    connect_steps: int


SIZES = {
    "quick": Size(
        "quick", races=20, steps=2_000, kills=10, outages=10, webhook_orders=20, examples=50, connect_steps=500
    ),
    "full": Size(
        "full",
        races=200,
        steps=10_000,
        kills=40,
        outages=40,
        webhook_orders=150,
        examples=300,
        connect_steps=10_000,
    ),
    "nightly": Size(
        "nightly",
        races=3_000,
        steps=1_000_000,
        kills=1_000,
        outages=1_000,
        webhook_orders=5_000,
        examples=2_000,
        connect_steps=100_000,
    ),
}
ORDER = tuple(SIZES)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--size", choices=ORDER, default="quick", help="how many trials, steps and examples to run")


def pytest_configure(config: pytest.Config) -> None:
    chosen = SIZES[config.getoption("--size")]
    hypothesis_settings.register_profile(
        "house",
        max_examples=chosen.examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    hypothesis_settings.load_profile("house")


def pytest_report_header(config: pytest.Config) -> str:
    stack = current()
    where = "DATABASE_URL" if not stack.needs_postgres else f"embedded PostgreSQL {stack.postgres_major()}"
    return f"size: {config.getoption('--size')}; database: {where}; browser: {find_chromium() or 'NONE FOUND'}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this size or machine does not run, and put last what commits, what takes long in front."""
    size = ORDER.index(config.getoption("--size"))
    for item in items:
        if any(item.get_closest_marker(name) and size < ORDER.index(name) for name in ("full", "nightly")):
            item.add_marker(pytest.mark.skip(reason="needs a larger --size"))
        if item.get_closest_marker("browser") and find_chromium() is None:
            item.add_marker(pytest.mark.skip(reason="no browser found"))
    items.sort(key=lambda item: (commits(item), item.get_closest_marker("browser") is None))


def pytest_collection_finish() -> None:
    """Keep the collector away from what is loaded by now, and let it come seldom: it took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


def commits(item: pytest.Item) -> bool:
    """Test whether a test commits, so that its rows must be removed after it."""
    marker = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"}.intersection(getattr(item, "fixturenames", ()))
    return bool(asked or (marker and marker.kwargs.get("transaction")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    figures = [
        text
        for report in terminalreporter.stats.get("passed", [])
        for name, text in report.user_properties
        if name == "figure" and report.when == "call"
    ]
    if figures:
        terminalreporter.section("what ran")
        for text in sorted(figures):
            terminalreporter.line(text)
    unseen = [
        report for report in terminalreporter.stats.get("skipped", []) if "no browser found" in str(report.longrepr)
    ]
    if unseen:
        terminalreporter.section("NO BROWSER", sep="!", red=True)
        terminalreporter.line(
            f"{len(unseen)} browser tests were NOT run: no Chromium was found. "
            "Install one (Debian: apt install chromium) or set CHROMIUM to its path."
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(FILES, ignore_errors=True)
    with suppress(redis.RedisError):
        client = redis.Redis.from_url(django_settings.REDIS_URL)
        for key in client.scan_iter(match=f"{RUN}*", count=1000):
            client.delete(key)
        client.close()


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Size:
    """Return the trials, steps and examples of this run."""
    return SIZES[request.config.getoption("--size")]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return what tells, in one line at the end of the run, how much of it a test that passed has done."""
    return lambda text: record_property("figure", text)


@pytest.fixture
def trials(size: Size, figure: Callable[[str], None], request: pytest.FixtureRequest) -> int:
    """Return how often a race is run that is on the list of races; the end of the run tells it."""
    return _told(size.races, figure, request)


@pytest.fixture
def fewer(size: Size, figure: Callable[[str], None], request: pytest.FixtureRequest) -> int:
    """Return how often any other race is run; the end of the run tells it."""
    return _told(max(size.races // 4, 5), figure, request)


def _told(count: int, figure: Callable[[str], None], request: pytest.FixtureRequest) -> int:
    what = request.function.__name__.removeprefix("test_").replace("_", " ")
    figure(f"race: {what}: {count} trials")
    return count


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser; tests marked `browser` are not run without one."""
    path = find_chromium()
    assert path is not None
    return path


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin each test in English, whatever page the last one opened."""
    translation.activate("en")
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def own_cache(settings: Any) -> None:
    """Give each test an empty cache of its own: limits, sessions and outages of one test are unknown to the next."""
    from core.cache import outage

    outage.forget()
    mine = {**settings.CACHES["default"], "KEY_PREFIX": f"{RUN}-{uuid.uuid4().hex}"}
    settings.CACHES = {**settings.CACHES, "default": mine}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the test database from a template where there is one, which saves the migrations and the words."""
    test = connections["default"].settings_dict["TEST"]
    with django_db_blocker.unblock():
        test["TEMPLATE"] = TEMPLATE if has_database(TEMPLATE) else None
    yield
    test["TEMPLATE"] = None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Keep a freshly migrated database with its words as the template of later runs, until either changes."""
    from taxonomy.actions import load_taxonomy

    with django_db_blocker.unblock():
        is_migrated = connections["default"].settings_dict["TEST"]["TEMPLATE"] is None
        if is_migrated:
            load_taxonomy()
        if is_migrated and current().needs_postgres and template_name() == TEMPLATE:  # nothing changed meanwhile
            keep_as_template(TEMPLATE)
        restore_after_commits()
        lay_down_fingerprint()
