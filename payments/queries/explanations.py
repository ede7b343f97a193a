"""What each kind of difference means and what to do about it, in plain words with its own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.money import format_money
from payments.models import Difference, MoneyMove

Kind = Difference.Kind
Texts = tuple[str | Promise, str | Promise]


@dataclass(frozen=True, slots=True)
class Explained:
    """A difference in words of the active language: what it means, and what to do."""

    meaning: str
    advice: str


#: By kind: what it means, and what to do.
TEXTS: Mapping[str, Texts] = {
    Kind.MISSING: (
        _("Our books have this %(verb)s of %(our_amount)s, and the provider lists no such object."),
        _(
            "Look it up in the provider's dashboard by its id. If it is in another account of yours, the keys were "
            "changed; if it is nowhere, ask the provider before anything is reversed."
        ),
    ),
    Kind.LOST: (
        _("This %(verb)s of %(our_amount)s was sent, and the provider has nothing of it after all that time."),
        _(
            "The workers that ask about it have stopped, or cannot reach the provider: see that they run, then ask "
            "again on the page of the move. Never send it by hand."
        ),
    ),
    Kind.DOUBLE: (
        _("The provider lists a second “%(verb)s” of %(their_amount)s for a move that was to be made once."),
        _(
            "Keep the one that our move names. Send the second one back in the provider's dashboard and take this row "
            "to a case: our books know nothing of it."
        ),
    ),
    Kind.ORPHAN: (
        _("The provider lists “%(verb)s” of %(their_amount)s that names no move of ours."),
        _(
            "Somebody made it in the dashboard, or another program uses the account. Find out who. If it moved money "
            "of clients or freelancers, send it back there; then explain it here. A payout that nobody asked for "
            "means that automatic payouts are on: turn them off."
        ),
    ),
    Kind.FOREIGN: (
        _("The provider lists “%(verb)s” of %(their_amount)s for a move that our books do not have."),
        _(
            "Another installation uses the same provider account, or the database was restored to an earlier day. "
            "Give each installation an account of its own; after a restore let the events be read again."
        ),
    ),
    Kind.WRONG_VERB: (
        _("The provider lists “%(verb)s” of %(their_amount)s under the number of a move of another kind (%(ours)s)."),
        _("It was not made by this product as it is. Find out which program made it, and take it to a case."),
    ),
    Kind.WRONG_OBJECT: (
        _("Our move names the object %(ours)s; the provider's object for it is %(theirs)s."),
        _("Compare both in the dashboard. If both moved money, one has to be sent back there."),
    ),
    Kind.WRONG_AMOUNT: (
        _("This %(verb)s is of %(our_amount)s in our books and of %(their_amount)s at the provider."),
        _("Our figure is what was asked for. Ask the provider why; correct it there, not in our books."),
    ),
    Kind.WRONG_CURRENCY: (
        _("This %(verb)s is in %(ours)s in our books and in %(theirs)s at the provider."),
        _("The books know one currency only. Have the provider correct it, or send it back there."),
    ),
    Kind.WRONG_ACCOUNT: (
        _("This %(verb)s of %(our_amount)s was for the account %(ours)s; the provider says %(theirs)s."),
        _(
            "The money is with somebody else. Take it back in the dashboard at once, as far as it is still there, and "
            "take this to a case."
        ),
    ),
    Kind.WRONG_PARENT: (
        _("This %(verb)s of %(our_amount)s was to be taken from %(ours)s; the provider took it from %(theirs)s."),
        _("Another client or freelancer bears it. Have the provider correct it, and take this to a case."),
    ),
    Kind.NOT_SENT: (
        _("This %(verb)s of %(our_amount)s waits to be sent in our books, and the provider has it already."),
        _(
            "The database was restored to an earlier moment, or two installations use one account. Sending it uses "
            "the same key and does nothing twice: let the workers run, then look whether this has gone."
        ),
    ),
    Kind.DENIED_BUT_MOVED: (
        _("This %(verb)s of %(our_amount)s was refused by our books, and was made at the provider."),
        _("Money moved that our books count as unmoved. Send it back in the dashboard, or take it to a case."),
    ),
    Kind.CONFIRMED_BUT_FAILED: (
        _("This %(verb)s of %(our_amount)s is done in our books, and has failed at the provider."),
        _(
            "It came back after it was confirmed, such as a refund that a bank returns weeks later. The money is on "
            "the provider's balance again: open a case and pay whom it belongs to another way."
        ),
    ),
    Kind.CONFIRMED_TOO_EARLY: (
        _("This %(verb)s of %(our_amount)s is done in our books, and is still under way at the provider."),
        _("Wait for the provider's end of it. If it stays so for days, ask the provider."),
    ),
    Kind.UNSETTLED: (
        _("This %(verb)s of %(our_amount)s has ended at the provider (%(theirs)s), and our books still wait for it."),
        _(
            "Webhooks do not arrive and the workers do not ask either. See that they run, then ask again on the page "
            "of the move."
        ),
    ),
    Kind.FEE_MISSING: (
        _("The provider kept %(their_amount)s of this charge, and our books do not know of it."),
        _("The platform's balance is lower than the books say by this fee. Take it to a case."),
    ),
    Kind.WRONG_FEE: (
        _("The provider kept %(their_amount)s of this charge; our books say %(our_amount)s."),
        _("Compare with the provider's statement. What differs is yours to bear; take it to a case."),
    ),
    Kind.OVER_REFUNDED: (
        _("Refunds of %(their_amount)s were made of a charge of %(our_amount)s."),
        _("See which refund is not ours: it is listed here as well. Claim it back from the client or bear it."),
    ),
    Kind.OVER_REVERSED: (
        _("%(their_amount)s were taken back of a transfer of %(our_amount)s."),
        _("See which reversal is not ours: it is listed here as well. Transfer what is too much to the account again."),
    ),
    Kind.DISPUTE_NOT_BOOKED: (
        _("A payer contests %(their_amount)s at the bank (%(id)s), and our books do not have this chargeback."),
        _(
            "The provider has taken the sum and a fee from the balance. Answer it in the provider's dashboard before "
            "its deadline, put cash in where the balance falls short, and take this to a case."
        ),
    ),
    Kind.DISPUTE_DIFFERS: (
        _(
            "The chargeback %(id)s is %(ours)s with %(our_amount)s in our books, and %(theirs)s with "
            "%(their_amount)s at the provider."
        ),
        _(
            "If the provider's word is the newer one, work its last event through again. If they stay apart, compare "
            "the chargeback's page with the provider's dashboard and take this to a case."
        ),
    ),
    Kind.DISPUTE_ORPHAN: (
        _("A payer contests %(their_amount)s (%(id)s) of a payment that our books do not have."),
        _("Find out which program made the payment, and answer the chargeback in the provider's dashboard."),
    ),
    Kind.PLATFORM_BALANCE: (
        _("%(their_amount)s are on the platform's balance; by our books %(our_amount)s should be."),
        _(
            "The other rows explain it where they are about the same time: settle them first. If this stays, compare "
            "the provider's statement day by day; fees that it charges apart are the usual cause."
        ),
    ),
    Kind.ACCOUNT_BALANCE: (
        _("%(their_amount)s are on the account %(id)s; by our books %(our_amount)s should be."),
        _(
            "See first whether a transfer, a reversal or a payout of this account is listed here. If not, its holder "
            "has moved money without us, or the provider has debited it: look into the account in the dashboard."
        ),
    ),
    Kind.ACCOUNT_GONE: (
        _("The provider does not let us look into the account %(id)s any more; by our books it has %(our_amount)s."),
        _("Its holder has taken it out of the platform, or the provider has closed it. Ask the freelancer."),
    ),
    Kind.WITHHELD: (
        _("The provider keeps %(their_amount)s back for chargebacks; our books say %(our_amount)s."),
        _("Settle the chargebacks that are listed here: each one that is not booked is a part of it."),
    ),
    Kind.EQUATION: (
        _("%(our_amount)s came in less what went out by the rows; %(their_amount)s are at the provider by the ledger."),
        _("This is inside our own books. Run check_books, and find the entry without a row before anything else."),
    ),
}


def explain(row: Difference) -> Explained:
    """Return a difference in words of the active language."""
    meaning, advice = TEXTS[row.kind]
    return Explained(str(meaning) % _figures(row), str(advice))


#: Where a chargeback stands, for a row about one.
_STANDING: Mapping[str, str | Promise] = {
    "": _("not there"),
    "open": _("not decided"),
    "won": _("won"),
    "lost": _("lost"),
}


def _figures(row: Difference) -> dict[str, str]:
    verbs = dict(MoneyMove.Verb.choices)
    words = _STANDING if row.verb == "dispute" else verbs
    return {
        "verb": str(verbs.get(row.verb, _now("chargeback"))),
        "id": row.provider_id or row.subject,
        "ours": str(words.get(row.ours, row.ours)),
        "theirs": str(words.get(row.theirs, row.theirs)) if words is _STANDING else row.theirs,
        "our_amount": _sum(row.our_amount, row.currency),
        "their_amount": _sum(row.their_amount, row.currency),
    }


def _sum(amount: int | None, currency: str) -> str:
    return format_money(amount, currency) if amount is not None else _now("nothing")
