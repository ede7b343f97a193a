"""What this app knows about people: their notices, and their names in those of others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q

from accounts.models import Membership, User
from accounts.privacy import CHUNK, Leaver, Reader, Sheet, datum
from contracts.models import Contract
from core.actor import Actor
from core.money import sums_shown
from messaging.models import Room
from messaging.queries import rooms_written_in
from notifications.models import Digest, Notice, NoticeChoice
from notifications.queries import lines, notices_for
from proposals.models import Proposal

#: Words of a notice that are somebody's name or address.
NAMES = ("client", "freelancer", "author", "worker", "name", "email")
DATA = (
    datum(
        "notifications.Notice notifications.Mail",
        "notices.json",
        "deleted",
        "Names of the person in notices of others become the made-up name at once.",
    ),
    datum(
        "notifications.NoticeChoice notifications.Digest",
        "notice_choices.json",
        "deleted",
        "How a person hears of things, and on which days they had the daily mail.",
    ),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield a person's notices in words, how they hear of each group, and the days of their daily mails."""
    yield Sheet("notices", _in_words(reader))
    yield Sheet("notice_choices", _choices(reader))


def _choices(reader: Reader) -> Iterator[dict[str, Any]]:
    for choice in NoticeChoice.objects.filter(user_id=reader.user_id).order_by("group"):
        yield {
            "about": choice.get_group_display(),
            "mail": choice.get_channel_display(),
            "chosen_at": choice.chosen_at,
        }
    for digest in Digest.objects.filter(user_id=reader.user_id).order_by("day"):
        yield {"day": digest.day, "status": digest.get_status_display(), "sent_at": digest.sent_at}


def _in_words(reader: Reader) -> Iterator[dict[str, Any]]:
    hiding = {actor.party_id for actor in reader.actors if not actor.sees_sums}
    for notice in notices_for(Actor(user_id=reader.user_id)).iterator(chunk_size=CHUNK):
        with sums_shown(notice.party_id not in hiding):
            line = lines([notice])[0]
        yield {"at": notice.created_at, "title": line.title, "text": line.text, "read_at": notice.read_at}


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete the person's notices, and take their name out of those of the people they dealt with, and of staff."""
    Notice.objects.filter(user_id=leaver.user_id).delete()
    NoticeChoice.objects.filter(user_id=leaver.user_id).delete()
    Digest.objects.filter(user_id=leaver.user_id).delete()
    own = EmailAddress.objects.filter(user_id=leaver.user_id).values_list("email", flat=True)
    addresses = {*own, *User.objects.filter(pk=leaver.user_id).values_list("email", flat=True)} - {""}
    gone = leaver.names | addresses
    known = Q(party_id__in=_dealt_with(leaver)) | Q(party=None)
    named = Q()
    for word in NAMES:
        named |= Q(**{f"data__{word}__in": sorted(leaver.names)})
    changed = []
    invited = Q(data__email__in=sorted(addresses))  # by whichever party
    for notice in Notice.objects.filter((known & named) | invited).only("data").iterator(chunk_size=CHUNK):
        notice.data = {
            word: leaver.former_name if word in NAMES and said in gone else said for word, said in notice.data.items()
        }
        changed.append(notice)
    Notice.objects.bulk_update(changed, ["data"], batch_size=CHUNK)


def _dealt_with(leaver: Leaver) -> set[int]:
    """Return the parties whose people may have been told of the person by name."""
    bids = Proposal.objects.filter(Q(party_id__in=leaver.party_ids) | Q(job__client_id__in=leaver.party_ids))
    sides = {party for pair in bids.values_list("party_id", "job__client_id") for party in pair}
    rooms = Room.parties.through.objects.filter(room__in=rooms_written_in(leaver.user_id))
    shared = Membership.objects.filter(user_id=leaver.user_id)  # colleagues of now and of before
    known = sides | set(rooms.values_list("party_id", flat=True)) | set(shared.values_list("party_id", flat=True))
    contracts = Contract.objects.filter(freelancer_id__in=known)  # clients hear of an agency's workers by name
    return known | set(contracts.values_list("client_id", flat=True))
