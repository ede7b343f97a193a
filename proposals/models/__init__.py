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

__all__ = [
    "CONNECTS",
    "CONNECTS_PURPOSE",
    "ConnectClaim",
    "ConnectLot",
    "ConnectPurchase",
    "ConnectSpend",
    "ConnectSpendPart",
    "Proposal",
    "connects_account",
]
