"""Pictures, decoded and written again: what comes out holds pixels and a colour profile, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from files.signatures import GIF, JPEG, PNG, WEBP, Kind, NotAFile

#: The small copies of every picture: the longest side in pixels.
SIZES = {"small": 160, "large": 640}
#: The most frames of a moving picture.
FRAMES = 1000
#: The side of a profile photo, and the smallest one that is taken.
SQUARE, SQUARE_LEAST = 512, 96
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

    Raises NotAFile for a picture of more than `pixels` (all frames together), and for one that cannot be decoded.
    """
    with _decoding(), _opened(file, kind, pixels) as image:
        out = io.BytesIO()
        if _FORMATS[kind] in _MOVING and _frames(image) > 1:
            size = image.size
            first = image.copy()
            image.save(out, format=_FORMATS[kind], save_all=True, comment=b"", exif=b"", xmp=b"")
        else:
            first = _upright(image)
            size = first.size
            first.save(out, format=_FORMATS[kind], **_options(kind))
        return Picture(out.getvalue(), kind, *size, copies=_copies(first))


def rewrite_square(file: BinaryIO, kind: Kind, *, pixels: int, crop: Crop = MIDDLE) -> Picture:
    """Decode a picture and write a square of it as a JPEG of 512 pixels; see-through parts turn white.

    Raises NotAFile as `rewrite` does, and for a picture that is too small.
    """
    with _decoding(), _opened(file, kind, pixels) as image:
        upright = _rgb(_upright(image))
        if min(upright.size) < SQUARE_LEAST:
            raise NotAFile("small")
        face = upright.crop(_box(upright, crop)).resize((SQUARE, SQUARE), Image.Resampling.LANCZOS)
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


def _upright(image: Image.Image) -> Image.Image:
    """Return the first frame turned as its camera said, without anything but pixels and colour profile."""
    turned = ImageOps.exif_transpose(image)
    turned.info = {name: value for name, value in turned.info.items() if name in _KEPT}
    return turned


def _options(kind: Kind) -> dict[str, Any]:
    return {"quality": _QUALITY} if kind in {JPEG, WEBP} else {"optimize": kind is PNG}


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        white.alpha_composite(layer)
        return white.convert("RGB")
    return image.convert("RGB")


def _box(image: Image.Image, crop: Crop) -> tuple[int, int, int, int]:
    """Return the square that a crop means, however it was typed: within the picture, and never too small to see."""
    whole = min(image.size)
    side = min(max(round(whole / max(crop.zoom, 1)), SQUARE_LEAST), whole)
    left, top = (
        round((length - side) * min(max(share, 0), 100) / 100)
        for length, share in ((image.width, crop.across), (image.height, crop.down))
    )
    return left, top, left + side, top + side


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
