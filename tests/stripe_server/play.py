"""What happens outside of the API: payers and their banks, onboarding, time.

Each method is also at POST /_test/<its name>, with its parameters as JSON, for tests that drive a browser.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

from tests.stripe_server import accounts, disputes, payment_intents, payouts, refunds, setup_intents, topups
from tests.stripe_server.cards import Card, Debit
from tests.stripe_server.errors import Json, StripeRefusal, missing
from tests.stripe_server.intents import unexpected_state
from tests.stripe_server.payment_methods import card_by_number, new_card, new_debit
from tests.stripe_server.world import DAY, World

Verb = TypeVar("Verb", bound=Callable[..., Json])
GERMAN_BANK = "DE89370400440532013000"


def together(verb: Verb) -> Verb:
    """Do all of a verb or nothing in between calls of the API."""

    @wraps(verb)
    def locked(play: Play, **given: Any) -> Json:
        with play.world.lock:
            play.world.settle_funds()
            return verb(play, **given)

    return cast("Verb", locked)


class Play:
    """The people and banks around Stripe."""

    def __init__(self, world: World) -> None:
        self.world = world

    # Payers, through Stripe.js

    @together
    def collect_card(self, *, number: str, exp_month: int = 12, exp_year: int | None = None, **billing: Any) -> Json:
        """Return a payment method made from a card's number, as Stripe.js does in the payer's browser."""
        return new_card(self.world, card_by_number(number), exp_month=exp_month, exp_year=exp_year, billing=billing)

    @together
    def collect_debit(self, *, iban: str, name: str = "Alice Martin", email: str = "alice@example.com") -> Json:
        """Return a payment method made from the IBAN of an account."""
        return new_debit(self.world, iban, {"name": name, "email": email})

    @together
    def confirm(self, *, client_secret: str, payment_method: str, return_url: str | None = None) -> Json:
        """Confirm an intent in the payer's browser; return it, or the error that Stripe.js shows."""
        intent = self.intent_of(client_secret)
        given: Json = {"payment_method": payment_method, "return_url": return_url}
        method = self.world.private.get(payment_method, {})
        if isinstance(method.get("means"), Debit):  # its text of consent is shown by Stripe.js
            online = {"ip_address": "127.0.0.1", "user_agent": "local"}
            given["mandate_data"] = {"customer_acceptance": {"type": "online", "online": online}}
        verbs = setup_intents if intent["object"] == "setup_intent" else payment_intents
        if intent["status"] not in verbs.OPEN:
            return unexpected_state(intent, "confirm").body()
        try:
            return {intent["object"]: verbs.confirm(self.world, intent, given)}
        except StripeRefusal as refusal:
            return refusal.body()

    @together
    def authenticate(self, *, intent: str, succeeds: bool = True) -> Json:
        """Let the payer succeed or fail at the bank's page; return the intent."""
        found = self.intent_of(intent)
        if found["status"] != "requires_action":
            raise unexpected_state(found, "authenticate")
        verbs = setup_intents if found["object"] == "setup_intent" else payment_intents
        with suppress(StripeRefusal):  # the bank said no: the intent says so too
            verbs.authenticate(self.world, found, succeeds=succeeds)
        return found

    def intent_of(self, name: str) -> Json:
        """Return an intent by its id or its client secret."""
        found = self.world.objects.get(name.split("_secret_", maxsplit=1)[0])
        if found is None or name not in {found["id"], found.get("client_secret")}:
            raise missing("intent", name, param="client_secret", is_address=False)
        return found

    # Banks

    @together
    def end_collection(self, *, intent: str, failure: str | None = None) -> Json:
        """End the collection of a debit: the money comes, or the bank says why not."""
        found = self.intent_of(intent)
        if found["status"] != "processing":
            raise unexpected_state(found, "settle")
        return payment_intents.end_collection(self.world, found, failure=failure)

    @together
    def open_dispute(self, *, charge: str, reason: str = "fraudulent", amount: int | None = None) -> Json:
        """Take the money of a charge (or of a PaymentIntent's charge) back."""
        return disputes.open_dispute(self.world, self.charge_of(charge), reason=reason, amount=amount)

    @together
    def win_dispute(self, *, dispute: str) -> Json:
        return disputes.win(self.world, self.world.find("dispute", dispute))

    @together
    def lose_dispute(self, *, dispute: str) -> Json:
        return disputes.lose(self.world, self.world.find("dispute", dispute))

    @together
    def warn_of_fraud(self, *, charge: str) -> Json:
        return disputes.warn_of_fraud(self.world, self.charge_of(charge))

    def charge_of(self, name: str) -> Json:
        intent = self.world.objects.get(name)
        is_intent = intent is not None and intent["object"] == "payment_intent"
        return self.world.find("charge", intent["latest_charge"] if intent and is_intent else name)

    @together
    def end_refund(self, *, refund: str, failure: str | None = None) -> Json:
        """Let a refund arrive, or come back (`failure`: expired_or_canceled_card, lost_or_stolen_card, unknown)."""
        return refunds.end_refund(self.world, self.world.find("refund", refund), failure=failure)

    @together
    def send_payout(self, *, payout: str) -> Json:
        return payouts.send_payout(self.world, self.payout_of(payout))

    @together
    def pay_payout(self, *, payout: str) -> Json:
        return payouts.pay_payout(self.world, self.payout_of(payout))

    @together
    def fail_payout(self, *, payout: str, code: str = "account_closed") -> Json:
        """Let a payout come back, also after it was paid."""
        return payouts.fail_payout(self.world, self.payout_of(payout), code=code)

    def payout_of(self, name: str) -> Json:
        return self.world.find("payout", name, account=self.world.owner.get(name))

    @together
    def end_topup(self, *, topup: str, failure: str | None = None) -> Json:
        return topups.end_topup(self.world, self.world.find("topup", topup), failure=failure)

    @together
    def reverse_topup(self, *, topup: str) -> Json:
        """Let the bank take back a top-up that had arrived."""
        return topups.reverse_topup(self.world, self.world.find("topup", topup))

    # Accounts

    @together
    def onboard(self, *, account: str, bank: str | None = GERMAN_BANK, currency: str | None = None) -> Json:
        """Give Stripe all that it asks of an account; without a bank account it may receive but not be paid out."""
        found = accounts.account_of(self.world, account)
        if bank is not None:
            accounts.add_bank(self.world, found, bank, currency or found["default_currency"])
        found["details_submitted"] = True
        found["tos_acceptance"] = {"date": self.world.now()}
        due = [] if found["external_accounts"]["data"] else ["external_account"]
        accounts.set_abilities(self.world, found, due=due, reason=None)
        return found

    @together
    def restrict(self, *, account: str, due: list[str] | None = None, reason: str | None = None) -> Json:
        """Let Stripe ask for more (`due`), or end an account (`reason`, such as rejected.fraud)."""
        found = accounts.account_of(self.world, account)
        accounts.set_abilities(self.world, found, due=due or [], reason=reason, transfers=reason is None)
        return found

    @together
    def disconnect(self, *, account: str) -> Json:
        """Let the holder take the platform's access to an account away."""
        found = accounts.account_of(self.world, account)
        application = {"id": "ca_local", "object": "application", "name": "Platform"}
        self.world.emit("account.application.deauthorized", application, account=account)
        self.world.private[account]["closed"] = True
        return found

    @together
    def visit_link(self, *, account: str, token: str, is_finished: bool) -> Json:
        """Use an onboarding link once; return where the visitor goes: on the way back, or for a new link."""
        link = self.world.private[account].get("links", {}).pop(token, None)
        if link is None or link["until"] < self.world.now():
            return {"url": link["refresh_url"] if link else None}
        if is_finished:
            self.onboard(account=account)
        place = f"/v2/core/accounts/{account}"
        self.world.emit_thin("v2.core.account_link.returned", account=account, url=place)
        return {"url": link["return_url"]}

    # Time

    @together
    def advance(self, *, days: float = 0, hours: float = 0) -> Json:
        """Let time pass: money becomes available, collections, refunds, top-ups and payouts end, schedules pay out."""
        left = days * DAY + hours * 3600
        while left > 0:
            step = min(left, DAY)
            self.world.offset += step
            left -= step
            self.world.settle_funds()
            self.end_what_is_due()
        return {"now": self.world.now()}

    def end_what_is_due(self) -> None:
        """End what has a day on which it ends."""
        world, now = self.world, self.world.now()
        for intent in world.every("payment_intent"):
            if intent["status"] == "processing" and world.private[intent["id"]]["collects_at"] <= now:
                means = world.private[intent["payment_method"]]["means"]
                payment_intents.end_collection(world, intent, failure=means.failure)
        for refund in world.every("refund"):
            self.end_due_refund(refund, now)
        for topup in world.every("topup"):
            if topup["status"] == "pending" and topup["expected_availability_date"] <= now:
                topups.end_topup(world, topup)
        for account in [None, *(account["id"] for account in world.every("account"))]:
            for payout in world.every("payout", account=account):
                if payout["status"] in {"pending", "in_transit"} and payout["arrival_date"] <= now:
                    payouts.arrive(world, payout)
        payouts.pay_out_by_itself(world)

    def end_due_refund(self, refund: Json, now: int) -> None:
        """Let a pending refund arrive after five days, and one that its card sends back fail after one."""
        if refund["status"] == "pending" and refund["created"] + 5 * DAY <= now:
            refunds.end_refund(self.world, refund, failure=None)
        means = self.world.private[refund["payment_method"]]["means"]
        is_sent_back = isinstance(means, Card) and means.refund == "fails"
        if is_sent_back and refund["status"] == "succeeded" and refund["created"] + DAY <= now:
            refunds.end_refund(self.world, refund, failure="expired_or_canceled_card")
