"""Notices of messaging: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from messaging.models import Call, GuardCase, Masking, Message, Room
from messaging.queries import name_in_room, readers_of
from notifications.catalogue.shapes import Kind, Thing, path_of


def _message(pk: int) -> Thing:
    message = Message.objects.select_related("room", "author").prefetch_related("room__parties").get(pk=pk)
    room = message.room
    if room.kind == Room.Kind.CONTRACT:
        path = path_of("contracts:messages", contract_id=int(room.owner.rpartition(":")[2]))
    else:
        path = path_of("messaging:room", room_id=room.pk)
    sides = {party.kind == Party.Kind.CLIENT: party.pk for party in room.parties.all()}
    words = {"contract": room.title, "author": message.author_name}
    return Thing(sides.get(True), sides.get(False), words, path, room=room)


def _call(pk: int) -> Thing:
    call = Call.objects.select_related("room", "caller").prefetch_related("people").get(pk=pk)
    allowed = readers_of(call.room)
    rung = [each.user_id for each in call.people.all() if each.user_id != call.caller_id]
    words = {"caller": name_in_room(call.caller, call.room), "room": call.room.title}
    people = tuple(user_id for user_id in rung if user_id in allowed)
    return Thing(None, None, words, path_of("messaging:call", call_id=pk), people=people)


def _masking(pk: int) -> Thing:
    masking = Masking.objects.select_related("message__room", "message__author").get(pk=pk)
    room = masking.message.room
    path = path_of("messaging:room", room_id=room.pk)
    return Thing(
        None,
        None,
        {"contract": room.title},
        path,
        staff_path=path_of("admin:messaging_masking_change", object_id=pk),
        people=(masking.author_id,),
        owners_of=masking.message.party_id,
    )


def _guard_case(pk: int) -> Thing:
    case = GuardCase.objects.select_related("user").get(pk=pk)
    path = path_of("admin:messaging_guardcase_change", object_id=pk)
    return Thing(None, None, {"who": case.user.get_full_name()}, path)


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "message": _message,
    "masking": _masking,
    "guard_case": _guard_case,
    "call": _call,
}

KINDS: Mapping[str, Kind] = {
    "messaging.message_posted": Kind("both", _("%(author)s wrote in “%(contract)s”")),
    # Messages before a contract
    "messaging.mask_appealed": Kind(
        "staff",
        _("A message was hidden by mistake, says its writer"),
        _("Read it and decide."),
        is_mailed=False,
        staff="moderator",
    ),
    "messaging.guard_repeated": Kind(
        "staff",
        _("%(who)s writes contact data again and again"),
        _("Look at how often, and decide what to do."),
        is_mailed=False,
        staff="moderator",
    ),
    "messaging.mask_lifted": Kind(
        "person", _("Your message in “%(contract)s” is shown whole"), _("A moderator agreed with you.")
    ),
    "messaging.mask_kept": Kind(
        "person",
        _("A part of your message in “%(contract)s” stays hidden"),
        _("Open it to read why. It is shown once there is a contract."),
    ),
    # Calls
    "messaging.call_missed": Kind("person", _("You missed a call from %(caller)s"), _("It was about “%(room)s”.")),
    "messaging.call_busy": Kind(
        "person", _("%(caller)s called while you were in another call"), _("It was about “%(room)s”.")
    ),
    "messaging.call_cancelled": Kind(
        "person", _("%(caller)s called and gave up"), _("It was about “%(room)s”."), is_mailed=False
    ),
}
