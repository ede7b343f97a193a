"""Stripe's reasons in the product's own words; what is not listed is no documented refusal."""

from __future__ import annotations

from collections.abc import Mapping

import stripe

#: Decline codes of cards and of direct debits, and error codes of payments.
DECLINES = {
    "account_closed": "debit_refused",
    "amount_too_large": "amount_not_allowed",
    "amount_too_small": "amount_not_allowed",
    "authentication_required": "authentication_required",
    "approve_with_id": "try_again",
    "bank_account_restricted": "debit_refused",
    "card_not_supported": "card_not_allowed",
    "card_velocity_exceeded": "limit_exceeded",
    "currency_not_supported": "card_not_allowed",
    "debit_not_authorized": "debit_refused",
    "expired_card": "expired_card",
    "generic_could_not_process": "debit_failed",
    "incorrect_cvc": "card_data_wrong",
    "incorrect_number": "card_data_wrong",
    "incorrect_zip": "card_data_wrong",
    "insufficient_funds": "insufficient_funds",
    "invalid_account": "card_unknown",
    "invalid_cvc": "card_data_wrong",
    "invalid_expiry_month": "card_data_wrong",
    "invalid_expiry_year": "card_data_wrong",
    "invalid_number": "card_data_wrong",
    "issuer_not_available": "try_again",
    "lost_card": "card_lost",
    "no_account": "debit_refused",
    "not_permitted": "card_not_allowed",
    "payment_intent_authentication_failure": "authentication_failed",
    "payment_intent_mandate_invalid": "debit_refused",
    "payment_intent_payment_attempt_expired": "authentication_failed",
    "payment_method_customer_decline": "debit_refused",
    "payment_method_provider_timeout": "try_again",
    "payment_method_unactivated": "card_not_allowed",
    "pickup_card": "card_lost",
    "processing_error": "try_again",
    "reenter_transaction": "try_again",
    "refer_to_customer": "debit_failed",
    "restricted_card": "card_not_allowed",
    "setup_intent_authentication_failure": "authentication_failed",
    "stolen_card": "card_lost",
    "transaction_not_allowed": "card_not_allowed",
    "try_again_later": "try_again",
    "withdrawal_count_limit_exceeded": "limit_exceeded",
}
DECLINED = "card_declined"

#: Refusals of the other verbs: by error code, then by the parameter that an error without a known code speaks of.
REFUSALS: Mapping[str, Mapping[str, str]] = {
    "charge": {
        "amount_too_large": "amount_not_allowed",
        "amount_too_small": "amount_not_allowed",
        "payment_method_customer_mismatch": "card_unknown",
        "payment_method_unexpected_state": "card_unknown",
        "param:payment_method": "card_unknown",
        "param:mandate": "debit_refused",
    },
    "cancel": {"payment_intent_unexpected_state": "not_cancelable"},
    "refund": {
        "amount_too_large": "charge_limit",
        "charge_already_refunded": "charge_limit",
        "charge_disputed": "charge_disputed",
        "charge_not_refundable": "refund_refused",
        "payment_intent_unexpected_state": "charge_limit",
        "refund_disputed_payment": "charge_disputed",
        "param:amount": "charge_limit",
        "param:payment_intent": "charge_limit",
    },
    "transfer": {
        "amount_too_large": "charge_limit",
        "balance_insufficient": "balance_insufficient",
        "insufficient_capabilities_for_transfer": "account_not_enabled",
        "insufficient_funds": "balance_insufficient",
        "transfers_not_allowed": "account_not_enabled",
        "transfer_source_balance_parameters_mismatch": "charge_limit",
        "param:amount": "charge_limit",
        "param:destination": "account_not_enabled",
        "param:source_transaction": "charge_limit",
    },
    "reversal": {
        "amount_too_large": "transfer_limit",
        "balance_insufficient": "balance_insufficient",
        "insufficient_funds": "balance_insufficient",
        "transfer_already_reversed": "transfer_limit",
        "param:amount": "transfer_limit",
        "param:id": "transfer_limit",  # nothing is left of it
    },
    "payout": {
        "balance_insufficient": "balance_insufficient",
        "bank_account_unusable": "bank_unknown",
        "bank_account_restricted": "bank_unknown",
        "insufficient_funds": "balance_insufficient",
        "no_account": "bank_unknown",
        "payout_limit_exceeded": "limit_exceeded",
        "payouts_limit_exceeded": "limit_exceeded",
        "payouts_not_allowed": "account_not_enabled",
        "param:currency": "bank_unknown",
        "param:destination": "bank_unknown",
    },
    "topup": {
        "amount_too_large": "amount_not_allowed",
        "amount_too_small": "amount_not_allowed",
        "param:source": "bank_unknown",
    },
    "cashout": {
        "balance_insufficient": "balance_insufficient",
        "bank_account_unusable": "bank_unknown",
        "insufficient_funds": "balance_insufficient",
        "payouts_limit_exceeded": "limit_exceeded",
        "payouts_not_allowed": "account_not_enabled",
        "param:destination": "bank_unknown",
    },
}
#: Why a bank sent a payout back.
PAYOUT_FAILURES = {
    "account_closed": "no_account",
    "account_frozen": "bank_refused",
    "bank_account_restricted": "bank_refused",
    "bank_account_unusable": "bank_refused",
    "could_not_process": "try_again",
    "debit_not_authorized": "bank_refused",
    "incorrect_account_holder_name": "wrong_holder",
    "incorrect_account_holder_details": "wrong_holder",
    "insufficient_funds": "balance_insufficient",
    "invalid_account_number": "no_account",
    "invalid_currency": "bank_refused",
    "no_account": "no_account",
    "unsupported_card": "bank_refused",
}

#: What Stripe wants to know of an account, by a part of its name for it; the first that fits counts.
REQUIREMENTS = (
    ("external_account", "bank"),
    ("outbound_destination", "bank"),
    ("payout_method", "bank"),
    ("bank_account", "bank"),
    ("tos_acceptance", "terms"),
    ("terms_of_service", "terms"),
    ("attestation", "terms"),
    ("document", "document"),
    ("proof_of", "document"),
    ("dob", "birth"),
    ("date_of_birth", "birth"),
    ("id_number", "tax_id"),
    ("tax_id", "tax_id"),
    ("vat", "tax_id"),
    ("ssn", "tax_id"),
    ("address", "address"),
    ("email", "contact"),
    ("phone", "contact"),
    ("business_profile", "business"),
    ("business", "business"),
    ("company", "business"),
    ("mcc", "business"),
    ("url", "business"),
    ("profile", "business"),
    ("owners", "people"),
    ("directors", "people"),
    ("executives", "people"),
    ("representative", "people"),
    ("relationship", "people"),
    ("name", "identity"),
    ("individual", "identity"),
    ("identity", "identity"),
    ("person", "people"),
)
OTHER_REQUIREMENT = "other"


def decline_of(error: Mapping[str, object] | None) -> str:
    """Return why a payment was refused, by the error that the provider keeps on it."""
    for name in ("decline_code", "code"):
        given = (error or {}).get(name)
        if given in DECLINES:
            return DECLINES[str(given)]
    return DECLINED


def refusal_of(verb: str, error: stripe.InvalidRequestError) -> str | None:
    """Return the product's code for a documented refusal; None for anything else, which is a mistake of ours."""
    known = REFUSALS[verb]
    if error.code and error.code.startswith("parameter_"):
        return None
    return known.get(error.code or "") or known.get(f"param:{error.param}")


def requirement_of(name: str) -> str:
    """Return the product's code for something that is missing."""
    return next((code for part, code in REQUIREMENTS if part in name), OTHER_REQUIREMENT)
