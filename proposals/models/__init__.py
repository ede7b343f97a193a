"""Proposals, and the lots, spends and purchases of connects."""

from proposals.models.connects import (
    CONNECTS,
    ConnectClaim,
    ConnectLot,
    ConnectPurchase,
    ConnectSpend,
    ConnectSpendPart,
    connects_account,
)
from proposals.models.proposals import Proposal

__all__ = [
    "CONNECTS",
    "ConnectClaim",
    "ConnectLot",
    "ConnectPurchase",
    "ConnectSpend",
    "ConnectSpendPart",
    "Proposal",
    "connects_account",
]
