"""A text as the guard reads it: signs that look alike made one, then cut into words, numbers and signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from messaging.guard import words as w

#: Signs that stand for a Latin letter or a plain sign and that Unicode does not take apart by itself.
LOOKALIKES = dict(
    zip(
        "авгеёкмнорстухіїјѕһԁԛԝӏѵαβγεηικμνορστυχωϲϳłøđıɡɑɩʟᴀᴄᴅᴇɢɪᴊᴋᴍɴᴏᴘʀᴛᴜᴠᴡᴢ",
        "abreekmhopctyxiijshdqwlvabyenikuvopotuxwcjlodigailacdegijkmnoprtuvwz",
        strict=True,
    )
)
LOOKALIKES |= {"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "‘": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"'}
LOOKALIKES |= {"«": '"', "»": '"', "⁄": "/", "∕": "/", "•": ".", "·": ".", "∙": ".", "。": ".", "‧": ".", "ⓐ": "@"}
LOOKALIKES |= dict.fromkeys("‐‑‒–—―−﹣－", "-")
#: Most signs that one sign of the text may become.
WIDEST = 4
#: Digits and signs written for letters.
LEET = str.maketrans("013457", "oleast")
TOKEN = re.compile(r"[a-z0-9]+|\n|[^\sa-z0-9]")
BAR_FOR_L = re.compile(r"(?<![|a-z])([a-z]{1,20})\|([a-z]{1,20})(?![|a-z])")
#: Longest run of letters and digits that is looked into.
LONGEST_WORD = 64


@dataclass(slots=True)
class Reading:
    """The tokens of a text: each is a word of letters and digits, one sign, or a new line; with where it stands."""

    source: str
    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def word(self, place: int) -> str:
        """Return a token, and nothing before the first and after the last one."""
        return self.words[place] if 0 <= place < len(self.words) else ""

    def is_tight(self, place: int) -> bool:
        """Test whether a token follows the one before it without a space."""
        return 0 < place < len(self.words) and self.starts[place] == self.ends[place - 1]

    def sentence(self, place: int, before: int, after: int) -> tuple[list[str], list[str]]:
        """Return up to so many tokens on both sides of a place, within its sentence; the nearest ones are kept."""
        left: list[str] = []
        for at in range(place - 1, max(-1, place - 1 - before), -1):
            if self.ends_sentence(at):
                break
            left.append(self.words[at])
        right: list[str] = []
        for at in range(place + 1, min(len(self.words), place + 1 + after)):
            if self.ends_sentence(at):
                break
            right.append(self.words[at])
        return left[::-1], right

    def ends_sentence(self, place: int) -> bool:
        """Test whether a token ends a sentence; a dot inside of a word does not."""
        word = self.words[place]
        if word == ".":
            return not self.is_tight(place + 1)
        return word in w.SENTENCE_ENDS


@lru_cache(maxsize=4096)
def fold(sign: str) -> str:
    """Return what a sign is read as: lower case, without accents, one letter for all that look like it."""
    if sign in LOOKALIKES:
        return LOOKALIKES[sign]
    read = []
    for part in unicodedata.normalize("NFKD", sign)[:WIDEST].lower():
        if unicodedata.category(part) in {"Mn", "Me", "Cf"}:
            continue
        digit = unicodedata.digit(part, None)
        read.append(str(digit) if digit is not None else LOOKALIKES.get(part, part))
    return "".join(read)


def read(text: str) -> Reading:
    """Return the tokens of a text, in one pass over it."""
    where: Sequence[int] = range(len(text) + 1)
    folded = text.lower()
    if not text.isascii():
        signs: list[str] = []
        places: list[int] = []
        for place, sign in enumerate(text):
            for part in fold(sign):
                signs.append(part)
                places.append(place)
        folded, where = "".join(signs), places
    folded = BAR_FOR_L.sub(_letter_for_bar, folded)
    words, starts, ends = [], [], []
    for match in TOKEN.finditer(folded):
        start, end = match.span()
        word = match.group()
        words.append(word if word.isalpha() else plain(word))
        starts.append(where[start])
        ends.append(where[end - 1] + 1)
    return Reading(text, words, starts, ends)


def _letter_for_bar(match: re.Match[str]) -> str:
    word = f"{match[1]}l{match[2]}"
    return word if word in w.SPELLED_IN_DIGITS else match.group()


def plain(word: str) -> str:
    """Return a word with the letters that digits stand for, where that makes a word the guard knows."""
    if len(word) < 2 or word.isdigit() or len(word) > LONGEST_WORD:
        return word
    letters = word.translate(LEET)
    return letters if letters in w.SPELLED_IN_DIGITS else word


def joined(reading: Reading) -> Reading | None:
    """Return the reading with words that were written letter by letter put together; None where there are none."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    longest = place = 0
    while place < len(reading.words):
        end, letters = _letters(reading, place)
        longest = max(longest, len(letters))
        words.append(letters or reading.words[place])
        starts.append(reading.starts[place])
        ends.append(reading.ends[end - 1])
        place = end
    return Reading(reading.source, words, starts, ends) if longest > 2 else None


def _letters(reading: Reading, place: int) -> tuple[int, str]:
    """Return where single letters from a place on end, and the word they make: all with one sign between, or none."""
    if not _is_letter(reading.words[place]):
        return place + 1, ""
    separator = reading.word(place + 1)
    step = 2 if separator in w.LETTER_SEPARATORS else 1
    end, letters = place + 1, [reading.words[place]]
    while (
        len(letters) < LONGEST_WORD
        and _is_letter(reading.word(end + step - 1))
        and (step == 1 or reading.words[end] == separator)
        and (step == 1) != reading.is_tight(end)
    ):
        letters.append(reading.words[end + step - 1])
        end += step
    return end, "".join(letters) if len(letters) > 1 else ""


def _is_letter(word: str) -> bool:
    return len(word) == 1 and "a" <= word <= "z"
