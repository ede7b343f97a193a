"""Proposals, and the lots, spends and purchases of connects."""

from proposals.models.connects import ConnectLot, ConnectPurchase, ConnectSpend, ConnectSpendPart
from proposals.models.proposals import Proposal

__all__ = ["ConnectLot", "ConnectPurchase", "ConnectSpend", "ConnectSpendPart", "Proposal"]
