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

__all__ = [
    "CONNECTS",
    "CONNECTS_PURPOSE",
    "LONGEST_LINK",
    "LONGEST_NOTE",
    "ConnectClaim",
    "ConnectLot",
    "ConnectPurchase",
    "ConnectSpend",
    "ConnectSpendPart",
    "Conversation",
    "Interview",
    "InterviewSlot",
    "Proposal",
    "connects_account",
]
