"""What a client's people note about a proposal among themselves; nobody else ever sees or hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed, NotFound
from proposals.models import HIGHEST, LOWEST, Proposal, ProposalNote, Scorecard
from proposals.permissions import can_change_note, can_note_proposal

#: Notes that one proposal holds; far more than a team writes.
MOST_NOTES = 500


class NoteMissing(DomainError):
    """A note says something."""


class TooManyNotes(DomainError):
    """A proposal holds only so many notes."""


class MarkOutOfRange(DomainError):
    """A mark is a whole number from 1 to 5, or left out; a scorecard has one at least."""


@transaction.atomic
def write_note(*, proposal_id: int, text: str, by: Actor, at: datetime) -> ProposalNote:
    """Note something about a proposal for those who read its inbox.

    Event: none, since nobody is told. Raises NotAllowed if `by` does not read the inbox, NoteMissing, TooManyNotes.
    """
    proposal = Proposal.objects.locked(proposal_id)
    _demand_reader(by, proposal)
    if not text.strip():
        raise NoteMissing(_("Write something first."))
    if ProposalNote.objects.filter(proposal=proposal).count() >= MOST_NOTES:
        raise TooManyNotes(_("There are very many notes on this proposal: delete some first."))
    return ProposalNote.objects.create(proposal=proposal, author_id=by.person_id, text=text.strip(), created_at=at)


@transaction.atomic
def edit_note(*, note_id: int, text: str, by: Actor, at: datetime) -> ProposalNote:
    """Change one's own note; the others see that it was changed. Event: none.

    Raises NotFound for a note that is gone, NotAllowed if it is somebody else's, NoteMissing.
    """
    note = _locked(note_id)
    if not can_change_note(by, note):
        raise NotAllowed(_("Only its author changes a note."))
    if not text.strip():
        raise NoteMissing(_("Write something first."))
    if note.text != text.strip():
        note.text, note.edited_at = text.strip(), at
        note.save(update_fields=["text", "edited_at"])
    return note


@transaction.atomic
def delete_note(*, note_id: int, by: Actor, at: datetime) -> int:
    """Delete one's own note for everybody, and return of which proposal it was. Event: none.

    Raises NotFound for a note that is gone, NotAllowed if it is somebody else's.
    """
    note = _locked(note_id)
    if not can_change_note(by, note):
        raise NotAllowed(_("Only its author deletes a note."))
    note.delete()
    return note.proposal_id


@transaction.atomic
def fill_scorecard(*, proposal_id: int, marks: Mapping[str, int | None], by: Actor, at: datetime) -> Scorecard:
    """Say what one thinks of a proposal, from 1 to 5 by criterion; a second time replaces the first. Event: none.

    Raises NotAllowed if `by` does not read the inbox, MarkOutOfRange.
    """
    proposal = Proposal.objects.locked(proposal_id)
    _demand_reader(by, proposal)
    given = {name: marks.get(name) for name in Scorecard.CRITERIA}
    said = [mark for mark in given.values() if mark is not None]
    if not said:
        raise MarkOutOfRange(_("Give one mark at least."))
    if not all(LOWEST <= mark <= HIGHEST for mark in said):
        raise MarkOutOfRange(_("Give marks from %(lowest)s to %(highest)s.") % {"lowest": LOWEST, "highest": HIGHEST})
    card, _is_new = Scorecard.objects.update_or_create(
        proposal=proposal, author_id=by.person_id, defaults={**given, "filled_at": at}
    )
    return card


@transaction.atomic
def clear_scorecard(*, proposal_id: int, by: Actor, at: datetime) -> None:
    """Take back what one thought of a proposal. Event: none. Raises NotAllowed if `by` does not read the inbox."""
    proposal = Proposal.objects.locked(proposal_id)
    _demand_reader(by, proposal)
    Scorecard.objects.filter(proposal=proposal, author_id=by.person_id).delete()


def _locked(note_id: int) -> ProposalNote:
    """Lock the proposal of a note, then the note. Raises NotFound."""
    found = ProposalNote.objects.filter(pk=note_id).values_list("proposal_id", flat=True).first()
    if found is not None:
        Proposal.objects.locked(found)
        note = ProposalNote.objects.select_related("proposal__job").filter(pk=note_id).first()
        if note is not None:
            return note
    raise NotFound(_("There is no such note."))


def _demand_reader(by: Actor, proposal: Proposal) -> None:
    if not can_note_proposal(by, proposal):
        raise NotAllowed(_("Only the client's people who read its proposals note something about them."))
