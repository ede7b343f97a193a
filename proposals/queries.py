"""Reads of proposals and connects, for whom they are meant."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Party
from accounts.permissions import can_hire, can_work, reads_all
from accounts.queries import owners_of
from core.actor import Actor
from core.errors import NotFound
from core.product import rules
from jobs.models import Invitation, Job, JobReader
from jobs.queries import added_to
from ledger.models import CONNECT
from ledger.queries import entries_of
from messaging.models import Message, Room
from payments.models import Charge
from proposals.models import (
    CONNECTS_PURPOSE,
    ConnectClaim,
    ConnectLot,
    ConnectSpend,
    Conversation,
    Interview,
    Proposal,
    ProposalNote,
    connects_account,
)


@dataclass(frozen=True, slots=True)
class ConnectsLine:
    """One movement of connects; `spend` names the proposal where there is one."""

    at: datetime
    kind: str
    amount: int
    balance: int
    spend: ConnectSpend | None


@dataclass(frozen=True, slots=True)
class ConnectsStatement:
    """One page of movements; `older_than` asks for the next and is None on the last."""

    lines: tuple[ConnectsLine, ...]
    older_than: int | None


def proposals_for(actor: Actor) -> QuerySet[Proposal]:
    """Return the proposals that the actor's party sent or received; a member reads those on jobs they were added to."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Proposal.objects.none()
    received = Q(job__client_id=actor.party_id) & added_to(actor, "job")
    sent = Q(party_id=actor.party_id) if reads_all(actor) else Q(pk=None)
    return Proposal.objects.filter(sent | received).select_related("job__client", "party__profile", "worker")


def proposal_for(actor: Actor, proposal_id: int) -> Proposal:
    """Return one proposal the actor may see. Raises NotFound."""
    proposal = proposals_for(actor).filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound("")
    return proposal


def note_for(actor: Actor, note_id: int) -> ProposalNote:
    """Return a note of the actor's own on a proposal that their client received. Raises NotFound for any other."""
    seen = proposals_for(actor).filter(job__client_id=actor.party_id or 0)
    own = ProposalNote.objects.filter(pk=note_id, author_id=actor.user_id or 0, proposal__in=seen)
    note = own.select_related("proposal__job__client", "proposal__party__profile").first()
    if note is None:
        raise NotFound("")
    return note


def own_proposals(party_id: int) -> QuerySet[Proposal]:
    """Return what a freelancer sent, newest first."""
    return (
        Proposal.objects.filter(party_id=party_id)
        .select_related("job__client", "worker")
        .order_by("-created_at", "-pk")
    )


def has_bound_proposal(*, job_id: int, party_id: int) -> bool:
    """Test whether a party has a proposal for a job that is live or has an offer."""
    return Proposal.objects.filter(job_id=job_id, party_id=party_id, status__in=Proposal.BOUND).exists()


def proposals_on(job_id: int) -> QuerySet[Proposal]:
    """Return a job's proposals for its client's inbox, newest first, with what each row shows."""
    return (
        Proposal.objects.filter(job_id=job_id)
        .select_related("party__profile", "party__facts", "worker")
        .order_by("-created_at", "-pk")
    )


def proposal_counts(job_id: int) -> dict[str, int]:
    """Return how many proposals a job has, how many are unopened, and about how many its client writes. One query.

    Those with an offer and those hired stay among the last.
    """
    return Proposal.objects.filter(job_id=job_id).aggregate(
        proposals=Count("pk", filter=~Q(status=Proposal.Status.WITHDRAWN)),
        unanswered=Count("pk", filter=Q(status=Proposal.Status.SUBMITTED)),
        interviewing=Count(
            "pk",
            filter=Q(status__in=[*Proposal.BOUND, Proposal.Status.HIRED], interviewing_at__isnull=False),
        ),
    )


#: The median of the minutes from a proposal to the client's first act on it, of the rows of proposals it stands over.
MEDIAN_MINUTES = """
round((percentile_cont(0.5) WITHIN GROUP (
    ORDER BY greatest(extract(epoch FROM answered_at - created_at), 0) / 60
) FILTER (WHERE answered_at IS NOT NULL))::numeric)::integer
"""
ANSWERS = f"""
SELECT count(answered_at), {MEDIAN_MINUTES} FROM proposals_proposal
WHERE job_id IN (SELECT id FROM jobs_job WHERE client_id = %s)
"""  # noqa: S608  (a text of this file)


def answers_of(client_id: int) -> tuple[int, int | None]:
    """Return how many proposals a client has answered and the median of the minutes it took; None without any.

    An answer is the first act of the client on a proposal. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [client_id])
        answered, minutes = cursor.fetchone()
    return answered, minutes


def starting_price(job: Job) -> int | None:
    """Return the price with which the form of a proposal opens: the budget, or the upper end of the rate."""
    return job.budget if job.kind == Job.Kind.FIXED else job.rate_high


def live_lots(party_id: int, at: datetime) -> QuerySet[ConnectLot]:
    """Return the lots that a party can spend from, those that expire first in front."""
    return ConnectLot.objects.filter(party_id=party_id, left__gt=0, expires_at__gt=at).order_by("expires_at", "pk")


def connects_left(party_id: int, at: datetime) -> int:
    """Return how many connects a party can spend."""
    return live_lots(party_id, at).aggregate(total=Sum("left"))["total"] or 0


def purchase_to_confirm(party_id: int) -> Charge | None:
    """Return the oldest charge for connects of a party that waits for somebody to confirm it at the bank."""
    waiting = Charge.objects.filter(party_id=party_id, purpose=CONNECTS_PURPOSE, status=Charge.Status.WAITING)
    return waiting.exclude(next_url="").filter(given_up_at=None).order_by("pk").first()


def connects_owed(party_id: int) -> int:
    """Return how many connects a party has to buy again: their payment was taken back, and they were spent."""
    return ConnectClaim.objects.filter(party_id=party_id).aggregate(total=Sum("owed"))["total"] or 0


def free_connects(party_id: int, at: datetime) -> int:
    """Return how many of a party's connects were given, not bought."""
    return live_lots(party_id, at).filter(origin__in=ConnectLot.FREE).aggregate(total=Sum("left"))["total"] or 0


def lots_out_of_balance() -> QuerySet[ConnectLot]:
    """Return the lots whose parts do not add up: more is left and spent than they held."""
    return ConnectLot.objects.annotate(
        spent=Sum("spent_parts__amount", filter=Q(spent_parts__spend__returned_at=None), default=0)
    ).filter(spent__gt=F("amount") - F("left"))


#: The kinds of movement that each choice of the statement shows.
MOVEMENTS = {
    "received": ("connects_welcome", "connects_monthly", "connects_purchase"),
    "spent": ("connects_spent",),
    "returned": ("connects_returned",),
    "gone": ("connects_expired", "connects_taken_back", "connects_bought_back"),
}


def connects_statement(
    party_id: int,
    *,
    older_than: int | None = None,
    group: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> ConnectsStatement:
    """Return one page of a party's movements of connects, newest first, each with its reason and its job.

    `group` is a key of `MOVEMENTS`, or nothing for all; `since` and `until` are moments, from and before.
    """
    page = entries_of(
        [connects_account(party_id)],
        CONNECT,
        limit=30,
        older_than=older_than,
        kinds=MOVEMENTS.get(group),
        since=since,
        until=until,
    )
    spend_ids = {
        int(line.key.rpartition(":")[2]) for line in page.lines if line.kind in {"connects_spent", "connects_returned"}
    }
    spends = ConnectSpend.objects.filter(pk__in=spend_ids).select_related("proposal__job").in_bulk()
    lines = []
    for line in page.lines:
        spend = (
            spends.get(int(line.key.rpartition(":")[2]))
            if line.kind in {"connects_spent", "connects_returned"}
            else None
        )
        is_given_back = line.key.startswith("connect-lot:claim:")  # a lot like a bought one, but nobody paid for it now
        kind = "connects_given_back" if is_given_back else line.kind
        lines.append(ConnectsLine(line.at, kind, line.amount, line.balance, spend))
    return ConnectsStatement(tuple(lines), page.older_than)


# Conversations and interviews


def have_contract(client_id: int, party_id: int) -> bool:
    """Test whether two sides have, or had, a contract: they have the room of one."""
    rooms = Room.objects.filter(kind=Room.Kind.CONTRACT, parties=client_id)
    return rooms.filter(parties=party_id).exists()


def conversations_for(actor: Actor) -> QuerySet[Conversation]:
    """Return the conversations of the actor's party, on either side, that they read.

    Of a client everybody but finance, and members on the jobs they were added to; of an agency everybody but finance
    and members, and named workers where they are proposed.
    """
    if actor.party_id is None or actor.impersonator_id is not None or actor.role == Membership.Role.FINANCE:
        return Conversation.objects.none()
    asked = Q(job__client_id=actor.party_id) & added_to(actor, "job")
    mine = Q(party_id=actor.party_id) if reads_all(actor) else Q(pk__in=())
    if actor.role == Membership.Role.NAMED_WORKER and actor.party_kind == Party.Kind.AGENCY:
        mine &= Q(pk__in=_worked_on(actor.user_id or 0))
    found = Conversation.objects.filter(asked | mine)
    return found.select_related("job__client", "party__profile").order_by("-pk")


def conversation_for(actor: Actor, conversation_id: int) -> Conversation:
    """Return one conversation the actor reads. Raises NotFound."""
    conversation = conversations_for(actor).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound("")
    return conversation


def reads_conversation(actor: Actor, conversation: Conversation) -> bool:
    """Test whether the actor reads a conversation."""
    return conversations_for(actor).filter(pk=conversation.pk).exists()


def conversation_of(proposal: Proposal) -> Conversation | None:
    """Return the conversation about a proposal, if it has begun."""
    return Conversation.objects.filter(job_id=proposal.job_id, party_id=proposal.party_id).first()


def latest_proposal(conversation: Conversation) -> Proposal | None:
    """Return the proposal that a conversation is about: the party's latest on the job; None before the first."""
    sent = Proposal.objects.filter(job_id=conversation.job_id, party_id=conversation.party_id)
    return sent.select_related("worker").order_by("-created_at", "-pk").first()


def _worked_on(user_id: int) -> QuerySet[Conversation, int]:
    """Return the numbers of the conversations of agencies whose latest proposal names a person."""
    sent = Proposal.objects.filter(job=OuterRef("job"), party=OuterRef("party")).order_by("-created_at", "-pk")
    named = Conversation.objects.annotate(worker_id=Subquery(sent.values("worker_id")[:1]))
    return named.filter(worker_id=user_id).values_list("pk", flat=True)


def talks_in(user_id: int, conversation_id: int) -> bool:
    """Test whether a named worker takes part in a conversation: the agency proposes them, or it is a freelancer's."""
    found = Conversation.objects.filter(pk=conversation_id)
    return found.filter(Q(party__kind=Party.Kind.FREELANCER) | Q(pk__in=_worked_on(user_id))).exists()


def conversations_worked_in(party_id: int, user_id: int) -> list[str]:
    """Return the rooms of conversations in which a named worker of a party takes part, by what they are about."""
    mine = Q(party__kind=Party.Kind.FREELANCER) | Q(pk__in=_worked_on(user_id))
    rows = Conversation.objects.filter(mine, party_id=party_id).values_list("pk", flat=True)
    return [f"conversation:{pk}" for pk in rows]


def conversations_open_to(party_id: int, user_id: int) -> list[str]:
    """Return the rooms of conversations on the jobs that a member of a client was added to, by what they are about."""
    read = JobReader.objects.filter(user_id=user_id, job__client_id=party_id).values("job_id")
    return [f"conversation:{pk}" for pk in Conversation.objects.filter(job__in=read).values_list("pk", flat=True)]


def room_page(conversation: Conversation) -> str:
    """Return the address of the room of a conversation."""
    room = Room.objects.only("pk").get(owner=conversation.scope)
    return reverse("messaging:room", kwargs={"room_id": room.pk})


def interviews_for(actor: Actor) -> QuerySet[Interview]:
    """Return the interviews in the conversations that the actor reads, the newest first."""
    mine = conversations_for(actor).order_by().values("pk")
    return (
        Interview.objects.filter(conversation__in=mine)
        .select_related("conversation__job__client", "conversation__party__profile", "author")
        .prefetch_related("slots")
        .order_by("-created_at", "-pk")
    )


def interview_for(actor: Actor, interview_id: int) -> Interview:
    """Return one interview the actor sees, with its times. Raises NotFound."""
    interview = interviews_for(actor).filter(pk=interview_id).first()
    if interview is None:
        raise NotFound("")
    return interview


def coming_interviews(actor: Actor) -> list[Interview]:
    """Return the interviews that are agreed or wait for an answer: what comes first in front."""
    found = interviews_for(actor).filter(status__in=Interview.LIVE)
    return list(found.annotate(first=Coalesce("starts_at", Min("slots__starts_at"))).order_by("first", "pk"))


def interview_in(conversation: Conversation) -> Interview | None:
    """Return the interview of a conversation that its room shows: the live one, or the last."""
    found = Interview.objects.filter(conversation=conversation).select_related("author").prefetch_related("slots")
    return found.order_by("-created_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class InterviewTime:
    """One of the proposed times, and whether it can still be chosen."""

    slot_id: int
    starts_at: datetime
    is_past: bool


@dataclass(frozen=True, slots=True)
class InterviewView:
    """An interview as one reader sees it: the other side, its zone, the times, and what the reader may do."""

    interview: Interview
    other: str
    their_zone: str
    times: tuple[InterviewTime, ...]
    ends_at: datetime | None
    is_mine: bool
    can_answer: bool
    can_change: bool
    has_file: bool


def interview_view(interview: Interview, actor: Actor, at: datetime) -> InterviewView:
    """Return an interview for one reader. Needs the conversation with job and parties, and the slots."""
    conversation = interview.conversation
    is_client = actor.party_id == conversation.job.client_id
    other = conversation.party if is_client else conversation.job.client
    times = tuple(
        InterviewTime(slot.pk, slot.starts_at, is_past=slot.starts_at <= at) for slot in interview.slots.all()
    )
    is_live = interview.status in Interview.LIVE
    can_plan = is_live and _plans(actor, is_client=is_client)
    waits = interview.status == Interview.Status.PROPOSED and interview.proposer_id != actor.party_id
    return InterviewView(
        interview=interview,
        other=other.public_name,
        their_zone=zone_of_side(conversation, other.pk),
        times=times,
        ends_at=interview.starts_at + timedelta(minutes=interview.minutes) if interview.starts_at else None,
        is_mine=interview.proposer_id == actor.party_id,
        can_answer=can_plan and waits and not all(time.is_past for time in times),
        can_change=can_plan,
        has_file=interview.starts_at is not None,
    )


def _plans(actor: Actor, *, is_client: bool) -> bool:
    """Test whether somebody who reads a conversation also plans interviews there: members only read."""
    return can_hire(actor, actor.party_id) if is_client else can_work(actor, actor.party_id)


def is_guarded(client_id: int, party_id: int) -> bool:
    """Test whether two sides write to each other under the guard: they have no contract."""
    return not have_contract(client_id, party_id)


def can_begin(invitation: Invitation, at: datetime) -> bool:
    """Test whether who was invited may write to the client: the invitation stands, and so does the job."""
    if invitation.job.status not in Job.LIVE:
        return False
    is_waiting = invitation.status == Invitation.Status.INVITED and invitation.expires_at > at
    return is_waiting or invitation.status == Invitation.Status.ACCEPTED


def zone_of_side(conversation: Conversation, party_id: int) -> str:
    """Return the zone in which a side of a conversation lives.

    That of whoever last wrote for it in the room; where nobody did, of who is proposed, else of the party's owner.
    """
    wrote = Message.objects.filter(room__owner=conversation.scope, party_id=party_id).order_by("-pk")
    zone = wrote.values_list("author__time_zone", flat=True).first()
    if zone is None and party_id == conversation.party_id:
        proposal = latest_proposal(conversation)
        zone = proposal.worker.time_zone if proposal and proposal.worker else None
    if zone is None:
        owners = owners_of(party_id)
        zone = owners[0].time_zone if owners else None
    return zone or settings.TIME_ZONE


QUESTIONS = Path(__file__).parent / "data" / "questions.toml"


@functools.cache
def _written_questions() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))


def interview_questions(category_slug: str, language: str) -> tuple[str, ...]:
    """Return what a client can ask in an interview about a job of a category, those of the category first. No query."""
    written = _written_questions()
    sets = [written[name] for name in (category_slug, "general") if name in written]
    return tuple(question for each in sets for question in each.get(language) or each["en"])


@dataclass(frozen=True, slots=True)
class Expiry:
    """What of a party's connects goes on one day unless it is spent before: when, how many, and how many are left."""

    at: datetime
    amount: int
    left: int
    is_soon: bool


def expiry_forecast(party_id: int, at: datetime) -> tuple[Expiry, ...]:
    """Return day by day, of the reader's zone, what of a party's connects expires; together it is all they hold."""
    lots = list(live_lots(party_id, at))
    left = sum(lot.left for lot in lots)
    soon = at + timedelta(days=rules().connect_reminder_days)
    days = []
    for _day, group in groupby(lots, lambda lot: timezone.localdate(lot.expires_at)):
        same = list(group)
        amount = sum(lot.left for lot in same)
        left -= amount
        days.append(Expiry(same[0].expires_at, amount, left, same[0].expires_at <= soon))
    return tuple(days)


#: The order of the marked places: the highest bid first, of equal ones the earlier.
BY_BOOST = ("-boost", "boosted_at", "pk")


@dataclass(frozen=True, slots=True)
class Auction:
    """The marked places of a job as one bidder sees them: amounts without names.

    `own_place` counts from 1 and is 0 for one who holds none; `paid` is what the bidder's own boost has cost so far;
    `least` is the lowest bid that gets, or keeps, a place now.
    """

    is_open: bool
    ends_at: datetime | None
    places: int
    amounts: tuple[int, ...]
    own_place: int
    is_outbid: bool
    paid: int
    least: int

    @property
    def least_spend(self) -> int:
        """What that bid costs the bidder on top of what was paid."""
        return self.least - self.paid

    @property
    def rows(self) -> tuple[tuple[int, int, bool], ...]:
        """Each place with its number, its bid (0 for a free one) and whether it is the bidder's."""
        size = max(self.places, len(self.amounts))
        bids = (*self.amounts, *([0] * (size - len(self.amounts))))
        return tuple((number, amount, number == self.own_place) for number, amount in enumerate(bids, 1))


def standing_bids(job_id: int) -> QuerySet[Proposal]:
    """Return the proposals in the marked places of a job, highest first."""
    held = Proposal.objects.filter(job_id=job_id, boost__gt=0, outbid_at=None, status__in=Proposal.BOUND)
    return held.order_by(*BY_BOOST)


def boosted_places(job_id: int) -> QuerySet[Proposal]:
    """Return the proposals in the marked places, for the top of the client's list, highest first. One statement."""
    return standing_bids(job_id).select_related("party__profile", "party__facts", "worker")


def place_numbers(proposals: Iterable[Proposal]) -> dict[int, int]:
    """Return the number of the marked place that each of the proposals holds, by proposal; at most one statement."""
    held = [proposal for proposal in proposals if proposal.holds_place]
    if not held:
        return {}
    rivals = Proposal.objects.filter(
        job_id__in={each.job_id for each in held}, boost__gt=0, outbid_at=None, status__in=Proposal.BOUND
    )
    numbers: dict[int, int] = {}
    for _job, group in groupby(rivals.order_by("job_id", *BY_BOOST).values_list("job_id", "pk"), lambda row: row[0]):
        numbers |= {pk: number for number, (_job_id, pk) in enumerate(group, 1)}
    return {each.pk: numbers[each.pk] for each in held if each.pk in numbers}


def boosting_ends_at(job: Job) -> datetime | None:
    """Return when bidding for the places of a job ends: so many days after it was posted; None before that."""
    return job.posted_at and job.posted_at + timedelta(days=rules().boost_days)


def can_be_boosted(job: Job, at: datetime) -> bool:
    """Test whether the places of a job are bid for: it is open, its days are not over and nobody is hired yet."""
    ends_at = boosting_ends_at(job)
    is_running = job.status == Job.Status.OPEN and job.hires_made == 0 and job.expires_at and at < job.expires_at
    return bool(is_running) and rules().boost_places > 0 and ends_at is not None and at < ends_at


def least_boost(rivals: Sequence[int], paid: int) -> int:
    """Return the lowest bid that gets a place among the standing bids of others, highest first.

    A free place takes the minimum; a taken one, a step more than the lowest bid. A raise is a step at least.
    """
    product = rules()
    is_full = len(rivals) >= product.boost_places
    least = rivals[product.boost_places - 1] + product.boost_step if is_full else product.boost_minimum
    return max(least, paid + product.boost_step) if paid else least


def auction_for(job: Job, party_id: int, at: datetime) -> Auction:
    """Return the marked places of a job as a party that bids on it sees them. One statement."""
    is_open = can_be_boosted(job, at)
    bids = Proposal.objects.filter(job=job, status__in=Proposal.BOUND).filter(Q(boost__gt=0) | Q(party_id=party_id))
    rows = list(bids.order_by(*BY_BOOST).values_list("party_id", "boost", "outbid_at"))
    standing = [(owner, boost) for owner, boost, outbid_at in rows if boost and outbid_at is None]
    own = [(boost, outbid_at) for owner, boost, outbid_at in rows if owner == party_id]
    paid, outbid_at = own[0] if own else (0, None)
    rivals = [boost for owner, boost in standing if owner != party_id]
    owners = [owner for owner, _boost in standing]
    return Auction(
        is_open=is_open,
        ends_at=boosting_ends_at(job),
        places=rules().boost_places,
        amounts=tuple(boost for _owner, boost in standing),
        own_place=owners.index(party_id) + 1 if party_id in owners else 0,
        is_outbid=outbid_at is not None,
        paid=paid,
        least=least_boost(rivals, paid) if is_open else 0,
    )
