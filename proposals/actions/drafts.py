"""Keeping what somebody has typed for a job and not sent yet."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed, NotFound
from core.product import rules
from files.actions import replace_files
from jobs.models import Job
from jobs.queries import is_guest_of
from proposals.actions.handing_over import forget_drafts
from proposals.actions.proposals import AlreadyProposed, JobNotOpen
from proposals.models import PROPOSAL_FILES, Proposal, ProposalDraft
from proposals.permissions import can_submit_proposal

#: Characters of everything together; a letter that is sent is far shorter, and says so.
LONGEST = 100_000


class DraftTooLong(DomainError):
    """More was typed than a draft keeps; what is on the page stays there."""


class TooManyDrafts(DomainError):
    """A party has begun more proposals than it can mean to send."""


@transaction.atomic
def save_draft(
    *,
    job_id: int,
    content: Mapping[str, Any],
    file_ids: Sequence[uuid.UUID] | None = None,
    by: Actor,
    at: datetime,
) -> ProposalDraft:
    """Keep what was typed for a job, in place of what was kept before; only the party's own people ever read it.

    `content` is the form as it was typed, unchecked; `file_ids` are all files that the draft now has, or None to leave
    them as they are. Event: none, since nobody is told.

    Raises NotAllowed if `by` does not act for a freelancer or an agency, NotFound for a job that only those invited
    see, JobNotOpen for one that has ended, AlreadyProposed, DraftTooLong, TooManyDrafts, FileGone.
    """
    if not can_submit_proposal(by) or by.party_id is None:
        raise NotAllowed(_("Switch to your freelancer account to send a proposal."))
    party = Party.objects.locked(by.party_id)
    job = Job.objects.locked(job_id)
    if job.visibility == Job.Visibility.INVITED and not is_guest_of(job, party.pk):
        raise NotFound(_("There is no such job."))
    if job.status not in Job.LIVE:
        raise JobNotOpen(_("This job does not take proposals any more. Nothing was spent."))
    if Proposal.objects.filter(job=job, party=party, status__in=Proposal.BOUND).exists():
        raise AlreadyProposed(_("You have already sent a proposal for this job."))
    size = len(json.dumps(content, ensure_ascii=False))
    if size > LONGEST:
        raise DraftTooLong(
            _("This is %(size)s characters long; a draft keeps %(most)s. Shorten it: what you typed is still here.")
            % {"size": size, "most": LONGEST}
        )
    draft = ProposalDraft.objects.filter(party=party, job=job).first()
    if draft is None:
        most = rules().proposal_drafts_maximum
        if ProposalDraft.objects.filter(party=party).count() >= most:
            raise TooManyDrafts(
                ngettext(
                    "You have %(count)s draft. Send or delete one before you begin another.",
                    "You have %(count)s drafts. Send or delete one before you begin another.",
                    most,
                )
                % {"count": most}
            )
        draft = ProposalDraft(party=party, job=job, created_at=at)
    draft.author_id, draft.content, draft.saved_at = by.person_id, _storable(dict(content)), at
    draft.save()
    if file_ids is not None:
        replace_files(file_ids=file_ids, kind=PROPOSAL_FILES, ref=draft.files_ref, by=by, at=at)
    return draft


def _storable(typed: Any) -> Any:
    """Return what was typed without the one sign that the database takes in no text."""
    if isinstance(typed, str):
        return typed.replace("\x00", "")
    if isinstance(typed, list):
        return [_storable(each) for each in typed]
    if isinstance(typed, dict):
        return {name: _storable(each) for name, each in typed.items()}
    return typed


@transaction.atomic
def delete_draft(*, job_id: int, by: Actor, at: datetime) -> None:
    """Throw away what was typed for a job, with its files; where nothing was kept, nothing happens. Event: none.

    Raises NotAllowed if `by` does not act for a freelancer or an agency.
    """
    if not can_submit_proposal(by) or by.party_id is None:
        raise NotAllowed(_("Switch to your freelancer account to send a proposal."))
    Party.objects.locked(by.party_id)
    forget_drafts(ProposalDraft.objects.filter(party_id=by.party_id, job_id=job_id), at=at)


@transaction.atomic
def forget_drafts_on(*, job_id: int, at: datetime) -> int:
    """Delete what everybody had begun to write for a job that has ended. Event: none. Returns how many."""
    return forget_drafts(ProposalDraft.objects.select_for_update().filter(job_id=job_id), at=at)
