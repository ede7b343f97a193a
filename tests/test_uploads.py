"""Hostile files at every place that takes files: the right answer at each, nothing left behind, memory bounded."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from PIL import Image

from core.actor import Actor
from core.clock import now
from files.actions import FileInfected, FileRefused, store_file, store_image
from files.gateway import store
from files.models import StoredFile
from files.registry import PICTURES, PROOFS, owners
from files.signatures import NotAFile
from files.tests.corpus import EICAR, upload
from tests.corpus_of_files import ARCHIVE_BYTES, SECRET, Hostile, corpus_of_files

pytestmark = pytest.mark.django_db

FILES = {each.about: each for each in corpus_of_files()}
#: Every place that takes files, as the apps registered it.
PLACES = sorted(owner.kind for owner in owners() if not owner.kind.startswith("tests."))
TAKES = {owner.kind: owner.takes for owner in owners()}
BY = Actor(user_id=1, party_id=11, role="owner")
#: Bytes of memory that no file may make a process exceed, Django and all its apps included.
MOST_MEMORY = 300 * 2**20


class Scanner:
    """Finds the test virus."""

    def scan(self, file: Any) -> str:
        return "EICAR" if EICAR in file.read() else ""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """Keep files in a folder of the test's own, with a scanner before it."""
    options = {"location": str(tmp_path / "private")}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    settings.FILES_SCANNER = "tests.test_uploads.Scanner"
    settings.PRODUCT = replace(settings.PRODUCT, archive_bytes_maximum=ARCHIVE_BYTES)
    return tmp_path / "private"


@cache
def content_of(about: str) -> bytes:
    """Return the bytes of a file, made once."""
    return FILES[about].make()


def expected(file: Hostile, place: str) -> str:
    """Return the right answer of a place."""
    if TAKES[place] == PICTURES:
        return file.photo
    return file.proof if TAKES[place] == PROOFS else file.document


def answer(file: Hostile, place: str) -> tuple[str, StoredFile | None]:
    """Send a file to a place; return its media type, or the word for why it was refused, and what was kept."""
    keep = store_image if TAKES[place] == PICTURES else store_file
    try:
        kept = keep(upload=upload(file.sent_as, content_of(file.about), "image/png"), kind=place, by=BY, at=now())
    except FileInfected:
        return "malware", None
    except FileRefused as refusal:
        cause = refusal.__cause__
        if isinstance(cause, NotAFile):
            return cause.reason, None
        return ("program" if "is a program" in refusal.message else _word(refusal.message)), None
    return kept.media_type, kept


def _word(message: str) -> str:
    if "is not what its name says" in message:
        return "name"
    assert "not a picture" in message or "neither a PDF nor a picture" in message, message
    return "kind"


def test_the_places_are_those_the_product_has() -> None:
    assert set(PLACES) == {
        *("contracts.offer", "contracts.submission", "jobs.attachment", "messaging.message", "proposals.proposal"),
        *("profiles.certification", "profiles.photo", "profiles.portfolio"),
    }
    assert {place for place in PLACES if TAKES[place] == PICTURES} == {"profiles.photo"}
    assert len(FILES) >= 60


@pytest.mark.parametrize("place", PLACES)
def test_every_file_gets_the_right_answer_and_a_refused_one_leaves_nothing(place: str, folder: Path) -> None:
    wrong = []
    for about, file in FILES.items():
        rows, paths = StoredFile.objects.count(), len(list(folder.rglob("*")))
        found, kept = answer(file, place)
        if found != expected(file, place):
            wrong.append(f"{about}: {found}, not {expected(file, place)}")
        elif kept is None:
            after = (StoredFile.objects.count(), len(list(folder.rglob("*"))))
            wrong += [f"{about} left something"] if after != (rows, paths) else []
        else:
            wrong += [f"{about}: {problem}" for problem in faults(file, kept, place)]
            StoredFile.objects.all().delete()  # a person may not have many that are loose
    assert wrong == []


def faults(file: Hostile, kept: StoredFile, place: str) -> list[str]:
    """Return what is wrong with what was kept of a file."""
    found = []
    with store().open(kept.path) as opened:
        data = opened.read()
    if TAKES[place] != PICTURES and kept.name != (file.name or file.sent_as):
        found.append(f"is called {kept.name}")
    if not kept.name.isprintable() or "/" in kept.name or "\\" in kept.name:
        found.append("has a name that misleads")
    if not kept.is_image:
        return found if data == content_of(file.about) else [*found, "was changed"]
    if any(mark in data for mark in (SECRET, b"Exif", b"<script", b"PK\x03\x04")):
        found.append("holds more than a picture")
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        if dict(picture.getexif()) or picture.size != (kept.width, kept.height):
            found.append("is another picture than its row says")
    return found


def test_every_kind_of_refusal_is_in_the_corpus() -> None:
    words = Counter(file.document for file in FILES.values())
    known = {"bomb", "broken", "empty", "encrypted", "malware", "mixed", "name", "nested", "path", "pixels", "program"}
    assert known | {"sealed", "unknown"} <= set(words)
    assert Counter(file.photo for file in FILES.values())["small"] == 1


#: Writes every file, and pictures as large as one may be: making some takes more memory than reading them may.
MAKE = """
import json, sys, django
django.setup()
from tests.corpus_of_files import corpus_of_files, honest_giants
files = [(file.about, file.sent_as, file.make) for file in corpus_of_files()]
files += [(name, name, make) for name, make in honest_giants()]
listed = []
for number, (about, name, make) in enumerate(files):
    path = f"{sys.argv[1]}/{number}"
    with open(path, "wb") as out:
        out.write(make())
    listed.append((about, name, path))
print(json.dumps(listed))
"""
#: Sends them through all that happens before a file is kept, and tells the most memory that was used until each.
MEASURE = """
import json, re, resource, sys, django
django.setup()
from pathlib import Path
from files.actions import uploads
from files.names import clean_name
from files.tests.corpus import upload
uploads._admit = lambda upload, kind, by: clean_name(upload.name)
uploads._keep = lambda *args, **kwargs: None
most = {}
def peak():
    status = Path("/proc/self/status")
    if status.exists():  # getrusage begins at what the process had that started this one
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
for about, name, path in json.loads(sys.argv[1]):
    for place, keep in (("jobs.attachment", uploads.store_file), ("profiles.photo", uploads.store_image)):
        with open(path, "rb") as file:
            try:
                keep(upload=upload(name, file.read()), kind=place, by=None, at=None)
            except uploads.DomainError:
                pass
    most[about] = peak()
print(json.dumps(most))
"""


def test_no_file_takes_much_memory(tmp_path: Path) -> None:
    most = json.loads(run(MEASURE, run(MAKE, str(tmp_path))))
    assert len(most) == len(FILES) + 3
    assert {about: peak // 2**20 for about, peak in most.items() if peak > MOST_MEMORY} == {}


def run(program: str, argument: str) -> str:
    """Run a program in a process of its own, without a database, and return what it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", program, argument],
        capture_output=True,
        text=True,
        check=False,
        cwd=django_settings.BASE_DIR,
        env={
            "DJANGO_SETTINGS_MODULE": "marketplace.settings",
            "JALON_ARCHIVE_BYTES_MAXIMUM": str(ARCHIVE_BYTES),
            "PATH": "/usr/bin:/bin",
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]
