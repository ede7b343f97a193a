"""The addresses that the local Stripe answers, each with the verb that does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from tests.stripe_server.contract import Operation, operations, shape_of
from tests.stripe_server.errors import Json
from tests.stripe_server.world import Request, World

Verb = Callable[[World, Request], Json]
KEPT: dict[tuple[str, str], Verb] = {}


def answers(method: str, template: str) -> Callable[[Verb], Verb]:
    """Register the verb of one of the SDK's calls; an address that the SDK does not have is an error."""
    if (method, shape_of(template)) not in operations():
        raise LookupError(f"The SDK has no call {method} {template}")

    def register(verb: Verb) -> Verb:
        KEPT[method, shape_of(template)] = verb
        return verb

    return register


@cache
def patterns(method: str) -> list[tuple[re.Pattern[str], Operation]]:
    """Return the addresses of a method, those that name least first."""
    known = [
        (re.compile("([^/]+)".join(re.escape(part) for part in shape.split("{}"))), operation)
        for (verb, shape), operation in operations().items()
        if verb == method
    ]
    return sorted(known, key=lambda pair: pair[0].groups)


def matching(method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
    """Return the SDK's call that goes to an address, and what the address names; a fixed address comes first."""
    for pattern, operation in patterns(method):
        if found := pattern.fullmatch(path):
            return operation, found.groups()
    return None
