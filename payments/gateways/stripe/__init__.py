"""Stripe through its official SDK: separate charges and transfers, recipients with a balance, fields of its own.

Nothing here touches our rows. `docs/operator/stripe.md` says what an operator sets up.
"""

from payments.gateways.stripe.gateway import StripeGateway

__all__ = ["StripeGateway"]
