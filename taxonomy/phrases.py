"""What somebody typed as a question for PostgreSQL: phrases that name a skill, words, what a misspelt word may mean.

Jobs and talent are asked the same way: documents hold the stems of both languages, `~k17` for a skill that was
chosen and `~m17` for one that the words mention; no parser makes a `~`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from taxonomy.models import normalise
from taxonomy.queries import Lexicon

#: More dashes than this are no operators: PostgreSQL refuses about thirty negations inside each other.
MOST_DASHES = 8
#: Parts of a search that are ranked one by one; the rest must match but does not count.
MOST_PIECES = 6
#: How alike a misspelt word must be to a known one, from 0 to 1.
LIKENESS = 0.75
#: Fewest letters of a word that may be misspelt.
SHORTEST_TYPO = 4
#: What a skill, a word, and a word that says little add to the rank of what has them.
SKILL_WEIGHT, WORD_WEIGHT, FAINT_WEIGHT = 1.5, 1.0, 0.3
#: What a skill that was chosen, and one that is only mentioned, add to the rank of the words themselves.
CHOSEN, MENTIONED = 0.6, 0.25
#: How much a word counts in the description, in the skills and in the title; nothing is written with weight C.
IN_TEXT, IN_SKILLS, IN_TITLE = 0.1, 0.5, 1.0
WEIGHTS = f"{{{IN_TEXT},0.2,{IN_SKILLS},{IN_TITLE}}}"
CONFIGURATIONS = ("en_u", "fr_u")
#: Words that are in nearly every post or profile: they never decide alone.
FAINT = frozenset({
    "app", "application", "besoin", "cherche", "client", "clients", "consultant", "consultante", "developer",
    "developers", "developpement", "developpeur", "developpeurs", "developpeuse", "expert", "experte", "experts",
    "freelance", "freelancer", "freelances", "help", "independant", "job", "jobs", "need", "online", "person",
    "pour", "professional", "project", "projet", "recherche", "site", "small", "specialist", "specialiste", "web",
    "website", "work",
})  # fmt: skip
#: Words of both languages that PostgreSQL leaves out in one of them only.
STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "au", "aux", "avec", "be", "by", "ce", "ces", "d", "dans", "de", "des",
    "du", "elle", "en", "est", "et", "for", "from", "has", "i", "il", "in", "is", "it", "je", "l", "la", "le",
    "les", "leur", "ma", "me", "mes", "mon", "my", "n", "nos", "notre", "nous", "of", "on", "or", "ou", "our",
    "par", "pas", "qu", "que", "qui", "s", "sa", "se", "ses", "son", "sont", "sur", "t", "the", "their", "this",
    "to", "un", "une", "us", "vos", "votre", "vous", "we", "who", "with", "you", "your",
})  # fmt: skip

Params = list[Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A phrase that names a skill, or a word; `guess` is the known word that a misspelt one is most like."""

    text: str
    skill_id: int | None = None
    weight: float = WORD_WEIGHT
    guess: str = ""

    def matches(self) -> tuple[str, Params]:
        """Return the tsquery that finds what has this piece, in either language and under the skill's other names."""
        parts: list[str] = []
        params: Params = []
        for text in filter(None, (self.text, self.guess)):
            for configuration in CONFIGURATIONS:
                parts.append(f"plainto_tsquery('{configuration}', %s)")
                params.append(text)
        if self.skill_id is not None:
            parts.append("%s::tsquery")
            params.append(f"'~k{self.skill_id}' | '~m{self.skill_id}'")
        return f"({' || '.join(parts)})", params

    def rank(self) -> tuple[str, Params]:
        """Return what this piece adds to the rank of a document."""
        query, params = self.matches()
        sql = f"ts_rank('{WEIGHTS}', text, {query})"
        if self.skill_id is not None:
            sql += f" + {CHOSEN} * (text @@ %s::tsquery)::int + {MENTIONED} * (text @@ %s::tsquery)::int"
            params = [*params, f"'~k{self.skill_id}'", f"'~m{self.skill_id}'"]
        return f"{self.weight} * ({sql})", params


@dataclass(frozen=True, slots=True)
class Question:
    """The pieces of a search, in the order in which they were typed; one that uses operators is taken as written."""

    text: str
    pieces: tuple[Piece, ...] = ()
    is_written: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)

    def all(self) -> tuple[str, Params]:
        """Return the tsquery of what has every piece in one language or the other; nothing where there are none."""
        if not self.text:
            return "", []
        languages, params = [], []
        for configuration in CONFIGURATIONS:
            asked = []
            for text, skill_id in self._runs():
                piece = f"websearch_to_tsquery('{configuration}', %s)"
                params.append(text)
                if skill_id is not None:
                    piece = f"({piece} || %s::tsquery)"
                    params.append(f"'~k{skill_id}' | '~m{skill_id}'")
                asked.append(piece)
            languages.append(f"({' && '.join(asked)})")
        return " || ".join(languages), params

    def _runs(self) -> Iterator[tuple[str, int | None]]:
        """Yield phrases that name a skill, and what lies between them in one piece."""
        if self.is_written:
            yield self.text, None
            return
        loose: list[str] = []
        for piece in self.pieces:
            if piece.skill_id is None:
                loose.append(piece.text)
                continue
            if loose:
                yield " ".join(loose), None
                loose = []
            yield piece.text, piece.skill_id
        if loose:
            yield " ".join(loose), None

    def ranked(self) -> list[Piece]:
        """Return the pieces that count for the rank: none of a search with operators or of stop words only."""
        if self.is_written:
            return []
        told = [piece for piece in self.pieces if piece.skill_id is not None or normalise(piece.text) not in STOP]
        return sorted(told, key=lambda piece: -piece.weight)[:MOST_PIECES]

    def rank(self) -> tuple[str, Params]:
        """Return the rank of a document as an expression over its `text`."""
        pieces = self.ranked()
        if not pieces:
            query, params = self.all()
            return f"ts_rank('{WEIGHTS}', text, {query})", params
        ranks = [piece.rank() for piece in pieces]
        return f"({' + '.join(sql for sql, _p in ranks)})", [value for _sql, params in ranks for value in params]

    def suggestion(self) -> str:
        """Return the search with its misspelt words put right; empty where none is."""
        if not any(piece.guess for piece in self.pieces):
            return ""
        return " ".join(piece.guess or piece.text for piece in self.pieces)


#: A search without words.
NOTHING = Question("")


def reasons(asked: Question, *, title: str, skill_ids: Iterable[int]) -> tuple[list[int], list[str]]:
    """Return why something was found: the skills asked for that it has, and the words that are in its title."""
    has, said = set(skill_ids), normalise(title).split()
    skills = [piece.skill_id for piece in asked.pieces if piece.skill_id is not None and piece.skill_id in has]
    words = [piece.text for piece in asked.ranked() if _is_said(piece.text, said) or _is_said(piece.guess, said)]
    return list(dict.fromkeys(skills)), words


def _is_said(text: str, said: list[str]) -> bool:
    """Test whether each word of the text is in the title, or one that only ends otherwise."""
    return bool(text) and all(
        any(word == each or _same_stem(word, each) for each in said) for word in normalise(text).split()
    )


def question(words: str, lexicon: Lexicon) -> Question:
    """Return what the words ask for; an empty question where there is no letter or digit among them.

    Words that name a skill, in either language or by a synonym, the longest phrase first, also find what chose or
    mentions that skill under another name. Quotes, a leading dash and OR are operators.
    """
    if words.count("-") > MOST_DASHES:
        words = words.replace("-", " ")
    tokens = words.replace(",", " ").split()
    if not any(sign.isalnum() for sign in words):
        return Question("")
    if '"' in words or any(token.startswith("-") or token.casefold() == "or" for token in tokens):
        return Question(words, is_written=True)
    return Question(words, tuple(_pieces(tokens, lexicon)))


def _pieces(tokens: list[str], lexicon: Lexicon) -> Iterator[Piece]:
    start = 0
    while start < len(tokens):
        for end in range(min(len(tokens), start + lexicon.most_gaps), start, -1):
            phrase = " ".join(tokens[start:end])
            skill = lexicon.skill(normalise(phrase))
            if skill is not None:
                yield Piece(phrase, skill.pk, SKILL_WEIGHT)
                start = end
                break
        else:
            yield _word(tokens[start], lexicon)
            start += 1


def _word(token: str, lexicon: Lexicon) -> Piece:
    plain = normalise(token)
    weight = FAINT_WEIGHT if plain in FAINT else WORD_WEIGHT
    guess = "" if plain in FAINT or plain in STOP else closest_word(plain, lexicon.single_words)
    return Piece(token, None, weight, guess)


def closest_word(word: str, known: dict[str, tuple[str, ...]]) -> str:
    """Return the known word with the same first letter that a misspelt one is most like; empty where it is known.

    A word that only ends otherwise (a plural, a feminine) is not misspelt: stems find it.
    """
    if len(word) < SHORTEST_TYPO or not word.isalpha():
        return ""
    near = [each for each in known.get(word[0], ()) if abs(len(each) - len(word)) <= 2]
    if word in near or any(_same_stem(word, each) for each in near):
        return ""
    found = difflib.get_close_matches(word, near, n=1, cutoff=LIKENESS)
    return found[0] if found else ""


def _same_stem(one: str, other: str) -> bool:
    shared = min(len(one), len(other)) - 1
    return shared >= SHORTEST_TYPO and one[:shared] == other[:shared] and len(one) != len(other)
