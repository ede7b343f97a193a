"""Who may ask for suggestions: everybody."""

from __future__ import annotations

from tests.access import Row, cells

ACCESS = {
    "taxonomy:skill_suggest": Row(get=cells(ok="anonymous *"), query="?q=dja"),
}
