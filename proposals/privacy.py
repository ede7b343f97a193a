"""What this app knows about people: proposals with their letters, what clients note about them, and connects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.permissions import WORKING_KINDS, reads_all
from accounts.privacy import Blocker, Leaver, Reader, Sheet, datum, fields_of, seen_by
from core.actor import Actor
from files.actions import drop_files
from jobs.actions import forget_jobs
from jobs.models import Invitation, Job
from proposals.actions import drop_interviews_of, forget_drafts, withdraw_proposal
from proposals.models import (
    PROPOSAL_FILES,
    ConnectLot,
    ConnectPurchase,
    Interview,
    InterviewSlot,
    LetterPrint,
    Proposal,
    ProposalDraft,
    ProposalHighlight,
    ProposalMilestone,
    ProposalNote,
    ProposalRevision,
    Scorecard,
)
from proposals.queries import connects_statement, conversations_for, drafts_for, interviews_for, proposals_for

DATA = (
    datum(
        "proposals.Proposal",
        "proposals.json, without the client's labels",
        "nameless",
        "Withdrawn, and letter, answers and files deleted; those that led to a contract stay whole, as part of it.",
    ),
    datum(
        "proposals.ProposalNote proposals.Scorecard",
        "proposal-notes.json, scorecards.json: those the person wrote",
        "deleted",
        "Those they wrote, and what clients noted about their proposals.",
    ),
    datum(
        "proposals.LetterPrint",
        "not handed out: numbers made of the words of the letter, which is in proposals.json",
        "deleted",
        "With the letter.",
    ),
    datum(
        "proposals.ProposalMilestone proposals.ProposalHighlight proposals.ProposalRevision",
        "proposal-milestones.json, proposal-highlights.json and proposal-changes.json",
        "deleted",
        "With the words of their proposal; where it led to a contract, they stay with it.",
    ),
    datum("proposals.ProposalDraft", "proposal-drafts.json", "deleted", "What was typed and never sent."),
    datum(
        "proposals.Conversation proposals.Interview proposals.InterviewSlot",
        "conversations.json, interviews.json, interview-times.json",
        "nameless",
        "The other side needs what was agreed. Plans are cancelled; links and notes of the person are deleted.",
    ),
    datum("proposals.ConnectLot", "connects.json", "kept", "The books of connects; what is left expires."),
    datum(
        "proposals.ConnectSpend proposals.ConnectSpendPart proposals.ConnectClaim",
        "as connects.json",
        "kept",
        "The books of connects.",
    ),
    datum("proposals.ConnectPurchase", "connect-purchases.json", "kept", "What was bought, as the books have it."),
)

HIGHLIGHT_FIELDS = ("portfolio_item__heading", "certification__heading", "work__title")


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the proposals of a person's parties that work, and every movement of their connects."""
    ids = reader.party_ids(lambda actor: actor.party_kind in WORKING_KINDS and reads_all(actor) and actor.sees_sums)
    about = ("id", "job_id", "job__title", "status", "amount", "currency", "duration", "letter", "language", "answers")
    days: tuple[str, ...] = ("version", "boost", "outbid_at", "decline_reason", "decline_message", "withdraw_note")
    days += ("created_at", "viewed_at", "ended_at")
    sent = [
        (actor, proposals_for(actor).filter(party_id=actor.party_id or 0).order_by("pk")) for actor in reader.actors
    ]
    mine = (fields_of(rows, *seen_by(actor, (*about, *days), ("amount",))) for actor, rows in sent)
    yield Sheet("proposals", (row for rows in mine for row in rows))
    written = ProposalNote.objects.filter(author_id=reader.user_id).order_by("pk")
    yield Sheet("proposal-notes", fields_of(written, "proposal_id", "proposal__job__title", "text", "created_at"))
    cards = Scorecard.objects.filter(author_id=reader.user_id).order_by("pk")
    yield Sheet("scorecards", fields_of(cards, "proposal_id", *Scorecard.CRITERIA, "filled_at"))
    for name, rows, fields, sums in (
        ("proposal-milestones", ProposalMilestone.objects, ("position", "title", "due_on", "amount"), ("amount",)),
        ("proposal-changes", ProposalRevision.objects, ("number", "part", "created_at", "before"), ("before",)),
        ("proposal-highlights", ProposalHighlight.objects, HIGHLIGHT_FIELDS, ()),
    ):
        yield Sheet(name, _parts(sent, rows, ("proposal_id", *fields), sums))
    drafts = (fields_of(drafts_for(actor), "job_id", "job__title", "content", "saved_at") for actor in reader.actors)
    yield Sheet("proposal-drafts", (row for rows in drafts for row in rows))
    talks = [conversations_for(actor).order_by("pk") for actor in reader.actors]
    begun = (fields_of(rows, "id", "job_id", "job__title", "party__public_name", "created_at") for rows in talks)
    yield Sheet("conversations", (row for rows in begun for row in rows))
    meetings = [interviews_for(actor).order_by("pk") for actor in reader.actors]
    planned_fields = ("id", "conversation_id", "status", "starts_at", "minutes", "way", "link", "note", "cancel_note")
    planned = (fields_of(rows, *planned_fields, "created_at", "ended_at") for rows in meetings)
    yield Sheet("interviews", (row for rows in planned for row in rows))
    keys = [pk for rows in meetings for pk in rows.values_list("pk", flat=True)]
    times = InterviewSlot.objects.filter(interview_id__in=keys).order_by("pk")
    yield Sheet("interview-times", fields_of(times, "interview_id", "starts_at"))
    lots = ConnectLot.objects.filter(party_id__in=ids).order_by("pk")
    yield Sheet("connect-lots", fields_of(lots, "origin", "amount", "left", "created_at", "expires_at"))
    bought = ConnectPurchase.objects.filter(party_id__in=ids).order_by("pk")
    yield Sheet("connect-purchases", fields_of(bought, "quantity", "price", "currency", "status", "created_at"))
    yield Sheet("connects", (row for party_id in ids for row in _movements(party_id)))


def _parts(
    sent: Sequence[tuple[Actor, QuerySet[Proposal]]], rows: Any, fields: Sequence[str], sums: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Yield what belongs to the proposals that each actor reads of their own."""
    for actor, proposals in sent:
        mine = rows.filter(proposal__in=proposals.order_by()).order_by("pk")
        yield from fields_of(mine, *seen_by(actor, fields, sums))


def _movements(party_id: int) -> Iterator[dict[str, object]]:
    older_than: int | None = None
    while True:
        page = connects_statement(party_id, older_than=older_than)
        for line in page.lines:
            job = line.spend.proposal.job.title if line.spend else ""
            part, reason = (line.spend.part, line.spend.reason) if line.spend else ("", "")
            yield {
                "at": line.at,
                "kind": line.kind,
                "amount": line.amount,
                "balance": line.balance,
                "job": job,
                "part": part,
                "reason": reason if line.kind == "connects_returned" else "",
            }
        older_than = page.older_than
        if older_than is None:
            return


def lock(leaver: Leaver) -> None:
    """Lock the posts of the parties that close, those they bid on or are invited to, then live proposals on them."""
    mine = Q(party_id__in=leaver.party_ids, status__in=Proposal.BOUND)
    asked = Invitation.objects.filter(party_id__in=leaver.party_ids, status=Invitation.Status.INVITED)
    bid_on = Q(pk__in=Proposal.objects.filter(mine).values("job_id"))
    jobs = Job.objects.filter(Q(client_id__in=leaver.party_ids) | bid_on | Q(pk__in=asked.values("job_id")))
    list(jobs.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    theirs = Q(job__client_id__in=leaver.party_ids, status__in=Proposal.BOUND)
    proposals = Proposal.objects.filter(mine | theirs).order_by("pk")
    list(proposals.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def blockers(leaver: Leaver) -> Iterator[Blocker]:
    """Yield the posts on which proposals wait for an answer."""
    waiting = Q(proposals__status__in=Proposal.BOUND)
    jobs = Job.objects.filter(client_id__in=leaver.party_ids).annotate(waiting=Count("proposals", filter=waiting))
    for pk, title, waiting_ones in jobs.filter(waiting__gt=0).order_by("pk").values_list("pk", "title", "waiting"):
        text = ngettext(
            "“%(job)s” has a proposal: close the job, and its connects go back",
            "“%(job)s” has %(count)s proposals: close the job, and their connects go back",
            waiting_ones,
        ) % {"job": title, "count": waiting_ones}
        yield Blocker(text, reverse("jobs:detail", kwargs={"job_id": pk}))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Withdraw what waits, delete letters and answers that no contract came of, and posts that nobody bid on."""
    for actor in leaver.actors:
        live = Proposal.objects.filter(party_id=actor.party_id or 0, status__in=Proposal.LIVE).order_by("job_id", "pk")
        for proposal_id in list(live.values_list("pk", flat=True)):
            withdraw_proposal(proposal_id=proposal_id, by=actor, at=at)
    drop_interviews_of(party_ids=leaver.party_ids, at=at)
    Interview.objects.filter(author_id=leaver.user_id).update(way=Interview.Way.CALL, link="", note="")
    mine = Proposal.objects.filter(party_id__in=leaver.party_ids)
    gone = mine.exclude(status=Proposal.Status.HIRED)
    gone.update(letter="", answers=[], withdraw_note="")
    for rows in (ProposalMilestone.objects, ProposalHighlight.objects, ProposalRevision.objects):
        rows.filter(proposal__in=gone).delete()
    for proposal_id in gone.values_list("pk", flat=True):
        drop_files(kind=PROPOSAL_FILES, ref=proposal_id, at=at)
    begun = Q(party_id__in=leaver.party_ids) | Q(job__client_id__in=leaver.party_ids)
    forget_drafts(ProposalDraft.objects.filter(begun), at=at)
    LetterPrint.objects.filter(proposal__in=mine).delete()
    noted = Q(author_id=leaver.user_id) | Q(proposal__in=mine)
    ProposalNote.objects.filter(noted).delete()
    Scorecard.objects.filter(noted).delete()
    unanswered = Job.objects.filter(client_id__in=leaver.party_ids, proposals=None).order_by("pk")
    forget_jobs(job_ids=list(unanswered.values_list("pk", flat=True)), at=at)
