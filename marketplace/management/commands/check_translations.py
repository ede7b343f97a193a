"""Check that every text has its French."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.trans_real import translation

from marketplace.translations import Entry, Text, catalogues, compile_stale, read_catalogue, texts_of

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|%[sd]")
#: French sets a narrow no-break space before these marks and inside its quotation marks.
BAD_SPACE = re.compile(r"[ \u00a0][;!?]|[ \u00a0]:(?!//)|«[ \u00a0]|[ \u00a0]»")


class Command(BaseCommand):
    """List texts without translation, broken placeholders and wrong spaces; exit 1 when there are any."""

    help = "Check that every text of code and templates has its translation. Needs no GNU gettext."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the language and the form of the answer."""
        parser.add_argument("--language", default="fr")
        parser.add_argument("--missing", action="store_true", help="print what is missing as entries to fill in")

    def handle(self, *_args: Any, language: str, missing: bool, **_options: Any) -> None:
        """Compare what the code shows with what the catalogues hold."""
        compile_stale(settings.BASE_DIR)
        catalogue: Any = translation(language)
        texts = texts_of(settings.BASE_DIR)
        absent = {text: places for text, places in texts.items() if not is_known(catalogue, text)}
        if missing:
            for text, places in sorted(absent.items(), key=lambda item: item[1]):
                self.stdout.write(as_entry(text, places))
            return
        problems = [f"{places[0]}: no {language} for {text.msgid!r}" for text, places in sorted(absent.items())]
        for path in catalogues(settings.BASE_DIR):
            if path.parent.parent.name == language:
                name = str(path.relative_to(settings.BASE_DIR))
                seen: set[str] = set()
                for entry in read_catalogue(path.read_text(encoding="utf-8")):
                    if entry.text.msgid:
                        unused = [] if entry.text in texts else ["is shown nowhere: remove it"]
                        again = ["stands twice: keep one"] if entry.text.key in seen else []
                        seen.add(entry.text.key)
                        wrong = [*unused, *again, *faults(entry, language)]
                        problems += [f"{name}: {entry.text.msgid!r} {fault}" for fault in wrong]
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems in {len(texts)} texts ({len(absent)} without {language}).")
        self.stdout.write(f"{len(texts)} texts, every one has its {language}.")


def faults(entry: Entry, language: str) -> Iterator[str]:
    """Yield what is wrong with a translation, whatever it says."""
    if "fuzzy" in entry.flags:
        yield "is fuzzy: check it and remove the mark"
    asked = placeholders(entry.text.msgid)
    for form in filter(None, entry.forms):
        if not placeholders(form) <= asked | placeholders(entry.text.plural):
            yield f"has placeholders of its own in {form!r}"
        if not entry.text.plural and not asked <= placeholders(form):
            yield f"lacks a placeholder in {form!r}"
        if language == "fr" and BAD_SPACE.search(form):
            yield f"needs a narrow no-break space (U+202F) in {form!r}"


def is_known(catalogue: Any, text: Text) -> bool:
    """Test whether the compiled catalogues translate `text`."""
    if text.plural:
        return catalogue._catalog.get((text.key, 0)) is not None  # noqa: SLF001  (gettext has no public question for it)
    return catalogue._catalog.get(text.key) is not None  # noqa: SLF001


def placeholders(text: str) -> set[str]:
    """Return the names that are filled into a text."""
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def as_entry(text: Text, places: list[str]) -> str:
    """Return the text as an entry of a catalogue that waits for its translation."""
    lines = [f"#: {' '.join(places)}"]
    if text.context:
        lines.append(f"msgctxt {json.dumps(text.context, ensure_ascii=False)}")
    lines.append(f"msgid {json.dumps(text.msgid, ensure_ascii=False)}")
    if text.plural:
        lines += [f"msgid_plural {json.dumps(text.plural, ensure_ascii=False)}", 'msgstr[0] ""', 'msgstr[1] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines) + "\n"
