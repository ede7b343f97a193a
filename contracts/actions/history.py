"""Writing contracts into the work history of their freelancers, which lies below."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Sum

from contracts.models import Contract
from core.sweeps import BATCH
from jobs.models import Job
from payments.models import GiveBack, Release
from profiles.actions import WorkFacts, note_work
from profiles.models import WorkHistory


@transaction.atomic
def write_work_history(*, contract_id: int, at: datetime) -> None:
    """Write what the freelancer's profile shows of a contract, as it is now. Event: none.

    The contract is locked first, so that of two writers the later one has seen what the other saw. The amount is what
    was released of it without VAT, less what went back.
    """
    contract = Contract.objects.locked(contract_id)
    job = contract.job
    releases = Release.objects.filter(payee_id=contract.freelancer_id, scope=contract.scope)
    released = releases.aggregate(total=Sum("gross"))["total"] or 0
    returned = GiveBack.objects.filter(release__in=releases).aggregate(total=Sum("gross"))["total"] or 0
    facts = WorkFacts(
        contract_id=contract.pk,
        party_id=contract.freelancer_id,
        # What was never posted is nobody's to read, as what only invited people saw.
        title="" if job is None or job.visibility == Job.Visibility.INVITED else contract.title,
        is_title_public=job is not None and job.visibility == Job.Visibility.PUBLIC,
        language=contract.language,
        started_at=contract.started_at,
        ended_at=contract.ended_at,
        amount=released - returned,
        currency=contract.currency,
    )
    note_work(facts=facts, at=at)


def write_missing_work_history(*, at: datetime) -> int:
    """Write the contracts that no history has, as after an upgrade; some at a time, and return how many."""
    known = WorkHistory.objects.filter(contract_id=OuterRef("pk"))
    ids = list(Contract.objects.filter(~Exists(known)).order_by("pk").values_list("pk", flat=True)[:BATCH])
    for contract_id in ids:
        write_work_history(contract_id=contract_id, at=at)
    return len(ids)
