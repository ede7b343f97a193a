"""Notices of messaging: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from messaging.models import Message, Room
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


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "message": _message,
}

KINDS: Mapping[str, Kind] = {
    "messaging.message_posted": Kind("both", _("%(author)s wrote in “%(contract)s”")),
}
