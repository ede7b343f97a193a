"""The names of those who left, which stay on their messages for a while."""

from __future__ import annotations

from datetime import datetime

from messaging.models import AuthorName


def keep_author_name(*, room_id: int, user_id: int, name: str, until: datetime | None) -> None:
    """Keep the name of somebody who leaves on their messages in one room (inner). Event: none, nobody is told."""
    AuthorName.objects.update_or_create(room_id=room_id, user_id=user_id, defaults={"name": name, "until": until})


def date_author_names(*, owner: str, until: datetime) -> int:
    """Say until when the names of those who left stay in the room about a thing that has ended (inner)."""
    return AuthorName.objects.filter(room__owner=owner, until=None).update(until=until)


def forget_author_names(*, at: datetime) -> int:
    """Forget the names whose day has come; the messages go by the made-up name from then on. Return how many."""
    return AuthorName.objects.filter(until__lte=at).delete()[0]
