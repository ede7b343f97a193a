"""How long `make run` takes on a clone that is set up, until the first page."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from statistics import median

from benchmarks.figures import report, tell
from benchmarks.server import free_port

ROUNDS, PATIENCE = 5, 600


def seconds_to_first_page() -> float:
    """Start the site, wait for its first 200, stop it, and return how long the page took."""
    port = free_port()
    env = {key: value for key, value in os.environ.items() if key not in {"DEMO_CLOCK", "BASE_URL"}}
    env |= {"PORT": str(port), "JALON_STACK": "bench-start"}
    began = time.monotonic()
    site = subprocess.Popen(
        ["make", "run"],
        env=env,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - began < PATIENCE:
            url = f"http://localhost:{port}/"
            failing = suppress(urllib.error.URLError, ConnectionError)
            with failing, urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise SystemExit("benchmarks.start: the site did not start")
    finally:
        os.killpg(site.pid, signal.SIGTERM)
        site.wait(60)


def main() -> None:
    """Measure and print `start_warm_s`."""
    tell(f"a first start, which sets up: {seconds_to_first_page():.1f} s")
    times = []
    for number in range(ROUNDS):
        times.append(seconds_to_first_page())
        tell(f"start {number + 1}/{ROUNDS}: {times[-1]:.1f} s")
    report("start_warm_s", median(times), "<=10")


if __name__ == "__main__":
    main()
