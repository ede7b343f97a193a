"""Payouts while everything around them falls over: `python -m tests.outages 40`, on servers of its own.

Real workers and a real beat, as `make run` starts them, pay withdrawals of four freelancers, while Valkey is emptied,
hangs and is killed, PostgreSQL restarts at once, and the payouts worker is killed with -9. The demonstration clock
then jumps past the leases of the dead. Prints what the provider and the books say in the end, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

os.environ |= {"DJANGO_SETTINGS_MODULE": "marketplace.settings", "DEMO_CLOCK": "1", "DATABASE_POOL_SIZE": "0"}

import django
import redis
from django.core.management import call_command
from django.db import connection

from marketplace.embedded import current
from marketplace.run import Child, Site, kill_group, wait_until

AMOUNT, EACH = 1_00, 1_000_00
#: Longer than a dead worker keeps a move to itself.
PATIENCE = 200.0


class Outage:
    """The site without its web, its withdrawals, and the ways in which it is disturbed."""

    def __init__(self) -> None:
        self.stack = current()
        self.site = Site(self.stack, 0, "127.0.0.1")
        self.children: list[Child] = []
        self.purses: list[Any] = []
        self.given_up: list[str] = []

    def open(self) -> None:
        """Make the database, four freelancers with money that can leave, and the processes."""
        self.stack.ensure()
        django.setup()
        call_command("migrate", verbosity=0)
        call_command("load_taxonomy", stdout=sys.stderr)
        from contracts.actions import MilestoneTerms
        from contracts.tests import cast
        from core.clock import now
        from payments import actions
        from payments.tests import cards

        long_ago, today = now() - timedelta(days=20), now()
        first = cast.make_deal(at=long_ago, hires_wanted=4)
        for deal in (first, *(cast.another_bid(first, name) for name in ("Chloe", "Dan", "Eve"))):
            contract = cast.sign(deal, MilestoneTerms(title="Work", amount=EACH + EACH // 2), at=long_ago)
            bank = cards.make_bank(deal.bob, long_ago)
            cast.released(deal, contract)
            self.purses.append((deal.bob, bank.pk))
        actions.mature_releases(at=today)
        actions.plan_transfers(at=today)
        cards.settle_all(today)
        self.children = self.site._background()
        for child in self.children:
            child.start()

    def request(self, count: int) -> list[int]:
        """Request some withdrawals of 1.00 and return their numbers."""
        from core.clock import now
        from payments import actions

        made = []
        for number in range(count):
            person, bank_id = self.purses[number % len(self.purses)]
            made.append(
                actions.request_withdrawal(
                    party_id=person.party.pk, method_id=bank_id, amount=AMOUNT, by=person.actor, at=now()
                ).pk
            )
        return made

    def under_way(self, withdrawal_ids: list[int]) -> bool:
        """Test whether a worker has begun with these."""
        from payments.models import MoneyMove

        sources = [f"payout-{pk}" for pk in withdrawal_ids]
        return MoneyMove.objects.filter(source__in=sources).exclude(status=MoneyMove.Status.PLANNED).exists()

    def is_over(self) -> bool:
        """Test whether every withdrawal has arrived."""
        from payments.models import Withdrawal

        return not Withdrawal.objects.exclude(status=Withdrawal.Status.PAID).exists()

    def supervise(self) -> None:
        """Start again what fell with its broker, as the supervisor of `make run` does; note what it gives up."""
        self.given_up += [child.name for child in self.children if child.has_ended and not child.revive()]

    def wait_for(self, is_so: Callable[[], bool]) -> bool:
        """Wait for something, and supervise meanwhile."""

        def look() -> bool:
            self.supervise()
            return is_so()

        return wait_until(look, PATIENCE)

    # What happens

    def flush(self) -> None:
        """Empty Valkey: every waiting task is gone."""
        self.stack.valkey("FLUSHALL")

    def hang(self) -> None:
        """Let Valkey answer nobody for three seconds."""
        self.stack.valkey("CLIENT PAUSE 3000 ALL")

    def kill_valkey(self) -> None:
        """Kill Valkey and start an empty one."""
        with redis.Redis(unix_socket_path=str(self.stack.valkey_socket)) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        time.sleep(1)
        self.stack.ensure()

    def kill_worker(self) -> None:
        """Kill the payouts worker with all its processes, and start another."""
        child = next(each for each in self.children if each.name == "payouts")
        assert child.process is not None
        kill_group(child.process.pid)
        child.process.wait()
        child.start()

    def restart_postgres(self) -> None:
        """Stop PostgreSQL as a power cut would, and start it again."""
        connection.close()
        self.stack._run(self.stack.postgres("pg_ctl"), "-D", self.stack.data, "-w", "-m", "immediate", "stop")
        self.stack.ensure()

    def close(self) -> None:
        """Stop the processes and delete the servers."""
        connection.close()
        for child in self.children:
            if child.process is not None:
                with suppress(ProcessLookupError):
                    kill_group(child.process.pid)
                child.process.wait()
        self.stack.reset()


def tell(text: str) -> None:
    """Say how far it is."""
    sys.stderr.write(f"outages: {text}\n")


def main(count: int) -> None:
    """Disturb, wait, and print what is left."""
    outage = Outage()
    try:
        outage.open()
        tell("open")
        ways: list[Callable[[], None]] = [
            outage.flush,
            outage.kill_worker,
            outage.hang,
            outage.restart_postgres,
            outage.kill_valkey,
        ]
        batch = max(count // (2 * len(ways)), 1)
        slow = []
        for way in ways * 2:
            made = outage.request(batch)
            if not outage.wait_for(lambda made=made: outage.under_way(made)):  # type: ignore[misc]
                slow.append(way.__name__)
            tell(way.__name__)
            way()
        from core.clock import move_forward

        move_forward(by=timedelta(minutes=3))  # past the leases of the dead
        is_over = outage.wait_for(outage.is_over)
        said = {"is_over": is_over, "slow": slow, "given_up": outage.given_up, **findings()}
        sys.stdout.write(json.dumps(said) + "\n")
    finally:
        outage.close()


def findings() -> dict[str, Any]:
    """Return what the provider did and what the books say."""
    from ledger.checks import run_checks
    from payments.models import SandboxObject, Withdrawal

    payouts = Counter(SandboxObject.objects.filter(kind="payout", data__status="paid").values_list("move", flat=True))
    return {
        "requested": Withdrawal.objects.count(),
        "states": dict(Counter(Withdrawal.objects.values_list("status", flat=True))),
        "paid_by_provider": sum(payouts.values()),
        "paid_twice": [move for move, times in payouts.items() if times > 1],
        "books": [str(difference) for difference in run_checks()],
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
