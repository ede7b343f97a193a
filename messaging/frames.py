"""What the pages of a call say to each other through their sockets: handed on between the two people, never kept."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from core.clock import now
from core.errors import DomainError
from core.limits import MINUTE, allow_user, too_often
from messaging.actions import CallNotConnected, drop_call, note_heard
from messaging.live import tell_users
from messaging.models import Call
from messaging.permissions import may_talk
from messaging.queries import is_blocked, others_of, ringing_for, seat_of

#: Bytes of a frame, and frames that one page sends in a minute; one person's pages together send no more than that.
FRAME_BYTES, FRAMES_A_MINUTE = 80_000, 240
#: Characters of a description of what a browser sends and takes, and of one of its addresses.
LONGEST_DESCRIPTION, LONGEST_CANDIDATE = 64 * 1024, 1024
MOST_CANDIDATES = 40
LONGEST_NAME = 64
LARGEST_NUMBER = 2**63


class SignalUnknown(DomainError):
    """A frame holds something that no page of ours sends."""

    status_code = 400

    def __init__(self) -> None:
        super().__init__(_("This page sent something that no call needs. Reload it."))


def take_call_frame(user_id: int, _session_key: str, content: dict[str, Any]) -> None:
    """Take one frame of a page about calls.

    `now` asks what rings, `heard` says that a call does, and `signal` goes to the other person of a running call.

    Raises SignalUnknown, CallNotConnected for whoever is not one of the two, TooOften.
    """
    if not allow_user(user_id, "call_frame", limit=FRAMES_A_MINUTE, seconds=MINUTE):
        raise too_often()
    action, at = content.get("action"), now()
    if action == "now":
        call = ringing_for(user_id, at)
        if call is not None:
            tell_users([user_id], {"kind": "call", "action": "ring", "call": call.pk})
    elif action == "heard":
        note_heard(call_id=_number(content), by=Actor(user_id=user_id), at=at)
    elif action == "signal":
        _hand_on(user_id, _number(content), clean_signal(content))
    else:
        raise SignalUnknown


def clean_signal(content: dict[str, Any]) -> dict[str, Any]:
    """Return what may be handed on of a frame: names of pages, a description, addresses, what is on.

    Raises SignalUnknown.
    """
    clean: dict[str, Any] = {key: _name(content[key]) for key in ("tab", "to", "session") if content.get(key)}
    for key in ("ready", "restart"):
        if content.get(key) is True:
            clean[key] = True
    if "description" in content:
        clean["description"] = _description(content["description"])
    if "candidates" in content:
        clean["candidates"] = _candidates(content["candidates"])
    if "state" in content:
        clean["state"] = _state(content["state"])
    return clean


def _hand_on(user_id: int, call_id: int, signal: dict[str, Any]) -> None:
    calls = Call.objects.select_related("room").prefetch_related("room__parties", "people")
    call = calls.filter(pk=call_id, people__user_id=user_id, status=Call.Status.CONNECTED).first()
    others = others_of(call, user_id) if call else []
    seat = seat_of(call, user_id) if call else None
    if call is None or seat is None or not others:
        raise CallNotConnected(_("This call has ended."))
    pair = [each for each in call.people.all() if each.user_id in {user_id, *others}]
    if is_blocked(call.room) or not all(may_talk(each.user_id, each.party_id, call.room) for each in pair):
        drop_call(call_id=call.pk, at=now())
        raise CallNotConnected(_("This call has ended."))
    tell_users(others, {"kind": "call", "action": "signal", "call": call.pk, **signal})


def _number(content: dict[str, Any]) -> int:
    number = content.get("call")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < LARGEST_NUMBER:
        raise SignalUnknown
    return number


def _name(value: Any) -> str:
    return _text(value, LONGEST_NAME)


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise SignalUnknown
    return value


def _description(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or value.get("type") not in {"offer", "answer"}:
        raise SignalUnknown
    return {"type": value["type"], "sdp": _text(value.get("sdp"), LONGEST_DESCRIPTION)}


def _candidates(values: Any) -> list[dict[str, Any]]:
    if not isinstance(values, list) or len(values) > MOST_CANDIDATES:
        raise SignalUnknown
    return [_candidate(each) for each in values]


def _candidate(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SignalUnknown
    clean: dict[str, Any] = {"candidate": _text(value.get("candidate"), LONGEST_CANDIDATE)}
    for key in ("sdpMid", "usernameFragment"):
        if value.get(key) is not None:
            clean[key] = _text(value[key], LONGEST_CANDIDATE)
    line = value.get("sdpMLineIndex")
    if line is not None:
        if not isinstance(line, int) or isinstance(line, bool) or not 0 <= line < LONGEST_NAME:
            raise SignalUnknown
        clean["sdpMLineIndex"] = line
    return clean


def _state(value: Any) -> dict[str, bool]:
    if not isinstance(value, dict) or set(value) - {"muted", "camera"}:
        raise SignalUnknown
    return {key: word is True for key, word in value.items()}
