"""The guard on texts that nobody wrote for it: it never fails, and its work grows with the length alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.guard import find_contacts
from messaging.guard import words as w
from messaging.guard.detecting import FINDERS
from messaging.guard.reading import LONGEST_WORD, Reading, joined, read

#: Most looks at a token that each token of a text may cost.
MOST_LOOKS = 200
PIECES = [
    "a@", "@a.", "at gmail dot ", "paul at ", "a.b-c_d+", "0 ", "0", "06 ", "zero six ", "quatre vingt dix ", "+33 ",
    "1.", "12/", "(0)", "contact me ", "let's talk on whatsapp ", "what s ", "whats app ", "we s t e r n ", "a b c ",
    "a.b.", "a-", "t.me/", "https://", "my telegram : ", "telegram ", "discord @", "x#1234 ", "GB29 ", "FR76", "bc1q",
    "0x52", "pay me by ", "paypal ", "without jalon ", "not ", "outside the platform ", "your number ", "é", "\u200b",
    "ﷺ", "|", "a|b ", "..", "\n", ", ", "' ", "[(", "directly ",
]  # fmt: skip


class Counted(Sequence[str]):
    """Tokens that count how often they are looked at; a slice counts for each of its tokens."""

    looks = 0

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        Counted.looks += len(self.words)
        return iter(self.words)

    def __getitem__(self, key: Any) -> Any:
        taken = self.words[key]
        Counted.looks += 1 if isinstance(key, SupportsIndex) else len(taken)
        return taken


def looks_at(text: str) -> tuple[int, int]:
    """Return how often tokens are looked at to judge a text, and how many tokens it has."""
    plain = read(text)
    readings = [reading for reading in (plain, joined(plain)) if reading is not None]
    Counted.looks = 0
    for reading in readings:
        counted = Reading(reading.source, Counted(reading.words), reading.starts, reading.ends)
        joined(counted)
        for find in FINDERS:
            for _span in find(counted):
                pass
    return Counted.looks, sum(len(reading.words) for reading in readings)


@pytest.mark.parametrize("piece", PIECES)
def test_each_token_costs_a_bounded_number_of_looks(piece: str) -> None:
    short, tokens = looks_at(piece * 100)
    long, more_tokens = looks_at(piece * 400)

    assert short <= MOST_LOOKS * max(tokens, 1)
    assert long <= MOST_LOOKS * max(more_tokens, 1)
    assert long <= 5 * short + MOST_LOOKS  # four times the text, about four times the work


@pytest.mark.parametrize("piece", ["a@", "0 ", "zero six ", "(0)", "a b c ", "let's talk on whatsapp ", "ﷺ"])
def test_fifty_thousand_characters_are_read_to_their_end(piece: str) -> None:
    text = f"{(piece * 50_000)[:50_000]}\n\nWrite to paul@paulweb.fr"

    assert find_contacts(text)[-1].end == len(text)


def test_a_word_without_an_end_is_not_looked_into() -> None:
    assert find_contacts("a" * 50_000) == ()
    assert find_contacts("7" * 50_000) == ()
    assert len(read("g4" * 25_000).words[0]) > LONGEST_WORD


MIXED = st.lists(st.one_of(st.sampled_from([*PIECES, *sorted(w.MESSENGERS), *sorted(w.DOT)]), st.text(max_size=6)))


@given(MIXED.map("".join))
def test_any_text_is_judged_and_what_is_found_lies_in_it(text: str) -> None:
    end = 0
    for found in find_contacts(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
    assert find_contacts(text) == find_contacts(text)


@given(st.text(max_size=200))
def test_every_token_lies_where_it_says(text: str) -> None:
    reading = read(text)
    assert list(reading.starts) == sorted(reading.starts)
    assert all(start < end <= len(text) for start, end in zip(reading.starts, reading.ends, strict=True))
