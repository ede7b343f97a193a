"""How much of a letter stands in another one: runs of words, without greetings, thanks and what the post says itself.

It reads text and nothing else. A run is `RUN` words that follow each other; two letters are compared by the runs that
both have, so that a sentence kept from an older letter counts for its length and no more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

#: Words in a run, and the longest polite sentence that is left out.
RUN, POLITE = 4, 14
#: From this many percent of a letter on, much of it stands elsewhere; and this many runs at least.
MUCH, FEWEST = 60, 20
#: Runs of a letter that are kept, the lowest numbers: more than the longest letter has but for a few.
KEPT = 900

_SENTENCE = re.compile(r"[.!?;:\n]+")
_WORD = re.compile(r"[^\W\d_]+")
#: How sentences begin that every letter has, without accents.
POLITENESS = (
    *("hello", "hi", "hey", "dear", "good morning", "good afternoon", "good evening", "greetings"),
    *("i hope you are", "i hope this", "thank you", "thanks", "many thanks", "best regards", "kind regards", "regards"),
    *(
        "best",
        "sincerely",
        "yours",
        "cheers",
        "i look forward",
        "looking forward",
        "i would be happy to",
        "i d be happy",
    ),
    *("feel free", "please feel free", "let me know", "please let me know", "have a nice", "have a great"),
    *("i am interested in your", "i m interested in your", "i read your", "i have read your", "i saw your"),
    *("bonjour", "bonsoir", "salut", "cher", "chere", "madame", "monsieur", "merci", "je vous remercie"),
    *("cordialement", "bien cordialement", "bien a vous", "sinceres salutations", "salutations", "belle journee"),
    *("bonne journee", "au plaisir", "dans l attente", "en vous remerciant", "n hesitez pas", "je reste a votre"),
    *("j ai lu votre", "votre annonce", "votre projet m interesse", "je suis interesse", "je suis tres interesse"),
)


def runs_of(letter: str, *, posted: Iterable[str] = ()) -> set[int]:
    """Return the runs of words of a letter as numbers, without polite sentences and without what `posted` texts say."""
    kept = [words for sentence in _SENTENCE.split(letter) if not _is_polite(words := _words(sentence))]
    found = _runs([word for words in kept for word in words])
    for text in posted:
        found -= _runs(_words(text))
    return set(sorted(found)[:KEPT])


def share_in(runs: set[int], other: Iterable[int]) -> int:
    """Return how many percent of a letter's runs another letter has too; 0 where they have too few in common."""
    common = len(runs.intersection(other))
    return 100 * common // len(runs) if common >= FEWEST else 0


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def _is_polite(words: list[str]) -> bool:
    sentence = " ".join(words) + " "
    return len(words) <= POLITE and any(sentence.startswith(f"{beginning} ") for beginning in POLITENESS)


def _runs(words: list[str]) -> set[int]:
    return {_number(" ".join(words[at : at + RUN])) for at in range(len(words) - RUN + 1)}


def _number(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(), digest_size=4).digest(), "big", signed=True)
