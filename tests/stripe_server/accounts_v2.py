"""The second generation of accounts: parts are shown when asked for, a recipient has a configuration of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from tests.stripe_server.accounts import account_of, new_account, new_link
from tests.stripe_server.errors import Json, invalid
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World

PARTS = ("configuration", "defaults", "future_requirements", "identity", "requirements")
DESCRIPTIONS = {
    "external_account": "defaults.payout_methods",
    "individual.dob.day": "identity.individual.date_of_birth",
    "individual.verification.document": "identity.individual.documents.primary_verification",
    "tos_acceptance.date": "identity.attestations.terms_of_service.account",
}


@answers("POST", "/v2/core/accounts")
def create_account(world: World, request: Request) -> Json:
    given = request.params
    configuration = given.get("configuration", {})
    recipient, defaults = configuration.get("recipient"), given.get("defaults", {})
    if set(configuration) - {"recipient"}:
        raise invalid("The local Stripe keeps recipients only.", param="configuration")
    if recipient is not None and "responsibilities" not in defaults:
        message = "`defaults.responsibilities` is required for this configuration."
        raise invalid(message, code="parameter_missing", param="defaults.responsibilities")
    identity = given.get("identity", {})
    if recipient is not None and "country" not in identity:
        message = "`identity.country` is required for this configuration."
        raise invalid(message, code="parameter_missing", param="identity.country")
    account = new_account(
        world, country=identity.get("country", "FR").upper(), email=given.get("contact_email"),
        metadata=new_metadata(given.get("metadata")),
    )  # fmt: skip
    wanted = (recipient or {}).get("capabilities", {}).get("stripe_balance", {}).get("stripe_transfers", {})
    if not wanted.get("requested"):
        account["capabilities"] = {}
    world.private[account["id"]]["v2"] = given
    world.emit_thin("v2.core.account.created", account=account["id"], url=f"/v2/core/accounts/{account['id']}")
    return shown(world, account, given.get("include", []))


@answers("GET", "/v2/core/accounts/{id}")
def retrieve_account(world: World, request: Request) -> Json:
    return shown(world, account_of(world, request.names[0]), request.params.get("include", []))


@answers("POST", "/v2/core/accounts/{id}")
def update_account(world: World, request: Request) -> Json:
    account, given = account_of(world, request.names[0]), request.params
    account["metadata"] = changed_metadata(account["metadata"], given.get("metadata"))
    account["email"] = given.get("contact_email", account["email"])
    known = world.private[account["id"]]["v2"] or {}
    world.private[account["id"]]["v2"] = {**known, **{key: value for key, value in given.items() if key != "include"}}
    world.emit_thin("v2.core.account.updated", account=account["id"], url=f"/v2/core/accounts/{account['id']}")
    return shown(world, account, given.get("include", []))


@answers("POST", "/v2/core/accounts/{id}/close")
def close_account(world: World, request: Request) -> Json:
    account = account_of(world, request.names[0])
    if any(any(parts.values()) for (owner, _), parts in world.balances.items() if owner == account["id"]):
        raise invalid("An account with a balance cannot be closed.", code="account_cannot_be_closed")
    world.private[account["id"]]["closed"] = True
    account["capabilities"] = {}
    account["payouts_enabled"] = False
    world.emit_thin("v2.core.account.closed", account=account["id"], url=f"/v2/core/accounts/{account['id']}")
    return shown(world, account, [])


def shown(world: World, account: Json, include: list[str]) -> Json:
    """Return an account as v2 shows it: what `include` does not name is null."""
    known = world.private[account["id"]]
    given = known["v2"] or {}
    parts = {
        "configuration": {"customer": None, "merchant": None, "recipient": recipient_of(account)},
        "defaults": {
            "currency": account["default_currency"], "locales": given.get("defaults", {}).get("locales", []),
            "profile": given.get("defaults", {}).get("profile"),
            "responsibilities": {
                "requirements_collector": "stripe", "fees_collector": "application", "losses_collector": "application",
                **given.get("defaults", {}).get("responsibilities", {}),
            },
        },
        "future_requirements": {"entries": []},
        "identity": {
            "country": account["country"], "entity_type": "individual", **given.get("identity", {}),
        },
        "requirements": requirements_of(account),
    }  # fmt: skip
    asked = {name.split(".")[0] for name in include}
    return {
        "id": account["id"], "object": "v2.core.account",
        "applied_configurations": ["recipient"], "closed": known["closed"], "contact_email": account["email"],
        "created": datetime.fromtimestamp(account["created"], UTC).isoformat().replace("+00:00", ".000Z"),
        "dashboard": given.get("dashboard", "express"), "display_name": given.get("display_name"), "livemode": False,
        "metadata": account["metadata"], **{name: parts[name] if name in asked else None for name in PARTS},
    }  # fmt: skip


def recipient_of(account: Json) -> Json:
    """Return the configuration of a recipient with the status of its capabilities."""
    due, transfers = account["requirements"]["currently_due"], account["capabilities"].get("transfers")
    reason = account["requirements"]["disabled_reason"]

    def capability(*, is_active: bool) -> Json:
        if is_active:
            return {"status": "active", "status_details": []}
        if reason is not None:
            detail = {"code": "rejected_other", "resolution": "contact_stripe"}
            return {"status": "rejected", "status_details": [detail]}
        detail = {"code": "requirements_past_due" if due else "determining_status", "resolution": "provide_info"}
        return {"status": "restricted" if due else "pending", "status_details": [detail]}

    balance = None
    if transfers is not None:
        balance = {
            "payouts": capability(is_active=account["payouts_enabled"]),
            "stripe_transfers": capability(is_active=transfers == "active"),
        }
    return {"applied": True, "capabilities": {"stripe_balance": balance}}


def requirements_of(account: Json) -> Json:
    """Return what an account still lacks, an entry for each."""
    deadline = {"status": "past_due"}

    def restricts(name: str) -> list[Json]:
        names = ["payouts"] if name == "external_account" else ["stripe_transfers", "payouts"]
        return [
            {"capability": f"stripe_balance.{each}", "configuration": "recipient", "deadline": deadline}
            for each in names
        ]

    entries = [
        {
            "awaiting_action_from": "user", "description": DESCRIPTIONS[name], "errors": [],
            "impact": {"restricts_capabilities": restricts(name)}, "minimum_deadline": deadline, "reference": None,
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for name in account["requirements"]["currently_due"]
    ]  # fmt: skip
    summary = {"minimum_deadline": {"status": "past_due", "time": None}} if entries else None
    return {"entries": entries, "summary": summary}


@answers("POST", "/v2/core/account_links")
def create_account_link(world: World, request: Request) -> Json:
    given = request.params
    account = account_of(world, given["account"], param="account")
    use = given["use_case"]
    details = use.get(use["type"])
    if details is None:
        raise invalid(f"Missing use_case[{use['type']}].", code="parameter_missing", param=f"use_case[{use['type']}]")
    expires = datetime.fromtimestamp(world.now() + 300, UTC).isoformat().replace("+00:00", ".000Z")
    url = new_link(world, account, details.get("return_url"), details["refresh_url"])
    return {
        "object": "v2.core.account_link", "account": account["id"], "created": world.moment(), "expires_at": expires,
        "livemode": False, "url": url, "use_case": use,
    }  # fmt: skip


@answers("GET", "/v2/core/events/{id}")
def retrieve_event(world: World, request: Request) -> Json:
    return world.find("v2.core.event", request.names[0])


@answers("GET", "/v2/core/events")
def list_events(world: World, request: Request) -> Json:
    """Return thin events, newest first; `object_id`, `types` and a range of moments narrow them."""
    given, found = request.params, world.every("v2.core.event")
    if "object_id" in given:
        found = [event for event in found if event["related_object"]["id"] == given["object_id"]]
    if "types" in given:
        found = [event for event in found if event["type"] in given["types"]]
    bounds = given.get("created", {})
    found = [event for event in found if all(holds(event["created"], name, at) for name, at in bounds.items())]
    limit, start = given.get("limit", 20), int(given.get("page", 0))
    shown_now, rest = found[start : start + limit], found[start + limit :]
    query = {"limit": limit, "page": start + limit} | {name: given[name] for name in ("object_id",) if name in given}
    query |= {f"types[{place}]": kind for place, kind in enumerate(given.get("types", []))}
    query |= {f"created[{name}]": at for name, at in bounds.items()}
    following = f"{request.path}?{urlencode(query)}" if rest else None
    return {"data": shown_now, "next_page_url": following, "previous_page_url": None}


def holds(moment: str, comparison: str, bound: str) -> bool:
    """Test whether a moment is after or before another, each in the writing of ISO 8601."""
    one, other = (datetime.fromisoformat(text) for text in (moment, bound))
    return {"gt": one > other, "gte": one >= other, "lt": one < other, "lte": one <= other}[comparison]
