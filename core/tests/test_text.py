"""Texts that people write cannot carry anything but text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from core.text import markdown, message_html, message_words, sheet_cell


class Seen(HTMLParser):
    """Notes every element and attribute that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_markdown_becomes_plain_html() -> None:
    assert markdown("**Bold** and `code`\nnext line") == (
        "<p><strong>Bold</strong> and <code>code</code><br>\nnext line</p>\n"
    )


def test_the_lines_of_a_document_run_on() -> None:
    assert markdown("One sentence in\ntwo lines.", breaks=False) == "<p>One sentence in\ntwo lines.</p>\n"


@pytest.mark.parametrize(
    ("levels", "shown"),
    [([1, 5], [3, 4]), ([2], [3]), ([2, 3, 2], [3, 4, 3]), ([3, 1], [3, 3]), ([1, 2, 3, 4, 5, 6], [3, 4, 5, 6, 6, 6])],
)
def test_headings_begin_below_those_of_the_page_and_skip_no_level(levels: list[int], shown: list[int]) -> None:
    source = "\n\n".join(f"{'#' * level} Words" for level in levels)
    assert markdown(source) == "".join(f"<h{level}>Words</h{level}>\n" for level in shown)


def test_links_lend_no_weight_to_where_they_lead() -> None:
    assert markdown("[site](https://example.com/a?b=1&c=2)") == (
        '<p><a href="https://example.com/a?b=1&amp;c=2" rel="nofollow ugc noopener">site</a></p>\n'
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.com/pixel.png)",
        "<style>body{display:none}</style>",
        '[x](https://example.com" onclick="alert(1))',
        "<javascript:alert(1)>",
    ],
)
def test_hostile_text_stays_text(attack: str) -> None:
    seen = Seen()
    seen.feed(markdown(attack))
    assert seen.tags <= {"p", "a"}
    assert {name for name, _value in seen.attributes} <= {"href", "rel"}
    assert not [value for name, value in seen.attributes if name == "href" and not value.startswith("https://")]


def test_a_text_of_nothing_is_nothing() -> None:
    assert markdown("") == ""


def test_a_text_that_is_the_page_begins_at_its_second_heading() -> None:
    assert markdown("# One", 2) == "<h2>One</h2>\n"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Logo", "Logo"),
        ("=1+1", "'=1+1"),
        ("\t@SUM(A1)", "'\t@SUM(A1)"),
        ("Shop;=1+1", "Shop;'=1+1"),
        ('Shop; "=1+1"', 'Shop;\' "=1+1"'),
        ("one\n-2", "one\n'-2"),
        ("a-b; c+d", "a-b; c+d"),
    ],
)
def test_no_cell_of_a_sheet_is_a_formula_wherever_it_is_parted(text: str, cell: str) -> None:
    assert sheet_cell(text) == cell


def test_a_message_knows_bold_code_lists_quotes_and_links_and_nothing_else() -> None:
    assert message_html("# No heading\n**b** *i* `c`\n\n- one\n\n> said\n\n![x](https://e.com/i.png)\n\n---") == (
        "<p># No heading<br>\n<strong>b</strong> <em>i</em> <code>c</code></p>\n<ul>\n<li>one</li>\n</ul>\n"
        "<blockquote>\n<p>said</p>\n</blockquote>\n"
        '<p>!<a href="https://e.com/i.png" rel="nofollow ugc noopener">x</a></p>\n<p>---</p>\n'
    )


def test_an_address_in_a_message_is_a_link_without_the_end_of_the_sentence() -> None:
    assert message_html("See https://e.com/a?b=1&c=2. Not `https://e.com` or [x](/logout/).") == (
        '<p>See <a href="https://e.com/a?b=1&amp;c=2" rel="nofollow ugc noopener">https://e.com/a?b=1&amp;c=2</a>. '
        'Not <code>https://e.com</code> or <a rel="nofollow ugc noopener">x</a>.</p>\n'
    )


def test_the_words_of_a_message_stand_in_one_line() -> None:
    assert message_words("**Two** `words`.\n\n- one\n- two &amp; <b>") == "Two words. one two & <b>"
