"""Counting what a ZIP unpacks to, in small pieces and without keeping anything."""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from files.signatures import CHUNK, NotAFile, refuse_crowd

#: How many archives deep one may be.
DEPTH = 2
#: Bytes of an entry that are kept in memory while it is looked into; the rest waits in a temporary file.
SPOOL = 1024 * 1024
_ZIP = b"PK\x03\x04"
_HEADER = struct.Struct("<4s22xHH")
_DRIVE = re.compile(r"[A-Za-z]:")
_LINK, _TYPE_BITS = 0o120000, 0o170000
_ENCRYPTED = 0x1


@dataclass(slots=True)
class Budget:
    """What is left of an archive's allowance."""

    entries: int
    octets: int

    def spend(self, octets: int) -> None:
        """Take bytes. Raises NotAFile when nothing is left."""
        self.octets -= octets
        if self.octets < 0:
            raise NotAFile("bomb")


def count_archive(file: IO[bytes], budget: Budget, *, depth: int = DEPTH) -> None:
    """Unpack every entry of a ZIP and take its bytes from `budget`; archives inside are counted too.

    Raises NotAFile for a bomb (too much, an entry that overlaps another or is longer than it says), for too many
    archives inside each other, a path that leaves the folder, a link, an encrypted entry, and a broken archive.
    """
    refuse_crowd(file, budget.entries)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, RuntimeError, struct.error) as error:
        raise NotAFile("broken") from error
    budget.entries -= len(entries)
    if budget.entries < 0 or sum(entry.file_size for entry in entries) > budget.octets:
        raise NotAFile("bomb")
    _refuse_overlaps(entries)
    for entry in entries:
        _refuse_bad_entry(entry)
        _count_entry(file, entry, budget, depth=depth)


def _refuse_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise NotAFile("bomb")
        end = entry.header_offset + _HEADER.size + entry.compress_size


def _refuse_bad_entry(entry: zipfile.ZipInfo) -> None:
    path = entry.orig_filename.replace("\\", "/")
    if path.startswith("/") or ".." in path.split("/") or _DRIVE.match(path) or "\x00" in path:
        raise NotAFile("path")
    if entry.external_attr >> 16 & _TYPE_BITS == _LINK:
        raise NotAFile("path")
    if entry.flag_bits & _ENCRYPTED:
        raise NotAFile("encrypted")


def _count_entry(file: IO[bytes], entry: zipfile.ZipInfo, budget: Budget, *, depth: int) -> None:
    counted = 0
    with tempfile.SpooledTemporaryFile(max_size=SPOOL) as inner:
        is_archive = False
        for piece in _pieces(file, entry):
            if not counted:
                is_archive = piece.startswith(_ZIP)
            counted += len(piece)
            budget.spend(len(piece))
            if is_archive:
                inner.write(piece)
        if counted != entry.file_size:
            raise NotAFile("bomb")
        if is_archive:
            if depth == 0:
                raise NotAFile("nested")
            count_archive(inner, budget, depth=depth - 1)


def _pieces(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the unpacked bytes of an entry, at most CHUNK at once, to the true end of its data."""
    file.seek(entry.header_offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_ZIP):
        raise NotAFile("broken")
    _magic, name, extra = _HEADER.unpack(header)
    file.seek(name + extra, 1)
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from _raw(file, entry.compress_size)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(file, entry.compress_size)
    else:
        raise NotAFile("method")


def _raw(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left > 0:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise NotAFile("broken")
        left -= len(chunk)
        yield chunk


def _inflated(file: IO[bytes], left: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in _raw(file, left):
            waiting = chunk
            while waiting:
                piece = engine.decompress(waiting, CHUNK)
                waiting = engine.unconsumed_tail
                if piece:
                    yield piece
            if engine.unused_data:
                raise NotAFile("broken")
        while piece := engine.decompress(b"", CHUNK):
            yield piece
    except zlib.error as error:
        raise NotAFile("broken") from error
    if not engine.eof:
        raise NotAFile("broken")
