"""PDF documents: what was written is there, as text and not as markup, on as many pages as it needs."""

from __future__ import annotations

import re

from core.pdf import Column, Document


def document() -> Document:
    return Document(
        "Invoice 7", author="Jalon", language="fr", page_of=lambda number, total: f"Page {number} / {total}"
    )


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def test_the_same_content_gives_the_same_bytes() -> None:
    def make(amount: str) -> bytes:
        paper = document()
        paper.heading("Invoice 7", is_large=True)
        paper.table([Column("What", 0.7), Column("Sum", 0.3, is_end=True)], [["Sketches", amount]], [["Total", amount]])
        return paper.render()

    assert make("1,000.00") == make("1,000.00")
    assert make("1,000.00") != make("1,000.01")
    assert make("1").startswith(b"%PDF-")


def test_a_long_table_goes_on_over_pages() -> None:
    short, long = document(), document()
    for paper, rows in ((short, 3), (long, 120)):
        columns = [Column("What", 0.7), Column("Sum", 0.3, is_end=True)]
        paper.table(columns, [[f"Line {number}", "1"] for number in range(rows)], [])
    assert pages(short.render()) == 1
    assert pages(long.render()) >= 3


def test_markup_and_unprintable_signs_are_plain_text() -> None:
    paper = document()
    paper.text("<b>bold</b> & <img src='file:///etc/passwd'/> \x00\x07")
    paper.side_by_side(["<font size=99>A</font>"], ["B"])
    paper.pairs([("<a href='x'>", "</para>")])
    assert pages(paper.render()) == 1


def test_a_word_longer_than_the_line_is_split() -> None:
    paper = document()
    paper.table([Column("What", 0.5), Column("Sum", 0.5, is_end=True)], [["x" * 4_000, "1"]], [])
    assert pages(paper.render()) >= 1


def test_names_of_all_europe_have_their_letters() -> None:
    paper = document()
    paper.text("Zoë Łukaszewicz, Œuvre, Ñandú, Ελένη, Жук, ₤ € −")
    assert b"DejaVuSans" in paper.render()
