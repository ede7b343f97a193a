"""Accounts of those who are paid: opened as recipients, told about on Stripe's own pages, paid out when asked.

Accounts v2 is the default. A platform of before it keeps v1 accounts with controller properties: STRIPE_ACCOUNTS=v1.
"""

from __future__ import annotations

from typing import Any, cast

import stripe
from django.conf import settings

from payments.gateway import AccountState, SavedBank
from payments.gateways.stripe.client import PAGE, Json, client, plain, strictly, told
from payments.gateways.stripe.codes import requirement_of

PARTS: Any = ["configuration.recipient", "requirements"]
GONE = AccountState(can_receive=False, can_pay_out=False, is_closed=True, missing=(), banks=())


def open_account(*, key: str, party_id: int, name: str, email: str, country: str) -> str:
    """Open an account that receives transfers and pays out only when it is asked to."""
    metadata = {"party_id": str(party_id)}
    with strictly():
        if settings.STRIPE_ACCOUNTS == "v1":
            account = _open_v1(key, email, country, metadata)
        else:
            account = _open_v2(key=key, name=name, email=email, country=country, metadata=metadata)
        client().v1.balance_settings.update(
            {"payments": {"payouts": {"schedule": {"interval": "manual"}}}},
            {"stripe_account": account, "idempotency_key": f"{key}:manual"},
        )
    return account


def _open_v2(*, key: str, name: str, email: str, country: str, metadata: dict[str, str]) -> str:
    params: Json = {
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
        "contact_email": email,
        "dashboard": "express",
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
        "display_name": name,
        "identity": {"country": country},
        "metadata": metadata,
    }
    return client().v2.core.accounts.create(cast("Any", params), {"idempotency_key": key}).id


def _open_v1(key: str, email: str, country: str, metadata: dict[str, str]) -> str:
    params: Json = {
        "capabilities": {"transfers": {"requested": True}},
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
        },
        "country": country,
        "email": email,
        "metadata": metadata,
    }
    return client().v1.accounts.create(cast("Any", params), {"idempotency_key": key}).id


def onboarding_link(account: str, *, return_url: str, refresh_url: str) -> str:
    """Return the address of Stripe's pages about the account: to tell all it wants, or to change what it knows."""
    state = account_state(account)
    is_known = state.can_receive and not state.missing
    kind = "account_update" if is_known else "account_onboarding"
    urls = {"return_url": return_url, "refresh_url": refresh_url}
    with strictly():
        if settings.STRIPE_ACCOUNTS == "v1":  # an account with a dashboard is changed there, and asked here
            params: Json = {"account": account, "type": "account_onboarding", **urls}
            return client().v1.account_links.create(cast("Any", params)).url
        params = {"account": account, "use_case": {"type": kind, kind: urls}}
        return client().v2.core.account_links.create(cast("Any", params)).url


def account_state(account: str) -> AccountState:
    """Return whether the account may receive and pay out, what is missing, and its banks."""
    try:
        with told():
            return _state_v1(account) if settings.STRIPE_ACCOUNTS == "v1" else _state_v2(account)
    except stripe.PermissionError:
        return GONE


def _state_v2(account: str) -> AccountState:
    known = plain(client().v2.core.accounts.retrieve(account, {"include": PARTS}))
    if known.get("closed"):
        return GONE
    recipient = (known.get("configuration") or {}).get("recipient") or {}
    balance = (recipient.get("capabilities") or {}).get("stripe_balance") or {}
    entries = (known.get("requirements") or {}).get("entries") or []
    return AccountState(
        can_receive=_is_active(balance.get("stripe_transfers")),
        can_pay_out=_is_active(balance.get("payouts")),
        is_closed=False,
        missing=_codes(entry["description"] for entry in entries if _is_due(entry)),
        banks=_banks(account),
    )


def _is_active(capability: Json | None) -> bool:
    return (capability or {}).get("status") == "active"


def _is_due(entry: Json) -> bool:
    """Test whether the holder has to act on this now."""
    is_now = (entry.get("minimum_deadline") or {}).get("status") in {"currently_due", "past_due"}
    return is_now and entry["awaiting_action_from"] == "user"


def _state_v1(account: str) -> AccountState:
    known = plain(client().v1.accounts.retrieve(account))
    wanted = known.get("requirements") or {}
    return AccountState(
        can_receive=(known.get("capabilities") or {}).get("transfers") == "active",
        can_pay_out=bool(known.get("payouts_enabled")),
        is_closed=False,
        missing=_codes([*(wanted.get("past_due") or ()), *(wanted.get("currently_due") or ())]),
        banks=_banks(account),
    )


def _codes(names: Any) -> tuple[str, ...]:
    return tuple(sorted({requirement_of(name) for name in names}))


def _banks(account: str) -> tuple[SavedBank, ...]:
    pages = client().v1.accounts.external_accounts.list(account, {"object": "bank_account", "limit": PAGE})
    return tuple(_bank(plain(bank)) for bank in pages.auto_paging_iter())


def _bank(bank: Json) -> SavedBank:
    return SavedBank(bank["id"], f"{bank['country']} ···· {bank['last4']}")
