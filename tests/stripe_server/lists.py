"""Pages of objects, and what is shown inside of others."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.stripe_server.errors import Json, invalid
from tests.stripe_server.world import Request, World

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
#: Fields that hold the id of an object and can be shown whole, with its kind.
EXPANDABLE = frozenset({
    "balance_transaction", "failure_balance_transaction", "charge", "customer", "destination", "destination_payment",
    "latest_charge", "mandate", "payment_intent", "payment_method", "source", "source_transaction", "source_transfer",
    "transfer", "transfer_reversal", "default_payment_method", "file", "reversals", "refunds",
})  # fmt: skip


def within(value: int, wanted: Any) -> bool:
    """Test whether a number is the wanted one, or within the wanted range."""
    if isinstance(wanted, int):
        return value == wanted
    return all(COMPARISONS[name](value, bound) for name, bound in wanted.items())


def page(request: Request, things: list[Json], *filters: str) -> Json:
    """Return one page of a list, newest first, keeping what the filters of the call let through."""
    params = request.params
    for name in filters:
        if name in params:
            things = [thing for thing in things if thing.get(name) == params[name]]
    for name in ("created", "arrival_date", "amount"):
        if name in params:
            things = [thing for thing in things if within(thing[name], params[name])]
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    is_backward = "ending_before" in params
    if is_backward:
        before = things[: place_of(things, params["ending_before"], "ending_before")]
        chosen, has_more = before[-limit:], len(before) > limit
    else:
        after = params.get("starting_after")
        rest = things if after is None else things[place_of(things, after, "starting_after") + 1 :]
        chosen, has_more = rest[:limit], len(rest) > limit
    return {"object": "list", "data": chosen, "has_more": has_more, "url": request.path}


def place_of(things: list[Json], name: str, param: str) -> int:
    for place, thing in enumerate(things):
        if thing["id"] == name:
            return place
    raise invalid(f"No such object: '{name}'", code="resource_missing", param=param)


def expanded(world: World, answer: Json, paths: list[str]) -> Json:
    """Return a copy of an answer with the fields that `expand` names shown whole."""
    shown = copy.deepcopy(answer)
    for path in paths:
        parts = path.split(".")
        if len(parts) > 4:
            raise invalid("You cannot expand more than 4 levels of a property.", param="expand")
        expand_into(world, shown, parts, path)
    return shown


def expand_into(world: World, thing: Any, parts: list[str], path: str) -> None:
    if isinstance(thing, list):
        for item in thing:
            expand_into(world, item, parts, path)
        return
    if not isinstance(thing, dict) or parts[0] not in thing:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    value = thing[parts[0]]
    if isinstance(value, str):
        if parts[0] not in EXPANDABLE or value not in world.objects:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        value = thing[parts[0]] = copy.deepcopy(world.objects[value])
    if len(parts) > 1 and value is not None:
        expand_into(world, value, parts[1:], path)
