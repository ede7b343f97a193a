"""Beat's one task: a clock runs alone, and the timetable is that of the registered clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Event, Thread

import pytest
from django.db import connection

from core import sweeps
from marketplace.schedule import beat_schedule
from marketplace.tasks import sweep, sweep_alone
from payments.actions.calls import LONGEST_ROUND

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_sweeps", {})


@pytest.mark.django_db
def test_a_clock_is_called_with_the_time(registry: None) -> None:
    seen: list[datetime] = []

    def look(*, at: datetime) -> int:
        seen.append(at)
        return 3

    sweeps.register_sweep("house.look", look, every=60)
    assert sweep_alone(name="house.look", at=AT) == 3
    assert seen == [AT]


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_a_running_clock_alone(registry: None) -> None:
    running, go_on = Event(), Event()
    calls: list[int] = []

    def look(*, at: datetime) -> int:
        calls.append(1)
        running.set()
        assert go_on.wait(10)
        return 1

    def other_worker() -> None:
        sweep_alone(name="house.slow", at=AT)
        connection.close()

    sweeps.register_sweep("house.slow", look, every=60)
    thread = Thread(target=other_worker)
    thread.start()
    try:
        assert running.wait(10)
        assert sweep_alone(name="house.slow", at=AT) == 0
    finally:
        go_on.set()
        thread.join()
    assert calls == [1]


@pytest.mark.django_db
def test_a_clock_that_fails_gives_its_lock_back(registry: None) -> None:
    def fail(*, at: datetime) -> int:
        raise ZeroDivisionError

    sweeps.register_sweep("house.fail", fail, every=60)
    with pytest.raises(ZeroDivisionError):
        sweep_alone(name="house.fail", at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_the_timetable_names_every_clock_once(registry: None) -> None:
    sweeps.register_sweep("house.look", lambda *, at: 0, every=60)
    assert beat_schedule() == {
        "house.look": {
            "task": "marketplace.tasks.sweep",
            "schedule": 60.0,
            "kwargs": {"name": "house.look"},
            "options": {"expires": 60.0, "queue": "default"},
        }
    }


def test_the_task_of_the_timetable_is_known_to_the_workers() -> None:
    assert sweep.app.tasks["marketplace.tasks.sweep"].name == "marketplace.tasks.sweep"
    assert sweep.app.main == "jalon"


@pytest.mark.django_db(transaction=True)
def test_a_clock_for_two_runs_twice_at_once_and_never_thrice(registry: None) -> None:
    running, go_on = Barrier(3), Event()
    calls: list[int] = []

    def look(*, at: datetime) -> int:
        calls.append(1)
        running.wait(10)
        assert go_on.wait(10)
        return 1

    def other_worker() -> None:
        sweep_alone(name="house.wide", at=AT)
        connection.close()

    sweeps.register_sweep("house.wide", look, every=60, queue="payouts", side_by_side=2)
    threads = [Thread(target=other_worker) for _number in range(2)]
    for thread in threads:
        thread.start()
    try:
        running.wait(10)
        assert sweep_alone(name="house.wide", at=AT) == 0
    finally:
        go_on.set()
        for thread in threads:
            thread.join()
    assert calls == [1, 1]


def test_what_speaks_with_the_provider_has_workers_of_its_own() -> None:
    theirs = {clock.name for clock in sweeps.sweeps() if clock.queue == "payouts"}
    assert theirs == {
        "payments.run_due_moves",
        "payments.deliver_sandbox_events",
        "payments.process_inbox",
        "payments.poll_waiting_moves",
        "payments.fill_gaps",
        "payments.refresh_waiting_accounts",
        "payments.watch_differences",
    }
    route = sweep.app.amqp.router.route({}, "payments.tasks.run_move")
    assert route["queue"].name == "payouts"


def test_a_worker_that_dies_loses_nothing_and_no_task_runs_while_it_is_handed_out_again() -> None:
    conf = sweep.app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.accept_content, conf.task_serializer, conf.task_ignore_result) == (["json"], "json", True)
    assert conf["result_backend"] is None
    assert LONGEST_ROUND < conf.task_soft_time_limit < conf.task_time_limit
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
