"""Checking an upload by its content, and keeping it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.text import file_size
from files import pictures
from files.archives import Budget, count_archive
from files.gateway import ScannerFailed, malware_in, store
from files.models import StoredFile
from files.names import clean_name, split_name, with_ending
from files.permissions import can_store_file
from files.pictures import Crop, Picture
from files.registry import owner_of
from files.signatures import (
    CHUNK,
    HTML,
    OCTETS,
    RUNNABLE,
    SVG,
    TABLE,
    TEXT,
    XML,
    Kind,
    NotAFile,
    all_endings,
    hides_archive,
    kind_of,
)

#: Why the content of a file is refused; each takes the file's name and, where it says so, what was found.
REASONS: Mapping[str, object] = {
    "empty": gettext_lazy("“%(name)s” is empty."),
    "program": gettext_lazy("“%(name)s” is a program or a script. Send source code in a ZIP file."),
    "sealed": gettext_lazy("“%(name)s” is packed with %(label)s, which cannot be checked. Pack it as a ZIP file."),
    "unknown": gettext_lazy("“%(name)s” is of a kind that is not known here. Pack it in a ZIP file."),
    "broken": gettext_lazy("“%(name)s” is damaged and cannot be read. Save it anew and send that."),
    "bomb": gettext_lazy("“%(name)s” unpacks to more than is allowed. Split it into smaller ZIP files."),
    "nested": gettext_lazy("“%(name)s” has too many ZIP files inside each other. Pack the files themselves."),
    "path": gettext_lazy("“%(name)s” holds a path that leads out of its folder. Pack the files anew."),
    "encrypted": gettext_lazy("“%(name)s” is protected by a password, so it cannot be checked. Pack it without one."),
    "method": gettext_lazy("“%(name)s” is packed in an unusual way. Pack it anew with the standard method (Deflate)."),
    "pixels": gettext_lazy("“%(name)s” has too many pixels. The most is %(megapixels)s megapixels."),
    "small": gettext_lazy("“%(name)s” is too small. Choose a picture of %(side)s × %(side)s pixels or more."),
    "mixed": gettext_lazy("“%(name)s” is two kinds of file at once. Save it anew and send that."),
}

_FAMILIES = ({SVG, HTML, XML, TEXT, TABLE},)

_KIND_WORDS = {"text": pgettext_lazy("kind of file", "text")}


class FileTooLarge(DomainError):
    """A file may not have more bytes than `file_bytes_maximum`."""


class FileRefused(DomainError):
    """The content or the name of the file is something the store does not keep."""


class FileInfected(DomainError):
    """The scanner found malware."""


class TooManyLooseFiles(DomainError):
    """A person has more uploads waiting than they can mean to send."""


def store_file(*, upload: File[bytes], kind: str, by: Actor, at: datetime) -> StoredFile:
    """Check an upload and keep it, belonging to nothing yet.

    The type is found in the content, whatever the browser said; pictures are decoded and written again without
    camera data; ZIPs are counted. Where a scanner is set up and does not answer, the file stays in quarantine.
    Give it to a thing with `attach_files` within a day. Not in a transaction: the row is written first, so that
    no byte lies in the folder without one.

    Raises NotAllowed for anybody but a signed-in person, TooManyLooseFiles, FileTooLarge, FileRefused with what
    to do instead, also for a type that things of this kind do not take, FileInfected.
    """
    name = _admit(upload, kind, by)
    content = cast("BinaryIO", upload.file)
    try:
        found = kind_of(content, entries=rules().archive_entries_maximum)
        name, media_type = _named(name, found)
        _check_taken(kind, name, media_type)
        if found.is_archive:
            count_archive(content, Budget(rules().archive_entries_maximum, rules().archive_bytes_maximum))
        elif hides_archive(content) and not found.is_image:
            raise NotAFile("mixed")
        is_clean = _scan(name, content)
        picture = pictures.rewrite(content, found, pixels=rules().image_pixels_maximum) if found.is_image else None
    except NotAFile as error:
        raise _refusal(name, error) from error
    if picture:
        return _keep_picture(picture, name, kind, is_clean=is_clean, by=by, at=at)
    return _keep(upload, name=name, media_type=media_type, kind=kind, is_clean=is_clean, by=by, at=at)


def store_image(*, upload: File[bytes], kind: str, by: Actor, at: datetime, crop: Crop = pictures.MIDDLE) -> StoredFile:
    """Check a picture of a person and keep a square of it, of 512 by 512 pixels: its middle, or what was chosen.

    Raises what `store_file` raises; FileRefused too for a file that is no PNG, JPEG, GIF or WebP picture.
    """
    name = _admit(upload, kind, by)
    content = cast("BinaryIO", upload.file)
    try:
        found = kind_of(content, entries=rules().archive_entries_maximum)
        if not found.is_image:
            raise FileRefused(_("“%(name)s” is not a picture. Choose a JPEG, PNG, GIF or WebP file.") % {"name": name})
        name, _media_type = _named(name, found)
        is_clean = _scan(name, content)
        picture = pictures.rewrite_square(content, found, pixels=rules().image_pixels_maximum, crop=crop)
    except NotAFile as error:
        raise _refusal(name, error) from error
    return _keep_picture(picture, with_ending(name, "jpg"), kind, is_clean=is_clean, by=by, at=at)


def _admit(upload: File[bytes], kind: str, by: Actor) -> str:
    """Return the cleaned name of an upload that may be looked at."""
    owner_of(kind)
    if not can_store_file(by):
        raise NotAllowed(_("Sign in to upload files."))
    name = clean_name(upload.name or "", fallback=_("file"))
    if (upload.size or 0) > rules().file_bytes_maximum:
        raise FileTooLarge(
            _("“%(name)s” is too large (%(size)s). The most is %(maximum)s.")
            % {"name": name, "size": file_size(upload.size), "maximum": file_size(rules().file_bytes_maximum)}
        )
    if split_name(name)[1] in RUNNABLE:
        raise _refusal(name, NotAFile("program"))
    if StoredFile.objects.loose().filter(uploaded_by_id=cast("int", by.user_id)).count() >= rules().loose_files_maximum:
        raise TooManyLooseFiles(_("You have many uploads that are not sent yet. Send them, or try again tomorrow."))
    return name


def _check_taken(kind: str, name: str, media_type: str) -> None:
    """Do nothing for a type that things of this kind take. Raises FileRefused for any other."""
    takes = owner_of(kind).takes
    if not takes or media_type in takes:
        return
    if "application/pdf" in takes:
        raise FileRefused(_("“%(name)s” is neither a PDF nor a picture. Save it as one of these.") % {"name": name})
    raise FileRefused(_("“%(name)s” is not a picture. Choose a JPEG, PNG, GIF or WebP file.") % {"name": name})


def _named(name: str, found: Kind) -> tuple[str, str]:
    """Return the name and media type to keep. Raises FileRefused where the ending says another type than the content.

    A picture under another picture's ending, or a name without one, gets the right ending.
    """
    _stem, ending = split_name(name)
    known = all_endings()
    family = next((group for group in _FAMILIES if found in group), {found})
    if any(ending in each.endings for each in family):
        return name, _text_type(found, ending)
    if ending not in known:
        is_text = found is TEXT and bool(ending)
        return (name, OCTETS) if is_text else (clean_name(f"{name}.{found.endings[0]}"), found.media_type)
    if found.is_image and known[ending] in {"PNG", "JPEG", "GIF", "WebP"}:
        return with_ending(name, found.endings[0]), found.media_type
    raise FileRefused(
        _("“%(name)s” is not what its name says: its content is %(label)s. Rename it or save it anew.")
        % {"name": name, "label": _KIND_WORDS.get(found.label, found.label)}
    )


def _text_type(found: Kind, ending: str) -> str:
    if found is not TEXT:
        return found.media_type
    if ending in TABLE.endings:
        return TABLE.media_type
    return TEXT.media_type if ending in TEXT.endings else OCTETS


def _refusal(name: str, error: NotAFile) -> FileRefused:
    most = int(error.label) if error.reason == "pixels" and error.label else rules().image_pixels_maximum
    return FileRefused(
        str(REASONS[error.reason])
        % {"name": name, "label": error.label, "megapixels": most // 1_000_000, "side": pictures.SQUARE_LEAST}
    )


def _scan(name: str, content: BinaryIO) -> bool:
    """Test whether the scanner found the content clean; False where it did not answer."""
    try:
        malware = malware_in(content)
    except ScannerFailed:
        return False
    if malware:
        raise FileInfected(_("“%(name)s” holds malware and was not kept. Check your computer.") % {"name": name})
    return True


def _keep_picture(picture: Picture, name: str, kind: str, *, is_clean: bool, by: Actor, at: datetime) -> StoredFile:
    return _keep(
        ContentFile(picture.data),
        name=name,
        media_type=picture.kind.media_type,
        kind=kind,
        is_clean=is_clean,
        by=by,
        at=at,
        picture=picture,
    )


def _keep(
    content: File[bytes],
    *,
    name: str,
    media_type: str,
    kind: str,
    is_clean: bool,
    by: Actor,
    at: datetime,
    picture: Picture | None = None,
) -> StoredFile:
    """Write the row in quarantine, then the bytes, then open it; a crash between leaves a row for the sweep."""
    token = secrets.token_hex(20)
    size, digest = _digest(content)
    file = StoredFile.objects.create(
        owner_kind=kind,
        uploaded_by_id=cast("int", by.user_id),
        uploaded_for_id=by.party_id,
        name=name,
        media_type=media_type,
        size=size,
        sha256=digest,
        path=f"{token[:2]}/{token}",
        is_image=picture is not None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        created_at=at,
    )
    store().save(file.path, content)
    for copy, data in picture.copies.items() if picture else ():
        store().save(file.copy_path(copy), ContentFile(data))
    if is_clean:
        file.state = StoredFile.State.READY
        file.save(update_fields=["state"])
    return file


def _digest(content: File[bytes]) -> tuple[int, str]:
    seen, size = hashlib.sha256(), 0
    for chunk in content.chunks(CHUNK):
        seen.update(chunk)
        size += len(chunk)
    content.seek(0)
    return size, seen.hexdigest()
