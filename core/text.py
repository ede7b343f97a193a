"""Text that people write, made safe to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from html import unescape

import nh3
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: What a text may contain; everything else is dropped, its words are kept.
ALLOWED = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6"),
}
#: Unicode categories that are never part of a name: controls, formats (such as bidirectional overrides), private use.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
#: Signs that count as letters or pictures and are drawn as nothing.
BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
JOINERS = {"\u200c", "\u200d"}
#: The beginning of a cell that holds a formula: of the text, or after what parts cells in some countries.
_FORMULA = re.compile(r"(^|[;\t\r\n])([\s\"]*)(?=[=+\-@])")
SCHEMES = {"http", "https", "mailto"}
#: What a message may contain: no headings and no rules, which make one louder than the others.
ALLOWED_IN_MESSAGES = {"p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
#: An address in running text; what ends a sentence is no part of it.
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]*[^\s<>\"“”«».,;:!?)\]}'’]")
#: The beginning of what stands on a line of its own.
_BLOCK = re.compile(r"<(?:p|br|li|blockquote|pre)\b")
#: What is read of an address at most.
LONGEST_ADDRESS = 60
#: A page owns h1 and its sections h2, so the headings of a text begin below them.
FIRST_HEADING, LAST_HEADING = 3, 6


@cache
def _parser(*, breaks: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": breaks}).disable(["image", "html_block", "html_inline"])


def _fit_headings(tokens: list[Token], first: int) -> None:
    """Make headings begin at `first` and go down one step at a time, whatever levels the writer chose."""
    above: list[int] = []
    for opening, closing in zip(
        (token for token in tokens if token.type == "heading_open"),
        (token for token in tokens if token.type == "heading_close"),
        strict=True,
    ):
        level = int(opening.tag[1])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        opening.tag = closing.tag = f"h{min(first + len(above) - 1, LAST_HEADING)}"


def markdown(source: str, first_heading: int = FIRST_HEADING, *, breaks: bool = True) -> SafeString:
    """Return the HTML of a text in the Markdown subset: no raw HTML, no pictures, headings from `first_heading` down.

    A line break stays one, as in a message; without `breaks` lines run on to the end of their paragraph.
    Links lead only to web and mail addresses and carry `nofollow ugc noopener`.
    """
    parser = _parser(breaks=breaks)
    tokens = parser.parse(source)
    _fit_headings(tokens, first_heading)
    html = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(  # noqa: S308  (nh3 has just cleaned it)
        nh3.clean(
            html,
            tags=ALLOWED,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes=SCHEMES,
            link_rel="nofollow ugc noopener",
        )
    )


@cache
def _message_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return parser.disable(["image", "html_block", "html_inline", "heading", "lheading", "hr", "reference"])


def message_html(source: str) -> SafeString:
    """Return the HTML of a message: bold, italic, code, lists, quotes and links; nothing else has a meaning.

    A line break stays one, and a web address becomes a link. Links lead to web and mail addresses, never within the
    site by a short form, and carry `nofollow ugc noopener`.
    """
    parser = _message_parser()
    tokens = parser.parse(source)
    for token in tokens:
        if token.children:
            token.children = list(_with_links(token.children))
    html = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(  # noqa: S308  (nh3 has just cleaned it)
        nh3.clean(
            html,
            tags=ALLOWED_IN_MESSAGES,
            attributes={"a": {"href"}, "ol": {"start"}},
            attribute_filter=_only_whole_addresses,
            url_schemes=SCHEMES,
            link_rel="nofollow ugc noopener",
        )
    )


def message_words(source: str) -> str:
    """Return the words of a message in one line, without its Markdown: for lists and excerpts."""
    return one_line(unescape(nh3.clean(_BLOCK.sub(r" \g<0>", message_html(source)), tags=set())))


def _only_whole_addresses(_tag: str, name: str, value: str) -> str | None:
    return value if name != "href" or value.lower().startswith(("http://", "https://", "mailto:")) else None


def _with_links(tokens: list[Token]) -> Iterator[Token]:
    """Yield the pieces of a line, with web addresses in its words made links."""
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or depth:
            yield token
            continue
        end = 0
        for found in _ADDRESS.finditer(token.content):
            yield Token("text", "", 0, content=token.content[end : found.start()])
            address = found.group()
            yield Token("link_open", "a", 1, attrs={"href": address})
            short = address if len(address) <= LONGEST_ADDRESS else address[: LONGEST_ADDRESS - 1] + "…"
            yield Token("text", "", 0, content=short)
            yield Token("link_close", "a", -1)
            end = found.end()
        yield Token("text", "", 0, content=token.content[end:])


def visible(text: str) -> str:
    """Return `text` without what has no shape: controls, overrides of direction, private use, letters that are blank.

    The joiners stay, which Persian and the languages of India are written with.
    """
    return "".join(
        sign for sign in text if sign in JOINERS or not (sign in BLANKS or unicodedata.category(sign) in UNSEEN)
    )


def one_line(text: str) -> str:
    """Return `text` with what cannot be seen left out and every run of white space made one space."""
    return " ".join(visible(" ".join(text.split())).split())


def file_size(size: int) -> str:
    """Return a size in bytes as people write it: "25 MB", "1.5 MB"; in French "25 Mo", not Django's "25,0 Mio"."""
    text = re.sub(r"[.,]0(?=\s)", "", filesizeformat(size))
    return re.sub(r"([KMGTP])io$", r"\1o", text)


def sheet_cell(text: str) -> str:
    """Return a text for a cell of a CSV file that no spreadsheet takes for a formula, wherever it parts the cells."""
    return _FORMULA.sub(r"\1'\2", text)
