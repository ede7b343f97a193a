"""A local Stripe for tests: the rules of the real one, over real HTTP, for the official SDK.

`StripeServer` is the way in; `fixtures` has it for pytest.
"""

from tests.stripe_server.server import StripeServer

__all__ = ["StripeServer"]
