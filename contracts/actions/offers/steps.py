"""The steps that the verbs of an offer share: what is checked, how it is shown, ended, paid back and told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.queries import belongs_to, exclusive_agency_of, share_people
from contracts.actions.offers.refusals import (
    HasProposed,
    NotReachable,
    OfferNotLive,
    OfferNotPending,
    OwnPeople,
    ProposalNotOpen,
    WorkerGone,
)
from contracts.actions.offers.versions import end_open_versions, note_sent_version, start_clock
from contracts.models import Contract, Offer
from contracts.models.offers import PURPOSE
from core.actor import Actor
from events.actions import record
from jobs.models import Job
from payments.actions import give_up_charge, pay_from_credit, refund_holding, start_charge
from payments.queries import ChargeQuote, latest_charge
from profiles.models import Profile
from proposals.actions import demand_not_exclusive, mark_proposal_offered, mark_proposal_unoffered
from proposals.models import Proposal


def check_proposal_open(proposal: Proposal) -> None:
    """Refuse an offer on a proposal that has been answered. Raises ProposalNotOpen."""
    if proposal.status not in Proposal.LIVE:
        raise ProposalNotOpen(_("This proposal was answered, withdrawn or closed: no offer can be made on it."))


def check_free(offer: Offer) -> None:
    """Refuse what somebody cannot agree to: one's own people, exclusive to an agency, gone from one.

    Needs the parties. Raises OwnPeople, proposals.ExclusiveToAgency, WorkerGone.
    """
    if share_people(offer.freelancer_id, offer.client_id):
        raise OwnPeople(_("Somebody belongs to both sides: they cannot make a contract with each other."))
    if offer.worker_id is None:
        demand_not_exclusive(offer.freelancer)
    elif not belongs_to(offer.worker_id, offer.freelancer_id):
        raise WorkerGone(_("The person proposed for this work does not belong to the agency any more."))


def check_reachable(offer: Offer) -> None:
    """Refuse a direct offer to somebody who is not to be found. Raises NotReachable."""
    found = Profile.objects.approved().filter(party_id=offer.freelancer_id)
    if not found.exclude(visibility=Profile.Visibility.PRIVATE).exists():
        raise NotReachable(_("Offers go to people with an approved profile that you can see."))
    agency = exclusive_agency_of(offer.freelancer_id)
    if agency is not None:
        raise NotReachable(
            _("They work only through the agency %(agency)s: make the offer to the agency.")
            % {"agency": agency.public_name}
        )


def check_not_proposed(offer: Offer) -> None:
    """Refuse a direct offer to somebody whose proposal for its job waits. Raises HasProposed."""
    if offer.job_id is None:
        return
    bound = Proposal.objects.filter(job_id=offer.job_id, party_id=offer.freelancer_id, status__in=Proposal.BOUND)
    for proposal_id in bound.values_list("pk", flat=True)[:1]:
        raise HasProposed(_("They sent a proposal for this job: make the offer on that proposal."), proposal_id)


def check_pending(offer: Offer) -> None:
    """Refuse an answer to an offer that does not wait for one. Raises OfferNotPending."""
    if offer.status == Offer.Status.RAISING:
        raise OfferNotPending(_("New terms of this offer are being paid. It can be answered once the bank has said."))
    if offer.status != Offer.Status.PENDING:
        raise OfferNotPending(_("This offer was answered, withdrawn or has expired."))


def show(offer: Offer, at: datetime) -> None:
    """Show a paid offer to the freelancer, whose time to answer begins."""
    if offer.proposal_id is not None:
        mark_proposal_offered(proposal_id=offer.proposal_id, at=at)
    offer.status, offer.sent_at = Offer.Status.PENDING, at
    start_clock(offer, at)
    offer.save(update_fields=["status", "sent_at", "expires_at", "remind_at"])
    note_sent_version(offer, at)


def charge_offer(offer: Offer, quote: ChargeQuote, *, method_id: int, by: Actor, at: datetime) -> None:
    """Begin the charge of a first milestone, or of what new terms of it cost more."""
    start_charge(
        payer_id=offer.client_id,
        method_id=method_id,
        purpose=PURPOSE,
        reference=offer.pk,
        scope=offer.holder,
        title=title_of(offer),
        gross=quote.gross,
        client_fee=quote.client_fee,
        fee_version=offer.fee_version,
        taxes=quote.taxes,
        by=by,
        at=at,
    )


def pay_offer_from_credit(offer: Offer, quote: ChargeQuote, *, by: Actor, at: datetime) -> None:
    """Pay a first milestone, or what new terms of it cost more, with the client's credit. Raises CreditNotEnough."""
    pay_from_credit(
        payer_id=offer.client_id,
        payee_id=offer.freelancer_id,
        holder=offer.holder,
        purpose=PURPOSE,
        reference=offer.pk,
        scope=offer.holder,
        title=title_of(offer),
        gross=quote.gross,
        client_fee=quote.client_fee,
        fee_version=offer.fee_version,
        taxes=quote.taxes,
        by=by,
        at=at,
    )


def close(offer: Offer, status: Offer.Status, at: datetime) -> None:
    """End a pending offer: its money goes back, and the proposal is again as it was before."""
    first = offer.milestones.order_by("position")[0]
    end(offer, status, at)
    return_money(offer, first.amount, at)
    unbind_proposal(offer, at)


def ask_for_end(offer: Offer, status: Offer.Status, at: datetime) -> None:
    """Give up the payment that a locked offer waits for; it ends as `status` once that has its answer.

    Raises OfferNotLive where it is being ended already.
    """
    if offer.end_requested_at is not None:
        raise OfferNotLive(_("This offer is being ended already."))
    offer.end_requested_at, offer.end_requested_as = at, status
    offer.save(update_fields=["end_requested_at", "end_requested_as", "decline_note"])
    give_up_payment(offer, at)


def give_up_payment(offer: Offer, at: datetime) -> None:
    """Ask for the end of the charge that runs for a locked offer."""
    charge = latest_charge(PURPOSE, offer.pk)
    if charge is not None:
        give_up_charge(charge_id=charge.pk, by=Actor.system(), at=at)  # who may hire decides, and need not spend


def end(offer: Offer, status: Offer.Status, at: datetime) -> None:
    """Write the end of a locked offer, and of whatever was still being said about it."""
    offer.status, offer.ended_at, offer.remind_at = status, at, None
    offer.save(update_fields=["status", "ended_at", "remind_at", "decline_note"])
    end_open_versions(offer, at)


def unbind_proposal(offer: Offer, at: datetime) -> None:
    """Lead the proposal of an offer that ended back to where it was; a direct offer has none."""
    if offer.proposal_id is not None:
        mark_proposal_unoffered(proposal_id=offer.proposal_id, at=at)


def return_money(offer: Offer, gross: int, at: datetime) -> None:
    """Send money that the offer holds back to the client, oldest charge first (c1)."""
    refund_holding(holder=offer.holder, gross=gross, title=title_of(offer), scope=offer.holder, at=at)


def is_job_removed(offer: Offer) -> bool:
    """Test whether staff removed the job of a locked offer."""
    return offer.job is not None and offer.job.status == Job.Status.REMOVED


def title_of(offer: Offer) -> str:
    """Return what lines about the money of an offer say."""
    return _("Offer: %(title)s") % {"title": offer.title}


def tell(event: str, offer: Offer, by: Actor, at: datetime, **data: Any) -> None:
    """Record what happened to an offer."""
    record(
        kind=f"contracts.{event}",
        actor=by,
        subject=offer.holder,
        scope=offer.scope,
        at=at,
        title=offer.title,
        currency=offer.currency,
        client=offer.client_id,
        freelancer=offer.freelancer_id,
        proposal=offer.proposal_id,
        **data,
    )


def contract_of(offer_id: int) -> int | None:
    """Return the number of the contract that was made of an offer, if any."""
    return Contract.objects.filter(offer_id=offer_id).values_list("pk", flat=True).first()
