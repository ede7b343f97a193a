"""Receiving bodies: what is too large is dropped while it arrives and still named."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from core.actor import Actor

LIMIT = 200_000


@pytest.fixture(autouse=True)
def small_limits(settings: Any, tmp_path: Any) -> None:
    """Allow 200 000 bytes in a file and two files' worth in a form."""
    numbers = {name: getattr(settings.PRODUCT, name) for name in settings.PRODUCT.__slots__}
    settings.PRODUCT = type(settings.PRODUCT)(**numbers | {"file_bytes_maximum": LIMIT, "files_per_form": 2})
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000


def receive(**files: bytes) -> dict[str, tuple[str | None, int | None, int]]:
    """Send these files as a browser would; return the name, size and length of what arrives of each."""
    parts = {name: SimpleUploadedFile(f"{name}.txt", content) for name, content in files.items()}
    body = encode_multipart(BOUNDARY, {"note": "hello", **parts})
    request = RequestFactory().generic("POST", "/", body, content_type=MULTIPART_CONTENT)
    assert request.POST["note"] == "hello"
    received: dict[str, Any] = dict(request.FILES.items())
    arrived = {name: (file.name, file.size, len(file.read())) for name, file in received.items()}
    request.close()
    return arrived


@pytest.mark.parametrize(("actor", "is_read"), [(Actor.anonymous(), False), (Actor(user_id=1), True)])
def test_a_large_form_of_a_visitor_is_not_read(actor: Actor, is_read: bool) -> None:
    body = encode_multipart(BOUNDARY, {"note": "hello", "file": SimpleUploadedFile("a.txt", b"x" * 100_000)})
    request: Any = RequestFactory().generic("POST", "/", body, content_type=MULTIPART_CONTENT)
    request.actor = actor
    if is_read:
        assert request.POST["note"] == "hello"
        request.close()
    else:
        with pytest.raises(RequestDataTooBig):
            request.POST  # noqa: B018  (reading it is what is tested)


def test_a_large_form_of_a_visitor_is_answered_with_400(client: Client, db: None) -> None:
    answer = client.post("/accounts/login/", {"login": SimpleUploadedFile("a.txt", b"x" * 100_000)})
    assert answer.status_code == 400


def test_the_handler_stands_first(settings: Any) -> None:
    assert settings.FILE_UPLOAD_HANDLERS[0] == "files.uploads.LimitedUploadHandler"


def test_a_file_within_the_limits_arrives_whole() -> None:
    assert receive(a=b"x" * LIMIT, b=b"short") == {"a": ("a.txt", LIMIT, LIMIT), "b": ("b.txt", 5, 5)}


def test_a_file_that_is_too_large_arrives_empty_with_its_true_size_and_the_others_whole() -> None:
    arrived = receive(a=b"x" * (LIMIT + 100_000), b=b"short")
    assert arrived == {"a": ("a.txt", LIMIT + 100_000, 0), "b": ("b.txt", 5, 5)}


def test_a_form_with_too_much_in_all_loses_the_last_file() -> None:
    arrived = receive(a=b"x" * LIMIT, b=b"y" * LIMIT, c=b"z" * LIMIT)
    assert arrived == {"a": ("a.txt", LIMIT, LIMIT), "b": ("b.txt", LIMIT, LIMIT), "c": ("c.txt", LIMIT + 1, 0)}


def test_nothing_of_a_dropped_file_stays_on_the_disk(tmp_path: Any) -> None:
    receive(a=b"x" * (LIMIT + 100_000))
    assert list(tmp_path.iterdir()) == []
