"""Addresses of the app."""

from __future__ import annotations

from django.urls import path

from payments.views import charges, client, documents, methods, returns, statement, wallet, webhooks

app_name = "payments"
urlpatterns = [
    path("wallet/", wallet.wallet_page, name="wallet"),
    path("wallet/statement/", statement.statement_page, name="statement"),
    path("wallet/statement/file.csv", statement.statement_csv, name="statement_csv"),
    path("wallet/statement/file.pdf", statement.statement_pdf, name="statement_pdf"),
    path("wallet/withdraw/", wallet.withdraw, name="withdraw"),
    path("wallet/withdrawals/<int:withdrawal_id>/cancel/", wallet.withdrawal_cancel, name="withdrawal_cancel"),
    path("wallet/schedule/", wallet.withdrawal_schedule, name="withdrawal_schedule"),
    path("wallet/releases/<int:release_id>/give-back/", returns.release_give_back, name="release_give_back"),
    path("wallet/account/", wallet.onboarding, name="onboarding"),
    path("wallet/account/check/", wallet.account_check, name="account_check"),
    path("wallet/bank/new/", wallet.payout_method_new, name="payout_method_new"),
    path("wallet/bank/<int:method_id>/remove/", wallet.payout_method_remove, name="payout_method_remove"),
    path("payments/", client.payments_page, name="client"),
    path("payments/credit/ask-back/", client.credit_ask_back, name="credit_ask_back"),
    path("payments/cards/new/", methods.method_new, name="method_new"),
    path("payments/cards/new/<int:setup_id>/", methods.method_fields, name="method_fields"),
    path("payments/cards/<int:method_id>/remove/", client.method_remove, name="method_remove"),
    path("payments/cards/<int:method_id>/default/", client.method_default, name="method_default"),
    path("invoices/", documents.invoices, name="invoices"),
    path("invoices/<uuid:invoice_id>.pdf", documents.invoice, name="invoice"),
    path("wallet/earnings/<int:year>.pdf", documents.earnings, name="earnings"),
    path("payments/charges/<int:charge_id>/receipt.pdf", documents.receipt, name="receipt"),
    path("payments/charges/<int:charge_id>/", charges.charge_page, name="charge"),
    path("payments/confirm/<slug:payment_id>/", charges.second_step, name="second_step"),
    path("payments/sandbox-bank/<slug:payment_id>/", charges.sandbox_bank, name="sandbox_bank"),
    path("webhooks/<slug:gateway>/", webhooks.webhook, name="webhook"),
    path("webhooks/<slug:gateway>/<slug:scope>/", webhooks.webhook, name="webhook_scope"),
]
