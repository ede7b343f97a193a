"""Reads of proposals, for the two sides they are between."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from accounts.permissions import can_work, reads_all
from core.actor import Actor
from core.errors import NotFound
from core.money import fee_of
from jobs.models import Job
from jobs.queries import added_to
from payments.queries import ReleaseQuote, deal_taxes, fees
from payments.tax import UNTAXED
from profiles.models import Certification
from profiles.queries import Shown, certificate_shown, contract_shown, pictures_of, work_shown
from proposals.models import Proposal, ProposalDraft, ProposalNote


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
    """Return what a freelancer sent, newest first, each with the connects it cost."""
    return (
        Proposal.objects.filter(party_id=party_id)
        .select_related("job__client", "worker")
        .prefetch_related("spends")
        .order_by("-created_at", "-pk")
    )


def own_counts(party_id: int) -> dict[str, int]:
    """Return how many proposals a freelancer has that are open, have an offer, and have ended. One query."""
    bound = Q(status__in=Proposal.BOUND)
    return Proposal.objects.filter(party_id=party_id).aggregate(
        open=Count("pk", filter=bound),
        offers=Count("pk", filter=Q(status=Proposal.Status.OFFERED)),
        ended=Count("pk", filter=~bound),
    )


def can_read_proposal_file(actor: Actor, ref: str) -> bool:
    """Test whether the actor may open the files of a proposal, as whoever reads it may; of a draft, its party alone."""
    kind, _dash, number = ref.rpartition("-")
    if not number.isdecimal():
        return False
    if kind == "draft":
        if actor.party_id is None or not can_work(actor, actor.party_id) or actor.impersonator_id is not None:
            return False
        return ProposalDraft.objects.filter(pk=int(number), party_id=actor.party_id).exists()
    return not kind and proposals_for(actor).filter(pk=int(number)).exists()


def quote_plan(
    amounts: Sequence[int], version: int, *, payer_id: int | None = None, payee_id: int | None = None
) -> ReleaseQuote:
    """Return what a freelancer would receive of work paid in these parts, fees and VAT taken of each by itself.

    Without both sides, as before anybody has said who they are, nothing is taxed.
    """
    taxes = deal_taxes(payer_id=payer_id, payee_id=payee_id) if payer_id and payee_id else None
    work, service = (taxes.charge.work, taxes.service) if taxes else (UNTAXED, UNTAXED)
    rate = fees(version).freelancer_bps
    each_fee = [fee_of(amount, rate) for amount in amounts]
    return ReleaseQuote(
        gross=sum(amounts),
        vat=sum(work.on(amount) for amount in amounts),
        fee=sum(each_fee),
        fee_vat=sum(service.on(fee) for fee in each_fee),
        tax=service,
        work=work,
        fee_bps=rate,
    )


def highlights_shown(proposal: Proposal, actor: Actor) -> list[Shown]:
    """Return what a proposal points at on its party's profile, as the actor may see it. Two queries at most."""
    rows = list(
        proposal.highlights.select_related("portfolio_item__profile", "certification__profile", "work").order_by(
            "position"
        )
    )
    items = {row.portfolio_item_id: row.portfolio_item for row in rows if row.portfolio_item is not None}
    profile = next((item.profile for item in items.values()), None)
    pictures = pictures_of(actor, profile, [pk for pk in items if pk is not None])
    shown = []
    for row in rows:
        if row.portfolio_item is not None:
            shown.append(work_shown(row.portfolio_item, pictures.get(str(row.portfolio_item_id), ())))
        elif row.certification is not None:
            if row.certification.status != Certification.Status.REFUSED:
                shown.append(certificate_shown(row.certification))
        elif row.work is not None:
            shown.append(contract_shown(row.work, actor))
    return shown


def has_bound_proposal(*, job_id: int, party_id: int) -> bool:
    """Test whether a party has a proposal for a job that is live or has an offer."""
    return Proposal.objects.filter(job_id=job_id, party_id=party_id, status__in=Proposal.BOUND).exists()


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


def starting_price(job: Job) -> int | None:
    """Return the price with which the form of a proposal opens: the budget, or the upper end of the rate."""
    return job.budget if job.kind == Job.Kind.FIXED else job.rate_high
