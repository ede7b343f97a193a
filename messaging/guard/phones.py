"""Phone numbers: in digits however they are grouped, in words of both languages, and mixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from messaging.guard import words as w
from messaging.guard.findings import Kind, Span
from messaging.guard.reading import Reading

#: Fewest and most digits of a number that can be called.
FEWEST, MOST = 9, 15
#: Most groups of one number, and most signs between two.
MOST_GROUPS, MOST_SIGNS = 16, 3
MOST_WORDS_BACK = 5
LETTERS_FOR_DIGITS = str.maketrans("oli", "011")
NUMBER_WORDS = frozenset((*w.UNITS, *w.TEENS, *w.TENS, *w.REPEATS, "o"))
PARTS = re.compile(r"[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Group:
    """Some digits that stand together, where they stand, and whether they were written in words."""

    digits: str
    first: int
    end: int
    is_word: bool


@dataclass(frozen=True, slots=True)
class Number:
    """Groups that follow each other, and the signs between them."""

    groups: tuple[Group, ...]
    signs: tuple[str, ...]

    @property
    def digits(self) -> str:
        """Return all of its digits."""
        return "".join(group.digits for group in self.groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return how many digits each group has."""
        return tuple(len(group.digits) for group in self.groups)

    @property
    def is_in_words(self) -> bool:
        """Test whether any of it is in words."""
        return any(group.is_word for group in self.groups)

    def upto(self, number: int) -> Number:
        """Return its first groups."""
        return Number(self.groups[:number], self.signs[: number - 1])


def find_phones(reading: Reading) -> Iterator[Span]:
    """Find phone numbers."""
    done = 0
    for place, word in enumerate(reading.words):
        if place < done or not word.isalnum() or (word.isalpha() and word not in NUMBER_WORDS):
            continue
        if not (group := _group(reading, place)) or _is_inside(reading, place):
            continue
        span = _number_from(reading, group)
        if span:
            done = span.end
            yield span


def _number_from(reading: Reading, first: Group) -> Span | None:
    """Return the number that begins with a group, if it is one to call."""
    number = _collect(reading, first)
    plus = _plus(reading, first.first)
    cue = _cue(reading, first.first)
    for length in range(len(number.groups), 0, -1):
        part = number.upto(length)
        total = len(part.digits)
        if total < FEWEST:
            return None
        if total > MOST or not _ends_there(reading, part.groups[-1].end):
            continue
        if _is_phone(part, plus=plus, cue=cue):
            start = first.first - len(plus)
            return Span(Kind.PHONE, start, part.groups[-1].end)
    return None


def _is_phone(number: Number, *, plus: str, cue: str) -> bool:
    digits = number.digits
    if len(set(digits)) < 3 or digits in "01234567890" or digits in "12345678910":
        return False
    if plus or (digits.startswith("00") and digits[2] != "0" and len(digits) > 10):
        return _is_international(number, plus)
    if number.is_in_words and cue != "reference":
        return _is_spoken(number, cue)
    if cue == "reference" or _is_dates(number) or _has_loose_comma(number):
        return False
    if digits[0] == "0" and digits[1] != "0":
        return _is_national(number, cue)
    return _is_american(number, cue) or (cue == "phone" and len(digits) <= 13 and not _is_amount(number))


def _is_international(number: Number, plus: str) -> bool:
    digits = number.digits
    if digits.startswith("0") and plus:
        return False
    if number.is_in_words and len(number.groups) < 5:
        return False
    return len(digits) >= 10 and not digits.endswith("000") and not _has_loose_comma(number)


def _is_national(number: Number, cue: str) -> bool:
    """Test whether digits with a leading zero are grouped as a number of one country."""
    shape, total = number.shape, len(number.digits)
    if ":" in "".join(number.signs):
        return shape == (2,) * 5
    if "," in "".join(number.signs):
        return shape == (2,) * 5 or set(shape) == {1}
    if total == FEWEST:
        return cue == "phone" or shape in {(2, 3, 2, 2), (3, 2, 2, 2), (3, 6)}
    return total <= 13


def _is_american(number: Number, cue: str) -> bool:
    digits, shape = number.digits, number.shape
    if shape[:1] == (1,) and digits[0] == "1":
        digits, shape = digits[1:], shape[1:]
    if len(digits) != 10 or digits[0] in "01" or digits[3] in "01" or shape[:2] != (3, 3):
        return False
    signs = {sign.strip() for sign in number.signs} - {""}
    return bool(signs & {"-", ".", ")", ")-", "/"}) or len(number.shape) == 4 or cue == "phone"


def _is_spoken(number: Number, cue: str) -> bool:
    digits = number.digits
    if digits[0] == "0":
        return digits[1] != "0" and len(digits) <= 12 and len(number.groups) >= 4
    if set(number.shape) == {1}:
        return len(digits) in {10, 11} and not _is_counting(digits)
    return cue == "phone" and len(number.groups) >= 4


def _is_counting(digits: str) -> bool:
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return len(steps) <= 2 and bool(steps & {1, -1})


def _is_dates(number: Number) -> bool:
    """Test whether it begins with a day, such as 06/12/2024."""
    shape, groups = number.shape, number.groups
    return shape[:3] == (2, 2, 4) and groups[2].digits[:2] in {"19", "20"} and int(groups[1].digits) <= 12


def _is_amount(number: Number) -> bool:
    """Test whether it is one large number, grouped by thousands, or a list of years."""
    shape = number.shape
    return (len(shape) > 1 and shape[0] <= 3 and set(shape[1:]) == {3}) or set(shape) == {4}


def _has_loose_comma(number: Number) -> bool:
    """Test whether a comma with a space after it stands between digits: they are a list then."""
    return any(sign.startswith(",") and sign.endswith(" ") for sign in number.signs)


def _collect(reading: Reading, first: Group) -> Number:
    groups, signs, total = [first], [], len(first.digits)
    while len(groups) < MOST_GROUPS and total <= MOST:
        signs_between, at = _between(reading, groups[-1].end)
        group = _group(reading, at)
        if not group or (signs_between == "" and not _can_touch(groups[-1], group)):
            break
        groups.append(group)
        signs.append(signs_between)
        total += len(group.digits)
    return Number(tuple(groups), tuple(signs))


def _can_touch(before: Group, after: Group) -> bool:
    """Test whether two groups may follow each other without any sign: they do inside of one mixed word."""
    return before.is_word or after.is_word or before.end == after.first


def _between(reading: Reading, place: int) -> tuple[str, int]:
    """Return the signs between two groups as they are written, and where the next may begin."""
    signs, at = "", place
    fillers = 0
    while at < len(reading.words) and at - place <= MOST_SIGNS:
        word = reading.words[at]
        if not reading.is_tight(at):
            signs += " "
        if word in w.NUMBER_FILLERS and not fillers:
            fillers, at = 1, at + 1
            continue
        if word.isalnum() or word in w.NOT_IN_NUMBERS:
            break
        signs += word
        at += 1
    return signs, at


def _group(reading: Reading, place: int) -> Group | None:
    """Return the digits that a token, or several that make one number in words, stands for."""
    word = reading.word(place)
    if not word or len(word) > 40:
        return None
    if word.isdigit():
        return Group(word, place, place + 1, is_word=False)
    if word.isalpha():
        digits, end = _spoken(reading, place) if word in NUMBER_WORDS else ("", place)
        return Group(digits, place, end, is_word=True) if digits else None
    letters = word.translate(LETTERS_FOR_DIGITS)
    if letters.isdigit():
        return Group(letters, place, place + 1, is_word=False)
    parts = PARTS.findall(word)
    values = [part if part.isdigit() else _value(part) for part in parts]
    if all(values) and len(parts) > 1 and "".join(parts) == word:
        return Group("".join(values), place, place + 1, is_word=True)
    return None


def _value(word: str) -> str:
    for table in (w.UNITS, w.TEENS, w.TENS):
        if word in table:
            return str(table[word])
    return "0" if word == "o" else ""


def _spoken(reading: Reading, place: int) -> tuple[str, int]:
    """Return the digits of a number in words, and where it ends."""
    word = reading.words[place]
    if word in w.REPEATS:
        value = _value(reading.word(place + 1))
        return (value * w.REPEATS[word], place + 2) if len(value) == 1 else ("", place)
    if word == "quatre" and reading.word(_next(reading, place)) in {"vingt", "vingts"}:
        return _with_rest(reading, 80, _next(reading, place) + 1)
    if word in w.TENS:
        return _with_rest(reading, w.TENS[word], place + 1)
    if word == "dix":
        at = _next(reading, place)
        more = w.UNITS.get(reading.word(at), 0)
        return (str(10 + more), at + 1) if more > 6 else ("10", place + 1)
    value = _value(word)
    return value, place + 1


def _with_rest(reading: Reading, tens: int, end: int) -> tuple[str, int]:
    """Add what follows tens: a unit, or after sixty and eighty in French a number up to nineteen."""
    at = _next(reading, end - 1)
    if reading.word(at) == "et":
        at = _next(reading, at)
    following = reading.word(at)
    if tens in {60, 80} and following in w.TEENS and w.TEENS[following] < 17:
        teens, after = _spoken(reading, at)
        return str(tens + int(teens)), after
    more = w.UNITS.get(following, 0)
    return (str(tens + more), at + 1) if more else (str(tens), end)


def _next(reading: Reading, place: int) -> int:
    """Return the place of the word after one, over a hyphen."""
    return place + 2 if reading.word(place + 1) == "-" else place + 1


def _is_inside(reading: Reading, place: int) -> bool:
    """Test whether a group goes on from digits before it, so that a number does not begin there."""
    before = reading.word(place - 1)
    if not before or before == "+":
        return False
    if before.isdigit():
        return True
    if before in {".", "-", "/", ":", ",", "_"} and reading.is_tight(place):
        other = reading.word(place - 2)
        return other.isalnum() and not other.isalpha() and reading.is_tight(place - 1)
    return False


def _plus(reading: Reading, place: int) -> str:
    """Return the plus sign or the word for it before a place."""
    sign = reading.word(place - 1)
    if sign == "+" and not (reading.is_tight(place - 1) and reading.word(place - 2).isalnum()):
        return "+"
    return "p" if sign == "plus" and not reading.word(place).isdigit() else ""


def _cue(reading: Reading, place: int) -> str:
    """Return what the nearest telling word before a place makes of digits: "phone", "reference" or nothing."""
    for at in range(place - 1, max(-1, place - 1 - MOST_WORDS_BACK), -1):
        word = reading.words[at]
        if word == "\n" or (word in {".", "!", "?"} and reading.ends_sentence(at) and at < place - 2):
            break
        if word in w.PHONE_CUES:
            return "phone"
        if word == "#" or (word in w.REFERENCES and reading.word(at - 1) not in {"any", "that", "tout"}):
            return "reference"
        if word in {"number", "numero"} and reading.word(at - 1) in w.POSSESSIVES:
            return "phone"
    return ""


def _ends_there(reading: Reading, place: int) -> bool:
    """Test whether a number may end before a place: digits that go on, a unit or another sign of code do not follow."""
    following = reading.word(place)
    if following.isalnum() and reading.is_tight(place):
        return False
    if following in {"€", "%", "£", "$"}:
        return False
    is_joined = following in {".", ",", ":", "-", "/", "_"} and reading.is_tight(place) and reading.is_tight(place + 1)
    return not (is_joined and any(sign.isdigit() for sign in reading.word(place + 1)))
