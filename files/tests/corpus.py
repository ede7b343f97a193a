"""Files of every good and bad kind, made in code."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

#: The text that every scanner reports as a test; split so that no scanner reports this file.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
HTML = b"<!doctype html><html><body><script>alert(document.cookie)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
#: EXIF tags: orientation, and the block of places (GPS) with its latitude.
ORIENTATION, GPS, LATITUDE = 0x0112, 0x8825, 2


def upload(name: str, content: bytes, claims: str = "application/octet-stream") -> SimpleUploadedFile:
    """Return an upload as a browser would send it, under its true name even where Django would clean it."""
    file = SimpleUploadedFile("upload", content, content_type=claims)
    file.__dict__["_name"] = name
    return file


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), *, colour: str = "red", **options: object) -> bytes:
    """Return a picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, format=kind, **options)
    return out.getvalue()


def photo_from_a_camera() -> bytes:
    """Return a JPEG taken sideways, with the place it was taken at, a comment, and text for machines."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", LATITUDE: (47.0, 13.0, 6.0), 3: "W", 4: (1.0, 33.0, 13.0)}
    exif[0x010F] = "SecretCameraMaker"
    return picture("JPEG", (60, 40), exif=exif, comment=b"SecretComment", xmp=b"<x>SecretPlace</x>")


def moving_gif(frames: int = 3, size: tuple[int, int] = (20, 10)) -> bytes:
    """Return a GIF whose frames differ."""
    colours = ["red", "green", "blue", "white", "black"]
    pages = [Image.new("RGB", size, colours[number % len(colours)]) for number in range(frames)]
    out = io.BytesIO()
    pages[0].save(out, format="GIF", save_all=True, append_images=pages[1:], duration=100, comment=b"SecretComment")
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it has this size, and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def zipped(entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of these entries; the same bytes at any time, for they are part of the names of tests."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def office(folder: str, *, has_macros: bool = False) -> bytes:
    """Return the skeleton of a Word ("word/"), Excel ("xl/") or PowerPoint ("ppt/") document."""
    entries = {"[Content_Types].xml": b"<Types/>", f"{folder}document.xml": b"<x/>"}
    return zipped(entries | ({f"{folder}vbaProject.bin": b"macro"} if has_macros else {}))


def open_document(mime: str) -> bytes:
    """Return the skeleton of an OpenDocument or EPUB file."""
    return zipped({"mimetype": mime.encode(), "content.xml": b"<x/>"}, method=zipfile.ZIP_STORED)


def zip_bomb(megabytes: int) -> bytes:
    """Return a small ZIP of many zeros."""
    return zipped({"zeros.txt": bytes(megabytes * 1024 * 1024)})


def lying_bomb(megabytes: int) -> bytes:
    """Return a ZIP whose directory says that its one entry has ten bytes."""
    content = bytearray(zip_bomb(megabytes))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 10)
    content[place + 16 : place + 20] = struct.pack("<I", zlib.crc32(bytes(10)))
    return bytes(content)


def overlapping_bomb() -> bytes:
    """Return a ZIP whose directory names the same bytes many times over."""
    content = zip_bomb(1)
    start, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    row, count = content[start:end], 50
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(row) * count, start, 0)
    return content[:start] + row * count + tail


def document_bomb(megabytes: int) -> bytes:
    """Return a ZIP whose first entry claims to name its type, and unpacks to many zeros."""
    return zipped({"mimetype": bytes(megabytes * 1024 * 1024)})


def crowded_zip(rows: int) -> bytes:
    """Return a ZIP whose directory has this many rows, and says that it has one."""
    content = zipped({"a": b""})
    start, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    directory = content[start:end] * rows
    return content[:start] + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), start, 0)


def nested(depth: int) -> bytes:
    """Return a ZIP in a ZIP in a ZIP ..."""
    content = b"the end"
    name = "end.txt"
    for level in range(depth + 1):
        content, name = zipped({name: content}), f"{level}.zip"
    return content


def encrypted_zip() -> bytes:
    """Return a ZIP whose entry says that it has a password."""
    content = bytearray(zipped({"secret.txt": b"secret"}))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + place] |= 1
    return bytes(content)


def link_zip() -> bytes:
    """Return a ZIP that holds a symbolic link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("innocent.txt")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def box(brand: bytes) -> bytes:
    """Return the head of an MP4-like file of this brand."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0" + brand + b"isom" + bytes(64)
