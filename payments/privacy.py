"""What this app knows about people: what it hands out, what keeps an account from going, what it takes away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import LegalProfile, Party
from accounts.permissions import WORKING_KINDS
from accounts.privacy import Blocker, Leaver, Reader, Sheet, datum, fields_of
from core.actor import Actor
from core.money import format_money
from core.product import rules
from payments.actions.methods import remove_methods_of
from payments.actions.payouts import remove_payout_methods_of
from payments.models import (
    Charge,
    Chargeback,
    Credit,
    FrozenPart,
    FrozenRelease,
    Holding,
    Invoice,
    MoneyCase,
    PaymentMethod,
    PayoutMethod,
    Refund,
    Release,
    Withdrawal,
    WithdrawalSchedule,
)
from payments.permissions import can_pay, can_see_invoices, can_see_wallet
from payments.queries import invoices_of, purse
from payments.queries.statement import Which, every_line
from payments.registry import link_to

BOOKS = "A voucher of the books, kept as long as they are; it names nobody, only parties and the provider by number."
DATA = (
    datum(
        "payments.Invoice",
        "invoices.json",
        "kept",
        "Tax law asks for it, legal name included (JALON_INVOICE_NAME_YEARS). Only people who may spend money of its "
        "buyer or seller, and finance staff, can open it.",
    ),
    datum("payments.InvoiceSeries payments.FeeSchedule", "no personal data", "kept", "Numbers and fees."),
    datum("payments.Charge", "charges.json", "kept", BOOKS),
    datum("payments.Refund payments.GiveBack", "refunds.json", "kept", BOOKS),
    datum("payments.Release", "releases.json", "kept", BOOKS),
    datum("payments.Withdrawal payments.ScheduledWithdrawal", "withdrawals.json", "kept", BOOKS),
    datum(
        "payments.ProviderTransfer payments.TransferReversal payments.MoneyMove payments.CreditPayment payments.Credit "
        "payments.CreditUse payments.Holding payments.FrozenPart payments.FrozenRelease payments.Repayment",
        "as statement.json",
        "kept",
        BOOKS,
    ),
    datum(
        "payments.Chargeback payments.MoneyCase payments.OperatorCash payments.Difference payments.Reconciliation",
        "staff's own work",
        "kept",
        BOOKS,
    ),
    datum(
        "payments.PaymentMethod payments.PayoutMethod",
        "methods.json, without numbers",
        "nameless",
        "Removed, and forgotten by the provider; the row stays for receipts, with the last digits printed there.",
    ),
    datum("payments.WithdrawalSchedule", "schedule.json", "deleted", "Nothing is withdrawn any more."),
    datum(
        "payments.PaymentCustomer payments.MethodSetup payments.GatewayAccount",
        "numbers of the provider",
        "kept",
        "The provider's numbers of the account: money that a bank sends back later has to find its way.",
    ),
    datum(
        "payments.WebhookEvent payments.InboxCursor payments.SandboxObject payments.SandboxRequest "
        "payments.SandboxEvent",
        "the provider's own words",
        "kept",
        "What the provider announced, by its numbers; bodies are trimmed to what the books need.",
    ),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the money of the parties of which a person may see it; cards and bank accounts without their digits."""
    payers = reader.party_ids(can_pay)
    earners = reader.party_ids(lambda actor: can_see_wallet(actor, actor.party_id))
    methods = PaymentMethod.objects.filter(party_id__in=payers).order_by("pk")
    yield Sheet("methods", fields_of(methods, "kind", "brand", "expires_on", "status", "created_at"))
    banks = PayoutMethod.objects.filter(party_id__in=earners).order_by("pk")
    yield Sheet("payout-methods", fields_of(banks, "usable_from", "status", "created_at"))
    sums = ("gross", "vat", "client_fee", "client_fee_vat")
    charges = Charge.objects.filter(party_id__in=payers).order_by("pk")
    states = ("currency", "status", "created_at", "settled_at")
    yield Sheet("charges", fields_of(charges, "title", "amount", *sums, *states))
    refunds = Refund.objects.filter(charge__party_id__in=payers).order_by("pk")
    yield Sheet("refunds", fields_of(refunds, "title", "amount", *sums, *states))
    releases = Release.objects.filter(payee_id__in=earners).order_by("pk")
    earned = ("title", "gross", "vat", "fee", "fee_vat", "net", "currency", "created_at", "matures_at", "matured_at")
    yield Sheet("releases", fields_of(releases, *earned))
    withdrawals = Withdrawal.objects.filter(party_id__in=earners).order_by("pk")
    yield Sheet(
        "withdrawals", fields_of(withdrawals, "amount", "currency", "status", "created_at", "sent_at", "paid_at")
    )
    schedules = WithdrawalSchedule.objects.filter(party_id__in=earners)
    yield Sheet("schedule", fields_of(schedules, "rhythm", "threshold", "status", "next_at"))
    yield Sheet("statement", (row for party_id in earners for row in _statement(party_id)))
    documents = (
        row
        for actor in reader.actors
        if actor.party_id is not None and can_see_invoices(actor, actor.party_id)
        for row in fields_of(
            invoices_of(actor.party_id),
            *("number", "kind", "credits__number", "title", "seller", "buyer", "issued_at"),
            *("net", "vat_bps", "vat_reason", "vat", "total", "currency"),
        )
    )
    yield Sheet("invoices", documents)


def _statement(party_id: int) -> Iterator[dict[str, object]]:
    balances: tuple[Which, ...] = ("available", "pending")
    for which in balances:
        for line in every_line(party_id, which):
            yield {
                "balance_of": which,
                "at": line.at,
                "what": line.text,
                "detail": line.detail,
                "amount": line.amount,
                "balance": line.balance,
            }


def blockers(leaver: Leaver) -> Iterator[Blocker]:
    """Yield the money that is not where it belongs yet."""
    for actor in leaver.actors:
        if actor.party_id is not None:
            if actor.party_kind in WORKING_KINDS:
                yield from _in_the_wallet(actor.party_id)
            yield from _under_way(actor.party_id)


def _in_the_wallet(party_id: int) -> Iterator[Blocker]:
    money, url = purse(party_id), reverse("payments:wallet")
    words = (
        (money.available, _("%(amount)s is available: withdraw it")),
        (money.pending, _("%(amount)s is in its security period: wait for it, then withdraw it")),
        (money.on_its_way, _("%(amount)s is on its way to your bank: wait until it has arrived")),
        (money.owed, _("You owe %(amount)s")),
        (money.frozen, _("%(amount)s is contested at a bank: wait for its decision")),
    )
    for amount, text in words:
        if amount:
            yield Blocker(text % {"amount": format_money(amount, rules().currency)}, url)


def _under_way(party_id: int) -> Iterator[Blocker]:
    for charge in Charge.objects.filter(party_id=party_id, status__in=Charge.LIVE).order_by("pk"):
        yield Blocker(
            _("The payment for “%(title)s” is under way") % {"title": charge.title},
            reverse("payments:charge", kwargs={"charge_id": charge.pk}),
        )
    holdings = Holding.objects.filter(Q(payer_id=party_id) | Q(payee_id=party_id), gross_left__gt=0).order_by("pk")
    for scope in dict.fromkeys(holdings.values_list("scope", flat=True)):
        yield Blocker(_("Money is held for work"), link_to(scope))
    refunds = Refund.objects.filter(charge__party_id=party_id, status=Refund.Status.RESERVED)
    for refund in refunds.order_by("pk"):
        yield Blocker(
            _("Money for “%(title)s” is on its way back to you") % {"title": refund.title}, reverse("payments:client")
        )
    if Credit.objects.filter(party_id=party_id, left__gt=0).exists():
        yield Blocker(_("You have credit: use it, or ask for it to be paid back"), reverse("payments:client"))
    contested = Chargeback.objects.filter(charge__party_id=party_id, settled_at=None).exists()
    parts = Q(payer_id=party_id) | Q(payee_id=party_id)
    if contested or FrozenPart.objects.filter(parts, closed_at=None).exists():
        yield Blocker(_("A payment is contested at the bank: wait for its decision"), "")
    elif FrozenRelease.objects.filter(payee_id=party_id, closed_at=None).exists():
        yield Blocker(_("A payment to you is contested at the bank: wait for its decision"), reverse("payments:wallet"))
    if MoneyCase.objects.filter(party_id=party_id, status=MoneyCase.Status.OPEN).exists():
        yield Blocker(_("Our staff are looking into a payment of yours: wait for their answer"), "")


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Remove cards, bank accounts and the schedule; what was declared stays only where an invoice needs it."""
    by = Actor.system()
    for party_id in leaver.party_ids:
        WithdrawalSchedule.objects.filter(party_id=party_id).delete()
        remove_methods_of(party_id=party_id, by=by, at=at)
        remove_payout_methods_of(party_id=party_id, by=by, at=at)
    parties = Party.objects.filter(pk__in=leaver.party_ids)
    invoiced = {
        *Invoice.objects.filter(seller_party__in=parties).values_list("seller_party_id", flat=True),
        *Invoice.objects.filter(buyer_party__in=parties).values_list("buyer_party_id", flat=True),
    }
    LegalProfile.objects.filter(party__in=parties).exclude(party_id__in=invoiced).delete()
