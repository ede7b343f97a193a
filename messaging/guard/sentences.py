"""What the words around a telling word say: a denial, the subject of the work, other people, an object that is me."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.guard import words as w

#: How many words back a denial reaches.
DENIAL = 6
ME = (["me"], ["us"], ["moi"])


def has(several: Sequence[str], words: Collection[str]) -> bool:
    """Test whether one of several tokens is one of these words."""
    return any(word in words for word in several)


def is_denied(before: Sequence[str]) -> bool:
    """Test whether the words just before say no; a comma ends what is denied, and “do not hesitate” denies nothing."""
    for word in before[: -1 - DENIAL - 1 : -1]:
        if word in {",", ":", "("} or word in w.HESITATE:
            return False
        if word in w.NEGATIONS:
            return not has(before, w.HESITATE | {"que", "only"})
    return False


def is_topic(before: Sequence[str], after: Sequence[str]) -> bool:
    """Test whether a service is what the work is about."""
    return has(after, w.TOPICS) or has(before, w.TOPICS)


def is_about_others(before: Sequence[str]) -> bool:
    """Test whether other people do it: customers, users."""
    return has(before, w.OTHERS)


def is_sent_to_me(before: Sequence[str]) -> bool:
    """Test whether a verb such as “write” has me, or us, as its object."""
    for at, word in enumerate(before):
        if word in w.CONTACT and (
            has(before[at + 1 : at + 4], w.ME) or has(before[max(0, at - 2) : at], {"m", "me", "nous"})
        ):
            return True
        if word in w.REACHED and has(before[:at], w.FIRST_PERSON | {"be"}):
            return True
    return False
