"""Asks to talk or to pay elsewhere, found at the names of services, at telling words and at numbers of accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from messaging.guard import words as w
from messaging.guard.findings import Kind, Span
from messaging.guard.names import MESSENGER_STARTS, METHOD_STARTS, Name, messenger_at, method_at
from messaging.guard.paying import asks_between_us, asks_directly, asks_for_cash, asks_to_pay, asks_to_skip
from messaging.guard.reading import LONGEST_WORD, Reading
from messaging.guard.sentences import has
from messaging.guard.talking import asks_for_channel, asks_outside, asks_to_call, asks_to_talk

#: How many tokens of the sentence on each side of a telling word are read.
BEFORE, AFTER = 12, 9
#: How many words before an ask are shown with it.
WORDS_SHOWN = 4
BITCOIN = re.compile(r"bc1[a-z0-9]{25,59}")
ETHEREUM = re.compile(r"0x[0-9a-f]{40}")
IBAN_LENGTHS = range(15, 35)

#: Telling words, who judges the sentence around one, and what it is then.
RULES: tuple[tuple[frozenset[str], Callable[[str, list[str], list[str]], bool], Kind], ...] = (
    (w.CHANNELS | {"details", "information", "info"}, asks_for_channel, Kind.TALK),
    (frozenset({"call", "ring", "text", "contact", "appelez", "appeler"}), asks_to_call, Kind.TALK),
    (w.OUTSIDE, asks_outside, Kind.TALK),
    (w.SKIP | {"going", "go", "passer"}, asks_to_skip, Kind.PAYMENT),
    (w.DIRECT, asks_directly, Kind.PAYMENT),
    (frozenset({"main", "hand", "table", "black", "noir"}), asks_for_cash, Kind.PAYMENT),
    (frozenset({"between", "entre"}), asks_between_us, Kind.PAYMENT),
)
#: All words at which an ask may be seen.
TELLING = MESSENGER_STARTS.union(METHOD_STARTS, *(words for words, _judge, _kind in RULES))


def find_asks(reading: Reading) -> Iterator[Span]:
    """Find asks to talk, to pay or to go elsewhere."""
    for place, word in enumerate(reading.words):
        span = None
        if word in TELLING:
            span = _around_name(reading, place) or _around_word(reading, place)
        elif len(word) > 3 and not word.isalpha() and not word.isdigit():
            span = _account_number(reading, place)
        if span:
            yield span


def _around_name(reading: Reading, place: int) -> Span | None:
    """Judge what is said around the name of a messenger, or of a way to pay."""
    if name := messenger_at(reading, place):
        is_ask = asks_to_talk(name, *_sides(reading, name))
        return _span(reading, Kind.TALK, place, name.end) if is_ask else None
    if name := method_at(reading, place):
        is_ask = asks_to_pay(name, *_sides(reading, name))
        return _span(reading, Kind.PAYMENT, place, name.end) if is_ask else None
    return None


def _around_word(reading: Reading, place: int) -> Span | None:
    """Judge what is said around a telling word."""
    word = reading.words[place]
    for words, judge, kind in RULES:
        if word in words and judge(word, *reading.sentence(place, BEFORE, AFTER)):
            return _span(reading, kind, place, place + 1)
    return None


def _sides(reading: Reading, name: Name) -> tuple[list[str], list[str]]:
    """Return the words of the sentence before and after a name."""
    return reading.sentence(name.first, BEFORE, 0)[0], reading.sentence(name.end - 1, 0, AFTER)[1]


def _span(reading: Reading, kind: Kind, place: int, end: int) -> Span:
    """Return a finding with the words before it, so that the excerpt says what was meant."""
    left, _right = reading.sentence(place, WORDS_SHOWN, 0)
    while left and not left[0].isalnum():
        left = left[1:]
    return Span(kind, place - len(left), end)


def _account_number(reading: Reading, place: int) -> Span | None:
    """Find an IBAN, or the address of a wallet that somebody asks to send to."""
    word = reading.words[place][:LONGEST_WORD]
    if BITCOIN.fullmatch(word):
        return Span(Kind.PAYMENT, place, place + 1)
    if ETHEREUM.fullmatch(word):
        is_asked = has(reading.sentence(place, BEFORE, 0)[0], w.PAY | {"wallet", "usdt"})
        return Span(Kind.PAYMENT, place, place + 1) if is_asked else None
    if not (word[:2].isalpha() and word[2:4].isdigit()):
        return None
    account, at = word, place + 1
    while len(account) < IBAN_LENGTHS.stop:
        if len(account) in IBAN_LENGTHS and is_iban(account):
            return Span(Kind.PAYMENT, place, at)
        following = reading.word(at)
        if not following.isalnum() or (following.isalpha() and len(following) > 4):
            break
        account, at = account + following, at + 1
    return None


def is_iban(account: str) -> bool:
    """Test whether the check digits of an international account number are right."""
    turned = account[4:] + account[:4]
    return turned.isalnum() and turned.isascii() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
