"""What the proofs by kills ask of a provider in tests: to fail once, to announce, and to say what it really did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from payments.gateways.sandbox import Fault
from payments.models import MoneyMove, SandboxEvent, SandboxObject
from payments.tests.cards import sandbox

#: No fault; the answer lost on its way; a stored 500 after the effect; a stored 500 before it.
FAULTS = ("", "reply_lost", "broken_after", "broken_before")


class Provider(Protocol):
    """One provider as the tests see it from outside of the product."""

    name: str
    #: The clocks by which its announcements arrive.
    post: tuple[str, ...]

    def arm(self, verb: str, fault: str) -> None:
        """Let the next call of this verb by this process go wrong."""

    def calm(self) -> None:
        """Let nothing go wrong any more."""

    def effects(self, verb: str, moves: Iterable[MoneyMove]) -> int:
        """Return how often the provider really did what these moves asked for."""

    def unsent(self) -> int:
        """Return how many announcements have not been taken."""


class SandboxProvider:
    """The sandbox: its rows are its memory."""

    name: str = "sandbox"
    post: tuple[str, ...] = ("payments.deliver_sandbox_events",)
    #: The objects that a verb makes, and the states in which its money has moved.
    _DONE: Mapping[str, tuple[str, set[str]]] = {
        "charge": ("payment", {"succeeded"}),
        "cancel": ("payment", {"canceled"}),
        "refund": ("refund", {"succeeded"}),
        "transfer": ("transfer", {"succeeded"}),
        "payout": ("payout", {"paid"}),
        "reversal": ("reversal", {"succeeded"}),
        "topup": ("topup", {"succeeded"}),
        "cashout": ("cashout", {"paid"}),
    }

    def arm(self, verb: str, fault: str) -> None:
        """Put the fault before the next call."""
        sandbox().faults.append(Fault(verb, fault))  # type: ignore[arg-type]

    def calm(self) -> None:
        """Forget the faults that nobody met."""
        sandbox().faults.clear()
        sandbox().calls.clear()

    def effects(self, verb: str, moves: Iterable[MoneyMove]) -> int:
        """Count its objects; a cancel is done to the object of the charge."""
        kind, states = self._DONE[verb]
        names = {str(move.pk) for move in moves}
        if verb == "cancel":
            sources = {move.source for move in moves}
            names = {str(pk) for pk in MoneyMove.objects.filter(verb="charge", source__in=sources).values_list("pk")[0]}
        return SandboxObject.objects.filter(kind=kind, move__in=names, data__status__in=states).count()

    def unsent(self) -> int:
        """Count its events."""
        return SandboxEvent.objects.filter(delivered_at=None).count()


PROVIDERS: dict[str, Provider] = {"sandbox": SandboxProvider()}
