"""Payouts to bank accounts, balances and their settings, and the platform's top-ups."""

from __future__ import annotations

from tests.stripe_server.accounts import account_of, bank_of, set_abilities
from tests.stripe_server.cards import PAYOUT_FAILURES
from tests.stripe_server.errors import Json, invalid, missing
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import DAY, Request, World, refuse_balance

ARRIVES_AFTER = 2 * DAY
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this transfer.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located.",
}


def bank_for(world: World, account: str | None, currency: str, given: Json) -> str:
    """Return where a payout goes; refused where the account may not be paid out or has no such bank account."""
    if account is None:
        return "ba_platform"
    holder = account_of(world, account)
    bank = bank_of(world, holder, currency)
    if bank is None:
        message = f"Sorry, you don't have any external accounts in that currency ({currency})."
        raise invalid(message, param="currency", code="payouts_not_allowed" if not holder["payouts_enabled"] else None)
    if given.get("destination") not in {None, bank["id"]}:
        raise missing("external account", given["destination"], param="destination", is_address=False)
    if not holder["payouts_enabled"] or bank["status"] == "errored":
        message = "Cannot create payouts: this account has payouts disabled until its requirements are met."
        raise invalid(message, code="payouts_not_allowed")
    return str(bank["id"])


@answers("POST", "/v1/payouts")
def create_payout(world: World, request: Request) -> Json:
    given, currency = request.params, request.params["currency"].lower()
    if given["amount"] < 1:
        code = "parameter_invalid_integer"
        raise invalid("This value must be greater than or equal to 1.", code=code, param="amount")
    if given.get("method", "standard") == "instant":
        message = "This bank account does not take instant payouts."
        raise invalid(message, code="instant_payouts_unsupported", param="method")
    destination = bank_for(world, request.account, currency, given)
    if world.available(request.account, currency) < given["amount"]:
        message = (
            "You have insufficient funds in your Stripe account for this transfer. Your ACH balance may be too low or "
            "still pending. You can use the the /v1/balance endpoint to view your Stripe balance."
        )
        raise refuse_balance(message)
    return new_payout(world, request.account, given, currency, destination)


def new_payout(
    world: World, account: str | None, given: Json, currency: str, destination: str, *, is_automatic: bool = False
) -> Json:
    """Send available money to a bank account."""
    payout = {
        "id": world.new_id("po"), "object": "payout", "amount": given["amount"], "application_fee": None,
        "application_fee_amount": None, "arrival_date": world.now() + ARRIVES_AFTER, "automatic": is_automatic,
        "balance_transaction": None, "created": world.now(), "currency": currency,
        "description": given.get("description"), "destination": destination, "failure_balance_transaction": None,
        "failure_code": None, "failure_message": None, "livemode": False,
        "metadata": new_metadata(given.get("metadata")), "method": "standard", "original_payout": None,
        "payout_method": None, "reconciliation_status": "in_progress" if is_automatic else "not_applicable",
        "reversed_by": None, "source_type": given.get("source_type", "card"),
        "statement_descriptor": given.get("statement_descriptor"), "status": "pending", "trace_id": None,
        "type": "bank_account",
    }  # fmt: skip
    entry = world.post(
        "payout", -payout["amount"], currency, source=payout["id"], category="payout", account=account,
        description="STRIPE PAYOUT",
    )  # fmt: skip
    payout["balance_transaction"] = entry["id"]
    world.add(payout, account=account)
    world.emit("payout.created", payout, account=account)
    return payout


@answers("GET", "/v1/payouts/{payout}")
def retrieve_payout(world: World, request: Request) -> Json:
    return world.find("payout", request.names[0], account=request.account)


@answers("POST", "/v1/payouts/{payout}")
def update_payout(world: World, request: Request) -> Json:
    payout = world.find("payout", request.names[0], account=request.account)
    payout["metadata"] = changed_metadata(payout["metadata"], request.params.get("metadata"))
    world.emit("payout.updated", payout, account=request.account)
    return payout


@answers("GET", "/v1/payouts")
def list_payouts(world: World, request: Request) -> Json:
    return page(request, world.every("payout", account=request.account), "destination", "status")


@answers("POST", "/v1/payouts/{payout}/cancel")
def cancel_payout(world: World, request: Request) -> Json:
    payout = world.find("payout", request.names[0], account=request.account)
    if payout["status"] != "pending" or payout["automatic"]:
        message = f"Payout {payout['id']} is {payout['status']} and cannot be canceled."
        raise invalid(message, param="payout")
    give_back(world, payout, "payout_cancel")
    payout["status"] = "canceled"
    world.emit("payout.canceled", payout, account=request.account)
    return payout


def give_back(world: World, payout: Json, kind: str) -> None:
    entry = world.post(
        kind, payout["amount"], payout["currency"], source=payout["id"], category="payout_reversal",
        account=world.owner[payout["id"]],
    )  # fmt: skip
    payout["failure_balance_transaction"] = entry["id"]


def send_payout(world: World, payout: Json) -> Json:
    """Hand a payout to the bank; it can no longer be cancelled."""
    check_state(payout, "pending")
    payout["status"] = "in_transit"
    world.emit("payout.updated", payout, account=world.owner[payout["id"]])
    return payout


def pay_payout(world: World, payout: Json) -> Json:
    """Let a payout arrive."""
    check_state(payout, "pending", "in_transit")
    account = world.owner[payout["id"]]
    payout.update(status="paid", trace_id={"status": "supported", "value": world.new_id("trace", 12)})
    world.emit("payout.updated", payout, account=account)
    world.emit("payout.paid", payout, account=account)
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
        world.emit("payout.reconciliation_completed", payout, account=account)
    return payout


def fail_payout(world: World, payout: Json, *, code: str) -> Json:
    """Let a payout come back, also days after it was paid; its bank account is not used again."""
    check_state(payout, "pending", "in_transit", "paid")
    account = world.owner[payout["id"]]
    give_back(world, payout, "payout_failure")
    payout.update(
        status="failed", failure_code=code, failure_message=FAILURES.get(code, "The bank returned the payout.")
    )
    world.emit("payout.updated", payout, account=account)
    world.emit("payout.failed", payout, account=account)
    if account is not None:
        bank = world.objects[payout["destination"]]
        bank["status"] = "errored"
        world.emit("account.external_account.updated", bank, account=account)
        set_abilities(world, account_of(world, account), due=["external_account"], reason=None)
    return payout


def check_state(payout: Json, *allowed: str) -> None:
    if payout["status"] not in allowed:
        raise invalid(f"Payout {payout['id']} is {payout['status']}.")


def arrive(world: World, payout: Json) -> Json:
    """End a payout as its bank account makes it end."""
    number = world.private.get(payout["destination"], {}).get("number", "")
    failure = PAYOUT_FAILURES.get(number)
    return fail_payout(world, payout, code=failure) if failure else pay_payout(world, payout)


# Balances


@answers("GET", "/v1/balance")
def retrieve_balance(world: World, request: Request) -> Json:
    return world.balance_of(request.account)


@answers("GET", "/v1/balance_transactions/{id}")
def retrieve_balance_transaction(world: World, request: Request) -> Json:
    return world.find("balance_transaction", request.names[0], account=request.account)


@answers("GET", "/v1/balance_transactions")
def list_balance_transactions(world: World, request: Request) -> Json:
    things = world.every("balance_transaction", account=request.account)
    if "payout" in request.params:
        world.find("payout", request.params["payout"], account=request.account, param="payout")
        things = [thing for thing in things if thing["source"] == request.params["payout"]]
    return page(request, things, "currency", "source", "type")


PLATFORM = "platform"  # where the platform's own settings are kept


def settings_of(world: World, account: str | None) -> Json:
    """Return when and how an account is paid out."""
    known = world.private.setdefault(account or PLATFORM, {"interval": "manual", "debits_negative": True})
    is_enabled = account is None or world.objects[account]["payouts_enabled"]
    return {
        "object": "balance_settings", "payments": {
            "debit_negative_balances": known["debits_negative"], "payouts": {
                "minimum_balance_by_currency": known.get("minimum"),
                "schedule": {"interval": known["interval"]}, "statement_descriptor": known.get("descriptor"),
                "status": "enabled" if is_enabled else "disabled",
            }, "settlement_timing": {"delay_days": 2},
        },
    }  # fmt: skip


@answers("GET", "/v1/balance_settings")
def retrieve_balance_settings(world: World, request: Request) -> Json:
    return settings_of(world, request.account)


@answers("POST", "/v1/balance_settings")
def update_balance_settings(world: World, request: Request) -> Json:
    settings_of(world, request.account)
    known, given = world.private[request.account or PLATFORM], request.params.get("payments", {})
    payouts = given.get("payouts", {})
    known["interval"] = payouts.get("schedule", {}).get("interval", known["interval"])
    known["debits_negative"] = given.get("debit_negative_balances", known["debits_negative"])
    known["minimum"] = payouts.get("minimum_balance_by_currency", known.get("minimum"))
    known["descriptor"] = payouts.get("statement_descriptor", known.get("descriptor"))
    found = settings_of(world, request.account)
    world.emit("balance_settings.updated", found, account=request.account)
    return found


def pay_out_by_itself(world: World) -> None:
    """Pay out what is available wherever the schedule is not manual, as Stripe does every day."""
    for (account, currency), parts in list(world.balances.items()):
        settings = settings_of(world, account)["payments"]["payouts"]
        kept = (settings["minimum_balance_by_currency"] or {}).get(currency, 0)
        amount = parts["available"] - int(kept or 0)
        if settings["schedule"]["interval"] == "manual" or settings["status"] != "enabled" or amount <= 0:
            continue
        bank = None if account is None else bank_of(world, account_of(world, account), currency)
        if account is None or bank is not None:
            destination = bank["id"] if bank else "ba_platform"
            new_payout(world, account, {"amount": amount}, currency, destination, is_automatic=True)
