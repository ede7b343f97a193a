"""Workers killed with -9 at every named point of every money verb while the provider fails: done once, none lost."""

from __future__ import annotations

import http.client
import itertools
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.tests.cast import sign_in
from benchmarks.server import Server
from conftest import Size
from contracts.models import Milestone
from contracts.tests import cast
from core.clock import now
from core.sweeps import run_all, sweeps
from ledger.checks import run_checks
from payments.actions.calls import LEASE, SETTLE
from payments.models import Charge, MoneyMove, ProviderTransfer, Refund, WebhookEvent, Withdrawal
from tests.database import restore_rows
from tests.scenes import SCENES, Due, Scene
from tests.stripe_server import StripeServer
from tests.witnesses import FAULTS, PROVIDERS, Provider, SandboxProvider, StripeProvider
from tests.worker import Job, Worker

SEED = 20261125
SIGKILL = -9
MOVES, POLL, INBOX = ("payments.run_due_moves",), ("payments.poll_waiting_moves",), ("payments.process_inbox",)
#: Hours after which a worker looks again: an unknown answer is asked for each hour, and looked up after twenty.
HOURS = (1, 6, 19, 20.1, 21.2, 24.5, 30)
#: When what a provider does at once has been announced.
SOON = timedelta(seconds=10)
#: Of twenty kills so many are of web servers: they take the longest.
WEB_SHARE = 20


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a worker dies: at a point, or just before the commit that follows it; `clocks` is what it is about."""

    point: str
    is_before_commit: bool
    clocks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'the commit after ' if self.is_before_commit else ''}{self.point}"


BEFORE_CALL = [Kill("move.found", False, MOVES), Kill("move.found", True, MOVES), Kill("move.claimed", False, MOVES)]
ANSWERED = [Kill("move.answered", False, MOVES), Kill("move.answered", True, MOVES), Kill("move.settled", False, MOVES)]
UNANSWERED = [
    Kill("move.unanswered", False, MOVES),
    Kill("move.unanswered", True, MOVES),
    Kill("move.unknown", False, MOVES),
]
ANNOUNCED = [
    Kill("event.claimed", False, INBOX),
    Kill("event.fetched", False, INBOX),
    Kill("event.settled", False, INBOX),
]
POLLED = [Kill("move.fetched", False, POLL), Kill("move.fetched", True, POLL)]


Met = tuple[str, Kill]


def combinations(scene: Scene, *, announces: bool) -> list[Met]:
    """Return every fault with every point that a worker passes under it, the same every time, in a mixed order."""
    found: list[Met] = []
    for fault in FAULTS:
        found += [(fault, kill) for kill in BEFORE_CALL + (UNANSWERED if fault else ANSWERED)]
        if announces and fault != "broken_before":
            found += [(fault, kill) for kill in ANNOUNCED]
    if scene.is_polled:
        found += [("", kill) for kill in POLLED]
    random.Random(SEED).shuffle(found)
    return found


def spread(places: Mapping[tuple[str, str], list[Met]], kills: int) -> dict[tuple[str, str], list[Met]]:
    """Return what each scene of each provider goes through.

    Few kills are spread so that each fault with each point is met as often as any other, whichever scene it is met in.
    """
    chosen: dict[tuple[str, str], list[Met]] = {place: [] for place in places}
    times: Counter[Met] = Counter()
    for place in itertools.islice(itertools.cycle(places), kills):
        least = min(places[place], key=lambda met: (chosen[place].count(met), times[met]))
        chosen[place].append(least)
        times[least] += 1
    return chosen


def kills_of_workers(size: Size) -> dict[tuple[str, str], list[Met]]:
    """Return the kills of this size, by provider and scene."""
    silent = {"sandbox": SandboxProvider.silent, "stripe": StripeProvider.silent}
    whole = {
        (provider, name): combinations(scene, announces=scene.verb not in silent[provider])
        for provider in PROVIDERS
        for name, scene in SCENES.items()
    }
    return spread(whole, size.kills - kills_of_web(size))


def kills_of_web(size: Size) -> int:
    """Return how many of the kills hit a web server that pays, at least one for each provider."""
    return max(size.kills // WEB_SHARE, len(PROVIDERS))


@pytest.fixture(scope="module")
def workers(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Worker]:
    """Keep one process that loads the product once, for all tests here."""
    with django_db_blocker.unblock(), Worker(connection.settings_dict["NAME"]) as running:
        yield running


@pytest.fixture(scope="module")
def stripe_house() -> Iterator[StripeProvider]:
    """Serve one Stripe for all tests here; each scene begins it anew."""
    with StripeServer() as server:
        yield StripeProvider(server)


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, settings: Any) -> Iterator[Provider]:
    """Return the provider that this installation uses."""
    is_stripe = request.param == "stripe"
    chosen: Provider = request.getfixturevalue("stripe_house") if is_stripe else SandboxProvider()
    for name, value in chosen.settings.items():
        setattr(settings, name, value)
    yield chosen
    chosen.calm()


def look_again(provider: Provider, since: datetime) -> None:
    """Let time pass: after the lease of the dead, after the provider's own time, over more than a day.

    Only the clocks of money are run each time; in the end all are.
    """
    waits = sorted([LEASE, timedelta(minutes=10), *(timedelta(hours=hours) for hours in HOURS), LEASE + provider.takes])
    money = [each for each in sweeps() if each.name.startswith("payments.") and not each.is_watch]
    for wait in waits:
        at = since + wait
        provider.pass_time(at)
        while provider.announce(at) + sum(clock.function(at=at) for clock in money):
            pass
    run_all(at=at)
    if provider.announce(at):
        run_all(at=at)


def test_every_verb_that_moves_money_has_its_scene() -> None:
    assert {scene.verb for scene in SCENES.values()} == set(SETTLE)


@pytest.mark.parametrize("name", SCENES)
def test_a_worker_killed_anywhere_does_everything_once(
    name: str,
    provider: Provider,
    transactional_db: None,
    workers: Worker,
    size: Size,
    caplog: pytest.LogCaptureFixture,
    figure: Callable[[str], None],
) -> None:
    scene, second = SCENES[name], random.Random(f"{SEED} {name}")
    trials = kills_of_workers(size)[provider.name, name]
    for fault, kill in trials:
        restore_rows()
        caplog.clear()
        provider.begin()
        due = scene.prepare(provider)
        at = _kill_first(workers, provider, scene, due, fault, kill)
        unmet = [(scene.verb, fault)] if fault and kill in BEFORE_CALL else []  # whoever calls next meets it
        if second.random() < 0.5:  # the one who comes next may die as well, wherever it gets to
            at += LEASE
            _kill_second(workers, provider, at, second, unmet)
        for verb, still in unmet:
            provider.arm(verb, still)
        look_again(provider, at)
        provider.calm()
        wrong = problems(provider, scene, due, fault)
        wrong += [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        assert wrong == [], f"{name}, {fault or 'no fault'}, killed at {kill}"
    figure(f"kills: {provider.name}: {name}: {len(trials)}")


def _kill_first(workers: Worker, provider: Provider, scene: Scene, due: Due, fault: str, kill: Kill) -> datetime:
    """Kill the first worker, and return when it died."""
    faults = [(scene.verb, fault)] if fault and kill not in BEFORE_CALL else []
    at = due.at
    if kill.clocks != MOVES:  # the call goes through first; then its event is worked upon, or it is asked about
        assert workers.run(_job(provider, MOVES, at, faults)) == 0
        at += timedelta(hours=1) if kill.clocks == POLL else provider.takes if scene.is_polled else SOON
        provider.pass_time(at)
        faults = []
        if kill.clocks == INBOX:
            assert provider.announce(at) > 0
    status = workers.run(_job(provider, kill.clocks, at, faults, kill))
    assert status == SIGKILL, f"no worker came to {kill}"
    return at


def _kill_second(
    workers: Worker, provider: Provider, at: datetime, numbers: random.Random, faults: list[tuple[str, str]]
) -> None:
    """Kill the next worker too, if it comes to some point."""
    kill = numbers.choice(BEFORE_CALL + ANSWERED + UNANSWERED + ANNOUNCED)
    provider.pass_time(at)
    workers.run(_job(provider, (*MOVES, *INBOX), at, faults, kill))


def _job(
    provider: Provider,
    clocks: tuple[str, ...],
    at: datetime,
    faults: list[tuple[str, str]],
    kill: Kill | None = None,
) -> Job:
    return Job(
        clocks,
        at.isoformat(),
        provider.arm_elsewhere(faults),
        kill.point if kill else "",
        is_before_commit=bool(kill and kill.is_before_commit),
        settings=provider.settings,
    )


def problems(provider: Provider, scene: Scene, due: Due, fault: str) -> list[str]:
    """Return what is wrong: done twice or not at all, books that differ, anything that still waits a day later."""
    moves = list(MoneyMove.objects.filter(verb=scene.verb, source=due.move.source))
    expected = 0 if fault == "broken_before" and not scene.is_done_after_all else 1
    done = provider.effects(scene.verb, moves)
    wrong = [] if done == expected else [f"the provider did it {done} times, not {expected}"]
    wrong += [str(difference) for difference in run_checks()]
    confirmed = sum(move.status == MoneyMove.Status.CONFIRMED for move in moves)
    if confirmed != expected:
        wrong.append(f"{confirmed} of its moves are confirmed, not {expected}")
    stuck = [
        *(move.key for move in MoneyMove.objects.exclude(status__in=MoneyMove.FINAL)),
        *Charge.objects.filter(status__in=Charge.LIVE),
        *Refund.objects.filter(status=Refund.Status.RESERVED),
        *ProviderTransfer.objects.exclude(status=ProviderTransfer.Status.CONFIRMED),
        *Withdrawal.objects.filter(status__in=Withdrawal.OPEN),
        *WebhookEvent.objects.filter(processed_at=None),
    ]
    wrong += [f"stuck: {each}" for each in stuck]
    return wrong + provider.problems()


def test_a_web_server_killed_while_somebody_pays_charges_once(
    provider: Provider,
    transactional_db: None,
    size: Size,
    caplog: pytest.LogCaptureFixture,
    figure: Callable[[str], None],
) -> None:
    ends = [("", kill) for kill in BEFORE_CALL + ANSWERED]
    ends += [(fault, kill) for fault in FAULTS[1:] for kill in UNANSWERED]
    random.Random(f"{SEED} {provider.name}").shuffle(ends)
    trials = kills_of_web(size) // len(PROVIDERS)
    for fault, kill in itertools.islice(itertools.cycle(ends), trials):
        restore_rows()
        caplog.clear()
        provider.begin()
        due = _die_paying(provider, fault, kill)
        look_again(provider, due.at)
        wrong = problems(provider, SCENES["charge"], due, fault)
        wrong += [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        milestone = Milestone.objects.get(position=2)
        if milestone.status != (Milestone.Status.AGREED if fault == "broken_before" else Milestone.Status.FUNDED):
            wrong.append(f"the milestone is {milestone.status}")
        assert wrong == [], f"{fault or 'no fault'}, killed at {kill}"
    figure(f"kills: {provider.name}: web server: {trials}")


def _die_paying(provider: Provider, fault: str, kill: Kill) -> Due:
    """Let Alice pay for a milestone on a site whose process dies meanwhile."""
    at = now()
    deal = cast.make_deal(pay_with=lambda alice: provider.card(alice, "succeeds"), at=at)
    contract = cast.sign(deal, at=at)
    second = cast.milestone(contract, 2)
    browser = Client()
    sign_in(browser, deal.alice)
    session, token = browser.cookies[settings.SESSION_COOKIE_NAME].value, "b" * 32
    at_home = provider.arm_elsewhere([("charge", fault)] if fault else [])
    with Server(
        "tests.deadly:application",
        DEADLY_DATABASE=connection.settings_dict["NAME"],
        DEADLY_POINT=kill.point,
        DEADLY_COMMIT="1" if kill.is_before_commit else "",
        DEADLY_FAULT=at_home[0][1] if at_home else "",
        **_environment(provider.settings),
    ) as server:
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
        form = {"method": deal.card.pk, "seen_version": second.version, "confirmed": "1"}
        status = None
        with suppress(ConnectionError, http.client.HTTPException):
            status = server.ask(
                reverse("contracts:milestone_fund", args=[contract.pk, second.pk]),
                body=urlencode(form),
                **{"Cookie": cookies, "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"},
            )
        assert status is None, f"the server lives, and answered {status}"
        assert server.process.wait(20) == SIGKILL
    return Due(MoneyMove.objects.get(verb="charge", source=f"charge-{Charge.objects.latest('pk').pk}"), at)


def _environment(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Return settings as an operator writes them."""
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in chosen.items()}
