"""Every kind of notice: which event it tells of, whom, in what words, and where it leads; one module for each app."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from events.models import Event
from notifications.catalogue import (
    accounts,
    contracts,
    disputes,
    jobs,
    messaging,
    payments,
    profiles,
    proposals,
    trust,
)
from notifications.catalogue.shapes import Kind, Thing

_MODULES = (accounts, payments, messaging, profiles, jobs, proposals, contracts, disputes, trust)

#: How to find what an event is about, by the kind of its subject.
THINGS: Mapping[str, Callable[[int], Thing]] = {name: of for module in _MODULES for name, of in module.THINGS.items()}

KINDS: Mapping[str, Kind] = {name: kind for module in _MODULES for name, kind in module.KINDS.items()}


def thing_of(event: Event) -> Thing:
    """Return what an event is about. Raises KeyError for a subject of a kind without notices."""
    name, _colon, pk = event.subject.partition(":")
    return THINGS[name](int(pk))
