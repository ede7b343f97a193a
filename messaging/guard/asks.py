"""Asks to talk or to pay elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from messaging.guard import words as w
from messaging.guard.findings import Kind, Span
from messaging.guard.names import Name, messenger_at, method_at
from messaging.guard.reading import LONGEST_WORD, Reading

#: How many tokens around a telling word are read.
BEFORE, AFTER = 12, 9
#: How far a denial reaches.
DENIAL = 5
BITCOIN = re.compile(r"bc1[a-z0-9]{25,59}")
ETHEREUM = re.compile(r"0x[0-9a-f]{40}")
IBAN_LENGTHS = range(15, 35)


def find_asks(reading: Reading) -> Iterator[Span]:
    """Find asks to talk, to pay or to go elsewhere."""
    for place, word in enumerate(reading.words):
        span = None
        if word.isalpha():
            span = _around_name(reading, place) or _around_word(reading, place)
        elif word.isalnum():
            span = _account_number(reading, place)
        if span:
            yield span


def _around_name(reading: Reading, place: int) -> Span | None:
    """Judge what is said around the name of a messenger, or of a way to pay."""
    if name := messenger_at(reading, place):
        before, after = _sides(reading, name)
        return _span(Kind.TALK, place, name.end) if _asks_to_talk(name, before, after) else None
    if name := method_at(reading, place):
        before, after = _sides(reading, name)
        return _span(Kind.PAYMENT, place, name.end) if _asks_to_pay(name, before, after) else None
    return None


def _sides(reading: Reading, name: Name) -> tuple[list[str], list[str]]:
    """Return the words of the sentence before and after a name."""
    return reading.sentence(name.first, BEFORE, 0)[0], reading.sentence(name.end - 1, 0, AFTER)[1]


def _around_word(reading: Reading, place: int) -> Span | None:
    """Judge what is said around a word for a channel, for the platform, or for its fee."""
    for words, judge, kind in RULES:
        if reading.words[place] in words:
            before, after = reading.sentence(place, BEFORE, AFTER)
            if judge(reading.words[place], before, after):
                return _span(kind, place, place + 1)
    return None


def _span(kind: Kind, place: int, end: int) -> Span:
    """Return a finding with the words around it, so that the excerpt says what was meant."""
    return Span(kind, place, end)


# To talk.


def _asks_to_talk(name: Name, before: list[str], after: list[str]) -> bool:
    near = before[-8:]
    if _is_denied(near) or _is_topic(before[-6:], after[:3]) or _is_about_others(before):
        return False
    if after[:1] in (["me"], ["us"], ["moi"]):
        return name.word not in {"dm", "mp", "sms"}  # “WhatsApp me”; “DM me” can be done here
    if name.is_ambiguous and not (near and near[-1] in w.TO_PLACES | w.YOUR):
        return False
    if _is_sent_to_me(before[-10:]):
        return True
    if _has(near, w.TALK) and _has(before[:-1], w.TOGETHER_WORDS) and near[-1] in w.PREPOSITIONS:
        return True
    if _has(near, w.PREFERENCE) and _has((*before, *after), w.FIRST_PERSON) and near[-1] != "and":
        return True
    if _has(near, w.GIVE) and _has(before[-3:], w.YOUR):
        return True
    if _has(before[-1:], w.TO_PLACES) and _has(after, {"reponds", "there", "write", "answer", "reply"}):
        return True
    return name.word in w.TALK_ONLY and _is_place_to_talk(before, after)


def _is_place_to_talk(before: list[str], after: list[str]) -> bool:
    """Test whether a messenger is where somebody wants to be met: “dispo sur Skype”, “do you have WhatsApp?”."""
    if _has((*before, *after), w.WORK):
        return False
    last = before[-1:]
    if _has(last, w.TO_PLACES):
        is_personal = _has(before, w.FIRST_PERSON | w.CALLS | w.CONTACT | w.TALK | {"you", "vous"})
        return is_personal or (len(before) == 2 and not after and not _has(before, w.NOT_A_HANDLE | w.TOPICS))
    is_short = len(before) + len(after) < 6
    if _has(before, {"have", "use", "avez", "utilisez", "got", "add"}) and _has(before, {"you", "vous", "we", "us"}):
        return len(after) < 3 or _has(after, {"interview", "call", "talk", "chat"})
    if _has(last, w.YOUR | {"notre", "our", "my", "mon"}) and is_short:
        return _has(last, w.YOUR) or _has(before, w.CONTACT)
    return is_short and len(before) < 2 and _has(after, w.PREFERENCE | {"only", "uniquement", "preference", "works"})


def _is_sent_to_me(before: Sequence[str]) -> bool:
    """Test whether a verb such as “write” has me, or us, as its object."""
    for at, word in enumerate(before):
        if word in w.CONTACT:
            near = before[at + 1 : at + 4]
            if _has(near, w.ME) or _has(before[max(0, at - 2) : at], {"m", "me", "nous"}):
                return True
        if word in {"contacted", "reached", "joint", "contacte"} and _has(before[:at], w.FIRST_PERSON | {"be"}):
            return True
    return False


def _asks_for_channel(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “send me your number”, “call me on my mobile”, “my e-mail is on my site”."""
    if before[-2:] == ["e", "-"]:
        before = before[:-2]
    near = before[-8:]
    if _is_denied(near) or _is_about_others(before) or _is_topic(before[-3:], after[:2]):
        return False
    is_of_something = after[:1] in (["of"], ["de"], ["d"]) and not _has(after[1:3], w.CHANNELS)
    if _has(before[-1:], w.YOUR) and len(before) == 1 and len(after) < 3:
        return True
    if _has(before[-2:], {"our", "notre"}) and _has(before, {"send", "envoyez"}) and _has(before, {"to", "a"}):
        return True
    if _has(before[-2:], w.POSSESSIVES) and _has(before[-6:], {"give", "gave", "sent", "donne", "envoie", "laisse"}):
        return True
    if _has(before[-1:], {"by", "par"}) and _has(before[-5:], w.TALK_TOGETHER):
        return True
    if _has(before[-4:], w.YOUR) and _has(near, w.GIVE) and not is_of_something and after[:1] != ["one"]:
        return True
    if _is_sent_to_me(near) and _has(before[-2:], {"by", "via", "par", "my", "mon", "through", "mail"}):
        return not _has(after[:4], w.HERE)
    if _has(before[-4:], w.PREFERENCE) and _has(before[-6:], w.FIRST_PERSON):
        return True
    if _has(before[-3:], w.POSSESSIVES) and _has(before, w.WHERE) and _has(before, w.SEEING):
        return True
    if _has(before[-3:], w.POSSESSIVES | {"m"}) and _has(after, w.WHERE) and _has(after, w.IS | w.ON | {"are", "sont"}):
        return True
    is_asked_for = _has(near, {"ask", "demandez", "request"}) and _has(near, {"me", "moi", "us", "nous"})
    return is_asked_for and _has(near, {"for", "l", "le", "la", "les"})


def _asks_outside(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “outside the platform” and “hors plateforme”."""
    following = [each for each in after[:6] if each not in {"-", "of", "the", "de", "la", "du", "le", "l", "this", "ce"}]
    if not following:
        is_ask = _has(before, w.PAY | w.TALK) and _has(before, {"me", "us", "let", "lets", "moi"})
        return is_ask and not _is_denied(before)
    if following[0] not in w.PLATFORM or (word == "out" and following[0] not in {"jalon", "platform"}):
        return False
    around = (*before, *after)
    if _is_denied(before) or _has(around, w.KEPT_OUT) or _is_about_others(before):
        return False
    is_ours = following[0] in {"jalon", "platform", "plateforme", "plateform"}
    return _has(around, w.ASKS_OUTSIDE) or (is_ours and _has(around, w.FIRST_PERSON))


def _asks_to_skip(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “avoid the fee”, “without Jalon”, “sans passer par la plateforme”."""
    around = (*before, *after)
    if _has(around, w.KEPT_OUT) or _is_about_others(before) or _has(before[-3:], w.NEGATIONS - {"no", "sans", "without"}):
        return False
    reach = after[:7]
    is_platform = _has(reach, {"jalon", "platform", "plateforme", "plateform"})
    is_between_us = _has(around, w.BETWEEN_US) or before[:1] == ["on"] or word.endswith("ons")
    if word in {"go", "going", "passer"}:
        return is_platform and _has(before[-4:], {"need", "besoin", "without", "sans"})
    if "jalon" in reach[:3] and word in {"without", "sans"}:
        return True
    if word not in {"without", "sans"} and _has(reach, w.FEES):
        return (is_between_us or is_platform) and not _has(reach, {"bank", "bancaires", "shipping", "livraison", "late"})
    return is_platform and (is_between_us or _has(around, w.ASKS_OUTSIDE))


def _asks_directly(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “pay me directly” and “on passe en direct”."""
    near = before[-7:]
    if _is_denied(near) or _has(after[:3], w.HERE) or _is_about_others(before):
        return False
    if word in {"directly", "directement", "direct", "straight"}:
        is_together = _has(before[-4:], {"we", "let", "lets", "nous", "on"}) and after[:1] != ["with"]
        if is_together and _has(before[-1:], {"work", "travaille", "travaillons"}):
            return True
        is_deal = _has(near, w.DEALS) and _has((*near, *after), w.BETWEEN_US)
        return is_deal and (word != "direct" or near[-1:] == ["en"] or _has(after[:1], w.PAID))
    return _has(near, w.CONTACT | w.PAY) and _has((*near, *after), w.FIRST_PERSON)


# To pay.


def _asks_to_pay(name: Name, before: list[str], after: list[str]) -> bool:
    following = after
    if _is_denied(before[-8:]) or _is_about_others(before) or _is_topic(before, following[:5]):
        return False
    if _has((*before, *after), w.SHOP):
        return False
    if after[:1] in (["me"], ["moi"], ["@"]):
        return True  # “PayPal me”
    is_short = len(before) < 5 and len(after) < 5
    if is_short and _has((*before[-3:], *after[:1]), w.PAID):
        return True
    near = before[-9:]
    is_to_or_by = _has(before[-4:], w.MEANS)
    if _has(near, w.PAY) and _has((*before, *after), w.FIRST_PERSON | {"you", "vous"}) and (is_to_or_by or near[-1:] != []):
        return not name.is_ambiguous or is_to_or_by or _has(near[-1:], w.PAY)
    if _has(before[-4:], w.ACCEPT) and _has(before, w.FIRST_PERSON):
        return True
    if _has(before[-2:], {"my", "mon", "ma", "mes"}):
        return True
    if _has(near, w.PAID | w.PAY) and is_to_or_by:
        return True
    if name.is_ambiguous and not _has(following[:2], w.AFTER_METHOD):
        return False
    return _has(following[:4], w.AFTER_METHOD) or _has(following[:6], {"jalon"})


def _account_number(reading: Reading, place: int) -> Span | None:
    """Find an IBAN, or the address of a wallet that somebody asks to send to."""
    word = reading.words[place]
    if BITCOIN.fullmatch(word[:LONGEST_WORD]):
        return Span(Kind.PAYMENT, place, place + 1)
    before, _after = reading.sentence(place, BEFORE, AFTER)
    if ETHEREUM.fullmatch(word[:LONGEST_WORD]):
        return Span(Kind.PAYMENT, place, place + 1) if _has(before, w.PAY | {"wallet", "usdt"}) else None
    if len(word) < 4 or not (word[:2].isalpha() and word[2:4].isdigit()):
        return None
    account, at = word, place + 1
    while len(account) < IBAN_LENGTHS.stop and reading.word(at).isalnum() and not _is_long_word(reading.words[at]):
        account, at = account + reading.words[at], at + 1
        if len(account) in IBAN_LENGTHS and is_iban(account):
            return Span(Kind.PAYMENT, place, at)
    if len(word) in IBAN_LENGTHS and is_iban(word):
        return Span(Kind.PAYMENT, place, place + 1)
    return None


def _is_long_word(word: str) -> bool:
    return word.isalpha() and len(word) > 4


def is_iban(account: str) -> bool:
    """Test whether the check digits of an international account number are right."""
    turned = account[4:] + account[:4]
    return turned.isalnum() and turned.isascii() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


# What sentences say.


def _has(several: Sequence[str], words: frozenset[str] | set[str]) -> bool:
    return any(word in words for word in several)


def _is_denied(before: Sequence[str]) -> bool:
    """Test whether the words just before say no; a comma ends what is denied, and “do not hesitate” denies nothing."""
    for distance, word in enumerate(reversed(before)):
        if word in {",", ":", "("} or distance > DENIAL + 1:
            return False
        if word in w.HESITATE:
            return False
        if word in w.NEGATIONS:
            return not _has(before, w.HESITATE | {"que", "only"})
    return False


def _is_topic(before: Sequence[str], after: Sequence[str]) -> bool:
    """Test whether a service is what the work is about."""
    return _has(after, w.TOPICS) or _has(before, w.TOPICS)


def _is_about_others(before: Sequence[str]) -> bool:
    """Test whether other people do it: customers, users."""
    return _has(before, w.OTHERS)


def _asks_for_cash(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “de la main à la main”, “cash in hand”, “under the table”."""
    if word == "main":
        return before[-2:] == ["de", "la"] and after[:3] == ["a", "la", "main"]
    if word in {"black", "noir"}:
        return before[-1:] == ["au"] and _has(before, w.PAY | w.PAID)
    return before[-2:] in (["cash", "in"], ["under", "the"]) and after[:1] != ["of"]


def _asks_between_us(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “settle it between us” and “s’arranger entre nous”."""
    return after[:1] in (["us"], ["nous"], ["ourselves"]) and _has(before, w.DEALS | {"arranger", "arrange", "agree"})


def _asks_to_call(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “call my mobile” and “text me”."""
    if word == "text":
        is_ask = len(before) == 0 or _has(before[-1:], {"please", "just", "can", "you", "and", "or"})
        return is_ask and after[:1] == ["me"] and not _has(after[1:2], {"the", "a", "an", "up"})
    return _has(after[:1], w.POSSESSIVES) and _has(after[1:3], w.LINES) and not _is_denied(before)


RULES = (
    (frozenset({"main", "hand", "table", "black", "noir"}), _asks_for_cash, Kind.PAYMENT),
    (frozenset({"between", "entre"}), _asks_between_us, Kind.PAYMENT),
    (frozenset({"call", "ring", "text", "contact", "appelez", "appeler"}), _asks_to_call, Kind.TALK),
    (w.CHANNELS | {"details", "information", "info"}, _asks_for_channel, Kind.TALK),
    (w.OUTSIDE, _asks_outside, Kind.TALK),
    (w.SKIP | {"going", "go", "passer"}, _asks_to_skip, Kind.PAYMENT),
    (w.DIRECT | {"directement"}, _asks_directly, Kind.PAYMENT),
)
