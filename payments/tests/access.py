"""Who gets what from the money pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from payments.gateways.sandbox import WORKING_IBAN
from payments.models import Chargeback, Difference, MoneyCase, MoneyMove, Reconciliation, Release, WebhookEvent
from payments.queries import quote_give_back
from tests.access import Row, admin_pages, cells, staff_cells

SPENDERS = "client client_admin finance"
EARNERS = "freelancer other_freelancer wrong_hat"
OTHERS = "other_client freelancer other_freelancer wrong_hat"


def _charge(w: Any) -> dict[str, Any]:
    return {"charge_id": w.charge.pk}


def _card(w: Any) -> dict[str, Any]:
    return {"method_id": w.card.pk}


def _bank(w: Any) -> dict[str, Any]:
    return {"method_id": w.bank.pk}


def _withdraw(w: Any) -> dict[str, Any]:
    return {"amount": "10", "method": w.bank.pk, "token": str(uuid4()), "confirmed": "1"}


def _give_back(w: Any) -> dict[str, Any]:
    total = quote_give_back(w.release, 1_00).total
    sure = {"seen_total": str(total), "seen_remaining": str(w.release.remaining), "confirmed": "1"}
    return {"amount": "1", "reason": "", "token": str(uuid4()), **sure}


def _schedule(w: Any) -> dict[str, Any]:
    return {"rhythm": "weekly", "threshold": "10", "method": w.bank.pk}


def _move(w: Any) -> int:
    return int(MoneyMove.objects.get(source=f"charge-{w.charge.pk}").pk)


def _chargeback(_world: Any) -> int:
    return int(Chargeback.objects.latest("pk").pk)


def _announced(_world: Any) -> int:
    return int(WebhookEvent.objects.latest("pk").pk)


def _money_case(_world: Any) -> int:
    return int(MoneyCase.objects.latest("pk").pk)


def _difference(_world: Any) -> int:
    return int(Difference.objects.latest("pk").pk)


#: Those who may see the page are asked for their password first.
_PROVED = cells(redirect=EARNERS, deny="*")
_EARNED = cells(ok=EARNERS, deny="*")
_SPENT = cells(ok=f"{SPENDERS} {OTHERS}", deny="*")
_OWN_BANK = cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*")
_NO_FIELDS = cells(missing=f"{SPENDERS} {OTHERS}", deny="*")
_OWN_CARD = cells(redirect=SPENDERS, missing=OTHERS, deny="*")

ACCESS = {
    "payments:wallet": Row(get=_EARNED),
    "payments:statement": Row(get=_EARNED),
    "payments:statement_csv": Row(get=_EARNED),
    "payments:statement_pdf": Row(get=_EARNED),
    "payments:release_give_back": Row(
        get=cells(ok="freelancer", missing="other_freelancer wrong_hat", deny="*"),
        post=cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*"),
        kwargs=lambda w: {"release_id": w.release.pk},
        data=_give_back,
    ),
    "payments:withdraw": Row(get=_PROVED, post=_PROVED, data=_withdraw),
    "payments:withdrawal_schedule": Row(get=_PROVED, post=_PROVED, data=_schedule),
    "payments:payout_method_new": Row(get=_PROVED, post=_PROVED, data=lambda w: {"iban": WORKING_IBAN}),
    "payments:onboarding": Row(get=_PROVED, post=_PROVED),
    "payments:account_check": Row(post=cells(redirect=EARNERS, deny="*")),
    "payments:withdrawal_cancel": Row(post=_OWN_BANK, kwargs=lambda w: {"withdrawal_id": w.withdrawal.pk}),
    "payments:payout_method_remove": Row(post=_PROVED, kwargs=_bank),
    "payments:client": Row(get=_SPENT),
    "payments:credit_ask_back": Row(post=cells(redirect=f"{SPENDERS} {OTHERS}", deny="*")),
    "payments:method_new": Row(
        get=_SPENT,
        post=cells(redirect=f"{SPENDERS} {OTHERS}", deny="*"),
        data=lambda w: {"card": "4000000000000077"},
    ),
    "payments:method_fields": Row(
        get=_NO_FIELDS,
        post=_NO_FIELDS,
        kwargs=lambda w: {"setup_id": w.card.setups.first().pk},
        note="The sandbox has no fields of its own; those of Stripe are clicked in tests/test_stripe_pages.py.",
    ),
    "payments:method_remove": Row(post=_OWN_CARD, kwargs=_card),
    "payments:method_default": Row(post=_OWN_CARD, kwargs=_card),
    "payments:invoices": Row(get=cells(ok=f"{SPENDERS} {OTHERS}", deny="*")),
    "payments:invoice": Row(
        get=cells(ok=f"{SPENDERS} freelancer finance_staff administrator", missing="*"),
        kwargs=lambda w: {"invoice_id": w.invoice.pk},
    ),
    "payments:receipt": Row(
        get=cells(ok=f"{SPENDERS} hiring_manager", missing="*"),
        kwargs=lambda w: {"charge_id": w.release.charge_id},
    ),
    "payments:earnings": Row(
        get=cells(ok="freelancer", missing="other_freelancer wrong_hat", deny="*"),
        kwargs=lambda w: {"year": w.release.created_at.year},
    ),
    "payments:charge": Row(
        get=cells(ok=f"{SPENDERS} hiring_manager", missing="*"),
        post=cells(redirect=SPENDERS, deny="hiring_manager", missing="*"),
        kwargs=_charge,
    ),
    "payments:second_step": Row(
        get=cells(missing="*"),
        kwargs=lambda w: {"payment_id": w.charge.provider_id},
        note="As above: the sandbox has a page for it instead.",
    ),
    "payments:sandbox_bank": Row(
        get=cells(ok=SPENDERS, deny="hiring_manager", missing="*"),
        post=cells(redirect=SPENDERS, deny="hiring_manager", missing="*"),
        kwargs=lambda w: {"payment_id": w.charge.provider_id},
        data=lambda w: {"answer": "approve"},
    ),
    "payments:webhook": Row(
        post=cells(bad="anonymous *"),
        kwargs=lambda w: {"gateway": "sandbox"},
        note="Machines sign what they send; people's sessions mean nothing here.",
    ),
    "payments:webhook_scope": Row(
        post=cells(bad="anonymous *"),
        kwargs=lambda w: {"gateway": "stripe", "scope": "connect"},
        note="As above.",
    ),
    **admin_pages("payments_moneymove", "finance_staff", _move),
    **admin_pages("payments_charge", "finance_staff", lambda w: w.charge.pk),
    **admin_pages("payments_refund", "finance_staff"),
    **admin_pages("payments_release", "finance_staff", lambda _world: Release.objects.latest("pk").pk),
    **admin_pages("payments_withdrawal", "finance_staff", lambda w: w.withdrawal.pk),
    **admin_pages("payments_paymentmethod", "finance_staff", lambda w: w.card.pk),
    **admin_pages("payments_webhookevent", "finance_staff", _announced),
    **admin_pages("payments_invoice", "finance_staff", lambda w: w.invoice.pk),
    **admin_pages("payments_transferreversal", "finance_staff"),
    **admin_pages("payments_chargeback", "finance_staff", _chargeback),
    "admin:payments_chargeback_evidence": Row(
        kwargs=lambda w: {"chargeback_id": _chargeback(w)},
        post=staff_cells(ok="finance_staff"),
        data=lambda _world: {"reason": "The bank asks."},
    ),
    "admin:payments_chargeback_send": Row(
        kwargs=lambda w: {"chargeback_id": _chargeback(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"reason": "The bank asks.", "words": "It was approved."},
    ),
    "admin:payments_chargeback_decide": Row(
        kwargs=lambda w: {"chargeback_id": _chargeback(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"decision": "won"},
    ),
    **admin_pages("payments_operatorcash", "finance_staff"),
    **admin_pages("payments_credit", "finance_staff"),
    **admin_pages("payments_moneycase", "finance_staff", _money_case),
    "admin:payments_moneycase_take": Row(
        kwargs=lambda w: {"case_id": _money_case(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"seen_owner": ""},
    ),
    "admin:payments_moneycase_close": Row(
        kwargs=lambda w: {"case_id": _money_case(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"reason": "Cash is on its way."},
    ),
    **admin_pages("payments_reconciliation", "finance_staff", lambda _world: Reconciliation.objects.latest("pk").pk),
    **admin_pages("payments_difference", "finance_staff", _difference),
    "admin:payments_difference_explain": Row(
        kwargs=lambda w: {"difference_id": _difference(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"reason": "A test of the dashboard."},
    ),
    "admin:payments_difference_case": Row(
        kwargs=lambda w: {"difference_id": _difference(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"reason": "Ask the provider."},
    ),
    "admin:payments_operatorcash_move": Row(
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"amount": "10", "reason": "First cash", "way": "in", "token": str(uuid4())},
    ),
    "admin:payments_credit_pay_back": Row(
        kwargs=lambda w: {"party_id": w.client.party.pk},
        post=staff_cells(conflict="finance_staff"),
        data=lambda _world: {"reason": "Asked by mail", "way": "cards", "token": str(uuid4())},
    ),
    "admin:payments_release_give_back": Row(
        kwargs=lambda _world: {"release_id": Release.objects.latest("pk").pk},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {
            "amount": "1",
            "reason": "Case 12",
            "token": str(uuid4()),
            "seen_remaining": str(Release.objects.latest("pk").remaining),
        },
    ),
    "admin:payments_moneymove_ask": Row(
        kwargs=lambda w: {"move_id": _move(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"reason": "The client called."},
    ),
    "admin:payments_webhookevent_again": Row(
        kwargs=lambda w: {"event_id": _announced(w)},
        post=staff_cells(redirect="finance_staff"),
        data=lambda _world: {"reason": "It was not heard."},
    ),
}
