"""The pages and controls under /_test/: the bank's page, hosted onboarding, and every method of `Play` as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from urllib.parse import SplitResult, parse_qs

from tests.stripe_server.errors import Json, StripeRefusal
from tests.stripe_server.play import Play
from tests.stripe_server.world import World

HTML = {"Content-Type": "text/html; charset=utf-8"}
CONTROLS = {
    "advance", "authenticate", "collect_card", "collect_debit", "confirm", "disconnect", "end_collection", "end_refund",
    "end_topup", "fail_payout", "lose_dispute", "onboard", "open_dispute", "pay_payout", "restrict", "reverse_topup",
    "send_payout", "warn_of_fraud", "win_dispute",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


def outside(play: Play, world: World, method: str, target: SplitResult, body: bytes) -> Page:
    """Return what is at an address under /_test/."""
    _, _, name, *rest = target.path.split("/")
    if name == "onboarding" and len(rest) == 2:
        return onboarding(play, method, account=rest[0], token=rest[1])
    if name == "authenticate" and len(rest) == 1 and rest[0]:
        return bank(play, world, method, intent=rest[0], query=target.query)
    if name in CONTROLS and method == "POST":
        return control(play, name, body)
    return Page(404, b"Not here.", HTML)


def control(play: Play, name: str, body: bytes) -> Page:
    """Call a method of `Play` with the parameters of a JSON body."""
    try:
        status, answer = 200, getattr(play, name)(**json.loads(body or b"{}"))
    except StripeRefusal as refusal:
        status, answer = refusal.status, refusal.body()
    except (TypeError, ValueError) as failure:
        status, answer = 400, {"error": {"message": str(failure)}}
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
    return Page(status, json.dumps(answer).encode(), headers)


def onboarding(play: Play, method: str, *, account: str, token: str) -> Page:
    """Ask for everything with one button, then lead back; a link works once."""
    if method == "GET":
        return form("Local Stripe: onboarding", {"Finish": ""})
    url = play.visit_link(account=account, token=token, is_finished=True)["url"]
    return Page(303, b"", {"Location": url}) if url else Page(404, b"This link was used.", HTML)


def bank(play: Play, world: World, method: str, *, intent: str, query: str) -> Page:
    """Let the payer succeed or fail, then lead back."""
    if method == "GET":
        return form("Local Stripe: your bank", {"Complete": "?outcome=succeeds", "Fail": "?outcome=fails"})
    known: Json = play.intent_of(intent)
    action = known["next_action"] or {}
    back = action.get("redirect_to_url", {}).get("return_url")
    play.authenticate(intent=intent, succeeds=parse_qs(query).get("outcome") == ["succeeds"])
    return Page(303, b"", {"Location": back}) if back else Page(200, b"You can go back now.", HTML)


def form(title: str, buttons: dict[str, str]) -> Page:
    rows = "".join(
        f'<form method="post" action="{escape(action)}"><button>{escape(label)}</button></form>'
        for label, action in buttons.items()
    )
    text = f'<!doctype html><html lang="en"><title>{escape(title)}</title><h1>{escape(title)}</h1>{rows}</html>'
    return Page(200, text.encode(), HTML)
