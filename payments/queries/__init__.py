"""Reads about fees, held money, cards, charges, and what a party owns."""

from payments.queries.charges import (
    charge_for,
    charges_for,
    latest_charge,
    method_for,
    reason_of,
    setup_for,
    usable_methods,
)
from payments.queries.fees import (
    ChargeQuote,
    ReleaseQuote,
    current_fees,
    fees,
    quote_charge,
    quote_release,
)
from payments.queries.holdings import Held, HeldLine, held, held_by_client, held_many
from payments.queries.moves import MoveFile, move_file
from payments.queries.statement import Line, Page, statement
from payments.queries.wallet import (
    Purse,
    Wallet,
    WorkLine,
    missing_words,
    payout_method_for,
    payout_methods,
    purse,
    wallet,
    withdrawal_for,
    withdrawals_of,
)

__all__ = [
    "ChargeQuote",
    "Held",
    "HeldLine",
    "Line",
    "MoveFile",
    "Page",
    "Purse",
    "ReleaseQuote",
    "Wallet",
    "WorkLine",
    "charge_for",
    "charges_for",
    "current_fees",
    "fees",
    "held",
    "held_by_client",
    "held_many",
    "latest_charge",
    "method_for",
    "missing_words",
    "move_file",
    "payout_method_for",
    "payout_methods",
    "purse",
    "quote_charge",
    "quote_release",
    "reason_of",
    "setup_for",
    "statement",
    "usable_methods",
    "wallet",
    "withdrawal_for",
    "withdrawals_of",
]
