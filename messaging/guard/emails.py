"""E-mail addresses: written plainly, in words, in brackets, or with the sign for “at” left to guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from messaging.guard import words as w
from messaging.guard.findings import Kind, Span
from messaging.guard.reading import LONGEST_WORD, Reading

#: Most labels of a domain and most tokens of a name that are read.
MOST_LABELS, MOST_NAME = 6, 12
RUN_TOGETHER = re.compile(
    r"[a-z0-9]{2,40}?(?:at|arobase|arobaz)(?:gmail|hotmail|outlook|yahoo|protonmail|icloud|orange|laposte|wanadoo)"
    r"(?:dot|point)?(?:com|fr|net|me)?"
)
FILLERS = {"then", "puis", "the", "et", "and", "sign", ",", "le", "l"}


@dataclass(frozen=True, slots=True)
class Domain:
    """What follows the sign: its labels, where it ends, and how its dots were written."""

    labels: tuple[str, ...]
    end: int
    is_spelled: bool
    is_tight: bool

    @property
    def is_service(self) -> bool:
        """Test whether it is a well-known mail service, with or without its ending."""
        return _service(self.labels[0]) in w.PROVIDERS if self.labels else False

    @property
    def has_ending(self) -> bool:
        """Test whether the last label ends a domain."""
        last = self.labels[-1] if len(self.labels) > 1 else ""
        if self.is_tight and last not in w.ENDINGS:
            return last.isalpha() and len(last) > 1 and last not in w.FILE_ENDINGS
        return last in w.ENDINGS

    @property
    def is_nobodys(self) -> bool:
        """Test whether it is reserved for examples."""
        return any(label in w.PLACEHOLDERS for label in self.labels[-2:])


def find_emails(reading: Reading) -> Iterator[Span]:
    """Find e-mail addresses."""
    for place, word in enumerate(reading.words):
        span = None
        if word == "@":
            span = _at_sign(reading, place)
        elif word in w.AT or word in {"at", "chez", "a"}:
            span = _at_word(reading, place)
        elif word in w.MAILBOXES:
            span = _mailbox(reading, place)
        elif word in w.REVERSED:
            span = Span(Kind.EMAIL, place - 2, place + 1)
        elif 12 <= len(word) <= LONGEST_WORD and RUN_TOGETHER.fullmatch(word):
            span = Span(Kind.EMAIL, place, place + 1)
        if span:
            yield span


def _at_sign(reading: Reading, place: int) -> Span | None:
    name = _before(reading, place)
    domain = _domain(reading, _after(reading, place))
    if not domain.labels or domain.is_nobodys or not (domain.has_ending or domain.is_service):
        return None
    is_apart = not reading.is_tight(place)
    if is_apart and not (domain.is_service or domain.labels[-1] in w.ENDINGS):
        return None  # a decorator below a word, not an address
    if not reading.word(name).isalnum() or (reading.word(name) in w.NOT_A_NAME and is_apart):
        is_added = any(word in {"add", "ajoutez", "append"} for word in reading.words[max(0, place - 3) : place])
        return Span(Kind.EMAIL, place, domain.end) if domain.is_service and is_added else None
    if _is_machine(reading, name, place, domain):
        return None
    return Span(Kind.EMAIL, _name_start(reading, name), domain.end)


def _at_word(reading: Reading, place: int) -> Span | None:
    word = reading.words[place]
    is_bracketed = reading.word(place - 1) in w.BRACKETS and reading.word(place + 1) in w.BRACKETS
    if word == "a" and is_bracketed and reading.word(place - 1) not in {"(", "[", "{"}:
        is_bracketed = False
    name = _before(reading, place)
    end = place + 2 if reading.word(place + 1) == "sign" else place + 1
    domain = _domain(reading, _after(reading, end - 1))
    if not reading.word(name).isalnum() or not domain.labels or domain.is_nobodys:
        return None
    if is_bracketed or word in w.AT or end > place + 1:
        is_found = domain.has_ending or domain.is_service
    elif word == "a":
        is_found = domain.is_service and domain.has_ending and domain.is_spelled
    else:
        is_found = _is_address(reading, name, domain)
    return Span(Kind.EMAIL, _name_start(reading, name), domain.end) if is_found else None


def _is_address(reading: Reading, name: int, domain: Domain) -> bool:
    """Test whether a plain “at” stands between a name and a domain."""
    if reading.word(name) in w.NOT_A_NAME or reading.word(name + 1) in {".", "\n"}:
        return False
    is_handle = is_handle_like(reading, name)
    if domain.labels in {("gmail",), ("hotmail",)}:
        return True
    if domain.is_service and (domain.has_ending or (is_handle and _service(domain.labels[0]) in w.MAIL_SERVICES)):
        return True
    if not domain.has_ending:
        return False
    if is_handle or (domain.is_spelled and domain.labels[-1] not in w.ENDINGS_THAT_ARE_WORDS):
        return True
    return any(word in w.MAIL_CUES for word in reading.words[max(0, name - 6) : name])


def _mailbox(reading: Reading, place: int) -> Span | None:
    """Find “gmail: jane84”, “my gmail is jane.doe” and “jane.doe on gmail”."""
    for at in (place - 1, place - 2):
        is_joined = at == place - 1 or reading.word(place - 1) in {"(", "on", "sur", "at", "chez", ","}
        if is_joined and at >= 0 and is_handle_like(reading, at):
            return Span(Kind.EMAIL, _name_start(reading, at), place + 1)
    if reading.word(place + 1) not in w.IS:
        is_next = is_handle_like(reading, place + 1) and not reading.is_tight(place + 1)
        return Span(Kind.EMAIL, place, place + 2) if is_next else None
    at = place + 2
    while reading.word(at) in {"'", "est"}:
        at += 1
    is_mine = reading.word(place - 1) in w.POSSESSIVES
    if reading.word(at).isalnum() and (is_handle_like(reading, at) or (is_mine and len(reading.word(at)) > 5)):
        return Span(Kind.EMAIL, place, at + 1)
    return None


def is_handle_like(reading: Reading, place: int) -> bool:
    """Test whether a word looks like a name somebody chose: joined by a dot or underscore, or letters with digits."""
    word = reading.word(place)
    if not word.isalnum() or len(word) > LONGEST_WORD:
        return False
    is_mixed = not word.isalpha() and not word.isdigit()
    if is_mixed and len(word) > 5 and word[0].isalpha():
        return word not in {"office365", "microsoft365"}
    sign = reading.word(place - 1)
    if sign in {".", "_"} and reading.is_tight(place) and reading.is_tight(place - 1):
        other = reading.word(place - 2)
        is_ending = word in w.FILE_ENDINGS or word in w.ENDINGS
        return not (sign == "." and is_ending) and other.isalnum() and not other.isdigit()
    sign = reading.word(place + 1)
    if sign in {".", "_"} and reading.is_tight(place + 1) and reading.is_tight(place + 2):
        other = reading.word(place + 2)
        return other.isalnum() and other not in w.FILE_ENDINGS and not word.isdigit()
    return False


def _before(reading: Reading, place: int) -> int:
    """Return the place of the word before a sign, over brackets and words between."""
    for at in range(place - 1, max(-1, place - 5), -1):
        word = reading.words[at]
        if word not in w.BRACKETS and word not in FILLERS and word not in {".", "\n"}:
            return at
    return place - 1


def _after(reading: Reading, place: int) -> int:
    """Return the place where a domain may begin after a sign."""
    for at in range(place + 1, min(len(reading.words), place + 5)):
        word = reading.words[at]
        if word not in w.BRACKETS and word not in FILLERS and word != "\n":
            return at
    return place + 1


def _domain(reading: Reading, place: int) -> Domain:
    """Read labels and dots from a place on."""
    labels: list[str] = []
    is_spelled, is_tight, at = False, True, place
    while len(labels) < MOST_LABELS:
        label, after = _label(reading, at)
        if not label:
            break
        if labels:
            is_tight = is_tight and reading.is_tight(at) and reading.is_tight(at - 1)
        labels.append(label)
        end = at = after
        dot, after = _dot(reading, at, labels)
        if not dot:
            break
        is_spelled = is_spelled or dot in w.DOT
        at = after
    if not labels:
        return Domain((), place, is_spelled=False, is_tight=False)
    ending = _ending_stuck_to(labels[0])
    if len(labels) == 1 and ending:
        labels = [labels[0].removesuffix(ending), ending]
    return Domain(tuple(labels), end, is_spelled=is_spelled, is_tight=is_tight)


def _label(reading: Reading, place: int) -> tuple[str, int]:
    """Read one label, with its hyphens."""
    word = reading.word(place)
    if not word.isalnum() or word in w.DOT:
        return "", place
    at = place + 1
    while reading.word(at) == "-" and reading.is_tight(at) and reading.is_tight(at + 1) and at < place + MOST_NAME:
        word, at = reading.word(at + 1), at + 2
    return word, at


def _dot(reading: Reading, place: int, labels: list[str]) -> tuple[str, int]:
    """Read what stands for a dot: the sign, its name, either in brackets, or only a space after a known service."""
    at = place
    for _step in range(4):
        word = reading.word(at)
        if word == ".":
            return (word, _over_brackets(reading, at + 1)) if _goes_on(reading, at, place) else ("", place)
        if word in w.DOT:
            return word, _over_brackets(reading, at + 1)
        if word == "," and reading.is_tight(at) and reading.is_tight(at + 1) and reading.word(at + 1) in w.ENDINGS:
            return word, at + 1
        if word not in w.BRACKETS and word != ",":
            break
        at += 1
    if len(labels) == 1 and _service(labels[0]) in w.PROVIDERS and reading.word(place) in w.ENDINGS:
        return " ", place
    return "", place


def _goes_on(reading: Reading, dot: int, end: int) -> bool:
    """Test whether a domain goes on after a dot, rather than ending its sentence there."""
    following = reading.word(dot + 1)
    if reading.is_tight(dot + 1):
        return following.isalnum() or following in w.BRACKETS
    return following in w.ENDINGS and (not reading.is_tight(dot) or dot > end)


def _over_brackets(reading: Reading, place: int) -> int:
    at = place
    while at < place + 3 and (reading.word(at) in w.BRACKETS or reading.word(at) == ","):
        at += 1
    return at


def _service(label: str) -> str:
    ending = _ending_stuck_to(label)
    return label.removesuffix(ending) if ending else label


def _ending_stuck_to(label: str) -> str:
    """Return the ending that is part of a label, as in “gmailcom”."""
    for ending in ("com", "fr", "net"):
        if label.endswith(ending) and label.removesuffix(ending) in w.MAIL_SERVICES:
            return ending
    return ""


def _name_start(reading: Reading, place: int) -> int:
    """Return where the name that ends at a place begins."""
    at = place
    while at > 1 and place - at < MOST_NAME:
        sign = reading.words[at - 1]
        is_joined = sign in {".", "-", "_", "+"} and reading.is_tight(at) and reading.is_tight(at - 1)
        if not (is_joined or sign in w.DOT) or not reading.words[at - 2].isalnum():
            break
        at -= 2
    return at


def _is_machine(reading: Reading, name: int, place: int, domain: Domain) -> bool:
    """Test whether it names a machine or a program: a login over ssh, a repository, the address of a database."""
    start = _name_start(reading, name)
    around = reading.words[max(0, start - 9) : start]
    if reading.word(name) in w.MACHINES or any(word in w.REMOTE_COMMANDS for word in around):
        return True
    if reading.word(name) == "reply" and reading.word(name - 2) == "no":
        return True
    if reading.word(domain.end) == ":" and reading.word(domain.end + 1) in {"/", "~"}:
        return True
    return "/" in around and ":" in around and ":" in reading.words[max(0, start - 2) : start]
