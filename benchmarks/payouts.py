"""Ten thousand due payouts against bare postings, and the statement of a long history: `python -m benchmarks.payouts`.

A payout is measured from its due row to `paid`: one worker process runs the clocks of its queue (send the move, take
the provider's announcement, work through the inbox) against the sandbox, whose own rows are written in the same
database and are part of the time. A bare posting is what `benchmarks.ledger` measures with one client. Both sides take
turns in each round, fsync on; the figure is the median over the rounds.
"""

from __future__ import annotations

from benchmarks.world import signed_in, use_database  # isort: skip  (names the servers to use)

import http.client
import json
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import connection, transaction

from accounts.tests.cast import Person
from benchmarks.figures import report, tell
from benchmarks.pages import statements_of
from benchmarks.server import Server
from contracts.actions import MilestoneTerms
from contracts.tests import cast
from core.clock import now
from ledger.actions import Leg, post
from ledger.checks import run_checks
from payments import actions
from payments.models import Withdrawal
from payments.tests import cards

ROUNDS, EACH_ROUND, FREELANCERS = 5, 2_000, 20
AMOUNT, EARNED = 1_00, 2_000_00
POSTINGS_SECONDS = 4.0
ENTRIES, RELEASES = 100_000, 300
RECEIPTS = 50
HISTORY = """
SELECT ledger_post('history:' || n, 'release', %s::timestamptz + n * interval '1 minute', 'EUR',
                   ARRAY['operator', 'pending:party:' || %s], ARRAY[-100, 100])
FROM generate_series(1, %s) AS n
"""


@dataclass(frozen=True, slots=True)
class Payee:
    """A freelancer with money that can leave, and the bank account it goes to."""

    person: Person
    party_id: int
    bank_id: int


def make_payees() -> list[Payee]:
    """Let freelancers earn through the product's own verbs, and let the money arrive at their accounts."""
    long_ago, today = now() - timedelta(days=20), now()
    first = cast.make_deal(at=long_ago, hires_wanted=FREELANCERS)
    payees = []
    for number in range(FREELANCERS):
        deal = cast.another_bid(first, f"Freelancer{number}") if number else first
        contract = cast.sign(deal, MilestoneTerms(title="Work", amount=EARNED), at=long_ago)
        bank = cards.make_bank(deal.bob, long_ago)
        cast.released(deal, contract)
        payees.append(Payee(deal.bob, deal.freelancer.pk, bank.pk))
    actions.mature_releases(at=today)
    actions.plan_transfers(at=today)
    cards.settle_all(today)
    return payees


def payouts_per_second(payees: list[Payee]) -> float:
    """Request a round of withdrawals, and measure how fast one worker brings all of them to `paid`."""
    at = now()
    for number in range(EACH_ROUND):
        payee = payees[number % len(payees)]
        actions.request_withdrawal(
            party_id=payee.party_id, method_id=payee.bank_id, amount=AMOUNT, by=payee.person.actor, at=at
        )
    open_ones = Withdrawal.objects.exclude(status=Withdrawal.Status.PAID)
    if open_ones.count() != EACH_ROUND:
        raise SystemExit("benchmarks.payouts: the withdrawals of the round before are not paid")
    began, later = time.perf_counter(), at + cards.SANDBOX_TIME
    while actions.run_due_moves(at=later):
        pass
    later += cards.SANDBOX_TIME  # the sandbox's bank takes five seconds of the product's time
    while actions.deliver_sandbox_events(at=later) + actions.process_inbox(at=later):
        pass
    took = time.perf_counter() - began
    if open_ones.exists():
        raise SystemExit("benchmarks.payouts: not every withdrawal of the round was paid")
    return EACH_ROUND / took


def postings_per_second(round_number: int) -> float:
    """Measure bare postings of three entries by one client, each in a transaction, as `benchmarks.ledger` does."""
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < POSTINGS_SECONDS:
        owner = count % 1_000
        legs = [Leg("operator", -1_000), Leg(f"pending:party:{10**9 + owner}", 900), Leg("rev:service", 100)]
        with transaction.atomic():
            post(key=f"bench:{round_number}:{count}", kind="release", at=now(), currency="EUR", legs=legs)
        count += 1
    return count / (time.perf_counter() - began)


def measure_payouts() -> None:
    """Print `payouts_vs_posting`."""
    payees = make_payees()
    differences = [str(each) for each in run_checks()]
    ratios = []
    for number in range(ROUNDS):
        payouts, postings = payouts_per_second(payees), postings_per_second(number)
        ratios.append(payouts / postings)
        tell(f"round {number + 1}/{ROUNDS}: {payouts:.0f} payouts/s, {postings:.0f} postings/s")
    if differences:
        raise SystemExit(f"benchmarks.payouts: the books are wrong: {differences}")
    report("payouts_vs_posting", median(ratios), ">=0.1")


def measure_statement() -> None:
    """Print `sql_statement_100k`: the page with the newest entries, or one deep in the past if that asks more."""
    at: datetime = now() - timedelta(days=100)
    deal = cast.make_deal(at=at)
    contract = cast.sign(deal, MilestoneTerms(title="Long work", amount=RELEASES * 500), at=at)
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [at - timedelta(days=90), deal.freelancer.pk, ENTRIES - RELEASES])
    holder = cast.milestone(contract).holder
    for number in range(RELEASES):
        _release(holder, at + timedelta(hours=number))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = signed_in(deal.bob)
    newest = "/wallet/statement/?account=pending"
    deep = f"{newest}&before={_number_of_an_old_entry(deal.freelancer.pk)}"
    report("sql_statement_100k", max(statements_of(client, newest), statements_of(client, deep)), "<=8")


@transaction.atomic
def _release(holder: str, at: datetime) -> None:
    actions.release_holding(holder=holder, gross=500, fee_version=1, title="Long work", scope="", at=at)


def _number_of_an_old_entry(party_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id WHERE a.name = %s "
            "ORDER BY e.id OFFSET %s LIMIT 1",
            [f"pending:party:{party_id}", ENTRIES // 2],
        )
        return int(cursor.fetchone()[0])


def measure_receipts() -> None:
    """Print `webhook_receipt_s`: the slowest of fifty announcements that come at the same moment."""
    slowest = []
    with Server("marketplace.asgi:application") as site:
        for number in range(ROUNDS):
            slowest.append(_fifty_at_once(site.port, number))
            tell(f"round {number + 1}/{ROUNDS}: the slowest of {RECEIPTS} receipts took {slowest[-1]:.3f} s")
    report("webhook_receipt_s", median(slowest), "<=1")


def _fifty_at_once(port: int, round_number: int) -> float:
    barrier, took = threading.Barrier(RECEIPTS), [0.0] * RECEIPTS

    def send(place: int) -> None:
        event = {"id": f"sbx_evt_bench_{round_number}_{place}", "type": "balance.available", "livemode": False}
        body = json.dumps({**event, "data": {"object": {"id": "sbx_balance"}}}).encode()
        headers = {"Content-Type": "application/json", **cards.sandbox().signed(body)}
        line = http.client.HTTPConnection("localhost", port, timeout=60)
        barrier.wait()
        began = time.perf_counter()
        line.request("POST", "/webhooks/sandbox/", body, headers)
        answer = line.getresponse()
        answer.read()
        took[place] = time.perf_counter() - began if answer.status == 200 else 1e9
        line.close()

    threads = [threading.Thread(target=send, args=[place]) for place in range(RECEIPTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(took)


def main() -> None:
    """Measure and print."""
    use_database()
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        if cursor.fetchone() != ("on",):
            raise SystemExit("benchmarks.payouts: this PostgreSQL runs without fsync, so its figures mean nothing")
    measure_receipts()
    tell(f"making {ROUNDS * EACH_ROUND} payouts ...")
    measure_payouts()
    use_database()
    measure_statement()


if __name__ == "__main__":
    main()
