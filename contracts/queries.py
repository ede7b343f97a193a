"""Reads of offers, contracts and milestones, for the two sides they are between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse

from accounts.models import Membership, Party
from accounts.permissions import is_mediator, reads_all
from accounts.queries import belongs_to
from accounts.registry import Assigned
from contracts.models import Contract, ContractReader, Milestone, Offer, OfferMilestone, Submission, WorkerChange
from contracts.models.milestones import PURPOSE, SUBMISSION_FILES
from contracts.permissions import can_propose_milestone, can_read_contract, can_read_offer, open_verbs
from core.actor import Actor
from core.errors import NotFound
from core.money import fee_of
from events.models import Event
from events.queries import history
from files.models import StoredFile
from files.queries import files_of_many
from jobs.queries import added_to
from messaging.models import Message, Room
from messaging.queries import latest_message, room_of, unread_count
from payments.models import Charge, FeeSchedule, MoneyMove, Refund, Release
from payments.permissions import can_see_wallet
from payments.queries import charge_quote, deal_taxes, fees, giveable_of, given_back_of
from payments.tax import DealTaxes

#: What a reader is asked to do first, where several milestones need one: work that waits before money to come.
URGENCY = (
    "approve_milestone",
    "agree_to_ask_back",
    "accept_milestone",
    "submit_milestone",
    "fund_milestone",
)
#: What stands in a milestone's menu, away from its main button.
IN_THE_MENU = frozenset(
    {
        "release_milestone",
        "release_milestone_part",
        "ask_milestone_back",
        "give_milestone_back",
        "release_undisputed",
        "give_undisputed_back",
        "give_up_milestone_payment",
        "cancel_milestone",
    }
)
HISTORY_SHOWN = 8
LEADERS = (Membership.Role.OWNER, Membership.Role.ADMIN)
#: Whose events the timeline tells of, where it has words for them.
HISTORY_OF = ("contracts.", "payments.release_given_back")


def offers_for(actor: Actor) -> QuerySet[Offer]:
    """Return the offers of the actor's party: all it made, and those it received once they were sent."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Offer.objects.none()
    received = Q(freelancer_id=actor.party_id, sent_at__isnull=False) & _shown_to(actor)
    mine = Offer.objects.filter(Q(client_id=actor.party_id) | received)
    if not reads_all(actor):
        mine = mine.filter(Q(job__client_id=actor.party_id) & added_to(actor, "job") | Q(contract__in=_added_to(actor)))
    return mine.select_related("client", "freelancer__profile", "job", "proposal", "contract", "worker")


def offer_for(actor: Actor, offer_id: int) -> Offer:
    """Return one offer the actor may see, with its milestones. Raises NotFound."""
    offer = offers_for(actor).prefetch_related("milestones").filter(pk=offer_id).first()
    if offer is None or not can_read_offer(actor, offer):
        raise NotFound("")
    return offer


def open_offers(actor: Actor) -> QuerySet[Offer]:
    """Return the offers that have not ended: for the client, drafts and running payments too. Newest first."""
    waiting = {Offer.Status.PENDING} | (
        {Offer.Status.DRAFT, Offer.Status.PAYING} if actor.party_kind == "client" else set()
    )
    return offers_for(actor).filter(status__in=waiting).prefetch_related("milestones").order_by("-created_at", "-pk")


def live_offer_on(proposal_id: int) -> Offer | None:
    """Return the offer on a proposal that has not ended, with its milestones."""
    live = Offer.objects.filter(proposal_id=proposal_id, status__in=Offer.LIVE)
    return live.prefetch_related("milestones").first()


def latest_offer_on(actor: Actor, proposal_id: int) -> Offer | None:
    """Return the newest offer on a proposal that the actor may see."""
    return offers_for(actor).filter(proposal_id=proposal_id).order_by("-pk").first()


def contracts_for(actor: Actor) -> QuerySet[Contract]:
    """Return the contracts of the actor's party, on either side, the newest first; named workers see their own."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Contract.objects.none()
    mine = Contract.objects.filter(Q(client_id=actor.party_id) | Q(freelancer_id=actor.party_id) & _shown_to(actor))
    if not reads_all(actor):
        mine = mine.filter(pk__in=_added_to(actor))
    return mine.select_related("client", "freelancer__profile", "job", "worker").order_by("-started_at", "-pk")


def _added_to(actor: Actor) -> QuerySet[ContractReader, int]:
    """Return the numbers of the contracts that a member was added to for the party they act for."""
    mine = ContractReader.objects.filter(user_id=actor.user_id or 0, party_id=actor.party_id or 0)
    return mine.values_list("contract_id", flat=True)


def readers_of(contract: Contract, party_id: int) -> QuerySet[ContractReader]:
    """Return the members whom a side added to a contract, by name."""
    rows = ContractReader.objects.filter(contract=contract, party_id=party_id)
    return rows.select_related("user").order_by("user__first_name", "pk")


def rooms_open_to(party_id: int, user_id: int) -> list[str]:
    """Return the rooms of contracts that a member of a party was added to, by what they are about."""
    rows = ContractReader.objects.filter(user_id=user_id, party_id=party_id).values_list("contract_id", flat=True)
    return [f"contract:{contract_id}" for contract_id in rows]


def rooms_worked_in(party_id: int, user_id: int) -> list[str]:
    """Return the rooms of contracts that a named worker of a party takes part in, by what they are about."""
    mine = Q(worker=None) | Q(worker_id=user_id)
    rows = Contract.objects.filter(mine, freelancer_id=party_id).values_list("pk", flat=True)
    return [f"contract:{contract_id}" for contract_id in rows]


def _shown_to(actor: Actor) -> Q:
    """Return the agreements that their party shows the actor: to a named worker of an agency those they work on."""
    if actor.role != Membership.Role.NAMED_WORKER:
        return Q()
    return Q(worker=None) | Q(worker_id=actor.user_id)


def waiting_worker_change(contract: Contract) -> WorkerChange | None:
    """Return the change of a contract's worker that waits for its client. No query for a freelancer's contract."""
    if contract.worker_id is None:
        return None
    waiting = contract.worker_changes.filter(status=WorkerChange.Status.PROPOSED)
    return waiting.select_related("worker", "old_worker").first()


def worker_change_for(actor: Actor, contract_id: int, change_id: int) -> WorkerChange:
    """Return one change of the worker of a contract the actor may see. Raises NotFound."""
    contract = contract_for(actor, contract_id)
    change = WorkerChange.objects.filter(contract=contract, pk=change_id).first()
    if change is None:
        raise NotFound("")
    change.contract = contract
    return change


def is_worker_gone(contract: Contract) -> bool:
    """Test whether who does the work has left the agency. No query for a freelancer's contract."""
    return contract.worker_id is not None and not belongs_to(contract.worker_id, contract.freelancer_id)


def contracts_without_worker(actor: Actor) -> list[Contract]:
    """Return the running contracts of an agency whose worker has left it, for those who can propose another."""
    if actor.party_kind != Party.Kind.AGENCY or not actor.acts_for(actor.party_id, *LEADERS):
        return []
    there = Membership.objects.live().filter(user_id=OuterRef("worker_id"), party_id=OuterRef("freelancer_id"))
    running = contracts_for(actor).exclude(status=Contract.Status.ENDED).filter(worker__isnull=False)
    return list(running.filter(~Exists(there)))


def contracts_worked_on(party_id: int, user_id: int) -> list[Assigned]:
    """Return the running contracts of an agency that name this person, for the page on which they go."""
    running = Contract.objects.filter(freelancer_id=party_id, worker_id=user_id).exclude(status=Contract.Status.ENDED)
    return [
        Assigned(each.title, reverse("contracts:room", kwargs={"contract_id": each.pk}))
        for each in running.order_by("pk")
    ]


def leave_to_the_client(_party_id: int, _user_id: int, _successor_id: int | None, _at: datetime) -> None:
    """Hand nothing over: who does the work of a contract changes when the client accepts it."""


def works_on(user_id: int, contract_id: int) -> bool:
    """Test whether a named worker takes part in a contract: the agency named them, or it is a freelancer's."""
    mine = Q(worker=None) | Q(worker_id=user_id)
    return Contract.objects.filter(mine, pk=contract_id).exists()


def contract_for(actor: Actor, contract_id: int) -> Contract:
    """Return one contract of the actor's party. Raises NotFound."""
    contract = contracts_for(actor).filter(pk=contract_id).first()
    if contract is None:
        raise NotFound("")
    return contract


def milestone_for(actor: Actor, contract_id: int, milestone_id: int) -> Milestone:
    """Return one milestone of a contract of the actor's party. Raises NotFound."""
    contract = contract_for(actor, contract_id)
    milestone = Milestone.objects.filter(contract=contract, pk=milestone_id).first()
    if milestone is None:
        raise NotFound("")
    milestone.contract = contract
    return milestone


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the money of a contract is, in minor units of the work, without fees."""

    released: int
    held: int
    frozen: int
    returned: int
    to_fund: int

    @property
    def agreed(self) -> int:
        """Return what is released, held or still to fund: the whole width of the money bar."""
        return self.released + self.held + self.to_fund


def figures_of(milestones: Iterable[Milestone]) -> Figures:
    """Return the figures of a contract from its milestones; what the ledger says is proved equal by `checks`."""
    rows = list(milestones)
    return Figures(
        released=sum(each.released for each in rows),
        held=sum(each.held + each.frozen for each in rows),
        frozen=sum(each.frozen for each in rows),
        returned=sum(each.refunded for each in rows),
        to_fund=sum(each.amount for each in rows if each.status in {Milestone.Status.AGREED, Milestone.Status.FUNDING}),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """One submission with its files."""

    submission: Submission
    files: list[StoredFile]


@dataclass(frozen=True, slots=True)
class RailItem:
    """One milestone as a reader of the room sees it: what was handed in, what they may do, what it costs them.

    `total` is what the client is charged to fund it, `net` what the freelancer then receives, both with VAT as the
    two stand with it now. `giveable` is what the freelancer still holds of what was released, `given_back` how much of
    that went back, without VAT.
    """

    milestone: Milestone
    verbs: frozenset[str]
    works: list[Work]
    total: int
    net: int
    charge: Charge | None
    giveable: tuple[Release, ...] = ()
    given_back: int = 0
    is_needed: bool = False

    @property
    def work(self) -> Work | None:
        """Return the newest submission."""
        return self.works[0] if self.works else None

    @property
    def has_files(self) -> bool:
        """Test whether files were handed in for it."""
        return any(work.files for work in self.works)

    @property
    def has_more(self) -> bool:
        """Test whether there is more to do than what stands beside the main button."""
        return not self.verbs.isdisjoint(IN_THE_MENU)

    @property
    def is_in_work(self) -> bool:
        """Test whether it is between being funded and being paid: its steps are shown."""
        return self.milestone.status in Milestone.PAYABLE


@dataclass(frozen=True, slots=True)
class RoomPage:
    """Everything the frame and the first tab of a contract room show to one reader."""

    contract: Contract
    is_client: bool
    rail: list[RailItem]
    figures: Figures
    fees: FeeSchedule
    room: Room | None
    latest: Message | None
    unread: int
    files: int
    events: list[Event]
    may_propose: bool
    worker_change: WorkerChange | None = None
    is_worker_gone: bool = False
    primary: str = ""
    needed: RailItem | None = field(default=None)


def room_page(contract: Contract, actor: Actor) -> RoomPage:
    """Return what the contract room shows to one reader; the number of queries does not grow with the contract."""
    milestones = list(contract.milestones.order_by("position"))
    for milestone in milestones:
        milestone.contract = contract
    works = works_of(milestones)
    schedule = fees(contract.fee_version)
    taxes = deal_taxes(payer_id=contract.client_id, payee_id=contract.freelancer_id)
    paying = [each.pk for each in milestones if each.status == Milestone.Status.FUNDING]
    charges = {
        charge.reference: charge
        for charge in Charge.objects.filter(purpose=PURPOSE, reference__in=paying, status__in=Charge.LIVE)
    }
    paid = [each.holder for each in milestones if each.released]
    is_earner = can_see_wallet(actor, contract.freelancer_id)
    giveable = giveable_of(paid) if paid and is_earner else {}
    given_back = given_back_of(paid) if paid else {}
    items = [
        RailItem(
            milestone=each,
            verbs=open_verbs(actor, each),
            works=works.get(each.pk, []),
            total=charge_quote(each.amount, fee_of(each.amount, schedule.client_bps), taxes.charge).total,
            net=_net(each.amount, schedule, taxes),
            charge=charges.get(each.pk),
            giveable=tuple(giveable.get(each.holder, ())),
            given_back=given_back.get(each.holder, 0),
        )
        for each in milestones
    ]
    verb, needed = _most_urgent(items)
    rail = [_needed(item) if item is needed else item for item in items]
    room = room_of(contract.scope)
    return RoomPage(
        contract=contract,
        is_client=actor.party_id == contract.client_id,
        rail=rail,
        figures=figures_of(milestones),
        fees=schedule,
        room=room,
        latest=latest_message(room) if room else None,
        unread=unread_count(room, actor.user_id) if room and actor.user_id else 0,
        files=sum(len(work.files) for each in works.values() for work in each),
        events=[event for event in history(contract.scope) if event.kind.startswith(HISTORY_OF)][:HISTORY_SHOWN],
        may_propose=contract.status == Contract.Status.ACTIVE and can_propose_milestone(actor, contract),
        worker_change=waiting_worker_change(contract),
        is_worker_gone=is_worker_gone(contract),
        primary=verb,
        needed=_needed(needed) if needed else None,
    )


def _net(amount: int, schedule: FeeSchedule, taxes: DealTaxes) -> int:
    fee = fee_of(amount, schedule.freelancer_bps)
    return amount + taxes.charge.work.on(amount) - fee - taxes.service.on(fee)


def works_of(milestones: Iterable[Milestone]) -> dict[int, list[Work]]:
    """Return the submissions of each milestone with their files, the newest first. Two queries."""
    submissions = Submission.objects.filter(milestone__in=list(milestones)).select_related("author").order_by("-pk")
    files = files_of_many(SUBMISSION_FILES, [each.pk for each in submissions])
    works: dict[int, list[Work]] = {}
    for each in submissions:
        works.setdefault(each.milestone_id, []).append(Work(each, files.get(str(each.pk), [])))
    return works


def needed_of(contract: Contract, actor: Actor) -> Milestone | None:
    """Return the milestone of a contract, read with its milestones, that waits most for the actor's side."""
    milestones = list(contract.milestones.all())
    for each in milestones:
        each.contract = contract
    verbs = {each.pk: open_verbs(actor, each) for each in milestones}
    return next((each for verb in URGENCY for each in milestones if verb in verbs[each.pk]), None)


def _most_urgent(items: list[RailItem]) -> tuple[str, RailItem | None]:
    for verb in URGENCY:
        for item in items:
            if verb in item.verbs:
                return verb, item
    return "", None


def _needed(item: RailItem) -> RailItem:
    return replace(item, is_needed=True)


@dataclass(frozen=True, slots=True)
class Payments:
    """The money of one contract as its Payments tab lists it."""

    charges: list[Charge]
    releases: list[Release]
    refunds: list[Refund]


def payments_of(contract: Contract) -> Payments:
    """Return what was charged, released and returned for a contract, its offer included; newest first."""
    scopes = [contract.scope, f"offer:{contract.offer_id}"]
    return Payments(
        charges=list(Charge.objects.filter(scope__in=scopes).select_related("method").order_by("-pk")),
        releases=list(Release.objects.filter(scope=contract.scope).order_by("-pk")),
        refunds=list(Refund.objects.filter(scope__in=scopes).select_related("charge__method").order_by("-pk")),
    )


def moves_of(money: Payments) -> QuerySet[MoneyMove]:
    """Return the calls to the provider behind a contract's charges and refunds, newest first, for staff."""
    sources = [f"charge-{charge.pk}" for charge in money.charges] + [f"refund-{refund.pk}" for refund in money.refunds]
    return MoneyMove.objects.filter(source__in=sources).order_by("-pk")


def may_read_submission(actor: Actor, ref: str) -> bool:
    """Test whether the actor may open the files of a submission: both sides, and mediators while a case is open."""
    contract = Contract.objects.filter(milestones__submissions=int(ref)).first()
    if contract is None:
        return False
    return can_read_contract(actor, contract) or (is_mediator(actor) and is_disputed(contract))


def is_disputed(contract: Contract) -> bool:
    """Test whether a case is open on money of the contract: mediators may then look into it."""
    states = Milestone.Status
    waiting = Q(status=states.CHARGED_BACK, before=states.DISPUTED)  # the case waits for the bank
    return contract.milestones.filter(Q(status=states.DISPUTED) | waiting).exists()


def milestones_of(contract: Contract) -> QuerySet[Milestone]:
    """Return the milestones of a contract in their order."""
    return Milestone.objects.filter(contract=contract).order_by("position")


def contracts_with_milestones(actor: Actor) -> QuerySet[Contract]:
    """Return the actor's contracts with their milestones, for the list."""
    return contracts_for(actor).prefetch_related(Prefetch("milestones", Milestone.objects.order_by("position")))


# What must hold at every commit (`ledger.checks`)


def held_by_state() -> dict[str, int]:
    """Return what each holder should hold by the states of offers and milestones; those with nothing are left out."""
    wanted: dict[str, int] = {}
    pending = OfferMilestone.objects.filter(offer__status=Offer.Status.PENDING, position=1)
    for offer_id, amount in pending.values_list("offer_id", "amount"):
        wanted[f"offer:{offer_id}"] = amount
    for milestone in Milestone.objects.filter(status__in=Milestone.HELD).iterator():
        if milestone.held:
            wanted[milestone.holder] = milestone.held
    return wanted


def frozen_by_state() -> dict[str, int]:
    """Return what of each milestone is frozen by its own account; those with nothing are left out."""
    return {each.holder: each.frozen for each in Milestone.objects.filter(frozen__gt=0)}


def ended_with_open_milestones() -> QuerySet[Contract]:
    """Return the ended contracts that still have a milestone at work: there must be none."""
    return Contract.objects.filter(status=Contract.Status.ENDED, milestones__in=_not_final()).distinct()


def finals_that_hold() -> QuerySet[Milestone]:
    """Return the finished milestones whose parts are not their amount: there must be none."""
    return (
        Milestone.objects.filter(status__in=Milestone.FINAL)
        .exclude(status=Milestone.Status.CANCELLED)
        .exclude(amount=F("released") + F("refunded") + F("moved") + F("lost"))
    )


def _not_final() -> QuerySet[Milestone]:
    return Milestone.objects.exclude(status__in=Milestone.FINAL)


def parties_hired_by(client_id: int) -> QuerySet[Contract, int]:
    """Return the ids of the parties that have or had a contract with a client, for conditions of other queries."""
    return Contract.objects.filter(client_id=client_id).order_by().values_list("freelancer_id", flat=True)
