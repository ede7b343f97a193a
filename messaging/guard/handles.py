"""Accounts and links of messengers and networks."""

from __future__ import annotations

from collections.abc import Iterator

from messaging.guard import words as w
from messaging.guard.emails import is_handle_like
from messaging.guard.findings import Kind, Span
from messaging.guard.names import MESSENGER_STARTS, Name, messenger_at
from messaging.guard.reading import Reading

#: Most tokens between the name of a service and the account there.
MOST_BETWEEN = 6
#: How far around @name a telling word may stand.
WINDOW = 8


def find_handles(reading: Reading) -> Iterator[Span]:
    """Find accounts and links."""
    for place, word in enumerate(reading.words):
        span = None
        if word == "@":
            span = _at_name(reading, place)
        elif word in w.LINKS or word in w.PAYMENT_LINKS:
            span = _link(reading, place)
        elif word == "#":
            span = _numbered(reading, place)
        if span is None and word in MESSENGER_STARTS and (name := messenger_at(reading, place)):
            span = _account(reading, name)
        if span:
            yield span


def _link(reading: Reading, place: int) -> Span | None:
    """Find an address such as t.me/name, its signs spelled out or not."""
    host = reading.words[place]
    kind = Kind.PAYMENT if host in w.PAYMENT_LINKS else Kind.HANDLE
    at = place + 1
    at += reading.word(at) in {"(", "["}
    if reading.word(at) not in {".", *w.DOT} or not _is_site(reading, place, host):
        return None
    at += reading.word(at + 1) in {")", "]"}
    endings, paths = (w.PAYMENT_LINKS[host], frozenset()) if kind == Kind.PAYMENT else w.LINKS[host]
    if reading.word(at + 1) not in endings or reading.word(at + 2) not in w.SLASH:
        return None
    path = reading.word(at + 3)
    if not path or path in w.SITE_PATHS or not (path.isalnum() or path in {"@", "$", "+", "~", "#"}):
        return None
    if (paths and path not in paths) or (host == "wise" and path != "pay"):
        return None
    return Span(kind, place, _address_end(reading, at + 3))


def _is_site(reading: Reading, place: int, host: str) -> bool:
    """Test whether a host is the one people have accounts on, and not one for programs or of somebody else."""
    sign = reading.word(place - 1)
    below = reading.word(place - 2) if sign == "." and reading.is_tight(place) else ""
    if host in w.BELOW:
        return below in w.BELOW[host]
    if host == "zoom":
        return True
    if sign == "-" and reading.is_tight(place):
        return False
    return not below or below in w.SUBDOMAINS or len(below) == 2


def _address_end(reading: Reading, place: int) -> int:
    at = place + 1
    while at < place + 12 and reading.is_tight(at) and reading.word(at) not in {",", ")", '"'}:
        at += 1
    return at


def _at_name(reading: Reading, place: int) -> Span | None:
    """Find @name where something says that it is an account."""
    name = reading.word(place + 1)
    if not name.isalnum() or name[0].isdigit() or len(name) < 3 or not reading.is_tight(place + 1):
        return None
    if reading.is_tight(place) and (reading.word(place - 1).isalnum() or reading.word(place - 1) in {"/", "."}):
        return None
    if reading.word(place + 2) == ":" and reading.is_tight(place + 2) and reading.word(place + 4) == ".":
        return Span(Kind.HANDLE, place, place + 6)
    if name in w.CODE_AFTER_AT or (reading.word(place + 2) in {"/", "("} and reading.is_tight(place + 2)):
        return None
    before, after = reading.words[max(0, place - WINDOW) : place], reading.words[place + 2 : place + 2 + WINDOW]
    is_said = any(word in w.HANDLE_CUES or word in w.MESSENGERS for word in (*before, *after))
    return Span(Kind.HANDLE, place, place + 2) if is_said else None


def _numbered(reading: Reading, place: int) -> Span | None:
    """Find name#1234."""
    name, number = reading.word(place - 1), reading.word(place + 1)
    if not (name.isalnum() and number.isdigit() and len(number) == 4 and len(name) > 2):
        return None
    if not (reading.is_tight(place) and reading.is_tight(place + 1)):
        return None
    around = (*reading.words[max(0, place - WINDOW) : place - 1], *reading.words[place + 2 : place + 2 + WINDOW])
    is_said = any(word in {"discord", "pseudo", "add", "ajoutez", "handle"} for word in around)
    return Span(Kind.HANDLE, place - 1, place + 2) if is_said else None


def _account(reading: Reading, name: Name) -> Span | None:
    """Find the account that follows, or stands before, the name of a service."""
    if _is_named_before(reading, name):
        return Span(Kind.HANDLE, name.first - 2, name.end)
    place, between = name.end, set[str]()
    while place - name.end < MOST_BETWEEN and reading.word(place) in w.HANDLE_WORDS:
        between.add(reading.words[place])
        place += 1
    word = reading.word(place)
    is_part_of_word = reading.is_tight(name.end) and reading.word(name.end) in {".", "_"}
    if not word.isalnum() or word.isdigit() or is_part_of_word:
        return None
    return Span(Kind.HANDLE, name.first, place + 1) if _is_account(reading, name, place, between) else None


def _is_account(reading: Reading, name: Name, place: int, between: set[str]) -> bool:
    """Test whether the word at a place is an account with the service named before; `between` stands between them."""
    word = reading.words[place]
    before = reading.words[max(0, name.first - 3) : name.first]
    is_mine = any(each in w.POSSESSIVES for each in before[-2:]) or any(each in w.HANDLE_NOUNS for each in before)
    is_told = is_mine or bool(w.HANDLE_NOUNS & between)
    is_named = is_told or (not name.is_ambiguous and bool({":", "=", "-"} & between))
    if reading.word(place - 1) == "@":
        return word not in w.CODE_AFTER_AT and (reading.is_tight(place) or between == {"@"})
    if word == "live" and reading.word(place + 1) == ":":
        return not name.is_ambiguous
    if is_handle_like(reading, place):
        is_written = ":" in between and reading.word(place + 1) != "."
        return is_named or (_is_joined(reading, place) and (is_written or not name.is_ambiguous))
    if not is_named or not (w.IS | w.HANDLE_NOUNS) & between:
        return False
    return _is_single(reading, place, is_told=is_told, between=between)


def _is_named_before(reading: Reading, name: Name) -> bool:
    """Test whether an account stands before the service, as in “jane_doe on Telegram”."""
    at = name.first - 2
    if name.is_ambiguous or reading.word(at + 1) not in {"on", "sur", "@"} or not is_handle_like(reading, at):
        return False
    return _is_joined(reading, at) or reading.word(at - 1) in {"_", "."}


def _is_joined(reading: Reading, place: int) -> bool:
    """Test whether a word has an underscore or a dot, or ends in two digits or more: a name, not a version."""
    word = reading.words[place]
    return reading.word(place + 1) in {"_", "."} or (not word.isalpha() and word[-2:].isdigit())


def _is_single(reading: Reading, place: int, *, is_told: bool, between: set[str]) -> bool:
    """Test whether a plain word after “my Telegram is” or “Skype:” is an account, or two names of a person are."""
    word, following = reading.words[place], reading.word(place + 1)
    if word in w.NOT_A_HANDLE or word in w.TOPICS or len(word) < 4:
        return False
    if is_told:
        is_alone = not following.isalpha() or following in {"and", "et", "on", "sur"}
        return is_alone and (len(word) > 4 or bool(w.IS & between))
    if following.isalpha() and ":" in between and _is_persons_name(reading, place):
        return True
    return len(word) > 4 and (not following.isalnum() or following in {"pour", "for"}) and following not in {",", "/"}


def _is_persons_name(reading: Reading, place: int) -> bool:
    """Test whether two words that begin with capitals stand alone, as a name does."""
    first, last = (reading.source[reading.starts[at] : reading.ends[at]] for at in (place, place + 1))
    if not (first.istitle() and last.istitle()) or reading.words[place + 1] in w.TOPICS | w.NOT_A_HANDLE:
        return False
    return not reading.word(place + 2).isalpha() or reading.source[reading.starts[place + 2]].isupper()
