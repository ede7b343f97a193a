"""What is typed for a job is kept until it is sent or the job ends, for its party alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts.privacy import Leaver
from accounts.tests.cast import Person, make_client
from core.errors import NotAllowed
from files.models import StoredFile
from files.queries import files_of, may_read_file
from jobs.actions import close_job
from jobs.models import Job
from proposals import privacy
from proposals.actions import (
    AlreadyProposed,
    DraftTooLong,
    JobNotOpen,
    TooManyDrafts,
    delete_draft,
    save_draft,
    withdraw_proposal,
)
from proposals.models import ProposalDraft
from proposals.queries import draft_for, drafts_for
from proposals.tests.cast import attach, bid, connects_of, make_job, party_of, tell
from tests.nothing import nothing_happens

MINUTE = timedelta(minutes=1)
TYPED = {"letter": "I would start on", "amount": "9oo"}


def keep(person: Person, job: Job, at: datetime, **changes: Any) -> ProposalDraft:
    return save_draft(job_id=job.pk, **{"content": TYPED, **changes}, by=person.actor, at=at)


def test_what_is_saved_again_takes_the_place_of_what_was(bob: Person, job: Job, at: datetime) -> None:
    keep(bob, job, at)
    keep(bob, job, at + MINUTE, content={"letter": "I would begin"})

    draft = ProposalDraft.objects.get()
    assert (draft.content, draft.created_at, draft.saved_at) == ({"letter": "I would begin"}, at, at + MINUTE)
    assert connects_of(bob) == 40


def test_a_sign_that_the_database_does_not_take_is_left_out(bob: Person, job: Job, at: datetime) -> None:
    rows = [{"title": "Au\x00dit", "amount": "300"}]
    draft = keep(bob, job, at, content={"letter": "I would\x00 start", "answers": ["\x00Yes"], "milestones": rows})

    draft.refresh_from_db()
    kept = {"letter": "I would start", "answers": ["Yes"], "milestones": [{"title": "Audit", "amount": "300"}]}
    assert draft.content == kept


def test_only_its_party_reads_a_draft_and_its_files(
    alice: Person, bob: Person, chloe: Person, marc: Person, job: Job, at: datetime
) -> None:
    file = attach(bob, at=at)
    keep(bob, job, at, file_ids=[file.pk])
    file.refresh_from_db()

    assert draft_for(bob.actor, job.pk) is not None
    assert may_read_file(bob.actor, file)
    for who in (alice, chloe, marc, make_client("Eve", at=at)):
        assert draft_for(who.actor, job.pk) is None
        assert list(drafts_for(who.actor)) == []
        assert not may_read_file(who.actor, file)


def test_sending_uses_up_the_draft_and_takes_its_files_along(bob: Person, job: Job, at: datetime) -> None:
    first, dropped, late = (attach(bob, f"{name}.txt", at=at) for name in ("first", "dropped", "late"))
    keep(bob, job, at, file_ids=[first.pk, dropped.pk])

    proposal = bid(bob, job, at=at + MINUTE, file_ids=[first.pk, late.pk])

    assert not ProposalDraft.objects.exists()
    assert {file.pk for file in files_of("proposals.proposal", proposal.pk)} == {first.pk, late.pk}
    assert StoredFile.objects.get(pk=dropped.pk).attached_at is None


def test_saving_in_between_leaves_the_files_alone(bob: Person, job: Job, at: datetime) -> None:
    file = attach(bob, at=at)
    draft = keep(bob, job, at, file_ids=[file.pk])
    keep(bob, job, at + MINUTE)
    assert [each.pk for each in files_of("proposals.proposal", draft.files_ref)] == [file.pk]


def test_nothing_is_kept_beside_a_sent_proposal_and_again_after_it_was_withdrawn(
    bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    with nothing_happens(), pytest.raises(AlreadyProposed):
        keep(bob, job, at + MINUTE)
    withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at + MINUTE)
    keep(bob, job, at + MINUTE)
    bid(bob, job, at=at + 2 * MINUTE)
    assert connects_of(bob) == 30


def test_a_draft_goes_with_its_job_and_its_files_with_it(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    file = attach(bob, at=at)
    keep(bob, job, at, file_ids=[file.pk])
    other = keep(chloe, make_job(alice, at=at, title="Another job"), at)
    close_job(job_id=job.pk, by=alice.actor, at=at + MINUTE)
    tell(at + MINUTE)

    assert ProposalDraft.objects.get() == other
    assert StoredFile.objects.get(pk=file.pk).attached_at is None
    with nothing_happens(), pytest.raises(JobNotOpen):
        keep(bob, job, at + 2 * MINUTE)


def test_a_deleted_draft_leaves_nothing_and_that_of_others_alone(
    bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    keep(bob, job, at)
    theirs = keep(chloe, job, at)
    delete_draft(job_id=job.pk, by=bob.actor, at=at)
    delete_draft(job_id=job.pk, by=bob.actor, at=at)
    assert ProposalDraft.objects.get() == theirs


def test_only_those_who_work_keep_drafts(alice: Person, bob: Person, marc: Person, job: Job, at: datetime) -> None:
    for who in (alice, marc):
        with nothing_happens(), pytest.raises(NotAllowed):
            keep(who, job, at)
        with nothing_happens(), pytest.raises(NotAllowed):
            delete_draft(job_id=job.pk, by=who.actor, at=at)


def test_a_draft_has_an_end_and_so_have_drafts(
    alice: Person, bob: Person, job: Job, at: datetime, settings: Any
) -> None:
    with nothing_happens(), pytest.raises(DraftTooLong, match="a draft keeps 100000"):
        keep(bob, job, at, content={"letter": "x" * 100_000})
    keep(bob, job, at, content={"letter": "é" * 99_000})
    settings.PRODUCT = replace(django_settings.PRODUCT, proposal_drafts_maximum=1)
    other = make_job(alice, at=at, title="Another job")
    with nothing_happens(), pytest.raises(TooManyDrafts, match="You have 1 draft"):
        keep(bob, other, at)
    keep(bob, job, at + MINUTE)


def test_who_leaves_takes_drafts_and_words_along(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    file, draft_file = attach(bob, at=at), attach(bob, "draft.txt", at=at)
    sent = bid(bob, job, at=at, file_ids=[file.pk])
    withdraw_proposal(proposal_id=sent.pk, note="Too far away.", by=bob.actor, at=at)
    other = make_job(alice, at=at, title="Another job")
    keep(bob, other, at, file_ids=[draft_file.pk])
    names = frozenset({"Bob"})
    leaver = Leaver(bob.user.pk, (bob.actor,), "Bob", names, "Former member", bob.actor)

    privacy.erase(leaver, at=at)

    sent.refresh_from_db()
    assert (sent.letter, sent.withdraw_note, sent.milestones.count()) == ("", "", 0)
    assert not ProposalDraft.objects.exists()
    assert StoredFile.objects.filter(attached_at__isnull=False, owner_kind="proposals.proposal").count() == 0
    assert party_of(bob).pk == sent.party_id
