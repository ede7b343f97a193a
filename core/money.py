"""Arithmetic and text of money in integer minor units: fees, splits, formatting, parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache

from django.utils import formats, translation
from django.utils.translation import gettext as _

from core.errors import DomainError

#: Currencies whose minor unit is not a hundredth (ISO 4217).
EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "JPY",
            "KMF",
            "KRW",
            "MGA",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3),
}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF", "CAD": "CA$", "JPY": "¥"}
BPS = 10_000
#: The largest amount one form accepts, in minor units; the invariants are proven up to here.
LARGEST = 1_000_000_000
NARROW_NBSP, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"
#: What stands in place of a sum that its reader is not shown.
HIDDEN = "–"
_is_hiding: ContextVar[bool] = ContextVar("is_hiding", default=False)


class InvalidAmount(DomainError):
    """The text is not an amount of money."""


def exponent(currency: str) -> int:
    """Return how many decimals the minor unit of `currency` stands for."""
    return EXPONENTS.get(currency, 2)


def fee_of(amount: int, rate_bps: int) -> int:
    """Return `rate_bps` basis points of a non-negative `amount`, rounded half up once."""
    return (amount * rate_bps * 2 + BPS) // (2 * BPS)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out in proportion to `weights` by largest remainder; the parts sum to `total` exactly.

    `total` and each weight are non-negative; ties go to the earlier part. All weights 0 is refused unless
    `total` is 0.
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to share in proportion to")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def split_within(total: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    """Share `total` out like `split`, but no part above its cap: what one cannot take goes to the first that can.

    `total` is at most the sum of `caps`.
    """
    if total > sum(caps):
        raise ValueError("the parts cannot take as much")
    parts = split(total, weights if any(weights) else caps)
    excess = 0
    for i, cap in enumerate(caps):
        excess += max(parts[i] - cap, 0)
        parts[i] = min(parts[i], cap)
    for i, cap in enumerate(caps):
        more = min(cap - parts[i], excess)
        parts[i] += more
        excess -= more
    return parts


def to_decimal(minor: int, currency: str) -> Decimal:
    """Return the amount in major units."""
    return Decimal(minor).scaleb(-exponent(currency))


def decimal_text(minor: int, currency: str) -> str:
    """Return minor units as files for machines write them: a number with a point, such as -12.50."""
    places = exponent(currency)
    whole, part = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{part:0{places}d}" if places else f"{sign}{whole}"


@lru_cache(maxsize=64)
def _marks(language: str) -> tuple[str, str, bool]:
    """Return what stands between thousands, what before decimals, and whether the sign of the currency comes last."""
    is_french = language.startswith("fr")
    thousands = formats.get_format("THOUSAND_SEPARATOR", language, use_l10n=True)
    return (
        NARROW_NBSP if is_french else thousands,
        formats.get_format("DECIMAL_SEPARATOR", language, use_l10n=True),
        is_french,
    )


@contextmanager
def sums_shown(shown: object) -> Iterator[None]:
    """Write amounts as such inside the block where `shown` is true, and a dash in place of each where it is not.

    Pages, mails and their components write all sums through `format_money`: what a reader must not see is then left out
    in one place, whichever template shows it.
    """
    token = _is_hiding.set(not shown)
    try:
        yield
    finally:
        _is_hiding.reset(token)


def format_money(minor: int, currency: str, *, is_whole: bool = False) -> str:
    """Return the amount as the active language writes it: "€1,400.00" in English, "1 400,00 €" in French.

    Where sums are not shown (`sums_shown`) it is a dash.

    A negative amount has a true minus sign. With `is_whole`, decimals are left out where they are zero. Written out
    here because lists show hundreds: Django's own formatting takes twenty times as long.
    """
    if _is_hiding.get():
        return HIDDEN
    decimals = exponent(currency)
    whole, part = divmod(abs(minor), 10**decimals)
    thousands, point, is_sign_last = _marks(translation.get_language() or "en")
    number = f"{whole:,}".replace(",", thousands)
    if decimals and not (is_whole and part == 0):
        number = f"{number}{point}{part:0{decimals}d}"
    sign = MINUS if minor < 0 else ""
    symbol = SYMBOLS.get(currency, currency)
    if is_sign_last:
        return f"{sign}{number}{NBSP}{symbol}"
    return f"{sign}{symbol}{NBSP if symbol.isalpha() else ''}{number}"


#: Figures in groups of three behind one and the same mark, then perhaps decimals behind another; or plain figures.
_GROUPED = re.compile(
    r"^(?P<whole>[1-9]\d{0,2}(?P<mark>[ '.,])\d{3}(?:(?P=mark)\d{3})*)(?:(?!(?P=mark))[.,](?P<part>\d+))?$", re.ASCII
)
_PLAIN = re.compile(r"^(?P<whole>\d+)(?:[.,](?P<part>\d+))?$", re.ASCII)


def parse_money(text: str, currency: str) -> int:
    """Read an amount as people write it in English or French and return minor units.

    Accepts "1400", "1,400.50", "1 400,50" and "€1,400"; "1.234" and "1,234" mean a thousand and some, but where a
    currency has thousandths. What could be meant in two ways, such as "0.125" or "1.000,000" euros, is refused.
    Raises InvalidAmount with what to type instead, and for amounts below 0 or above `LARGEST`.
    """
    clean = text.strip().replace(NARROW_NBSP, " ").replace(NBSP, " ").replace("\u2019", "'")
    for mark in {SYMBOLS.get(currency, currency), currency}:
        clean = clean.replace(mark, "").strip()
    read = None
    if len(clean) <= 24:
        has_thousandths = exponent(currency) == 3
        read = (has_thousandths and _PLAIN.match(clean)) or _GROUPED.match(clean) or _PLAIN.match(clean)
    if not read:
        raise InvalidAmount(_("Enter an amount in figures, such as 1400 or 1400.50."))
    whole, part = re.sub(r"[ '.,]", "", read["whole"]), read["part"] or ""
    if len(part) > exponent(currency):
        raise InvalidAmount(_("Use at most %(count)d decimals.") % {"count": exponent(currency)})
    value = Decimal(f"{whole}.{part or '0'}")
    minor = int(value.scaleb(exponent(currency)))
    if minor > LARGEST:
        limit = format_money(LARGEST, currency)
        raise InvalidAmount(_("Enter a smaller amount: the limit is %(limit)s.") % {"limit": limit})
    return minor
