"""What a proposal costs in connects."""

from __future__ import annotations

from core.product import Ladder, rules
from jobs.models import Job


def connects_cost(job: Job) -> int:
    """Return the connects of one proposal, from the figures of the job alone.

    Fixed price: by the budget. Hourly: by the middle of the range times hours a week times weeks. A job without
    a figure costs the middle of the scale.
    """
    product = rules()
    if job.kind == Job.Kind.FIXED:
        if job.budget is None:
            return product.unpriced_connect_cost
        return _rung(product.fixed_connect_ladder, 2 * job.budget)
    if job.rate_low is None or job.rate_high is None or job.weekly_load is None or not job.duration:
        return product.unpriced_connect_cost
    doubled = (job.rate_low + job.rate_high) * job.weekly_load * Job.WEEKS[job.duration]
    return _rung(product.hourly_connect_ladder, doubled)


def _rung(ladder: Ladder, doubled: int) -> int:
    """Return the cost of a price given as its double, so that the middle of a range needs no rounding."""
    return next((cost for price, cost in ladder if doubled <= 2 * price), rules().top_connect_cost)
