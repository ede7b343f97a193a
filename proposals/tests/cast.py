"""Open jobs and bids for tests, made through the product's own verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Party
from accounts.tests.cast import Person, make_staff, sign_in
from core.clock import now
from events.actions import deliver_due
from events.models import Delivery
from files.actions import store_file
from files.models import StoredFile
from jobs.actions import JobTerms, approve_job, publish_job, start_draft
from jobs.models import Job
from ledger.queries import balance
from payments.tests import cards
from profiles.actions import PortfolioTexts, WorkFacts, add_item, note_work
from profiles.models import Profile
from profiles.tests.cast import add_certificate
from proposals.actions import (
    Highlight,
    InterviewTerms,
    accept_interview,
    buy_connects,
    message_proposal,
    propose_interview,
    submit_proposal,
)
from proposals.models import ConnectLot, Conversation, Interview, Proposal
from taxonomy.models import Category, Skill
from tests.remembered import remembered

DESCRIPTION = "We run four ferry lines and need the checkout of our booking site reworked, tested and handed over. "
LETTER = "I have rebuilt two booking sites like yours. I would start with the passenger step."


def tell(at: datetime) -> None:
    """Deliver every event that waits; a handler that breaks breaks the test."""
    while deliver_due(at=at + timedelta(seconds=1), limit=500):
        pass
    assert list(Delivery.objects.exclude(error="").values_list("handler", "error")) == []


def make_terms(**changes: object) -> JobTerms:
    """Return a complete fixed-price job of 1 000, which costs 5 connects."""
    terms = {
        "title": "Rework the checkout of a ferry site",
        "description": DESCRIPTION,
        "category_id": Category.objects.order_by("position").values_list("pk", flat=True)[0],
        "skill_ids": tuple(Skill.objects.order_by("pk").values_list("pk", flat=True)[:2]),
        "kind": Job.Kind.FIXED,
        "budget": 100_000,
        "level": "intermediate",
        "duration": Job.Duration.MONTHS,
    }
    return JobTerms(**{**terms, **changes})  # type: ignore[arg-type]


@remembered
def make_job(client: Person, *, at: datetime | None = None, **changes: object) -> Job:
    """Return an open job of the client, reviewed where it had to be."""
    moment = at or now()
    if client.party is None:
        raise ValueError("a job belongs to a party")
    job = start_draft(client_id=client.party.pk, terms=make_terms(**changes), by=client.actor, at=moment)
    job = publish_job(job_id=job.pk, by=client.actor, at=moment)
    if job.status == Job.Status.IN_REVIEW:
        moderator = make_staff("Marc", "moderator", email=f"moderator-{job.pk}@example.com")
        job = approve_job(job_id=job.pk, by=moderator.actor, at=moment)
    return job


@remembered
def bid(freelancer: Person, job: Job, *, at: datetime | None = None, **changes: Any) -> Proposal:
    """Return a proposal of the freelancer on the job."""
    values: dict[str, Any] = {
        "amount": 90_000 if job.kind == Job.Kind.FIXED else 5_000,
        "duration": "",
        "letter": LETTER,
        "answers": ["Yes, on the quay."] * len(job.questions),
        "language": "en",
    }
    return submit_proposal(
        job_id=job.pk,
        **{**values, **changes},
        by=freelancer.actor,
        at=at or now(),
    )


def talk(client: Person, proposal: Proposal, *, at: datetime | None = None) -> Conversation:
    """Return the conversation about a proposal, which its client begins."""
    message_proposal(
        proposal_id=proposal.pk,
        text="Which quay do you mean?",
        token=f"talk-{proposal.pk}",
        by=client.actor,
        at=at or now(),
    )
    return Conversation.objects.select_related("job").get(job_id=proposal.job_id, party_id=proposal.party_id)


def propose(
    person: Person,
    conversation: Conversation,
    *,
    at: datetime | None = None,
    days: Sequence[int] = (2, 3),
    **terms: Any,
) -> Interview:
    """Return an interview that the person proposes at the same hour, so many days ahead."""
    moment = at or now()
    starts = [moment + timedelta(days=each) for each in days]
    values = {"starts": starts, "minutes": 30, **terms}
    return propose_interview(
        conversation_id=conversation.pk, terms=InterviewTerms(**values), by=person.actor, at=moment
    )


def agree(person: Person, interview: Interview, *, at: datetime | None = None) -> Interview:
    """Return the interview, for which the person takes the first time."""
    slot = interview.slots.first()
    if slot is None:
        raise ValueError("an interview has times")
    return accept_interview(
        interview_id=interview.pk, slot_id=slot.pk, seen_version=interview.version, by=person.actor, at=at or now()
    )


def party_of(person: Person) -> Party:
    """Return the party that the person acts for."""
    if person.party is None:
        raise ValueError("this person has no party")
    return person.party


def connects_of(person: Person) -> int:
    """Return what the ledger says the person's party holds."""
    return balance(f"connects:party:{party_of(person).pk}", "CONNECT")


def lots_of(person: Person) -> list[tuple[str, int]]:
    """Return the origin of each lot of the person's party and what is left of it, in the order they came."""
    lots = ConnectLot.objects.filter(party=party_of(person)).order_by("created_at", "pk")
    return [(str(lot.origin), lot.left) for lot in lots]


def stock_up(person: Person, quantity: int, *, at: datetime) -> None:
    """Let the person buy so many connects with a card that works."""
    card = cards.make_card(person, at=at)
    while quantity > 0:
        part = min(quantity, 500)
        token = f"stock-{ConnectLot.objects.count()}"
        buy_connects(
            party_id=party_of(person).pk, quantity=part, method_id=card.pk, token=token, by=person.actor, at=at
        )
        cards.settle_all(at + cards.SANDBOX_TIME)
        quantity -= part


def browser(person: Person) -> Client:
    """Return a browser in which the person is signed in."""
    client = Client()
    sign_in(client, person)
    return client


def statements(client: Client, path: str) -> int:
    """Return how many statements the page costs when it is opened for the second time."""
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len([query for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]])


def attach(person: Person, name: str = "route.txt", content: bytes = b"Four lines.", *, at: datetime) -> StoredFile:
    """Return a file that the person has uploaded for a proposal and not sent yet."""
    upload = SimpleUploadedFile(name, content)
    return store_file(upload=upload, kind="proposals.proposal", by=person.actor, at=at)


def show_off(person: Person, *, at: datetime) -> tuple[Highlight, Highlight, Highlight]:
    """Return a portfolio work, a certificate and an ended contract of the person's profile, put there now."""
    profile = Profile.objects.get(party=party_of(person))
    work = add_item(
        profile_id=profile.pk,
        texts=PortfolioTexts(heading="Timetable of Brest", text="Thirty stops."),
        by=person.actor,
        at=at,
    )
    certificate = add_certificate(person, at=at)
    done = WorkFacts(
        contract_id=9_000_000 + party_of(person).pk,
        party_id=party_of(person).pk,
        title="Kiosk at the gate",
        is_title_public=True,
        language="en",
        started_at=at - timedelta(days=40),
        ended_at=at - timedelta(days=10),
        amount=140_000,
        currency="EUR",
    )
    kept = note_work(facts=done, at=at)
    return Highlight("portfolio", work.pk), Highlight("certification", certificate.pk), Highlight("work", kept.pk)
