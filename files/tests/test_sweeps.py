"""What the sweeps do: delete what nobody sent, and look again at what could not be checked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.sweeps import sweeps
from events.models import Event
from files.actions import attach_files, delete_orphans, rescan_quarantined, store_file
from files.models import StoredFile
from files.tests import corpus
from files.tests.conftest import ALICE, AT, KIND, kept_files, use_scanner
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_an_upload_that_nobody_sent_is_deleted_after_a_day_with_its_copies(folder: Path) -> None:
    store_file(upload=upload("a.png", corpus.picture()), kind=KIND, by=ALICE, at=AT)
    assert len(kept_files(folder)) == 3
    assert delete_orphans(at=AT + DAY) == 0
    assert delete_orphans(at=AT + DAY + MINUTE) == 1
    assert delete_orphans(at=AT + DAY + MINUTE) == 0
    assert not StoredFile.objects.exists()
    assert kept_files(folder) == []


def test_an_attached_file_is_never_swept(folder: Path) -> None:
    file = store_file(upload=upload("a.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    attach_files(file_ids=[file.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    assert delete_orphans(at=AT + 1000 * DAY) == 0
    assert len(kept_files(folder)) == 1


def test_a_row_whose_bytes_were_never_written_is_swept_too(folder: Path) -> None:
    file = store_file(upload=upload("a.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    kept_files(folder)[0].unlink()
    assert rescan_quarantined(at=AT + MINUTE * 11) == 0
    assert delete_orphans(at=AT + DAY + MINUTE) == 1
    assert not StoredFile.objects.filter(pk=file.pk).exists()


def quarantined(content: bytes) -> StoredFile:
    use_scanner("BrokenScanner")
    file = store_file(upload=upload("a.txt", content), kind=KIND, by=ALICE, at=AT)
    attach_files(file_ids=[file.pk], kind=KIND, ref=5, by=ALICE, at=AT)
    return file


def test_a_clean_file_leaves_quarantine_once_the_scanner_answers() -> None:
    file = quarantined(b"text")
    use_scanner("EicarScanner")
    assert rescan_quarantined(at=AT + MINUTE) == 0
    assert rescan_quarantined(at=AT + MINUTE * 11) == 1
    assert rescan_quarantined(at=AT + MINUTE * 11) == 0
    file.refresh_from_db()
    assert (file.state, file.owner_ref) == ("ready", "5")


def test_a_scanner_that_still_fails_leaves_it_there() -> None:
    file = quarantined(b"text")
    assert rescan_quarantined(at=AT + MINUTE * 11) == 0
    file.refresh_from_db()
    assert file.state == "quarantined"


def test_malware_found_later_is_deleted_and_told(folder: Path) -> None:
    file = quarantined(corpus.EICAR)
    use_scanner("EicarScanner")
    assert rescan_quarantined(at=AT + MINUTE * 11) == 1
    assert not StoredFile.objects.exists()
    assert kept_files(folder) == []
    event = Event.objects.get()
    assert (event.kind, event.subject) == ("files.file_infected", f"file:{file.pk}")
    assert event.data == {"owner_kind": KIND, "owner_ref": "5", "uploaded_by_id": 1, "name": "a.txt"}


def test_both_sweeps_are_on_the_timetable() -> None:
    assert {sweep.name: sweep.every for sweep in sweeps() if sweep.name.startswith("files.")} == {
        "files.rescan_quarantined": 600,
        "files.delete_orphans": 3600,
    }
