"""A real browser on a real site: the product's own ASGI application under uvicorn, over the test database.

Playwright runs in a thread of its own, because its event loop must not meet the database; what a test does to the
database between two clicks runs in a third. Whatever the browser complains about fails the test.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connections

from core.clock import forget
from tests.chromium import FLAGS

Result = TypeVar("Result")
InBrowser = Callable[[Callable[[Any], Result]], Result]
#: What every test of a real site is: WhiteNoise hands static files on as WSGI does, and Django warns of it each time.
MARKS = (
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
)
#: Milliseconds after which a click that nothing answered fails.
PATIENCE = 20_000
#: Puts each report of the content security policy on the console, where the rest is collected.
TELL_REPORTS = """addEventListener("securitypolicyviolation", report => console.error(
    "CSP: " + report.violatedDirective + " " + report.blockedURI + " " + report.sourceFile));"""


@pytest.fixture(scope="session")
def in_browser(chromium: str) -> Iterator[InBrowser[Any]]:
    """Run a function with a browser, in the one thread where Playwright lives."""
    from playwright.sync_api import sync_playwright

    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        browser = thread.submit(lambda: playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))).result()
        yield lambda function: thread.submit(function, browser).result()
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """Serve the product on a free port and return its address."""
    import uvicorn

    from marketplace.asgi import application

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", access_log=False, log_level="warning", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="site")
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive(), "the site did not start"
            assert time.monotonic() < deadline, "the site did not start in time"
            time.sleep(0.01)
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
        forget()
    assert not thread.is_alive(), "the site did not stop"


@pytest.fixture
def outside() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Run a function with the database, outside the thread of the browser."""

    def run(function: Callable[[], Result]) -> Result:
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        yield lambda function: thread.submit(run, function).result()


@dataclass  # no slots: Playwright keeps its wrappers on the object that listens
class Visitor:
    """Somebody at a browser of their own: opens pages, fills fields, presses buttons, and remembers every complaint."""

    browser: Any
    site: str
    language: str = "en"
    has_script: bool = True
    theme: str = "light"
    width: int = 1280
    complaints: list[str] = field(default_factory=list)
    page: Any = None
    context: Any = None

    def __post_init__(self) -> None:
        """Open the browser's window."""
        self.context = self.browser.new_context(
            java_script_enabled=self.has_script,
            viewport={"width": self.width, "height": 900},
            color_scheme=self.theme,
            reduced_motion="reduce",
            locale="fr-FR" if self.language == "fr" else "en-GB",
        )
        self.context.set_default_timeout(PATIENCE)
        if self.has_script:
            self.context.add_init_script(TELL_REPORTS)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda problem: self._complain(str(problem.error)))
        self.context.on("requestfailed", self._fail)
        self.page = self.context.new_page()

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self._complain(f"{message.text} {(message.location or {}).get('url', '')}".strip())

    def _fail(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # left for another page
            self._complain(f"{request.url} {request.failure}")

    def _complain(self, text: str) -> None:
        self.complaints.append(f"{self.page.url if self.page else ''}: {text}")

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def sign_in(self, session: str, name: str) -> None:
        """Take over a session that was begun elsewhere."""
        self.context.add_cookies([{"name": name, "value": session, "url": self.site}])

    def open(self, path: str) -> int:
        """Open a page of the site in the visitor's language and return its status."""
        prefix = "" if self.language == "en" or path.startswith(f"/{self.language}/") else f"/{self.language}"
        answer = self.page.goto(f"{self.site}{prefix}{path}")
        return int(answer.status)

    def press(self, selector: str) -> None:
        """Press a button or follow a link that leads to a page, and wait for the page."""
        with self.page.expect_navigation():
            self.page.click(selector)
        self._read()

    def press_primary(self) -> None:
        """Press the one thing the page is for."""
        self.press("main .btn--primary")

    def follow(self, path: str) -> None:
        """Follow the first link of the page's content whose address contains this."""
        self.press(f'main a[href*="{path}"]')

    def send(self, selector: str) -> None:
        """Press a button of a form that, with script, is answered within the page."""
        if not self.has_script:
            self.press(selector)
            return
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            self.page.click(selector)
        assert answer.value.ok, answer.value.url
        self.page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling", state="detached")

    def fill(self, **values: str) -> None:
        """Fill fields by their names."""
        for name, value in values.items():
            self.page.fill(f'main [name="{name}"]', value)

    def choose(self, **values: str) -> None:
        """Choose from selects by their names."""
        for name, value in values.items():
            self.page.select_option(f'main select[name="{name}"]', value)

    def tick(self, name: str, value: str = "") -> None:
        """Choose a radio button or tick a box."""
        self.page.check(f'main input[name="{name}"]' + (f'[value="{value}"]' if value else ""))

    def attach(self, name: str, file: Path) -> None:
        """Choose a file to send along."""
        self.page.set_input_files(f'main input[type="file"][name="{name}"]', str(file))

    def sees(self, text: str) -> bool:
        """Test whether the page shows a text."""
        return text in self.text()

    def text(self) -> str:
        """Return the words on the page, with plain spaces."""
        words: str = self.page.inner_text("body")
        return " ".join(words.split())

    def _read(self) -> None:
        """Complain about a page in another language than the visitor's, or one that refuses them."""
        language = self.page.get_attribute("html", "lang")
        if language != self.language:
            self._complain(f"the page is in {language}")
        for error in self.page.query_selector_all(".error, .errornote"):
            self._complain(error.inner_text())


def violations(page: Any) -> list[str]:
    """Return what axe finds on the page as it is, one line for each rule broken."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
