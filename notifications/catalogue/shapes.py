"""What a row of the catalogue says: a kind of notice, and the thing that an event is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from messaging.models import Room


@dataclass(frozen=True, slots=True)
class Thing:
    """What an event is about: the parties concerned, the words for the notice, and the page."""

    client_id: int | None
    freelancer_id: int | None
    words: Mapping[str, Any]
    path: str
    #: Where staff look at it.
    staff_path: str = ""
    #: Who of an agency does the work it is about: its other named workers are not told.
    worker_id: int | None = None
    #: The people whose own thing it is: of a party only they hear of it; a kind for a `person` tells just them.
    people: tuple[int, ...] = ()
    #: Whose account of several people it is about.
    owners_of: int | None = None
    #: Whose readers are the only members that hear of it.
    job_id: int | None = None
    contract_id: int | None = None
    #: The room that it stands in: only those who may read there at that moment hear of it.
    room: Room | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice. `to` is client, freelancer or both, less whoever acted; `staff` is a group told as well.

    News of the people of a party go to the person they are about (`person`), or to the party's `owners`.
    """

    to: str
    title: str | Promise
    text: str | Promise = ""
    is_mailed: bool = True
    staff: str = ""


def path_of(name: str, **kwargs: Any) -> str:
    """Return the address of a page without a prefix: the reader's is added when the notice is opened."""
    with translation.override("en"):  # English pages have no prefix
        return reverse(name, kwargs=kwargs)
