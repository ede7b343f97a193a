"""The versions of an offer: written down as they are put forward, put in force, and ended with the offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from contracts.actions.clocks import next_reminder
from contracts.actions.terms import MilestoneTerms, OfferTerms
from contracts.models import Offer, OfferMilestone, OfferVersion
from core.product import rules

State = OfferVersion.State


def terms_in_force(offer: Offer) -> OfferTerms:
    """Return what a locked offer says now."""
    plan = tuple(
        MilestoneTerms(title=each.title, amount=each.amount, description=each.description, due_on=each.due_on)
        for each in offer.milestones.order_by("position")
    )
    return OfferTerms(
        title=offer.title,
        deliverables=offer.deliverables,
        language=offer.language,
        milestones=plan,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        duration=offer.duration,
    )


def terms_of(version: OfferVersion) -> OfferTerms:
    """Return what a version says."""
    return OfferTerms(
        title=version.title,
        deliverables=version.deliverables,
        language=version.language,
        milestones=tuple(_milestone(each) for each in version.milestones),
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        duration=version.duration,
    )


def write_terms(offer: Offer, terms: OfferTerms) -> None:
    """Write terms onto a locked offer and its milestones; the offer is saved."""
    offer.title, offer.deliverables, offer.language = terms.title, terms.deliverables, terms.language
    offer.starts_on, offer.ends_on, offer.duration = terms.starts_on, terms.ends_on, terms.duration
    offer.save()
    offer.milestones.all().delete()
    OfferMilestone.objects.bulk_create(
        OfferMilestone(
            offer=offer,
            position=position,
            title=each.title,
            description=each.description,
            amount=each.amount,
            due_on=each.due_on,
        )
        for position, each in enumerate(terms.milestones, start=1)
    )


def note_version(
    offer: Offer,
    terms: OfferTerms,
    *,
    state: OfferVersion.State,
    party_id: int,
    author_id: int,
    note: str,
    at: datetime,
) -> OfferVersion:
    """Write down terms that a side of a locked offer puts forward."""
    last = offer.versions.order_by("-number").values_list("number", flat=True).first()
    return OfferVersion.objects.create(
        offer=offer,
        number=(last or 0) + 1,
        base=version_in(offer, State.CURRENT),
        party_id=party_id,
        author_id=author_id,
        state=state,
        title=terms.title,
        deliverables=terms.deliverables,
        language=terms.language,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        duration=terms.duration,
        milestones=[
            {
                "title": each.title,
                "amount": each.amount,
                "description": each.description,
                "due_on": each.due_on.isoformat() if each.due_on else None,
            }
            for each in terms.milestones
        ],
        note=note.strip(),
        created_at=at,
    )


def note_sent_version(offer: Offer, at: datetime) -> OfferVersion:
    """Write down the terms with which an offer goes out."""
    return note_version(
        offer,
        terms_in_force(offer),
        state=State.CURRENT,
        party_id=offer.client_id,
        author_id=offer.author_id,
        note="",
        at=at,
    )


def put_in_force(offer: Offer, version: OfferVersion, at: datetime) -> None:
    """Let a version take the place of the one in force: the freelancer has the whole time to answer again.

    A counter that still waited is overtaken, and so are new terms that the client had not sent.
    """
    offer.versions.filter(state=State.CURRENT).update(state=State.REPLACED, decided_at=at)
    version.state = State.CURRENT
    version.save(update_fields=["state"])
    end_open_versions(offer, at)
    offer.status, offer.payment_failure = Offer.Status.PENDING, ""
    offer.version += 1
    start_clock(offer, at)
    write_terms(offer, terms_of(version))


def start_clock(offer: Offer, at: datetime) -> None:
    """Give the freelancer the time to answer, from now on; the offer is not saved."""
    offer.expires_at = at + timedelta(days=rules().offer_days)
    offer.remind_at = next_reminder(started_at=at, ends_at=offer.expires_at, after=at)


def resume_clock(offer: Offer, at: datetime) -> None:
    """Let the reminders of an offer's clock go on, which ran on while it was being raised; the offer is not saved."""
    if offer.expires_at is not None:
        started_at = offer.expires_at - timedelta(days=rules().offer_days)
        offer.remind_at = next_reminder(started_at=started_at, ends_at=offer.expires_at, after=at)


def end_open_versions(offer: Offer, at: datetime) -> None:
    """Take note that whatever waited, or was being paid, will not be in force; what was never sent is gone."""
    offer.versions.filter(state=State.DRAFT).delete()
    waiting = offer.versions.filter(state__in=[State.OPEN, State.RAISING])
    waiting.filter(party_id=offer.client_id).delete()
    waiting.update(state=State.LAPSED, decided_at=at)


def version_in(offer: Offer, state: OfferVersion.State) -> OfferVersion | None:
    """Return the one version of a locked offer that is in an undecided state."""
    return offer.versions.filter(state=state).first()


def _milestone(data: Mapping[str, Any]) -> MilestoneTerms:
    return MilestoneTerms(
        title=data["title"],
        amount=data["amount"],
        description=data["description"],
        due_on=date.fromisoformat(data["due_on"]) if data["due_on"] else None,
    )
