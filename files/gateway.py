"""The outside world of files: the folder they lie in, and the scanner that looks for malware."""

from __future__ import annotations

import logging
from typing import BinaryIO, Protocol

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class ScannerFailed(Exception):
    """The scanner could not be asked or did not answer; nothing is known about the file."""


class Scanner(Protocol):
    """What an operator may put in FILES_SCANNER, as the dotted path of a class without arguments."""

    def scan(self, file: BinaryIO) -> str:
        """Return the name of the malware in `file`, or an empty text. Raises ScannerFailed."""
        ...


def store() -> Storage:
    """Return the private folder, PRIVATE_FILES_ROOT."""
    return default_storage


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
