"""Notices of payments: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from notifications.catalogue.shapes import Kind, Thing, path_of
from payments.models import (
    Charge,
    Chargeback,
    FrozenPart,
    FrozenRelease,
    GiveBack,
    Refund,
    Release,
    TransferReversal,
    Withdrawal,
    WithdrawalSchedule,
)
from payments.registry import link_to


def _withdrawal(pk: int) -> Thing:
    withdrawal = Withdrawal.objects.select_related("method").get(pk=pk)
    words = {"bank": withdrawal.method.label, "amount": withdrawal.amount, "currency": withdrawal.currency}
    return Thing(None, withdrawal.party_id, words, path_of("payments:wallet"))


def _schedule(pk: int) -> Thing:
    schedule = WithdrawalSchedule.objects.select_related("method").get(pk=pk)
    return Thing(None, schedule.party_id, {"bank": schedule.method.label}, path_of("payments:withdrawal_schedule"))


def _release(pk: int) -> Thing:
    release = Release.objects.get(pk=pk)
    words = {"title": release.title, "amount": release.net, "currency": release.currency}
    return Thing(release.payer_id, release.payee_id, words, path_of("payments:wallet"))


def _charge(pk: int) -> Thing:
    charge = Charge.objects.get(pk=pk)
    words = {"title": charge.title, "amount": charge.amount, "currency": charge.currency}
    return Thing(charge.party_id, None, words, path_of("payments:charge", charge_id=pk))


def _refund(pk: int) -> Thing:
    refund = Refund.objects.select_related("charge").get(pk=pk)
    words = {"title": refund.title, "amount": refund.amount, "currency": refund.currency}
    return Thing(refund.charge.party_id, None, words, path_of("payments:client"))


def _give_back(pk: int) -> Thing:
    release = GiveBack.objects.select_related("release").get(pk=pk).release
    with translation.override("en"):
        path = link_to(release.scope)
    return Thing(release.payer_id, release.payee_id, {"title": release.title}, path or path_of("payments:wallet"))


def _credit(pk: int) -> Thing:
    words = {"client": Party.objects.get(pk=pk).name}
    return Thing(pk, None, words, path_of("payments:client"), staff_path=path_of("admin:payments_credit_changelist"))


def _cash(pk: int) -> Thing:
    return Thing(None, None, {}, "", staff_path=path_of("admin:payments_operatorcash_changelist"))


def _differences(_pk: int) -> Thing:
    return Thing(None, None, {}, path_of("admin:payments_difference_changelist"))


def _chargeback(pk: int) -> Thing:
    chargeback = Chargeback.objects.select_related("charge").get(pk=pk)
    charge = chargeback.charge
    payees = [
        *FrozenPart.objects.filter(case=chargeback.holder).values_list("payee_id", flat=True),
        *FrozenRelease.objects.filter(case=chargeback.holder).values_list("payee_id", flat=True),
    ]
    words = {"title": charge.title, "amount": chargeback.amount, "currency": chargeback.currency}
    with translation.override("en"):
        path = link_to(charge.scope)
    staff_path = path_of("admin:payments_chargeback_change", object_id=pk)
    return Thing(charge.party_id, payees[0] if payees else None, words, path or path_of("payments:wallet"), staff_path)


def _debt(pk: int) -> Thing:
    return Thing(None, pk, {}, path_of("payments:wallet"))


def _money_case(pk: int) -> Thing:
    return Thing(None, None, {"number": pk}, path_of("admin:payments_moneycase_change", object_id=pk))


def _reversal(pk: int) -> Thing:
    reversal = TransferReversal.objects.select_related("party").get(pk=pk)
    path = path_of("admin:payments_transferreversal_change", object_id=pk)
    return Thing(None, None, {"freelancer": reversal.party.name}, "", staff_path=path)


def _books(_pk: int) -> Thing:
    return Thing(None, None, {}, f"{path_of('admin:events_event_changelist')}?q=books:1")


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "withdrawal": _withdrawal,
    "withdrawal_schedule": _schedule,
    "release": _release,
    "charge": _charge,
    "refund": _refund,
    "give_back": _give_back,
    "credit": _credit,
    "cash": _cash,
    "differences": _differences,
    "chargeback": _chargeback,
    "debt": _debt,
    "money_case": _money_case,
    "reversal": _reversal,
    "books": _books,
}

KINDS: Mapping[str, Kind] = {
    "payments.release_matured": Kind("freelancer", _("%(amount)s for “%(title)s” is available"), is_mailed=False),
    "payments.release_given_back": Kind(
        "both", _("%(amount)s for “%(title)s” goes back to the client"), _("Our fees go back with it, in proportion.")
    ),
    "payments.payer_wanted": Kind(
        "client",
        _("Your bank wants you to confirm %(amount)s for “%(title)s”"),
        _("Nothing was charged yet. Open the payment and confirm it with your bank: it is stopped if nobody does."),
    ),
    "payments.refund_denied": Kind(
        "client",
        _("Your card did not take %(amount)s back"),
        _("The sum for “%(title)s” is your credit now: pay with it, or ask for it back on the payments page."),
    ),
    "payments.credit_asked_back": Kind(
        "staff", _("%(client)s asks for %(amount)s of credit"), _("No card can take it: pay it out."), staff="finance"
    ),
    "payments.credit_used": Kind("client", _("%(amount)s of your credit paid for “%(title)s”"), is_mailed=False),
    "payments.credit_returned": Kind("client", _("%(amount)s for “%(title)s” is your credit again")),
    "payments.credit_paid_out_planned": Kind("client", _("%(amount)s of your credit is being paid out")),
    "payments.cash_denied": Kind(
        "staff", _("The provider refused to move %(amount)s of cash"), _("Nothing was moved."), staff="finance"
    ),
    "payments.cash_returned": Kind(
        "staff",
        _("%(amount)s of cash came back after it had arrived"),
        _("The bank undid what was confirmed, and our books follow. Look whether the balance covers what is owed."),
        staff="finance",
    ),
    "payments.reversal_denied": Kind(
        "staff",
        _("%(amount)s could not be taken back from %(freelancer)s"),
        _("It is tried again every hour; the client is refunded all the same."),
        staff="finance",
    ),
    "payments.shortfall_found": Kind(
        "staff",
        _("%(amount)s is missing on the platform's balance"),
        _("It does not cover what is owed to others. Put cash in."),
        is_mailed=False,  # the case about it is
        staff="finance",
    ),
    # Chargebacks
    "payments.chargeback_opened": Kind(
        "both",
        _("The payment of %(amount)s for “%(title)s” is contested at the bank"),
        _(
            "The sum is frozen where it is until the bank has decided. What was paid out of it already is kept back "
            "from the freelancer's withdrawals."
        ),
    ),
    "payments.chargeback_answered": Kind(
        "both", _("The bank has our evidence about “%(title)s”"), _("It decides, often after weeks."), is_mailed=False
    ),
    "payments.chargeback_won": Kind(
        "both",
        _("The bank left the payment of %(amount)s for “%(title)s” here"),
        _("What was frozen is free again, and clocks that stood still run on."),
    ),
    "payments.chargeback_lost": Kind(
        "both",
        _("The bank took the payment of %(amount)s for “%(title)s” back"),
        _("What was frozen of it is gone. What had been paid out of it, the freelancer owes; later earnings repay it."),
    ),
    "payments.debt_repaid": Kind(
        "freelancer",
        _("%(amount)s of what you owe was repaid"),
        _("It was taken from your pending or available money. %(left)s is left to repay."),
    ),
    # Withdrawals
    "payments.withdrawal_paid": Kind("freelancer", _("%(amount)s was paid to %(bank)s")),
    "payments.withdrawal_returned": Kind(
        "freelancer",
        _("Your bank returned %(amount)s"),
        _("The money is available again. Add another bank account before you withdraw it."),
    ),
    "payments.withdrawal_cancelled": Kind(
        "freelancer", _("Your withdrawal of %(amount)s was cancelled"), is_mailed=False
    ),
    "payments.schedule_skipped_below_threshold": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("There was less than %(threshold)s that could leave. The next day of the schedule comes as planned."),
        is_mailed=False,
    ),
    "payments.schedule_skipped_debt": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("You owe money that is repaid first. The next day of the schedule comes as planned."),
    ),
    "payments.schedule_skipped_method": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("The bank account %(bank)s cannot be used yet. The next day of the schedule comes as planned."),
    ),
    "payments.schedule_skipped_account": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("Our payment provider has not enabled your account. Open your wallet to see what is missing."),
    ),
    "payments.schedule_paused": Kind(
        "freelancer",
        _("Your scheduled withdrawals are paused"),
        _("The bank account %(bank)s cannot be used any more. Choose another one to start them again."),
    ),
    # For finance staff
    "payments.books_differ": Kind(
        "staff",
        _("The books are not right. Differences found: %(count)s"),
        _("Open the newest event to read them. Find the cause before anything is corrected."),
        staff="finance",
    ),
    "payments.money_case_opened": Kind(
        "staff",
        _("Money case %(number)s: %(case_kind)s"),
        _("It cannot settle by itself. Open it, take it, and write down how it ended."),
        staff="finance",
    ),
    "payments.money_case_overdue": Kind(
        "staff",
        _("Money case %(number)s is overdue: %(case_kind)s"),
        _("Its deadline has passed and it is still open."),
        staff="finance",
    ),
    "payments.differences_found": Kind(
        "staff",
        _("The books and the provider differ. New differences: %(count)s"),
        _("Open the list to read what each means and what to do. Not explained yet: %(left)s."),
        staff="finance",
    ),
    "payments.differences_gone": Kind("staff", _("The books and the provider agree again"), staff="finance"),
    "payments.books_right_again": Kind("staff", _("The books are right again"), staff="finance"),
}
