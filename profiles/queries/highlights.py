"""Single things of a profile that are shown elsewhere: a work, a certificate, a contract that ended here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from core.actor import Actor
from files.models import StoredFile
from files.queries import files_of_many
from profiles.models import Certification, PortfolioItem, Profile, WorkHistory
from profiles.permissions import can_see_profile
from profiles.queries.profiles import PORTFOLIO, work_title

#: Contracts that are offered to point at, the latest first.
CONTRACTS_OFFERED = 30


@dataclass(frozen=True, slots=True)
class Showable:
    """One thing of a profile that its freelancer may point at: its kind, its number, its title."""

    kind: str
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing of a profile as a reader sees it elsewhere; what its kind does not have is empty."""

    kind: str
    title: str
    language: str
    text: str = ""
    organisation: str = ""
    checked_at: datetime | None = None
    issued_on: date | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    amount: int | None = None
    currency: str = ""
    pictures: tuple[StoredFile, ...] = ()


def showables_of(party_id: int) -> list[Showable]:
    """Return what a party may point at, in the order of its profile. Three queries."""
    works = PortfolioItem.objects.filter(profile__party_id=party_id).values_list("pk", "heading")
    certificates = (
        Certification.objects.filter(profile__party_id=party_id)
        .exclude(status=Certification.Status.REFUSED)
        .values_list("pk", "heading")
    )
    contracts = (
        WorkHistory.objects.filter(party_id=party_id, ended_at__isnull=False)
        .order_by("-ended_at", "-pk")
        .values_list("pk", "title")[:CONTRACTS_OFFERED]
    )
    return [
        *(Showable("portfolio", pk, title) for pk, title in works),
        *(Showable("certification", pk, title) for pk, title in certificates),
        *(Showable("work", pk, title) for pk, title in contracts),
    ]


def work_shown(item: PortfolioItem, pictures: Collection[StoredFile]) -> Shown:
    """Return a work of a portfolio as it is shown elsewhere."""
    return Shown("portfolio", item.heading, item.profile.language, text=item.text, pictures=tuple(pictures))


def certificate_shown(item: Certification) -> Shown:
    """Return a certificate as it is shown elsewhere: never its proof."""
    return Shown(
        "certification",
        item.heading,
        item.profile.language,
        organisation=item.organisation,
        checked_at=item.decided_at if item.status == Certification.Status.CHECKED else None,
        issued_on=item.issued_on,
    )


def contract_shown(work: WorkHistory, actor: Actor) -> Shown:
    """Return a contract that ended here as it is shown elsewhere, without an amount that its freelancer hides."""
    is_own = actor.acts_for(work.party_id)
    return Shown(
        "work",
        work_title(work, actor, is_own=is_own),
        work.language,
        started_at=work.started_at,
        ended_at=work.ended_at,
        amount=work.amount if not work.is_amount_hidden and work.amount > 0 else None,
        currency=work.currency,
    )


def pictures_of(actor: Actor, profile: Profile | None, item_ids: Collection[int]) -> dict[str, list[StoredFile]]:
    """Return the pictures of these works by number, for whoever may read the profile. One query, none for no works."""
    if not item_ids or profile is None or not can_see_profile(actor, profile):
        return {}
    found = files_of_many(PORTFOLIO, item_ids)
    return {ref: [file for file in files if file.is_image and file.is_ready] for ref, files in found.items()}
