"""Pictures, decoded and written again: what comes out holds pixels and a colour profile, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from files.signatures import GIF, JPEG, PNG, WEBP, Kind, NotAFile

#: The small copies of every picture: the longest side in pixels.
SIZES = {"small": 160, "large": 640}
#: The most frames of a moving picture.
FRAMES = 1000
#: The side of a profile photo, and the smallest one that is taken.
SQUARE, SQUARE_LEAST = 512, 96
#: How far into a photo one may go.
MOST_ZOOM = 4
#: Pixels above which a picture that lies on its side is not turned but keeps the tag that says so.
TURNED_AT_ONCE = 12_000_000
#: How much more memory a pixel of a WebP takes while it is decoded.
WEBP_WEIGHT = 4
#: Above so many pixels of a side no second picture of that size is made.
PART = 1024
UPRIGHT, SIDEWAYS = 1, 5
NEAREST = Image.Resampling.NEAREST
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
COPY_TYPE = "image/webp"
_FORMATS = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP"}
_MOVING = {"PNG", "GIF", "WEBP"}
_QUALITY = 90
#: What Pillow may keep of a file besides its pixels.
_KEPT = ("icc_profile", "transparency", "background", "duration", "loop", "disposal", "blend", "default_image")


#: What Pillow raises when the bytes are no good.
_BAD_DATA = (
    *(UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError),
    *(IndexError, KeyError, TypeError, struct.error, zlib.error, MemoryError),
)


@dataclass(frozen=True, slots=True)
class Crop:
    """Which square of an upright picture is kept: how much larger than the whole, and where in per cent of the rest.

    (1, 50, 50) is the middle of the whole; (2, 0, 100) half of the shorter side, from the lower left corner.
    """

    zoom: float = 1
    across: float = 50
    down: float = 50


#: What is kept where nobody chose.
MIDDLE = Crop()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept, with its small copies by size."""

    data: bytes
    kind: Kind
    width: int
    height: int
    copies: dict[str, bytes]


def rewrite(file: BinaryIO, kind: Kind, *, pixels: int) -> Picture:
    """Decode a picture and write it again in its own format, upright, moving ones with all their frames.

    A second copy of all its pixels is never made: of a huge one that lies on its side the tag that says so is kept.

    Raises NotAFile for a picture of more than `pixels` (all frames together), and for one that cannot be decoded.
    """
    with _decoding(), _opened(file, kind, pixels) as image:
        out = io.BytesIO()
        if _FORMATS[kind] in _MOVING and _frames(image) > 1:
            size = image.size
            first = image.copy()
            image.save(out, format=_FORMATS[kind], save_all=True, comment=b"", exif=b"", xmp=b"")
            copies = _copies(first)
        else:
            side = _orientation(image)
            is_huge = image.width * image.height > TURNED_AT_ONCE
            whole = _bare(image) if side == UPRIGHT or is_huge else _upright(image)
            size = whole.size if whole is not image or side < SIDEWAYS else whole.size[::-1]
            tag = _only(side) if whole is image and side != UPRIGHT else b""
            whole.save(out, format=_FORMATS[kind], exif=tag, **_options(kind, is_huge=is_huge))
            copies = _copies(_turned(_smaller(whole, max(SIZES.values()) * 2), side if whole is image else UPRIGHT))
        return Picture(out.getvalue(), kind, *size, copies=copies)


def rewrite_square(file: BinaryIO, kind: Kind, *, pixels: int, crop: Crop = MIDDLE) -> Picture:
    """Decode a picture and write a square of it as a JPEG of 512 pixels; see-through parts turn white.

    Raises NotAFile as `rewrite` does, and for a picture that is too small.
    """
    with _decoding(), _opened(file, kind, pixels) as image:
        if min(image.size) < SQUARE_LEAST:
            raise NotAFile("small")
        side = _orientation(image)
        sharp = round(SQUARE * min(max(crop.zoom, 1), MOST_ZOOM))
        image.draft(None, (sharp, sharp))  # a JPEG is decoded no larger than that
        whole = _bare(image)
        box = _box(whole.size, side, crop)
        part = whole.crop(box) if box[2] - box[0] <= PART else whole.resize((PART, PART), NEAREST, box=box)
        face = _turned(_rgb(part), side).resize((SQUARE, SQUARE), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        face.save(out, format="JPEG", quality=_QUALITY)
        return Picture(out.getvalue(), JPEG, SQUARE, SQUARE, copies=_copies(face))


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn whatever a decoder says about bad data into a refusal."""
    try:
        yield
    except NotAFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAFile("pixels") from error
    except _BAD_DATA as error:
        raise NotAFile("broken") from error


@contextmanager
def _opened(file: BinaryIO, kind: Kind, pixels: int) -> Iterator[Image.Image]:
    """Yield the picture, measured and verified before a pixel is decoded."""
    formats = (_FORMATS[kind],)
    if kind is GIF and _gif_frames(file) > FRAMES:
        raise NotAFile("pixels")
    file.seek(0)
    with Image.open(file, formats=formats) as image:
        frames = _frames(image)
        if frames > FRAMES or image.width * image.height * frames > pixels:
            raise NotAFile("pixels")
        if kind is WEBP and image.width * image.height > pixels // WEBP_WEIGHT:
            raise NotAFile("pixels", str(pixels // WEBP_WEIGHT))
        image.verify()
    file.seek(0)
    with Image.open(file, formats=formats) as image:
        yield image


def _frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _gif_frames(file: BinaryIO) -> int:
    """Count the frames of a GIF, up to one too many, without decoding any: millions of tiny ones take hours."""
    file.seek(10)
    frames = 0
    _skip_colours(file, file.read(3)[:1])
    while frames <= FRAMES and (mark := file.read(1)):
        if mark == b",":
            frames += 1
            _skip_colours(file, file.read(9)[8:])
        elif mark != b"!":
            break
        file.read(1)  # the label of an extension, or the code size of a frame
        while size := file.read(1)[:1].strip(b"\0"):
            file.seek(size[0], 1)
    return frames


def _skip_colours(file: BinaryIO, flags: bytes) -> None:
    if flags and flags[0] & 0x80:
        file.seek(3 << (flags[0] & 7) + 1, 1)


def _orientation(image: Image.Image) -> int:
    """Return which way up the camera was held: 1 is upright, 5 and above lie on their side."""
    side = image.getexif().get(_ORIENTATION, UPRIGHT)
    return side if side in _TURNS else UPRIGHT


def _only(side: int) -> bytes:
    """Return camera data that say nothing but which way up."""
    exif = Image.Exif()
    exif[_ORIENTATION] = side
    return exif.tobytes()


def _bare(image: Image.Image) -> Image.Image:
    """Return the picture itself, decoded, without anything but pixels and colour profile."""
    image.load()
    image.info = {name: value for name, value in image.info.items() if name in _KEPT}
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Return the first frame turned as its camera said, without anything but pixels and colour profile."""
    return _turned(_bare(image), _orientation(image))


def _turned(image: Image.Image, side: int) -> Image.Image:
    return image if side == UPRIGHT else image.transpose(_TURNS[side])


def _smaller(image: Image.Image, enough: int) -> Image.Image:
    """Return a picture whose longer side has `enough` pixels or more, without a second copy of a large one."""
    factor = max(image.size) // enough
    if factor < 2:
        return image
    if image.mode in {"L", "RGB", "CMYK"}:
        return image.reduce(factor)
    return image.resize((max(image.width // factor, 1), max(image.height // factor, 1)), NEAREST)


def _options(kind: Kind, *, is_huge: bool) -> dict[str, Any]:
    """Return how a still picture is written; a huge PNG without the search for the smallest file, which takes long."""
    return {"quality": _QUALITY} if kind in {JPEG, WEBP} else {"optimize": kind is PNG and not is_huge}


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        white.alpha_composite(layer)
        return white.convert("RGB")
    return image.convert("RGB")


def _box(size: tuple[int, int], side: int, crop: Crop) -> tuple[int, int, int, int]:
    """Return the square that a crop means, where it lies in the picture as it was taken.

    However it was typed, it is within the picture, and never too small to see.
    """
    width, height = size
    upright = (height, width) if side >= SIDEWAYS else size
    whole = min(size)
    length = min(max(round(whole / min(max(crop.zoom, 1), MOST_ZOOM)), SQUARE_LEAST), whole)
    left, top = (
        round((given - length) * min(max(share, 0), 100) / 100)
        for given, share in zip(upright, (crop.across, crop.down), strict=True)
    )
    x, y = (top, left) if side >= SIDEWAYS else (left, top)
    if side in {2, 3, 7, 8}:
        x = width - length - x
    if side in {3, 4, 6, 7}:
        y = height - length - y
    return x, y, x + length, y + length


def _copies(image: Image.Image) -> dict[str, bytes]:
    copies = {}
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    base = image.convert("RGBA" if has_alpha else "RGB")
    base.info = {}
    for name, longest in sorted(SIZES.items(), key=lambda each: -each[1]):
        base.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        base.save(out, format="WEBP", quality=_QUALITY)
        copies[name] = out.getvalue()
    return copies
