"""What SetupIntents and PaymentIntents have in common."""

from __future__ import annotations

from tests.stripe_server.cards import Card
from tests.stripe_server.errors import Json, StripeRefusal, declined, invalid
from tests.stripe_server.payment_methods import new_debit, new_mandate, raw_card_data, usable_method
from tests.stripe_server.world import World

DYNAMIC = ["card", "sepa_debit"]  # what is switched on in this platform's dashboard


def types_of(given: Json, *, currency: str | None) -> list[str]:
    """Return the types of payment method that an intent accepts: the allowed ones, or the dashboard's."""
    allowed = given.get("allowed_payment_method_types") or DYNAMIC
    excluded = given.get("excluded_payment_method_types") or []
    types = [kind for kind in allowed if kind in DYNAMIC and kind not in excluded]
    if currency not in {None, "eur"}:
        types = [kind for kind in types if kind != "sepa_debit"]
    if not types:
        raise invalid("No valid payment method types for this intent.", param="allowed_payment_method_types")
    return types


def automatic(given: Json) -> Json | None:
    """Return the setting for the dashboard's methods as the intent shows it."""
    if "automatic_payment_methods" in given:
        chosen = given["automatic_payment_methods"]
        return {"allow_redirects": chosen.get("allow_redirects", "always"), "enabled": chosen["enabled"]}
    return None if given.get("allowed_payment_method_types") else {"allow_redirects": "always", "enabled": True}


def choose_method(world: World, intent: Json, given: Json) -> Json | None:
    """Return the payment method that an intent is to use from now on, or none if it has none."""
    if "payment_method_data" in given:
        data = given["payment_method_data"]
        if data["type"] != "sepa_debit":
            raise raw_card_data()
        method = new_debit(world, data.get("sepa_debit", {}).get("iban", ""), data.get("billing_details", {}))
    elif given.get("payment_method"):
        method = usable_method(world, given["payment_method"], customer=intent["customer"])
    elif intent["payment_method"]:
        method = usable_method(world, intent["payment_method"], customer=intent["customer"])
    else:
        return None
    if method["type"] not in intent["payment_method_types"]:
        message = (
            f"The PaymentMethod provided ({method['type']}) is not allowed for this {noun_of(intent)}. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}."
        )
        raise invalid(message, param="payment_method")
    return method


def noun_of(intent: Json) -> str:
    return "SetupIntent" if intent["object"] == "setup_intent" else "PaymentIntent"


def check_return_url(intent: Json, given: Json) -> None:
    """Refuse a confirmation that may lead the payer away and says no way back."""
    setting = intent["automatic_payment_methods"]
    if not setting or not setting["enabled"] or setting["allow_redirects"] == "never" or given.get("return_url"):
        return
    message = (
        f"This {noun_of(intent)} is configured to accept payment methods enabled in your Dashboard. Because some of "
        "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you "
        "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        f"`automatic_payment_methods[allow_redirects]` to `never` when creating {noun_of(intent)}s."
    )
    raise invalid(message, param="return_url")


def ensure_mandate(world: World, method: Json, given: Json) -> str | None:
    """Return the mandate of a payment method, made now if its text was accepted; a debit cannot do without."""
    acceptance = (given.get("mandate_data") or {}).get("customer_acceptance")
    if acceptance:
        return str(new_mandate(world, method, acceptance)["id"])
    known: str | None = world.private[method["id"]]["mandate"]
    if known is None and method["type"] == "sepa_debit":
        message = "This PaymentMethod needs a mandate: provide `mandate_data` with the customer's acceptance."
        raise invalid(message, param="mandate_data", code="payment_intent_mandate_invalid")
    return known


def wants_payer(world: World, method: Json, *, is_off_session: bool, is_setup: bool) -> bool:
    """Test whether the payer's bank asks for the payer."""
    means = world.private[method["id"]]["means"]
    if not isinstance(means, Card) or means.authentication == "never":
        return False
    if is_off_session and not is_setup:
        if means.authentication == "unless_set_up":
            return not world.private[method["id"]]["is_set_up"]
        return means.authentication == "always"
    return True


def next_action(world: World, intent: Json, return_url: str | None) -> Json:
    """Return what the payer has to do: go to the bank's page, or let Stripe.js show it."""
    url = f"{world.url}/_test/authenticate/{intent['id']}"
    if return_url:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}


def error_in(refusal: StripeRefusal, method: Json | None) -> Json:
    """Return a refusal as an intent keeps it in `last_payment_error` or `last_setup_error`."""
    error: Json = {**refusal.body()["error"]}
    for name in ("payment_intent", "setup_intent"):
        error.pop(name, None)
    if method is not None:
        error["payment_method"] = dict(method)
    return error


def authentication_refusal(world: World, intent: Json) -> StripeRefusal:
    """Return the refusal of a payment whose payer is away or did not prove to be the payer."""
    message = "Your card was declined. This transaction requires authentication."
    return declined(message, code="authentication_required", decline_code="authentication_required")


def failed_authentication(intent: Json) -> StripeRefusal:
    """Return the refusal after the payer failed at the bank's page."""
    noun = "setup" if intent["object"] == "setup_intent" else "payment"
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    )
    return invalid(message, code=f"{noun}_intent_authentication_failure")


def unexpected_state(intent: Json, verb: str) -> StripeRefusal:
    """Return the refusal of a step that the intent's state does not allow."""
    prefix = "setup" if intent["object"] == "setup_intent" else "payment"
    message = f"You cannot {verb} this {noun_of(intent)} because it has a status of {intent['status']}."
    details: Json = {intent["object"]: dict(intent)}
    return invalid(message, code=f"{prefix}_intent_unexpected_state", **details)
