"""Judges asks to pay elsewhere, by the words of the sentence before and after the one that tells."""

from __future__ import annotations

from messaging.guard import words as w
from messaging.guard.names import Name
from messaging.guard.sentences import has, is_about_others, is_denied, is_topic


def asks_to_pay(name: Name, before: list[str], after: list[str]) -> bool:
    """Judge the name of a way to pay."""
    around = (*before, *after)
    if is_denied(before[-8:]) or is_about_others(before) or is_topic(before, after[:5]) or has(around, w.SHOP):
        return False
    is_self_employed = name.word == "compte" and before[-2:-1] == ["a"] and not has(before[-8:-2], w.PAY | w.PAID)
    if is_self_employed:  # « à mon compte depuis 2019 »
        return False
    near, is_by = before[-9:], has(before[-4:], w.MEANS)
    if has(near, w.PAY) and has(around, w.FIRST_PERSON | {"you", "vous"}):
        return not name.is_ambiguous or is_by or has(near[-1:], w.PAY)
    return (
        after[:1] in (["me"], ["moi"], ["@"])  # “PayPal me”
        or (len(before) < 5 and len(after) < 5 and has((*before[-3:], *after[:1]), w.PAID))
        or (
            has(before[-4:], w.ACCEPT) and has(before, w.FIRST_PERSON) and not has(before[-5:], {"ai", "avons"})
        )  # « j’ai utilisé »
        or has(before[-2:], w.POSSESSIVES)
        or (has(near, w.PAID | w.PAY) and is_by)
        or has(after[: 2 if name.is_ambiguous else 4], w.AFTER_METHOD)
        or (has(after[:6], {"jalon"}) and not name.is_ambiguous)
    )


def asks_to_skip(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “avoid the fee”, “without Jalon”, “sans passer par la plateforme”."""
    around, reach = (*before, *after), after[:7]
    is_harmless = has(around, w.KEPT_OUT) or is_about_others(before)
    if is_harmless or has(before[-3:], w.NEGATIONS - {"no", "sans", "without"}):
        return False
    is_platform = has(reach, w.OUR_PLATFORM)
    if word in {"go", "going", "passer"}:
        return is_platform and has(before[-4:], {"need", "besoin", "without", "sans"})
    is_between_us = has(around, w.BETWEEN_US) or before[:1] == ["on"] or word.endswith("ons")
    if word in {"without", "sans"}:
        return "jalon" in reach[:3] or (is_platform and (is_between_us or has(around, w.ASKS_OUTSIDE)))
    if has(reach, w.FEES):
        return (is_between_us or is_platform) and not has(reach, w.OTHER_FEES)
    return is_platform and (is_between_us or has(around, w.ASKS_OUTSIDE))


def asks_directly(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “pay me directly” and “on passe en direct”."""
    near = before[-7:]
    if is_denied(near) or has(after[:3], w.HERE) or is_about_others(before):
        return False
    around = (*near, *after)
    if word in {"privately", "private", "prive", "privee"}:
        return has(near, w.CONTACT | w.PAY) and has(around, w.FIRST_PERSON)
    is_together = has(before[-4:], {"we", "let", "lets", "nous", "on"}) and after[:1] != ["with"]
    if is_together and has(before[-1:], {"work", "travaille", "travaillons"}):
        return True
    is_deal = has(near, w.DEALS) and has(around, w.BETWEEN_US)
    return is_deal and (word != "direct" or near[-1:] == ["en"] or has(after[:1], w.PAID))


def asks_for_cash(word: str, before: list[str], after: list[str]) -> bool:
    """Judge “de la main à la main”, “cash in hand”, “under the table”, “au noir”."""
    if word == "main":
        return before[-2:] == ["de", "la"] and after[:3] == ["a", "la", "main"]
    if word in {"black", "noir"}:
        return before[-1:] == ["au"] and has(before, w.PAY | w.PAID)
    return before[-2:] in (["cash", "in"], ["under", "the"]) and after[:1] != ["of"]


def asks_between_us(_word: str, before: list[str], after: list[str]) -> bool:
    """Judge “settle it between us” and “s'arranger entre nous”."""
    return after[:1] in (["us"], ["nous"], ["ourselves"]) and has(before, w.DEALS | {"arranger", "arrange", "agree"})
