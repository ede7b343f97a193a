"""Every write to the money rows; the verbs other apps call are named here."""

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
from payments.actions.charges import (
    ChargeEnded,
    ChargeUnderWay,
    MethodNotUsable,
    give_up_charge,
    give_up_waiting_charges,
    start_charge,
)
from payments.actions.documents import issue_credit_notes, issue_release_invoices, issue_sale_invoice
from payments.actions.fees import publish_fees
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
    "BadIban",
    "BadSchedule",
    "BadSplit",
    "ChargeEnded",
    "ChargeUnderWay",
    "DebtOpen",
    "MethodGone",
    "MethodInUse",
    "MethodNotUsable",
    "MoveEnded",
    "NotEnoughAvailable",
    "NotEnoughHeld",
    "PayoutMethodGone",
    "PayoutMethodInUse",
    "PayoutMethodNotUsable",
    "ScheduleMethodNotUsable",
    "ScheduleNotRunning",
    "WithdrawalNotCancellable",
    "add_payment_method",
    "add_payout_method",
    "ask_about_account",
    "ask_about_charge",
    "ask_about_move",
    "ask_again",
    "begin_onboarding",
    "begin_setup",
    "cancel_withdrawal",
    "carry_holding",
    "charge_key",
    "decide_sandbox_dispute",
    "deliver_sandbox_events",
    "fill_gaps",
    "finish_setup",
    "freeze_holding",
    "give_up_charge",
    "give_up_waiting_charges",
    "hold_charge",
    "issue_credit_notes",
    "issue_release_invoices",
    "issue_sale_invoice",
    "make_default_method",
    "mature_releases",
    "plan_transfers",
    "poll_waiting_moves",
    "process_again",
    "process_inbox",
    "publish_fees",
    "receive_webhook",
    "refresh_account",
    "refresh_waiting_accounts",
    "refund_holding",
    "release_holding",
    "remove_payment_method",
    "remove_payout_method",
    "request_scheduled_withdrawals",
    "request_withdrawal",
    "run_charge",
    "run_due_moves",
    "run_move",
    "run_withdrawal_schedule",
    "set_withdrawal_schedule",
    "settle_frozen",
    "settle_move",
    "start_charge",
    "stop_withdrawal_schedule",
    "watch_books",
]
