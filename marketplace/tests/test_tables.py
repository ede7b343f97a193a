"""Tables that become cards on phones: a column head is not seen there, so each cell says what it is."""

from __future__ import annotations

import re

from django.conf import settings

TABLE = re.compile(r"<c-table\b[^>]*\bcards\b.*?</c-table>", re.DOTALL)
BODY = re.compile(r"<tbody>.*</tbody>", re.DOTALL)
CELL = re.compile(r"<td\b(?:[^>{]|\{%.*?%\}|\{\{.*?\}\})*>")


def test_each_cell_of_a_card_table_says_what_it_is() -> None:
    tables, bare = 0, []
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        for table in TABLE.findall(path.read_text(encoding="utf-8")):
            body = BODY.search(table)
            if body is None:
                continue
            tables += 1
            assert '<th scope="row"' in body[0], path.name
            bare += [f"{path.name}: {cell}" for cell in CELL.findall(body[0]) if "data-label=" not in cell]

    assert tables >= 11
    assert bare == []
