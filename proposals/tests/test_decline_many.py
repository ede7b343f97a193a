"""Declining and labelling several proposals at once: templates, preview, one clear answer, and what is left out."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.utils import translation

from accounts.tests.cast import Person, make_client, make_member
from core.clock import now
from core.errors import NotAllowed
from events.models import Event
from jobs.models import Job
from messaging.guard import LeadsAway, find_contacts
from notifications.actions import compose
from notifications.models import Notice
from profiles.tests.cast import make_approved
from proposals.actions import (
    MOST_AT_ONCE,
    Outcome,
    TooManyAtOnce,
    archive_proposals,
    decline_proposals,
    unarchive_proposals,
    withdraw_proposal,
)
from proposals.models import Proposal
from proposals.replies import filled, replies
from proposals.tests.cast import bid, browser, make_job, party_of, tell
from tests.nothing import nothing_happens

TEXTS = {"en": "Hello {name}, thank you for “{job}”.", "fr": "Bonjour {name}, merci pour « {job} »."}


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def ines(marc: Person, at: datetime) -> Person:
    """Return Inès, who reads French."""
    person = make_approved("Inès", moderator=marc, at=at, language="fr")
    person.user.language = "fr"
    person.user.save(update_fields=["language"])
    tell(at)
    return person


@pytest.fixture
def both(bob: Person, ines: Person, job: Job, at: datetime) -> list[Proposal]:
    return [bid(bob, job, at=at), bid(ines, job, at=at)]


@pytest.fixture
def path(job: Job) -> str:
    return f"/jobs/{job.pk}/proposals/decline/"


@pytest.fixture
def hers(alice: Person) -> Client:
    return browser(alice)


def ids(proposals: list[Proposal]) -> list[int]:
    return [each.pk for each in proposals]


def test_each_reads_the_message_in_their_language_and_hears_of_it(
    alice: Person, bob: Person, ines: Person, job: Job, both: list[Proposal], at: datetime
) -> None:
    outcome = decline_proposals(
        job_id=job.pk, proposal_ids=ids(both), reason="price", messages=TEXTS, by=alice.actor, at=at
    )

    assert outcome == Outcome(done=2)
    said = list(Proposal.objects.order_by("pk").values_list("status", "decline_reason", "decline_message"))
    assert said == [
        ("declined", "price", f"Hello Bob D., thank you for “{job.title}”."),
        ("declined", "price", f"Bonjour Inès D., merci pour « {job.title} »."),
    ]
    assert Event.objects.filter(kind="proposals.proposal_declined").count() == 2
    tell(at)
    page = browser(bob).get(f"/proposals/{both[0].pk}/").content.decode()
    assert f"Hello Bob D., thank you for “{job.title}”." in page
    mail = compose(Notice.objects.get(user=bob.user, kind="proposals.proposal_declined"), bob.user)
    assert "The client wrote you a message with it" in mail.body
    assert "Hello Bob" not in Event.objects.filter(kind="proposals.proposal_declined").first().data.values()  # type: ignore[union-attr]


def test_those_withdrawn_or_answered_meanwhile_are_counted_and_the_rest_is_done(
    alice: Person, bob: Person, chloe: Person, job: Job, both: list[Proposal], at: datetime
) -> None:
    third = bid(chloe, job, at=at)
    withdraw_proposal(proposal_id=both[0].pk, by=bob.actor, at=at)
    decline_proposals(job_id=job.pk, proposal_ids=[third.pk], reason="other", messages={}, by=alice.actor, at=at)

    outcome = decline_proposals(
        job_id=job.pk, proposal_ids=[*ids(both), third.pk], reason="price", messages={}, by=alice.actor, at=at
    )

    assert outcome == Outcome(done=1, withdrawn=1, others=1)
    third.refresh_from_db()
    assert third.decline_reason == "other", "the first answer stands"


def test_proposals_of_another_job_are_left_out(
    alice: Person, chloe: Person, job: Job, both: list[Proposal], at: datetime
) -> None:
    other = bid(chloe, make_job(alice, at=at, title="Another job"), at=at)

    outcome = decline_proposals(
        job_id=job.pk, proposal_ids=[both[0].pk, other.pk], reason="price", messages={}, by=alice.actor, at=at
    )

    assert outcome == Outcome(done=1)
    other.refresh_from_db()
    assert other.status == Proposal.Status.SUBMITTED


def test_refusals_decline_nobody(alice: Person, bob: Person, job: Job, both: list[Proposal], at: datetime) -> None:
    people = [bob, make_client("Eve", at=at), make_member("Fay", party_of(alice), "finance", at=at)]
    with nothing_happens():
        for person in people:
            with pytest.raises(NotAllowed):
                decline_proposals(
                    job_id=job.pk, proposal_ids=ids(both), reason="price", messages={}, by=person.actor, at=at
                )
        with pytest.raises(LeadsAway):
            decline_proposals(
                job_id=job.pk,
                proposal_ids=ids(both),
                reason="price",
                messages={"en": "Call 06 12 34 56 78"},
                by=alice.actor,
                at=at,
            )
        for chosen in ([], list(range(1, MOST_AT_ONCE + 2))):
            with pytest.raises(TooManyAtOnce):
                decline_proposals(
                    job_id=job.pk, proposal_ids=chosen, reason="price", messages={}, by=alice.actor, at=at
                )


def test_the_page_starts_from_a_text_previews_and_declines(
    hers: Client, path: str, bob: Person, job: Job, both: list[Proposal], at: datetime
) -> None:
    start = hers.get(f"{path}?reply=budget&p={both[0].pk}&p={both[1].pk}").content.decode()
    assert "its price is above what we can spend" in start
    assert "son prix dépasse" in start

    given = {"p": ids(both), "reason": "price", "message_en": TEXTS["en"], "message_fr": ""}
    with nothing_happens():
        preview = hers.post(path, {**given, "step": "preview"}).content.decode()
    assert f"Hello Bob D., thank you for “{job.title}”." in preview
    assert "No message: they read the reason alone." in preview
    assert "Decline 2 proposals" in preview

    withdraw_proposal(proposal_id=both[0].pk, by=bob.actor, at=at)
    done = hers.post(path, {**given, "step": "send"}, follow=True).content.decode()
    assert "1 proposal declined. 1 had been withdrawn." in done


@pytest.mark.parametrize("step", ["preview", "send"])
def test_contact_data_is_shown_beside_its_text(hers: Client, path: str, both: list[Proposal], step: str) -> None:
    given = {"p": ids(both), "reason": "price", "message_en": "Call 06 12 34 56 78", "step": step}
    with nothing_happens():
        page = hers.post(path, given)

    assert page.status_code == 422
    assert "id_message_en_error" in page.content.decode()


def test_nothing_to_decline_says_so(hers: Client, path: str, both: list[Proposal]) -> None:
    for query in ("", "?p=", "?p=abc&p=-1&p=99999999999999999999", f"?p={both[0].pk + 1000}"):
        assert "Nothing to decline" in hers.get(path + query).content.decode(), query


def test_a_message_is_written_for_a_single_no_too(hers: Client, bob: Person, both: list[Proposal]) -> None:
    one = f"/proposals/{both[0].pk}/decline/"
    with nothing_happens():
        assert hers.post(one, {"reason": "other", "message": "Call 06 12 34 56 78"}).status_code == 422

    hers.post(one, {"reason": "other", "message": "Your idea of the quay was good."})

    assert "Your idea of the quay was good." in browser(bob).get(f"/proposals/{both[0].pk}/").content.decode()


def test_labels_are_put_on_several_and_the_list_stays_as_it_was(
    hers: Client, alice: Person, job: Job, both: list[Proposal], at: datetime
) -> None:
    path = f"/jobs/{job.pk}/proposals/labels/"
    answer = hers.post(f"{path}?label=shortlist&sort=price&tab=all", {"p": ids(both)})
    assert answer.headers["Location"] == f"/jobs/{job.pk}/proposals/?sort=price&tab=all"
    assert Proposal.objects.filter(shortlisted_at__isnull=False).count() == 2

    archive_proposals(job_id=job.pk, proposal_ids=ids(both), by=alice.actor, at=at)
    assert Proposal.objects.filter(archived_at__isnull=False, status="submitted").count() == 2
    unarchive_proposals(job_id=job.pk, proposal_ids=ids(both)[:1], by=alice.actor, at=at)
    assert Proposal.objects.filter(archived_at=None).get() == both[0]
    with nothing_happens():
        assert hers.post(f"{path}?label=hide", {"p": ids(both)}).status_code == 404
        assert hers.post(f"{path}?label=archive").status_code == 302
    assert "Choose at least one proposal." in hers.get(f"/jobs/{job.pk}/proposals/").content.decode()


def test_every_reply_is_polite_in_both_languages_and_passes_the_guard() -> None:
    assert len(replies()) == 5
    for reply in replies():
        assert reply.reason in Proposal.DeclineReason.values
        for language, greeting in (("en", "Hello Bob,"), ("fr", "Bonjour Bob,")):
            with translation.override(language):
                text = filled(reply.texts[language], name="Bob", job="A {quay} site")
            assert text.startswith(greeting)
            assert "A {quay} site" in text
            assert "{name}" not in text
            assert not find_contacts(text), reply.key
            assert len(text) < 600
