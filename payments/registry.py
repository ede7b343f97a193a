"""What upper apps tell this one at start-up: what their charges are for, and where a line about them leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from payments.gateway import ProviderDispute
from payments.models import Charge, Refund

Lock = Callable[[int], None]
ChargeEnds = Callable[[Charge, datetime], None]
RefundEnds = Callable[[Refund, datetime], None]
#: Given the name of the gateway, a dispute as it is now, and the time.
DisputeSeen = Callable[[str, ProviderDispute, datetime], None]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a charge can be for, and who is told, in the transaction that settles it, how it ended.

    `lock` takes the rows of the purpose from the front of the lock order; `settled` puts the money where it belongs,
    even for a charge that was given up and came all the same; `failed` takes back what waited for it.
    """

    name: str
    lock: Lock
    settled: ChargeEnds
    failed: ChargeEnds
    refunded: RefundEnds | None
    refund_failed: RefundEnds | None


_purposes: dict[str, Purpose] = {}
_disputes: list[DisputeSeen] = []
_links: dict[str, Callable[[int], str]] = {}
_link_words: dict[str, Promise | str] = {}


def register_purpose(
    name: str,
    *,
    lock: Lock,
    settled: ChargeEnds,
    failed: ChargeEnds,
    refunded: RefundEnds | None = None,
    refund_failed: RefundEnds | None = None,
) -> None:
    """Add a purpose; an app calls this once in its AppConfig.ready()."""
    _purposes[name] = Purpose(name, lock, settled, failed, refunded, refund_failed)


def purpose_named(name: str) -> Purpose:
    """Return a purpose. Raises KeyError for one that no app registered."""
    return _purposes[name]


def register_dispute(seen: DisputeSeen) -> None:
    """Ask to be told of every dispute that the provider speaks of, again whenever it changes, and perhaps often.

    `seen` is called outside of any transaction, with the present state, and makes its own; what it raises lets the
    event be worked through again later.
    """
    if seen not in _disputes:
        _disputes.append(seen)


def dispute_seen(gateway: str, dispute: ProviderDispute, at: datetime) -> None:
    """Tell those who asked about a dispute."""
    for seen in _disputes:
        seen(gateway, dispute, at)


def register_link(prefix: str, url: Callable[[int], str], *, words: Promise | str = "") -> None:
    """Say where a scope such as "contract:5" leads, `url(5)` for "contract", and the words of a button there."""
    _links[prefix] = url
    _link_words[prefix] = words


def link_to(scope: str) -> str:
    """Return the address of a scope such as "contract:5"; empty for one that leads nowhere."""
    prefix, _colon, number = scope.partition(":")
    url = _links.get(prefix)
    return url(int(number)) if url and number.isdecimal() else ""


def words_to(scope: str) -> str:
    """Return what a button that leads to a scope says; empty where no app said it."""
    return str(_link_words.get(scope.partition(":")[0], ""))
