"""What a file is by its content: a table of signatures, the names inside a ZIP, and a test for plain text."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, BinaryIO

HEAD = 4096
CHUNK = 64 * 1024
OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file: its media type, the endings it may have (the first is given to a name without one), its name."""

    media_type: str
    endings: tuple[str, ...]
    label: str
    is_image: bool = False
    is_archive: bool = False


PNG = Kind("image/png", ("png", "apng"), "PNG", is_image=True)
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "JPEG", is_image=True)
GIF = Kind("image/gif", ("gif",), "GIF", is_image=True)
WEBP = Kind("image/webp", ("webp",), "WebP", is_image=True)
PDF = Kind("application/pdf", ("pdf", "ai"), "PDF")
ZIP = Kind(
    "application/zip",
    ("zip", "sketch", "fig", "xd", "procreate", "3mf", "skp", "numbers", "pages", "key"),
    "ZIP",
    is_archive=True,
)
OLE = Kind("application/x-ole-storage", ("doc", "xls", "ppt", "msg"), "Microsoft Office 97")
SVG = Kind(OCTETS, ("svg",), "SVG")
HTML = Kind(OCTETS, ("html", "htm", "xhtml"), "HTML")
XML = Kind(
    OCTETS, ("xml", "xsd", "xsl", "gpx", "kml", "rss", "musicxml", "ttml", "drawio", "xliff", "xlf", "tmx"), "XML"
)
TEXT = Kind(
    "text/plain",
    (
        *("txt", "text", "md", "markdown", "log", "srt", "vtt", "tex", "bib", "po", "pot", "ics", "vcf", "rtf", "sql"),
        *("json", "geojson", "ndjson", "yaml", "yml", "toml", "ini", "properties", "strings", "css", "scss"),
        *("obj", "mtl", "gcode", "dxf", "step", "stp", "iges", "igs", "stl", "eps", "ps"),
    ),
    "text",
)
TABLE = Kind("text/csv", ("csv", "tsv"), "CSV")
INDESIGN = Kind("application/x-indesign", ("indd",), "InDesign")

#: (bytes, place in the file, type): the first that fits decides.
SIGNATURES: tuple[tuple[bytes, int, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, PNG),
    (b"\xff\xd8\xff", 0, JPEG),
    (b"GIF87a", 0, GIF),
    (b"GIF89a", 0, GIF),
    (b"WEBP", 8, WEBP),
    (b"%PDF-", 0, PDF),
    (b"PK\x03\x04", 0, ZIP),
    (b"PK\x05\x06", 0, ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, OLE),
    (b"ID3", 0, Kind("audio/mpeg", ("mp3",), "MP3")),
    (b"WAVE", 8, Kind("audio/wav", ("wav",), "WAV")),
    (b"AVI ", 8, Kind("video/x-msvideo", ("avi",), "AVI")),
    (b"fLaC", 0, Kind("audio/flac", ("flac",), "FLAC")),
    (b"OggS", 0, Kind("audio/ogg", ("ogg", "oga", "ogv", "opus"), "Ogg")),
    (b"FORM", 0, Kind("audio/aiff", ("aif", "aiff"), "AIFF")),
    (b"MThd", 0, Kind("audio/midi", ("mid", "midi"), "MIDI")),
    (b"\x1aE\xdf\xa3", 0, Kind("video/webm", ("webm", "mkv", "mka"), "WebM")),
    (b"ftypM4A", 4, Kind("audio/mp4", ("m4a",), "M4A")),
    (b"ftypqt", 4, Kind("video/quicktime", ("mov",), "QuickTime")),
    (b"ftypheic", 4, Kind("image/heic", ("heic", "heif"), "HEIC")),
    (b"ftypmif1", 4, Kind("image/heic", ("heic", "heif", "avif"), "HEIC")),
    (b"ftypavif", 4, Kind("image/avif", ("avif",), "AVIF")),
    (b"ftyp", 4, Kind("video/mp4", ("mp4", "m4v", "mov", "3gp"), "MP4")),
    (b"8BPS", 0, Kind("image/vnd.adobe.photoshop", ("psd", "psb"), "Photoshop")),
    (b"II*\x00", 0, Kind("image/tiff", ("tif", "tiff", "dng", "nef", "arw"), "TIFF")),
    (b"MM\x00*", 0, Kind("image/tiff", ("tif", "tiff", "dng"), "TIFF")),
    (b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d", 0, INDESIGN),
    (b"AC10", 0, Kind("image/vnd.dwg", ("dwg",), "DWG")),
    (b"BLENDER", 0, Kind("application/x-blender", ("blend",), "Blender")),
    (b"glTF", 0, Kind("model/gltf-binary", ("glb",), "glTF")),
    (b"wOF2", 0, Kind("font/woff2", ("woff2",), "WOFF2")),
    (b"wOFF", 0, Kind("font/woff", ("woff",), "WOFF")),
    (b"OTTO", 0, Kind("font/otf", ("otf",), "OpenType")),
    (b"\x00\x01\x00\x00\x00", 0, Kind("font/ttf", ("ttf",), "TrueType")),
    (b"SQLite format 3\x00", 0, Kind("application/vnd.sqlite3", ("sqlite", "sqlite3", "db", "gpkg"), "SQLite")),
    (b"PAR1", 0, Kind("application/vnd.apache.parquet", ("parquet",), "Parquet")),
)  # fmt: skip

#: The mark of each row of a ZIP's directory, and how much of the entry that names a document's type is read.
_ROW = b"PK\x01\x02"
_MIME_LENGTH = 80

#: What makes a ZIP an office document: a folder inside it, whether it holds macros, the type.
_VBA = "vbaProject.bin"
_OOXML = "application/vnd.openxmlformats-officedocument"
OFFICE: tuple[tuple[str, bool, Kind], ...] = (
    ("word/", False, Kind(f"{_OOXML}.wordprocessingml.document", ("docx", "dotx"), "Word")),
    ("word/", True, Kind("application/vnd.ms-word.document.macroEnabled.12", ("docm",), "Word with macros")),
    ("xl/", False, Kind(f"{_OOXML}.spreadsheetml.sheet", ("xlsx", "xltx"), "Excel")),
    ("xl/", True, Kind("application/vnd.ms-excel.sheet.macroEnabled.12", ("xlsm",), "Excel with macros")),
    ("ppt/", False, Kind(f"{_OOXML}.presentationml.presentation", ("pptx", "potx", "ppsx"), "PowerPoint")),
    ("ppt/", True, Kind("application/vnd.ms-powerpoint.presentation.macroEnabled.12", ("pptm",), "PowerPoint macros")),
)
OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": ("odt", "ott"),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods", "ots"),
    "application/vnd.oasis.opendocument.presentation": ("odp", "otp"),
    "application/vnd.oasis.opendocument.graphics": ("odg",),
    "application/epub+zip": ("epub",),
}

#: Content that runs, whatever it is called.
PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"dex\n", b"\x00asm", b"#!", b"<?php", b"<%@", b"L\x00\x00\x00\x01\x14\x02\x00", b"!<arch>\n",
)  # fmt: skip
#: Endings that make a computer run a file. Source code is welcome inside a ZIP.
RUNNABLE = frozenset(
    {
        *("exe", "com", "bat", "cmd", "scr", "pif", "msi", "msp", "dll", "sys", "cpl", "jar", "class", "apk", "aab"),
        *("ipa", "app", "dmg", "pkg", "deb", "rpm", "run", "bin", "appimage", "lnk", "url", "reg", "inf", "js", "mjs"),
        *("cjs", "jse", "ts", "jsx", "tsx", "vbs", "vbe", "wsf", "wsh", "hta", "ps1", "psm1", "sh", "bash", "zsh"),
        *("fish", "csh", "command", "py", "pyw", "pyc", "rb", "pl", "php", "phtml", "phar", "asp", "aspx", "jsp"),
        *("cgi", "swf", "xap", "gadget", "scf", "chm", "hlp", "iso", "img", "vhd", "vhdx", "one"),
    }
)
#: Packed files that cannot be looked into here.
SEALED = {
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"MSCF": "CAB",
}
_MARKUP = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|script|iframe|object|embed|img|svg|form|meta|link|base)\b", re.IGNORECASE
)
_SVG = re.compile(rb"<\s*(?:[a-z]+:)?svg\b", re.IGNORECASE)
_COMMENTS = re.compile(rb"<!--.*?-->", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class NotAFile(ValueError):
    """The content is something the store does not keep; `reason` is a key that the verb turns into words."""

    def __init__(self, reason: str, label: str = "") -> None:
        super().__init__(reason)
        self.reason, self.label = reason, label


def kind_of(file: BinaryIO, *, entries: int) -> Kind:
    """Return what a file is by its content alone.

    Raises NotAFile for programs, sealed archives and the unknown, and for a ZIP of more than `entries` files.
    """
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise NotAFile("empty")
    if head.startswith(PROGRAMS):
        raise NotAFile("program")
    for magic, label in SEALED.items():
        if head.startswith(magic):
            raise NotAFile("sealed", label)
    for magic, place, kind in SIGNATURES:
        if head[place : place + len(magic)] == magic:
            return _office_kind(file, entries) if kind is ZIP else kind
    if head[:2] in {b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"}:  # sound frames without a tag before them
        return Kind("audio/mpeg", ("mp3",), "MP3")
    return _text_kind(file)


def all_endings() -> dict[str, str]:
    """Return the label of the type each known ending stands for."""
    kinds = [
        *(kind for _magic, _place, kind in SIGNATURES),
        *(kind for *_rest, kind in OFFICE),
        SVG,
        HTML,
        XML,
        TABLE,
        TEXT,
    ]
    known = {ending: kind.label for kind in reversed(kinds) for ending in kind.endings}
    return known | {ending: "OpenDocument" for endings in OPEN_DOCUMENT.values() for ending in endings}


def refuse_crowd(file: IO[bytes], most: int) -> None:
    """Refuse a ZIP whose directory may name more than `most` files, before anything takes that directory apart.

    The marks of its rows are counted over the whole file: the number that the directory gives may be a lie. The rows of
    a ZIP that lies inside, unpacked, are counted too, as its files are. Raises NotAFile.
    """
    file.seek(0)
    rows, end = 0, b""
    while chunk := file.read(CHUNK):
        window = end + chunk
        rows += window.count(_ROW)
        if rows > most:
            raise NotAFile("bomb")
        end = window[1 - len(_ROW) :]


def _office_kind(file: BinaryIO, entries: int) -> Kind:
    refuse_crowd(file, entries)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            mime = _first_bytes(archive, "mimetype") if names[:1] == ["mimetype"] else ""
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, KeyError, OSError) as error:
        raise NotAFile("broken") from error
    if mime in OPEN_DOCUMENT:
        return Kind(mime, OPEN_DOCUMENT[mime], "OpenDocument", is_archive=True)
    if "[Content_Types].xml" in names:
        has_macros = any(name.endswith(_VBA) for name in names)
        for folder, with_macros, kind in OFFICE:
            if with_macros == has_macros and any(name.startswith(folder) for name in names):
                return Kind(kind.media_type, kind.endings, kind.label, is_archive=True)
    return ZIP


def _first_bytes(archive: zipfile.ZipFile, name: str) -> str:
    """Return the beginning of an entry; no more of it is unpacked than that, whatever it would grow to."""
    with archive.open(name) as entry:
        return entry.read(_MIME_LENGTH).decode("ascii", "replace").strip()


def _text_kind(file: BinaryIO) -> Kind:
    """Return the type of a text, read whole in pieces. Raises NotAFile if it is none."""
    file.seek(0)
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8-sig")()
    head = b""
    is_wide = False
    while chunk := file.read(CHUNK):
        if not head:
            head = chunk[:HEAD]
            is_wide = head[:2] in {b"\xff\xfe", b"\xfe\xff"}
        if is_wide:
            continue
        if _CONTROL.search(chunk):
            raise NotAFile("unknown")
        try:
            if decoder:
                decoder.decode(chunk)
        except UnicodeDecodeError:
            decoder = None  # an older one-byte encoding, as spreadsheets still write it
    if is_wide:
        return _wide_text_kind(file)
    return _markup_kind(head)


def _wide_text_kind(file: BinaryIO) -> Kind:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-16")()
    head = ""
    try:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            head = head or text[:HEAD]
            if "\x00" in text:
                raise NotAFile("unknown")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise NotAFile("unknown") from error
    return _markup_kind(head.encode("utf-8"))


def _markup_kind(head: bytes) -> Kind:
    """Return SVG, HTML or XML for a text that begins as one, else plain text."""
    start = _COMMENTS.sub(b"", head).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        return TEXT
    if _SVG.search(start):
        return SVG
    if _MARKUP.match(start):
        return HTML
    return XML if start.startswith((b"<?xml", b"<!DOCTYPE")) else TEXT


def hides_archive(file: BinaryIO) -> bool:
    """Test whether a file that is no ZIP can be opened as one all the same."""
    file.seek(0)
    try:
        return zipfile.is_zipfile(file)
    except (OSError, ValueError):
        return True
