"""Pages of proposals and connects."""

from proposals.views.client import inbox, proposal_decline, proposal_shortlist
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
from proposals.views.shared import proposal_detail

__all__ = [
    "connects",
    "connects_buy",
    "inbox",
    "interview_accept",
    "interview_cancel",
    "interview_detail",
    "interview_file",
    "interview_move",
    "interview_new",
    "interviews",
    "invitation_message",
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
]
