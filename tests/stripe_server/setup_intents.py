"""SetupIntents: a payment method saved for later, with the payer's consent."""

from __future__ import annotations

from tests.stripe_server.errors import Json, StripeRefusal, invalid
from tests.stripe_server.intents import (
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
from tests.stripe_server.payment_methods import check_attachable
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World

OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


@answers("POST", "/v1/setup_intents")
def create_setup_intent(world: World, request: Request) -> Json:
    given = request.params
    if "customer" in given:
        world.find("customer", given["customer"], param="customer")
    intent = {
        "id": (name := world.new_id("seti")), "object": "setup_intent",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"), "application": None,
        "automatic_payment_methods": automatic(given), "cancellation_reason": None,
        "client_secret": world.new_id(f"{name}_secret", 16), "created": world.now(),
        "customer": given.get("customer"), "description": given.get("description"), "flow_directions": None,
        "last_setup_error": None, "latest_attempt": None, "livemode": False, "mandate": None,
        "metadata": new_metadata(given.get("metadata")), "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_options": {}, "payment_method_types": types_of(given, currency=None),
        "single_use_mandate": None, "status": "requires_payment_method", "usage": given.get("usage", "off_session"),
    }  # fmt: skip
    method = choose_method(world, intent, given)
    if method is not None:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    if given.get("confirm"):
        check_return_url(intent, given)
    elif "mandate_data" in given or "return_url" in given:
        raise invalid("`mandate_data` and `return_url` can only be given with `confirm`.", param="confirm")
    world.add(intent)
    world.emit("setup_intent.created", intent)
    return confirm(world, intent, given) if given.get("confirm") else intent


@answers("GET", "/v1/setup_intents/{intent}")
def retrieve_setup_intent(world: World, request: Request) -> Json:
    return world.find("setup_intent", request.names[0])


@answers("GET", "/v1/setup_intents")
def list_setup_intents(world: World, request: Request) -> Json:
    return page(request, world.every("setup_intent"), "customer", "payment_method")


@answers("POST", "/v1/setup_intents/{intent}")
def update_setup_intent(world: World, request: Request) -> Json:
    intent, given = world.find("setup_intent", request.names[0]), request.params
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "update")
    intent["metadata"] = changed_metadata(intent["metadata"], given.get("metadata"))
    if "customer" in given:
        intent["customer"] = world.find("customer", given["customer"], param="customer")["id"]
    method = choose_method(world, intent, given)
    if method is not None:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    return intent


@answers("POST", "/v1/setup_intents/{intent}/confirm")
def confirm_setup_intent(world: World, request: Request) -> Json:
    intent = world.find("setup_intent", request.names[0])
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "confirm")
    check_return_url(intent, request.params)
    return confirm(world, intent, request.params)


@answers("POST", "/v1/setup_intents/{intent}/cancel")
def cancel_setup_intent(world: World, request: Request) -> Json:
    intent = world.find("setup_intent", request.names[0])
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "cancel")
    reason = request.params.get("cancellation_reason")
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    world.emit("setup_intent.canceled", intent)
    return intent


def confirm(world: World, intent: Json, given: Json) -> Json:
    """Save the payment method of an intent, or ask for the payer first."""
    method = choose_method(world, intent, given)
    if method is None:
        message = (
            "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a "
            "payment method and then confirm it again."
        )
        raise invalid(message, code="setup_intent_unexpected_state", setup_intent=dict(intent))
    mandate = ensure_mandate(world, method, given)
    intent.update(payment_method=method["id"], mandate=mandate, last_setup_error=None, next_action=None)
    if wants_payer(world, method, is_off_session=False, is_setup=True):
        intent.update(status="requires_action", next_action=next_action(world, intent, given.get("return_url")))
        world.emit("setup_intent.requires_action", intent)
        return intent
    return finish(world, intent, method)


def finish(world: World, intent: Json, method: Json) -> Json:
    """Attach the payment method, unless its bank refuses it."""
    try:
        check_attachable(world, method)
    except StripeRefusal as refusal:
        raise fail(world, intent, method, refusal) from None
    world.private[method["id"]]["is_set_up"] |= intent["usage"] == "off_session"
    if intent["customer"] and method["customer"] is None:
        method["customer"] = intent["customer"]
        world.emit("payment_method.attached", method)
    intent.update(status="succeeded", next_action=None)
    world.emit("setup_intent.succeeded", intent)
    return intent


def fail(world: World, intent: Json, method: Json, refusal: StripeRefusal) -> StripeRefusal:
    """Let the intent wait for another payment method, and return the refusal with both."""
    error = error_in(refusal, method)
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=error)
    world.emit("setup_intent.setup_failed", intent)
    refusal.details |= {"setup_intent": dict(intent), "payment_method": dict(method)}
    return refusal


def authenticate(world: World, intent: Json, *, succeeds: bool) -> Json:
    """Go on after the payer came back from the bank's page."""
    method = world.find("payment_method", intent["payment_method"])
    if not succeeds:
        fail(world, intent, method, failed_authentication(intent))
        return intent
    return finish(world, intent, method)
