"""Which square of a photo is kept: chosen by three numbers, whichever way up the camera was held."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import pytest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from PIL import Image

from files.actions import store_file, store_image
from files.forms import FilesForm, ImageField, Sent
from files.gateway import store
from files.models import StoredFile
from files.pictures import Crop
from files.tests.conftest import ALICE, AT, PUBLIC
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db

Colour = tuple[int, int, int]
#: The four quarters of the picture as it stands upright: top left, top right, bottom left, bottom right.
QUARTERS = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "white"}
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def photo(side: int = 1, kind: str = "PNG") -> bytes:
    """Return a picture of four quarters, 600 by 400 upright, held as the tag says."""
    picture = Image.new("RGB", (600, 400))
    for (x, y), colour in QUARTERS.items():
        picture.paste(colour, (x * 300, y * 200, x * 300 + 300, y * 200 + 200))
    turn = TURNS[side]
    exif = Image.Exif()
    exif[0x0112] = side
    out = io.BytesIO()
    (picture.transpose(turn) if turn is not None else picture).save(out, format=kind, exif=exif, quality=95)
    return out.getvalue()


def colours(file: StoredFile) -> list[Colour]:
    """Return the colours near the corners of what was kept, each part rounded to all or nothing."""
    with store().open(file.path) as kept, Image.open(io.BytesIO(kept.read())) as picture:
        assert dict(picture.getexif()) == {}
        points = [(40, 40), (472, 40), (40, 472), (472, 472)]
        return [rounded(cast("Colour", picture.getpixel(point))) for point in points]


def rounded(colour: Colour) -> Colour:
    red, green, blue = (255 * (part > 127) for part in colour)
    return red, green, blue


def keep(content: bytes, crop: Crop, name: str = "me.png") -> list[Colour]:
    return colours(store_image(upload=upload(name, content), kind=PUBLIC, by=ALICE, at=AT, crop=crop))


RED, LIME, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.mark.parametrize("side", TURNS)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_middle_and_a_corner_are_those_of_the_upright_picture(side: int, kind: str) -> None:
    name = "me.png" if kind == "PNG" else "me.jpg"
    assert keep(photo(side, kind), Crop(), name) == [RED, LIME, BLUE, WHITE]
    assert keep(photo(side, kind), Crop(2.5, 100, 0), name) == [LIME] * 4


@pytest.mark.parametrize(
    ("crop", "found"),
    [(Crop(2, 0, 0), RED), (Crop(4, 0, 100), BLUE), (Crop(4, 100, 100), WHITE), (Crop(900, 999, -5), LIME)],
)
def test_what_is_chosen_is_kept_and_nonsense_stays_within_the_picture(crop: Crop, found: Colour) -> None:
    assert keep(photo(), crop) == [found] * 4


def test_a_large_picture_is_cropped_like_a_small_one() -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(photo())).resize((6000, 4000), Image.Resampling.NEAREST).save(out, format="PNG")
    assert keep(out.getvalue(), Crop()) == [RED, LIME, BLUE, WHITE]
    assert keep(out.getvalue(), Crop(2, 100, 100)) == [WHITE] * 4


def test_a_huge_picture_on_its_side_keeps_the_one_tag_that_says_so() -> None:

    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    Image.new("RGB", (4200, 3000), "teal").save(out, format="JPEG", exif=exif, quality=40)
    file = store_file(upload=upload("a.jpg", out.getvalue()), kind=PUBLIC, by=ALICE, at=AT)
    with store().open(file.path) as kept:
        data = kept.read()
    assert b"Secret" not in data
    assert dict(Image.open(io.BytesIO(data)).getexif()) == {0x0112: 6}
    assert (file.width, file.height) == (3000, 4200)
    with store().open(file.copy_path("large")) as kept:
        assert Image.open(io.BytesIO(kept.read())).size == (457, 640)


class PhotoForm(FilesForm):
    photo = ImageField(kind=PUBLIC)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("photo_zoom=200&photo_across=100&photo_down=0", [LIME] * 4),
        ("photo_zoom=200&photo_across=-1&photo_down=0", [RED, LIME, BLUE, WHITE]),
        ("photo_zoom=x", [RED, LIME, BLUE, WHITE]),
        ("", [RED, LIME, BLUE, WHITE]),
    ],
)
def test_the_form_reads_the_sliders_and_keeps_the_middle_without_them(
    typed: str, found: list[Colour], folder: Path
) -> None:
    form = PhotoForm(QueryDict(typed), MultiValueDict({"photo": [upload("me.png", photo())]}), by=ALICE)
    assert form.is_valid(), form.errors
    assert colours(form.cleaned_data["photo"][0]) == found


def test_the_sliders_are_off_until_script_turns_them_on() -> None:
    html = str(PhotoForm(by=ALICE)["photo"])
    assert 'data-crop="photo" hidden disabled' in html
    assert html.count('type="range"') == 3
    assert Sent().crop == Crop(1, 50, 50)
