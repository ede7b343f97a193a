"""What the pinned SDK knows: its calls, and the types of their parameters, against which every body is checked."""

from __future__ import annotations

import ast
import importlib
import re
import types
import typing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pydantic
import stripe
import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext

from tests.stripe_server.errors import Json, malformed

SDK = Path(stripe.__file__).parent
STRICT = pydantic.ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)
OPTIONS = frozenset(RequestOptions.__annotations__)  # for the SDK itself, never sent
INTEGER = re.compile(r"-?\d+\Z")
LISTS: set[Any] = {list}
UNIONS: set[Any] = {typing.Union, types.UnionType}
OPTIONAL: set[Any] = {typing.Required, typing.NotRequired, typing_extensions.Required, typing_extensions.NotRequired}


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the SDK: where it goes and which type its parameters have."""

    method: str
    template: str
    module: str | None
    params: str | None

    @property
    def shape(self) -> str:
        return shape_of(self.template)


def shape_of(template: str) -> str:
    """Return an address with its names taken out: /v1/refunds/{}."""
    return re.sub(r"\{[^}]*\}", "{}", template)


@cache
def operations() -> dict[tuple[str, str], Operation]:
    """Return every call that the SDK can make, read from its own services."""
    found: dict[tuple[str, str], Operation] = {}
    for file in sorted(
        [*SDK.glob("_*_service.py"), *SDK.glob("radar/_*_service.py"), *SDK.glob("v2/core/_*_service.py")]
    ):
        for operation in operations_in(file.read_text()):
            found[operation.method, operation.shape] = operation
    return found


def operations_in(source: str) -> list[Operation]:
    """Return the calls of one service: each method that sends a request, with the type of its `params`."""
    tree = ast.parse(source)
    homes = {
        name.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }
    found = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        sent = next((call for call in ast.walk(function) if is_request(call)), None)
        if sent is None:
            continue
        method, template = (literal_in(argument) for argument in sent.args[:2])
        types = [
            word
            for argument in function.args.args
            if argument.arg == "params" and argument.annotation
            for word in re.findall(r"\w+Params", ast.unparse(argument.annotation))
        ]
        params = types[0] if types else None
        found.append(Operation(method.upper(), template, homes.get(params or ""), params))
    return found


def is_request(node: ast.AST) -> typing.TypeGuard[ast.Call]:
    """Test whether a node calls `self._request`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request"


def literal_in(node: ast.expr) -> str:
    """Return the string of `"text"` or of `"text".format(…)`."""
    return next(part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def names_of(module: str) -> Json:
    """Return the names that the types of a module speak of."""
    return {**vars(typing), **vars(importlib.import_module(module)), "StripeContext": StripeContext}


@cache
def hints_of(kind: Any) -> Json:
    """Return the fields of a typed dictionary and their types, without the SDK's own options."""
    hints = typing_extensions.get_type_hints(kind, globalns=names_of(kind.__module__))
    if any(getattr(base, "__name__", "") == "RequestOptions" for base in kind.__orig_bases__):
        return {name: hint for name, hint in hints.items() if name not in OPTIONS}
    return hints


@cache
def checker_of(kind: Any) -> pydantic.TypeAdapter[Json]:
    """Return the strict check of a parameter type."""
    kind.__pydantic_config__ = STRICT
    adapter: pydantic.TypeAdapter[Json] = pydantic.TypeAdapter(kind)
    adapter.rebuild(force=True, _types_namespace=names_of(kind.__module__))
    return adapter


def checked(operation: Operation, raw: Json) -> Json:
    """Return the parameters of a call in the SDK's types, or refuse them as Stripe does.

    Raises StripeRefusal for a parameter that the SDK does not know, one that it needs and lacks, one of another type,
    and a word outside of an enumeration (the SDK's types would let that pass).
    """
    if operation.module is None or operation.params is None:
        for name in raw:
            raise unknown(name)
        return {}
    kind = getattr(importlib.import_module(operation.module), operation.params)
    raw, place = dict(raw), {}
    if operation.method == "GET" and operation.template.startswith("/v2/") and "page" in raw:
        place = {"page": raw.pop("page")}  # from the address of the next page, which is not made of parameters
    value = typed(raw, kind, "")
    try:
        checker_of(kind).validate_python(value)
    except pydantic.ValidationError as failure:
        raise refusal_of(failure) from None
    return {**value, **place}


def unknown(param: str) -> Exception:
    return malformed(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def refusal_of(failure: pydantic.ValidationError) -> Exception:
    """Return Stripe's refusal for the first fault that pydantic found."""
    fault = failure.errors()[0]
    place = [str(part) for part in fault["loc"]]
    param = place[0] + "".join(
        f"[{part}]" for part in place[1:] if not re.search(r"[^\w]|^[A-Z]|^(str|int|bool)$", part)
    )
    if fault["type"] == "missing":
        return malformed(f"Missing required param: {param}.", code="parameter_missing", param=param)
    if fault["type"] == "extra_forbidden":
        return unknown(param)
    if fault["type"] == "int_type":
        return malformed(f"Invalid integer: {fault['input']}", code="parameter_invalid_integer", param=param)
    return malformed(f"Invalid {param}: {fault['msg']}", code="parameter_invalid", param=param)


def typed(value: Any, hint: Any, param: str) -> Any:
    """Return a value of a form (text, and dictionaries for lists) in the type that the SDK gives it.

    What does not fit stays as it came, for the strict check to refuse.
    """
    origin, inner = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if origin in OPTIONAL:
        return typed(value, inner[0], param)
    if typing_extensions.is_typeddict(hint):
        return typed_fields(value, hint, param)
    if is_union(hint):
        return typed_choice(value, inner, param)
    if origin is list:
        return typed_list(value, inner[0], param)
    if isinstance(value, dict) and inner:
        return {key: typed(part, inner[-1], f"{param}[{key}]") for key, part in value.items()}
    if origin is typing_extensions.Literal and value not in inner:
        raise outside(value, inner, param)
    return typed_text(value, hint) if isinstance(value, str) else value


def is_union(hint: Any) -> bool:
    """Test whether a type is a choice of others, written either way."""
    return typing_extensions.get_origin(hint) in UNIONS


def typed_fields(value: Any, kind: Any, param: str) -> Any:
    """Return a dictionary with each field in its type."""
    if not isinstance(value, dict):
        return value
    hints = hints_of(kind)
    for name in value:
        if name not in hints:
            raise unknown(f"{param}[{name}]" if param else name)
    return {name: typed(part, hints[name], f"{param}[{name}]" if param else name) for name, part in value.items()}


def typed_list(value: Any, hint: Any, param: str) -> Any:
    """Return a list with each item in its type; a form sends it as a dictionary of numbers."""
    if isinstance(value, dict) and all(INTEGER.match(key) for key in value):
        value = [value[key] for key in sorted(value, key=int)]
    return (
        [typed(part, hint, f"{param}[{place}]") for place, part in enumerate(value)]
        if isinstance(value, list)
        else value
    )


def typed_text(value: str, hint: Any) -> Any:
    """Return a text as the number or the truth that it stands for, where that is what is wanted."""
    if hint is int and INTEGER.match(value):
        return int(value)
    if hint is bool and value in {"true", "false"}:
        return value == "true"
    return value


def typed_choice(value: Any, choices: tuple[Any, ...], param: str) -> Any:
    """Return a value in the one of several types that it fits."""
    if isinstance(value, dict):
        return typed_structure(value, choices, param)
    if not isinstance(value, str):
        return value
    for plain in (bool, int):
        if plain in choices and not isinstance(made := typed_text(value, plain), str):
            return made
    words = [
        word for choice in choices if typing_extensions.get_origin(choice) is typing_extensions.Literal
        for word in typing_extensions.get_args(choice)
    ]  # fmt: skip
    if any(words) and value not in words:
        raise outside(value, words, param)
    return value


def typed_structure(value: Json, choices: tuple[Any, ...], param: str) -> Any:
    """Return a dictionary in the type that knows its keys, or else as the list or the dictionary that it may be."""
    records = [choice for choice in choices if typing_extensions.is_typeddict(choice)]
    if records:
        fitting = [record for record in records if set(value) <= set(hints_of(record))]
        return typed_fields(value, (fitting or records)[0], param)
    others = [choice for choice in choices if typing_extensions.get_args(choice) and not is_literal(choice)]
    lists = [choice for choice in others if typing_extensions.get_origin(choice) in LISTS]
    return typed(value, (lists or others)[0], param) if others else value


def is_literal(hint: Any) -> bool:
    return typing_extensions.get_origin(hint) is typing_extensions.Literal


def outside(value: Any, words: typing.Iterable[Any], param: str) -> Exception:
    known = ", ".join(str(word) for word in words if word)
    return malformed(f"Invalid {param}: must be one of {known}", code="parameter_invalid_enum", param=param)
