"""Transfers from the platform to its connected accounts, and their reversals."""

from __future__ import annotations

from tests.stripe_server.accounts import has_transfers
from tests.stripe_server.errors import Json, invalid, missing
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World, refuse_balance


def source_left(world: World, charge: Json) -> int:
    """Return what may still be transferred from a charge: its amount less refunds and transfers not reversed."""
    sent = sum(
        transfer["amount"] - transfer["amount_reversed"]
        for transfer in world.private[charge["id"]].setdefault("transfers", [])
    )
    return int(charge["amount"] - charge["amount_refunded"] - sent)


def check_source(world: World, charge: Json, amount: int, currency: str) -> None:
    """Refuse a transfer that its charge cannot carry."""
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} is {charge['status']}.", param="source_transaction")
    if charge["currency"] != currency:
        message = (
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
            f"transfer currency ({currency})"
        )
        raise invalid(message, param="currency")
    left = source_left(world, charge)
    if amount > left:
        message = (
            f"Transfers using this transaction as a source must not exceed the source amount of {charge['amount']}. "
            f"(Refunds and other transfers using this source leave {left}.)"
        )
        raise invalid(message, param="amount")


def destination_of(world: World, name: str) -> Json:
    """Return the account that is to receive; one that may not receive transfers yet is refused."""
    account = world.objects.get(name)
    if account is None or account["object"] != "account":
        raise missing("destination", name, param="destination", is_address=False)
    if not has_transfers(account):
        message = (
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments"
        )
        raise invalid(message, code="insufficient_capabilities_for_transfer")
    return account


@answers("POST", "/v1/transfers")
def create_transfer(world: World, request: Request) -> Json:
    given, currency = request.params, request.params["currency"].lower()
    charge = None
    if "source_transaction" in given:
        charge = world.find("charge", given["source_transaction"], param="source_transaction")
    elif "amount" not in given:
        raise invalid("Missing required param: amount.", code="parameter_missing", param="amount")
    amount = int(given["amount"] if "amount" in given or charge is None else charge["amount"])
    if amount < 1:
        code = "parameter_invalid_integer"
        raise invalid("This value must be greater than or equal to 1.", code=code, param="amount")
    account = destination_of(world, given["destination"])
    available_on = world.now()
    if charge is not None:
        check_source(world, charge, amount, currency)
        available_on = max(available_on, world.objects[charge["balance_transaction"]]["available_on"])
    elif world.available(None, currency) < amount:
        message = (
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available "
            "balance by creating Charges using the 4000000000000077 test card. "
            "See: https://stripe.com/docs/testing#available-balance"
        )
        raise refuse_balance(message)
    group = given.get("transfer_group")
    if charge is not None:
        charge["transfer_group"] = charge["transfer_group"] or group or f"group_{charge['payment_intent']}"
        group = group or charge["transfer_group"]
    name = world.new_id("tr")
    transfer = {
        "id": name, "object": "transfer", "amount": amount, "amount_reversed": 0, "balance_transaction": None,
        "created": world.now(), "currency": currency, "description": given.get("description"),
        "destination": account["id"], "destination_payment": None, "livemode": False,
        "metadata": new_metadata(given.get("metadata")), "reversals": empty_reversals(name), "reversed": False,
        "source_transaction": charge and charge["id"], "source_type": given.get("source_type", "card"),
        "transfer_group": group,
    }  # fmt: skip
    entry = world.post(
        "transfer", -amount, currency, source=name, category="transfer", available_on=available_on,
        description=transfer["description"],
    )  # fmt: skip
    payment = receive(world, transfer, available_on)
    transfer.update(balance_transaction=entry["id"], destination_payment=payment["id"])
    world.add(transfer)
    if charge is not None:
        world.private[charge["id"]]["transfers"].append(transfer)
    world.emit("transfer.created", transfer)
    return transfer


def empty_reversals(transfer: str) -> Json:
    return {"object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{transfer}/reversals"}


def receive(world: World, transfer: Json, available_on: int) -> Json:
    """Enter a transfer at the account that receives it, as a payment."""
    payment = {
        "id": world.new_id("py"), "object": "charge", "amount": transfer["amount"],
        "amount_captured": transfer["amount"], "amount_refunded": 0, "balance_transaction": None, "captured": True,
        "created": world.now(), "currency": transfer["currency"], "customer": None, "disputed": False,
        "livemode": False, "metadata": {}, "paid": True, "payment_intent": None, "refunded": False,
        "source_transfer": transfer["id"], "status": "succeeded", "transfer_group": None,
    }  # fmt: skip
    entry = world.post(
        "payment", transfer["amount"], transfer["currency"], source=payment["id"], category="transfer",
        account=transfer["destination"], available_on=available_on,
    )  # fmt: skip
    payment["balance_transaction"] = entry["id"]
    return world.add(payment, account=transfer["destination"])


@answers("GET", "/v1/transfers/{transfer}")
def retrieve_transfer(world: World, request: Request) -> Json:
    return world.find("transfer", request.names[0])


@answers("POST", "/v1/transfers/{transfer}")
def update_transfer(world: World, request: Request) -> Json:
    transfer, given = world.find("transfer", request.names[0]), request.params
    transfer["metadata"] = changed_metadata(transfer["metadata"], given.get("metadata"))
    transfer["description"] = given.get("description", transfer["description"])
    world.emit("transfer.updated", transfer)
    return transfer


@answers("GET", "/v1/transfers")
def list_transfers(world: World, request: Request) -> Json:
    return page(request, world.every("transfer"), "destination", "transfer_group")


# Reversals


@answers("POST", "/v1/transfers/{id}/reversals")
def create_reversal(world: World, request: Request) -> Json:
    """Take money back from a connected account, at most what it received and still has."""
    transfer, given = world.find("transfer", request.names[0]), request.params
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = given.get("amount", left)
    if left == 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.", param="id")
    if amount < 1:
        code = "parameter_invalid_integer"
        raise invalid("This value must be greater than or equal to 1.", code=code, param="amount")
    if amount > left:
        message = f"Transfer reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"
        raise invalid(message, param="amount")
    payment = world.objects[transfer["destination_payment"]]
    arrival = world.objects[payment["balance_transaction"]]
    account, currency = transfer["destination"], transfer["currency"]
    if world.balances[account, currency][arrival["status"]] < amount:
        raise refuse_balance("The connected account does not have enough funds to reverse this transfer.")
    reversal = {
        "id": world.new_id("trr"), "object": "transfer_reversal", "amount": amount, "balance_transaction": None,
        "created": world.now(), "currency": currency, "destination_payment_refund": None,
        "metadata": new_metadata(given.get("metadata")), "source_refund": None, "transfer": transfer["id"],
    }  # fmt: skip
    on = arrival["available_on"] if arrival["status"] == "pending" else world.now()
    entry = world.post(
        "transfer_refund", amount, currency, source=reversal["id"], category="transfer_reversal", available_on=on
    )
    world.post(
        "payment_refund", -amount, currency, source=payment["id"], category="transfer_reversal", account=account,
        available_on=on,
    )  # fmt: skip
    reversal["balance_transaction"] = entry["id"]
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    world.add(reversal)
    world.emit("transfer.reversed", transfer)
    return reversal


def reversal_of(world: World, request: Request) -> Json:
    transfer = world.find("transfer", request.names[0])
    reversal = world.find("transfer_reversal", request.names[1])
    if reversal["transfer"] != transfer["id"]:
        raise missing("transfer reversal", request.names[1], param="id", is_address=True)
    return reversal


@answers("GET", "/v1/transfers/{transfer}/reversals/{id}")
def retrieve_reversal(world: World, request: Request) -> Json:
    return reversal_of(world, request)


@answers("GET", "/v1/transfers/{id}/reversals")
def list_reversals(world: World, request: Request) -> Json:
    transfer = world.find("transfer", request.names[0])
    return page(request, list(transfer["reversals"]["data"]))
