"""Workers killed with -9 at every named point of every money verb while the provider fails: done once, none lost."""

from __future__ import annotations

import http.client
import itertools
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import sign_in
from benchmarks.server import Server
from conftest import Size
from contracts.models import Milestone
from contracts.tests import cast
from core.clock import now
from core.sweeps import run_all
from ledger.checks import run_checks
from payments.actions.calls import LEASE, SETTLE
from payments.models import Charge, MoneyMove, ProviderTransfer, Refund, WebhookEvent, Withdrawal
from payments.tests.cards import SANDBOX_TIME
from tests.database import restore_rows
from tests.scenes import SCENES, Due, Scene
from tests.witnesses import FAULTS, PROVIDERS, Provider
from tests.worker import Job, Worker

SEED = 20261125
SIGKILL = -9
MOVES, POLL, INBOX = ("payments.run_due_moves",), ("payments.poll_waiting_moves",), ("payments.process_inbox",)
HOURS = (1, 2, 6, 12, 19, 20.1, 21.2, 22.3, 23.4, 24.5, 26, 30)
#: When a worker looks again: after the lease of the dead one, after the provider's own time, over a day.
LATER = (LEASE, LEASE + SANDBOX_TIME, timedelta(minutes=10), *(timedelta(hours=hours) for hours in HOURS))


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


def combinations(scene: Scene) -> list[tuple[str, Kill]]:
    """Return every fault with every point that a worker passes under it, the same every time, in a mixed order."""
    found: list[tuple[str, Kill]] = []
    for fault in FAULTS:
        found += [(fault, kill) for kill in BEFORE_CALL + (UNANSWERED if fault else ANSWERED)]
        if scene.announces and fault != "broken_before":
            found += [(fault, kill) for kill in ANNOUNCED]
    if scene.is_polled:
        found += [("", kill) for kill in POLLED]
    random.Random(SEED).shuffle(found)
    return found


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Worker]:
    with Worker(connection.settings_dict["NAME"]) as running:
        yield running


@pytest.fixture(params=list(PROVIDERS.values()), ids=list(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    chosen: Provider = request.param
    yield chosen
    chosen.calm()


def test_every_verb_that_moves_money_has_its_scene() -> None:
    assert {scene.verb for scene in SCENES.values()} == set(SETTLE)


@pytest.mark.parametrize("name", SCENES)
def test_a_worker_killed_anywhere_does_everything_once(
    name: str, provider: Provider, worker: Worker, size: Size, caplog: pytest.LogCaptureFixture
) -> None:
    scene, second = SCENES[name], random.Random(f"{SEED} {name}")
    trials = -(-size.kills // len(SCENES))
    for fault, kill in itertools.islice(itertools.cycle(combinations(scene)), trials):
        restore_rows()
        caplog.clear()
        due = scene.prepare()
        _kill_first(worker, provider, scene, due, fault, kill)
        unmet = [(scene.verb, fault)] if fault and kill in BEFORE_CALL else []  # whoever calls next meets it
        if second.random() < 0.5:  # the one who comes next may die as well, wherever it gets to
            _kill_second(worker, due, second, unmet)
        for verb, still in unmet:
            provider.arm(verb, still)
        for after in LATER:
            run_all(at=due.at + after)
        provider.calm()
        wrong = problems(provider, scene, due, fault)
        wrong += [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        assert wrong == [], f"{name}, {fault or 'no fault'}, killed at {kill}"


def _kill_first(worker: Worker, provider: Provider, scene: Scene, due: Due, fault: str, kill: Kill) -> None:
    faults = [(scene.verb, fault)] if fault and kill not in BEFORE_CALL else []
    at = due.at
    if kill.clocks != MOVES:  # the call goes through first; then its event is worked upon, or it is asked about
        assert worker.run(Job(MOVES, at.isoformat(), faults)) == 0
        at += SANDBOX_TIME if kill.clocks == INBOX else timedelta(hours=1)
        faults = []
        if kill.clocks == INBOX:
            assert worker.run(Job(provider.post, at.isoformat())) == 0
    job = Job(kill.clocks, at.isoformat(), faults, kill.point, kill.is_before_commit)
    assert worker.run(job) == SIGKILL, f"no worker came to {kill}"


def _kill_second(worker: Worker, due: Due, numbers: random.Random, faults: list[tuple[str, str]]) -> None:
    kill = numbers.choice(BEFORE_CALL + ANSWERED + UNANSWERED + ANNOUNCED)
    at = due.at + LEASE + SANDBOX_TIME
    worker.run(Job((*MOVES, *INBOX), at.isoformat(), faults, kill.point, kill.is_before_commit))


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
    if provider.unsent():
        wrong.append("an announcement was never taken")
    return wrong


def test_a_web_server_killed_while_somebody_pays_charges_once(
    provider: Provider, transactional_db: None, size: Size, caplog: pytest.LogCaptureFixture
) -> None:
    ends = [("", kill) for kill in BEFORE_CALL + ANSWERED]
    ends += [(fault, kill) for fault in FAULTS[1:] for kill in UNANSWERED]
    random.Random(SEED).shuffle(ends)
    for fault, kill in itertools.islice(itertools.cycle(ends), max(size.kills // 5, 2)):
        restore_rows()
        caplog.clear()
        at = now()
        deal = cast.make_deal(at=at)
        contract = cast.sign(deal, at=at)
        second = cast.milestone(contract, 2)
        browser = Client()
        sign_in(browser, deal.alice)
        session, token = browser.cookies[settings.SESSION_COOKIE_NAME].value, "b" * 32
        with Server(
            "tests.deadly:application",
            DEADLY_DATABASE=connection.settings_dict["NAME"],
            DEADLY_POINT=kill.point,
            DEADLY_COMMIT="1" if kill.is_before_commit else "",
            DEADLY_FAULT=fault,
        ) as server:
            cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
            form = {"method": deal.card.pk, "seen_version": second.version, "confirmed": "1"}
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                server.ask(
                    reverse("contracts:milestone_fund", args=[contract.pk, second.pk]),
                    body=urlencode(form),
                    **{"Cookie": cookies, "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"},
                )
            assert server.process.wait(20) == SIGKILL
        due = Due(MoneyMove.objects.get(verb="charge", source=f"charge-{Charge.objects.latest('pk').pk}"), at)
        for after in LATER:
            run_all(at=at + after + SANDBOX_TIME)
        wrong = problems(provider, SCENES["charge"], due, fault)
        wrong += [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        second.refresh_from_db()
        is_paid = fault != "broken_before"
        if second.status != (Milestone.Status.FUNDED if is_paid else Milestone.Status.AGREED):
            wrong.append(f"the milestone is {second.status}")
        assert wrong == [], f"{fault or 'no fault'}, killed at {kill}"
