"""How much of a letter was sent elsewhere, found out when it arrives."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from proposals.letters import FEWEST, MUCH, runs_of, share_in
from proposals.models import LetterPrint, Proposal

#: An author's letters of so long, and the newest so many of them, are compared; and so many of the same job.
COMPARED_FOR = timedelta(days=365)
OWN, RIVALS = 100, 2000


@transaction.atomic
def compare_letter(*, proposal_id: int, at: datetime) -> LetterPrint:
    """Keep what a letter is compared by, and how much of it stands in an earlier one: again after each change of it.

    Compared are letters of the same author or party to other clients, and those that others sent for this job before.
    A letter to the same client again, as for a post that was renewed, is no copy. Event: none.
    """
    proposal = Proposal.objects.locked(proposal_id)  # so that no older wording is kept after a newer one
    job = proposal.job
    runs = runs_of(proposal.letter, posted=[job.title, job.description, *job.questions])
    found: dict[str, int] = {}
    if len(runs) >= FEWEST:
        earlier = LetterPrint.objects.filter(runs__overlap=sorted(runs)).order_by("-proposal_id")
        same_author = Q(proposal__party=proposal.party_id) | Q(proposal__author=proposal.author_id)
        elsewhere = earlier.filter(same_author, proposal__created_at__gt=at - COMPARED_FOR)
        found[LetterPrint.Found.OWN] = _most(runs, elsewhere.exclude(proposal__job__client=job.client_id)[:OWN])
        rivals = earlier.filter(proposal__job=job, proposal_id__lt=proposal.pk).exclude(same_author)
        found[LetterPrint.Found.RIVAL] = _most(runs, rivals[:RIVALS])
    where, share = max(found.items(), key=lambda each: each[1], default=("", 0))
    kept, _is_new = LetterPrint.objects.update_or_create(
        proposal=proposal,
        defaults={"runs": sorted(runs), "share": share, "found": where if share >= MUCH else ""},
    )
    return kept


def _most(runs: set[int], prints: QuerySet[LetterPrint]) -> int:
    return max((share_in(runs, other) for other in prints.values_list("runs", flat=True)), default=0)
