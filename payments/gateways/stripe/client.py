"""The SDK's client by this installation's settings, and what its errors mean here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import stripe
from django.conf import settings
from stripe import StripeClient

from payments.gateway import GatewayRefused, GatewayUnreachable

Json = dict[str, Any]

#: The version of the API that every call and every webhook endpoint speaks; the pinned SDK is made for it.
API_VERSION = "2026-10-28.endive"
#: Seconds to connect, and to wait for an answer; together well below the lease of a worker.
TIMEOUTS = (5.0, 30.0)
#: Objects on a page of a list.
PAGE = 100

stripe.enable_telemetry = False


def client() -> StripeClient:
    """Return the client for the key and the address of the settings."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@cache
def _client(secret_key: str, base: str) -> StripeClient:
    return StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": base, "connect": base, "files": base, "meter_events": base} if base else None,
        max_network_retries=0,  # a repeated call is a decision of ours, under a key that is stored
        http_client=stripe.RequestsClient(timeout=TIMEOUTS),
    )


@contextmanager
def told() -> Iterator[None]:
    """Turn what the SDK raises into what it means: nobody knows, or the request was wrong.

    Card errors, invalid requests and accounts that left pass: what they mean is known where the call is made.
    """
    try:
        yield
    except stripe.IdempotencyError as error:
        if error.http_status == 409:  # the same key is being worked on at this moment
            raise GatewayUnreachable(_said(error)) from error
        raise GatewayRefused(_said(error)) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayUnreachable(_said(error)) from error
    except (stripe.CardError, stripe.InvalidRequestError, stripe.PermissionError) as error:
        if error.code == "lock_timeout":
            raise GatewayUnreachable(_said(error)) from error
        raise
    except stripe.StripeError as error:
        is_unknown = error.http_status is None or error.http_status == 409 or error.http_status >= 500
        raise (GatewayUnreachable if is_unknown else GatewayRefused)(_said(error)) from error


@contextmanager
def strictly() -> Iterator[None]:
    """Do the same where no refusal is expected: one is a mistake of ours."""
    try:
        with told():
            yield
    except stripe.StripeError as error:
        raise GatewayRefused(_said(error)) from error


def is_out_of_reach(error: stripe.PermissionError) -> bool:
    """Test whether an account's holder has left the platform; the SDK keeps this error's code one level down."""
    return getattr(error.error, "code", None) == "account_invalid"


def _said(error: stripe.StripeError) -> str:
    """Return status, code and request id; the message may quote what people typed."""
    return f"{type(error).__name__} {error.http_status} {error.code or ''} {error.request_id or ''}".strip()


def plain(thing: stripe.StripeObject) -> Json:
    """Return an object of the SDK as plain data."""
    data: Json = thing.to_dict()
    return data


def id_of(thing: Any) -> str:
    """Return the id of a field that may be expanded, empty or missing."""
    return str(thing["id"]) if isinstance(thing, dict) else str(thing or "")


def moment(seconds: int | None) -> datetime | None:
    """Return a time of the provider."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def created(thing: Json) -> datetime:
    """Return when an object was made."""
    return datetime.fromtimestamp(thing["created"], UTC)


def money(thing: Json) -> Json:
    """Return what an answer says of every object: its sum, and the move it was made for."""
    move_id = (thing.get("metadata") or {}).get("move_id", "")
    return {
        "provider_id": thing["id"],
        "amount": thing["amount"],
        "currency": thing["currency"].upper(),
        "move_id": int(move_id) if move_id.isascii() and move_id.isdecimal() else None,
    }


def fee_of(thing: Json) -> int | None:
    """Return the provider's fee of an object whose balance transaction is expanded; None while it has none."""
    entry = thing.get("balance_transaction")
    return int(entry["fee"]) if isinstance(entry, dict) else None
