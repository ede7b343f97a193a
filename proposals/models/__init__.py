"""Proposals with parts and drafts, conversations and interviews, and the lots, spends and purchases of connects."""

from proposals.models.connects import (
    CONNECTS,
    CONNECTS_PURPOSE,
    ConnectClaim,
    ConnectLot,
    ConnectPurchase,
    ConnectSpend,
    ConnectSpendPart,
    connects_account,
)
from proposals.models.drafts import ProposalDraft
from proposals.models.interviews import LONGEST_LINK, LONGEST_NOTE, Conversation, Interview, InterviewSlot
from proposals.models.parts import ProposalHighlight, ProposalMilestone, ProposalRevision
from proposals.models.proposals import PROPOSAL_FILES, Proposal
from proposals.models.team import HIGHEST, LOWEST, LetterPrint, ProposalNote, Scorecard

__all__ = [
    "CONNECTS",
    "CONNECTS_PURPOSE",
    "HIGHEST",
    "LONGEST_LINK",
    "LONGEST_NOTE",
    "LOWEST",
    "PROPOSAL_FILES",
    "ConnectClaim",
    "ConnectLot",
    "ConnectPurchase",
    "ConnectSpend",
    "ConnectSpendPart",
    "Conversation",
    "Interview",
    "InterviewSlot",
    "LetterPrint",
    "Proposal",
    "ProposalDraft",
    "ProposalHighlight",
    "ProposalMilestone",
    "ProposalNote",
    "ProposalRevision",
    "Scorecard",
    "connects_account",
]
