"""Who hears of a thing: the parties concerned, and of their people those who may know of it."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Membership, User
from accounts.queries import owners_of, people_at_work, people_of
from contracts.models import ContractReader
from jobs.models import JobReader
from messaging.queries import readers_of
from notifications.catalogue.shapes import Kind, Thing


def kind_is_work(kind: str) -> bool:
    """Test whether a kind of event is about work and its money, which concern only some of an agency's people."""
    return kind.partition(".")[0] in {"contracts", "disputes", "messaging", "payments"}


def audience(kind: Kind, thing: Thing, actor_party_id: int | None) -> Iterable[int]:
    """Return the parties to tell: those concerned, but for the one that acted."""
    sides = {
        "client": [thing.client_id],
        "freelancer": [thing.freelancer_id],
        "both": [thing.client_id, thing.freelancer_id],
        "staff": [],
        "person": [],
        "owners": [],
    }[kind.to]
    return [party for party in sides if party is not None and party != actor_party_id]


def people_told_of(party_id: int, thing: Thing, kind: str) -> list[User]:
    """Return the people of a party who hear of a thing: members only where they were added to it.

    Of work and its money, an agency's named workers hear only what they work on.
    """
    if thing.people:  # their own thing, whatever their role
        return [user for user in people_of(party_id) if user.pk in thing.people]
    if thing.room is not None:
        open_to = readers_of(thing.room, party_id)
        return [user for user in people_of(party_id) if user.pk in open_to]
    members = set(
        Membership.objects.live()
        .filter(party_id=party_id, role=Membership.Role.MEMBER)
        .values_list("user_id", flat=True)
    )
    added: set[int] = set()
    if members and thing.job_id is not None:
        added |= set(JobReader.objects.filter(job_id=thing.job_id).values_list("user_id", flat=True))
    if members and thing.contract_id is not None:
        readers = ContractReader.objects.filter(contract_id=thing.contract_id, party_id=party_id)
        added |= set(readers.values_list("user_id", flat=True))
    people = people_at_work(party_id, thing.worker_id) if kind_is_work(kind) else people_of(party_id)
    return [user for user in people if user.pk not in members or user.pk in added]


def people_told(kind: Kind, thing: Thing) -> Iterable[tuple[int | None, User]]:
    """Return who hears of a thing for themselves, each with the account the notice is for, if it is for one."""
    if kind.to == "owners" and thing.owners_of is not None:
        return [(thing.owners_of, user) for user in owners_of(thing.owners_of)]
    if kind.to == "person":
        live = Membership.objects.live().filter(user_id__in=thing.people, party_id=thing.owners_of or 0)
        belong = set(live.values_list("user_id", flat=True))
        people = User.objects.filter(pk__in=thing.people, is_active=True).order_by("pk")
        return [(thing.owners_of if user.pk in belong else None, user) for user in people]
    return []
