"""Connected accounts, made through v2 (recipients) or v1 (controller properties), and their onboarding."""

from __future__ import annotations

from tests.stripe_server.errors import Json, invalid, missing
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World

NEEDED = ("external_account", "individual.dob.day", "individual.verification.document", "tos_acceptance.date")
CURRENCY = {"US": "usd", "GB": "gbp", "CH": "chf", "CA": "cad", "AU": "aud", "SE": "sek", "PL": "pln", "DK": "dkk"}


def has_transfers(account: Json) -> bool:
    """Test whether an account may receive transfers."""
    return bool(account["capabilities"].get("transfers") == "active")


def new_account(world: World, *, country: str, email: str | None, metadata: Json) -> Json:
    """Keep an account that has not been onboarded yet, in the shape of v1."""
    name = world.new_id("acct", 16)
    account = {
        "id": name, "object": "account", "business_profile": None, "business_type": None,
        "capabilities": {"transfers": "inactive"}, "charges_enabled": False, "controller": {
            "fees": {"payer": "application"}, "is_controller": True, "losses": {"payments": "application"},
            "requirement_collection": "stripe", "stripe_dashboard": {"type": "express"}, "type": "application",
        }, "country": country, "created": world.now(), "default_currency": CURRENCY.get(country, "eur"),
        "details_submitted": False, "email": email, "external_accounts": {
            "object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{name}/external_accounts",
        }, "future_requirements": requirements([]), "metadata": metadata, "payouts_enabled": False,
        "requirements": requirements(list(NEEDED)), "settings": None, "tos_acceptance": {"date": None}, "type": "none",
    }  # fmt: skip
    return world.add(account, closed=False, interval="daily", debits_negative=False, v2=None)


def requirements(due: list[str], *, reason: str | None = None) -> Json:
    return {
        "alternatives": [], "current_deadline": None, "currently_due": due, "disabled_reason": reason, "errors": [],
        "eventually_due": due, "past_due": due, "pending_verification": [],
    }  # fmt: skip


def account_of(world: World, name: str, *, param: str | None = None) -> Json:
    account = world.objects.get(name)
    if account is None or account["object"] != "account":
        raise missing("account", name, param=param or "account", is_address=param is None)
    return account


def bank_of(world: World, account: Json, currency: str) -> Json | None:
    """Return the bank account that payouts in a currency go to."""
    banks: list[Json] = account["external_accounts"]["data"]
    return next((bank for bank in banks if bank["currency"] == currency and bank["default_for_currency"]), None)


def add_bank(world: World, account: Json, number: str, currency: str) -> Json:
    """Put a bank account in the place of the one that there was for this currency."""
    is_iban = number[:2].isalpha()
    bank = {
        "id": world.new_id("ba"), "object": "bank_account", "account": account["id"], "account_holder_name": None,
        "account_holder_type": "individual", "account_type": None, "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK", "country": number[:2] if is_iban else "US", "currency": currency,
        "default_for_currency": True, "fingerprint": number[-16:], "future_requirements": requirements([]),
        "last4": number[-4:], "metadata": {}, "requirements": requirements([]),
        "routing_number": number[4:12] if is_iban else "110000000", "status": "new",
    }  # fmt: skip
    banks = account["external_accounts"]["data"]
    banks[:] = [other for other in banks if other["currency"] != currency]
    banks.append(bank)
    world.add(bank, account=account["id"], number=number)
    world.emit("account.external_account.created", bank, account=account["id"])
    return bank


def set_abilities(world: World, account: Json, *, due: list[str], reason: str | None, transfers: bool = True) -> None:
    """Say what an account may do and what it still lacks, and tell it in both generations of events."""
    is_ready = not due and reason is None
    if "transfers" in account["capabilities"]:
        is_identified = not any(name != "external_account" for name in due)
        account["capabilities"]["transfers"] = "active" if is_identified and transfers else "inactive"
    account.update(payouts_enabled=is_ready and transfers, requirements=requirements(due, reason=reason))
    name, place = account["id"], f"/v2/core/accounts/{account['id']}"
    world.emit("account.updated", account, account=name)
    world.emit("capability.updated", capability_of(account), account=name)
    world.emit_thin("v2.core.account[requirements].updated", account=name, url=place)
    kind = "v2.core.account[configuration.recipient].capability_status_updated"
    world.emit_thin(kind, account=name, url=place)


def capability_of(account: Json) -> Json:
    return {
        "id": "transfers", "object": "capability", "account": account["id"],
        "requested": "transfers" in account["capabilities"], "requested_at": account["created"],
        "status": account["capabilities"].get("transfers", "unrequested"),
        "requirements": account["requirements"], "future_requirements": account["future_requirements"],
    }  # fmt: skip


# v1


@answers("POST", "/v1/accounts")
def create_account(world: World, request: Request) -> Json:
    given = request.params
    if "type" in given and "controller" in given:
        raise invalid("You may not specify both `type` and `controller`.", param="type")
    controller = given.get("controller", {})
    if controller.get("stripe_dashboard", {}).get("type") == "express" and (
        controller.get("losses", {}).get("payments") == "stripe"
        or controller.get("requirement_collection") == "application"
    ):
        raise invalid(
            "An Express Dashboard needs losses at the application and requirements at Stripe.", param="controller"
        )
    account = new_account(
        world,
        country=given.get("country", "FR"),
        email=given.get("email"),
        metadata=new_metadata(given.get("metadata")),
    )
    account["type"] = given.get("type", "none")
    if not given.get("capabilities", {}).get("transfers", {}).get("requested"):
        account["capabilities"] = {}
    for name in ("fees", "losses", "stripe_dashboard"):
        account["controller"][name] |= controller.get(name, {})
    account["controller"]["requirement_collection"] = controller.get("requirement_collection", "stripe")
    return account


@answers("GET", "/v1/accounts/{account}")
def retrieve_account(world: World, request: Request) -> Json:
    return account_of(world, request.names[0])


@answers("POST", "/v1/accounts/{account}")
def update_account(world: World, request: Request) -> Json:
    account, given = account_of(world, request.names[0]), request.params
    account["metadata"] = changed_metadata(account["metadata"], given.get("metadata"))
    account["email"] = given.get("email", account["email"])
    world.emit("account.updated", account, account=account["id"])
    return account


@answers("GET", "/v1/accounts")
def list_accounts(world: World, request: Request) -> Json:
    return page(request, world.every("account"))


@answers("GET", "/v1/account")
def retrieve_current_account(world: World, request: Request) -> Json:
    if request.account:
        return account_of(world, request.account)
    return {
        "id": "acct_platform", "object": "account", "charges_enabled": True, "country": "FR", "created": 0,
        "default_currency": "eur", "details_submitted": True, "email": "operator@example.com", "metadata": {},
        "payouts_enabled": True, "type": "standard",
    }  # fmt: skip


@answers("GET", "/v1/accounts/{account}/external_accounts")
def list_external_accounts(world: World, request: Request) -> Json:
    account = account_of(world, request.names[0])
    return page(request, list(reversed(account["external_accounts"]["data"])), "object")


@answers("GET", "/v1/accounts/{account}/external_accounts/{id}")
def retrieve_external_account(world: World, request: Request) -> Json:
    account_of(world, request.names[0])
    return world.find("bank_account", request.names[1], account=request.names[0])


@answers("GET", "/v1/accounts/{account}/capabilities/{capability}")
def retrieve_capability(world: World, request: Request) -> Json:
    account = account_of(world, request.names[0])
    if request.names[1] != "transfers" or "transfers" not in account["capabilities"]:
        raise missing("capability", request.names[1], param="capability", is_address=True)
    return capability_of(account)


@answers("POST", "/v1/account_links")
def create_account_link(world: World, request: Request) -> Json:
    given = request.params
    account = account_of(world, given["account"], param="account")
    for name in ("return_url", "refresh_url"):
        if not given.get(name):
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    url = new_link(world, account, given["return_url"], given["refresh_url"])
    return {"object": "account_link", "created": world.now(), "expires_at": world.now() + 300, "url": url}


def new_link(world: World, account: Json, return_url: str | None, refresh_url: str) -> str:
    """Return the address of a page where an account is onboarded, once and for five minutes."""
    token = world.new_id("link")
    links = world.private[account["id"]].setdefault("links", {})
    links[token] = {"return_url": return_url or refresh_url, "refresh_url": refresh_url, "until": world.now() + 300}
    return f"{world.url}/_test/onboarding/{account['id']}/{token}"
