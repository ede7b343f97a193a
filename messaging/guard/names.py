"""Names of messengers, networks and ways to pay, wherever they stand in a text and however they are split."""

from __future__ import annotations

from dataclasses import dataclass

from messaging.guard import words as w
from messaging.guard.reading import Reading

#: Most tokens that one name is split into.
MOST_PARTS = 4
BETWEEN_PARTS = {"-", "'", "_", "."}
#: Words at which a name may begin.
MESSENGER_STARTS = w.APART | frozenset(w.MESSENGERS) | frozenset(w.AMBIGUOUS_MESSENGERS)
METHOD_STARTS = w.APART | w.METHODS | w.AMBIGUOUS_METHODS | {"p"}


@dataclass(frozen=True, slots=True)
class Name:
    """A service in the text: its plain name and its tokens; one that is a word too counts only with more around it."""

    word: str
    first: int
    end: int
    is_ambiguous: bool


def messenger_at(reading: Reading, place: int) -> Name | None:
    """Return the messenger or network whose name begins at a place."""
    if reading.words[place] not in MESSENGER_STARTS:
        return None
    word, end = _joined(reading, place)
    if word in w.MESSENGERS:
        return Name(word, place, end, is_ambiguous=False)
    if word in w.AMBIGUOUS_MESSENGERS:
        return Name(word, place, end, is_ambiguous=True)
    return None


def method_at(reading: Reading, place: int) -> Name | None:
    """Return the way to pay whose name begins at a place."""
    if reading.words[place] not in METHOD_STARTS:
        return None
    word, end = _joined(reading, place)
    if word == "p" and reading.word(place + 1) == "@" and reading.word(place + 2) == "ypal":
        return Name("paypal", place, place + 3, is_ambiguous=False)
    if word in w.METHODS:
        return Name(word, place, end, is_ambiguous=False)
    if word in w.AMBIGUOUS_METHODS:
        return Name(word, place, end, is_ambiguous=True)
    return None


def _joined(reading: Reading, place: int) -> tuple[str, int]:
    """Return the word at a place, or the name that it makes with the next words."""
    word = reading.words[place]
    if word not in w.APART:
        return word, place + 1
    together, at = word, place + 1
    for _part in range(MOST_PARTS):
        if reading.word(at) in BETWEEN_PARTS:
            at += 1
        together += reading.word(at)
        at += 1
        if together in w.TOGETHER:
            return together, at
    return word, place + 1
