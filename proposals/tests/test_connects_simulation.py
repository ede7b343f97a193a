"""Connects at random: grants, purchases, bids, boosts, raises, returns and expiries, beside a model of plain Python.

The model knows nothing of the product's code: lots, what was spent from which, and who stands in the places of a job.
After each step every lot, bid and balance must be as the model says, and every check of connects must find nothing; a
verb that the model forbids must be refused and change nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_staff
from core.errors import DomainError
from events.actions import deliver_due
from jobs.actions import close_job, expire_job, pause_job, record_hire, remove_job, resume_job
from jobs.models import Job
from ledger.checks import run_checks
from ledger.queries import balances
from payments.models import PaymentMethod
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals import actions as bids
from proposals.models import ConnectLot, ConnectSpend, Proposal
from proposals.tests.cast import LETTER, make_job, party_of
from tests.nothing import fingerprint

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
#: Prices of jobs, and what a proposal for them costs.
COSTS = {5_000: 1, 60_000: 4, 150_001: 6}
PLACES = 4
#: Every so many steps all checks of the books are run, not those of connects alone.
CHECK_EVERY = 50
#: The tables in which a refused verb, or a clock that has nothing to do, would leave its trace.
TRACES = (
    *("proposals_proposal", "proposals_connectlot", "proposals_connectspend", "proposals_connectspendpart"),
    *("ledger_transfer", "ledger_entry", "ledger_account", "events_event", "jobs_job", "jobs_invitation"),
)


@dataclass(slots=True)
class Lot:
    """Connects that came in together."""

    key: str
    is_free: bool
    left: int
    expires_at: datetime


@dataclass(slots=True)
class Spend:
    """What was spent on one part of a bid, from which lots."""

    part: str
    parts: list[tuple[Lot, int]]
    reason: str = ""

    @property
    def amount(self) -> int:
        return sum(amount for _lot, amount in self.parts)


@dataclass(slots=True)
class Bid:
    """A proposal: whose, on which job, and what it has cost."""

    pk: int
    who: str
    post: Post
    sent_at: datetime
    status: str = "submitted"
    is_answered: bool = False
    boost: int = 0
    boosted_at: datetime = START
    is_outbid: bool = False
    spends: list[Spend] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        return self.status in {"submitted", "viewed"}

    @property
    def stands(self) -> bool:
        return self.is_live and self.boost > 0 and not self.is_outbid

    def paid(self) -> int:
        return sum(each.amount for each in self.spends if each.part == "boost" and not each.reason)


@dataclass(slots=True)
class Post:
    """A job."""

    pk: int
    cost: int
    posted_at: datetime
    status: str = "open"
    hires: int = 0
    bids: list[Bid] = field(default_factory=list)

    def standing(self) -> list[Bid]:
        """Return who stands in the places: the highest first, then the earliest, then the first sent."""
        standing = (each for each in self.bids if each.stands)
        return sorted(standing, key=lambda each: (-each.boost, each.boosted_at, each.pk))

    def is_bid_for(self, at: datetime) -> bool:
        return self.status == "open" and not self.hires and at < self.posted_at + 7 * DAY


class Model:
    """What must be true of the connects of everybody."""

    def __init__(self) -> None:
        self.at = START
        self.lots: dict[str, list[Lot]] = {}
        self.posts: list[Post] = []

    def live(self, who: str) -> list[Lot]:
        """Return what can be spent, in the order in which it is."""
        mine = [lot for lot in self.lots[who] if lot.left and lot.expires_at > self.at]
        return sorted(mine, key=lambda lot: lot.expires_at)

    def held(self, who: str) -> int:
        return sum(lot.left for lot in self.live(who))

    def add(self, who: str, key: str, amount: int, *, is_free: bool) -> None:
        self.lots[who].append(Lot(key, is_free, amount, self.at + 365 * DAY))

    def grant(self, who: str, key: str) -> None:
        free = sum(lot.left for lot in self.live(who) if lot.is_free)
        self.add(who, key, max(0, min(10, 200 - free)), is_free=True)

    def spend(self, it: Bid, part: str, amount: int) -> None:
        parts = []
        for lot in self.live(it.who):
            taken = min(lot.left, amount)
            if taken:
                lot.left -= taken
                amount -= taken
                parts.append((lot, taken))
        assert amount == 0
        it.spends.append(Spend(part, parts))

    def give_back(self, it: Bid, reason: str, *, only: str = "") -> None:
        for spend in it.spends:
            if spend.reason or (only and spend.part != only):
                continue
            spend.reason = reason
            for lot, amount in spend.parts:
                lot.left += amount
                lot.expires_at = max(lot.expires_at, self.at + 7 * DAY)
        it.boost = 0

    def least(self, post: Post, who: str, paid: int) -> int:
        rivals = [each.boost for each in post.standing() if each.who != who]
        least = rivals[PLACES - 1] + 1 if len(rivals) >= PLACES else 1
        return max(least, paid + 1) if paid else least

    def boost(self, it: Bid, amount: int) -> None:
        rivals = [each for each in it.post.standing() if each is not it]
        self.spend(it, "boost", amount - it.paid())
        it.boost, it.boosted_at, it.is_outbid = amount, self.at, False
        for rival in rivals[PLACES - 1 :]:
            rival.is_outbid = True
            if not rival.is_answered:
                self.give_back(rival, "outbid", only="boost")

    def end(self, post: Post, status: str, reason: str) -> None:
        post.status = status
        for it in post.bids:
            if it.is_live:
                it.status = "closed"
                if reason:
                    self.give_back(it, reason)

    def expire(self) -> None:
        for lots in self.lots.values():
            for lot in lots:
                if lot.left and lot.expires_at <= self.at:
                    lot.left = 0

    def return_unopened(self) -> None:
        for post in self.posts:
            for it in post.bids:
                if it.status == "submitted" and it.sent_at <= self.at - 14 * DAY:
                    self.give_back(it, "unopened")


class Life:
    """The product and the model side by side; each step does one thing to both."""

    def __init__(
        self,
        dice: random.Random,
        people: dict[str, Person],
        alice: Person,
        marc: Person,
        card_of: dict[str, PaymentMethod],
    ) -> None:
        self.dice, self.people, self.alice, self.marc, self.card_of = dice, people, alice, marc, card_of
        self.model = Model()
        for name, person in people.items():
            party_id = party_of(person).pk
            self.model.lots[name] = [Lot(f"welcome:{party_id}", is_free=True, left=40, expires_at=START + 365 * DAY)]
        self.verbs: Counter[str] = Counter()
        self.refused = 0
        self.months = {START.strftime("%Y-%m")}

    @property
    def at(self) -> datetime:
        return self.model.at

    def tell(self) -> None:
        while deliver_due(at=self.at, limit=500):
            pass

    def attempt(self, name: str, call: Callable[[], Any], *, is_allowed: bool) -> Any:
        """Do a verb; one that the model forbids must be refused and leave no trace."""
        self.verbs[name] += 1
        if is_allowed:
            return call()
        before = fingerprint(TRACES)
        try:
            with transaction.atomic():
                call()
        except DomainError:
            self.refused += 1
            assert fingerprint(TRACES) == before, f"{name} was refused and changed something"
            return None
        raise AssertionError(f"{name} should have been refused")

    # What happens

    def post(self) -> None:
        if sum(each.status == "open" for each in self.model.posts) < 4:
            budget = self.dice.choice(list(COSTS))
            job = make_job(self.alice, at=self.at, budget=budget, title=f"Job {len(self.model.posts)}", hires_wanted=3)
            self.model.posts.append(Post(job.pk, COSTS[budget], self.at))
            self.verbs["publish_job"] += 1

    def some_post(self) -> Post | None:
        """Return a job, mostly an open one."""
        every = self.model.posts
        running = [each for each in every if each.status == "open"]
        return self.dice.choice(running if running and self.dice.random() < 0.85 else every) if every else None

    def some_bid(self) -> Bid | None:
        post = self.some_post()
        return self.dice.choice(post.bids) if post and post.bids else None

    def shuffled(self) -> list[str]:
        """Return everybody who bids, in any order."""
        return self.dice.sample(list(self.people), len(self.people))

    @staticmethod
    def is_bound(post: Post, who: str) -> bool:
        """Test whether somebody has a live proposal for the job."""
        return any(each.who == who and each.is_live for each in post.bids)

    def amount(self, least: int) -> int:
        """Return a bid around the lowest that gets a place, now and then one that nobody can pay."""
        return max(1, least + self.dice.choice([-1, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 9, 99]))

    def bid(self) -> None:
        post = self.some_post()
        if post is None:
            return
        who = self.dice.choice(list(self.people))
        if self.dice.random() < 0.8:  # mostly somebody who may
            who = next((each for each in self.shuffled() if not self.is_bound(post, each)), who)
        least = self.model.least(post, who, 0)
        boost = self.amount(least) if self.dice.random() < 0.6 else 0
        can_boost = not boost or (post.is_bid_for(self.at) and boost >= least)
        can_pay = self.model.held(who) >= post.cost + boost
        runs = Job.objects.filter(pk=post.pk, expires_at__gt=self.at).exists()  # 30 days from the client's last act
        call = bids.submit_proposal
        proposal = self.attempt(
            "submit_proposal with a boost" if boost else "submit_proposal",
            lambda: call(
                job_id=post.pk,
                amount=60_000,
                duration="",
                letter=LETTER,
                answers=[],
                language="en",
                boost=boost,
                by=self.people[who].actor,
                at=self.at,
            ),
            is_allowed=runs and post.status == "open" and not self.is_bound(post, who) and can_boost and can_pay,
        )
        if proposal:
            it = Bid(proposal.pk, who, post, self.at)
            self.model.spend(it, "proposal", post.cost)
            post.bids.append(it)
            if boost:
                self.model.boost(it, boost)

    def lift(self) -> None:
        it = self.some_bid()
        if it is None:
            return
        paid = it.paid()
        least = self.model.least(it.post, it.who, paid)
        boost = self.amount(least)
        raised = self.attempt(
            "raise_boost",
            lambda: bids.raise_boost(proposal_id=it.pk, boost=boost, by=self.people[it.who].actor, at=self.at),
            is_allowed=it.is_live
            and it.post.is_bid_for(self.at)
            and boost >= least
            and self.model.held(it.who) >= boost - paid,
        )
        if raised:
            self.model.boost(it, boost)

    def withdraw(self) -> None:
        it = self.some_bid()
        if it is None:
            return
        call = bids.withdraw_proposal
        by = self.people[it.who].actor
        if self.attempt("withdraw_proposal", lambda: call(proposal_id=it.pk, by=by, at=self.at), is_allowed=it.is_live):
            it.status = "withdrawn"

    def view(self) -> None:
        it = self.some_bid()
        if it is None:
            return
        self.verbs["view_proposal"] += 1
        bids.view_proposal(proposal_id=it.pk, by=self.alice.actor, at=self.at)
        if it.status == "submitted":
            it.status, it.is_answered = "viewed", True

    def decline(self) -> None:
        it = self.some_bid()
        if it is None:
            return
        call = bids.decline_proposal
        if self.attempt(
            "decline_proposal",
            lambda: call(proposal_id=it.pk, reason="price", by=self.alice.actor, at=self.at),
            is_allowed=it.is_live,
        ):
            it.status, it.is_answered = "declined", True

    def turn(self) -> None:
        post = self.some_post()
        if post is None:
            return
        if post.status == "open":
            pause_job(job_id=post.pk, by=self.alice.actor, at=self.at)
            post.status = "paused"
        elif post.status == "paused":
            resume_job(job_id=post.pk, by=self.alice.actor, at=self.at)
            post.status = "open"
        self.verbs["pause or resume"] += 1

    def end(self) -> None:
        post = self.some_post()
        if post is None or post.status not in {"open", "paused"}:
            return
        how = self.dice.choice(["close", "close", "expire", "remove", "hire"])
        self.verbs[f"{how} a job"] += 1
        if how == "hire":
            record_hire(job_id=post.pk, at=self.at)
            post.hires += 1
            if post.hires == 3:
                self.model.end(post, "filled", "")
        elif how == "close":
            close_job(job_id=post.pk, by=self.alice.actor, at=self.at)
            self.model.end(post, "closed", "" if post.hires else "closed")
        elif how == "remove":
            remove_job(job_id=post.pk, reason="Free work.", by=self.marc.actor, at=self.at)
            self.model.end(post, "removed", "removed")
        else:
            late = Job.objects.values_list("expires_at", flat=True).get(pk=post.pk)
            if late and late <= self.at + 30 * DAY:
                self.pass_time(late - self.at)
                expire_job(job_id=post.pk, at=self.at)
                self.model.end(post, "expired", "expired")
        self.tell()

    def buy(self) -> None:
        who = self.dice.choice(list(self.people))
        if self.model.held(who) > 90:
            return
        quantity = self.dice.choice([1, 20, 37])
        self.verbs["buy_connects"] += 1
        purchase = bids.buy_connects(
            party_id=party_of(self.people[who]).pk,
            quantity=quantity,
            method_id=self.card_of[who].pk,
            token=f"token-{self.verbs['buy_connects']}",
            by=self.people[who].actor,
            at=self.at,
        )
        cards.settle_all(self.at)
        self.model.add(who, f"purchase:{purchase.pk}", quantity, is_free=False)

    def sweep(self) -> None:
        """Let every clock of connects run, then all of them again: the second time does nothing."""
        clocks = (bids.return_unopened, bids.expire_lots, bids.remind_of_expiry, bids.grant_monthly)
        for verb in clocks:
            self.verbs[verb.__name__] += 1
            verb(at=self.at)
            if verb is bids.return_unopened:
                self.model.return_unopened()
            elif verb is bids.expire_lots:
                self.model.expire()
            elif verb is bids.grant_monthly and self.at.strftime("%Y-%m") not in self.months:
                month = self.at.strftime("%Y-%m")
                self.months.add(month)
                for name, person in self.people.items():
                    self.model.grant(name, f"monthly:{party_of(person).pk}:{month}")
        before = fingerprint(TRACES)
        again = [verb(at=self.at) for verb in clocks]
        assert (again, fingerprint(TRACES)) == ([0] * len(clocks), before)

    def pass_time(self, by: timedelta) -> None:
        self.model.at += by

    def jump(self) -> None:
        self.verbs["time passes"] += 1
        hours = self.dice.choice([1, 5, 24, 24, 72, 24 * 8, 24 * 15, *([24 * 120] if self.dice.random() < 0.3 else [])])
        self.pass_time(timedelta(hours=hours))
        if self.dice.random() < 0.8:
            self.sweep()

    def step(self) -> None:
        """Do one thing."""
        acts = {
            self.bid: 26,
            self.lift: 22,
            self.post: 8,
            self.view: 6,
            self.withdraw: 4,
            self.decline: 3,
            self.turn: 3,
            self.end: 5,
            self.buy: 8,
            self.jump: 7,
        }
        (act,) = self.dice.choices(list(acts), list(acts.values()))
        act()

    # What must be true after it

    def compare(self) -> None:
        """Compare every lot, every bid and every balance with the model."""
        lots = dict(ConnectLot.objects.values_list("key", "left"))
        expiries = dict(ConnectLot.objects.values_list("key", "expires_at"))
        mine = [lot for each in self.model.lots.values() for lot in each]
        assert lots == {lot.key: lot.left for lot in mine}
        assert expiries == {lot.key: lot.expires_at for lot in mine}
        names = {f"connects:party:{party_of(person).pk}": name for name, person in self.people.items()}
        held = balances([*names, "spent"], "CONNECT")
        for account, name in names.items():
            assert held[account] == sum(lot.left for lot in self.model.lots[name]), name
        every = [it for post in self.model.posts for it in post.bids]
        spends = [(it, spend) for it in every for spend in it.spends]
        assert held["spent"] == sum(spend.amount for _it, spend in spends if not spend.reason)
        rows = Proposal.objects.values_list("pk", "status", "boost", "outbid_at")
        assert {pk: (status, boost, outbid_at is not None) for pk, status, boost, outbid_at in rows} == {
            it.pk: (it.status, it.boost, it.is_outbid) for it in every
        }
        stored: dict[int, list[tuple[str, int, str]]] = {it.pk: [] for it in every}
        for pk, part, amount, reason in ConnectSpend.objects.order_by("pk").values_list(
            "proposal_id", "part", "amount", "reason"
        ):
            stored[pk].append((part, amount, reason))
        assert stored == {it.pk: [(each.part, each.amount, each.reason) for each in it.spends] for it in every}
        for post in self.model.posts:
            assert len(post.standing()) <= PLACES
        assert [str(each) for each in run_checks(of="connects:")] == []


@pytest.mark.django_db
def test_connects_equal_the_model_after_every_step(size: Any, figure: Callable[[str], None]) -> None:
    dice = random.Random(5)
    marc = make_staff("Marc", "moderator", at=START - DAY)
    alice = make_client("Alice", at=START)
    names = ("Bob", "Chloe", "Dan", "Eli", "Fay", "Gus", "Hal")
    people = {name: make_approved(name, moderator=marc, at=START) for name in names}
    while deliver_due(at=START, limit=500):
        pass
    card_of = {name: cards.make_card(person, at=START) for name, person in people.items()}
    verbs: Counter[str] = Counter()
    steps = refused = 0
    while steps < size.connect_steps:
        undo = transaction.atomic()
        undo._from_testcase = True  # type: ignore[attr-defined]  # the provider must see no transaction of ours
        with undo:
            life = Life(dice, people, alice, marc, card_of)
            for number in range(min(250, size.connect_steps - steps)):
                life.step()
                steps += 1
                life.compare()
                if number % CHECK_EVERY == 0:
                    assert [str(each) for each in run_checks()] == []
            verbs += life.verbs
            refused += life.refused
            transaction.set_rollback(True)

    figure(
        f"connects: {steps} steps, {sum(verbs.values())} verbs of {len(verbs)} kinds, {refused} refused without a "
        "trace, 0 differences from the model"
    )
    assert steps == size.connect_steps
