"""The server: every call is recorded, checked, done once per key, and answered, or spoiled by a fault."""

from __future__ import annotations

import dataclasses
import threading
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import stripe

from tests.stripe_server import accounts_v2, charges, topups, transfers  # noqa: F401 - they register addresses
from tests.stripe_server.calls import Call, Calls
from tests.stripe_server.contract import Operation, checked
from tests.stripe_server.errors import Json, StripeRefusal, rate_limited, server_error
from tests.stripe_server.faults import Dropped, Fault, Faults
from tests.stripe_server.forms import read_body, read_query
from tests.stripe_server.idempotency import Answer, IdempotencyKeys, fingerprint_of
from tests.stripe_server.lists import expanded
from tests.stripe_server.pages import Page, outside
from tests.stripe_server.play import Play
from tests.stripe_server.routes import KEPT, matching
from tests.stripe_server.totals import Totals, check_books, totals
from tests.stripe_server.webhooks import Webhooks
from tests.stripe_server.wire import Listener
from tests.stripe_server.world import API_VERSION, Request, World

#: Where a call may act for a connected account; the platform's charges are its own.
FOR_ACCOUNTS = ("/v1/account", "/v1/balance", "/v1/balance_settings", "/v1/balance_transactions", "/v1/charges",
                "/v1/events", "/v1/payouts")  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Incoming:
    """A call as it came."""

    method: str
    path: str
    raw: Json
    key: str | None
    account: str | None

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.method, self.path, self.raw)


class StripeServer:
    """A Stripe of one's own on 127.0.0.1, for one platform with one secret key; a context manager."""

    def __init__(self, *, key: str = "sk_test_local", publishable_key: str = "pk_test_local") -> None:
        self.key, self.publishable_key = key, publishable_key
        self._http = Listener(self)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.webhooks = Webhooks()
        self.begin_anew()
        self.bugs: list[str] = []
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def begin_anew(self) -> None:
        """Forget everything but the endpoints: nobody was here yet, and it is now."""
        self.webhooks.deliveries.clear()
        self.webhooks.held.clear()
        self.faults, self.calls, self.keys = Faults(), Calls(), IdempotencyKeys()
        self.world = World(url=self.url, announce=self.webhooks.announce)
        self.play = Play(self.world)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.close_all()
        self._thread.join()
        self.webhooks.close()

    def client(self, *, key: str | None = None, **options: Any) -> stripe.StripeClient:
        """Return the official client, pointed at this server; it sends nothing twice unless told so."""
        addresses: Any = {"api": self.url, "connect": self.url, "files": self.url, "meter_events": self.url}
        options = {"max_network_retries": 0, "stripe_version": API_VERSION, **options}
        return stripe.StripeClient(key or self.key, base_addresses=addresses, **options)

    def totals(self, currency: str = "eur") -> Totals:
        return totals(self.world, currency)

    def check(self) -> None:
        """Fail if the server itself erred, or its books do not add up."""
        assert self.bugs == [], "\n".join(self.bugs)
        check_books(self.world)

    # One call

    def serve(self, method: str, target: str, headers: Any, body: bytes) -> Answer:
        """Return the answer to a call.

        Raises Dropped where a fault closes the connection instead.
        """
        parts = urlsplit(target)
        request_id, fault, answer = World.new_id("req", 14), None, None
        call = Incoming(method, parts.path, {}, headers.get("Idempotency-Key"), acting_for(headers))
        try:
            raw = {**read_query(parts.query), **read_body(body, headers.get("Content-Type", ""))}
            call = dataclasses.replace(call, raw=raw)
            self._check_caller(headers, call)
            operation, names = found(call)
            fault = self.faults.take(method, parts.path)
            stop_before(fault)
            answer = self._once(call, operation, names, fault, request_id)
            if fault and fault.kind == "dropped_after":
                raise Dropped
            return answer
        except StripeRefusal as refusal:
            answer = Answer(refusal.status, refusal.body(), request_id)
            return answer
        except Dropped:
            answer = Answer(0, {}, request_id)
            raise
        finally:
            self._record(call, answer, fault)

    def _record(self, call: Incoming, answer: Answer | None, fault: Fault | None) -> None:
        known = answer or Answer(500, {}, "")
        self.calls.add(Call(
            method=call.method, path=call.path, key=call.key, account=call.account, params=call.raw,
            fingerprint=call.fingerprint, status=known.status, answer=known.body, is_replay=known.is_replay,
            fault=fault.kind if fault else None, request_id=known.request_id, at=self.world.time(),
        ))  # fmt: skip

    def _check_caller(self, headers: Any, call: Incoming) -> None:
        """Refuse a wrong key, another version of the API, and an account that is not the platform's."""
        kind, _, key = headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or key != self.key:
            shown = f"{key[:8]}***{key[-4:]}" if key else ""
            message = f"Invalid API Key provided: {shown}"
            raise StripeRefusal(401, "invalid_request_error", message, is_kept=False)
        if headers.get("Stripe-Version") != API_VERSION:
            message = f"Invalid Stripe API version: {headers.get('Stripe-Version')}; this server keeps {API_VERSION}."
            raise StripeRefusal(400, "invalid_request_error", message, is_kept=False)
        if call.key is not None and not 0 < len(call.key) <= 255:
            raise StripeRefusal(400, "idempotency_error", "Idempotency keys have 1 to 255 characters.", is_kept=False)
        if call.account is None:
            return
        with self.world.lock:
            account = self.world.objects.get(call.account)
            is_account = account is not None and account["object"] == "account"
            is_ours = is_account and not self.world.private[call.account]["closed"]
        if not is_ours:
            message = (
                f"The provided key '{key[:8]}***' does not have access to account '{call.account}' (or that account "
                "does not exist). Application access may have been revoked."
            )
            raise StripeRefusal(403, "invalid_request_error", message, is_kept=False, code="account_invalid")
        if not call.path.startswith(FOR_ACCOUNTS):
            message = f"The local Stripe keeps {call.path} for the platform only."
            raise StripeRefusal(400, "invalid_request_error", message, is_kept=False)

    def _once(
        self, call: Incoming, operation: Operation, names: tuple[str, ...], fault: Fault | None, request_id: str
    ) -> Answer:
        """Do a call, or return what its key remembers."""
        if call.key is None or call.method == "GET":
            return self._do(call, operation, names, fault, request_id)[0]
        kept = self.keys.begin(call.key, call.account, call.fingerprint, now=self.world.time())
        if kept is not None:
            return dataclasses.replace(kept, request_id=request_id, replay_of=kept.request_id)
        remembered = None
        try:
            answer, remembered = self._do(call, operation, names, fault, request_id)
        finally:
            if remembered is None:
                self.keys.forget(call.key, call.account)
            else:
                self.keys.keep(call.key, call.account, remembered)
        return answer

    def _do(
        self, call: Incoming, operation: Operation, names: tuple[str, ...], fault: Fault | None, request_id: str
    ) -> tuple[Answer, Answer | None]:
        """Return the answer to a call and what its key shall remember: of v1 anything once begun, of v2 successes."""
        kind = fault.kind if fault else None
        broken = Answer(500, server_error(), request_id)
        is_v1 = call.path.startswith("/v1/")
        try:
            params = checked(operation, call.raw)
            if kind == "error_before_kept":
                return broken, broken if is_v1 else None
            request = Request(request_id, call.method, call.path, params, names, call.account, call.key)
            answer = Answer(200, self._act(request, operation), request_id)
        except StripeRefusal as refusal:
            answer = Answer(refusal.status, refusal.body(), request_id)
            return answer, answer if is_v1 and refusal.is_kept else None
        if kind == "slow" and fault:
            time.sleep(fault.seconds)
        if kind == "error_after":
            return broken, broken if is_v1 else answer
        return answer, answer

    def _act(self, request: Request, operation: Operation) -> Json:
        """Do a checked call, one at a time, and return its answer as it is at this moment."""
        verb = KEPT[operation.method, operation.shape]
        with self.world.lock:
            self.world.request = request
            try:
                self.world.settle_funds()
                return expanded(self.world, verb(self.world, request), request.params.get("expand", []))
            except StripeRefusal as refusal:
                refusal.details = expanded(self.world, refusal.details, [])
                raise
            finally:
                self.world.request = None

    def show(self, method: str, target: str, body: bytes) -> Page:
        """Return a page or an answer of what is outside of the API."""
        return outside(self.play, self.world, method, urlsplit(target), body)


def acting_for(headers: Any) -> str | None:
    """Return the connected account that a call is made for."""
    found: str | None = headers.get("Stripe-Account") or headers.get("Stripe-Context")
    return found


def found(call: Incoming) -> tuple[Operation, tuple[str, ...]]:
    """Return the SDK's call that this is, if the server keeps it."""
    match = matching(call.method, call.path)
    if match is None or (call.method, match[0].shape) not in KEPT:
        known = "the SDK does not have" if match is None else "the local Stripe does not keep"
        message = f"Unrecognized request URL ({call.method}: {call.path}): a call that {known}."
        raise StripeRefusal(404, "invalid_request_error", message, is_kept=False)
    return match


def stop_before(fault: Fault | None) -> None:
    """Raise what keeps a call from being done at all."""
    kind = fault.kind if fault else None
    if kind == "rate_limited":
        raise rate_limited()
    if kind == "dropped_before":
        raise Dropped
    if kind == "error_before":
        raise StripeRefusal(500, "api_error", server_error()["error"]["message"], is_kept=False)
