"""What the provider knows: objects, their owners, the time, and the books of every account."""

from __future__ import annotations

import copy
import heapq
import itertools
import secrets
import string
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import stripe

from tests.stripe_server.errors import Json, StripeRefusal, missing

API_VERSION = "2026-10-28.endive"
LETTERS = string.ascii_letters + string.digits
DAY = 86400
EVENT_TYPES = frozenset(get_args(stripe.Event.__annotations__["type"]))


@dataclass(frozen=True, slots=True)
class Request:
    """A checked call on its way to the verb that does it."""

    id: str
    method: str
    path: str
    params: Json
    names: tuple[str, ...]  # the parts of the address that name something
    account: str | None
    key: str | None


class World:
    """Everything in memory, behind one lock; account None is the platform itself."""

    def __init__(self, *, url: str, announce: Callable[[Json], None]) -> None:
        self.lock = threading.RLock()
        self.url = url
        self.objects: dict[str, Json] = {}
        self.private: dict[str, Json] = {}  # what Stripe knows and does not show, by the id of its object
        self.by_kind: dict[tuple[str, str | None], list[str]] = defaultdict(list)
        self.owner: dict[str, str | None] = {}
        self.balances: dict[tuple[str | None, str], dict[str, int]] = defaultdict(
            lambda: {"available": 0, "pending": 0}
        )
        self.request: Request | None = None
        self.offset = 0.0
        self._announce = announce
        self._numbers = itertools.count(1)
        self._unsettled: list[tuple[int, int, str]] = []

    # Time and names

    def time(self) -> float:
        return time.time() + self.offset

    def now(self) -> int:
        return int(self.time())

    def moment(self) -> str:
        """Return the time as the addresses of v2 write it."""
        return datetime.fromtimestamp(self.time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @staticmethod
    def new_id(prefix: str, length: int = 24) -> str:
        return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"

    # Objects

    def add(self, thing: Json, *, account: str | None = None, **private: Any) -> Json:
        """Keep a new object."""
        self.objects[thing["id"]] = thing
        self.private[thing["id"]] = private
        self.owner[thing["id"]] = account
        self.by_kind[thing["object"], account].append(thing["id"])
        return thing

    def find(self, kind: str, name: Any, *, account: str | None = None, param: str | None = None) -> Json:
        """Return an object of this account, or refuse: 404 where the address named it, 400 where `param` did."""
        thing = self.objects.get(name) if isinstance(name, str) else None
        if thing is None or thing["object"] != kind or self.owner[name] != account:
            raise missing(kind.replace("_", ""), name, param=param or "id", is_address=param is None)
        return thing

    def every(self, kind: str, *, account: str | None = None) -> list[Json]:
        """Return the objects of a kind, newest first."""
        return [self.objects[name] for name in reversed(self.by_kind[kind, account])]

    # News

    def emit(self, kind: str, thing: Json, *, account: str | None = None, previous: Json | None = None) -> Json:
        """Keep an event with the object as it is now, and have it delivered."""
        if kind not in EVENT_TYPES:
            raise ValueError(f"The SDK knows no event {kind}")
        event: Json = {
            "id": self.new_id("evt"), "object": "event", "api_version": API_VERSION, "created": self.now(),
            "data": {"object": copy.deepcopy(thing)}, "livemode": False, "pending_webhooks": 1, "type": kind,
            "request": {
                "id": self.request and self.request.id,
                "idempotency_key": self.request and self.request.key,
            },
        }  # fmt: skip
        if previous is not None:
            event["data"]["previous_attributes"] = previous
        if account is not None:
            event["account"] = account
        self.add(event, account=account)
        self._announce(event)
        return event

    def emit_thin(self, kind: str, *, account: str, url: str, noun: str = "v2.core.account") -> Json:
        """Keep a thin event of v2, which only points at its object, and have it delivered."""
        event: Json = {
            "id": self.new_id("evt_test"), "object": "v2.core.event", "type": kind, "created": self.moment(),
            "livemode": False, "context": None, "reason": None, "changes": None, "snapshot_event": None,
            "related_object": {"id": account, "type": noun, "url": url},
        }  # fmt: skip
        if self.request is not None:
            event["reason"] = {
                "type": "request",
                "request": {"id": self.request.id, "idempotency_key": self.request.key or ""},
            }
        self.add(event)
        self._announce(event)
        return event

    # Books

    def post(
        self,
        kind: str,
        amount: int,
        currency: str,
        *,
        source: str,
        category: str,
        account: str | None = None,
        fee: int = 0,
        fee_of: str = "Stripe processing fees",
        available_on: int | None = None,
        description: str | None = None,
    ) -> Json:
        """Enter a movement into the books of an account; what is not available yet waits as pending."""
        on = available_on if available_on is not None else self.now()
        is_pending = on > self.now()
        fees = [{"amount": fee, "application": None, "currency": currency, "description": fee_of, "type": "stripe_fee"}]
        entry: Json = {
            "id": self.new_id("txn"), "object": "balance_transaction", "amount": amount, "available_on": on,
            "balance_type": "payments", "created": self.now(), "currency": currency, "description": description,
            "exchange_rate": None, "fee": fee, "fee_details": fees if fee else [], "net": amount - fee,
            "reporting_category": category, "source": source, "status": "pending" if is_pending else "available",
            "type": kind,
        }  # fmt: skip
        self.add(entry, account=account)
        self.balances[account, currency][entry["status"]] += entry["net"]
        if is_pending:
            heapq.heappush(self._unsettled, (on, next(self._numbers), entry["id"]))
        return entry

    def settle_funds(self) -> None:
        """Make pending what has become available by now."""
        told = set()
        while self._unsettled and self._unsettled[0][0] <= self.now():
            entry = self.objects[heapq.heappop(self._unsettled)[2]]
            account = self.owner[entry["id"]]
            entry["status"] = "available"
            self.balances[account, entry["currency"]]["pending"] -= entry["net"]
            self.balances[account, entry["currency"]]["available"] += entry["net"]
            told.add(account)
        for account in told:
            self.emit("balance.available", self.balance_of(account), account=account)

    def available(self, account: str | None, currency: str) -> int:
        return self.balances[account, currency]["available"]

    def pending(self, account: str | None, currency: str) -> int:
        return self.balances[account, currency]["pending"]

    def balance_of(self, account: str | None) -> Json:
        """Return an account's balance as Stripe shows it."""
        sums = {currency: parts for (owner, currency), parts in self.balances.items() if owner == account}

        def parts_of(name: str) -> list[Json]:
            return [
                {"amount": parts[name], "currency": currency, "source_types": {"card": parts[name]}}
                for currency, parts in sorted(sums.items())
            ]

        return {
            "object": "balance", "available": parts_of("available"), "livemode": False, "pending": parts_of("pending"),
            "refund_and_dispute_prefunding": {"available": [], "pending": []},
        }  # fmt: skip


def refuse_balance(message: str) -> StripeRefusal:
    return StripeRefusal(400, "invalid_request_error", message, code="balance_insufficient")
