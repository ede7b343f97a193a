"""What becomes of a draft: a proposal that was sent, or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from core.actor import Actor
from files.actions import drop_files, move_files, replace_files
from proposals.models import PROPOSAL_FILES, Proposal, ProposalDraft


def hand_over_draft(
    *, party_id: int, proposal: Proposal, file_ids: Sequence[uuid.UUID], by: Actor, at: datetime
) -> None:
    """Give the files of a form to the proposal that was sent with it, and delete the draft it came from (inner).

    Raises FileGone.
    """
    draft = ProposalDraft.objects.filter(party_id=party_id, job_id=proposal.job_id).only("pk").first()
    if draft is None:
        if file_ids:
            replace_files(file_ids=file_ids, kind=PROPOSAL_FILES, ref=proposal.pk, by=by, at=at)
        return
    replace_files(file_ids=file_ids, kind=PROPOSAL_FILES, ref=draft.files_ref, by=by, at=at)
    move_files(kind=PROPOSAL_FILES, ref=draft.files_ref, to=proposal.pk)
    draft.delete()


def forget_drafts(drafts: QuerySet[ProposalDraft], *, at: datetime) -> int:
    """Delete drafts with their files (inner). Returns how many."""
    found = list(drafts.order_by("pk"))
    for draft in found:
        drop_files(kind=PROPOSAL_FILES, ref=draft.files_ref, at=at)
        draft.delete()
    return len(found)
