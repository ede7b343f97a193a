"""Top-ups of the platform's balance, uploaded files and the memory of events."""

from __future__ import annotations

from tests.stripe_server.errors import Json, invalid
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import new_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import DAY, Request, World

LARGEST_FILE = 5 * 1024 * 1024
KINDS_OF_FILE = {b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


@answers("POST", "/v1/topups")
def create_topup(world: World, request: Request) -> Json:
    given = request.params
    if given["amount"] < 1:
        code = "parameter_invalid_integer"
        raise invalid("This value must be greater than or equal to 1.", code=code, param="amount")
    topup = {
        "id": world.new_id("tu"), "object": "topup", "amount": given["amount"], "balance_transaction": None,
        "created": world.now(), "currency": given["currency"].lower(), "description": given.get("description"),
        "expected_availability_date": world.now() + DAY, "failure_code": None, "failure_message": None,
        "livemode": False, "metadata": new_metadata(given.get("metadata")), "source": None,
        "statement_descriptor": given.get("statement_descriptor"), "status": "pending",
        "transfer_group": given.get("transfer_group"),
    }  # fmt: skip
    world.add(topup)
    world.emit("topup.created", topup)
    return topup


def end_topup(world: World, topup: Json, *, failure: str | None = None) -> Json:
    """Let a top-up arrive, or fail."""
    if topup["status"] != "pending":
        raise invalid(f"Top-up {topup['id']} is {topup['status']}.")
    if failure is not None:
        topup.update(status="failed", failure_code=failure, failure_message="The bank did not send the money.")
        world.emit("topup.failed", topup)
        return topup
    entry = world.post("topup", topup["amount"], topup["currency"], source=topup["id"], category="topup")
    topup.update(status="succeeded", balance_transaction=entry["id"])
    world.emit("topup.succeeded", topup)
    return topup


def reverse_topup(world: World, topup: Json) -> Json:
    """Let the bank take back a top-up that had arrived."""
    if topup["status"] != "succeeded":
        raise invalid(f"Top-up {topup['id']} is {topup['status']}.")
    world.post("topup_reversal", -topup["amount"], topup["currency"], source=topup["id"], category="topup_reversal")
    topup["status"] = "reversed"
    world.emit("topup.reversed", topup)
    return topup


@answers("GET", "/v1/topups/{topup}")
def retrieve_topup(world: World, request: Request) -> Json:
    return world.find("topup", request.names[0])


@answers("GET", "/v1/topups")
def list_topups(world: World, request: Request) -> Json:
    return page(request, world.every("topup"), "status")


@answers("POST", "/v1/files")
def create_file(world: World, request: Request) -> Json:
    """Keep a file; evidence for a dispute is a PDF, JPEG or PNG of at most 5 MB."""
    upload = request.params["file"]
    if not isinstance(upload, dict):
        raise invalid("A file is sent as multipart/form-data.", param="file")
    content: bytes = upload["content"]
    kind = next((name for start, name in KINDS_OF_FILE.items() if content.startswith(start)), None)
    if request.params["purpose"] == "dispute_evidence" and kind is None:
        raise invalid("Evidence is a PDF, JPEG or PNG file.", code="file_type_invalid", param="file")
    if len(content) > LARGEST_FILE:
        raise invalid("This file is too large.", param="file")
    file = {
        "id": world.new_id("file"), "object": "file", "created": world.now(), "expires_at": None,
        "filename": upload["name"], "links": None, "purpose": request.params["purpose"], "size": len(content),
        "title": None, "type": kind, "url": None,
    }  # fmt: skip
    world.add(file, content=content)
    world.emit("file.created", file)
    return file


@answers("GET", "/v1/files/{file}")
def retrieve_file(world: World, request: Request) -> Json:
    return world.find("file", request.names[0])


@answers("GET", "/v1/events/{id}")
def retrieve_event(world: World, request: Request) -> Json:
    return world.find("event", request.names[0], account=request.account)


@answers("GET", "/v1/events")
def list_events(world: World, request: Request) -> Json:
    """Return the events of the last 30 days; a type may end in .* for a whole group."""
    oldest, given = world.now() - 30 * DAY, request.params
    kinds = given.get("types", [given["type"]] if "type" in given else [])
    things = [
        event
        for event in world.every("event", account=request.account)
        if event["created"] >= oldest and (not kinds or any(is_of(event["type"], kind) for kind in kinds))
    ]
    return page(request, things)


def is_of(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted.endswith(".*") and kind.startswith(wanted[:-1]))
