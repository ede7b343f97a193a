"""HTTP on the wire: threads, connections, headers."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from tests.stripe_server.errors import server_error
from tests.stripe_server.faults import Dropped
from tests.stripe_server.idempotency import Answer
from tests.stripe_server.pages import Page
from tests.stripe_server.world import API_VERSION


class Owner(Protocol):
    """Who answers."""

    bugs: list[str]

    def serve(self, method: str, target: str, headers: Any, body: bytes) -> Answer: ...

    def show(self, method: str, target: str, body: bytes) -> Page: ...


class Listener(ThreadingHTTPServer):
    """Threads for the calls, and a list of the open connections, to close them at the end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner: Owner) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        self.server_close()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        owner = self.server.owner
        if self.path.startswith("/_test/"):
            page = owner.show(self.command, self.path, body)
            self.send(page.status, page.content, page.headers)
            return
        try:
            answer = owner.serve(self.command, self.path, self.headers, body)
        except Dropped:
            self.close_connection = True
            return
        except Exception:  # noqa: BLE001 - a bug of this server must be seen by its test, and not be taken for a fault
            owner.bugs.append(traceback.format_exc())
            answer = Answer(500, server_error(), "req_bug")
        headers = {"Content-Type": "application/json", "Request-Id": answer.request_id, "Stripe-Version": API_VERSION}
        if key := self.headers.get("Idempotency-Key"):
            headers["Idempotency-Key"] = key
        if answer.replay_of is not None:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.replay_of}
        self.send(answer.status, json.dumps(answer.body).encode(), headers)

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        with contextlib.suppress(OSError):  # who asked may have gone
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_DELETE = respond  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: calls are in `StripeServer.calls`."""
