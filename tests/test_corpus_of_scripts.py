"""Hostile texts in rooms, letters, plans, notes and names of files: read as text, and nothing of them runs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.tests.cast import sign_in
from contracts.models import Contract
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.clock import now
from files.models import StoredFile
from messaging.actions import post_message
from messaging.models import MESSAGE_FILES, Message
from messaging.queries import room_of
from proposals.actions import decline_proposal
from proposals.models import Interview, Proposal, ProposalMilestone, ProposalNote
from proposals.tests.cast import attach, propose, talk
from tests.corpus_of_scripts import PAYLOADS, live_parts

pytestmark = pytest.mark.django_db
#: The payloads as the database takes them, each with a word by which it is found.
STORED = [f"{payload} zebra{number}".replace("\x00", "") for number, payload in enumerate(PAYLOADS)]
ALL_STORED = "\n\n".join(STORED)


def harmless(client: Client, paths: Iterable[str]) -> str:
    """Return all that these pages show, of which nothing runs."""
    shown = ""
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert live_parts(page) == [], path
        shown += page
    return shown


def name_files(first: StoredFile, kind: str, ref: int) -> None:
    """Give a thing a file for each payload, of that name, whatever cleans names."""
    StoredFile.objects.filter(pk=first.pk).delete()
    for text in STORED:
        first.pk, first.path, first.name = uuid.uuid4(), uuid.uuid4().hex, text[:120]
        first.owner_kind, first.owner_ref, first.attached_at = kind, str(ref), now()
        first.save(force_insert=True)


@pytest.fixture
def deal() -> Deal:
    """Alice's job with Bob's proposal."""
    return cast.make_deal()


@pytest.fixture
def contract(deal: Deal) -> Contract:
    """The contract that came of it."""
    return cast.sign(deal)


def test_the_corpus_is_large_and_what_runs_is_noticed() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 40
    assert live_parts("<p>1 < 2</p><script src='/static/js/app.js'></script><a href='/messages/'>x</a>") == []
    raw = [text for text in PAYLOADS if text.startswith(("<", '"><', "</"))]
    unseen = [text for text in raw if not live_parts(f"<p>{text}</p>")]
    assert unseen == [
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<javascript:alert(1)>",
        "<!--><script>alert(1)</script>-->",
    ]


def test_nothing_in_a_message_an_answer_a_list_or_a_search_runs(client: Client, contract: Contract, deal: Deal) -> None:
    room = room_of(contract.scope)
    assert room is not None
    for number, payload in enumerate(PAYLOADS):
        text = f"{payload} zebra{number}"
        message = post_message(room_id=room.pk, text=text, token=f"p{number}", by=deal.bob.actor, at=now())
        post_message(
            room_id=room.pk, text="Seen", token=f"a{number}", by=deal.bob.actor, at=now(), quoted_id=message.pk
        )
    sign_in(client, deal.alice)
    newest = Message.objects.latest("pk").pk
    own, shown = f"/messages/{room.pk}/", ""
    pages = [own, f"{own}?before={newest - 49}", f"{own}news/?after=0", f"{own}?answer={message.pk}"]
    pages += ["/messages/", "/messages/?q=zebra", f"/contracts/{contract.pk}/messages/"]

    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert live_parts(page) == []
        shown += page
    for number in range(len(PAYLOADS)):
        assert f"zebra{number}" in shown


def test_nothing_in_a_refused_message_runs(client: Client, contract: Contract, deal: Deal) -> None:
    room = room_of(contract.scope)
    assert room is not None
    sign_in(client, deal.bob)
    text = "\n\n".join(PAYLOADS) + "a" * 5000

    answer = client.post(f"/rooms/{room.pk}/messages/", {"text": text, "token": "long"})

    assert answer.status_code == 422
    assert live_parts(answer.content.decode()) == []


def test_nothing_in_a_letter_runs(client: Client, deal: Deal) -> None:
    letter = "\n\n".join(f"{payload} zebra{number}" for number, payload in enumerate(PAYLOADS)).replace("\x00", "")
    Proposal.objects.filter(pk=deal.proposal.pk).update(letter=letter, created_at=now() - timedelta(hours=1))
    sign_in(client, deal.alice)

    page = client.get(f"/proposals/{deal.proposal.pk}/").content.decode()

    assert live_parts(page) == []
    assert f"zebra{len(PAYLOADS) - 1}" in page


def test_nothing_in_the_name_of_a_file_runs(client: Client, contract: Contract, deal: Deal) -> None:
    room = room_of(contract.scope)
    assert room is not None
    message = post_message(room_id=room.pk, text="Plans", token="plans", by=deal.bob.actor, at=now())
    post_message(room_id=room.pk, text="Seen", token="seen", by=deal.bob.actor, at=now(), quoted_id=message.pk)
    Message.objects.filter(pk=message.pk).update(text="")  # then the names stand for its words
    name_files(attach(deal.bob, at=now()), MESSAGE_FILES, message.pk)
    name_files(attach(deal.bob, at=now()), "proposals.proposal", deal.proposal.pk)
    own = f"/messages/{room.pk}/"

    for person in (deal.alice, deal.bob):
        sign_in(client, person)
        in_room = harmless(client, [own, f"{own}news/?after=0", f"{own}?answer={message.pk}", "/messages/"])
        in_proposal = harmless(client, [f"/proposals/{deal.proposal.pk}/"])
        for number in range(len(PAYLOADS)):
            assert f"zebra{number}" in in_room
            assert f"zebra{number}" in in_proposal


def test_nothing_in_a_plan_a_note_or_a_reply_runs(client: Client, deal: Deal) -> None:
    proposal = deal.proposal
    for number, text in enumerate(STORED):
        ProposalMilestone.objects.create(proposal=proposal, position=number, title=text[:120], amount=100)
        ProposalNote.objects.create(proposal=proposal, author=deal.alice.user, text=text, created_at=now())
    meeting = propose(deal.bob, talk(deal.alice, proposal, at=now()), at=now(), note="Bring the drawings.")
    Interview.objects.filter(pk=meeting.pk).update(note=ALL_STORED)
    room = room_of(meeting.conversation.scope)
    assert room is not None

    for person in (deal.alice, deal.bob):
        sign_in(client, person)
        planned = harmless(client, [f"/interviews/{meeting.pk}/", f"/messages/{room.pk}/"])
        shown = harmless(client, [f"/proposals/{proposal.pk}/"])
        for number in range(len(PAYLOADS)):
            assert f"zebra{number}" in planned
            assert f"zebra{number}" in shown

    decline_proposal(proposal_id=proposal.pk, reason="price", by=deal.alice.actor, at=now())
    Proposal.objects.filter(pk=proposal.pk).update(decline_message=ALL_STORED)
    ProposalMilestone.objects.filter(proposal=proposal).delete()
    told = harmless(client, [f"/proposals/{proposal.pk}/"])
    assert all(f"zebra{number}" in told for number in range(len(PAYLOADS)))
