"""Judges asks to talk elsewhere, by the words of the sentence before and after the one that tells."""

from __future__ import annotations

from messaging.guard import words as w
from messaging.guard.names import Name
from messaging.guard.sentences import ME, has, is_about_others, is_denied, is_sent_to_me, is_topic


def asks_to_talk(name: Name, before: list[str], after: list[str]) -> bool:
    """Judge the name of a messenger or network."""
    near = before[-8:]
    if is_denied(near) or is_topic(before[-6:], after[:3]) or is_about_others(before):
        return False
    if after[:1] in ME:
        return name.word not in {"dm", "mp", "sms"}  # “WhatsApp me”; “DM me” can be done here
    last = near[-1:]
    if name.is_ambiguous and not has(last, w.TO_PLACES | w.YOUR):
        return False
    return (
        is_sent_to_me(before[-10:])
        or (has(near, w.TALK) and has(before[:-1], w.TOGETHER_WORDS) and has(last, w.PREPOSITIONS))
        or (has(near, w.PREFERENCE) and has((*before, *after), w.FIRST_PERSON) and last != ["and"])
        or (has(near, w.GIVE) and has(before[-3:], w.YOUR))
        or (has(last, w.TO_PLACES) and has(after, w.ANSWERING))
        or (name.word in w.TALK_ONLY and _is_place_to_talk(before, after))
    )


def _is_place_to_talk(before: list[str], after: list[str]) -> bool:
    """Test whether a messenger is where somebody wants to be met: “dispo sur Skype”, “do you have WhatsApp?”."""
    if has((*before, *after), w.WORK):
        return False
    last, is_short = before[-1:], len(before) + len(after) < 6
    if has(last, w.TO_PLACES):
        is_personal = has(before, w.FIRST_PERSON | w.CALLS | w.CONTACT | w.TALK | {"you", "vous"})
        return is_personal or (len(before) == 2 and not after and not has(before, w.NOT_A_HANDLE | w.TOPICS))
    if has(before, w.HAVING) and has(before, {"you", "vous", "we", "us"}):
        return len(after) < 3 or has(after, w.TALK_TOGETHER | {"interview", "call"})
    if has(last, w.YOUR | {"notre", "our", "my", "mon"}) and is_short:
        return has(last, w.YOUR) or has(before, w.CONTACT)
    return is_short and len(before) < 2 and has(after, w.PREFERENCE | {"only", "uniquement", "preference", "works"})


def asks_for_channel(_word: str, before: list[str], after: list[str]) -> bool:
    """Judge “send me your number”, “call me on my mobile”, “my e-mail is on my site”."""
    if before[-2:] == ["e", "-"]:
        before = before[:-2]
    near = before[-8:]
    if is_denied(near) or is_about_others(before) or is_topic(before[-3:], after[:2]):
        return False
    return _is_theirs_asked(before, after) or _is_mine_given(before, after) or _is_by_channel(before, after)


def _is_theirs_asked(before: list[str], after: list[str]) -> bool:
    """Test whether somebody asks for the other's number or address."""
    is_of_something = after[:1] in (["of"], ["de"], ["d"], ["one"]) and not has(after[1:3], w.CHANNELS)
    if has(before[-1:], w.YOUR) and len(before) == 1 and len(after) < 3:
        return True
    return has(before[-4:], w.YOUR) and has(before[-8:], w.GIVE) and not is_of_something


def _is_mine_given(before: list[str], after: list[str]) -> bool:
    """Test whether somebody gives a number or an address, or says where it is."""
    near = before[-8:]
    if has(before[-2:], {"our", "notre"}) and has(before, {"send", "envoyez"}) and has(before, {"to", "a"}):
        return True
    if has(before[-2:], w.POSSESSIVES) and has(before[-6:], w.GIVING):
        return True
    is_mine = has(before[-3:], w.POSSESSIVES | {"m"})
    if is_mine and has(before, w.WHERE) and has(before, w.SEEING):
        return True
    if is_mine and has(after, w.WHERE) and has(after, w.IS | w.ON | {"are", "sont"}):
        return True
    is_asked_for = has(near, {"ask", "demandez", "request"}) and has(near, w.ME)
    return is_asked_for and has(near, {"for", "l", "le", "la", "les"})


def _is_by_channel(before: list[str], after: list[str]) -> bool:
    """Test whether somebody wants to be reached by mail or by phone."""
    if has(before[-1:], {"by", "par"}) and has(before[-5:], w.TALK_TOGETHER):
        return True
    if has(before[-4:], w.PREFERENCE) and has(before[-6:], w.FIRST_PERSON):
        return True
    return (
        is_sent_to_me(before[-8:])
        and has(before[-2:], {"by", "via", "par", "my", "mon", "through", "mail"})
        and not has(after[:4], w.HERE)
    )


def asks_to_call(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “call my mobile” and “text me”."""
    if word == "text":
        is_ask = not before or has(before[-1:], {"please", "just", "can", "you", "and", "or"})
        return is_ask and after[:1] == ["me"] and not has(after[1:2], {"the", "a", "an", "up"})
    return has(after[:1], w.POSSESSIVES) and has(after[1:3], w.LINES) and not is_denied(before)


def asks_outside(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “outside the platform” and “hors plateforme”."""
    where = next((each for each in after[:6] if each not in w.ARTICLES), "")
    if not where:
        is_ask = has(before, w.PAY | w.TALK) and has(before, {"me", "us", "let", "lets", "moi"})
        return is_ask and not is_denied(before)
    is_ours = where in w.OUR_PLATFORM
    if not is_ours and (where not in w.PLATFORM or word == "out"):
        return False
    around = (*before, *after)
    if is_denied(before) or has(around, w.KEPT_OUT) or is_about_others(before):
        return False
    return has(around, w.ASKS_OUTSIDE) or (is_ours and has(around, w.FIRST_PERSON))
