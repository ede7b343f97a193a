"""Writing an offer down: on a proposal, or directly to somebody who made none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from contracts.actions.offers.refusals import JobNotLive, NotReachable, OfferNotDraft, WorkerMissing
from contracts.actions.offers.steps import check_free, check_not_proposed, check_proposal_open, check_reachable
from contracts.actions.offers.versions import write_terms
from contracts.actions.rows import lock_bid, lock_parties
from contracts.actions.terms import MilestoneTerms, OfferTerms, check_offer_terms
from contracts.models import Offer
from contracts.models.offers import OFFER_FILES
from contracts.permissions import can_write_offer
from core.actor import Actor
from core.errors import NotAllowed
from core.product import rules
from files.actions import replace_files
from jobs.models import Job
from messaging.guard import check_texts
from payments.queries import current_fees
from profiles.queries import workers_of


@transaction.atomic
def write_offer(
    *,
    proposal_id: int,
    title: str,
    deliverables: str,
    starts_on: date | None,
    ends_on: date | None,
    duration: str = "",
    milestones: Sequence[MilestoneTerms],
    language: str,
    file_ids: Sequence[UUID] = (),
    by: Actor,
    at: datetime,
) -> Offer:
    """Write down terms for one who made a proposal; again on a draft, it is written anew.

    From: nothing, draft. To: draft, which only the client sees. Money: none. Event: none.

    Raises NotAllowed if `by` may not hire for the client, ProposalNotOpen, ExclusiveToAgency for a freelancer who works
    only through an agency, WorkerGone, OfferNotDraft while an offer is out, TermsNotPossible for terms that cannot be
    agreed, files' refusals for a file that cannot be attached.
    """
    proposal = lock_bid(proposal_id)
    job = proposal.job
    _check_writer(by, job.client_id)
    offer = _lock_draft(Offer.objects.filter(proposal=proposal, status__in=Offer.LIVE).first())
    if offer is None:
        offer = Offer(
            job=job,
            proposal=proposal,
            client_id=job.client_id,
            freelancer_id=proposal.party_id,
            worker_id=proposal.worker_id,
            version=0,
            created_at=at,
        )
    offer.client, offer.freelancer = job.client, proposal.party
    check_proposal_open(proposal)
    check_free(offer)
    terms = OfferTerms(title, deliverables, language, tuple(milestones), starts_on, ends_on, duration)
    return _write(offer, terms, file_ids, by=by, at=at)


@transaction.atomic
def write_direct_offer(
    *,
    client_id: int,
    freelancer_id: int,
    job_id: int | None,
    worker_id: int | None,
    terms: OfferTerms,
    file_ids: Sequence[UUID] = (),
    by: Actor,
    at: datetime,
) -> Offer:
    """Write down terms for somebody who made no proposal; again on a draft, it is written anew. It costs no connects.

    `job_id` is one of the client's open jobs, or none; `worker_id` is who of an agency does the work, none for a
    freelancer. One offer at a time goes to the same party on the same job.

    From: nothing, draft. To: draft, which only the client sees. Money: none. Event: none.

    Raises NotAllowed if `by` may not hire for the client, JobNotLive, NotReachable for somebody without a profile that
    the client can see, or exclusive to an agency, HasProposed where a proposal of theirs waits on that job, OwnPeople,
    WorkerMissing, OfferNotDraft while an offer is out, TermsNotPossible for terms that cannot be agreed, LeadsAway for
    contact data in them, files' refusals for a file that cannot be attached.
    """
    parties = lock_parties(client_id, freelancer_id)
    job = Job.objects.locked(job_id) if job_id is not None else None
    _check_writer(by, client_id)
    _check_job(job, client_id, at)
    live = Offer.objects.filter(
        client_id=client_id, freelancer_id=freelancer_id, job=job, proposal=None, status__in=Offer.LIVE
    )
    offer = _lock_draft(live.first()) or Offer(
        job=job, client_id=client_id, freelancer_id=freelancer_id, version=0, created_at=at
    )
    offer.client, offer.freelancer, offer.worker_id = parties[client_id], parties[freelancer_id], worker_id
    _check_worker(offer)
    check_reachable(offer)
    check_free(offer)
    check_not_proposed(offer)
    check_texts(_texts_of(terms))
    return _write(offer, terms, file_ids, by=by, at=at)


def _write(offer: Offer, terms: OfferTerms, file_ids: Sequence[UUID], *, by: Actor, at: datetime) -> Offer:
    check_offer_terms(terms, at)
    offer.author_id = by.person_id
    offer.currency, offer.fee_version = rules().currency, current_fees().version
    offer.version += 1
    write_terms(offer, terms.stripped())
    replace_files(file_ids=file_ids, kind=OFFER_FILES, ref=offer.pk, by=by, at=at)
    return offer


def _lock_draft(offer: Offer | None) -> Offer | None:
    if offer is None:
        return None
    offer = Offer.objects.locked(offer.pk)
    if offer.status != Offer.Status.DRAFT:
        raise OfferNotDraft(_("This offer was sent: withdraw it before you write another one."))
    return offer


def _check_writer(by: Actor, client_id: int) -> None:
    if by.user_id is None or not can_write_offer(by, client_id):
        raise NotAllowed(_("You may not make offers for this client."))


def _check_job(job: Job | None, client_id: int, at: datetime) -> None:
    if job is None:
        return
    if job.client_id != client_id:
        raise JobNotLive(_("Choose one of your open jobs."))
    if job.status != Job.Status.OPEN or job.expires_at is None or job.expires_at <= at:
        raise JobNotLive(_("This job is not open: choose another one, or none."))


def _check_worker(offer: Offer) -> None:
    if offer.freelancer.kind == Party.Kind.AGENCY:
        if offer.worker_id is None:
            raise WorkerMissing(_("Choose who of the agency does the work."))
        if offer.worker_id not in {each.user_id for each in workers_of(offer.freelancer_id)}:
            raise WorkerMissing(_("This person cannot be chosen for the agency's work."))
    elif offer.freelancer.kind != Party.Kind.FREELANCER:
        raise NotReachable(_("Offers go to freelancers and agencies."))
    elif offer.worker_id is not None:
        raise WorkerMissing(_("A freelancer does the work themselves."))


def _texts_of(terms: OfferTerms) -> dict[str, str]:
    plan = {f"milestone_{place}": f"{each.title}\n{each.description}" for place, each in enumerate(terms.milestones)}
    return {"title": terms.title, "deliverables": terms.deliverables, **plan}
