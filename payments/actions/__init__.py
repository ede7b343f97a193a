"""Every write to the money rows; the verbs other apps call are named here."""

from payments.actions.absorptions import absorb_credits
from payments.actions.books import watch_books
from payments.actions.calls import (
    MoveEnded,
    ask_about_charge,
    ask_about_move,
    ask_again,
    poll_waiting_moves,
    run_charge,
    run_due_moves,
    run_move,
    settle_move,
)
from payments.actions.cases import (
    MoneyCaseClosed,
    MoneyCaseTaken,
    ReasonMissing,
    close_money_case,
    open_money_case,
    settle_money_cases,
    take_money_case,
    tell_overdue_cases,
)
from payments.actions.cash import CashNotPossible, OwedToOthers, cash_out, tell_shortfall, top_up
from payments.actions.chargebacks import see_dispute
from payments.actions.charges import (
    ChargeEnded,
    ChargeUnderWay,
    MethodNotUsable,
    give_up_charge,
    give_up_waiting_charges,
    start_charge,
)
from payments.actions.credit import (
    CreditAskedBack,
    CreditNotEnough,
    NoCredit,
    ask_credit_back,
    pay_credit_out,
    pay_from_credit,
)
from payments.actions.debts import repay_debts
from payments.actions.differences import (
    DifferenceGone,
    explain_difference,
    note_differences,
    reconcile,
    take_difference_to_case,
    watch_differences,
)
from payments.actions.documents import (
    issue_chargeback_credit_notes,
    issue_credit_notes,
    issue_release_invoices,
    issue_sale_invoice,
)
from payments.actions.evidence import ChargebackNotOpen, EvidenceNotTaken, download_evidence, send_evidence
from payments.actions.fees import publish_fees
from payments.actions.forgetting import forget_legal_profiles
from payments.actions.frozen import BadSplit, freeze_holding, settle_frozen
from payments.actions.holdings import NotEnoughHeld, carry_holding, charge_key, hold_charge
from payments.actions.inbox import fill_gaps, process_again, process_inbox, receive_webhook
from payments.actions.methods import (
    MethodGone,
    MethodInUse,
    add_payment_method,
    begin_setup,
    finish_setup,
    make_default_method,
    remove_payment_method,
)
from payments.actions.payouts import (
    BadIban,
    PayoutMethodGone,
    PayoutMethodInUse,
    add_payout_method,
    ask_about_account,
    begin_onboarding,
    refresh_account,
    refresh_waiting_accounts,
    remove_payout_method,
)
from payments.actions.refunds import refund_holding
from payments.actions.releases import mature_releases, release_holding
from payments.actions.returns import (
    AmountNotReturnable,
    GiveBackTooLate,
    ReleaseChanged,
    give_back_release,
)
from payments.actions.reversals import plan_reversal, retry_reversals
from payments.actions.sandbox import decide_sandbox_dispute, deliver_sandbox_events
from payments.actions.scheduled import request_scheduled_withdrawals, run_withdrawal_schedule
from payments.actions.schedules import (
    BadSchedule,
    ScheduleMethodNotUsable,
    ScheduleNotRunning,
    set_withdrawal_schedule,
    stop_withdrawal_schedule,
)
from payments.actions.transfers import plan_transfers
from payments.actions.withdrawals import (
    AccountNotEnabled,
    DebtOpen,
    NotEnoughAvailable,
    PayoutMethodNotUsable,
    WithdrawalNotCancellable,
    cancel_withdrawal,
    request_withdrawal,
)

__all__ = [
    "AccountNotEnabled",
    "AmountNotReturnable",
    "BadIban",
    "BadSchedule",
    "BadSplit",
    "CashNotPossible",
    "ChargeEnded",
    "ChargeUnderWay",
    "ChargebackNotOpen",
    "CreditAskedBack",
    "CreditNotEnough",
    "DebtOpen",
    "DifferenceGone",
    "EvidenceNotTaken",
    "GiveBackTooLate",
    "MethodGone",
    "MethodInUse",
    "MethodNotUsable",
    "MoneyCaseClosed",
    "MoneyCaseTaken",
    "MoveEnded",
    "NoCredit",
    "NotEnoughAvailable",
    "NotEnoughHeld",
    "OwedToOthers",
    "PayoutMethodGone",
    "PayoutMethodInUse",
    "PayoutMethodNotUsable",
    "ReasonMissing",
    "ReleaseChanged",
    "ScheduleMethodNotUsable",
    "ScheduleNotRunning",
    "WithdrawalNotCancellable",
    "absorb_credits",
    "add_payment_method",
    "add_payout_method",
    "ask_about_account",
    "ask_about_charge",
    "ask_about_move",
    "ask_again",
    "ask_credit_back",
    "begin_onboarding",
    "begin_setup",
    "cancel_withdrawal",
    "carry_holding",
    "cash_out",
    "charge_key",
    "close_money_case",
    "decide_sandbox_dispute",
    "deliver_sandbox_events",
    "download_evidence",
    "explain_difference",
    "fill_gaps",
    "finish_setup",
    "forget_legal_profiles",
    "freeze_holding",
    "give_back_release",
    "give_up_charge",
    "give_up_waiting_charges",
    "hold_charge",
    "issue_chargeback_credit_notes",
    "issue_credit_notes",
    "issue_release_invoices",
    "issue_sale_invoice",
    "make_default_method",
    "mature_releases",
    "note_differences",
    "open_money_case",
    "pay_credit_out",
    "pay_from_credit",
    "plan_reversal",
    "plan_transfers",
    "poll_waiting_moves",
    "process_again",
    "process_inbox",
    "publish_fees",
    "receive_webhook",
    "reconcile",
    "refresh_account",
    "refresh_waiting_accounts",
    "refund_holding",
    "release_holding",
    "remove_payment_method",
    "remove_payout_method",
    "repay_debts",
    "request_scheduled_withdrawals",
    "request_withdrawal",
    "retry_reversals",
    "run_charge",
    "run_due_moves",
    "run_move",
    "run_withdrawal_schedule",
    "see_dispute",
    "send_evidence",
    "set_withdrawal_schedule",
    "settle_frozen",
    "settle_money_cases",
    "settle_move",
    "start_charge",
    "stop_withdrawal_schedule",
    "take_difference_to_case",
    "take_money_case",
    "tell_overdue_cases",
    "tell_shortfall",
    "top_up",
    "watch_books",
    "watch_differences",
]
