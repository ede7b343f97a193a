"""The payment providers that this version knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from payments.gateway import Gateway

if TYPE_CHECKING:
    from payments.gateways.sandbox import SandboxGateway

#: Loaded when they are first asked for: an SDK that is not used costs nothing.
GATEWAYS = {
    "sandbox": "payments.gateways.sandbox.SandboxGateway",
    "stripe": "payments.gateways.stripe.StripeGateway",
}


@cache
def gateway_named(name: str) -> Gateway:
    """Return the one gateway of that name. Raises KeyError for an unknown one."""
    gateway: Gateway = import_string(GATEWAYS[name])()
    return gateway


def sandbox_gateway() -> SandboxGateway:
    """Return the sandbox provider itself, for its own pages, its post and the tests."""
    gateway: SandboxGateway = gateway_named("sandbox")  # type: ignore[assignment]
    return gateway


def current_gateway() -> Gateway:
    """Return the gateway that new cards, accounts and moves of this installation use."""
    return gateway_named(settings.PAYMENT_GATEWAY)
