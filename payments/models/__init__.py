"""The rows behind every movement of money; the ledger holds the balances, these say why and by whom."""

from payments.models.cases import MoneyCase
from payments.models.credit import Credit, CreditPayment, CreditUse, OperatorCash
from payments.models.documents import Invoice, InvoiceSeries
from payments.models.fees import FeeSchedule
from payments.models.holdings import FrozenPart, Holding, Release
from payments.models.inbox import InboxCursor, WebhookEvent
from payments.models.methods import (
    GatewayAccount,
    MethodSetup,
    PaymentCustomer,
    PaymentMethod,
    PayoutMethod,
)
from payments.models.moves import Charge, MoneyMove, ProviderTransfer, Refund
from payments.models.returns import GiveBack, TransferReversal
from payments.models.sandbox import SandboxEvent, SandboxObject, SandboxRequest
from payments.models.withdrawals import ScheduledWithdrawal, Withdrawal, WithdrawalSchedule, next_day

__all__ = [
    "Charge",
    "Credit",
    "CreditPayment",
    "CreditUse",
    "FeeSchedule",
    "FrozenPart",
    "GatewayAccount",
    "GiveBack",
    "Holding",
    "InboxCursor",
    "Invoice",
    "InvoiceSeries",
    "MethodSetup",
    "MoneyCase",
    "MoneyMove",
    "OperatorCash",
    "PaymentCustomer",
    "PaymentMethod",
    "PayoutMethod",
    "ProviderTransfer",
    "Refund",
    "Release",
    "SandboxEvent",
    "SandboxObject",
    "SandboxRequest",
    "ScheduledWithdrawal",
    "TransferReversal",
    "WebhookEvent",
    "Withdrawal",
    "WithdrawalSchedule",
    "next_day",
]
