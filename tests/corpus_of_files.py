"""Files that mean harm, or look as if they did, made by code, each with the right answer at each kind of place."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, PngImagePlugin

from files.tests import corpus
from files.tests.corpus import EICAR, HTML, PDF, SVG, XML, picture, png_of, zipped

#: What stands in a file that must not be in what is kept of it.
SECRET = b"Secret"
#: What a ZIP may unpack to where these files are sent: little, so that making them takes no time.
ARCHIVE_BYTES = 20 * 2**20
JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
OCTETS, TEXT, ZIP = "application/octet-stream", "text/plain", "application/zip"


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file as a browser sends it, and what becomes of it: a media type that is kept, or the word for a refusal.

    `document` is the answer where any file is taken, `proof` where a PDF or a picture is, `photo` where a square of a
    picture is kept. `name` is what it is called then, in the first two; nothing where it keeps its own.
    """

    about: str
    sent_as: str
    make: Callable[[], bytes]
    document: str
    proof: str
    photo: str
    name: str = ""


def _pictures() -> list[Hostile]:
    """Return pictures: too large, cut off, with something behind or beside the pixels, in every mode."""

    def kept(about: str, name: str, make: Callable[[], bytes], kind: str, called: str = "") -> Hostile:
        return Hostile(about, name, make, kind, kind, JPEG, called)

    def refused(about: str, name: str, make: Callable[[], bytes], word: str) -> Hostile:
        return Hostile(about, name, make, word, word, word)

    return [
        refused("PNG of 900 megapixels in 100 bytes", "a.png", lambda: png_of(30_000, 30_000), "pixels"),
        refused("PNG of the largest size there is", "a.png", lambda: png_of(2**31 - 1, 2**31 - 1), "pixels"),
        refused("PNG of one line, very long", "a.png", lambda: png_of(50_000_000, 1), "pixels"),
        refused("PNG of black that unpacks to 49 MB", "a.png", lambda: _black(7_000), "pixels"),
        refused(
            "PNG whose text unpacks to 32 MB", "a.png", lambda: _with_chunk(b"zTXt", b"k\0\0" + _zeros(32)), "broken"
        ),
        refused("PNG whose colour profile unpacks to 32 MB", "a.png", lambda: _profile_bomb(32), "broken"),
        refused("PNG without an end", "a.png", lambda: _noise("PNG")[:2000], "broken"),
        refused("JPEG without an end", "a.jpg", lambda: _noise("JPEG")[:1500], "broken"),
        refused("WebP without an end", "a.webp", lambda: _noise("WEBP")[:900], "broken"),
        refused("GIF without an end", "a.gif", lambda: _noise("GIF")[:900], "broken"),
        refused("GIF that is a script", "a.gif", lambda: b"GIF89a=1;alert(document.cookie)//", "broken"),
        refused("GIF of 1,001 frames", "a.gif", lambda: _frames(1001), "pixels"),
        refused("JPEG of nothing but its first bytes", "a.jpg", lambda: b"\xff\xd8\xff\xe0", "broken"),
        refused("BMP called PNG", "a.png", lambda: picture("BMP", (200, 200)), "unknown"),
        kept("JPEG with the place it was taken at", "a.jpg", _from_a_camera, JPEG),
        kept("JPEG with a script in its comment", "a.jpg", lambda: _large("JPEG", comment=b"Secret<?php die();"), JPEG),
        kept("JPEG that is a ZIP too", "a.jpg", lambda: _large("JPEG") + zipped({"Secret.class": b"x"}), JPEG),
        kept("PNG with a page behind it", "a.png", lambda: _large("PNG") + b"Secret" + HTML, PNG),
        kept("PNG with a script in its text", "a.png", _with_text, PNG),
        kept("GIF with a page behind it", "a.gif", lambda: _large("GIF") + b"Secret" + HTML, GIF),
        kept("WebP with XMP", "a.webp", lambda: _large("WEBP", xmp=b"<x>Secret</x>"), WEBP),
        kept("GIF that moves", "a.gif", lambda: _moving("GIF", comment=b"Secret"), GIF),
        kept("PNG that moves", "a.png", lambda: _moving("PNG"), PNG),
        kept("WebP that moves", "a.webp", lambda: _moving("WEBP"), WEBP),
        kept("JPEG in CMYK", "a.jpg", lambda: _in_mode("CMYK", "JPEG"), JPEG),
        kept("PNG of 16 bits of grey", "a.png", lambda: _in_mode("I;16", "PNG"), PNG),
        kept("PNG with a palette and a see-through colour", "a.png", _see_through_palette, PNG),
        kept("PNG of one bit", "a.png", lambda: _in_mode("1", "PNG"), PNG),
        kept("PNG of grey with alpha", "a.png", lambda: _in_mode("LA", "PNG"), PNG),
        kept("PNG called JPEG", "me.jpg", lambda: _large("PNG"), PNG, "me.png"),
        kept("JPEG called after nothing", "me", lambda: _large("JPEG"), JPEG, "me.jpg"),
        kept("picture with a right-to-left name", "ann\u202egnp.exe.png", lambda: _large("PNG"), PNG, "anngnp.exe.png"),
        Hostile("picture of one pixel", "a.png", lambda: picture("PNG", (1, 1)), PNG, PNG, "small"),
    ]


def _documents() -> list[Hostile]:
    """Return archives, pages, scripts, programs, and files under another's name."""

    def anywhere(about: str, name: str, make: Callable[[], bytes], word: str, called: str = "") -> Hostile:
        """Return one that places for pictures and proofs refuse for what it is, before they look into it."""
        return Hostile(about, name, make, word, "kind", "kind", called)

    def nowhere(about: str, name: str, make: Callable[[], bytes], word: str, photo: str = "kind") -> Hostile:
        return Hostile(about, name, make, word, word, photo)

    def pdf(about: str, name: str, make: Callable[[], bytes], called: str = "") -> Hostile:
        """Return a PDF: kept byte for byte, for nothing here opens it, and it is sent as a download in a sandbox."""
        return Hostile(about, name, make, "application/pdf", "application/pdf", "kind", called)

    return [
        anywhere("ZIP of more zeros than is allowed", "a.zip", lambda: _zip_of_zeros(7, 3), "bomb"),
        anywhere("ZIP of zeros in a ZIP", "a.zip", lambda: zipped({"b.zip": _zip_of_zeros(7, 3)}), "bomb"),
        anywhere("ZIP that lies about its size", "a.zip", lambda: corpus.lying_bomb(9), "bomb"),
        anywhere("ZIP whose files overlap", "a.zip", corpus.overlapping_bomb, "bomb"),
        nowhere("ZIP of 20,000 names", "a.zip", lambda: corpus.crowded_zip(20_000), "bomb", "bomb"),
        anywhere("ZIP in a ZIP in a ZIP in a ZIP", "a.zip", lambda: corpus.nested(3), "nested"),
        anywhere("ZIP that leads out of its folder", "a.zip", lambda: zipped({"../../x.txt": b"x"}), "path"),
        anywhere("ZIP with a link", "a.zip", corpus.link_zip, "path"),
        anywhere("ZIP with a password", "a.zip", corpus.encrypted_zip, "encrypted"),
        nowhere("ZIP that is damaged", "a.zip", lambda: zipped({"a": b"b" * 99})[:-30], "broken", "broken"),
        anywhere("ZIP called like one with no place", "..\\..\\x.zip", lambda: zipped({"a": b"b"}), ZIP, "x.zip"),
        nowhere("ZIP called PDF", "a.pdf", lambda: zipped({"a": b"b"}), "name"),
        nowhere("Word with macros called Word", "a.docx", lambda: corpus.office("word/", has_macros=True), "name"),
        anywhere("SVG with a script", "a.svg", lambda: SVG, OCTETS),
        nowhere("SVG called PNG", "a.png", lambda: SVG, "name"),
        anywhere("page with a script", "a.html", lambda: HTML, OCTETS),
        nowhere("page called PDF", "a.pdf", lambda: HTML, "name"),
        nowhere("page called JPEG", "a.jpg", lambda: HTML, "name"),
        anywhere("page called text", "a.txt", lambda: HTML, OCTETS),
        anywhere("XML that reads a file", "a.xml", lambda: XML, OCTETS),
        pdf("PDF with a script", "a.pdf", _pdf_with_script),
        pdf("PDF that unpacks to 32 MB", "a.pdf", lambda: _pdf_bomb(32)),
        pdf("PDF with a page inside", "a.pdf", lambda: PDF[:9] + HTML + PDF[9:]),
        pdf("PDF under a path", "../../etc/passwd.pdf", lambda: PDF, "passwd.pdf"),
        pdf("PDF with a null byte in its name", "a.exe\x00.pdf", lambda: PDF, "a.exe.pdf"),
        pdf("PDF with a decomposed name", unicodedata.normalize("NFD", "résumé.pdf"), lambda: PDF, "résumé.pdf"),
        nowhere("PDF that is a ZIP too", "a.pdf", lambda: PDF + zipped({"a": b"b"}), "mixed"),
        nowhere("PDF with an ending that runs", "bill.pdf.exe", lambda: PDF, "program", "program"),
        nowhere("PDF whose name is cut by a null byte", "bill.pdf\x00.exe", lambda: PDF, "program", "program"),
        nowhere("program called PDF", "a.pdf", lambda: b"MZ" + bytes(200), "program", "program"),
        nowhere("script called text", "a.txt", lambda: b"#!/bin/sh\nrm -rf /\n", "program", "program"),
        anywhere("test virus", "a.txt", lambda: EICAR, "malware"),
        nowhere("test virus called PDF", "a.pdf", lambda: b"%PDF-1.4\n" + EICAR, "malware"),
        nowhere("nothing", "a.pdf", lambda: b"", "empty", "empty"),
        nowhere("RAR", "a.rar", lambda: b"Rar!\x1a\x07" + bytes(100), "sealed", "sealed"),
        nowhere("bytes that mean nothing", "a.dat", lambda: bytes(range(256)), "unknown", "unknown"),
    ]


def corpus_of_files() -> list[Hostile]:
    """Return every file."""
    return [*_pictures(), *_documents()]


def honest_giants() -> list[tuple[str, Callable[[], bytes]]]:
    """Return pictures as large as one may be, of each kind that needs much memory: they are kept, within bounds."""
    return [
        ("turned.jpg", lambda: _giant("JPEG", turned=True)),
        ("alpha.png", lambda: _giant("PNG", mode="RGBA")),
        ("large.webp", lambda: _giant("WEBP", size=(4_000, 2_500))),
    ]


def _giant(kind: str, *, mode: str = "RGB", turned: bool = False, size: tuple[int, int] = (8_000, 5_000)) -> bytes:
    exif = Image.Exif()
    if turned:
        exif[corpus.ORIENTATION] = 6
    out = io.BytesIO()
    options: dict[str, Any] = {"exif": exif, **({"compress_level": 1} if kind == "PNG" else {"quality": 50})}
    Image.new(mode, size, "teal").save(out, kind, **options)
    return out.getvalue()


def _zeros(megabytes: int) -> bytes:
    engine = zlib.compressobj(1)
    return b"".join([*(engine.compress(bytes(2**20)) for _one in range(megabytes)), engine.flush()])


def _zip_of_zeros(files: int, megabytes: int) -> bytes:
    """Return a ZIP of many zeros, made without holding them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(files):
            info = zipfile.ZipInfo(f"{number}.txt")
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as entry:
                for _one in range(megabytes):
                    entry.write(bytes(2**20))
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _black(side: int) -> bytes:
    """Return a PNG of one bit a pixel, all of it black."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compressobj(1)
    data = b"".join([*(rows.compress(bytes(side + 1)) for _row in range(side)), rows.flush()])
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _with_chunk(kind: bytes, data: bytes) -> bytes:
    whole = _large("PNG")
    return whole[:33] + _chunk(kind, data) + whole[33:]


def _profile_bomb(megabytes: int) -> bytes:
    return _with_chunk(b"iCCP", b"p\0\0" + _zeros(megabytes))


def _large(kind: str, **options: Any) -> bytes:
    return picture(kind, (300, 200), **options)


def _noise(kind: str) -> bytes:
    """Return a picture that does not compress, so that a cut takes pixels."""
    out = io.BytesIO()
    Image.effect_noise((120, 120), 90).save(out, format=kind)
    return out.getvalue()


def _from_a_camera() -> bytes:
    exif = Image.Exif()
    exif[corpus.GPS] = {1: "N", corpus.LATITUDE: (47.0, 13.0, 6.0)}
    exif[0x010F] = "SecretCameraMaker"
    return _large("JPEG", exif=exif, xmp=b"<x>SecretPlace</x>")


def _with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "Secret<script>alert(1)</script>", zip=False)
    return _large("PNG", pnginfo=info)


def _moving(kind: str, **options: Any) -> bytes:
    pages = [Image.new("RGB", (120, 120), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    pages[0].save(out, format=kind, save_all=True, append_images=pages[1:], duration=100, **options)
    return out.getvalue()


def _frames(number: int) -> bytes:
    """Return a GIF of so many frames of one pixel, put together by hand."""
    frame = b"!\xf9\x04\0\x05\0\0\0" + b",\0\0\0\0\x01\0\x01\0\0" + b"\x02\x02D\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0" + frame * number + b";"


def _in_mode(mode: str, kind: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (200, 200)).save(out, format=kind)
    return out.getvalue()


def _see_through_palette() -> bytes:
    out = io.BytesIO()
    Image.new("P", (200, 200), 3).save(out, format="PNG", transparency=3)
    return out.getvalue()


def _pdf_with_script() -> bytes:
    script = b"<< /Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
    return b"%PDF-1.7\n1 0 obj\n" + script + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def _pdf_bomb(megabytes: int) -> bytes:
    data = _zeros(megabytes)
    stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(data)
    return PDF[:9] + b"2 0 obj\n" + stream + data + b"\nendstream\nendobj\n" + PDF[9:]


__all__ = ["ARCHIVE_BYTES", "SECRET", "Hostile", "corpus_of_files", "honest_giants"]
