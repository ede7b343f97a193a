"""Money cases as staff see them: what each kind means, what to do about it, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.queries import history_of
from payments.models import MoneyCase

Kind = MoneyCase.Kind
#: What each kind means and what to do, for the one who takes the case.
ADVICE: Mapping[str, str | Promise] = {
    Kind.REFUND_DENIED: _(
        "The client's card took no money back, so the sum is their credit. It closes by itself once the credit is "
        "used up. Ask the client what they want: they can pay for other work with it, or you pay it back on the page "
        "of credit."
    ),
    Kind.CREDIT_NOT_PAID_OUT: _(
        "The provider refused to send this credit to your bank, so it is the client's credit again. Read the answer "
        "among the operator's cash, put it right with the provider, and pay the credit out again."
    ),
    Kind.MOVE_UNKNOWN: _(
        "The call was repeated under its key for hours and then looked up, and there is still no answer. It is asked "
        "again every hour and the case closes by itself with the answer. Look the move up in the provider's "
        "dashboard by its number; if the provider is down, wait. Never make the payment by hand."
    ),
    Kind.MOVE_MISMATCH: _(
        "The provider answered with another payment, sum or currency than was asked for. Nothing was booked by it. "
        "Compare the move with the provider's object; if the object is wrong, have the provider correct it, then ask "
        "again on the page of the move."
    ),
    Kind.WITHDRAWAL_UNKNOWN: _(
        "Nobody knows whether this withdrawal was paid: its payout had no answer and could not be looked up. The "
        "money stays reserved. It is asked again every hour and the case closes by itself with the answer. Do not "
        "pay it a second time."
    ),
    Kind.DIFFERENCE: _(
        "Reconciliation found that our books and the provider do not say the same. The row of the difference says "
        "what it means and what to do. The case closes by itself once the difference is gone or explained."
    ),
    Kind.CHARGEBACK: _(
        "The client's bank took the sum back until it decides. Read what speaks for the payment and send it before the "
        "deadline; without evidence it is lost. The case closes by itself once the bank has the evidence."
    ),
    Kind.CHARGEBACK_UNCLEAR: _(
        "The provider speaks of a contested payment that is not known here, or contradicts what it said before. "
        "Nothing was booked. Compare it with the provider's dashboard, then work the event through again."
    ),
    Kind.CHARGEBACK_UNCOVERED: _(
        "The money of this payment had gone back to the client before they contested it. If the bank takes it back a "
        "second time, it is the operator's loss: send the refund as evidence, and put cash in if it is lost."
    ),
    Kind.DEBT: _(
        "This party was paid money that has been taken back since. Its pending and available money repays it by "
        "itself, and nothing leaves until then. Where no earnings come, ask the party for it; the case closes by "
        "itself once it is repaid."
    ),
    Kind.EVENT_FAILED: _(
        "An event of the provider failed each time, so that what it told was not booked. Read the error on its page; "
        "once the cause is mended, work it through again there. The case closes by itself when that succeeds."
    ),
    Kind.SHORTFALL: _(
        "What is on the platform's balance is less than what belongs to clients, freelancers and the state. Put cash "
        "in from your bank; the case closes by itself within an hour of its arrival."
    ),
}


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case on its own screen: what it means, where to settle it, what happened to it."""

    case: MoneyCase
    advice: str | Promise
    links: tuple[tuple[str | Promise, str], ...]
    history: tuple[Event, ...]


def money_case_page(case_id: int) -> CasePage | None:
    """Return a case with everything on its screen, for finance staff; None for one that does not exist."""
    case = MoneyCase.objects.select_related("party", "owner", "closed_by").filter(pk=case_id).first()
    if case is None:
        return None
    prefix, __, number = case.subject.partition(":")
    link = LINKS.get(prefix)
    links = (link(int(number)),) if link and number.isdecimal() else ()
    return CasePage(
        case=case,
        advice=ADVICE.get(case.kind, ""),
        links=links,
        history=tuple(history_of(f"money_case:{case.pk}", limit=100)),
    )


#: Where a subject such as "credit:7" is settled, and the words that lead there.
LINKS: Mapping[str, Callable[[int], tuple[str | Promise, str]]] = {
    "credit": lambda __: (_("Credit of clients"), reverse("admin:payments_credit_changelist")),
    "chargeback": lambda pk: (_("The chargeback"), reverse("admin:payments_chargeback_change", args=[pk])),
    "party": lambda pk: (_("The party"), reverse("admin:accounts_party_change", args=[pk])),
    "cash": lambda __: (_("Operator's cash"), reverse("admin:payments_operatorcash_changelist")),
    "difference": lambda pk: (_("The difference"), reverse("admin:payments_difference_change", args=[pk])),
    "webhook": lambda pk: (_("The event"), reverse("admin:payments_webhookevent_change", args=[pk])),
    "move": lambda pk: (_("The move"), reverse("admin:payments_moneymove_change", args=[pk])),
    "withdrawal": lambda pk: (_("The withdrawal"), reverse("admin:payments_withdrawal_change", args=[pk])),
}
