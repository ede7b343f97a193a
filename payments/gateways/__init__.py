"""The payment providers that this version knows."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from payments.gateway import Gateway
from payments.gateways.sandbox import SandboxGateway

GATEWAYS: dict[str, type[Gateway]] = {"sandbox": SandboxGateway}


@cache
def gateway_named(name: str) -> Gateway:
    """Return the one gateway of that name. Raises KeyError for an unknown one."""
    return GATEWAYS[name]()


def sandbox_gateway() -> SandboxGateway:
    """Return the sandbox provider itself, for its own pages, its post and the tests."""
    gateway = gateway_named(SandboxGateway.name)
    if not isinstance(gateway, SandboxGateway):
        raise TypeError("the sandbox is not the sandbox")
    return gateway


def current_gateway() -> Gateway:
    """Return the gateway that new cards, accounts and moves of this installation use."""
    return gateway_named(settings.PAYMENT_GATEWAY)
