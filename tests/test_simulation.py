"""The whole marketplace at random: every verb, time that jumps, payments that fail or come late, beside a plain model.

After each step the ledger must hold, account by account, what the model says; a refused verb must change nothing; and
every few steps all checks of the books are run.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar

import pytest
from django.db import transaction
from django.db.models import Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.tests.cast import (
    GERMAN_VAT_NUMBER,
    VAT_NUMBER,
    Person,
    charge_vat,
    declare,
    make_client,
    make_staff,
)
from contracts import actions as work
from contracts.actions import Decision, EndChoice, MilestoneTerms
from contracts.actions.contracts import end_choices
from contracts.models import Contract, Milestone, Offer
from contracts.tests.cast import Deal, sign
from core.actor import Actor
from core.errors import DomainError
from core.machine import sources_of
from core.money import fee_of, split
from core.registers import SAMPLE_VAT_NUMBER
from core.sweeps import run_all
from disputes.actions import decide_case
from disputes.models import Case
from jobs.actions import close_job, pause_job, resume_job
from jobs.models import Job
from ledger.checks import run_checks
from ledger.models import Account
from payments.actions import (
    ask_about_charge,
    ask_credit_back,
    cancel_withdrawal,
    deliver_sandbox_events,
    give_back_release,
    process_inbox,
    request_withdrawal,
    run_charge,
    run_due_moves,
)
from payments.models import (
    Charge,
    Chargeback,
    FrozenPart,
    FrozenRelease,
    PaymentMethod,
    Release,
    Repayment,
    WebhookEvent,
    Withdrawal,
)
from payments.queries import (
    charge_taxes,
    credit_page,
    credit_total,
    most_to_give_back,
    purse,
    quote_charge,
)
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals import actions as bids
from proposals.models import ConnectClaim, ConnectLot, ConnectSpend, Proposal
from proposals.tests.cast import bid, make_job
from tests.nothing import fingerprint

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
STEPS_IN_EXAMPLE = 50
CHECK_EVERY = 25
#: The rate of the VAT on the fee of each freelancer: Ben has a German number, so he owes it himself.
SERVICE_VAT = {"bob": 2000, "ben": 0, "chloe": 2000}
KEPT = ("held", "pending", "available", "frozen", "transit", "receivable")
Row = TypeVar("Row")
Status = Milestone.Status


@dataclass(slots=True)
class Lot:
    """What one payment left on an account of the model: work and its VAT."""

    origin: int | None
    gross: int
    vat: int


@dataclass(slots=True)
class Books:
    """What the ledger must hold: minor units by account name; of held and frozen work without its VAT, kept apart.

    Held and frozen work is kept by payment, the oldest first: each part of a payment carries that payment's VAT.
    """

    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lots: dict[str, list[Lot]] = field(default_factory=lambda: defaultdict(list))

    def move(self, account: str, amount: int) -> None:
        """Add to an account of the model."""
        self.held[account] += amount

    def take(self, account: str) -> int:
        """Empty an account of the model and return what was on it."""
        self.lots.pop(account, None)
        return self.held.pop(account, 0)

    def hold(self, account: str, gross: int, vat: int, origin: int | None = None) -> None:
        """Put work with its VAT on an account of the model, or take it off: of the payment that it came by."""
        self.held[account] += gross
        lots = self.lots[account]
        known = [lot for lot in lots if origin is not None and lot.origin == origin]
        if not known and gross < 0 and len(lots) == 1:
            known = lots
        if known:
            known[0].gross += gross
            known[0].vat += vat
        else:
            lots.append(Lot(origin, gross, vat))

    def parts(self, account: str, gross: int) -> list[Lot]:
        """Take a part of the work off an account of the model, the oldest payment first; VAT is rounded half up."""
        self.held[account] -= gross
        taken = []
        for lot in self.lots[account]:
            part = min(lot.gross, gross)
            if part > 0:
                vat = (2 * lot.vat * part + lot.gross) // (2 * lot.gross)
                lot.gross, lot.vat, gross = lot.gross - part, lot.vat - vat, gross - part
                taken.append(Lot(lot.origin, part, vat))
        assert not gross, f"{account} holds too little"
        return taken

    def part(self, account: str, gross: int) -> int:
        """Take a part of the work off an account of the model; return its VAT."""
        return sum(lot.vat for lot in self.parts(account, gross))

    def share(self, account: str, gross: int) -> int:
        """Return the VAT of a share that takes of each payment on an account in proportion."""
        lots = [lot for lot in self.lots[account] if lot.gross]
        shares = split(gross, [lot.gross for lot in lots])
        return sum(split(lot.vat, [share, lot.gross - share])[0] for lot, share in zip(lots, shares, strict=True))

    def carry(self, frm: str, to: str) -> None:
        """Move everything from one account of the model to another."""
        self.shift(frm, to, self.held[frm])
        self.take(frm)

    def shift(self, frm: str, to: str, gross: int) -> None:
        """Move a part of the work, with its VAT and the payments it came by, to another account of the model."""
        for lot in self.parts(frm, gross):
            self.hold(to, lot.gross, lot.vat, lot.origin)

    def shown(self) -> dict[str, int]:
        """Return the accounts that hold something."""
        whole = {name: amount + self.vat(name) for name, amount in self.held.items()}
        return {name: amount for name, amount in whole.items() if amount}

    def vat(self, account: str) -> int:
        """Return the VAT of the work on an account of the model."""
        return sum(lot.vat for lot in self.lots.get(account, []))


@dataclass(slots=True)
class Tally:
    """What a run did."""

    steps: int = 0
    examples: int = 0
    refused: int = 0
    verbs: Counter[str] = field(default_factory=Counter)


TALLY = Tally()


class Marketplace(RuleBasedStateMachine):
    """Two clients, three freelancers, their staff, and whatever they do."""

    people: ClassVar[dict[str, Person]] = {}
    cards: ClassVar[dict[int, list[PaymentMethod]]] = {}
    #: What is held when a life begins, and its VAT: three contracts run, two jobs have bids.
    beginning: ClassVar[dict[str, tuple[int, int]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        self.books = Books()
        for name, (gross, vat) in self.beginning.items():
            self.books.hold(name, gross, vat)
        self.is_bob_charging_vat = True
        self.rates: dict[int, int] = {}
        self.seen = set(Charge.objects.values_list("pk", flat=True))
        self.released: dict[int, int] = defaultdict(int)
        self.fees: dict[int, int] = defaultdict(int)
        self.maturing: list[tuple[datetime, str, int]] = []
        #: What each chargeback has frozen, those whose end is known, and the repayments that are.
        self.contested: dict[str, int] = {}
        self.decided: set[int] = set()
        self.repaid: set[int] = set()
        self.steps = 0
        self.undo = transaction.atomic()
        self.undo._from_testcase = True  # type: ignore[attr-defined]  # the provider must see no transaction of ours
        self.undo.__enter__()
        TALLY.examples += 1

    def teardown(self) -> None:
        """Check the books a last time and take the example back."""
        try:
            assert [str(each) for each in run_checks()] == []
            assert cards.differences() == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # Helpers

    def pick(self, rows: Iterable[Row], seed: int) -> Row | None:
        """Return one of the rows."""
        every: Sequence[Row] = list(rows)
        return every[seed % len(every)] if every else None

    def attempt(self, name: str, call: Callable[[], Any], *, is_allowed: bool) -> Any:
        """Do a verb; one that the machine does not allow must be refused and change nothing."""
        TALLY.verbs[name] += 1
        if is_allowed:
            return call()
        before = fingerprint()
        try:
            with transaction.atomic():
                call()
        except DomainError:
            TALLY.refused += 1
            assert fingerprint() == before, f"{name} was refused and changed something"
            return None
        raise AssertionError(f"{name} should have been refused")

    def client_of(self, contract: Contract) -> Person:
        """Return who acts for the client of a contract."""
        return next(each for each in self.people.values() if each.party and each.party.pk == contract.client_id)

    def freelancer_of(self, party_id: int) -> Person:
        """Return who acts for a freelancer."""
        return next(each for each in self.people.values() if each.party and each.party.pk == party_id)

    def milestones(self) -> list[Milestone]:
        """Return every milestone with its contract, oldest first."""
        return list(Milestone.objects.select_related("contract").order_by("pk"))

    def release(self, milestone: Milestone, gross: int) -> None:
        """Move held money of the model to the freelancer's pending balance, less the fee so far."""
        if not gross:
            return
        party = milestone.contract.freelancer_id
        rate = SERVICE_VAT[self.name_of(party)]
        before = fee_of(self.released[milestone.pk], 1000)
        self.released[milestone.pk] += gross
        after = fee_of(self.released[milestone.pk], 1000)
        vat = self.books.part(f"held:milestone:{milestone.pk}", gross)
        net = gross + vat - (after - before) - (fee_of(after, rate) - fee_of(before, rate))
        self.books.move(f"pending:party:{party}", net)
        self.maturing.append((self.at + timedelta(days=5), f"party:{party}", net))

    def name_of(self, party_id: int) -> str:
        """Return the name of whoever acts for a party."""
        return next(name for name, each in self.people.items() if each.party and each.party.pk == party_id)

    def work_rate(self, client_id: int, worker_id: int) -> int:
        """Return the rate of the VAT on work of one for the other, as they stand now."""
        worker, client = self.name_of(worker_id), self.name_of(client_id)
        if worker == "bob":
            return 2000 if self.is_bob_charging_vat else 0
        return 1900 if (worker, client) == ("ben", "ann") else 0  # Alice has a number: reverse charge

    def note_charges(self) -> None:
        """Remember which rate each charge must have: that of the moment at which it was planned."""
        for charge in Charge.objects.filter(purpose__startswith="contracts.").exclude(pk__in=self.rates):
            model = Offer if charge.purpose == "contracts.offer" else Milestone
            row: Any = model.objects.get(pk=charge.reference)
            deal = row if model is Offer else row.contract
            self.rates[charge.pk] = self.work_rate(deal.client_id, deal.freelancer_id)

    def held(self, milestone: Milestone) -> int:
        """Return what the model holds for a milestone."""
        return self.books.held.get(f"held:milestone:{milestone.pk}", 0)

    # Legal status

    @rule()
    def bob_changes_his_vat(self) -> None:
        """Let Bob begin or stop to charge VAT: what was charged keeps its sums."""
        self.note_charges()
        self.is_bob_charging_vat = not self.is_bob_charging_vat
        bob = self.people["bob"]
        if self.is_bob_charging_vat:
            charge_vat(bob, at=self.at)
        else:
            declare(bob, vat_number=VAT_NUMBER, at=self.at)
        TALLY.verbs["save_legal_profile"] += 1

    # Jobs and bids

    @rule(seed=st.integers(0, 99), budget=st.sampled_from([5_000, 60_000, 150_001]))
    def post_a_job(self, seed: int, budget: int) -> None:
        client = self.people["alice" if seed % 2 else "ann"]
        if Job.objects.filter(status=Job.Status.OPEN).count() < 6:
            make_job(client, at=self.at, budget=budget, title=f"Job {seed}", hires_wanted=1 + seed % 3)
            TALLY.verbs["publish_job"] += 1

    @rule(seed=st.integers(0, 999))
    def bid_on_a_job(self, seed: int) -> None:
        job = self.pick(Job.objects.order_by("pk"), seed)
        person = self.people[("bob", "ben", "chloe")[seed % 3]]
        if job is None or person.party is None:
            return
        has_bound = Proposal.objects.filter(job=job, party=person.party, status__in=Proposal.BOUND).exists()
        lots = ConnectLot.objects.filter(party=person.party, left__gt=0, expires_at__gt=self.at)
        is_rich = sum(lot.left for lot in lots) >= (job.connects_cost or 0)
        is_open = job.status == Job.Status.OPEN and job.expires_at is not None and job.expires_at > self.at
        self.attempt(
            "submit_proposal",
            lambda: bid(person, job, at=self.at, amount=500 + seed * 7),
            is_allowed=is_open and is_rich and not has_bound and not self.owed_connects(person),
        )

    @rule(seed=st.integers(0, 999), verb=st.sampled_from(["pause", "resume", "close"]))
    def turn_a_job(self, seed: int, verb: str) -> None:
        job = self.pick(Job.objects.order_by("pk"), seed)
        if job is None or (verb == "close" and seed % 4):
            return
        by = self.freelancer_of(job.client_id).actor
        call = {"pause": pause_job, "resume": resume_job, "close": close_job}[verb]
        allowed = job.status in sources_of(Job.TRANSITIONS, f"{verb}_job")
        self.attempt(f"{verb}_job", lambda: call(job_id=job.pk, by=by, at=self.at), is_allowed=allowed)

    @rule(seed=st.integers(0, 999), verb=st.sampled_from(["view", "withdraw", "decline", "shortlist"]))
    def answer_a_bid(self, seed: int, verb: str) -> None:
        proposal = self.pick(Proposal.objects.select_related("job").order_by("pk"), seed)
        if proposal is None or (verb in {"withdraw", "decline"} and seed % 3):
            return
        client = self.freelancer_of(proposal.job.client_id).actor
        worker = self.freelancer_of(proposal.party_id).actor
        pk, at = proposal.pk, self.at
        if verb == "view":
            self.attempt("view_proposal", lambda: bids.view_proposal(proposal_id=pk, by=client, at=at), is_allowed=True)
        elif verb == "shortlist":
            self.attempt(
                "shortlist_proposal",
                lambda: bids.shortlist_proposal(proposal_id=pk, by=client, at=at),
                is_allowed=proposal.status in Proposal.BOUND,
            )
        elif verb == "withdraw":
            self.attempt(
                "withdraw_proposal",
                lambda: bids.withdraw_proposal(proposal_id=pk, by=worker, at=at),
                is_allowed=proposal.status in Proposal.LIVE,
            )
        else:
            self.attempt(
                "decline_proposal",
                lambda: bids.decline_proposal(proposal_id=pk, reason="price", by=client, at=at),
                is_allowed=proposal.status in Proposal.LIVE,
            )

    @rule(seed=st.integers(0, 99), quantity=st.integers(1, 30))
    def buy_connects(self, seed: int, quantity: int) -> None:
        person = self.people[("bob", "ben", "chloe")[seed % 3]]
        assert person.party is not None
        method = self.pick(self.cards[person.party.pk], seed)
        assert method is not None
        bids.buy_connects(
            party_id=person.party.pk,
            quantity=quantity,
            method_id=method.pk,
            token=str(random.getrandbits(64)),
            by=person.actor,
            at=self.at,
        )
        TALLY.verbs["buy_connects"] += 1

    # Offers

    @rule(seed=st.integers(0, 999), amount=st.integers(500, 200_000), parts=st.integers(1, 3))
    def offer_on_a_bid(self, seed: int, amount: int, parts: int) -> None:
        proposal = self.pick(
            Proposal.objects.filter(status__in=Proposal.LIVE, job__status=Job.Status.OPEN).select_related("job"), seed
        )
        if proposal is None or Offer.objects.filter(proposal=proposal, status__in=Offer.LIVE).exists():
            return
        client = self.freelancer_of(proposal.job.client_id)
        assert client.party is not None
        offer = work.write_offer(
            proposal_id=proposal.pk,
            title="Work",
            deliverables="What was agreed.",
            starts_on=None,
            ends_on=None,
            duration="weeks",
            milestones=[MilestoneTerms(title=f"Part {n}", amount=amount + n) for n in range(parts)],
            language="en",
            by=client.actor,
            at=self.at,
        )
        method = self.pick(self.cards[client.party.pk], seed)
        assert method is not None
        work.send_offer(offer_id=offer.pk, method_id=method.pk, seen_version=offer.version, by=client.actor, at=self.at)
        TALLY.verbs["send_offer"] += 1

    @rule(seed=st.integers(0, 999), verb=st.sampled_from(["accept", "accept", "accept", "decline", "withdraw"]))
    def answer_an_offer(self, seed: int, verb: str) -> None:
        offer = self.pick(Offer.objects.order_by("-pk")[:8], seed)
        if offer is None:
            return
        client = self.freelancer_of(offer.client_id).actor
        worker = self.freelancer_of(offer.freelancer_id).actor
        is_pending = offer.status == Offer.Status.PENDING
        is_ending = offer.end_requested_at is not None
        is_raised = offer.status == Offer.Status.RAISING and not is_ending
        name = f"held:offer:{offer.pk}"
        if verb == "accept":
            job = Job.objects.get(pk=offer.job_id or 0)
            is_allowed = is_pending and job.status != Job.Status.REMOVED
            contract = self.attempt(
                "accept_offer",
                lambda: work.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=worker, at=self.at),
                is_allowed=is_allowed,
            )
            if contract is not None:
                first = Milestone.objects.get(contract=contract, position=1)
                self.books.carry(name, f"held:milestone:{first.pk}")
        elif verb == "decline":
            declined = self.attempt(
                "decline_offer",
                lambda: work.decline_offer(offer_id=offer.pk, note="", by=worker, at=self.at),
                is_allowed=is_pending or is_raised,
            )
            if declined and is_pending:
                self.books.take(name)
        else:
            withdrawn = self.attempt(
                "withdraw_offer",
                lambda: work.withdraw_offer(offer_id=offer.pk, by=client, at=self.at),
                is_allowed=offer.status in Offer.LIVE and not is_ending,
            )
            if withdrawn and not is_raised:
                self.books.take(name)

    @rule(
        seed=st.integers(0, 9999),
        amount=st.integers(500, 200_000),
        verb=st.sampled_from(
            ["counter", "counter", "agree", "agree", "credit", "withdraw", "refuse", "write", "revise"]
        ),
    )
    def negotiate_an_offer(self, seed: int, amount: int, verb: str) -> None:
        """Put other terms forward, or answer them: a cheaper first milestone returns money, a dearer one is charged."""
        offer = self.pick(Offer.objects.filter(status__in=Offer.OUT).order_by("-pk")[:6], seed)
        if offer is None:
            return
        client, worker = self.freelancer_of(offer.client_id), self.freelancer_of(offer.freelancer_id)
        assert client.party is not None
        is_pending = offer.status == Offer.Status.PENDING
        versions = {each.state: each for each in offer.versions.filter(state__in=["open", "draft"])}
        if verb in {"counter", "write"}:
            by = worker if verb == "counter" else client
            call = work.counter_offer if verb == "counter" else work.write_revision
            plan = (MilestoneTerms(title=f"Part {seed}", amount=amount), MilestoneTerms(title="Rest", amount=700))
            self.attempt(
                call.__name__,
                lambda: call(
                    offer_id=offer.pk,
                    terms=replace(work.terms_in_force(offer), milestones=plan),
                    note="",
                    seen_version=offer.version,
                    by=by.actor,
                    at=self.at,
                ),
                is_allowed=is_pending,
            )
            return
        version = versions.get("draft" if verb == "revise" else "open")
        allowed, pk = is_pending and version is not None, version.pk if version else 0
        if verb == "withdraw":
            self.attempt(
                "withdraw_counter",
                lambda: work.withdraw_counter(offer_id=offer.pk, by=worker.actor, at=self.at),
                is_allowed=allowed,
            )
        elif verb == "refuse":
            self.attempt(
                "refuse_counter",
                lambda: work.refuse_counter(offer_id=offer.pk, version_id=pk, note="", by=client.actor, at=self.at),
                is_allowed=allowed,
            )
        else:
            self.adopt(offer, version, verb, client, seed)

    def adopt(self, offer: Offer, version: Any, verb: str, client: Person, seed: int) -> None:
        """Put other terms in force, as the client does; the model moves what must move at once."""
        assert client.party is not None
        name = f"held:offer:{offer.pk}"
        allowed, pk = offer.status == Offer.Status.PENDING and version is not None, version.pk if version else 0
        more = version.first_amount - self.books.held.get(name, 0) if version else 0
        says: dict[str, Any] = {"offer_id": offer.pk, "version_id": pk, "by": client.actor, "at": self.at}
        if verb == "credit":
            taxes = charge_taxes(payer_id=offer.client_id, payee_id=offer.freelancer_id)
            quote = quote_charge(max(more, 1), offer.fee_version, taxes)
            is_covered = more > 0 and credit_total(client.party.pk) >= quote.total
            if self.attempt(
                "agree_to_counter_from_credit",
                lambda: work.agree_to_counter_from_credit(**says),
                is_allowed=allowed and is_covered,
            ):
                self.books.hold(name, more, fee_of(more, self.work_rate(offer.client_id, offer.freelancer_id)))
            return
        method = self.pick(self.cards[client.party.pk], seed)
        assert method is not None
        call = work.revise_offer if verb == "revise" else work.agree_to_counter
        done = self.attempt(call.__name__, lambda: call(**says, method_id=method.pk), is_allowed=allowed)
        if done and more < 0:
            self.books.part(name, -more)

    # Milestones

    @rule(seed=st.integers(0, 9999), amount=st.integers(500, 90_000))
    def propose_or_answer_a_milestone(self, seed: int, amount: int) -> None:
        contract = self.pick(Contract.objects.order_by("pk"), seed)
        if contract is None:
            return
        client, worker = self.client_of(contract).actor, self.freelancer_of(contract.freelancer_id).actor
        draft = Milestone.objects.filter(contract=contract, status=Status.DRAFT).first()
        if draft is None:
            self.attempt(
                "propose_milestone",
                lambda: work.propose_milestone(
                    contract_id=contract.pk, terms=MilestoneTerms(title="More", amount=amount), by=worker, at=self.at
                ),
                is_allowed=contract.status == Contract.Status.ACTIVE,
            )
            return
        verb = (work.accept_milestone, work.decline_milestone)[seed % 2]
        self.attempt(
            verb.__name__,
            lambda: verb(milestone_id=draft.pk, seen_version=draft.version, by=client, at=self.at),
            is_allowed=contract.status == Contract.Status.ACTIVE,
        )

    @rule(seed=st.integers(0, 9999), verb=st.sampled_from(["fund", "fund", "cancel", "give_up"]))
    def pay_for_a_milestone(self, seed: int, verb: str) -> None:
        milestone = self.pick(self.milestones(), seed)
        if milestone is None:
            return
        client = self.client_of(milestone.contract)
        assert client.party is not None
        method = self.pick(self.cards[client.party.pk], seed)
        assert method is not None
        is_active = milestone.contract.status == Contract.Status.ACTIVE
        if verb == "fund":
            self.attempt(
                "fund_milestone",
                lambda: work.fund_milestone(
                    milestone_id=milestone.pk,
                    method_id=method.pk,
                    seen_version=milestone.version,
                    by=client.actor,
                    at=self.at,
                ),
                is_allowed=is_active and milestone.status == Status.AGREED,
            )
        elif verb == "cancel":
            self.attempt(
                "cancel_milestone",
                lambda: work.cancel_milestone(
                    milestone_id=milestone.pk, seen_version=milestone.version, by=client.actor, at=self.at
                ),
                is_allowed=milestone.status == Status.AGREED,
            )
        elif milestone.status == Status.FUNDING:
            try:
                work.give_up_milestone_payment(milestone_id=milestone.pk, by=client.actor, at=self.at)
                TALLY.verbs["give_up_milestone_payment"] += 1
            except DomainError:
                TALLY.refused += 1

    @rule(seed=st.integers(0, 9999))
    def submit_work(self, seed: int) -> None:
        milestone = self.pick(self.milestones(), seed)
        if milestone is None:
            return
        worker = self.freelancer_of(milestone.contract.freelancer_id)
        self.attempt(
            "submit_milestone",
            lambda: work.submit_milestone(
                milestone_id=milestone.pk,
                note="Done.",
                file_ids=[],
                seen_version=milestone.version,
                by=worker.actor,
                at=self.at,
            ),
            is_allowed=milestone.status in sources_of(Milestone.TRANSITIONS, "submit_milestone"),
        )

    @rule(
        seed=st.integers(0, 9999),
        verb=st.sampled_from(["changes", "approve", "release", "part", "ask_back"]),
        share=st.floats(0.01, 0.99),
    )
    def client_decides(self, seed: int, verb: str, share: float) -> None:
        milestone = self.pick(self.milestones(), seed)
        if milestone is None:
            return
        client = self.client_of(milestone.contract).actor
        held = self.held(milestone)
        part = max(1, min(int(held * share), held - 1))
        common: dict[str, Any] = {"milestone_id": milestone.pk, "seen_version": milestone.version, "at": self.at}
        payable = milestone.status in Milestone.PAYABLE
        if verb == "changes":
            self.attempt(
                "request_milestone_changes",
                lambda: work.request_milestone_changes(note="Again.", by=client, **common),
                is_allowed=milestone.status == Status.SUBMITTED,
            )
        elif verb == "approve":
            if self.attempt(
                "approve_milestone",
                lambda: work.approve_milestone(by=client, **common),
                is_allowed=milestone.status == Status.SUBMITTED,
            ):
                self.release(milestone, held)
        elif verb == "release":
            if self.attempt(
                "release_milestone",
                lambda: work.release_milestone(by=client, **common),
                is_allowed=milestone.status in sources_of(Milestone.TRANSITIONS, "release_milestone"),
            ):
                self.release(milestone, held)
        elif verb == "part":
            if held > 1 and self.attempt(
                "release_milestone_part",
                lambda: work.release_milestone_part(amount=part, by=client, **common),
                is_allowed=payable,
            ):
                self.release(milestone, part)
        elif held:
            self.attempt(
                "ask_milestone_back",
                lambda: work.ask_milestone_back(amount=held if seed % 2 else part, note="Late.", by=client, **common),
                is_allowed=payable,
            )

    @rule(seed=st.integers(0, 9999), verb=st.sampled_from(["agree", "give_back"]))
    def freelancer_decides(self, seed: int, verb: str) -> None:
        milestone = self.pick(self.milestones(), seed)
        if milestone is None:
            return
        worker = self.freelancer_of(milestone.contract.freelancer_id).actor
        common: dict[str, Any] = {"milestone_id": milestone.pk, "seen_version": milestone.version, "at": self.at}
        if verb == "agree":
            if self.attempt(
                "agree_to_ask_back",
                lambda: work.agree_to_ask_back(by=worker, **common),
                is_allowed=milestone.status == Status.REFUND_REQUESTED,
            ):
                self.books.part(f"held:milestone:{milestone.pk}", milestone.asked_back or 0)
        elif self.attempt(
            "give_milestone_back",
            lambda: work.give_milestone_back(by=worker, **common),
            is_allowed=milestone.status in sources_of(Milestone.TRANSITIONS, "give_milestone_back"),
        ):
            self.books.take(f"held:milestone:{milestone.pk}")

    @rule(seed=st.integers(0, 9999), is_release=st.booleans(), share=st.floats(0.01, 1))
    def move_what_is_not_frozen(self, seed: int, is_release: bool, share: float) -> None:
        milestone = self.pick((each for each in self.milestones() if each.status in Milestone.FROZEN), seed)
        if milestone is None:
            return
        held = self.held(milestone)
        part = max(int(held * share), 1)
        common: dict[str, Any] = {"milestone_id": milestone.pk, "seen_version": milestone.version, "at": self.at}
        if is_release:
            client = self.client_of(milestone.contract).actor
            if self.attempt(
                "release_undisputed",
                lambda: work.release_undisputed(amount=part, by=client, **common),
                is_allowed=part <= held,
            ):
                self.release(milestone, part)
            return
        worker = self.freelancer_of(milestone.contract.freelancer_id).actor
        if self.attempt(
            "give_undisputed_back",
            lambda: work.give_undisputed_back(amount=part, by=worker, **common),
            is_allowed=part <= held,
        ):
            self.books.part(f"held:milestone:{milestone.pk}", part)

    @rule(seed=st.integers(0, 9999))
    def move_the_rest(self, seed: int) -> None:
        milestone = self.pick((each for each in self.milestones() if each.status in Milestone.PAYABLE), seed)
        if milestone is None:
            return
        held = self.held(milestone)
        target = (
            Milestone.objects.filter(contract=milestone.contract, status=Status.AGREED, amount__lt=held)
            .order_by("pk")
            .first()
        )
        if target is None or milestone.contract.status != Contract.Status.ACTIVE:
            return
        part = held - target.amount
        work.release_part_and_move(
            milestone_id=milestone.pk,
            amount=part,
            target_id=target.pk,
            seen_version=milestone.version,
            by=self.client_of(milestone.contract).actor,
            at=self.at,
        )
        TALLY.verbs["release_part_and_move"] += 1
        self.release(milestone, part)
        self.books.carry(f"held:milestone:{milestone.pk}", f"held:milestone:{target.pk}")

    @rule(seed=st.integers(0, 999), is_client=st.booleans())
    def end_a_contract(self, seed: int, is_client: bool) -> None:
        contract = self.pick(Contract.objects.order_by("pk"), seed)
        if contract is None or seed % 3:
            return
        by = (self.client_of(contract) if is_client else self.freelancer_of(contract.freelancer_id)).actor
        rows = list(Milestone.objects.filter(contract=contract).select_related("contract").order_by("pk"))
        decisions: dict[int, Decision] = {}
        for row in rows:
            choices = end_choices(row, is_client=is_client)
            if choices:
                decisions[row.pk] = Decision(choices[seed % len(choices)], row.version, "The end.")
        if self.attempt(
            "end_contract",
            lambda: work.end_contract(
                contract_id=contract.pk, reason="done", note="", decisions=decisions, by=by, at=self.at
            ),
            is_allowed=contract.status == Contract.Status.ACTIVE,
        ):
            for row in rows:
                choice = decisions[row.pk].choice if row.pk in decisions else None
                if choice == EndChoice.RELEASE:
                    self.release(row, self.held(row))
                elif choice == EndChoice.GIVE_BACK:
                    self.books.take(f"held:milestone:{row.pk}")

    @rule(seed=st.integers(0, 999), share=st.floats(0, 1))
    def decide_a_case(self, seed: int, share: float) -> None:
        case = self.pick(Case.objects.select_related("milestone__contract").order_by("pk"), seed)
        if case is None:
            return
        to_freelancer = int(case.gross * share)
        mediator: Actor = self.people["dora"].actor
        if self.attempt(
            "decide_case",
            lambda: decide_case(
                case_id=case.pk,
                seen_version=case.version,
                to_freelancer=to_freelancer,
                to_client=case.gross - to_freelancer,
                reasons="Half of it was done.",
                by=mediator,
                at=self.at,
            ),
            is_allowed=case.status == Case.Status.MEDIATION,
        ):
            name = f"held:milestone:{case.milestone_id}"
            vat = self.books.share(f"frozen:case:{case.pk}", to_freelancer)
            self.books.take(f"frozen:case:{case.pk}")
            if to_freelancer:
                rest, lots = self.books.held.pop(name, 0), self.books.lots.pop(name, [])
                self.books.hold(name, to_freelancer, vat)
                self.release(case.milestone, to_freelancer)
                self.books.held[name], self.books.lots[name] = rest, lots

    # Money on its way

    @rule(seed=st.integers(0, 99), amount=st.integers(1, 200_000))
    def withdraw(self, seed: int, amount: int) -> None:
        person = self.people[("bob", "ben", "chloe")[seed % 3]]
        assert person.party is not None
        party_id = person.party.pk
        method_id = person.party.payout_methods.get().pk
        if self.attempt(
            "request_withdrawal",
            lambda: request_withdrawal(
                party_id=party_id, method_id=method_id, amount=amount, by=person.actor, at=self.at
            ),
            is_allowed=amount <= purse(party_id).withdrawable,
        ):
            missing = FrozenRelease.objects.filter(payee_id=party_id, closed_at=None).aggregate(sum=Sum("missing"))
            assert not self.books.held.get(f"receivable:party:{party_id}"), "a debt is repaid before anything leaves"
            assert amount <= self.books.held[f"available:party:{party_id}"] - (missing["sum"] or 0)
            self.books.move(f"available:party:{party_id}", -amount)
            self.books.move(f"transit:withdrawal:{Withdrawal.objects.latest('pk').pk}", amount)

    @rule(seed=st.integers(0, 999), share=st.floats(0, 1.1))
    def give_a_release_back(self, seed: int, share: float) -> None:
        release = self.pick(Release.objects.filter(remaining__gt=0).order_by("pk"), seed)
        if release is None:
            return
        by, most = self.freelancer_of(release.payee_id).actor, most_to_give_back(release)
        gross = int(most * share)
        available = max(purse(release.payee_id).available, 0)
        given = self.attempt(
            "give_back_release",
            lambda: give_back_release(release_id=release.pk, gross=gross, by=by, at=self.at),
            is_allowed=0 < gross <= most,
        )
        if given is None:
            return
        # The net is in proportion, but for the cents of four roundings, however many parts went back before, and of
        # those of each part that a bank holds.
        assert abs(given.net - release.net * gross / release.gross) < 4 + 4 * release.frozen_parts.count()
        self.books.move(f"receivable:party:{release.payee_id}", -given.owed)
        party = f"party:{release.payee_id}"
        if release.matured_at:
            assert given.owed >= given.net - available
            self.books.move(f"available:{party}", given.owed - given.net)
            return
        assert given.owed == 0
        self.books.move(f"pending:{party}", -given.net)
        self.take_from_maturing(release, given.net)

    def take_from_maturing(self, release: Release, amount: int) -> None:
        """Let so much less of a release become available."""
        for place, (matures_at, owner, net) in enumerate(self.maturing):
            if (matures_at, owner) == (release.matures_at, f"party:{release.payee_id}"):
                part = min(net, amount)
                self.maturing[place] = (matures_at, owner, net - part)
                amount -= part
        assert amount == 0

    # Banks

    @rule(seed=st.integers(0, 9999), share=st.sampled_from([1.0, 1.0, 0.5, 0.001]))
    def contest_a_payment(self, seed: int, share: float) -> None:
        """Let a payer contest a payment, or a part of it; the bank takes the sum at once."""
        paid = Charge.objects.filter(Q(purpose__startswith="contracts.") | Q(purpose="proposals.connects"))
        paid = paid.filter(status=Charge.Status.CONFIRMED).exclude(chargebacks__status__in=["open", "answered", "lost"])
        charge = self.pick(paid.order_by("pk"), seed)
        if charge is None or seed % 3:
            return
        amount = max(int(charge.amount * share), 1)
        cards.sandbox().contest(charge.provider_id or "", amount, at=self.at - cards.SANDBOX_TIME)
        deliver_sandbox_events(at=self.at)
        process_inbox(at=self.at)
        TALLY.verbs["chargeback opened"] += 1
        self.observe()
        assert Chargeback.objects.filter(charge=charge, amount=amount, settled_at=None).exists()

    @rule(seed=st.integers(0, 999), verb=st.sampled_from(["won", "lost"]))
    def bank_decides(self, seed: int, verb: str) -> None:
        chargeback = self.pick(Chargeback.objects.filter(settled_at=None).order_by("pk"), seed)
        if chargeback is None:
            return
        cards.sandbox().decide_dispute(chargeback.provider_id, is_won=verb == "won", at=self.at)
        deliver_sandbox_events(at=self.at)
        process_inbox(at=self.at)
        TALLY.verbs[f"chargeback {verb}"] += 1
        self.observe()
        assert Chargeback.objects.get(pk=chargeback.pk).status == verb

    def see_banks(self) -> None:
        """Take into the model which payments the banks took, gave back or kept."""
        for chargeback in Chargeback.objects.order_by("pk"):
            parts = list(FrozenPart.objects.filter(case=chargeback.holder).order_by("pk"))
            rows = list(FrozenRelease.objects.filter(case=chargeback.holder).select_related("release"))
            if chargeback.holder not in self.contested:
                self.freeze(chargeback, parts, rows)
            if not chargeback.is_running and chargeback.pk not in self.decided:
                self.decided.add(chargeback.pk)
                self.unfreeze(chargeback, parts, rows)

    def freeze(self, chargeback: Chargeback, parts: list[FrozenPart], rows: list[FrozenRelease]) -> None:
        """Freeze in the model; nobody is said to lack what they have."""
        for part in parts:
            if not part.taken_from.startswith(("refund:", "credit:")):
                where = f"frozen:{part.taken_from}" if part.taken_from else f"held:{part.source}"
                self.books.hold(where, -part.gross, -part.vat, part.charge_id)
            if part.source.startswith("offer:"):
                self.books.take(f"held:{part.source}")  # the rest goes back: the offer is withdrawn
        for row in rows:
            party = f"party:{row.payee_id}"
            self.books.move(f"{'available' if row.is_available else 'pending'}:{party}", -row.frozen)
            if not row.is_available:
                self.take_from_maturing(row.release, row.frozen)
            elif row.frozen < row.from_remaining:
                assert self.books.held[f"available:{party}"] == 0
        frozen = sum(part.whole for part in parts) + sum(row.frozen for row in rows)
        assert frozen <= chargeback.amount
        self.contested[chargeback.holder] = frozen

    def unfreeze(self, chargeback: Chargeback, parts: list[FrozenPart], rows: list[FrozenRelease]) -> None:
        """Put back in the model what was won; what was lost is gone, and owed where it was paid out."""
        self.contested[chargeback.holder] = 0
        is_won = chargeback.status == "won"
        for part in parts if is_won else ():
            if not part.taken_from.startswith(("refund:", "credit:")) and not part.source.startswith("offer:"):
                where = f"frozen:{part.taken_from}" if part.taken_from else f"held:{part.source}"
                self.books.hold(where, part.gross, part.vat, part.charge_id)
        for row in rows:
            party = f"party:{row.payee_id}"
            if not is_won:
                self.books.move(f"receivable:{party}", -row.missing)
            elif row.release.matured_at:
                self.books.move(f"available:{party}", row.frozen)
            else:
                self.books.move(f"pending:{party}", row.frozen)
                self.maturing.append((row.release.matures_at, party, row.frozen))

    def see_repayments(self) -> None:
        """Take into the model what was repaid of debts: never more than is owed."""
        for repayment in Repayment.objects.exclude(pk__in=self.repaid).select_related("release").order_by("pk"):
            self.repaid.add(repayment.pk)
            TALLY.verbs["repay_debts"] += 1
            party = f"party:{repayment.party_id}"
            self.books.move(f"receivable:{party}", repayment.amount)
            assert self.books.held[f"receivable:{party}"] <= 0
            self.books.move(f"{'available' if repayment.is_available else 'pending'}:{party}", -repayment.amount)
            if not repayment.is_available:
                self.take_from_maturing(repayment.release, repayment.amount)

    def owed_connects(self, person: Person) -> int:
        """Return how many connects somebody has to buy again."""
        owed = ConnectClaim.objects.filter(party=person.party).aggregate(sum=Sum("owed"))
        return int(owed["sum"] or 0)

    @rule(seed=st.integers(0, 9999))
    def pay_from_credit(self, seed: int) -> None:
        milestone = self.pick((each for each in self.milestones() if each.status == Status.AGREED), seed)
        if milestone is None:
            return
        contract = milestone.contract
        client = self.client_of(contract)
        taxes = charge_taxes(payer_id=contract.client_id, payee_id=contract.freelancer_id)
        total = quote_charge(milestone.amount, contract.fee_version, taxes).total
        if self.attempt(
            "fund_milestone_from_credit",
            lambda: work.fund_milestone_from_credit(
                milestone_id=milestone.pk, seen_version=milestone.version, by=client.actor, at=self.at
            ),
            is_allowed=contract.status == Contract.Status.ACTIVE and total <= credit_total(contract.client_id),
        ):
            rate = self.work_rate(contract.client_id, contract.freelancer_id)
            self.books.hold(f"held:milestone:{milestone.pk}", milestone.amount, fee_of(milestone.amount, rate))

    @rule(name=st.sampled_from(["alice", "ann"]))
    def ask_for_credit(self, name: str) -> None:
        party = self.people[name].party
        assert party is not None
        page = credit_page(party.pk)
        self.attempt(
            "ask_credit_back",
            lambda: ask_credit_back(party_id=party.pk, by=self.people[name].actor, at=self.at),
            is_allowed=page.total > 0 and page.can_ask,
        )

    @rule(seed=st.integers(0, 99))
    def cancel_a_withdrawal(self, seed: int) -> None:
        withdrawal = self.pick(Withdrawal.objects.filter(status=Withdrawal.Status.RESERVED).order_by("pk"), seed)
        if withdrawal is None:
            return
        by = self.freelancer_of(withdrawal.party_id).actor
        cancel_withdrawal(withdrawal_id=withdrawal.pk, by=by, at=self.at)
        TALLY.verbs["cancel_withdrawal"] += 1
        amount = self.books.take(f"transit:withdrawal:{withdrawal.pk}")
        self.books.move(f"available:party:{withdrawal.party_id}", amount)

    @rule(order=st.permutations(["moves", "sandbox", "inbox"]), seed=st.integers(0, 99))
    def provider_works(self, order: list[str], seed: int) -> None:
        """Let some of what is under way happen, in any order, with an announcement repeated now and then."""
        works = {"moves": run_due_moves, "sandbox": deliver_sandbox_events, "inbox": process_inbox}
        for name in order[: 1 + seed % 3]:
            works[name](at=self.at)
        event = self.pick(WebhookEvent.objects.exclude(processed_at=None).order_by("pk"), seed)
        if event is not None and seed % 5 == 0:
            WebhookEvent.objects.filter(pk=event.pk).update(processed_at=None, next_at=self.at)
        self.observe()

    @rule(seed=st.integers(0, 99), is_approved=st.booleans())
    def payer_answers_the_bank(self, seed: int, is_approved: bool) -> None:
        waiting = Charge.objects.filter(status=Charge.Status.WAITING).exclude(next_url="").order_by("pk")
        charge = self.pick(waiting, seed)
        if charge is None or charge.provider_id is None:
            return
        cards.sandbox().decide(charge.provider_id, is_approved=is_approved, at=self.at)
        ask_about_charge(charge_id=charge.pk, at=self.at)
        TALLY.verbs["second_step"] += 1
        self.observe()

    @rule(seed=st.integers(0, 99))
    def a_page_runs_its_charge(self, seed: int) -> None:
        charge = self.pick(Charge.objects.filter(status=Charge.Status.PLANNED).order_by("pk"), seed)
        if charge is not None:
            run_charge(charge_id=charge.pk, at=self.at)
            self.observe()

    @rule(hours=st.sampled_from([1, 6, 24, 24, 24]))
    def time_passes(self, hours: int) -> None:
        """Move the clock; every sweep runs, and the model knows what each must have done."""
        due_offers = list(Offer.objects.filter(status=Offer.Status.PENDING).values_list("pk", "expires_at"))
        before = {row.pk: row for row in self.milestones()}
        self.at += timedelta(hours=hours)
        run_all(at=self.at)
        for pk, expires_at in due_offers:
            if expires_at is not None and expires_at <= self.at:
                self.books.take(f"held:offer:{pk}")
        for row in before.values():
            if row.status == Status.SUBMITTED and row.review_ends_at and row.review_ends_at <= self.at:
                self.release(row, self.held(row))
            elif row.status == Status.REFUND_REQUESTED and row.ask_back_ends_at and row.ask_back_ends_at <= self.at:
                asked = row.asked_back or 0
                if row.was_submitted:
                    case = Case.objects.get(milestone_id=row.pk, status=Case.Status.MEDIATION)
                    # The frozen account holds the client's fee too: 5 % of a sum that was charged whole, and its VAT.
                    self.books.shift(f"held:milestone:{row.pk}", f"frozen:case:{case.pk}", asked)
                else:
                    self.books.part(f"held:milestone:{row.pk}", asked)
        self.see_repayments()
        for matures_at, party, net in [each for each in self.maturing if each[0] <= self.at]:
            self.books.move(f"pending:{party}", -net)
            self.books.move(f"available:{party}", net)
            self.maturing.remove((matures_at, party, net))
        self.observe()

    def observe(self) -> None:
        """Take into the model what the provider has decided: which payments arrived, which withdrawals left."""
        self.note_charges()
        arrived = Charge.objects.filter(status=Charge.Status.CONFIRMED, purpose__startswith="contracts.")
        for charge in arrived.exclude(pk__in=self.seen):
            self.seen.add(charge.pk)
            if charge.purpose == "contracts.offer":
                is_kept = Offer.objects.filter(pk=charge.reference, status=Offer.Status.PENDING).exists()
                name = f"held:offer:{charge.reference}"
            else:
                is_kept = Milestone.objects.filter(pk=charge.reference, status=Status.FUNDED).exists()
                name = f"held:milestone:{charge.reference}"
            if is_kept:
                self.books.hold(name, charge.gross, fee_of(charge.gross, self.rates[charge.pk]), charge.pk)
        # Ended while new terms were being paid: all of it went back once the bank had answered.
        ended = Offer.objects.filter(end_requested_at__isnull=False).exclude(status__in=Offer.LIVE)
        for pk in ended.values_list("pk", flat=True):
            self.books.take(f"held:offer:{pk}")
        for withdrawal in Withdrawal.objects.filter(status=Withdrawal.Status.PAID):
            self.books.take(f"transit:withdrawal:{withdrawal.pk}")
        self.see_banks()
        self.see_repayments()

    # What must be true after each step

    @invariant()
    def ledger_is_the_model(self) -> None:
        """Compare every account that people own, and the connects."""
        TALLY.steps += 1
        self.steps += 1
        rows = Account.objects.filter(kind__in=KEPT).exclude(balance=0).values_list("name", "balance")
        posted = dict(rows)
        for holder, frozen in self.contested.items():
            assert posted.pop(f"frozen:{holder}", 0) == frozen
        fees = {name: amount for name, amount in posted.items() if name.startswith("frozen:")}
        for name, amount in fees.items():
            gross = self.books.held.get(name, 0)
            work = gross + self.books.vat(name)
            assert work <= amount <= work + fee_of(gross, 600) + 8, f"{name} holds {amount} for work of {work}"
            posted[name] = work
        assert posted == self.books.shown()
        for name in ("bob", "ben", "chloe"):
            party = self.people[name].party
            assert party is not None
            lots = ConnectLot.objects.filter(party=party)
            spends = ConnectSpend.objects.filter(proposal__party=party, returned_at=None)
            received = sum(lot.amount for lot in lots)
            spent = sum(spend.amount for spend in spends)
            live = sum(lot.left for lot in lots)
            # No lot is a year old in so short a life, so none expires.
            taken = ConnectClaim.objects.filter(party=party).aggregate(sum=Sum("taken"))["sum"] or 0
            assert live == received - spent - taken, f"{name} has {live} connects of {received}, {spent} spent"
        if self.steps % CHECK_EVERY == 0:
            assert [str(each) for each in run_checks()] == []


@pytest.fixture
def people(settings: Any) -> dict[str, Person]:
    """Return everybody, with cards that succeed, are declined, need a second step and come late.

    The operator, Bob and Ben charge VAT: in France, in France, in Germany. Alice is a French business with a number,
    Ann has declared nothing.
    """
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    moderator = make_staff("Marc", "moderator", at=START - timedelta(days=9))
    everybody = {
        "alice": make_client("Alice", at=START),
        "ann": make_client("Ann", at=START),
        **{
            name.lower(): make_approved(name, moderator=moderator, at=START - timedelta(days=8))
            for name in ("Bob", "Ben", "Chloe")
        },
        "dora": make_staff("Dora", "mediator", at=START),
    }
    declare(everybody["alice"], vat_number=VAT_NUMBER, at=START)
    charge_vat(everybody["bob"], at=START)
    declare(everybody["ben"], country="DE", vat_number=GERMAN_VAT_NUMBER, charges_vat=True, at=START)
    numbers = (cards.SUCCEEDS, cards.SUCCEEDS, cards.LATER, cards.DECLINED, cards.SECOND_STEP, cards.REFUND_FAILS)
    Marketplace.cards = {}
    for person in everybody.values():
        if person.party is not None:
            mine = [cards.make_card(person, number, at=START) for number in dict.fromkeys(numbers)]
            Marketplace.cards[person.party.pk] = [mine[0], *mine]
    for name in ("bob", "ben", "chloe"):
        cards.make_bank(everybody[name], START)
    cards.settle_all(START)
    for name in ("alice", "ann"):
        cards.make_credit(everybody[name], everybody["bob"], 60_000, at=START)
    Marketplace.people = everybody
    Marketplace.beginning = {}
    for client, worker in (("alice", "bob"), ("alice", "ben"), ("ann", "chloe")):
        contract = begin(everybody[client], everybody[worker])
        first = Milestone.objects.get(contract=contract, position=1)
        vat = fee_of(first.amount, 2000 if worker == "bob" else 0)
        Marketplace.beginning[f"held:milestone:{first.pk}"] = (first.amount, vat)
    for client in ("alice", "ann"):
        job = make_job(everybody[client], at=START, title=f"Open work of {client}", hires_wanted=2)
        for worker in ("bob", "ben", "chloe"):
            bid(everybody[worker], job, at=START)
    cards.settle_all(START)
    return everybody


def begin(client: Person, worker: Person) -> Contract:
    """Return a contract of three milestones, the first funded."""
    assert client.party is not None
    job = make_job(client, at=START, title=f"Work for {worker.user.first_name}")
    card = Marketplace.cards[client.party.pk][0]
    deal = Deal(client, worker, job, bid(worker, job, at=START), card, START)
    return sign(deal, *(MilestoneTerms(title=f"Part {n}", amount=n) for n in (50_001, 30_003, 20_007)))


@pytest.mark.django_db
@pytest.mark.usefixtures("people")
def test_the_books_equal_the_model_after_every_step(size: Any, figure: Callable[[str], None]) -> None:
    run_state_machine_as_test(
        Marketplace,
        settings=settings(
            max_examples=max(1, size.steps * 6 // 5 // STEPS_IN_EXAMPLE),  # some lives end early
            stateful_step_count=STEPS_IN_EXAMPLE,
            deadline=None,
            database=None,
            derandomize=size.name == "quick",
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    figure(
        f"simulation: {TALLY.steps} steps in {TALLY.examples} lives, {sum(TALLY.verbs.values())} verbs of "
        f"{len(TALLY.verbs)} kinds, {TALLY.refused} refused without a trace, 0 violations"
    )
    banks = [TALLY.verbs[f"chargeback {each}"] for each in ("opened", "won", "lost")]
    figure(
        f"simulation: {banks[0]} chargebacks opened, {banks[1]} won, {banks[2]} lost, "
        f"{TALLY.verbs['repay_debts']} repayments of debts"
    )
    assert TALLY.steps >= size.steps * 0.9
