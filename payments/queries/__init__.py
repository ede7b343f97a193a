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
    charge_quote,
    current_fees,
    fees,
    quote_charge,
    quote_held_release,
    quote_release,
    quote_work,
)
from payments.queries.holdings import Held, HeldLine, held, held_by_client, held_many, held_part
from payments.queries.moves import MoveFile, move_file
from payments.queries.positions import charge_taxes, deal_taxes, operator_position, operator_tax, positions
from payments.queries.statement import Line, Page, statement
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
    "WorkLine",
    "charge_for",
    "charge_quote",
    "charge_taxes",
    "charges_for",
    "current_fees",
    "deal_taxes",
    "fees",
    "held",
    "held_by_client",
    "held_many",
    "held_part",
    "latest_charge",
    "method_for",
    "move_file",
    "operator_position",
    "operator_tax",
    "payout_method_for",
    "payout_methods",
    "positions",
    "purse",
    "quote_charge",
    "quote_held_release",
    "quote_release",
    "quote_work",
    "reason_of",
    "statement",
    "usable_methods",
    "wallet",
    "withdrawal_for",
    "withdrawals_of",
]
