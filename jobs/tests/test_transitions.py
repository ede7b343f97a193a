"""Every state of a job times every verb times every actor: the table is what happens, and all that happens."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person
from core.actor import Actor
from core.errors import DomainError
from core.machine import CLIENT, FREELANCER, STAFF, SYSTEM
from jobs import actions
from jobs.models import Job
from jobs.tests.posts import complete_terms, draft_job, open_job, review_job
from tests.nothing import nothing_happens

Status = Job.Status
Verb = Callable[[Job, Actor, datetime], Job]

VERBS: dict[str, Verb] = {
    "edit_draft": lambda job, by, at: actions.edit_draft(job_id=job.pk, terms=complete_terms(), by=by, at=at),
    "delete_draft": lambda job, by, at: actions.delete_draft(job_id=job.pk, by=by, at=at),
    "publish_job": lambda job, by, at: actions.publish_job(job_id=job.pk, by=by, at=at),
    "withdraw_job": lambda job, by, at: actions.withdraw_job(job_id=job.pk, by=by, at=at),
    "approve_job": lambda job, by, at: actions.approve_job(job_id=job.pk, by=by, at=at),
    "send_back_job": lambda job, by, at: actions.send_back_job(job_id=job.pk, reasons="Say more.", by=by, at=at),
    "remove_job": lambda job, by, at: actions.remove_job(job_id=job.pk, reason="Free work.", by=by, at=at),
    "edit_job": lambda job, by, at: actions.edit_job(job_id=job.pk, texts=complete_terms(), by=by, at=at),
    "pause_job": lambda job, by, at: actions.pause_job(job_id=job.pk, by=by, at=at),
    "resume_job": lambda job, by, at: actions.resume_job(job_id=job.pk, by=by, at=at),
    "close_job": lambda job, by, at: actions.close_job(job_id=job.pk, by=by, at=at),
    "record_hire": lambda job, _by, at: actions.record_hire(job_id=job.pk, at=at),
    "expire_job": lambda job, _by, at: actions.expire_job(job_id=job.pk, at=at + timedelta(days=30)),
    "remind_expiring_job": lambda job, _by, at: actions.remind_expiring_job(job_id=job.pk, at=at + timedelta(days=28)),
}
#: Verbs without an actor: they run inside other verbs, or by the clock.
INNER = {"record_hire", "expire_job", "remind_expiring_job"}


@pytest.fixture
def job_in(alice: Person, marc: Person, at: datetime) -> Callable[[str], Job]:
    """Return a function that takes a fresh job of Alice to a state."""

    def make(status: str) -> Job:
        if status == Status.DRAFT:
            return draft_job(alice, at=at)
        if status == Status.IN_REVIEW:
            return review_job(alice, at=at)
        job = open_job(alice, moderator=marc, at=at)
        reach: dict[str, Callable[[], Job]] = {
            Status.OPEN: lambda: job,
            Status.PAUSED: lambda: actions.pause_job(job_id=job.pk, by=alice.actor, at=at),
            Status.CLOSED: lambda: actions.close_job(job_id=job.pk, by=alice.actor, at=at),
            Status.FILLED: lambda: actions.record_hire(job_id=job.pk, at=at),
            Status.EXPIRED: lambda: actions.expire_job(job_id=job.pk, at=at + timedelta(days=30)),
            Status.REMOVED: lambda: actions.remove_job(job_id=job.pk, reason="Free work.", by=marc.actor, at=at),
        }
        return reach[status]()

    return make


def test_the_verbs_of_the_table_are_the_verbs_that_are_walked() -> None:
    assert {row.verb for row in Job.TRANSITIONS} == {"start_draft", "copy_job", *VERBS}


class Undone(Exception):
    """Takes back what one allowed cell did, so that the next one starts from the same state."""


@pytest.mark.parametrize("status", Status.values)
def test_each_verb_does_from_this_state_what_the_table_says_and_nothing_else(
    status: str,
    job_in: Callable[[str], Job],
    alice: Person,
    bob: Person,
    chloe: Person,
    marc: Person,
    at: datetime,
) -> None:
    people = {CLIENT: alice.actor, "other client": chloe.actor, FREELANCER: bob.actor, STAFF: marc.actor}
    job = job_in(status)
    cells = [
        (
            verb,
            actor,
            {row.to for row in Job.TRANSITIONS if row.frm == status and row.verb == verb and who in row.actors},
        )
        for verb in VERBS
        for who, actor in ({SYSTEM: Actor.system()} if verb in INNER else people).items()
    ]
    with nothing_happens():
        for verb, actor, allowed in cells:
            if not allowed:
                with pytest.raises(DomainError):
                    VERBS[verb](job, actor, at)
    for verb, actor, allowed in cells:
        if allowed:
            with contextlib.suppress(Undone), transaction.atomic():
                after = VERBS[verb](job, actor, at)
                assert after.status in allowed, verb
                assert Job.objects.get(pk=job.pk).status == after.status, verb
                raise Undone
