"""Reads of the marked places of a job and of the bids for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet

from core.product import rules
from jobs.models import Job
from proposals.models import Proposal

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
