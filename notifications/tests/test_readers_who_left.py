"""Who was taken out of a party, or of a room, gets no mail about it any more, and none that was waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership
from accounts.tests.cast import Person, make_member
from contracts.tests.cast import AT, Deal, make_deal, settle, sign
from messaging.actions import block_side, open_room, post_message
from messaging.models import Room
from messaging.queries import room_of
from notifications.actions import choose_channels, plan_digests, send_due_digests, send_due_mails
from notifications.models import Mail, Notice

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def deal() -> Deal:
    """Alice and Bob."""
    return make_deal()


@pytest.fixture
def helen(deal: Deal) -> Person:
    """Who hires for Alice's company."""
    return make_member("H\u00e9l\u00e8ne", deal.client, "hiring_manager", at=AT)


def told_by_mail() -> list[str]:
    """Return to whom mails go that are due an hour later."""
    mail.outbox.clear()
    send_due_mails(at=LATER)
    return sorted(each.to[0] for each in mail.outbox)


def write(deal: Deal, room: Room) -> None:
    post_message(room_id=room.pk, text="The quay is closed.", token="quay", by=deal.bob.actor, at=AT)
    settle()


@pytest.mark.parametrize("change", ["removed", "finance", "stays"])
def test_a_mail_that_waits_is_sent_to_those_who_still_read_the_room(deal: Deal, helen: Person, change: str) -> None:
    sides = [deal.client.pk, deal.freelancer.pk]
    talk = open_room(kind=Room.Kind.INTERVIEW, owner="conversation:910000077", title="Quay", party_ids=sides, at=AT)
    settle()
    Mail.objects.all().delete()
    write(deal, talk)
    membership = Membership.objects.filter(user=helen.user)
    changes: dict[str, dict[str, Any]] = {
        "removed": {"ended_at": AT},
        "finance": {"role": "finance"},
        "stays": {"role": "admin"},
    }
    membership.update(**changes[change])

    alone = [deal.alice.user.email]
    assert told_by_mail() == (sorted([*alone, helen.user.email]) if change == "stays" else alone)


def test_a_side_that_was_blocked_gets_no_mail_of_what_was_written_before(deal: Deal) -> None:
    sides = [deal.client.pk, deal.freelancer.pk]
    talk = open_room(kind=Room.Kind.INTERVIEW, owner="conversation:910000078", title="Quay", party_ids=sides, at=AT)
    settle()
    Mail.objects.all().delete()
    write(deal, talk)
    block_side(room_id=talk.pk, by=deal.bob.actor, at=AT)

    assert told_by_mail() == []


def test_who_was_removed_hears_nothing_of_the_party_even_of_what_is_essential(deal: Deal, helen: Person) -> None:
    sign(deal)
    settle()
    Mail.objects.all().delete()
    for number, kind in enumerate(("contracts.milestone_submitted", "payments.refund_denied")):
        words = {"contract": "Ferry site", "milestone": "Audit", "freelancer": "Bob", "amount": 5, "currency": "EUR"}
        notice = Notice.objects.create(
            user=helen.user,
            party=deal.client,
            event_id=number,
            kind=kind,
            data=words,
            path="/contracts/",
            created_at=AT,
        )
        Mail.objects.create(notice=notice, next_at=AT)
    Membership.objects.filter(user=helen.user).update(ended_at=AT)

    assert told_by_mail() == []
    assert set(Mail.objects.values_list("status", flat=True)) == {Mail.Status.SKIPPED}


@pytest.mark.parametrize("is_removed", [False, True])
def test_the_daily_mail_leaves_out_a_party_that_was_left(deal: Deal, helen: Person, is_removed: bool) -> None:
    monday, tuesday = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 3, 12, tzinfo=UTC)
    choose_channels(choices={"messages": "digest"}, by=helen.actor, at=monday)
    room = room_of(sign(deal).scope)
    assert room is not None
    Notice.objects.all().delete()
    Notice.objects.create(
        user=helen.user,
        party=deal.client,
        event_id=1,
        kind="messaging.message_posted",
        data={"author": "Bob", "contract": "Ferry site", "room": room.pk, "message": 1},
        path="/contracts/",
        created_at=monday,
    )
    if is_removed:
        Membership.objects.filter(user=helen.user).update(ended_at=AT)
    mail.outbox.clear()

    plan_digests(at=tuesday)
    send_due_digests(at=tuesday)

    assert [each.to for each in mail.outbox] == ([] if is_removed else [[helen.user.email]])
