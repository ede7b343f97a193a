"""What Stripe announces: signed webhooks of three scopes, and the lists that fill their gaps.

An event is never believed: it says which object to look at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from django.utils.translation import gettext as _

from core.clock import real_now
from payments.gateway import BadSignature, GatewayRefused, ProviderEvent
from payments.gateways.signatures import is_signed
from payments.gateways.stripe.client import PAGE, Json, client, id_of, plain, strictly
from payments.gateways.stripe.moves import is_live

SIGNATURE = "Stripe-Signature"
SCOPES = {
    "platform": "STRIPE_WEBHOOK_SECRETS",
    "connect": "STRIPE_CONNECT_WEBHOOK_SECRETS",
    "thin": "STRIPE_THIN_WEBHOOK_SECRETS",
}
THIN = "v2.core.event"

#: By the first words of a type: what its object is here. The longest that fits counts; others are only kept.
_MEANINGS = {
    "account.": "account",
    "balance_settings.updated": "account",
    "capability.updated": "account",
    "charge.dispute.": "dispute",
    "charge.failed": "charge",
    "charge.refunded": "charge",
    "payment_intent.": "charge",
    "payment_method.automatically_updated": "method",
    "payment_method.detached": "method",
    "payment_method.updated": "method",
    "payout.": "payout",
    "radar.early_fraud_warning.": "warning",
    "refund.": "refund",
    "review.": "warning",
    "setup_intent.setup_failed": "setup",
    "setup_intent.succeeded": "setup",
    "topup.": "topup",
    "transfer.": "transfer",
    "v2.core.account": "account",
}


def verify(body: bytes, headers: Mapping[str, str], *, scope: str) -> ProviderEvent:
    """Return the event of a request, if one of the scope's secrets signed it within minutes of now."""
    refused = BadSignature(_("This event was not signed by Stripe."))
    given = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE.lower(), "")
    secrets = [secret.encode() for secret in getattr(settings, SCOPES.get(scope, ""), ())]
    if not is_signed(body, given, secrets=secrets, moment=real_now().timestamp()):
        raise refused
    try:
        event = json.loads(body)
        read = _read(event)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise refused from error
    is_of_scope = (event["object"] == THIN) == (scope == "thin") and bool(event.get("account")) == (scope == "connect")
    if not is_of_scope or event["livemode"] is not is_live():
        raise refused
    return read


def _read(event: Json) -> ProviderEvent:
    kind = str(event["type"])
    meaning = max((part for part in _MEANINGS if kind.startswith(part)), key=len, default="")
    account = str(event.get("account") or "")
    verb, object_id = _MEANINGS.get(meaning, ""), ""
    if event["object"] == THIN:
        related = event.get("related_object") or {}
        account = object_id = str(related.get("id") or "")
    else:
        thing = event["data"]["object"]
        verb, object_id = _target(verb, thing, account)
    return ProviderEvent(str(event["id"]), kind, verb, object_id, account, event)


def _target(verb: str, thing: Json, account: str) -> tuple[str, str]:
    """Return what to look at: the payment behind a charge, the account behind its parts, our cash for our payouts."""
    own = str(thing.get("id") or "")
    if (verb == "charge" and thing["object"] == "charge") or verb == "warning":
        payment = id_of(thing.get("payment_intent"))
        return (verb, payment) if payment else ("", own)
    if verb == "account":
        return ("account", account) if account else ("account" if thing["object"] == "account" else "", own)
    if verb == "payout":
        if thing.get("automatic"):  # nobody here asked for it; reconciliation shows it
            return "", own
        return ("payout" if account else "cashout"), own
    return verb, own


def events_since(since: datetime, *, accounts: Iterable[str]) -> Iterator[ProviderEvent]:
    """Return what was announced since then, whether it arrived or not: events of 30 days are kept."""
    first: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    with strictly():
        yield from _listed(client().v1.events.list(first))
        for account in accounts:
            yield from _listed(client().v1.events.list(first, {"stripe_account": account}), account)
        if settings.STRIPE_ACCOUNTS == "v2":
            moment = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            yield from _listed(client().v2.core.events.list(cast("Any", {"created": {"gte": moment}, "limit": PAGE})))


def _listed(pages: Any, account: str = "") -> Iterator[ProviderEvent]:
    for each in pages.auto_paging_iter():
        event = plain(each)
        if account:
            event.setdefault("account", account)
        try:
            yield _read(json.loads(json.dumps(event, default=str)))
        except (KeyError, TypeError) as error:
            raise GatewayRefused(f"{event.get('id')}: an event that cannot be read") from error
