"""PaymentIntents: money asked for, with the payer present or away."""

from __future__ import annotations

from tests.stripe_server.cards import EXPIRED, Card, Debit, Decline
from tests.stripe_server.charges import COLLECTS_AFTER, collect, new_charge, outcome_of
from tests.stripe_server.disputes import open_dispute, warn_of_fraud
from tests.stripe_server.errors import Json, StripeRefusal, declined, invalid
from tests.stripe_server.intents import (
    authentication_refusal,
    automatic,
    check_return_url,
    choose_method,
    ensure_mandate,
    error_in,
    failed_authentication,
    next_action,
    types_of,
    unexpected_state,
    wants_payer,
)
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.payment_methods import has_expired
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World

OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}
MINIMUM = {"gbp": 30, "sek": 300, "nok": 300, "dkk": 250, "jpy": 50, "pln": 200, "czk": 1500, "huf": 17500}
CURRENCIES = {"aud", "cad", "chf", "eur", "kwd", "nzd", "usd", *MINIMUM}
THREE_DECIMALS = {"kwd"}
LARGEST = 99_999_999


def check_amount(amount: int, currency: str) -> None:
    """Refuse an amount that Stripe cannot charge."""
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < 1:
        code = "parameter_invalid_integer"
        raise invalid("This value must be greater than or equal to 1.", code=code, param="amount")
    if amount < MINIMUM.get(currency, 50):
        message = f"Amount must be at least {MINIMUM.get(currency, 50)} of {currency}'s minor unit."
        raise invalid(message, code="amount_too_small", param="amount")
    if amount > LARGEST:
        raise invalid(f"Amount must be no more than {LARGEST}.", code="amount_too_large", param="amount")
    if currency in THREE_DECIMALS and amount % 10:
        raise invalid("The least-significant digit must be 0 for this currency.", param="amount")


@answers("POST", "/v1/payment_intents")
def create_payment_intent(world: World, request: Request) -> Json:
    given, currency = request.params, request.params["currency"].lower()
    check_amount(given["amount"], currency)
    check_confirmation(given)
    if given.get("capture_method", "automatic") == "manual":
        raise invalid("The local Stripe keeps no manual capture.", param="capture_method")
    if "customer" in given:
        world.find("customer", given["customer"], param="customer")
    intent = {
        "id": (name := world.new_id("pi")), "object": "payment_intent",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"), "amount": given["amount"],
        "amount_capturable": 0, "amount_details": {"tip": {}}, "amount_received": 0, "application": None,
        "application_fee_amount": None, "automatic_payment_methods": automatic(given), "canceled_at": None,
        "cancellation_reason": None, "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": world.new_id(f"{name}_secret", 16),
        "confirmation_method": given.get("confirmation_method", "automatic"), "created": world.now(),
        "currency": currency, "customer": given.get("customer"), "description": given.get("description"),
        "last_payment_error": None, "latest_charge": None, "livemode": False,
        "metadata": new_metadata(given.get("metadata")), "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_options": {},
        "payment_method_types": types_of(given, currency=currency), "processing": None,
        "receipt_email": given.get("receipt_email"), "review": None,
        "setup_future_usage": given.get("setup_future_usage"), "shipping": None, "source": None,
        "statement_descriptor": given.get("statement_descriptor"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"), "status": "requires_payment_method",
        "transfer_data": None, "transfer_group": given.get("transfer_group"),
    }  # fmt: skip
    method = choose_method(world, intent, given)
    if method is not None:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    if given.get("confirm"):
        check_return_url(intent, given)
        check_method(intent, method)
    world.add(intent)
    world.emit("payment_intent.created", intent)
    return confirm(world, intent, given) if given.get("confirm") else intent


def check_confirmation(given: Json) -> None:
    """Refuse what only means something together with `confirm`."""
    if given.get("confirm"):
        return
    for name in ("off_session", "mandate_data", "return_url", "error_on_requires_action", "mandate"):
        if given.get(name):
            raise invalid(f"`{name}` can only be used with `confirm=true`.", param=name)


def check_method(intent: Json, method: Json | None) -> None:
    if method is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken."
        )
        raise invalid(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))


@answers("GET", "/v1/payment_intents/{intent}")
def retrieve_payment_intent(world: World, request: Request) -> Json:
    return world.find("payment_intent", request.names[0])


@answers("GET", "/v1/payment_intents")
def list_payment_intents(world: World, request: Request) -> Json:
    return page(request, world.every("payment_intent"), "customer")


@answers("POST", "/v1/payment_intents/{intent}")
def update_payment_intent(world: World, request: Request) -> Json:
    intent, given = world.find("payment_intent", request.names[0]), request.params
    may_change_all = intent["status"] in OPEN
    if not may_change_all and set(given) - {"metadata", "description", "expand", "receipt_email"}:
        raise unexpected_state(intent, "update")
    amount, currency = {**intent, **given}["amount"], {**intent, **given}["currency"].lower()
    check_amount(amount, currency)
    if "customer" in given:
        world.find("customer", given["customer"], param="customer")
    intent.update(
        amount=amount, currency=currency, metadata=changed_metadata(intent["metadata"], given.get("metadata"))
    )
    intent.update({name: given[name] for name in ("customer", "description", "transfer_group") if name in given})
    if may_change_all and (method := choose_method(world, intent, given)) is not None:
        intent.update(payment_method=method["id"], status="requires_confirmation", next_action=None)
    return intent


@answers("POST", "/v1/payment_intents/{intent}/confirm")
def confirm_payment_intent(world: World, request: Request) -> Json:
    intent = world.find("payment_intent", request.names[0])
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "confirm")
    check_return_url(intent, request.params)
    return confirm(world, intent, request.params)


@answers("POST", "/v1/payment_intents/{intent}/cancel")
def cancel_payment_intent(world: World, request: Request) -> Json:
    intent = world.find("payment_intent", request.names[0])
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "cancel")
    reason = request.params.get("cancellation_reason")
    intent.update(status="canceled", canceled_at=world.now(), cancellation_reason=reason, next_action=None)
    world.emit("payment_intent.canceled", intent)
    return intent


def confirm(world: World, intent: Json, given: Json) -> Json:
    """Try to collect the money; the payer is away when `off_session` says so.

    Raises StripeRefusal (402) when the bank says no; the intent then waits for another payment method.
    """
    method = choose_method(world, intent, given)
    check_method(intent, method)
    assert method is not None
    is_off_session = bool(given.get("off_session"))
    ensure_mandate(world, method, given)
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    intent["setup_future_usage"] = given.get("setup_future_usage") or intent["setup_future_usage"]
    if wants_payer(world, method, is_off_session=is_off_session, is_setup=False):
        if is_off_session or given.get("error_on_requires_action"):
            raise fail(world, intent, method, authentication_refusal(world, intent))
        intent.update(status="requires_action", next_action=next_action(world, intent, given.get("return_url")))
        world.emit("payment_intent.requires_action", intent)
        return intent
    return collect_from(world, intent, method)


def collect_from(world: World, intent: Json, method: Json) -> Json:
    """Take the money of a card at once, of an account within days."""
    means = world.private[method["id"]]["means"]
    if isinstance(means, Debit):
        charge = new_charge(world, intent, method, status="pending")
        world.private[intent["id"]]["collects_at"] = world.now() + COLLECTS_AFTER
        intent.update(status="processing", next_action=None)
        world.emit("charge.pending", charge)
        world.emit("payment_intent.processing", intent)
        return intent
    decline = EXPIRED if has_expired(world, method) else means.decline
    if decline is not None:
        raise fail(world, intent, method, refusal_of(decline))
    succeed(world, intent, new_charge(world, intent, method, status="succeeded"))
    return intent


def refusal_of(decline: Decline) -> StripeRefusal:
    return declined(decline.message, code=decline.code, decline_code=decline.decline_code)


def succeed(world: World, intent: Json, charge: Json) -> None:
    """Enter the money, and do what this test card is made to do afterwards."""
    method = world.find("payment_method", charge["payment_method"])
    means = world.private[method["id"]]["means"]
    collect(world, charge)
    intent.update(status="succeeded", amount_received=intent["amount"], next_action=None)
    if intent["setup_future_usage"]:
        world.private[method["id"]]["is_set_up"] |= intent["setup_future_usage"] == "off_session"
        if intent["customer"] and method["customer"] is None:
            method["customer"] = intent["customer"]
            world.emit("payment_method.attached", method)
    world.emit("payment_intent.succeeded", intent)
    if isinstance(means, Card) and means.warns_of_fraud:
        warn_of_fraud(world, charge)
    if isinstance(means, Card) and means.dispute:
        open_dispute(world, charge, reason=means.dispute)
    if isinstance(means, Debit) and means.is_disputed:
        open_dispute(world, charge, reason="debit_not_authorized")


def fail(world: World, intent: Json, method: Json, refusal: StripeRefusal) -> StripeRefusal:
    """Keep the failed attempt, let the intent wait for another payment method, return the refusal with both."""
    error = error_in(refusal, method)
    charge = new_charge(world, intent, method, status="failed", failure=error)
    error["charge"] = charge["id"]
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)
    refusal.details |= {"charge": charge["id"], "payment_intent": dict(intent), "payment_method": dict(method)}
    return refusal


def authenticate(world: World, intent: Json, *, succeeds: bool) -> Json:
    """Go on after the payer came back from the bank's page."""
    method = world.find("payment_method", intent["payment_method"])
    if succeeds:
        return collect_from(world, intent, method)
    error = error_in(failed_authentication(intent), method)
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    world.emit("payment_intent.payment_failed", intent)
    return intent


def end_collection(world: World, intent: Json, *, failure: str | None) -> Json:
    """End the collection of a debit: the money comes, or the bank says why not."""
    charge = world.find("charge", intent["latest_charge"])
    method = world.find("payment_method", charge["payment_method"])
    if failure is None:
        succeed(world, intent, charge)
        return intent
    message = "The customer's bank could not collect the money."
    error = {"type": "card_error", "code": failure, "message": message, "payment_method": dict(method)}
    error |= {"decline_code": failure, "charge": charge["id"]}
    charge.update(status="failed", captured=False, failure_code=failure, failure_message=message)
    charge["outcome"] = outcome_of("failed", error)
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)
    return intent
