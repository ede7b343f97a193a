"""A web server as `make run` starts it, whose processor time can be read."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def cpu_of(pid: int) -> float:
    """Return the user and system seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Server:
    """One uvicorn with one worker."""

    def __init__(self, application: str, **environ: str) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--lifespan", "off", "--no-access-log", "--no-server-header", "--log-level", "error"]
        command += [
            "--ws-max-size",
            "131072",
            "--timeout-keep-alive",
            "600",
        ]  # a side that waits for its turn keeps its connection
        base = f"http://localhost:{self.port}"
        env = {**os.environ, "DATABASE_POOL_SIZE": "8", "DEBUG": "0", "BASE_URL": base, **environ}
        self.process = subprocess.Popen(command, env=env)
        self.line: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                self.line = http.client.HTTPConnection("localhost", self.port)
                return self
            time.sleep(0.1)
        raise SystemExit("benchmarks: the server did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(10)

    def ask(self, path: str, *, body: str | None = None, **headers: str) -> int:
        """Send one request on the kept connection, read the whole answer and return its status."""
        if self.line is None:
            raise RuntimeError("the server is not running")
        self.line.request("POST" if body else "GET", path, body, headers)
        answer = self.line.getresponse()
        answer.read()
        return answer.status

    def cpu(self) -> float:
        """Return the user and system seconds that the server has used."""
        return cpu_of(self.process.pid)
