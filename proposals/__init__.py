"""Bids: proposals and the connects that they cost."""
