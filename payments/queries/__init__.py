"""Reads about fees, held money, cards, charges, and what a party owns."""

from payments.queries.charges import (
    charge_for,
    charges_for,
    latest_charge,
    method_for,
    reason_of,
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
from payments.queries.moves import MoveFile, move_file, sources_of
from payments.queries.statement import Line, Page, Which, statement, whole_statement
from payments.queries.wallet import (
    Purse,
    Wallet,
    WorkLine,
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
    "Which",
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
    "move_file",
    "payout_method_for",
    "payout_methods",
    "purse",
    "quote_charge",
    "quote_release",
    "reason_of",
    "sources_of",
    "statement",
    "usable_methods",
    "wallet",
    "whole_statement",
    "withdrawal_for",
    "withdrawals_of",
]
