"""The facts about parties counted anew from what they are about, in bulk, and compared with what events counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from core.errors import DomainError
from events.models import Delivery
from payments.models import PaymentMethod
from proposals.queries import MEDIAN_MINUTES

#: What is counted, in the order of the statement below.
COLUMNS = (
    "jobs_posted", "jobs_hired", "jobs_open", "jobs_ended", "jobs_ended_hired", "hires", "contracts_ended",
    "spent", "earned", "proposals_received", "proposals_answered", "answer_minutes", "is_payment_verified",
)  # fmt: skip
#: The handlers that count: while one of them has an event to hear, the figures are not those of this moment.
COUNTING = (
    "jobs.handlers.count_posted",
    "jobs.handlers.count_ended",
    "jobs.handlers.count_open",
    "proposals.handlers.count_received",
    "proposals.handlers.count_answered",
    "contracts.handlers.count_the_hire",
    "contracts.handlers.count_the_release",
    "contracts.handlers.uncount_the_release",
    "contracts.handlers.count_the_end",
    "profiles.handlers.note_payment_verified",
)

SOURCES = f"""
WITH job AS (
    SELECT client_id AS party_id, count(posted_at) AS jobs_posted,
        count(posted_at) FILTER (WHERE hires_made > 0) AS jobs_hired,
        count(*) FILTER (WHERE status = 'open' AND visibility <> 'invited') AS jobs_open,
        count(*) FILTER (WHERE status IN ('filled', 'closed', 'expired')) AS jobs_ended,
        count(*) FILTER (WHERE status IN ('filled', 'closed', 'expired') AND hires_made > 0) AS jobs_ended_hired
    FROM jobs_job GROUP BY client_id
), contract AS (
    SELECT party_id, count(*) AS hires, count(ended_at) AS contracts_ended FROM (
        SELECT client_id AS party_id, ended_at FROM contracts_contract
        UNION ALL SELECT freelancer_id, ended_at FROM contracts_contract
    ) side GROUP BY party_id
), payment AS (
    SELECT party_id, sum(spent)::bigint AS spent, sum(earned)::bigint AS earned FROM (
        SELECT payer_id AS party_id, gross AS spent, 0 AS earned FROM payments_release
        UNION ALL SELECT payee_id, 0, gross - fee FROM payments_release
        UNION ALL SELECT r.payer_id, -b.gross, 0 FROM payments_giveback b JOIN payments_release r ON r.id = b.release_id
        UNION ALL SELECT r.payee_id, 0, b.fee - b.gross
            FROM payments_giveback b JOIN payments_release r ON r.id = b.release_id
    ) part GROUP BY party_id
), answer AS (
    SELECT client_id AS party_id, count(*) AS proposals_received, count(answered_at) AS proposals_answered,
        {MEDIAN_MINUTES} AS answer_minutes
    FROM (
        SELECT j.client_id, p.created_at, p.answered_at
        FROM proposals_proposal p JOIN jobs_job j ON j.id = p.job_id
    ) bid GROUP BY client_id
), method AS (
    SELECT DISTINCT party_id FROM payments_paymentmethod WHERE status = %s AND gateway = %s
), source AS (
    SELECT p.id AS party_id, coalesce(jobs_posted, 0) AS jobs_posted, coalesce(jobs_hired, 0) AS jobs_hired,
        coalesce(jobs_open, 0) AS jobs_open, coalesce(jobs_ended, 0) AS jobs_ended,
        coalesce(jobs_ended_hired, 0) AS jobs_ended_hired, coalesce(hires, 0) AS hires,
        coalesce(contracts_ended, 0) AS contracts_ended, coalesce(spent, 0) AS spent, coalesce(earned, 0) AS earned,
        coalesce(proposals_received, 0) AS proposals_received, coalesce(proposals_answered, 0) AS proposals_answered,
        answer_minutes, method.party_id IS NOT NULL AS is_payment_verified
    FROM accounts_party p
    LEFT JOIN job ON job.party_id = p.id LEFT JOIN contract ON contract.party_id = p.id
    LEFT JOIN payment ON payment.party_id = p.id LEFT JOIN answer ON answer.party_id = p.id
    LEFT JOIN method ON method.party_id = p.id
)
"""  # noqa: S608  (texts of this house; what comes from outside is a parameter)
#: A party that nothing was ever counted of has no row; it stands for zeros.
_COUNTED = {
    name: f"f.{name}"
    if name == "answer_minutes"
    else f"coalesce(f.{name}, {'false' if name.startswith('is_') else '0'})"
    for name in COLUMNS
}
_PAIRS = ", ".join(f"{_COUNTED[name]}, s.{name}" for name in COLUMNS)
_DIFFERS = " OR ".join(f"{_COUNTED[name]} IS DISTINCT FROM s.{name}" for name in COLUMNS)
DIFFERENCES = f"""{SOURCES} SELECT s.party_id, {_PAIRS}
FROM source s LEFT JOIN profiles_partyfacts f ON f.party_id = s.party_id WHERE {_DIFFERS} ORDER BY s.party_id"""  # noqa: S608
WRITE = f"""{SOURCES} INSERT INTO profiles_partyfacts (party_id, {", ".join(COLUMNS)}, counted_at)
SELECT s.party_id, {", ".join(f"s.{name}" for name in COLUMNS)}, %s
FROM source s LEFT JOIN profiles_partyfacts f ON f.party_id = s.party_id
WHERE ({_DIFFERS}) AND NOT EXISTS (SELECT FROM events_delivery WHERE handler = ANY(%s) AND state <> 'done')
ON CONFLICT (party_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)},
    counted_at = greatest(profiles_partyfacts.counted_at, excluded.counted_at)"""  # noqa: S608


class EventsWait(DomainError):
    """Figures are written anew only when every event that is counted has been heard: it would count a second time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of a party that is not what its source says."""

    party_id: int
    name: str
    counted: int | None
    source: int | None

    def __str__(self) -> str:
        return f"party {self.party_id}: {self.name} is {self.counted}, its source says {self.source}"


def waiting_events() -> int:
    """Return how many events a counting handler has still to hear; those that were given up are among them."""
    return Delivery.objects.filter(handler__in=COUNTING).exclude(state=Delivery.State.DONE).count()


def fact_differences() -> list[Difference]:
    """Return every figure that differs from its source, by party. One statement, which locks nothing."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, _source_values())
        rows = cursor.fetchall()
    found = []
    for party_id, *values in rows:
        for place, name in enumerate(COLUMNS):
            counted, source = values[2 * place], values[2 * place + 1]
            if counted != source:
                found.append(Difference(party_id, name, counted, source))
    return found


@transaction.atomic
def recount_facts(*, at: datetime) -> list[Difference]:
    """Write every figure that differs as its source has it; return what differed.

    Counting waits meanwhile: the rows are locked, and one statement looks at sources and waiting events together.
    Raises EventsWait while an event is still to be counted.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE profiles_partyfacts IN SHARE ROW EXCLUSIVE MODE")
        found = fact_differences()
        cursor.execute(WRITE, [*_source_values(), at, list(COUNTING)])
        if found and not cursor.rowcount:
            raise EventsWait("Events wait to be counted. Let the workers deliver them, then try again.")
    return found


def _source_values() -> list[str]:
    return [PaymentMethod.Status.ACTIVE, settings.PAYMENT_GATEWAY]
