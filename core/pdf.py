"""PDF documents: A4 pages in the vendored font, with paragraphs, pairs, tables that go on over pages, page numbers."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, MUTED, LINE = HexColor("#1a1916"), HexColor("#656158"), HexColor("#d5d0c6")
MARGIN = 18 * mm
#: What the library's frames keep free on each side.
PADDING = 6
WIDTH = A4[0] - 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, its share of the page's width, and whether it is set at the end."""

    title: str
    share: float
    is_end: bool = False


class Document:
    """A document that is written from top to bottom; every text is set as it is, without markup."""

    def __init__(self, title: str, *, author: str, language: str, page_of: Callable[[int, int], str]) -> None:
        """Begin a document; `page_of(number, total)` is the line at the foot of each page."""
        _register_fonts()
        self.title, self.author, self.language, self.page_of = title, author, language, page_of
        self._story: list[Any] = []

    def heading(self, text: str, *, is_large: bool = False) -> None:
        """Set a heading."""
        self._story.append(Paragraph(_plain(text), _style(BOLD, 17 if is_large else 11, after=6 if is_large else 4)))

    def text(self, text: str, *, is_muted: bool = False) -> None:
        """Set a paragraph; line breaks are kept."""
        size = 8 if is_muted else 9.5
        self._story.append(Paragraph(_plain(text), _style(REGULAR, size, MUTED if is_muted else INK, after=4)))

    def gap(self, millimetres: float = 6) -> None:
        """Leave room."""
        self._story.append(Spacer(1, millimetres * mm))

    def side_by_side(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Set two blocks of lines beside each other, the first line of each in bold."""
        cells = [[_block(lines) for lines in (left, right)]]
        self._story.append(Table(cells, colWidths=[WIDTH / 2] * 2, style=_BARE))

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Set names and values in two columns."""
        rows = [
            [Paragraph(_plain(name), _style(REGULAR, 9, MUTED)), Paragraph(_plain(value), _style(REGULAR, 9))]
            for name, value in pairs
        ]
        if rows:
            self._story.append(Table(rows, colWidths=[WIDTH * 0.3, WIDTH * 0.7], style=_BARE))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], totals: Sequence[Sequence[str]]) -> None:
        """Set a table whose head is repeated on each page; the last of the `totals` is in bold."""
        head = [_cell(column.title, column, BOLD) for column in columns]
        body = [[_cell(text, column) for text, column in zip(row, columns, strict=True)] for row in rows]
        last = len(totals) - 1
        foot = [
            [_cell(text, column, BOLD if place == last else REGULAR) for text, column in zip(row, columns, strict=True)]
            for place, row in enumerate(totals)
        ]
        rule = ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK) if totals else ("LINEBELOW", (0, -1), (-1, -1), 0.4, LINE)
        style = TableStyle([*_GRID, rule])
        widths = [WIDTH * column.share for column in columns]
        self._story.append(Table([head, *body, *foot], colWidths=widths, repeatRows=1, splitInRow=1, style=style))

    def render(self) -> bytes:
        """Return the document; the same content gives the same bytes."""
        out, side = io.BytesIO(), MARGIN - PADDING
        document = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=side, rightMargin=side, topMargin=MARGIN, bottomMargin=MARGIN,
            title=self.title, author=self.author, lang=self.language, invariant=1,
        )  # fmt: skip
        document.build(self._story, canvasmaker=lambda *args, **kwargs: _Numbered(self.page_of, *args, **kwargs))
        return out.getvalue()


class _Numbered(Canvas):
    """Sets the foot of each page once it is known how many there are."""

    def __init__(self, page_of: Callable[[int, int], str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._page_of, self._pages = page_of, []  # type: tuple[Callable[[int, int], str], list[dict[str, Any]]]

    def showPage(self) -> None:  # noqa: N802  (the library's name)
        """Keep the page until the end."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Set the feet and write the file."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 7.5)
            self.setFillColor(MUTED)
            self.drawRightString(A4[0] - MARGIN, 10 * mm, self._page_of(number, len(self._pages)))
            super().showPage()
        super().save()


@cache
def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def _plain(text: str) -> str:
    """Return the text so that nothing in it is markup."""
    printable = "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= 32)
    return escape(printable).replace("\n", "<br/>")


def _style(font: str, size: float, color: Any = INK, *, after: float = 0, is_end: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        font, fontName=font, fontSize=size, leading=size * 1.4, textColor=color, spaceAfter=after,
        alignment=TA_RIGHT if is_end else 0, splitLongWords=1,
    )  # fmt: skip


def _cell(text: str, column: Column, font: str = REGULAR) -> Paragraph:
    return Paragraph(_plain(text), _style(font, 8.5, is_end=column.is_end))


def _block(lines: Sequence[str]) -> list[Paragraph]:
    return [Paragraph(_plain(line), _style(BOLD if place == 0 else REGULAR, 9)) for place, line in enumerate(lines)]


_BARE = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
)
_GRID = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
    ("LINEBELOW", (0, 1), (-1, -2), 0.4, LINE),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
)
