"""The versions of an offer as a reader sees them, and what changed from one to the next."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from contracts.models import Offer, OfferVersion
from core.actor import Actor

State = OfferVersion.State
Row = dict[str, Any]
Plan = Sequence[Row]
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: `kind` is same, del or ins."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions: a text with its `pieces`, or what it was and what it is.

    `kind` is text, value, day or amount; a value is empty, a day or amount None, where there was or is none.
    """

    kind: str
    label: str
    old: Any = None
    new: Any = None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class MilestoneChange:
    """One milestone that was added, removed or changed, or their new order; sums are in minor units."""

    kind: str
    title: str = ""
    amount: int | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version with what it changes of the terms that stood when it was put forward."""

    version: OfferVersion
    is_mine: bool
    changes: tuple[Change, ...] = ()
    milestones: tuple[MilestoneChange, ...] = ()

    @property
    def is_first(self) -> bool:
        """Test whether it is what was sent at first, so that there is nothing to compare."""
        return self.version.base_id is None


def versions_for(actor: Actor, offer_ids: Collection[int]) -> QuerySet[OfferVersion]:
    """Return the versions of these offers that the actor's party may see: its own, and the other's once put forward.

    What a client has written and not sent, or is still paying for, is the client's own. The caller has checked that the
    offers are the actor's to see.
    """
    unsent = [State.DRAFT, State.RAISING]
    is_counter = ~Q(party_id=F("offer__client_id"))
    seen = ~Q(state__in=unsent) | Q(party_id=actor.party_id) | is_counter
    return OfferVersion.objects.filter(seen, offer_id__in=offer_ids).select_related("party", "author").order_by("pk")


def history_of(offer: Offer, actor: Actor) -> list[VersionView]:
    """Return the versions of an offer that the actor may see, newest first, each with what it changes. One query."""
    versions = list(versions_for(actor, [offer.pk]))
    known = {each.pk: each for each in versions}
    return [_view(each, known.get(each.base_id or 0), actor) for each in reversed(versions)]


def _view(version: OfferVersion, base: OfferVersion | None, actor: Actor) -> VersionView:
    is_mine = version.party_id == actor.party_id
    if base is None:
        return VersionView(version, is_mine)
    plan = tuple(_milestones(base.milestones, version.milestones))
    return VersionView(version, is_mine, tuple(_changes(base, version)), plan)


def _changes(old: OfferVersion, new: OfferVersion) -> Iterator[Change]:
    for label, name in ((_("Title"), "title"), (_("What will be delivered"), "deliverables")):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change("text", label, pieces=diff(before, after))
    if old.language != new.language:
        words = old.get_language_display(), new.get_language_display()
        yield Change("value", _("Language of these texts"), *words)
    for label, name in ((_("Start"), "starts_on"), (_("End"), "ends_on")):
        days = getattr(old, name), getattr(new, name)
        if days[0] != days[1]:
            yield Change("day", label, *days)
    if old.duration != new.duration:
        yield Change("value", _("Duration"), old.get_duration_display(), new.get_duration_display())


def _milestones(old: Plan, new: Plan) -> Iterator[MilestoneChange]:
    """Yield what differs: milestones of one name are the same one, the others are compared in their order."""
    for before, after in _pairs(old, new):
        if before is None and after is not None:
            yield MilestoneChange("added", after["title"], after["amount"])
        elif before is not None and after is None:
            yield MilestoneChange("removed", before["title"], before["amount"])
        elif before is not None and after is not None and before != after:
            yield MilestoneChange("changed", after["title"], after["amount"], tuple(_changes_of(before, after)))
    names, others = [each["title"] for each in old], [each["title"] for each in new]
    if names != others and sorted(names) == sorted(others):
        yield MilestoneChange("order")


def _changes_of(before: Row, after: Row) -> Iterator[Change]:
    for label, name in ((_("Name"), "title"), (_("Details"), "description")):
        if before[name] != after[name]:
            yield Change("text", label, pieces=diff(before[name], after[name]))
    if before["amount"] != after["amount"]:
        yield Change("amount", _("Amount"), before["amount"], after["amount"])
    if before["due_on"] != after["due_on"]:
        old, new = (date.fromisoformat(each["due_on"]) if each["due_on"] else None for each in (before, after))
        yield Change("day", _("Due"), old, new)


def _pairs(old: Plan, new: Plan) -> list[tuple[Row | None, Row | None]]:
    left = list(old)
    twins: dict[int, Row] = {}
    for place, each in enumerate(new):
        twin = next((other for other in left if other["title"] == each["title"]), None)
        if twin is not None:
            left.remove(twin)
            twins[place] = twin
    pairs: list[tuple[Row | None, Row | None]] = []
    for place, each in enumerate(new):
        before = twins[place] if place in twins else (left.pop(0) if left else None)
        pairs.append((before, each))
    return pairs + [(each, None) for each in left]


def diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return a text with what was taken out and put in, word by word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("del", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("ins", "".join(new[j1:j2])))
    return tuple(pieces)
