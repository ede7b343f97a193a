"""Texts that want to run as a script where somebody reads them, and what in a page would run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: One payload a line of attack; each is put where people write, and must come out as text.
PAYLOADS: tuple[str, ...] = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert&#40;1&#41;">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<video><source onerror=alert(1)></video>",
    "<a href='javascript:alert(1)'>x</a>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<div hx-get=/messages/ hx-trigger=load hx-on:load=alert(1)>x</div>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    '[x](https://example.com "onmouseover=alert(1) x=")',
    '[x](https://example.com/"onmouseover="alert(1))',
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](x)',
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "`</code><script>alert(1)</script>`",
    "{{ 7|add:7 }}{% now 'Y' %}",
    'https://example.com/"onmouseover=alert(1)//<svg/onload=alert(1)>',
    "\u202e<script>alert(1)</script>",
    "\x00<script>alert(1)</script>",
)
#: Elements that a page of this product never has.
FORBIDDEN = {"iframe", "object", "embed", "base", "style", "math", "marquee", "animate", "foreignobject", "frame"}
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcdoc", "background"}
_SCHEME = re.compile(r"^[\s\x00-\x20]*([a-z][a-z0-9+.\-\s]*):", re.IGNORECASE)
_SAFE = {"http", "https", "mailto"}


class _Reader(HTMLParser):
    """Notes what in a page would run or lead to what runs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that runs, one that has no place here, and attributes that run."""
        given = {name.lower(): value or "" for name, value in attrs}
        if tag in FORBIDDEN:
            self.found.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append(f"<script {given}>")
        if tag == "link" and not given.get("href", "/").startswith(("/", "http://testserver/")):
            self.found.append(f"<link {given}>")
        if tag == "meta" and "http-equiv" in given:
            self.found.append(f"<meta {given}>")
        for name, value in given.items():
            if name.startswith(("on", "hx-on")) or name in {"style", "srcdoc"}:
                self.found.append(f"{tag} {name}={value}")
            if name in ADDRESSES and (scheme := _SCHEME.match(value)) and scheme.group(1).lower() not in _SAFE:
                self.found.append(f"{tag} {name}={value}")


def live_parts(page: str) -> list[str]:
    """Return what in the HTML of a page would run as a script, or leads to what would; nothing in a good one."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found
