"""Reads of interviews, for the readers of their conversations."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce

from accounts.permissions import can_hire, can_work
from core.actor import Actor
from core.errors import NotFound
from proposals.models import Conversation, Interview
from proposals.queries.conversations import conversations_for, zone_of_side


def interviews_for(actor: Actor) -> QuerySet[Interview]:
    """Return the interviews in the conversations that the actor reads, the newest first."""
    mine = conversations_for(actor).order_by().values("pk")
    return (
        Interview.objects.filter(conversation__in=mine)
        .select_related("conversation__job__client", "conversation__party__profile", "author")
        .prefetch_related("slots")
        .order_by("-created_at", "-pk")
    )


def interview_for(actor: Actor, interview_id: int) -> Interview:
    """Return one interview the actor sees, with its times. Raises NotFound."""
    interview = interviews_for(actor).filter(pk=interview_id).first()
    if interview is None:
        raise NotFound("")
    return interview


def coming_interviews(actor: Actor) -> list[Interview]:
    """Return the interviews that are agreed or wait for an answer: what comes first in front."""
    found = interviews_for(actor).filter(status__in=Interview.LIVE)
    return list(found.annotate(first=Coalesce("starts_at", Min("slots__starts_at"))).order_by("first", "pk"))


def interview_in(conversation: Conversation) -> Interview | None:
    """Return the interview of a conversation that its room shows: the live one, or the last."""
    found = Interview.objects.filter(conversation=conversation).select_related("author").prefetch_related("slots")
    return found.order_by("-created_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class InterviewTime:
    """One of the proposed times, and whether it can still be chosen."""

    slot_id: int
    starts_at: datetime
    is_past: bool


@dataclass(frozen=True, slots=True)
class InterviewView:
    """An interview as one reader sees it: the other side, its zone, the times, and what the reader may do."""

    interview: Interview
    other: str
    their_zone: str
    times: tuple[InterviewTime, ...]
    ends_at: datetime | None
    is_mine: bool
    can_answer: bool
    can_change: bool
    has_file: bool


def interview_view(interview: Interview, actor: Actor, at: datetime) -> InterviewView:
    """Return an interview for one reader. Needs the conversation with job and parties, and the slots."""
    conversation = interview.conversation
    is_client = actor.party_id == conversation.job.client_id
    other = conversation.party if is_client else conversation.job.client
    times = tuple(
        InterviewTime(slot.pk, slot.starts_at, is_past=slot.starts_at <= at) for slot in interview.slots.all()
    )
    is_live = interview.status in Interview.LIVE
    can_plan = is_live and _plans(actor, is_client=is_client)
    waits = interview.status == Interview.Status.PROPOSED and interview.proposer_id != actor.party_id
    return InterviewView(
        interview=interview,
        other=other.public_name,
        their_zone=zone_of_side(conversation, other.pk),
        times=times,
        ends_at=interview.starts_at + timedelta(minutes=interview.minutes) if interview.starts_at else None,
        is_mine=interview.proposer_id == actor.party_id,
        can_answer=can_plan and waits and not all(time.is_past for time in times),
        can_change=can_plan,
        has_file=interview.starts_at is not None,
    )


def _plans(actor: Actor, *, is_client: bool) -> bool:
    """Test whether somebody who reads a conversation also plans interviews there: members only read."""
    return can_hire(actor, actor.party_id) if is_client else can_work(actor, actor.party_id)


QUESTIONS = Path(__file__).parent.parent / "data" / "questions.toml"


@functools.cache
def _written_questions() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))


def interview_questions(category_slug: str, language: str) -> tuple[str, ...]:
    """Return what a client can ask in an interview about a job of a category, those of the category first. No query."""
    written = _written_questions()
    sets = [written[name] for name in (category_slug, "general") if name in written]
    return tuple(question for each in sets for question in each.get(language) or each["en"])
