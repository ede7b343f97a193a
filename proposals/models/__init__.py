"""Proposals, the conversations and interviews about them, and the lots, spends and purchases of connects."""

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
from proposals.models.interviews import LONGEST_LINK, LONGEST_NOTE, Conversation, Interview, InterviewSlot
from proposals.models.proposals import Proposal
from proposals.models.team import HIGHEST, LOWEST, LetterPrint, ProposalNote, Scorecard

__all__ = [
    "CONNECTS",
    "CONNECTS_PURPOSE",
    "HIGHEST",
    "LONGEST_LINK",
    "LONGEST_NOTE",
    "LOWEST",
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
    "ProposalNote",
    "Scorecard",
    "connects_account",
]
