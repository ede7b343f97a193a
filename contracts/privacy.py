"""What this app knows about people: offers and contracts, which belong to both sides and stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.privacy import Blocker, Leaver, Reader, Sheet, datum, fields_of, seen_by
from contracts.models import Contract, ContractReader, Milestone, Offer, Submission, WorkerChange
from contracts.queries import contracts_for, offers_for, versions_for
from core.product import rules
from messaging.actions import keep_author_name
from messaging.queries import rooms_written_in

AGREEMENT = "An agreement of two sides: the other one needs it. The names in it are those of the parties."
DATA = (
    datum("contracts.Offer contracts.OfferMilestone", "offers.json", "nameless", AGREEMENT),
    datum("contracts.OfferVersion", "offer-versions.json", "nameless", AGREEMENT),
    datum("contracts.Contract contracts.Milestone", "contracts.json, milestones.json", "nameless", AGREEMENT),
    datum("contracts.ContractReader", "read-contracts.json", "deleted", "Which contracts somebody was added to."),
    datum(
        "contracts.WorkerChange",
        "worker-changes.json",
        "nameless",
        "Who was proposed for the work of an agency's contract stays, by number.",
    ),
    datum("contracts.Submission", "submissions.json", "nameless", "Work that was handed in, with its files."),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the offers and contracts of a person's parties as both sides read them."""
    offers = [offers_for(actor).order_by("pk") for actor in reader.actors]
    sides = ("client__name", "freelancer__name")
    about = (
        "status",
        "title",
        "deliverables",
        "language",
        "starts_on",
        "ends_on",
        "duration",
        "currency",
        "decline_note",
    )
    days = ("created_at", "sent_at", "expires_at", "ended_at")
    yield Sheet("offers", (row for rows in offers for row in fields_of(rows, "id", *sides, *about, *days)))
    terms = ("offer_id", "number", "state", "title", "deliverables", "starts_on", "ends_on", "duration", "milestones")
    said = ("note", "answer", "created_at", "decided_at")
    versions = [versions_for(actor, _keys(rows)) for actor, rows in zip(reader.actors, offers, strict=True)]
    yield Sheet("offer-versions", (row for rows in versions for row in fields_of(rows, *terms, *said)))
    contracts = [contracts_for(actor).order_by("pk") for actor in reader.actors]
    agreed = (
        "status",
        "title",
        "deliverables",
        "starts_on",
        "ends_on",
        "duration",
        "currency",
        "end_reason",
        "end_note",
    )
    ends = ("started_at", "ending_at", "ended_at")
    yield Sheet("contracts", (row for rows in contracts for row in fields_of(rows, "id", *sides, *agreed, *ends)))
    parts = ("id", "contract_id", "position", "status", "title", "description", "amount", "released", "refunded")
    notes = ("due_on", "change_note", "asked_back", "asked_back_note", "submitted_at", "funded_at", "finished_at")
    sums = ("amount", "released", "refunded", "asked_back")
    milestones = (
        fields_of(
            Milestone.objects.filter(contract__in=_keys(rows)).order_by("pk"), *seen_by(actor, (*parts, *notes), sums)
        )
        for actor, rows in zip(reader.actors, contracts, strict=True)
    )
    yield Sheet("milestones", (row for rows in milestones for row in rows))
    works = [Submission.objects.filter(milestone__contract__in=_keys(rows)).order_by("pk") for rows in contracts]
    read = ContractReader.objects.filter(user_id=reader.user_id).order_by("pk")
    yield Sheet("read-contracts", fields_of(read, "contract_id", "contract__title", "added_at"))
    about_me = Q(worker_id=reader.user_id) | Q(old_worker_id=reader.user_id) | Q(author_id=reader.user_id)
    changes = WorkerChange.objects.filter(about_me).order_by("pk")
    yield Sheet("worker-changes", fields_of(changes, "contract_id", "status", "reason", "created_at", "ended_at"))
    yield Sheet("submissions", (row for rows in works for row in fields_of(rows, "milestone_id", "note", "created_at")))


def _keys(rows: object) -> list[int]:
    return list(rows.values_list("pk", flat=True))  # type: ignore[attr-defined]  # a queryset of contracts


def lock(leaver: Leaver) -> None:
    """Lock the offers and contracts of the parties that close: what is paid, accepted or ended came before or waits."""
    sides = Q(client_id__in=leaver.party_ids) | Q(freelancer_id__in=leaver.party_ids)
    for model in (Offer, Contract):
        rows = model.objects.filter(sides).order_by("pk").select_for_update(of=("self",), no_key=True)
        list(rows.values_list("pk", flat=True))


def blockers(leaver: Leaver) -> Iterator[Blocker]:
    """Yield the contracts that run and the offers that wait for an answer or for their payment."""
    sides = Q(client_id__in=leaver.party_ids) | Q(freelancer_id__in=leaver.party_ids)
    running = Contract.objects.filter(sides).exclude(status=Contract.Status.ENDED)
    for contract in running.order_by("pk"):
        text = _("The contract “%(title)s” has not ended") % {"title": contract.title}
        yield Blocker(text, reverse("contracts:room", kwargs={"contract_id": contract.pk}))
    paying = Q(client_id__in=leaver.party_ids, status=Offer.Status.PAYING)  # its freelancer does not know of it yet
    for offer in Offer.objects.filter(paying | sides & Q(status__in=Offer.OUT)).order_by("pk"):
        text = _("The offer “%(title)s” is open") % {"title": offer.title}
        yield Blocker(text, reverse("contracts:offer", kwargs={"offer_id": offer.pk}))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Keep the person's name on messages until its day: some months after the contract that the room is about."""
    ContractReader.objects.filter(user_id=leaver.user_id).delete()
    rooms = {room.owner: room for room in rooms_written_in(leaver.user_id)}
    numbers = [int(owner.rpartition(":")[2]) for owner in rooms if owner.startswith("contract:")]
    for contract in Contract.objects.filter(pk__in=numbers).order_by("pk"):
        until = name_until(contract.ended_at) if contract.ended_at else None
        if until is None or until > at:
            room = rooms[contract.scope]
            keep_author_name(room_id=room.pk, user_id=leaver.user_id, name=leaver.name, until=until)


def name_until(ended_at: datetime) -> datetime:
    """Return until when the messages of a contract keep the names of those who left."""
    return ended_at + timedelta(days=rules().former_name_days)
