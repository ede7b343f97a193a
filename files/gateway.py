"""The outside world of files: the folder or bucket they lie in, and the scanner that looks for malware."""

from __future__ import annotations

import logging
from typing import BinaryIO, Protocol

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core.errors import DomainError

logger = logging.getLogger(__name__)


class StoreAway(DomainError):
    """The bucket does not answer, or refuses us; nothing is known about the file, and nothing was kept."""

    status_code = 503


class ScannerFailed(Exception):
    """The scanner could not be asked or did not answer; nothing is known about the file."""


class Scanner(Protocol):
    """What an operator may put in FILES_SCANNER, as the dotted path of a class without arguments."""

    def scan(self, file: BinaryIO) -> str:
        """Return the name of the malware in `file`, or an empty text. Raises ScannerFailed."""
        ...


def store() -> Storage:
    """Return the private folder, PRIVATE_FILES_ROOT, or the bucket FILES_STORE_BUCKET."""
    return default_storage


def store_away() -> StoreAway:
    """Return the refusal of a store that does not answer, for the reader."""
    return StoreAway(_("Files cannot be reached at the moment. Nothing was lost; try again in some minutes."))


def direct_link(path: str, *, media_type: str, disposition: str) -> str:
    """Return a link of a minute to the bucket itself, or an empty text where the site sends the bytes.

    Call it only after asking who may read the file: whoever holds the link may use it as long as it lives.
    """
    if not settings.FILES_STORE_BUCKET or settings.FILES_STORE_LINKS != "redirect":
        return ""
    link: str = default_storage.link(path, media_type=media_type, disposition=disposition)  # type: ignore[attr-defined]
    return link


def has_scanner() -> bool:
    """Test whether this installation has a scanner."""
    return bool(getattr(settings, "FILES_SCANNER", ""))


def malware_in(file: BinaryIO) -> str:
    """Return the name of what the scanner found, or an empty text: also where there is no scanner.

    Raises ScannerFailed when there is one and it does not answer, whatever the reason.
    """
    if not has_scanner():
        return ""
    try:
        scanner: Scanner = import_string(settings.FILES_SCANNER)()
        file.seek(0)
        return scanner.scan(file)
    except ScannerFailed:
        logger.warning("the file scanner did not answer")
        raise
    except Exception as error:
        logger.exception("the file scanner failed")
        raise ScannerFailed from error
