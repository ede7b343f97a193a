"""What jobs of a category cost: the quartiles of what was agreed in contracts, and else of what clients named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from core.product import rules
from jobs.models import Job

#: Posts of this long are compared; older prices say little.
COMPARED_FOR = timedelta(days=365)
#: The newest posts of a category that are looked at, so that a full one costs no more than another.
COMPARED = 2000

QUARTILES = f"""
SELECT count(*), percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY price)
FROM (
    SELECT CASE WHEN kind = 'fixed' THEN coalesce(agreed / nullif(agreed_hires, 0), budget)
                ELSE (rate_low + rate_high) / 2 END AS price
    FROM jobs_job LEFT JOIN jobs_jobactivity ON job_id = id
    WHERE category_id = %s AND kind = %s AND currency = %s AND posted_at > %s
        AND status <> 'removed' AND client_id <> %s
    ORDER BY posted_at DESC LIMIT {COMPARED}
) post WHERE price IS NOT NULL
"""  # noqa: S608  (a number of this file; everything from outside is a parameter)


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Of `number` prices in minor units, a quarter is at or below `low`, half at or below `middle`, and so on."""

    number: int
    low: int
    middle: int
    high: int


def price_quartiles(
    *, category_id: int | None, kind: str, currency: str, client_id: int, at: datetime
) -> Quartiles | None:
    """Return the quartiles of what jobs of other clients cost in a category and way of paying; None of too few.

    The price of a fixed-price job is what its contracts were agreed at on average, or its budget before there is one;
    that of an hourly job is the middle of its rates. Jobs posted in the last year count. One statement.
    """
    if category_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(QUARTILES, [category_id, kind, currency, at - COMPARED_FOR, client_id])
        number, prices = cursor.fetchone()
    if number < rules().price_sample_minimum:
        return None
    return Quartiles(number, *prices)


def price_of(job: Job) -> int | None:
    """Return the price that a job is compared by; None where its client named none."""
    if job.kind == Job.Kind.FIXED:
        return job.budget
    if job.rate_low is None or job.rate_high is None:
        return None
    return (job.rate_low + job.rate_high) // 2
