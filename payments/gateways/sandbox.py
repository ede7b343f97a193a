"""The sandbox provider: no keys, no network, test cards, and the habits of a real company elsewhere.

It keeps its own rows, knows idempotency keys, holds balances, takes a fee, and announces what happens later by
signed events. Only `payments.actions` and the sandbox's own pages talk to it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import real_now
from core.money import fee_of
from payments.gateway import (
    BadSignature,
    BankRefused,
    CardRefused,
    Gateway,
    GatewayAnswer,
    GatewayRefused,
    GatewayUnreachable,
    ProviderBalances,
    ProviderEvent,
    SavedBank,
    SavedCard,
    outside_transactions,
)
from payments.models import SandboxEvent, SandboxObject, SandboxRequest

FEE_BPS, FEE_FIXED = 150, 25
#: How long the sandbox takes for what it does not do at once.
SOON, ACCOUNT_CHECK, BANK_TIME = timedelta(seconds=5), timedelta(seconds=2), timedelta(seconds=5)
#: Seconds that a signature may be old, or ahead of the clock.
TOLERANCE = 300
SIGNATURE = "Sandbox-Signature"
CARD_YEARS = 3

Outcome = Literal["succeeded", "declined", "second_step", "later"]


@dataclass(frozen=True, slots=True)
class TestCard:
    """A number that the sandbox takes for a card, and what it does with its charges and refunds."""

    number: str
    label: str | Promise
    outcome: Outcome
    refund_fails: bool = False

    @property
    def spaced(self) -> str:
        """Return the number in groups of four."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


TEST_CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", gettext_lazy("Succeeds"), "succeeded"),
        TestCard("4000000000000002", gettext_lazy("Is declined"), "declined"),
        TestCard("4000002500003155", gettext_lazy("Needs a second step at the bank"), "second_step"),
        TestCard("4000000000000077", gettext_lazy("Succeeds some seconds later"), "later"),
        TestCard("4000000000005126", gettext_lazy("Succeeds, but refuses refunds"), "succeeded", refund_fails=True),
    )
}
#: Payouts to this account are sent and come back.
FAILING_IBAN = "FR8420041010050500013M02607"
WORKING_IBAN = "FR1420041010050500013M02606"

FaultKind = Literal["request_lost", "reply_lost", "broken_before", "broken_after"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One call that goes wrong, for tests: lost there or back, or a stored 500 before or after the effect."""

    verb: str
    kind: FaultKind


class SandboxGateway(Gateway):
    """See the module."""

    name = "sandbox"
    environment = "sandbox"

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        #: Keys of the calls that reached the sandbox, for tests that count them.
        self.calls: list[str] = []

    # Money moves

    @outside_transactions
    def send(self, verb: str, *, key: str, body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
        """Do what the key asks for, once; a known key gets its first answer again."""
        fault = self._next_fault(verb)
        if fault == "request_lost":
            raise GatewayUnreachable(f"{key}: the request was lost")
        self.calls.append(key)
        answer = self._once(key, body, lambda: _DO[verb](body, at), fault)
        if fault == "reply_lost":
            raise GatewayUnreachable(f"{key}: the reply was lost")
        return answer

    @outside_transactions
    def fetch(self, verb: str, provider_id: str, *, at: datetime) -> GatewayAnswer:
        """Return the present state of an object."""
        found = SandboxObject.objects.filter(pk=provider_id).first()
        if found is None:
            raise GatewayRefused(f"the sandbox has no {provider_id}")
        return _cancel_answer(found) if verb == "cancel" else _answer(found)

    @outside_transactions
    def find(self, verb: str, move_id: int, *, at: datetime) -> GatewayAnswer | None:
        """Look a move up by its metadata."""
        found = SandboxObject.objects.filter(move=str(move_id), kind=_KINDS[verb]).first()
        return _answer(found) if found else None

    def _next_fault(self, verb: str) -> FaultKind | None:
        for place, fault in enumerate(self.faults):
            if fault.verb == verb:
                return self.faults.pop(place).kind
        return None

    def _once(
        self, key: str, body: Mapping[str, Any], effect: Callable[[], GatewayAnswer], fault: FaultKind | None
    ) -> GatewayAnswer:
        """Run the effect of a new key; give the stored answer of a known one. A stored 500 stays one."""
        given = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        with transaction.atomic():
            request, is_new = SandboxRequest.objects.get_or_create(key=key, defaults={"request_hash": given})
            if is_new:
                if fault != "broken_before":
                    request.answer = asdict(effect())
                if fault in {"broken_before", "broken_after"}:
                    request.answer = {"error": 500}
                request.save(update_fields=["answer"])
        if request.request_hash != given:
            raise GatewayRefused(f"{key} was sent before with another body")
        answer: dict[str, Any] = request.answer or {}
        if "error" in answer:
            raise GatewayUnreachable(f"{key}: the sandbox answered 500")
        return GatewayAnswer(**answer)

    # Cards, accounts, banks

    @outside_transactions
    def save_card(self, *, key: str, number: str, at: datetime) -> SavedCard:
        """Keep a test card; every other number is refused and stored nowhere."""
        card = TEST_CARDS.get(number)
        if card is None:
            raise CardRefused(_("This is a sandbox: only the test cards work here. Never type a real card number."))
        expires_on = _last_day(at.year + CARD_YEARS, at.month)
        does = {"outcome": card.outcome, "refund_fails": card.refund_fails}
        data = {**does, "last4": number[-4:], "expires_on": expires_on.isoformat(), "status": "active"}
        kept = self._keep(key, "card", data, at)
        return SavedCard(kept.pk, "Visa", kept.data["last4"], date.fromisoformat(kept.data["expires_on"]))

    @outside_transactions
    def forget_card(self, provider_id: str, *, at: datetime) -> None:
        """Take no more charges on a card; saving the same number again brings it back."""
        with transaction.atomic():
            card = SandboxObject.objects.select_for_update().filter(pk=provider_id, kind="card").first()
            if card:
                _become(card, "forgotten")

    @outside_transactions
    def open_account(self, *, key: str, party_id: int, at: datetime) -> str:
        """Open an account, which is checked and enabled a little later."""
        with transaction.atomic():
            account = self._keep(key, "account", {"party": party_id, "status": "pending", "balance": 0}, at)
            if account.data["status"] == "pending" and not account.events.exists():
                _announce("account.updated", account, at + ACCOUNT_CHECK, becomes="enabled")
        return str(account.pk)

    @outside_transactions
    def is_account_enabled(self, provider_id: str, *, at: datetime) -> bool:
        """Return whether the account was enabled."""
        account = SandboxObject.objects.get(pk=provider_id, kind="account")
        return bool(account.data["status"] == "enabled")

    @outside_transactions
    def save_bank(self, *, key: str, account: str, iban: str, at: datetime) -> SavedBank:
        """Keep the country and the last digits of a bank account, and whether its payouts come back."""
        if not SandboxObject.objects.filter(pk=account, kind="account").exists():
            raise BankRefused(_("There is no account that this bank account could belong to."))
        data = {"account": account, "country": iban[:2], "last4": iban[-4:], "fails": iban == FAILING_IBAN}
        kept = self._keep(key, "bank", data, at)
        return SavedBank(kept.pk, f"{kept.data['country']} ···· {kept.data['last4']}")

    @transaction.atomic
    def _keep(self, key: str, kind: str, data: Mapping[str, Any], at: datetime) -> SandboxObject:
        """Make the object of a key, or return the one it made before."""
        given = hashlib.sha256(f"{kind} {key}".encode()).hexdigest()
        request, is_new = SandboxRequest.objects.get_or_create(key=key, defaults={"request_hash": given})
        if is_new:
            kept = _make(kind, data, at)
            request.answer = {"id": kept.pk}
            request.save(update_fields=["answer"])
            return kept
        answer: dict[str, Any] = request.answer or {}
        kept = SandboxObject.objects.locked(answer["id"])
        if kept.data.get("status") == "forgotten":
            _become(kept, "active")
        return kept

    # The payer's bank, and other things that happen elsewhere

    @outside_transactions
    def payment(self, payment_id: str) -> SandboxObject | None:
        """Return a payment for the page of the sandbox's bank."""
        return SandboxObject.objects.filter(pk=payment_id, kind="payment").first()

    @outside_transactions
    @transaction.atomic
    def decide(self, payment_id: str, *, is_approved: bool, at: datetime) -> bool:
        """Take the payer's answer to the second step; return whether the payment was waiting for one."""
        payment = SandboxObject.objects.locked(payment_id)
        if payment.data["status"] != "requires_action":
            return False
        if is_approved:
            _become(payment, "succeeded", fee=_fee(payment.data["amount"]))
            _announce("payment_intent.succeeded", payment, at)
        else:
            _become(payment, "failed", code="authentication_failed")
            _announce("payment_intent.payment_failed", payment, at)
        return True

    @outside_transactions
    @transaction.atomic
    def return_payout(self, payout_id: str, *, at: datetime) -> None:
        """Let the bank send a payout back, even one that was already paid."""
        payout = SandboxObject.objects.get(pk=payout_id, kind="payout")
        _announce("payout.failed", payout, at, becomes="failed", code="no_account")

    # Announcements

    @outside_transactions
    def outgoing(self, *, at: datetime, limit: int = 200) -> list[SandboxEvent]:
        """Let what is due happen, and return the events that are to be delivered now, oldest first."""
        due = list(SandboxEvent.objects.filter(delivered_at=None, due_at__lte=at).order_by("due_at", "pk")[:limit])
        for event in due:
            if event.happened_at is None:
                _happen(event.pk, at)
        return due

    def mark_delivered(self, event_id: str, *, at: datetime) -> None:
        """Note that an event was taken with an answer of 200."""
        SandboxEvent.objects.filter(pk=event_id, delivered_at=None).update(delivered_at=at)

    def signed(self, body: bytes, *, moment: datetime | None = None, secret: bytes | None = None) -> dict[str, str]:
        """Return the headers that go with a body."""
        stamp = int((moment or real_now()).timestamp())
        return {SIGNATURE: f"t={stamp},v1={_mac(secret or _secrets()[0], stamp, body)}"}

    def verify(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Check the signature over the raw body, by real time, and read the event."""
        refused = BadSignature(_("This event was not signed by the sandbox."))
        given = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE.lower(), "")
        parts = [part.partition("=")[::2] for part in given.split(",")]
        stamps = [value for name, value in parts if name.strip() == "t"]
        macs = [value for name, value in parts if name.strip() == "v1"]
        if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdecimal() or len(stamps[0]) > 12 or not macs:
            raise refused
        stamp = int(stamps[0])
        if abs(real_now().timestamp() - stamp) > TOLERANCE:
            raise refused
        if not any(constant_time_compare(_mac(secret, stamp, body), mac) for secret in _secrets() for mac in macs):
            raise refused
        try:
            event = json.loads(body)
            kind, object_id, event_id = str(event["type"]), str(event["data"]["object"]["id"]), str(event["id"])
            is_live = event["livemode"]
        except (ValueError, KeyError, TypeError) as error:
            raise refused from error
        if is_live is not False:
            raise refused
        return ProviderEvent(event_id, kind, _LISTENED.get(kind, ""), object_id, event)

    # Balances

    @outside_transactions
    def balances(self, currency: str) -> ProviderBalances:
        """Add up what came in and went out by the sandbox's own rows."""
        with connection.cursor() as cursor:
            cursor.execute(_PLATFORM, [currency])
            (platform,) = cursor.fetchone()
        accounts = SandboxObject.objects.filter(kind="account")
        return ProviderBalances(int(platform), {account.pk: account.data["balance"] for account in accounts})


_KINDS = {"charge": "payment", "refund": "refund", "transfer": "transfer", "payout": "payout"}
_PREFIX = {
    "card": "card",
    "payment": "pay",
    "refund": "ref",
    "account": "acct",
    "bank": "bank",
    "transfer": "tr",
    "payout": "po",
}
_STATES: dict[str, Literal["confirmed", "waiting", "denied"]] = {
    "succeeded": "confirmed",
    "paid": "confirmed",
    "processing": "waiting",
    "requires_action": "waiting",
    "pending": "waiting",
    "failed": "denied",
    "canceled": "denied",
}
#: Types of events, and the kind of move (or `account`) whose object they speak of.
_LISTENED = {
    "payment_intent.succeeded": "charge",
    "payment_intent.payment_failed": "charge",
    "payment_intent.canceled": "charge",
    "refund.updated": "refund",
    "refund.failed": "refund",
    "payout.paid": "payout",
    "payout.failed": "payout",
    "account.updated": "account",
}
_PLATFORM = """
SELECT coalesce(sum(CASE kind
    WHEN 'payment' THEN (data->>'amount')::bigint - (data->>'fee')::bigint
    ELSE -(data->>'amount')::bigint END), 0)
FROM payments_sandboxobject
WHERE data->>'currency' = %s
  AND (kind IN ('payment', 'transfer') AND data->>'status' = 'succeeded'
       OR kind = 'refund' AND data->>'status' IN ('succeeded', 'pending'))
"""


def _secrets() -> list[bytes]:
    """Return the signing secrets of this installation: today's, and that of each key it is being rotated away from."""
    keys: Iterable[Any] = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac("payments.sandbox.webhook", "secret", secret=key, algorithm="sha256").digest() for key in keys]


def _mac(secret: bytes, stamp: int, body: bytes) -> str:
    return hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _fee(amount: int) -> int:
    return fee_of(amount, FEE_BPS) + FEE_FIXED


def _make(kind: str, data: Mapping[str, Any], at: datetime, *, move: str = "") -> SandboxObject:
    return SandboxObject.objects.create(
        pk=f"sbx_{_PREFIX[kind]}_{uuid.uuid4().hex}", kind=kind, move=move, data=dict(data), created_at=at
    )


def _become(thing: SandboxObject, status: str, **changes: Any) -> None:
    thing.data = {**thing.data, "status": status, **changes}
    thing.save(update_fields=["data"])


def _announce(kind: str, thing: SandboxObject, due_at: datetime, *, becomes: str = "", code: str = "") -> None:
    event_id = f"sbx_evt_{uuid.uuid4().hex}"
    body = {"id": event_id, "type": kind, "livemode": False, "data": {"object": {"id": thing.pk}}}
    SandboxEvent.objects.create(
        pk=event_id,
        kind=kind,
        body=body,
        object=thing,
        becomes=becomes,
        code=code,
        due_at=due_at,
        happened_at=None if becomes else due_at,
    )


@transaction.atomic
def _happen(event_id: str, at: datetime) -> None:
    """Let the object of an event take its new state, once."""
    event = SandboxEvent.objects.select_for_update().get(pk=event_id)
    if event.happened_at is not None:
        return
    thing = SandboxObject.objects.locked(event.object_id)
    if thing.data["status"] not in {"failed", "canceled"}:
        if thing.kind == "payout" and event.becomes == "failed":
            account = SandboxObject.objects.locked(thing.data["account"])
            _become(account, account.data["status"], balance=account.data["balance"] + thing.data["amount"])
        if thing.kind == "refund" and event.becomes == "failed":
            payment = SandboxObject.objects.locked(thing.data["payment"])
            _become(payment, payment.data["status"], refunded=payment.data["refunded"] - thing.data["amount"])
        fee = {"fee": _fee(thing.data["amount"])} if thing.kind == "payment" and event.becomes == "succeeded" else {}
        _become(thing, event.becomes, code=event.code, **fee)
    event.happened_at = at
    event.save(update_fields=["happened_at"])


def _answer(thing: SandboxObject) -> GatewayAnswer:
    data = thing.data
    waits_for_payer = data["status"] == "requires_action"
    return GatewayAnswer(
        state=_STATES[data["status"]],
        provider_id=thing.pk,
        code=data.get("code", ""),
        next_url=_bank_page(thing) if waits_for_payer else "",
        fee=data.get("fee") if data["status"] == "succeeded" else None,
        amount=data["amount"],
        currency=data["currency"],
        move_id=int(thing.move),
    )


def _bank_page(payment: SandboxObject) -> str:
    """Return the address where the payer takes the second step, in the site's own language: pages translate it."""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse("payments:sandbox_bank", args=[payment.pk])


def _cancel_answer(payment: SandboxObject) -> GatewayAnswer:
    if payment.data["status"] == "canceled":
        return GatewayAnswer("confirmed")
    return GatewayAnswer("denied", code="not_cancelable")


def _denied(code: str) -> GatewayAnswer:
    return GatewayAnswer("denied", code=code)


def _new(kind: str, body: Mapping[str, Any], at: datetime, **data: Any) -> SandboxObject:
    fixed = {"amount": body["amount"], "currency": body["currency"]}
    return _make(kind, {**fixed, **data}, at, move=str(body["metadata"]["move_id"]))


def _charge(body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
    card = SandboxObject.objects.filter(pk=body["method"], kind="card").first()
    if card is None or card.data["status"] != "active":
        return _denied("card_unknown")
    sums = {"card": card.pk, "refunded": 0, "transferred": 0, "fee": 0}
    match card.data["outcome"]:
        case "succeeded":
            payment = _new("payment", body, at, status="succeeded", **{**sums, "fee": _fee(body["amount"])})
            _announce("payment_intent.succeeded", payment, at)
        case "declined":
            payment = _new("payment", body, at, status="failed", code="card_declined", **sums)
        case "second_step":
            payment = _new("payment", body, at, status="requires_action", code="second_step", **sums)
        case _:
            payment = _new("payment", body, at, status="processing", **sums)
            _announce("payment_intent.succeeded", payment, at + SOON, becomes="succeeded")
    return _answer(payment)


def _cancel(body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
    payment = SandboxObject.objects.locked(body["payment"])
    if payment.data["status"] == "requires_action":
        _become(payment, "canceled", code="canceled")
        _announce("payment_intent.canceled", payment, at)
    return _cancel_answer(payment)


def _refund(body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
    payment = SandboxObject.objects.locked(body["payment"])
    if payment.data["status"] != "succeeded" or _spare(payment) < body["amount"]:
        return _denied("charge_limit")
    _become(payment, "succeeded", refunded=payment.data["refunded"] + body["amount"])
    card = SandboxObject.objects.get(pk=payment.data["card"])
    if card.data["refund_fails"]:
        refund = _new("refund", body, at, status="pending", payment=payment.pk)
        _announce("refund.failed", refund, at + SOON, becomes="failed", code="refund_refused")
    else:
        refund = _new("refund", body, at, status="succeeded", payment=payment.pk)
        _announce("refund.updated", refund, at)
    return _answer(refund)


def _transfer(body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
    """Move money of one charge to an account; as at a real provider, that charge alone limits it."""
    payment = SandboxObject.objects.locked(body["source_transaction"])
    account = SandboxObject.objects.locked(body["account"])
    if payment.data["status"] != "succeeded" or _spare(payment) < body["amount"]:
        return _denied("charge_limit")
    if account.data["status"] != "enabled":
        return _denied("account_not_enabled")
    _become(payment, "succeeded", transferred=payment.data["transferred"] + body["amount"])
    _become(account, "enabled", balance=account.data["balance"] + body["amount"])
    return _answer(_new("transfer", body, at, status="succeeded", account=account.pk, payment=payment.pk))


def _payout(body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
    account = SandboxObject.objects.locked(body["account"])
    bank = SandboxObject.objects.filter(pk=body["bank"], kind="bank").first()
    if bank is None or bank.data["account"] != account.pk:
        return _denied("bank_unknown")
    if account.data["status"] != "enabled":
        return _denied("account_not_enabled")
    if account.data["balance"] < body["amount"]:
        return _denied("balance_insufficient")
    _become(account, "enabled", balance=account.data["balance"] - body["amount"])
    payout = _new("payout", body, at, status="pending", account=account.pk, bank=bank.pk)
    if bank.data["fails"]:
        _announce("payout.failed", payout, at + BANK_TIME, becomes="failed", code="no_account")
    else:
        _announce("payout.paid", payout, at + BANK_TIME, becomes="paid")
    return _answer(payout)


def _spare(payment: SandboxObject) -> int:
    data: dict[str, int] = payment.data
    return data["amount"] - data["refunded"] - data["transferred"]


_DO: dict[str, Callable[[Mapping[str, Any], datetime], GatewayAnswer]] = {
    "charge": _charge,
    "cancel": _cancel,
    "refund": _refund,
    "transfer": _transfer,
    "payout": _payout,
}
