"""Proposals, and the lots, spends and purchases of connects."""

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
from proposals.models.proposals import Proposal
from proposals.models.team import HIGHEST, LOWEST, LetterPrint, ProposalNote, Scorecard

__all__ = [
    "CONNECTS",
    "CONNECTS_PURPOSE",
    "HIGHEST",
    "LOWEST",
    "ConnectClaim",
    "ConnectLot",
    "ConnectPurchase",
    "ConnectSpend",
    "ConnectSpendPart",
    "LetterPrint",
    "Proposal",
    "ProposalNote",
    "Scorecard",
    "connects_account",
]
