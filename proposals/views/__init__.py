"""Pages of proposals and connects."""

from proposals.views.boosts import places, proposal_boost
from proposals.views.client import inbox, proposal_archive, proposal_decline, proposal_shortlist
from proposals.views.connects import connects, connects_buy
from proposals.views.conversations import invitation_message, proposal_message
from proposals.views.drafts import proposal_draft, proposal_draft_delete
from proposals.views.edits import proposal_edit_letter, proposal_edit_terms
from proposals.views.freelancer import proposal_mine, proposal_new, proposal_withdraw, quote
from proposals.views.interviews import (
    interview_accept,
    interview_cancel,
    interview_detail,
    interview_file,
    interview_move,
    interview_new,
    interviews,
)
from proposals.views.many import compare, decline_many, label_many
from proposals.views.shared import proposal_detail
from proposals.views.team import note_edit, note_new, scorecard

__all__ = [
    "compare",
    "connects",
    "connects_buy",
    "decline_many",
    "inbox",
    "interview_accept",
    "interview_cancel",
    "interview_detail",
    "interview_file",
    "interview_move",
    "interview_new",
    "interviews",
    "invitation_message",
    "label_many",
    "note_edit",
    "note_new",
    "places",
    "proposal_archive",
    "proposal_boost",
    "proposal_decline",
    "proposal_detail",
    "proposal_draft",
    "proposal_draft_delete",
    "proposal_edit_letter",
    "proposal_edit_terms",
    "proposal_message",
    "proposal_mine",
    "proposal_new",
    "proposal_shortlist",
    "proposal_withdraw",
    "quote",
    "scorecard",
]
