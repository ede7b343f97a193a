"""Reads of proposals and connects, for whom they are meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.permissions import reads_all
from core.actor import Actor
from core.errors import NotFound
from jobs.models import Job
from jobs.queries import added_to
from ledger.models import CONNECT
from ledger.queries import entries_of
from payments.models import Charge
from proposals.models import (
    CONNECTS_PURPOSE,
    ConnectClaim,
    ConnectLot,
    ConnectSpend,
    Proposal,
    ProposalNote,
    connects_account,
)
from proposals.permissions import can_change_note


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
    """Return a note of the actor's own on a proposal whose inbox they read. Raises NotFound for any other."""
    found = ProposalNote.objects.filter(pk=note_id).select_related("proposal__job__client", "proposal__party__profile")
    note = found.first()
    if note is None or not can_change_note(actor, note):
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
    """Return how many proposals a job has in all, and how many wait for the client's first look. One query."""
    return Proposal.objects.filter(job_id=job_id).aggregate(
        proposals=Count("pk", filter=~Q(status=Proposal.Status.WITHDRAWN)),
        unanswered=Count("pk", filter=Q(status=Proposal.Status.SUBMITTED)),
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


def connects_statement(party_id: int, *, older_than: int | None = None) -> ConnectsStatement:
    """Return one page of a party's movements of connects, newest first, each with its reason and its job."""
    page = entries_of([connects_account(party_id)], CONNECT, limit=30, older_than=older_than)
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
        lines.append(ConnectsLine(line.at, line.kind, line.amount, line.balance, spend))
    return ConnectsStatement(tuple(lines), page.older_than)
