"""What a first visit on a phone loads and how still it stays: bytes and layout shift in an empty Chromium profile."""

from __future__ import annotations

from benchmarks.world import World, session_of  # isort: skip  (names the servers to use)

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.figures import report, tell
from benchmarks.server import Server
from tests.chromium import FLAGS, find_chromium

SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) sum += e.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 500);
})"""


def visit(context: BrowserContext, url: str) -> tuple[float, float]:
    """Open a page and return the encoded bytes of all its answers, in KB of 1 000, and its layout shift."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    shift = float(page.evaluate(SHIFTS))
    page.close()
    return sum(sizes) / 1000, shift


def main(world: World) -> None:
    """Measure and print `bytes_*` and `cls_*`."""
    browser_path = find_chromium()
    if browser_path is None:
        raise SystemExit("benchmarks.first_view: no Chromium was found; set CHROMIUM to its path")
    pages = {
        "landing": ("/", False),
        "job_list": ("/jobs/", True),
        "job_page": (f"/jobs/{world.job.pk}/", True),
        "contract": (f"/contracts/{world.contract.pk}/", True),
    }
    shifts: dict[str, float] = {}
    value = session_of(world.freelancer)  # before Playwright's loop, in which Django refuses the database
    with tempfile.TemporaryDirectory() as folder:
        tell("building the static files ...")
        built = {"STATIC_MANIFEST": "1", "STATIC_ROOT": str(Path(folder) / "static")}
        collect(built)
        with Server("marketplace.asgi:application", **built) as site, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=browser_path, args=list(FLAGS))
            for name, (path, is_signed_in) in pages.items():
                context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
                if is_signed_in:
                    host = f"http://localhost:{site.port}"
                    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": host}])
                size, shifts[name] = visit(context, f"http://localhost:{site.port}{path}")
                report(f"bytes_{name}", size, "<=75")
                context.close()
            browser.close()
    for name in ("landing", "job_list", "contract"):
        report(f"cls_{name}", shifts[name], "<=0")


def collect(built: dict[str, str]) -> None:
    """Build the manifest with Brotli, as an installation does once."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(command, env={**os.environ, **built}, check=True, cwd=settings.BASE_DIR)
