"""Giving uploads to a thing, and changing which files a thing has."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from core.actor import Actor
from files.actions import FileGone, attach_files, delete_orphans, replace_files, store_file
from files.models import StoredFile
from files.queries import files_of, files_of_many
from files.tests.conftest import ALICE, AT, BOB, CHLOE, KIND, PUBLIC
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db


def loose(name: str = "a.txt", by: Actor = ALICE, kind: str = KIND, at: datetime = AT) -> StoredFile:
    return store_file(upload=upload(name, b"text"), kind=kind, by=by, at=at)


def test_an_upload_is_given_to_the_thing_it_was_made_for() -> None:
    first, second = loose("a.txt"), loose("b.txt", at=AT + timedelta(seconds=1))
    attached = attach_files(file_ids=[second.pk, first.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    assert [(file.name, file.owner_ref, file.attached_at) for file in attached] == [
        ("b.txt", "5", AT),
        ("a.txt", "5", AT),
    ]
    assert [file.name for file in files_of(KIND, 5)] == ["a.txt", "b.txt"]


def test_giving_it_to_the_same_thing_again_changes_nothing() -> None:
    file = loose()
    attach_files(file_ids=[file.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    attach_files(file_ids=[file.pk, file.pk], kind=KIND, ref=5, by=BOB, at=AT + timedelta(days=1))
    assert [(each.pk, each.attached_at) for each in files_of(KIND, 5)] == [(file.pk, AT)]


@pytest.mark.parametrize("by", [BOB, CHLOE, Actor.anonymous(), Actor.system(), Actor(user_id=1, impersonator_id=9)])
def test_nobody_gives_away_the_upload_of_another(by: Actor) -> None:
    mine, theirs = loose("a.txt", by=by) if by in {BOB, CHLOE} else None, loose("b.txt")
    with pytest.raises(FileGone):
        attach_files(file_ids=[*([mine.pk] if mine else []), theirs.pk], kind=KIND, ref=5, by=by, at=AT)
    assert not StoredFile.objects.filter(attached_at__isnull=False).exists()


def test_a_file_belongs_to_one_thing_for_good() -> None:
    file = loose()
    attach_files(file_ids=[file.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    with pytest.raises(FileGone):
        attach_files(file_ids=[file.pk], kind=KIND, ref=6, by=ALICE, at=AT)
    assert (files_of(KIND, 5), files_of(KIND, 6)) == ([file], [])


def test_a_file_is_not_given_to_another_kind_of_thing() -> None:
    file = loose()
    with pytest.raises(FileGone):
        attach_files(file_ids=[file.pk], kind=PUBLIC, ref=5, by=ALICE, at=AT)


def test_a_file_that_was_swept_must_be_uploaded_again() -> None:
    with pytest.raises(FileGone) as caught:
        attach_files(file_ids=[uuid.uuid4()], kind=KIND, ref=5, by=ALICE, at=AT)
    assert caught.value.message == "A file is no longer here. Upload it again."


def test_replacing_takes_off_what_is_not_named_and_leaves_it_to_the_sweep() -> None:
    old, kept, new = loose("old.txt"), loose("kept.txt"), loose("new.txt", by=BOB)
    attach_files(file_ids=[old.pk, kept.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    later = AT + timedelta(days=30)
    assert replace_files(file_ids=[kept.pk, new.pk], kind=KIND, ref=5, by=BOB, at=later) == [kept, new]
    assert {file.name for file in files_of(KIND, 5)} == {"kept.txt", "new.txt"}
    assert delete_orphans(at=later + timedelta(hours=23)) == 0
    assert delete_orphans(at=later + timedelta(hours=25)) == 1
    assert not StoredFile.objects.filter(pk=old.pk).exists()


def test_a_refused_replacement_changes_nothing() -> None:
    old, foreign = loose("old.txt"), loose("foreign.txt", by=CHLOE)
    attach_files(file_ids=[old.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    with pytest.raises(FileGone):
        replace_files(file_ids=[foreign.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    assert files_of(KIND, 5) == [old]


def test_the_files_of_many_things_take_one_query(django_assert_num_queries: pytest.FixtureRequest) -> None:
    for ref in (1, 2, 2):
        attach_files(file_ids=[loose(f"{ref}.txt").pk], kind=KIND, ref=ref, by=ALICE, at=AT)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = files_of_many(KIND, [1, 2, 3])
    assert {ref: len(files) for ref, files in found.items()} == {"1": 1, "2": 2}
