"""Translations without GNU gettext: reads `.po` files, compiles them to `.mo`, and finds every text to translate.

Machines that only run the product have no `msgfmt`, so `make run` and the tests compile what is stale themselves.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

CONTEXT_MARK = "\x04"
#: Functions that mark a text, and where its context, text and plural stand among the arguments.
MARKERS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_QUOTED = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({_QUOTED}(?:\s*,\s*{_QUOTED})*)", re.DOTALL)
_FIELD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)?\s*(".*")$')
_KEPT_OUT = {".venv", "var", "node_modules", ".git"}


class BadCatalogue(ValueError):
    """A `.po` file cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text that people read: what it says and, where the words alone are not enough, its context."""

    msgid: str
    context: str = ""
    plural: str = ""

    @property
    def key(self) -> str:
        """Return the text as compiled catalogues spell it."""
        return f"{self.context}{CONTEXT_MARK}{self.msgid}" if self.context else self.msgid


@dataclass(slots=True)
class Entry:
    """One text of a catalogue with its translation, one string per plural form."""

    text: Text
    forms: list[str]
    flags: set[str] = field(default_factory=set)

    @property
    def is_translated(self) -> bool:
        """Test whether every form is filled in and checked by a person."""
        return "fuzzy" not in self.flags and bool(self.forms) and all(self.forms)


def read_catalogue(source: str) -> list[Entry]:
    """Return the live entries of a `.po` file, its header (with an empty text) among them.

    Raises BadCatalogue for a line that is none of the format's.
    """
    entries: list[Entry] = []
    flags: set[str] = set()
    values: dict[str, str] = {}
    current = ""
    for number, raw in enumerate([*source.splitlines(), ""], start=1):
        line = raw.strip()
        found = _FIELD.match(line)
        begins = found is not None and found[1] in {"msgctxt", "msgid"} and "msgid" in values
        if "msgid" in values and (begins or not line or line.startswith("#")):
            entries.append(_entry(values, flags))
            flags, values, current = set(), {}, ""
        if line.startswith("#,"):
            flags |= {flag.strip() for flag in line[2:].split(",")}
        elif line.startswith("#~"):
            flags = set()  # of an entry that is no longer used
        if not line or line.startswith("#"):
            continue
        if found is None or not (found[1] or current):
            raise BadCatalogue(f"line {number} cannot be read: {line}")
        current = found[1] or current
        values[current] = values.get(current, "") + ast.literal_eval(found[3])
    return entries


def _entry(values: dict[str, str], flags: set[str]) -> Entry:
    forms = [values[name] for name in sorted(values) if name.startswith("msgstr")]
    return Entry(Text(values["msgid"], values.get("msgctxt", ""), values.get("msgid_plural", "")), forms, flags)


def compile_catalogue(entries: Iterable[Entry]) -> bytes:
    """Return the entries as the binary `.mo` that Python's gettext reads; unfinished translations are left out."""
    pairs = sorted(
        (
            (entry.text.key + (f"\0{entry.text.plural}" if entry.text.plural else "")).encode(),
            "\0".join(entry.forms).encode(),
        )
        for entry in entries
        if entry.is_translated
    )
    ids, texts = b"", b""
    spans: list[tuple[int, int, int, int]] = []
    for key, translation in pairs:
        spans.append((len(key), len(ids), len(translation), len(texts)))
        ids += key + b"\0"
        texts += translation + b"\0"
    header = 7 * 4
    table = len(pairs) * 8
    at_ids = header + 2 * table
    at_texts = at_ids + len(ids)
    out = [struct.pack("<7I", 0x950412DE, 0, len(pairs), header, header + table, 0, 0)]
    out += [struct.pack("<2I", size, at_ids + start) for size, start, _size, _start in spans]
    out += [struct.pack("<2I", size, at_texts + start) for _size, _start, size, start in spans]
    return b"".join([*out, ids, texts])


def catalogues(root: Path) -> list[Path]:
    """Return the `.po` files of the project and of its apps."""
    return sorted([*root.glob("locale/*/LC_MESSAGES/*.po"), *root.glob("[!.]*/locale/*/LC_MESSAGES/*.po")])


def compile_stale(root: Path) -> list[Path]:
    """Compile each `.po` whose `.mo` is missing or older and return those. Raises BadCatalogue naming the file."""
    done = []
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            entries = read_catalogue(source.read_text(encoding="utf-8"))
        except (BadCatalogue, SyntaxError, ValueError) as error:
            raise BadCatalogue(f"{source}: {error}") from error
        unfinished = target.with_suffix(".mo.new")
        unfinished.write_bytes(compile_catalogue(entries))
        unfinished.rename(target)
        done.append(source)
    return done


def texts_of(root: Path) -> dict[Text, list[str]]:
    """Return every text that code and templates mark for translation, with the places (`file:line`) that show it."""
    found: dict[Text, list[str]] = {}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.suffix not in {".py", ".html", ".txt"} or _KEPT_OUT.intersection(inside) or "tests" in inside:
            continue
        if path.suffix == ".py":
            marked = texts_of_code(path.read_text(encoding="utf-8"))
        elif "templates" in inside:
            marked = texts_of_template(path.read_text(encoding="utf-8"))
        else:
            continue
        for text, line in marked:
            found.setdefault(text, []).append(f"{path.relative_to(root)}:{line}")
    return found


def texts_of_code(source: str) -> Iterator[tuple[Text, int]]:
    """Yield the texts that Python code marks, with their lines."""
    aliases = dict.fromkeys(MARKERS)
    tree = ast.parse(source)
    names = {name: name for name in aliases}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname: alias.name for alias in node.names if alias.asname and alias.name in MARKERS}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        shape = MARKERS.get(names.get(called, ""))
        if shape is None:
            continue
        words = [
            arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None for arg in node.args
        ]
        text = _text(words, shape)
        if text is not None:
            yield text, node.lineno


def texts_of_template(source: str) -> Iterator[tuple[Text, int]]:
    """Yield the texts that a template marks, with their lines, spelled as Django looks them up."""
    flat = templatize(source)
    for call in _CALL.finditer(flat):
        words: list[str | None] = [ast.literal_eval(quoted) for quoted in re.findall(_QUOTED, call[2], re.DOTALL)]
        text = _text(words, MARKERS[call[1]])
        if text is not None:
            yield text, flat.count("\n", 0, call.start()) + 1


def _text(words: list[str | None], shape: tuple[int | None, int, int | None]) -> Text | None:
    def at(place: int | None) -> str | None:
        return words[place] if place is not None and place < len(words) else None

    msgid = at(shape[1])
    return Text(msgid, at(shape[0]) or "", at(shape[2]) or "") if msgid else None
