"""The scanner ClamAV, asked over its own protocol: the file goes to its daemon in pieces and one line comes back."""

from __future__ import annotations

import logging
import socket
import struct
import time
from typing import BinaryIO
from urllib.parse import urlsplit

from django.conf import settings

from files.gateway import ScannerFailed

logger = logging.getLogger(__name__)
PORT = 3310
#: Bytes of one piece, and the most of an answer.
PIECE, MOST_ANSWER = 64 * 1024, 4096
#: Seconds to reach the daemon, for each piece or answer, and for the whole of a file.
CONNECT, STEP, WHOLE = 5.0, 30.0, 90.0


class ClamdScanner:
    """Asks the daemon at CLAMD_URL, `tcp://host:3310` or `unix:///path/of/clamd.ctl`."""

    def scan(self, file: BinaryIO) -> str:
        """Return the name of the malware in `file`, or an empty text.

        Raises ScannerFailed when the daemon is away, refuses the file (it is longer than its StreamMaxLength), is
        silent for too long, or answers anything but that it is clean or infected.
        """
        try:
            with _connect() as line:
                answer = _ask(line, file)
        except OSError as error:  # refused, reset, timed out
            raise ScannerFailed(f"clamd: {error}") from error
        verdict = answer.removeprefix("stream: ")
        if verdict == "OK":
            return ""
        if verdict.endswith(" FOUND"):
            return verdict.removesuffix(" FOUND") or "malware"
        logger.warning("clamd answered: %s", answer[:200])
        raise ScannerFailed(f"clamd: {answer[:200]}")


def _connect() -> socket.socket:
    parts = urlsplit(settings.CLAMD_URL)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(CONNECT)
            line.connect(parts.path)
        except OSError:
            line.close()
            raise
    else:
        line = socket.create_connection((parts.hostname or "localhost", parts.port or PORT), timeout=CONNECT)
    line.settimeout(STEP)
    return line


def _ask(line: socket.socket, file: BinaryIO) -> str:
    """Send the file in pieces, each after its length, then an empty one; return the line that comes back."""
    until = time.monotonic() + WHOLE
    try:
        line.sendall(b"zINSTREAM\0")
        while piece := file.read(PIECE):
            if time.monotonic() > until:
                raise TimeoutError("the whole took too long")
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        logger.info("clamd did not want the rest")  # it says why in its answer, if it still can
    answer = b""
    while not answer.endswith(b"\0"):
        if time.monotonic() > until or len(answer) > MOST_ANSWER:
            raise TimeoutError("the answer has no end")
        part = line.recv(MOST_ANSWER)
        if not part:
            raise ConnectionError("it hung up in the middle of its answer")
        answer += part
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
