"""The sandbox as a gateway, and the controls that stand for what happens elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.clock import real_now
from payments.gateway import (
    AccountState,
    BadSignature,
    BankRefused,
    EvidenceFile,
    Gateway,
    GatewayAnswer,
    GatewayRefused,
    GatewayUnreachable,
    MethodRefused,
    ProviderBalances,
    ProviderDispute,
    ProviderEvent,
    ProviderRecord,
    SavedBank,
    SavedMethod,
    SecondStep,
    Setup,
    SetupAnswer,
    outside_transactions,
)
from payments.gateways.sandbox import store
from payments.gateways.sandbox.cards import FAILING_IBAN, TEST_CARDS
from payments.gateways.sandbox.moves import DO
from payments.gateways.sandbox.store import announce, answer_of, become, cancel_answer, dispute_of, make
from payments.gateways.signatures import is_signed, sign
from payments.models import SandboxEvent, SandboxObject, SandboxRequest

SIGNATURE = "Sandbox-Signature"
CARD_YEARS = 3
#: As in Stripe's test mode, a text that says so decides a dispute at once.
WINNING, LOSING = "winning_evidence", "losing_evidence"

FaultKind = Literal["request_lost", "reply_lost", "rate_limited", "failed_before", "broken_before", "broken_after"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One call that goes wrong, for tests.

    It is lost there or back, told to come later, fails before anything was done or stored, or gets a 500 that is
    stored under its key, before or after the effect.
    """

    verb: str
    kind: FaultKind


class SandboxGateway(Gateway):
    """See the package."""

    name = "sandbox"
    has_own_fields = False
    has_own_onboarding = False

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        #: Keys of the calls that reached the sandbox, for tests that count them.
        self.calls: list[str] = []

    @property
    def environment(self) -> str:
        """Return the sandbox's own name: it is never live."""
        return "sandbox"

    # Money moves

    @outside_transactions
    def send(self, verb: str, *, key: str, body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
        """Do what the key asks for, once; a known key gets its first answer again."""
        fault = self._next_fault(verb)
        if fault == "request_lost":
            raise GatewayUnreachable(f"{key}: the request was lost")
        self.calls.append(key)
        if fault in {"rate_limited", "failed_before"}:
            raise GatewayUnreachable(f"{key}: the sandbox is busy")
        answer = self._once(key, body, lambda: DO[verb](body, at), fault)
        if fault == "reply_lost":
            raise GatewayUnreachable(f"{key}: the reply was lost")
        return answer

    @outside_transactions
    def fetch(self, verb: str, provider_id: str, *, within: str = "", at: datetime) -> GatewayAnswer:
        """Return the present state of an object."""
        found = _object(provider_id)
        return cancel_answer(found) if verb == "cancel" else answer_of(found)

    @outside_transactions
    def find(
        self, verb: str, move_id: int, *, body: Mapping[str, Any], since: datetime, at: datetime
    ) -> GatewayAnswer | None:
        """Look a move up by its metadata."""
        found = SandboxObject.objects.filter(move=str(move_id), kind=store.KINDS[verb]).first()
        return answer_of(found) if found else None

    @outside_transactions
    def second_step(self, provider_id: str, *, at: datetime) -> SecondStep:
        """Return nothing of use: the sandbox's bank is a page of ours, and a plain link leads there."""
        payment = _object(provider_id)
        return SecondStep("", method=payment.data["card"], is_declined=False)

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

    # Customers and cards

    @outside_transactions
    def open_customer(self, *, key: str, party_id: int, name: str, email: str, at: datetime) -> str:
        """Make a party known; its name and address are not kept."""
        return str(self._keep(key, "customer", {"party": party_id, "status": "active"}, at).pk)

    @outside_transactions
    def begin_setup(self, *, key: str, customer: str, at: datetime) -> Setup:
        """Begin to add a card; `type_card` finishes it."""
        return Setup(self._keep(key, "setup", {"customer": customer, "status": "open"}, at).pk, "")

    @outside_transactions
    def fetch_setup(self, provider_id: str, *, at: datetime) -> Setup:
        """Return a card that is being added."""
        return Setup(_object(provider_id).pk, "")

    @outside_transactions
    def type_card(self, setup_id: str, *, number: str, at: datetime) -> None:
        """Type a test card, as the payer does into the fields of a real provider. Raises MethodRefused.

        Every other number is refused and stored nowhere; the same number twice is the same card.
        """
        card = TEST_CARDS.get(number)
        if card is None:
            raise MethodRefused(_("This is a sandbox: only the test cards work here. Never type a real card number."))
        customer = _object(setup_id).data["customer"]
        fingerprint = hashlib.sha256(number.encode()).hexdigest()[:16]
        data = {
            "outcome": card.outcome,
            "code": card.code,
            "refund_fails": card.refund_fails,
            "refund_comes_back": card.refund_comes_back,
            "is_disputed": card.is_disputed,
            "customer": customer,
            "fingerprint": fingerprint,
            "last4": number[-4:],
            "expires_on": _last_day(at.year + CARD_YEARS, at.month).isoformat(),
            "status": "active",
        }
        with transaction.atomic():
            kept = self._keep(f"card:{customer}:{fingerprint}", "card", data, at)
            become(SandboxObject.objects.locked(setup_id), "succeeded", method=kept.pk)

    @outside_transactions
    def finish_setup(self, provider_id: str, *, at: datetime) -> SetupAnswer:
        """Return the card that was typed."""
        setup = _object(provider_id)
        if setup.data["status"] == "open":
            return SetupAnswer("waiting", customer=setup.data["customer"])
        card = _object(setup.data["method"])
        return SetupAnswer("saved", customer=setup.data["customer"], method=_card(card))

    @outside_transactions
    def fetch_method(self, provider_id: str, *, at: datetime) -> SavedMethod | None:
        """Return a card, unless it was forgotten."""
        card = SandboxObject.objects.filter(pk=provider_id, kind="card").first()
        return _card(card) if card and card.data["status"] == "active" else None

    @outside_transactions
    def forget_method(self, provider_id: str, *, at: datetime) -> None:
        """Take no more charges on a card; adding the same number again brings it back."""
        with transaction.atomic():
            card = SandboxObject.objects.select_for_update().filter(pk=provider_id, kind="card").first()
            if card:
                become(card, "forgotten")

    # Accounts and banks

    @outside_transactions
    def open_account(self, *, key: str, party_id: int, name: str, email: str, country: str, at: datetime) -> str:
        """Open an account, which is checked and enabled a little later."""
        with transaction.atomic():
            account = self._keep(key, "account", {"party": party_id, "status": "pending", "balance": 0}, at)
            if account.data["status"] == "pending" and not account.events.exists():
                announce("account.updated", account, at + store.ACCOUNT_CHECK, becomes="enabled")
        return str(account.pk)

    @outside_transactions
    def onboarding_link(self, account: str, *, return_url: str, refresh_url: str, at: datetime) -> str:
        """Return nothing: an IBAN is all that the sandbox asks for."""
        return ""

    @outside_transactions
    def account_state(self, account: str, *, at: datetime) -> AccountState:
        """Return whether the account was enabled, and its banks."""
        kept = SandboxObject.objects.get(pk=account, kind="account")
        is_enabled = kept.data["status"] == "enabled"
        banks = SandboxObject.objects.filter(kind="bank", data__account=account).order_by("created_at", "pk")
        return AccountState(
            can_receive=is_enabled,
            can_pay_out=is_enabled,
            is_closed=False,
            missing=tuple(kept.data.get("missing", ())),
            banks=tuple(_bank(bank) for bank in banks),
        )

    @outside_transactions
    def save_bank(self, *, key: str, account: str, iban: str, at: datetime) -> SavedBank:
        """Keep the country and the last digits of a bank account, and whether its payouts come back."""
        if not SandboxObject.objects.filter(pk=account, kind="account").exists():
            raise BankRefused(_("There is no account that this bank account could belong to."))
        data = {"account": account, "country": iban[:2], "last4": iban[-4:], "fails": iban == FAILING_IBAN}
        return _bank(self._keep(key, "bank", data, at))

    @transaction.atomic
    def _keep(self, key: str, kind: str, data: Mapping[str, Any], at: datetime) -> SandboxObject:
        """Make the object of a key, or return the one it made before."""
        given = hashlib.sha256(f"{kind} {key}".encode()).hexdigest()
        request, is_new = SandboxRequest.objects.get_or_create(key=key, defaults={"request_hash": given})
        if is_new:
            kept = make(kind, data, at)
            request.answer = {"id": kept.pk}
            request.save(update_fields=["answer"])
            return kept
        answer: dict[str, Any] = request.answer or {}
        kept = SandboxObject.objects.locked(answer["id"])
        if kept.data.get("status") == "forgotten":
            become(kept, "active")
        return kept

    # Disputes

    @outside_transactions
    def dispute(self, provider_id: str, *, at: datetime) -> ProviderDispute:
        """Return a dispute as it is now."""
        return dispute_of(_object(provider_id, "dispute"))

    @outside_transactions
    @transaction.atomic
    def submit_evidence(
        self,
        provider_id: str,
        *,
        key: str,
        texts: Mapping[str, str],
        files: Mapping[str, EvidenceFile],
        at: datetime,
    ) -> ProviderDispute:
        """Take evidence once; a text that decides the dispute decides it."""
        thing = SandboxObject.objects.locked(provider_id)
        if thing.data["status"] == "needs_response":
            names = sorted(file.name for file in files.values())
            become(thing, "under_review", texts=dict(texts), files=names)
            announce("charge.dispute.updated", thing, at)
            if WINNING in texts.values() or LOSING in texts.values():
                self._decide(thing, is_won=WINNING in texts.values(), at=at)
        return dispute_of(thing)

    @outside_transactions
    @transaction.atomic
    def decide_dispute(self, provider_id: str, *, is_won: bool, at: datetime) -> ProviderDispute:
        """Let the bank decide a dispute; one that is decided stays so."""
        thing = SandboxObject.objects.locked(provider_id)
        if thing.data["status"] in {"needs_response", "under_review"}:
            self._decide(thing, is_won=is_won, at=at)
        return dispute_of(thing)

    def _decide(self, thing: SandboxObject, *, is_won: bool, at: datetime) -> None:
        become(thing, "won" if is_won else "lost")
        announce("charge.dispute.closed", thing, at)

    # The payer's bank, and other things that happen elsewhere

    @outside_transactions
    @transaction.atomic
    def decide(self, payment_id: str, *, is_approved: bool, at: datetime) -> bool:
        """Take the payer's answer to the second step; return whether the payment was waiting for one."""
        payment = SandboxObject.objects.locked(payment_id)
        if payment.data["status"] != "requires_action":
            return False
        if is_approved:
            become(payment, "succeeded", code="", fee=store.fee(payment.data["amount"]))
            announce("payment_intent.succeeded", payment, at)
            store.expect_dispute(payment, at)
        else:
            become(payment, "failed", code="authentication_failed")
            announce("payment_intent.payment_failed", payment, at)
        return True

    @outside_transactions
    @transaction.atomic
    def contest(self, payment_id: str, amount: int, *, at: datetime) -> str:
        """Let the payer contest a payment that succeeded, or a part of it, at their bank; return the dispute's id."""
        return store.contest(SandboxObject.objects.get(pk=payment_id, kind="payment"), amount, at).pk

    @outside_transactions
    @transaction.atomic
    def return_payout(self, payout_id: str, *, at: datetime) -> None:
        """Let the bank send a payout back, even one that was already paid."""
        payout = SandboxObject.objects.get(pk=payout_id, kind="payout")
        announce("payout.failed", payout, at, becomes="failed", code="no_account")

    @outside_transactions
    @transaction.atomic
    def return_refund(self, refund_id: str, *, at: datetime) -> None:
        """Let the card's bank send a refund back, even one that had arrived."""
        refund = SandboxObject.objects.get(pk=refund_id, kind="refund")
        announce("refund.failed", refund, at, becomes="failed", code="refund_refused")

    @outside_transactions
    @transaction.atomic
    def return_cash(self, cash_id: str, *, at: datetime) -> None:
        """Let the operator's bank take a top-up back, or send a cash-out back, even after it had arrived."""
        cash = SandboxObject.objects.get(pk=cash_id, kind__in=["topup", "cashout"])
        kind, code = ("topup.reversed", "debit_failed") if cash.kind == "topup" else ("cashout.failed", "no_account")
        announce(kind, cash, at, becomes="failed", code=code)

    @outside_transactions
    @transaction.atomic
    def restrict_account(self, account_id: str, *, missing: Iterable[str], at: datetime) -> None:
        """Let the provider want to know more before the account may be used again."""
        account = SandboxObject.objects.locked(account_id)
        become(account, "restricted", missing=list(missing))
        announce("account.updated", account, at)

    # Announcements

    @outside_transactions
    def outgoing(self, *, at: datetime, limit: int = 200) -> list[SandboxEvent]:
        """Let what is due happen, and return the events that are to be delivered now, oldest first."""
        due = list(SandboxEvent.objects.filter(delivered_at=None, due_at__lte=at).order_by("due_at", "pk")[:limit])
        for event in due:
            if event.happened_at is None:
                store.happen(event.pk, at)
        return due

    def mark_delivered(self, event_id: str, *, at: datetime) -> None:
        """Note that an event was taken with an answer of 200."""
        SandboxEvent.objects.filter(pk=event_id, delivered_at=None).update(delivered_at=at)

    def signed(self, body: bytes, *, moment: datetime | None = None, secret: bytes | None = None) -> dict[str, str]:
        """Return the headers that go with a body."""
        stamp = int((moment or real_now()).timestamp())
        return {SIGNATURE: sign(body, secret=secret or _secrets()[0], stamp=stamp)}

    def verify(self, body: bytes, headers: Mapping[str, str], *, scope: str = "platform") -> ProviderEvent:
        """Check the signature over the raw body, by real time, and read the event."""
        refused = BadSignature(_("This event was not signed by the sandbox."))
        given = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE.lower(), "")
        if scope != "platform" or not is_signed(body, given, secrets=_secrets(), moment=real_now().timestamp()):
            raise refused
        try:
            event = json.loads(body)
            read = _event(event)
            is_live = event["livemode"]
        except (ValueError, KeyError, TypeError) as error:
            raise refused from error
        if is_live is not False:
            raise refused
        return read

    @outside_transactions
    def events_since(self, since: datetime, *, accounts: Iterable[str] = (), at: datetime) -> Iterator[ProviderEvent]:
        """Return what has happened since then; the sandbox tells of all accounts at once."""
        happened = SandboxEvent.objects.filter(happened_at__gte=since).order_by("happened_at", "pk")
        return iter([_event(event.body) for event in happened])

    # Balances

    @outside_transactions
    def balances(self, currency: str, *, accounts: Iterable[str] = ()) -> ProviderBalances:
        """Add up what came in and went out by the sandbox's own rows; nothing is ever pending there."""
        asked = SandboxObject.objects.filter(kind="account", pk__in=list(accounts))
        return ProviderBalances(
            available=store.platform_balance(currency),
            pending=0,
            withheld=store.withheld(currency),
            accounts={account.pk: account.data["balance"] for account in asked},
        )

    @outside_transactions
    def listing(
        self, verb: str, *, since: datetime, accounts: Iterable[str] = (), at: datetime
    ) -> Iterator[ProviderRecord]:
        """Return the sandbox's rows of one kind."""
        rows = SandboxObject.objects.filter(kind=store.KINDS[verb], created_at__gte=since)
        if verb == "payout":
            rows = rows.filter(data__account__in=list(accounts))
        known = rows.exclude(data__status="expected").order_by("created_at", "pk")
        return iter([_record(verb, row) for row in known])


def _object(pk: str, kind: str = "") -> SandboxObject:
    found = SandboxObject.objects.filter(pk=pk).first()
    if found is None or (kind and found.kind != kind):
        raise GatewayRefused(f"the sandbox has no {pk}")
    return found


def _card(card: SandboxObject) -> SavedMethod:
    data = card.data
    return SavedMethod(
        provider_id=card.pk,
        kind="card",
        brand="Visa",
        last4=data["last4"],
        expires_on=date.fromisoformat(data["expires_on"]),
        fingerprint=data.get("fingerprint", ""),
    )


def _bank(bank: SandboxObject) -> SavedBank:
    return SavedBank(bank.pk, f"{bank.data['country']} ···· {bank.data['last4']}")


def _event(event: Mapping[str, Any]) -> ProviderEvent:
    kind, object_id = str(event["type"]), str(event["data"]["object"]["id"])
    return ProviderEvent(
        event_id=str(event["id"]),
        kind=kind,
        verb=store.LISTENED.get(kind, ""),
        object_id=object_id,
        account=str(event.get("account") or ""),
        body=event,
    )


def _record(verb: str, row: SandboxObject) -> ProviderRecord:
    data = row.data
    return ProviderRecord(
        verb=verb,
        provider_id=row.pk,
        amount=data["amount"],
        currency=data["currency"],
        state=data["status"] if verb == "dispute" else store.STATES[data["status"]],
        move_id=int(row.move) if row.move else None,
        account=data.get("account", ""),
        parent=data.get("transfer", "") if verb == "reversal" else data.get("payment", ""),
        fee=data.get("fee"),
        created_at=row.created_at,
    )


def _secrets() -> list[bytes]:
    """Return the signing secrets of this installation: today's, and that of each key it is being rotated away from."""
    keys: Iterable[Any] = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac("payments.sandbox.webhook", "secret", secret=key, algorithm="sha256").digest() for key in keys]


def _last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
