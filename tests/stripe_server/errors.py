"""Refusals in the shape that Stripe gives them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class StripeRefusal(Exception):
    """An answer with an error; `is_kept` says whether the idempotency key remembers it."""

    def __init__(self, status: int, kind: str, message: str, *, is_kept: bool = True, **details: Any) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.is_kept = status, kind, message, is_kept
        self.details = {name: value for name, value in details.items() if value is not None}

    def body(self) -> Json:
        error: Json = {"type": self.kind, "message": self.message, **self.details}
        if "code" in self.details:
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.details['code'].replace('_', '-')}"
        return {"error": error}


def invalid(message: str, *, code: str | None = None, param: str | None = None, **details: Any) -> StripeRefusal:
    """Return a 400: the request cannot be done as it stands."""
    return StripeRefusal(400, "invalid_request_error", message, code=code, param=param, **details)


def malformed(message: str, *, code: str, param: str) -> StripeRefusal:
    """Return a 400 for parameters that were refused before anything began, which no key remembers."""
    return StripeRefusal(400, "invalid_request_error", message, is_kept=False, code=code, param=param)


def missing(noun: str, name: Any, *, param: str, is_address: bool) -> StripeRefusal:
    """Return the refusal for an unknown object: 404 when the address names it, 400 when a parameter does."""
    status = 404 if is_address else 400
    message = f"No such {noun}: '{name}'"
    return StripeRefusal(status, "invalid_request_error", message, code="resource_missing", param=param)


def declined(message: str, *, code: str, decline_code: str | None, **details: Any) -> StripeRefusal:
    """Return a 402: the payer's bank said no."""
    return StripeRefusal(402, "card_error", message, code=code, decline_code=decline_code, **details)


def rate_limited() -> StripeRefusal:
    message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
    return StripeRefusal(429, "invalid_request_error", message, is_kept=False, code="rate_limit")


def server_error() -> Json:
    message = "An unknown error occurred while processing your request; we were notified and are looking into it."
    return {"error": {"type": "api_error", "message": message}}
