"""Alice and Bob with a job, an offer, a contract between them, as far as a test needs it; all through product verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from accounts.models import Party
from accounts.tests.cast import Person, make_client, make_staff
from contracts import actions
from contracts.actions import MilestoneTerms, OfferTerms
from contracts.models import Contract, Milestone, Offer, OfferVersion
from core.actor import Actor
from core.errors import DomainError
from jobs.models import Job
from ledger.checks import run_checks
from ledger.queries import balance
from payments.actions import deliver_sandbox_events, process_inbox, run_due_moves
from payments.models import PaymentMethod
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals.models import Proposal
from proposals.tests.cast import bid, make_job
from tests.nothing import fingerprint
from tests.remembered import remembered

#: A moment in winter, so that days in UTC and in Paris differ by one hour.
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = (MilestoneTerms(title="First screens", amount=100_000), MilestoneTerms(title="Handover", amount=40_000))
SYSTEM = Actor.system()
Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, slots=True)
class Deal:
    """Who deals with whom, about what, paid with which card, begun when."""

    alice: Person
    bob: Person
    job: Job
    proposal: Proposal
    card: PaymentMethod
    at: datetime

    @property
    def client(self) -> Party:
        """Return Alice's party."""
        assert self.alice.party is not None
        return self.alice.party

    @property
    def freelancer(self) -> Party:
        """Return Bob's party."""
        assert self.bob.party is not None
        return self.bob.party


@remembered
def make_deal(
    *,
    card: str = cards.SUCCEEDS,
    pay_with: Callable[[Person], PaymentMethod] | None = None,
    at: datetime = AT,
    **job: Any,
) -> Deal:
    """Return Alice's open job with Bob's proposal on it, and her card: of the sandbox, or what `pay_with` gives her."""
    alice = make_client("Alice", at=at)
    moderator = make_staff("Marc", "moderator", at=at)
    bob = make_approved("Bob", moderator=moderator, at=at)
    cards.settle_all(at)  # Bob's welcome connects
    post = make_job(alice, at=at, **job)
    proposal = bid(bob, post, at=at)
    return Deal(alice, bob, post, proposal, pay_with(alice) if pay_with else cards.make_card(alice, card, at=at), at)


@remembered
def another_bid(deal: Deal, name: str = "Chloe") -> Deal:
    """Return the same job with another freelancer's proposal on it."""
    other = make_approved(name, at=deal.at)
    cards.settle_all(deal.at)
    return replace(deal, bob=other, proposal=bid(other, deal.job, at=deal.at))


@remembered
def another_bid_on_new_job(deal: Deal, **job: Any) -> Deal:
    """Return another open job of Alice's with Bob's proposal on it."""
    post = make_job(deal.alice, at=deal.at, title="Another site", **job)
    return replace(deal, job=post, proposal=bid(deal.bob, post, at=deal.at))


def write(deal: Deal, *plan: MilestoneTerms, at: datetime | None = None, **changes: Any) -> Offer:
    """Return a draft of Alice's to Bob."""
    terms: dict[str, Any] = {
        "title": "Checkout of the ferry site",
        "deliverables": "Screens, tested and handed over.",
        "starts_on": None,
        "ends_on": None,
        "duration": "" if changes.get("ends_on") else "weeks",
        "milestones": list(plan or PLAN),
        "language": "en",
        **changes,
    }
    return actions.write_offer(proposal_id=deal.proposal.pk, by=deal.alice.actor, at=at or deal.at, **terms)


def start_sending(deal: Deal, *plan: MilestoneTerms, at: datetime | None = None) -> Offer:
    """Return an offer whose payment has been planned and not sent."""
    draft = write(deal, *plan, at=at)
    return actions.send_offer(
        offer_id=draft.pk, method_id=deal.card.pk, seen_version=draft.version, by=deal.alice.actor, at=at or deal.at
    )


@remembered
def send(deal: Deal, *plan: MilestoneTerms, at: datetime | None = None) -> Offer:
    """Return an offer that Bob can answer; the provider is at rest."""
    offer = start_sending(deal, *plan, at=at)
    settle(at or deal.at)
    return fresh(offer)


def terms(*plan: MilestoneTerms, **changes: Any) -> OfferTerms:
    """Return what a version of Alice's offer to Bob might say."""
    says: dict[str, Any] = {
        "title": "Checkout of the ferry site",
        "deliverables": "Screens, tested and handed over.",
        "language": "en",
        "milestones": plan or PLAN,
        "duration": "" if changes.get("ends_on") else "weeks",
        **changes,
    }
    return OfferTerms(**says)


#: Plans whose first milestone is worth as much as that of `PLAN`, more, and less.
EQUAL = (PLAN[0], MilestoneTerms(title="Handover and training", amount=60_000))
DEARER = (MilestoneTerms(title="First screens", amount=130_000), PLAN[1])
CHEAPER = (MilestoneTerms(title="First screens", amount=70_000), PLAN[1])


def counter(
    deal: Deal, offer: Offer, *plan: MilestoneTerms, note: str = "", at: datetime | None = None
) -> OfferVersion:
    """Return Bob's counter-offer: a dearer first milestone, unless another plan is given."""
    return actions.counter_offer(
        offer_id=offer.pk,
        terms=terms(*(plan or DEARER)),
        note=note,
        seen_version=offer.version,
        by=deal.bob.actor,
        at=at or deal.at,
    )


def revision(deal: Deal, offer: Offer, *plan: MilestoneTerms, at: datetime | None = None) -> OfferVersion:
    """Return new terms of Alice's that she has not sent: a dearer first milestone, unless another plan is given."""
    return actions.write_revision(
        offer_id=offer.pk,
        terms=terms(*(plan or DEARER)),
        note="",
        seen_version=offer.version,
        by=deal.alice.actor,
        at=at or deal.at,
    )


def agree(
    deal: Deal, version: OfferVersion, *, card: PaymentMethod | None = None, at: datetime | None = None, **more: Any
) -> Offer:
    """Let Alice agree to a counter-offer of Bob's, with her card."""
    method = card or deal.card
    return actions.agree_to_counter(
        offer_id=version.offer_id,
        version_id=version.pk,
        method_id=method.pk,
        by=deal.alice.actor,
        at=at or deal.at,
        **more,
    )


@remembered
def raising(deal: Deal) -> Offer:
    """Return an offer of whose counter-offer the difference is planned to be charged, and not sent."""
    return agree(deal, counter(deal, send(deal)))


@remembered
def sign(deal: Deal, *plan: MilestoneTerms, at: datetime | None = None) -> Contract:
    """Return a contract: the first milestone funded, the others agreed; everybody was told."""
    offer = send(deal, *plan, at=at)
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=at or deal.at)
    settle(at or deal.at)
    return contract


def milestone(contract: Contract, position: int = 1) -> Milestone:
    """Return a milestone of the contract as it is now."""
    return Milestone.objects.select_related("contract").get(contract=contract, position=position)


def settle_payments(at: datetime = AT) -> None:
    """Let the provider answer, and tell nobody: much quicker than `settle`, for tests with many trials."""
    moment = at + cards.SANDBOX_TIME
    while run_due_moves(at=moment) + deliver_sandbox_events(at=moment) + process_inbox(at=moment):
        pass


def settle(at: datetime = AT) -> None:
    """Let the provider, the workers and the handlers do what they have to do."""
    cards.settle_all(at + cards.SANDBOX_TIME)


def fresh(row: Row) -> Row:
    """Return the row as it is now."""
    again: Row = type(row).objects.get(pk=row.pk)
    return again


def money(name: str) -> int:
    """Return what an account holds, in euro cents."""
    return balance(name, "EUR")


def days(count: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


# How a milestone comes into each state


def agreed(deal: Deal, contract: Contract) -> Milestone:
    """Return the second milestone, which nobody has paid."""
    return milestone(contract, 2)


@remembered
def proposed(deal: Deal, contract: Contract, by: Person | None = None) -> Milestone:
    """Return a milestone that one side (Bob, unless another) proposed."""
    terms = MilestoneTerms(title="Kiosk screens", amount=25_000)
    person = by or deal.bob
    return actions.propose_milestone(contract_id=contract.pk, terms=terms, by=person.actor, at=deal.at)


@remembered
def funding(deal: Deal, contract: Contract) -> Milestone:
    """Return the second milestone with a payment that was planned and not sent."""
    second = milestone(contract, 2)
    return actions.fund_milestone(
        milestone_id=second.pk,
        method_id=deal.card.pk,
        seen_version=second.version,
        by=deal.alice.actor,
        at=deal.at,
    )


@remembered
def funded(deal: Deal, contract: Contract) -> Milestone:
    """Return the first milestone."""
    return milestone(contract)


@remembered
def submitted(deal: Deal, contract: Contract, at: datetime | None = None) -> Milestone:
    """Return the first milestone with work on it that waits for Alice."""
    first = milestone(contract)
    return actions.submit_milestone(
        milestone_id=first.pk,
        note="The first screens, ready to look at.",
        file_ids=[],
        seen_version=first.version,
        by=deal.bob.actor,
        at=at or deal.at,
    )


@remembered
def changes_requested(deal: Deal, contract: Contract) -> Milestone:
    """Return the first milestone, sent back to Bob."""
    first = submitted(deal, contract)
    return actions.request_milestone_changes(
        milestone_id=first.pk,
        note="The fares are missing.",
        seen_version=first.version,
        by=deal.alice.actor,
        at=deal.at,
    )


@remembered
def asked_back(
    deal: Deal, contract: Contract, amount: int = 100_000, *, is_submitted: bool = False, at: datetime | None = None
) -> Milestone:
    """Return the first milestone with money asked back."""
    first = submitted(deal, contract) if is_submitted else milestone(contract)
    return actions.ask_milestone_back(
        milestone_id=first.pk,
        amount=amount,
        note="The work stopped.",
        seen_version=first.version,
        by=deal.alice.actor,
        at=at or deal.at,
    )


@remembered
def released(deal: Deal, contract: Contract) -> Milestone:
    """Return the first milestone, paid to Bob."""
    first = milestone(contract)
    return actions.release_milestone(milestone_id=first.pk, seen_version=first.version, by=deal.alice.actor, at=deal.at)


@remembered
def refunded(deal: Deal, contract: Contract) -> Milestone:
    """Return the first milestone, given back to Alice."""
    first = milestone(contract)
    return actions.give_milestone_back(milestone_id=first.pk, seen_version=first.version, by=deal.bob.actor, at=deal.at)


@remembered
def cancelled(deal: Deal, contract: Contract) -> Milestone:
    """Return the second milestone, dropped before anybody paid."""
    second = milestone(contract, 2)
    return actions.cancel_milestone(
        milestone_id=second.pk, seen_version=second.version, by=deal.alice.actor, at=deal.at
    )


# Nothing happened


def changed_since(before: dict[str, str]) -> set[str]:
    """Return the tables that are not as they were."""
    now = fingerprint()
    return {name for name in now if now[name] != before.get(name)}


@contextmanager
def nothing_happens(refusal: type[DomainError] = DomainError) -> Iterator[None]:
    """Demand that what is done inside is refused in just this way, and that no row anywhere has changed."""
    before = fingerprint()
    with pytest.raises(DomainError) as caught:
        yield
    assert refusal is DomainError or type(caught.value) is refusal, f"refused with {caught.value!r}"
    assert changed_since(before) == set()


def assert_books_clean() -> None:
    """Demand that every check of the books finds nothing."""
    assert [str(difference) for difference in run_checks()] == []


Arrange = Callable[[Deal, Contract], Milestone]
