"""Boosts: bids in connects, open and without names, for the marked places at the top of a client's list."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from jobs.models import Job
from proposals.actions.connects import check_none_owed, return_boost, spend_connects
from proposals.models import ConnectSpend, Proposal
from proposals.permissions import can_boost_proposal
from proposals.queries import can_be_boosted, least_boost, standing_bids

#: How often a bid looks again at places that moved while it waited for its locks.
TRIES = 10


class ProposalNotLive(DomainError):
    """The proposal has been answered, withdrawn or closed."""


class BoostingEnded(DomainError):
    """The places of the job are not bid for: its days are over, somebody is hired, or it is not open."""


class BoostTooLow(DomainError):
    """The bid gets no place, or is no raise."""


class PlacesMoved(DomainError):
    """Others bid again and again while this bid waited for its turn."""


class _Moved(Exception):
    """Somebody else would be put out than was locked."""


@transaction.atomic
def raise_boost(*, proposal_id: int, boost: int, by: Actor, at: datetime) -> Proposal:
    """Bid for a marked place with a proposal that was sent, or raise its bid; `boost` is the whole bid, not the raise.

    From and to: any live state. CONNECT: the difference to what the bid has cost so far, from the party to spent; what
    the bids cost that are put out goes back, unless their client has acted on them.
    Event: proposals.proposal_boosted, proposals.proposal_outbid for each that is put out.

    Raises NotAllowed if it is not the actor's, ProposalNotLive, ConnectsOwed, BoostingEnded, BoostTooLow,
    CannotAffordConnects, PlacesMoved.
    """
    party_id, job_id = Proposal.objects.values_list("party_id", "job_id").get(pk=proposal_id)
    party, job = lock_bidder(party_id=party_id, job_id=job_id, boost=boost)
    proposal = Proposal.objects.locked(proposal_id)
    proposal.party, proposal.job = party, job
    if not can_boost_proposal(by, proposal):
        raise NotAllowed(_("You may not boost this proposal."))
    if proposal.status not in Proposal.LIVE:
        raise ProposalNotLive(_("This proposal has already been answered, withdrawn or closed."))
    check_none_owed(party_id)
    spent = bid_for_place(proposal=proposal, boost=boost, at=at)
    record(
        kind="proposals.proposal_boosted",
        actor=by,
        subject=f"proposal:{proposal.pk}",
        scope=f"job:{job_id}",
        at=at,
        boost=boost,
        connects=spent,
    )
    return proposal


def lock_bidder(*, party_id: int, job_id: int, boost: int) -> tuple[Party, Job]:
    """Lock a bidder and the job, and before the job whoever the boost would put out (inner): their connects go back.

    Parties stand before jobs in the order of locks, but who is put out is known only under the lock of the job. So it
    is read before, and again under the lock; where the places moved meanwhile, all is let go and tried anew.
    Raises PlacesMoved when that does not end.
    """
    if not boost:
        return Party.objects.locked(party_id), Job.objects.locked(job_id)
    for _try in range(TRIES):
        losers = {each.party_id for each in _put_out_by(job_id, party_id, boost)}
        with suppress(_Moved), transaction.atomic():  # rolled back to here, the locks are let go
            parties = {pk: Party.objects.locked(pk) for pk in sorted({party_id, *losers})}
            job = Job.objects.locked(job_id)
            if any(each.party_id not in parties for each in _put_out_by(job_id, party_id, boost)):
                raise _Moved
            return parties[party_id], job
    raise PlacesMoved(_("Others are bidding at this moment. Nothing was spent: look at the places and send it again."))


def bid_for_place(*, proposal: Proposal, boost: int, at: datetime) -> int:
    """Put a proposal into a marked place (inner; `lock_bidder` was called, its job is on it). Returns what was spent.

    A bid that gets no place is refused. The lowest bid makes room for a higher one, of equal ones the latest. Its
    connects come back unless the client has acted on its proposal in a way that its bidder sees.
    """
    if not can_be_boosted(proposal.job, at):
        raise BoostingEnded(_("Places on this job are not bid for any more. Send the proposal without a boost."))
    rivals = [each for each in standing_bids(proposal.job_id) if each.pk != proposal.pk]
    least = least_boost([each.boost for each in rivals], proposal.boost)
    if boost < least:
        raise BoostTooLow(
            ngettext(
                "A place takes a bid of %(least)d connect or more now. Nothing was spent.",
                "A place takes a bid of %(least)d connects or more now. Nothing was spent.",
                least,
            )
            % {"least": least}
        )
    spent = boost - proposal.boost
    spend_connects(proposal=proposal, amount=spent, part=ConnectSpend.Part.BOOST, at=at)
    proposal.boost, proposal.boosted_at, proposal.outbid_at = boost, at, None
    proposal.save(update_fields=["boost", "boosted_at", "outbid_at"])
    for rival in rivals[rules().boost_places - 1 :]:
        _put_out(rival.pk, at)
    return spent


def _put_out_by(job_id: int, party_id: int, boost: int) -> list[Proposal]:
    """Return the proposals that a bid of this party puts out, as the places are now."""
    rivals = [each for each in standing_bids(job_id) if each.party_id != party_id]
    places = rules().boost_places
    if places == 0 or len(rivals) < places or boost < rivals[places - 1].boost + rules().boost_step:
        return []
    return rivals[places - 1 :]


def _put_out(proposal_id: int, at: datetime) -> None:
    proposal = Proposal.objects.locked(proposal_id)
    proposal.outbid_at = at
    proposal.save(update_fields=["outbid_at"])
    is_untouched = proposal.status == Proposal.Status.SUBMITTED  # for its bidder: a label of the client says nothing
    returned = return_boost(proposal=proposal, at=at) if is_untouched else 0
    record(
        kind="proposals.proposal_outbid",
        actor=Actor.system(),
        subject=f"proposal:{proposal.pk}",
        scope=f"job:{proposal.job_id}",
        at=at,
        returned=returned,
    )
