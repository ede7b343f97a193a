"""What pages say of a client: who it is, and its figures, each with what it was counted of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Party
from core.product import rules
from profiles.models import PartyFacts


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, and the per cent it is; None where the whole is too small to say."""

    part: int
    whole: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class ClientBlock:
    """What job pages and its own page say of a client. What nothing was counted of is None and is not shown."""

    name: str
    slug: str
    is_company: bool
    place: str
    country: str
    time_zone: str
    about: str
    since: datetime
    is_new: bool
    is_payment_verified: bool
    jobs_posted: int | None
    jobs_open: int | None
    hired: Share | None
    unhired: Share | None
    hires: int | None
    spent: int | None
    answered: Share | None
    answer_minutes: int | None
    least: int
    currency: str


def client_block(party: Party) -> ClientBlock:
    """Return what pages say of a client. A client without facts is new, never 0 %.

    One query, none for a party that was fetched with its facts.
    """
    facts = getattr(party, "facts", None) or PartyFacts(party_id=party.pk)
    least = rules().facts_minimum
    return ClientBlock(
        name=party.public_name,
        slug=party.slug,
        is_company=party.is_company,
        place=party.place,
        country=str(party.country.name),
        time_zone=party.time_zone,
        about=party.about,
        since=party.created_at,
        is_new=not (facts.hires or facts.spent) and facts.jobs_ended < least,
        is_payment_verified=facts.is_payment_verified,
        jobs_posted=facts.jobs_posted or None,
        jobs_open=facts.jobs_open or None,
        hired=_share(facts.jobs_ended_hired, facts.jobs_ended, least),
        unhired=_share(facts.jobs_ended - facts.jobs_ended_hired, facts.jobs_ended, least),
        hires=facts.hires or None,
        spent=facts.spent or None,
        answered=_share(facts.proposals_answered, facts.proposals_received, least),
        answer_minutes=facts.answer_minutes if facts.proposals_answered >= least else None,
        least=least,
        currency=rules().currency,
    )


def _share(part: int, whole: int, least: int) -> Share | None:
    """Return a share in per cent, rounded half up; None of nothing. Counts that come late never make more than all."""
    if whole <= 0:
        return None
    part = min(max(part, 0), whole)
    return Share(part, whole, (200 * part + whole) // (2 * whole) if whole >= least else None)
