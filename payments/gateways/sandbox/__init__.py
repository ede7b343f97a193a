"""The sandbox provider: no keys, no network, test cards, and the habits of a real company elsewhere.

It keeps its own rows, knows idempotency keys, holds balances, takes a fee, and announces what happens later by
signed events. Only `payments.actions` and the sandbox's own pages talk to it.
"""

from payments.gateways.sandbox.cards import FAILING_IBAN, TEST_CARDS, WORKING_IBAN, TestCard
from payments.gateways.sandbox.gateway import SIGNATURE, Fault, FaultKind, SandboxGateway

__all__ = [
    "FAILING_IBAN",
    "SIGNATURE",
    "TEST_CARDS",
    "WORKING_IBAN",
    "Fault",
    "FaultKind",
    "SandboxGateway",
    "TestCard",
]
