"""Profile photos: cropped to a square, whatever came."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from files.actions import FileRefused, store_image
from files.gateway import store
from files.models import StoredFile
from files.tests import corpus
from files.tests.conftest import ALICE, AT, PUBLIC, kept_files
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db


def keep(name: str, content: bytes) -> StoredFile:
    return store_image(upload=upload(name, content), kind=PUBLIC, by=ALICE, at=AT)


def opened(file: StoredFile) -> Image.Image:
    with store().open(file.path) as kept:
        return Image.open(io.BytesIO(kept.read())).convert("RGB")


def halves(width: int, height: int) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


def is_red(picture: Image.Image, x: int, y: int) -> bool:
    red, _green, blue = cast("tuple[int, int, int]", picture.getpixel((x, y)))
    return bool(red > 200 and blue < 60)


def test_a_photo_becomes_its_middle_square() -> None:
    file = keep("me.png", halves(800, 200))
    assert (file.name, file.media_type, file.width, file.height) == ("me.jpg", "image/jpeg", 512, 512)
    picture = opened(file)
    assert (picture.size, is_red(picture, 100, 256), is_red(picture, 400, 256)) == ((512, 512), True, False)


@pytest.mark.parametrize("size", [(95, 800), (800, 95), (1, 1)])
def test_a_picture_with_too_little_in_it_is_refused(size: tuple[int, int], folder: Path) -> None:
    with pytest.raises(FileRefused) as caught:
        keep("me.png", halves(*size))
    assert caught.value.message == "“me.png” is too small. Choose a picture of 96 × 96 pixels or more."
    assert kept_files(folder) == []


def test_a_see_through_photo_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, format="PNG")
    assert opened(keep("me.png", out.getvalue())).getpixel((256, 256)) == (255, 255, 255)


def test_a_photo_keeps_no_place() -> None:
    exif = Image.Exif()
    exif[corpus.GPS] = {1: "N", corpus.LATITUDE: (47.0, 13.0, 6.0)}
    file = keep("me.jpg", corpus.picture("JPEG", (200, 200), exif=exif))
    with store().open(file.path) as kept:
        assert b"Exif" not in kept.read()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("me.pdf", corpus.PDF, "“me.pdf” is not a picture. Choose a JPEG, PNG, GIF or WebP file."),
        ("me.svg", corpus.SVG, "“me.svg” is not a picture. Choose a JPEG, PNG, GIF or WebP file."),
        (
            "me.png",
            corpus.picture(size=(95, 400)),
            "“me.png” is too small. Choose a picture of 96 × 96 pixels or more.",
        ),
        (
            "me.pdf",
            corpus.picture(size=(99, 99)),
            "“me.pdf” is not what its name says: its content is PNG. Rename it or save it anew.",
        ),
    ],
)
def test_what_is_no_portrait_is_refused(name: str, content: bytes, message: str, folder: Path) -> None:
    with pytest.raises(FileRefused) as caught:
        keep(name, content)
    assert caught.value.message == message
    assert not StoredFile.objects.exists()
    assert kept_files(folder) == []
