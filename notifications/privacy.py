"""What this app knows about people: their notices, and their names in those of others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.privacy import CHUNK, Leaver, Reader, Sheet, datum
from core.actor import Actor
from messaging.models import Room
from messaging.queries import rooms_written_in
from notifications.models import Notice
from notifications.queries import lines, notices_for
from proposals.models import Proposal

#: Words of a notice that are somebody's name.
NAMES = ("client", "freelancer", "author")
DATA = (
    datum(
        "notifications.Notice notifications.Mail",
        "notices.json",
        "deleted",
        "Names of the person in notices of others become the made-up name at once.",
    ),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield a person's notices in words."""
    yield Sheet("notices", _in_words(reader.user_id))


def _in_words(user_id: int) -> Iterator[dict[str, Any]]:
    for notice in notices_for(Actor(user_id=user_id)).iterator(chunk_size=CHUNK):
        line = lines([notice])[0]
        yield {"at": notice.created_at, "title": line.title, "text": line.text, "read_at": notice.read_at}


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete the person's notices, and take their name out of those of the people they dealt with, and of staff."""
    Notice.objects.filter(user_id=leaver.user_id).delete()
    known = Q(party_id__in=_dealt_with(leaver)) | Q(party=None)
    named = Q()
    for word in NAMES:
        named |= Q(**{f"data__{word}__in": sorted(leaver.names)})
    changed = []
    for notice in Notice.objects.filter(known & named).only("data").iterator(chunk_size=CHUNK):
        notice.data = {
            word: leaver.former_name if word in NAMES and said in leaver.names else said
            for word, said in notice.data.items()
        }
        changed.append(notice)
    Notice.objects.bulk_update(changed, ["data"], batch_size=CHUNK)


def _dealt_with(leaver: Leaver) -> set[int]:
    """Return the parties whose people may have been told of the person by name."""
    bids = Proposal.objects.filter(Q(party_id__in=leaver.party_ids) | Q(job__client_id__in=leaver.party_ids))
    sides = {party for pair in bids.values_list("party_id", "job__client_id") for party in pair}
    rooms = Room.parties.through.objects.filter(room__in=rooms_written_in(leaver.user_id))
    return sides | set(rooms.values_list("party_id", flat=True))
