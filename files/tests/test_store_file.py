"""What may be kept, under which name and type, and what is refused."""

from __future__ import annotations

import contextlib
import hashlib
import io
import resource
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from PIL import Image

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from files.actions import FileInfected, FileRefused, FileTooLarge, TooManyLooseFiles, store_file
from files.gateway import store
from files.models import StoredFile
from files.signatures import NotAFile, kind_of
from files.tests import corpus
from files.tests.conftest import ALICE, AT, BOB, KIND, kept_files, use_scanner
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db


def keep(name: str, content: bytes, claims: str = "application/octet-stream", by: Actor = ALICE) -> StoredFile:
    return store_file(upload=upload(name, content, claims), kind=KIND, by=by, at=AT)


def refused(name: str, content: bytes, folder: Path, claims: str = "application/octet-stream") -> str:
    """Return why a file was refused, having seen that nothing of it stayed."""
    with pytest.raises(DomainError) as caught:
        keep(name, content, claims)
    assert not StoredFile.objects.exists()
    assert kept_files(folder) == []
    return caught.value.message


def test_a_file_is_kept_byte_for_byte_under_a_random_path(folder: Path) -> None:
    file = keep("Rapport final.pdf", corpus.PDF)
    assert (file.name, file.media_type, file.size) == ("Rapport final.pdf", "application/pdf", len(corpus.PDF))
    assert file.sha256 == hashlib.sha256(corpus.PDF).hexdigest()
    assert (file.state, file.owner_kind, file.owner_ref, file.attached_at) == ("ready", KIND, "", None)
    assert (file.uploaded_by_id, file.uploaded_for_id, file.created_at) == (1, 11, AT)
    assert [path.read_bytes() for path in kept_files(folder)] == [corpus.PDF]
    assert "Rapport" not in str(kept_files(folder)[0])
    assert len(file.path) == 43


def test_two_uploads_of_the_same_bytes_are_two_files() -> None:
    assert keep("a.txt", b"same").path != keep("a.txt", b"same").path


def test_kept_files_can_be_read_by_nobody_else_on_the_machine(folder: Path) -> None:
    keep("a.txt", b"secret")
    assert oct(kept_files(folder)[0].stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", corpus.PDF, "application/pdf"),
        ("a.txt", "Élégant œuf".encode(), "text/plain"),
        ("a.txt", "Élégant".encode("cp1252"), "text/plain"),
        ("a.txt", "Élégant".encode("utf-16"), "text/plain"),
        ("a.md", b"# Title\n\n<img src=x onerror=alert(1)>", "text/plain"),
        ("a.json", b'{"a": 1}', "text/plain"),
        ("a.csv", b"a;b\n1;2\n", "text/csv"),
        ("a.zip", corpus.zipped({"a/b.txt": b"x"}), "application/zip"),
        ("site.zip", corpus.zipped({"run.sh": b"#!/bin/sh", "index.html": corpus.HTML}), "application/zip"),
        ("a.docx", corpus.office("word/"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", corpus.office("xl/"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.pptx", corpus.office("ppt/"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("a.xlsm", corpus.office("xl/", has_macros=True), "application/vnd.ms-excel.sheet.macroEnabled.12"),
        (
            "a.odt",
            corpus.open_document("application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
        ("a.epub", corpus.open_document("application/epub+zip"), "application/epub+zip"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "application/x-ole-storage"),
        ("a.mp3", b"ID3\x04" + bytes(100), "audio/mpeg"),
        ("a.mp3", b"\xff\xfb\x90\x00" + bytes(100), "audio/mpeg"),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(100), "audio/wav"),
        ("a.ogg", b"OggS" + bytes(100), "audio/ogg"),
        ("a.mp4", corpus.box(b"isom"), "video/mp4"),
        ("a.mov", corpus.box(b"qt  "), "video/quicktime"),
        ("a.webm", b"\x1aE\xdf\xa3" + bytes(100), "video/webm"),
        ("a.psd", b"8BPS" + bytes(100), "image/vnd.adobe.photoshop"),
    ],
)
def test_the_type_is_found_in_the_content(name: str, content: bytes, media_type: str) -> None:
    file = keep(name, content, claims="text/html")
    assert (file.name, file.media_type, file.is_image) == (name, media_type, False)
    with store().open(file.path) as kept:
        assert kept.read() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", corpus.SVG),
        ("a.html", corpus.HTML),
        ("a.xml", corpus.XML),
        ("a.xml", corpus.SVG),
        ("main.go", b"package main"),
    ],
)
def test_markup_and_code_are_kept_as_mere_bytes(name: str, content: bytes) -> None:
    assert keep(name, content, claims="image/svg+xml").media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("setup.exe", b"MZ" + bytes(100)),
        ("holiday.jpg", b"MZ" + bytes(100)),
        ("tool", b"\x7fELF" + bytes(100)),
        ("notes.txt", b"#!/bin/sh\nrm -rf /"),
        ("notes.txt", b"<?php system($_GET['c']);"),
        ("run.bat", b"echo off"),
        ("page.js", b"alert(1)"),
        ("script.PY", b"print(1)"),
        ("invoice.pdf.exe", corpus.PDF),
        ("macro.vbs", b"MsgBox 1"),
        ("app.jar", corpus.zipped({"META-INF/MANIFEST.MF": b"x"})),
        ("link.lnk", b"L\x00\x00\x00\x01\x14\x02\x00"),
        ("\u202etxt.exe", b"plain text"),
    ],
)
def test_programs_and_scripts_are_refused_whatever_they_are_called(name: str, content: bytes, folder: Path) -> None:
    assert refused(name, content, folder).endswith("is a program or a script. Send source code in a ZIP file.")


@pytest.mark.parametrize(
    ("name", "content", "label"),
    [
        ("photo.png", corpus.PDF, "PDF"),
        ("report.pdf", corpus.picture(), "PNG"),
        ("report.pdf", corpus.HTML, "HTML"),
        ("photo.jpg", corpus.zipped({"a": b"b"}), "ZIP"),
        ("photo.gif", b"just text", "text"),
        ("a.docx", corpus.zipped({"a": b"b"}), "ZIP"),
        ("a.docx", corpus.office("word/", has_macros=True), "Word with macros"),
        ("a.mp4", corpus.SVG, "SVG"),
        ("a.txt", corpus.PDF, "PDF"),
    ],
)
def test_a_name_that_lies_about_the_content_is_refused(name: str, content: bytes, label: str, folder: Path) -> None:
    message = refused(name, content, folder, claims="image/png")
    assert message == f"“{name}” is not what its name says: its content is {label}. Rename it or save it anew."


@pytest.mark.parametrize(
    ("name", "kept"),
    [("photo.jpg", "photo.png"), ("photo", "photo.png"), ("photo.xyz", "photo.xyz.png"), ("Photo.PNG", "Photo.PNG")],
)
def test_a_picture_gets_the_ending_of_what_it_is(name: str, kept: str) -> None:
    assert keep(name, corpus.picture("PNG")).name == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\system32\\a.txt", "a.txt"),
        ("/etc/shadow.txt", "shadow.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ("gpj\u202etxt.txt", "gpjtxt.txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
        (".htaccess.txt", "htaccess.txt"),
        ('a"b<c>|d?.txt', "a_b_c__d_.txt"),
        ("  many   spaces .txt ", "many spaces .txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("📄 plan.txt", "📄 plan.txt"),
        ("...", "file.txt"),
        ("", "file.txt"),
        ("\u202e\u200b", "file.txt"),
    ],
)
def test_a_name_is_cleaned_and_never_a_path(given: str, kept: str, folder: Path) -> None:
    file = keep(given, b"text")
    assert file.name == kept
    (path,) = kept_files(folder)
    assert str(path.relative_to(folder)) == file.path


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("a.txt", b"", "is empty."),
        ("a.pdf", b"", "is empty."),
        ("a.rar", b"Rar!\x1a\x07" + bytes(100), "is packed with RAR, which cannot be checked. Pack it as a ZIP file."),
        ("a.tar.gz", b"\x1f\x8b" + bytes(100), "is packed with gzip, which cannot be checked. Pack it as a ZIP file."),
        ("a.dat", bytes(range(256)), "is of a kind that is not known here. Pack it in a ZIP file."),
        ("a.txt", b"text \x00 text", "is of a kind that is not known here. Pack it in a ZIP file."),
        ("a.txt", b"\xff\xfe\x00\xd8\x00\xd8", "is of a kind that is not known here. Pack it in a ZIP file."),
        ("a.zip", b"PK\x03\x04 nothing", "is damaged and cannot be read. Save it anew and send that."),
        ("a.zip", corpus.zipped({"a": b"b" * 99})[:-30], "is damaged and cannot be read. Save it anew and send that."),
        ("a.png", corpus.picture()[:60], "is damaged and cannot be read. Save it anew and send that."),
        ("a.jpg", corpus.picture("JPEG")[:200], "is damaged and cannot be read. Save it anew and send that."),
        (
            "a.gif",
            b"GIF89a = 1; alert(document.cookie)//",
            "is damaged and cannot be read. Save it anew and send that.",
        ),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 " + bytes(9), "is damaged and cannot be read. Save it anew and send that."),
        ("a.pdf", corpus.PDF + corpus.zipped({"a": b"b"}), "is two kinds of file at once. Save it anew and send that."),
        (
            "a.mp3",
            b"ID3" + corpus.zipped({"a.class": b"b"}),
            "is two kinds of file at once. Save it anew and send that.",
        ),
        (
            "a.zip",
            corpus.zipped({"../../evil.txt": b"x"}),
            "holds a path that leads out of its folder. Pack the files anew.",
        ),
        (
            "a.zip",
            corpus.zipped({"/etc/passwd": b"x"}),
            "holds a path that leads out of its folder. Pack the files anew.",
        ),
        ("a.zip", corpus.zipped({"C:\\x": b"x"}), "holds a path that leads out of its folder. Pack the files anew."),
        ("a.zip", corpus.link_zip(), "holds a path that leads out of its folder. Pack the files anew."),
        ("a.zip", corpus.encrypted_zip(), "is protected by a password, so it cannot be checked. Pack it without one."),
        (
            "a.zip",
            corpus.zipped({"a": b"b"}, method=zipfile.ZIP_LZMA),
            "is packed in an unusual way. Pack it anew with the standard method (Deflate).",
        ),
        ("a.zip", corpus.nested(3), "has too many ZIP files inside each other. Pack the files themselves."),
        ("a.png", corpus.png_of(30_000, 30_000), "has too many pixels. The most is 40 megapixels."),
        ("a.png", corpus.png_of(7_000, 7_000), "has too many pixels. The most is 40 megapixels."),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name_with_what_to_do(
    name: str, content: bytes, ending: str, folder: Path
) -> None:
    assert refused(name, content, folder) == f"“{name}” {ending}"


def test_archives_inside_archives_are_counted_two_deep() -> None:
    assert keep("a.zip", corpus.nested(2)).media_type == "application/zip"


@pytest.fixture
def small_archives(settings: Any) -> None:
    """Allow 4 MB and 20 entries."""
    numbers = {name: getattr(settings.PRODUCT, name) for name in settings.PRODUCT.__slots__}
    settings.PRODUCT = type(settings.PRODUCT)(
        **numbers | {"archive_bytes_maximum": 4 * 1024 * 1024, "archive_entries_maximum": 20}
    )


@pytest.mark.parametrize(
    "content",
    [
        corpus.zip_bomb(5),
        corpus.lying_bomb(5),
        corpus.lying_bomb(1),
        corpus.overlapping_bomb(),
        corpus.zipped({"inner.zip": corpus.zip_bomb(3), "other.zip": corpus.zip_bomb(3)}),
        corpus.zipped({"inner.zip": corpus.lying_bomb(9)}),
        corpus.document_bomb(5),
        corpus.crowded_zip(21),
        corpus.zipped({"inner.zip": corpus.crowded_zip(21)}),
        corpus.zipped({str(number): b"" for number in range(21)}),
        corpus.zipped({"inner.zip": corpus.zipped({str(number): b"" for number in range(20)})}),
    ],
    ids=[
        *("plain", "lying", "lying within limits", "overlapping", "nested", "nested lying", "document", "crowded"),
        *("nested crowded", "entries", "nested entries"),
    ],
)
@pytest.mark.usefixtures("small_archives")
def test_bombs_are_refused(content: bytes, folder: Path) -> None:
    assert (
        refused("a.zip", content, folder) == "“a.zip” unpacks to more than is allowed. Split it into smaller ZIP files."
    )


@pytest.mark.usefixtures("small_archives")
def test_an_archive_within_its_allowance_is_kept() -> None:
    assert keep("a.zip", corpus.zip_bomb(4)).size == len(corpus.zip_bomb(4))


def test_a_bomb_within_the_true_limits_costs_little_time_and_memory(folder: Path) -> None:
    bomb = corpus.zipped({f"{number}.txt": bytes(60 * 1024 * 1024) for number in range(9)})
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert "unpacks to more" in refused("a.zip", bomb, folder)
    assert "unpacks to more" in refused("b.zip", corpus.zipped({"in.zip": bomb}), folder)
    assert time.process_time() - start < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.parametrize(
    "content",
    [corpus.document_bomb(60), corpus.crowded_zip(100_000)],
    ids=["an entry that grows", "a directory without end"],
)
def test_the_type_of_an_archive_is_found_without_taking_it_apart(content: bytes) -> None:
    file = io.BytesIO(content)
    tracemalloc.start()
    try:
        with contextlib.suppress(NotAFile):
            kind_of(file, entries=10_000)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


def test_a_file_that_is_too_large_is_refused_unread(folder: Path) -> None:
    maximum = rules().file_bytes_maximum
    large = upload("film.mp4", b"")
    large.size = maximum + 1
    with pytest.raises(FileTooLarge) as caught:
        store_file(upload=large, kind=KIND, by=ALICE, at=AT)
    assert caught.value.message == "“film.mp4” is too large (25\xa0MB). The most is 25\xa0MB."
    assert kept_files(folder) == []


@pytest.mark.parametrize("by", [Actor.anonymous(), Actor.system(), Actor(user_id=1, impersonator_id=9)])
def test_only_a_person_who_is_nobody_else_may_upload(by: Actor, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        keep("a.txt", b"text", by=by)
    assert not StoredFile.objects.exists()
    assert kept_files(folder) == []


def test_a_kind_that_no_app_registered_is_a_bug() -> None:
    with pytest.raises(KeyError):
        store_file(upload=upload("a.txt", b"text"), kind="tests.nothing", by=ALICE, at=AT)


def test_a_person_cannot_fill_the_disk_with_uploads_they_never_send(settings: Any, folder: Path) -> None:
    numbers = {name: getattr(settings.PRODUCT, name) for name in settings.PRODUCT.__slots__}
    settings.PRODUCT = type(settings.PRODUCT)(**numbers | {"loose_files_maximum": 10})
    for number in range(10):
        keep(f"{number}.txt", b"text")
    with pytest.raises(TooManyLooseFiles):
        keep("one more.txt", b"text")
    assert len(kept_files(folder)) == 10
    assert keep("mine.txt", b"text", by=BOB).uploaded_by_id == 2


# Pictures


def opened(file: StoredFile, size: str = "") -> Any:
    with store().open(file.copy_path(size) if size else file.path) as kept:
        return Image.open(io.BytesIO(kept.read()))


def test_a_photo_loses_its_place_and_camera_and_stands_upright() -> None:
    content = corpus.photo_from_a_camera()
    file = keep("photo.jpg", content, claims="image/jpeg")
    with store().open(file.path) as kept:
        data = kept.read()
    assert b"SecretCameraMaker" in content
    for secret in (b"Secret", b"Exif", b"GPS"):
        assert secret not in data
    assert (file.is_image, file.media_type, file.width, file.height) == (True, "image/jpeg", 40, 60)
    assert opened(file).size == (40, 60)
    assert dict(opened(file).getexif()) == {}
    assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("GIF", "a.gif"), ("WEBP", "a.webp")])
def test_what_hides_behind_a_picture_is_gone(kind: str, name: str) -> None:
    hidden = corpus.HTML + corpus.zipped({"a.class": b"x"})
    file = keep(name, corpus.picture(kind) + hidden)
    with store().open(file.path) as kept:
        data = kept.read()
    assert b"<script>" not in data
    assert not zipfile.is_zipfile(io.BytesIO(data))
    assert opened(file).format == kind


def test_a_moving_picture_keeps_its_frames_and_loses_its_comment() -> None:
    file = keep("a.gif", corpus.moving_gif(3))
    picture = opened(file)
    assert (picture.n_frames, picture.size) == (3, (20, 10))
    with store().open(file.path) as kept:
        assert b"SecretComment" not in kept.read()


def test_frames_count_as_pixels(settings: Any, folder: Path) -> None:
    numbers = {name: getattr(settings.PRODUCT, name) for name in settings.PRODUCT.__slots__}
    settings.PRODUCT = type(settings.PRODUCT)(**numbers | {"image_pixels_maximum": 10_000})
    assert "too many pixels" in refused("a.gif", corpus.moving_gif(3, (60, 60)), folder)
    assert keep("b.gif", corpus.moving_gif(2, (60, 60))).width == 60


def test_a_picture_has_two_small_copies() -> None:
    file = keep("a.png", corpus.picture(size=(1000, 500)))
    assert [opened(file, size).size for size in ("large", "small")] == [(640, 320), (160, 80)]
    assert {opened(file, size).format for size in ("large", "small")} == {"WEBP"}


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(keep("a.png", corpus.picture(size=(40, 30))), "large").size == (40, 30)


def test_a_see_through_picture_stays_see_through() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, format="PNG")
    file = keep("a.png", out.getvalue())
    assert opened(file).mode == "RGBA"
    assert opened(file, "small").convert("RGBA").getpixel((5, 5))[3] == 0


# The scanner


def test_malware_is_refused_by_name_and_nothing_stays(folder: Path) -> None:
    use_scanner("EicarScanner")
    with pytest.raises(FileInfected) as caught:
        keep("eicar.txt", corpus.EICAR)
    assert caught.value.message == "“eicar.txt” holds malware and was not kept. Check your computer."
    assert not StoredFile.objects.exists()
    assert kept_files(folder) == []
    assert keep("clean.txt", b"clean").state == "ready"


@pytest.mark.parametrize("scanner", ["BrokenScanner", "CrashingScanner", "NoSuchScanner"])
def test_a_scanner_that_fails_leaves_the_file_in_quarantine(scanner: str) -> None:
    use_scanner(scanner)
    assert keep("a.txt", b"text").state == "quarantined"


def test_a_crash_while_writing_leaves_a_row_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep("a.txt", b"text")
    assert StoredFile.objects.get().state == "quarantined"


def test_a_refusal_is_told_in_french() -> None:
    with override("fr"), pytest.raises(FileRefused) as caught:
        keep("a.txt", b"")
    assert caught.value.message == "«\u202fa.txt\u202f» est vide."
