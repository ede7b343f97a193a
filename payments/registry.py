"""What upper apps tell this one at start-up: what their charges are for, and where a line about them leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from ledger.actions import Leg
from payments.gateway import Evidence
from payments.models import Charge, Chargeback, Refund

Lock = Callable[[int], None]
ChargeEnds = Callable[[Charge, datetime], None]
RefundEnds = Callable[[Refund, datetime], None]
ChargebackTurns = Callable[[Chargeback, datetime], None]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a charge can be for, and who is told, in the transaction that settles it, how it ended.

    `lock` takes the rows of the purpose from the front of the lock order; `settled` puts the money where it belongs,
    even for a charge that was given up and came all the same; `failed` takes back what waited for it. `charged_back`
    is told once the money of a charge is frozen for its chargeback, `chargeback_closed` once the bank has decided.
    `loss` says which accounts answer for the part of a lost one that was never held; without it, the operator's
    expense does. `evidence` gathers what speaks for a charge, for the bank.
    """

    name: str
    lock: Lock
    settled: ChargeEnds
    failed: ChargeEnds
    refunded: RefundEnds | None
    refund_failed: RefundEnds | None
    charged_back: ChargebackTurns | None
    chargeback_closed: ChargebackTurns | None
    loss: Callable[[Chargeback], list[Leg]] | None
    evidence: Callable[[Charge], Evidence] | None


@dataclass(frozen=True, slots=True)
class ChargebackWatch:
    """Another app that acts when money of a purpose is charged back. `lock` takes its rows, after the purpose's own."""

    purpose: str
    lock: Callable[[Charge], None]
    charged_back: ChargebackTurns
    chargeback_closed: ChargebackTurns


_purposes: dict[str, Purpose] = {}
_watches: list[ChargebackWatch] = []
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
    charged_back: ChargebackTurns | None = None,
    chargeback_closed: ChargebackTurns | None = None,
    loss: Callable[[Chargeback], list[Leg]] | None = None,
    evidence: Callable[[Charge], Evidence] | None = None,
) -> None:
    """Add a purpose; an app calls this once in its AppConfig.ready()."""
    _purposes[name] = Purpose(
        name, lock, settled, failed, refunded, refund_failed, charged_back, chargeback_closed, loss, evidence
    )


def purpose_named(name: str) -> Purpose:
    """Return a purpose. Raises KeyError for one that no app registered."""
    return _purposes[name]


def register_chargeback_watch(
    purpose: str,
    *,
    lock: Callable[[Charge], None],
    charged_back: ChargebackTurns,
    chargeback_closed: ChargebackTurns,
) -> None:
    """Ask to act in the transaction in which a chargeback of a purpose opens and closes, after the purpose itself."""
    _watches.append(ChargebackWatch(purpose, lock, charged_back, chargeback_closed))


def watches_of(purpose: str) -> list[ChargebackWatch]:
    """Return who else acts on chargebacks of a purpose."""
    return [watch for watch in _watches if watch.purpose == purpose]


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
