"""What the apps above tell jobs, inside of its own verbs."""

from __future__ import annotations

from typing import Protocol


class BidCheck(Protocol):
    """Tests whether a party has a live proposal for a job."""

    def __call__(self, *, job_id: int, party_id: int) -> bool:
        """Test it."""
        ...


_checks: list[BidCheck] = []


def register_bid_check(check: BidCheck) -> None:
    """Say how one learns that somebody has proposed; the app that owns proposals calls this once in ready()."""
    if check not in _checks:
        _checks.append(check)


def has_bid(*, job_id: int, party_id: int) -> bool:
    """Test whether a party has a live proposal for a job."""
    return any(check(job_id=job_id, party_id=party_id) for check in _checks)
