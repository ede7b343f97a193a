"""How many of the texts that lead away the off-platform guard finds, and how many harmless ones it takes for them."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import report, tell
from messaging.guard.detecting import find_contacts

TEXTS = Path(__file__).parent / "guard_texts.tsv"
ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Text:
    """A text and what people say of it."""

    is_contact: bool
    language: str
    kind: str
    text: str

    @property
    def is_held_out(self) -> bool:
        """Test whether it belongs to the half that nobody looks at when rules are written."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 1


def texts() -> list[Text]:
    """Return all texts."""
    rows = []
    for line in TEXTS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            label, language, kind, text = line.split("\t")
            rows.append(Text(label == "contact", language, kind, ESCAPE.sub(_sign, text)))
    return rows


def share_found(rows: list[Text], *, is_contact: bool) -> float:
    """Return the share of the texts with this label in which the guard finds something."""
    asked = [row for row in rows if row.is_contact is is_contact]
    return sum(bool(find_contacts(row.text)) for row in asked) / len(asked)


def main() -> int:
    """Print both figures, from the half that is not looked at."""
    rows = [row for row in texts() if row.is_held_out]
    tell(f"guard: {len(rows)} texts, {sum(row.is_contact for row in rows)} of which lead away")
    report("guard_recall", share_found(rows, is_contact=True), ">=0.95")
    report("guard_false_alarm", share_found(rows, is_contact=False), "<=0.01")
    return 0


def _sign(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


if __name__ == "__main__":
    sys.exit(main())
