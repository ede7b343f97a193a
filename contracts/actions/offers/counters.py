"""Counter-offers of the freelancer, and the client's own new terms before they are sent. None of it moves money."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.actions.offers.refusals import (
    CounterNotOpen,
    OfferChanged,
    OfferTooOld,
    RevisionNotWritten,
    TermsUnchanged,
)
from contracts.actions.offers.steps import check_pending, tell
from contracts.actions.offers.versions import State, note_version, terms_in_force, version_in
from contracts.actions.rows import lock_offer
from contracts.actions.terms import OfferTerms, check_offer_terms
from contracts.models import Offer, OfferVersion
from contracts.permissions import can_answer_offer, can_write_offer
from core.actor import Actor
from core.errors import NotAllowed
from messaging.guard import check_texts


@transaction.atomic
def counter_offer(
    *, offer_id: int, terms: OfferTerms, note: str, seen_version: int, by: Actor, at: datetime
) -> OfferVersion:
    """Put other terms to the client; one that still waits is replaced. The offer stands as it is until they agree.

    From: pending. To: pending, with an open counter. Money: none. Event: contracts.offer_countered.

    Raises NotAllowed if `by` may not decide for the freelancer, OfferNotPending in any other state, OfferChanged for
    another version, OfferTooOld from the moment it expires, TermsNotPossible, TermsUnchanged for the terms that stand,
    LeadsAway for contact data in terms or note.
    """
    offer = lock_offer(offer_id)
    if not can_answer_offer(by, offer):
        raise NotAllowed(_("Only the freelancer can make a counter-offer."))
    _check_open(offer, seen_version, at)
    terms = terms.stripped()
    _check_terms(offer, terms, note, at)
    offer.versions.filter(state=State.OPEN).update(state=State.WITHDRAWN, decided_at=at)
    counter = note_version(
        offer, terms, state=State.OPEN, party_id=offer.freelancer_id, author_id=by.person_id or 0, note=note, at=at
    )
    tell("offer_countered", offer, by, at, number=counter.number)
    return counter


@transaction.atomic
def withdraw_counter(*, offer_id: int, by: Actor, at: datetime) -> OfferVersion:
    """Take the counter-offer back; the offer stands as it is.

    From, to: pending. Money: none. Event: contracts.offer_counter_withdrawn.

    Raises NotAllowed if `by` may not decide for the freelancer, OfferNotPending in any other state, CounterNotOpen
    where none waits.
    """
    offer = lock_offer(offer_id)
    if not can_answer_offer(by, offer):
        raise NotAllowed(_("Only the freelancer can withdraw their counter-offer."))
    check_pending(offer)
    counter = version_in(offer, State.OPEN)
    if counter is None:
        raise CounterNotOpen(_("No counter-offer of yours waits for an answer."))
    _decide(counter, State.WITHDRAWN, at)
    tell("offer_counter_withdrawn", offer, by, at, number=counter.number)
    return counter


@transaction.atomic
def refuse_counter(*, offer_id: int, version_id: int, note: str, by: Actor, at: datetime) -> OfferVersion:
    """Say no to a counter-offer; the offer stands as it is, and its clock runs on.

    From, to: pending. Money: none. Event: contracts.offer_counter_refused.

    Raises NotAllowed if `by` may not hire for the client, OfferNotPending in any other state, CounterNotOpen if the
    counter that was seen does not wait any more, LeadsAway for contact data in the note.
    """
    offer = lock_offer(offer_id)
    if not can_write_offer(by, offer.client_id):
        raise NotAllowed(_("You may not answer counter-offers for this client."))
    check_pending(offer)
    counter = open_counter(offer, version_id)
    check_texts({"note": note})
    counter.answer = note.strip()
    _decide(counter, State.REFUSED, at)
    tell("offer_counter_refused", offer, by, at, number=counter.number)
    return counter


@transaction.atomic
def write_revision(
    *, offer_id: int, terms: OfferTerms, note: str, seen_version: int, by: Actor, at: datetime
) -> OfferVersion:
    """Write down new terms of the client's own; only the client sees them until they are sent (`revise_offer`).

    From, to: pending; written again, they take the place of the ones before. Money: none. Event: none.

    Raises what `counter_offer` raises.
    """
    offer = lock_offer(offer_id)
    if not can_write_offer(by, offer.client_id):
        raise NotAllowed(_("You may not make offers for this client."))
    _check_open(offer, seen_version, at)
    terms = terms.stripped()
    _check_terms(offer, terms, note, at)
    offer.versions.filter(state=State.DRAFT).delete()
    return note_version(
        offer, terms, state=State.DRAFT, party_id=offer.client_id, author_id=by.person_id or 0, note=note, at=at
    )


@transaction.atomic
def drop_revision(*, offer_id: int, by: Actor, at: datetime) -> Offer:
    """Throw away new terms that were not sent; nobody else has seen them.

    From, to: pending. Money: none. Event: none.

    Raises NotAllowed if `by` may not hire for the client, OfferNotPending in any other state, RevisionNotWritten.
    """
    del at
    offer = lock_offer(offer_id)
    if not can_write_offer(by, offer.client_id):
        raise NotAllowed(_("You may not make offers for this client."))
    check_pending(offer)
    draft = version_in(offer, State.DRAFT)
    if draft is None:
        raise RevisionNotWritten(_("There are no new terms to drop."))
    draft.delete()
    return offer


def open_counter(offer: Offer, version_id: int) -> OfferVersion:
    """Return the counter of a locked offer that a page has shown. Raises CounterNotOpen."""
    counter = version_in(offer, State.OPEN)
    if counter is None or counter.pk != version_id:
        raise CounterNotOpen(_("This counter-offer was withdrawn, replaced or answered. Look at the offer again."))
    return counter


def written_revision(offer: Offer, version_id: int) -> OfferVersion:
    """Return the new terms of a locked offer that a page has shown. Raises RevisionNotWritten."""
    draft = version_in(offer, State.DRAFT)
    if draft is None or draft.pk != version_id:
        raise RevisionNotWritten(_("These terms were sent, changed or dropped. Look at the offer again."))
    return draft


def _decide(version: OfferVersion, state: OfferVersion.State, at: datetime) -> None:
    version.state, version.decided_at = state, at
    version.save(update_fields=["state", "decided_at", "answer"])


def _check_open(offer: Offer, seen_version: int, at: datetime) -> None:
    check_pending(offer)
    if offer.version != seen_version:
        raise OfferChanged(_("This offer was changed after you opened the page. Look at it again, then decide."))
    if offer.expires_at is None or at >= offer.expires_at:
        raise OfferTooOld(_("This offer has expired."))


def _check_terms(offer: Offer, terms: OfferTerms, note: str, at: datetime) -> None:
    check_offer_terms(terms, at)
    if terms == terms_in_force(offer):
        raise TermsUnchanged(_("These are the terms of the offer as it stands. Change something first."))
    plan = {f"milestone_{place}": f"{each.title}\n{each.description}" for place, each in enumerate(terms.milestones)}
    check_texts({"title": terms.title, "deliverables": terms.deliverables, "note": note, **plan})
