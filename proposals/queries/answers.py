"""Reads of how often and how soon a client answers."""

from __future__ import annotations

from django.db import connection

#: The median of the minutes from a proposal to the client's first act on it, of the rows of proposals it stands over.
MEDIAN_MINUTES = """
round((percentile_cont(0.5) WITHIN GROUP (
    ORDER BY greatest(extract(epoch FROM answered_at - created_at), 0) / 60
) FILTER (WHERE answered_at IS NOT NULL))::numeric)::integer
"""

ANSWERS = f"""
SELECT count(answered_at), {MEDIAN_MINUTES} FROM proposals_proposal
WHERE job_id IN (SELECT id FROM jobs_job WHERE client_id = %s)
"""  # noqa: S608  (a text of this file)


def answers_of(client_id: int) -> tuple[int, int | None]:
    """Return how many proposals a client has answered and the median of the minutes it took; None without any.

    An answer is the first act of the client on a proposal. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [client_id])
        answered, minutes = cursor.fetchone()
    return answered, minutes
