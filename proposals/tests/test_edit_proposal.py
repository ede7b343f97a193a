"""A letter is changed until it is opened, terms until an offer is made; each change is a revision."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import Person
from core.errors import NotAllowed
from events.models import Event
from files.queries import files_of
from jobs.models import Job
from messaging.guard import LeadsAway
from notifications.models import Notice
from proposals.actions import (
    AnswersMissing,
    LetterFixed,
    LetterMissing,
    MilestonesNotPossible,
    MilestoneTerms,
    NothingChanged,
    PriceTooLow,
    ProposalChanged,
    ProposalNotLive,
    edit_letter,
    edit_terms,
    mark_proposal_offered,
    mark_proposal_unoffered,
    view_proposal,
)
from proposals.models import Proposal, ProposalRevision
from proposals.queries import PlanRow, TermsBefore, revisions_of
from proposals.tests.cast import LETTER, attach, bid, make_job, show_off, talk, tell
from tests.nothing import nothing_happens

SECOND, HOURS = timedelta(seconds=1), timedelta(hours=6)
NEW = "I would start at the gate."
PLAN = (MilestoneTerms("Audit", 30_000, due_on=date(2026, 12, 1)), MilestoneTerms("Screens", 60_000))


def letter(proposal: Proposal, by: Person, at: datetime, **changes: Any) -> Proposal:
    values = {"letter": NEW, "answers": [], "language": "en", "seen_version": proposal.version}
    return edit_letter(proposal_id=proposal.pk, **{**values, **changes}, by=by.actor, at=at)


def terms(proposal: Proposal, by: Person, at: datetime, **changes: Any) -> Proposal:
    values = {"amount": 80_000, "duration": "weeks", "seen_version": proposal.version}
    return edit_terms(proposal_id=proposal.pk, **{**values, **changes}, by=by.actor, at=at)


def test_a_letter_is_changed_and_its_old_words_are_kept_nowhere(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    (work, _certificate, _done), file = show_off(bob, at=at), attach(bob, at=at)

    letter(proposal, bob, at + HOURS - SECOND, letter=f" {NEW} ", highlights=[work], file_ids=[file.pk], language="fr")

    proposal.refresh_from_db()
    assert (proposal.letter, proposal.language, proposal.version, proposal.status) == (NEW, "fr", 2, "submitted")
    assert proposal.highlights.get().portfolio_item_id == work.id
    assert [each.pk for each in files_of("proposals.proposal", proposal.pk)] == [file.pk]
    revision = ProposalRevision.objects.get()
    assert (revision.number, revision.part, revision.before, revision.author) == (2, "letter", {}, bob.user)
    event = Event.objects.get(kind="proposals.letter_edited")
    assert (event.subject, event.data) == (f"proposal:{proposal.pk}", {"version": 2})
    letter(proposal, bob, at + HOURS - SECOND, highlights=[work], file_ids=[], language="fr")
    assert files_of("proposals.proposal", proposal.pk) == []


@pytest.mark.parametrize("after", [HOURS, HOURS + SECOND])
def test_after_six_hours_a_letter_stays(bob: Person, job: Job, at: datetime, after: timedelta) -> None:
    proposal = bid(bob, job, at=at)
    with nothing_happens(), pytest.raises(LetterFixed, match="for 6 hours"):
        letter(proposal, bob, at + after)


def test_once_opened_a_letter_stays(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + SECOND)
    with nothing_happens(), pytest.raises(LetterFixed, match="has opened your proposal"):
        letter(proposal, bob, at + 2 * SECOND)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"letter": " "}, LetterMissing),
        ({"answers": ["One.", "Two."]}, AnswersMissing),
        ({"letter": f"{NEW} Contact me on WhatsApp."}, LeadsAway),
        ({"seen_version": 7}, ProposalChanged),
        ({"letter": LETTER}, NothingChanged),
    ],
)
def test_a_letter_that_cannot_be_is_refused(
    bob: Person, job: Job, at: datetime, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    proposal = bid(bob, job, at=at)
    with nothing_happens(), pytest.raises(refusal):
        letter(proposal, bob, at + SECOND, **changes)


def test_terms_are_changed_and_both_sides_read_what_they_were(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at, milestones=PLAN, duration="months")
    view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)
    later = at + timedelta(days=9)

    proposal = terms(proposal, bob, later)
    proposal = terms(proposal, bob, later + SECOND, amount=90_000, duration="weeks", milestones=PLAN[::-1])

    assert (proposal.amount, proposal.duration, proposal.version, proposal.status) == (90_000, "weeks", 3, "viewed")
    assert [each.title for each in proposal.milestones.all()] == ["Screens", "Audit"]
    newest, first = revisions_of(proposal)
    plan = (PlanRow("Audit", 30_000, date(2026, 12, 1)), PlanRow("Screens", 60_000, None))
    assert (first.number, first.at, first.is_terms) == (2, later, True)
    assert first.before == TermsBefore(90_000, "1 to 3 months", plan)
    assert newest.before == TermsBefore(80_000, None, ())
    assert Event.objects.filter(kind="proposals.terms_edited").count() == 2


def test_a_client_in_interview_is_told_of_new_terms_and_others_are_not(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = terms(bid(bob, job, at=at), bob, at + SECOND)
    talk(alice, proposal, at=at + SECOND)
    proposal = terms(proposal, bob, at + 2 * SECOND, amount=70_000)
    assert proposal.status == "interviewing"
    with nothing_happens(), pytest.raises(LetterFixed):
        letter(proposal, bob, at + 3 * SECOND)

    tell(at + 3 * SECOND)

    kinds = ("proposals.terms_edited", "proposals.terms_edited_in_interview")
    assert [Event.objects.filter(kind=kind).count() for kind in kinds] == [1, 1]
    told = Notice.objects.filter(kind__in=kinds).values_list("kind", "user")
    assert list(told) == [("proposals.terms_edited_in_interview", alice.user.pk)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount": 499}, PriceTooLow),
        ({"milestones": PLAN}, MilestonesNotPossible),
        ({"amount": 90_000, "milestones": (PLAN[0], MilestoneTerms("Contact me on WhatsApp", 60_000))}, LeadsAway),
        ({"seen_version": 2}, ProposalChanged),
        ({"amount": 90_000, "duration": ""}, NothingChanged),
    ],
)
def test_terms_that_cannot_be_are_refused(
    bob: Person, job: Job, at: datetime, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    proposal = bid(bob, job, at=at)
    with nothing_happens(), pytest.raises(refusal):
        terms(proposal, bob, at + SECOND, **changes)


def test_terms_stay_while_an_offer_is_out_and_may_change_after_it(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    with transaction.atomic():
        mark_proposal_offered(proposal_id=proposal.pk, at=at)
    for change in (letter, terms):
        with nothing_happens(), pytest.raises(ProposalNotLive, match="answer the offer instead"):
            change(proposal, bob, at + SECOND)
    with transaction.atomic():
        mark_proposal_unoffered(proposal_id=proposal.pk, at=at)
    assert terms(proposal, bob, at + SECOND).version == 2


def test_nobody_changes_the_proposal_of_another(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    for who in (alice, chloe):
        for change in (letter, terms):
            with nothing_happens(), pytest.raises(NotAllowed):
                change(proposal, who, at + SECOND)


def test_answers_are_changed_with_the_letter(alice: Person, bob: Person) -> None:
    at = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    job = make_job(alice, at=at, questions=("Which quay?",))
    proposal = bid(bob, job, at=at)
    changed = letter(proposal, bob, at + SECOND, letter=LETTER, answers=[" The north one. "])
    assert (changed.letter, changed.answers) == (LETTER, ["The north one."])
