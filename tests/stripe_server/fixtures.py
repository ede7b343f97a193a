"""Fixtures: the local Stripe, the official client for it, and localstripe as a second witness for cards."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import stripe

    from tests.stripe_server import StripeServer


@pytest.fixture
def stripe_server() -> Iterator[StripeServer]:
    """Serve a Stripe of the test's own; at the end its books must add up and it must not have erred."""
    from tests.stripe_server import StripeServer

    with StripeServer() as server:
        yield server
        server.webhooks.settle()
        server.check()


@pytest.fixture
def stripe_client(stripe_server: StripeServer) -> stripe.StripeClient:
    """Return the official client, pointed at the local Stripe."""
    return stripe_server.client()


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


#: localstripe, but for the file that it writes after each change: its place is the same for every user of a machine.
WITNESS = """
from localstripe.resources import Store
Store.dump_to_disk = lambda self: None
from localstripe.server import start
start()
"""


@pytest.fixture(scope="session")
def second_witness() -> Iterator[stripe.StripeClient]:
    """Return the official client, pointed at localstripe: code of other people, in a process of its own."""
    import stripe

    port = free_port()
    command = [sys.executable, "-W", "ignore", "-c", WITNESS, "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while not answers(port):
            assert process.poll() is None, "localstripe ended by itself"
            assert time.monotonic() < until, "localstripe did not start"
            time.sleep(0.05)
        url = f"http://127.0.0.1:{port}"
        addresses: Any = {"api": url, "connect": url, "files": url, "meter_events": url}
        yield stripe.StripeClient("sk_test_12345", base_addresses=addresses, max_network_retries=0)
    finally:
        process.terminate()
        process.wait(timeout=10)
