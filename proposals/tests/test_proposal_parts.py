"""Milestones, highlights and files of a proposal: kept as they were sent, refused where they cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction

from accounts.tests.cast import Person, make_client, make_member
from files.actions import FileGone
from files.queries import files_of, may_read_file
from jobs.models import Job
from messaging.guard import LeadsAway
from payments.queries import current_fees
from profiles.actions import delete_item, refuse_certification
from profiles.models import Certification, Profile, Section
from proposals.actions import (
    Highlight,
    HighlightsNotPossible,
    MilestonesNotPossible,
    MilestoneTerms,
    TermsNotPossible,
)
from proposals.models import Proposal
from proposals.queries import highlights_shown, quote_plan
from proposals.tests.cast import attach, bid, connects_of, make_job, party_of, show_off
from tests.nothing import nothing_happens

PLAN = (
    MilestoneTerms(" Audit ", 30_000, due_on=date(2026, 12, 1)),
    MilestoneTerms("Screens", 60_000),
)


def test_milestones_are_kept_in_their_order_and_sum_to_the_price(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at, milestones=PLAN)

    rows = list(proposal.milestones.values_list("position", "title", "amount", "due_on"))
    assert rows == [(0, "Audit", 30_000, date(2026, 12, 1)), (1, "Screens", 60_000, None)]
    assert (proposal.amount, proposal.version) == (90_000, 1)


@pytest.mark.parametrize(
    ("plan", "refusal", "words"),
    [
        ((MilestoneTerms("Audit", 89_999),), MilestonesNotPossible, "add up to €899.99, and the price is €900.00"),
        ((MilestoneTerms(" ", 90_000),), TermsNotPossible, "a title"),
        ((MilestoneTerms("Audit", 89_501), MilestoneTerms("Rest", 499)), TermsNotPossible, "€5.00 or more"),
        ((MilestoneTerms("Audit", 90_000, due_on=date.max),), TermsNotPossible, "Choose a day"),
        ((MilestoneTerms("Audit", 500),) * 21, TermsNotPossible, "at most 20 milestones"),
    ],
)
def test_milestones_that_cannot_be_are_refused_and_cost_nothing(
    bob: Person, job: Job, at: datetime, plan: tuple[MilestoneTerms, ...], refusal: type[Exception], words: str
) -> None:
    with nothing_happens(), pytest.raises(refusal, match=words):
        bid(bob, job, at=at, milestones=plan)
    assert connects_of(bob) == 40


def test_twenty_milestones_are_possible(bob: Person, job: Job, at: datetime) -> None:
    plan = [MilestoneTerms(f"Part {number}", 4_500) for number in range(20)]
    assert bid(bob, job, at=at, milestones=plan).milestones.count() == 20


def test_a_proposal_by_the_hour_has_no_milestones(alice: Person, bob: Person, at: datetime) -> None:
    job = make_job(alice, at=at, kind="hourly", budget=None, rate_low=4_000, rate_high=6_000, weekly_load=20)
    with nothing_happens(), pytest.raises(MilestonesNotPossible, match="by the hour"):
        bid(bob, job, at=at, amount=90_000, milestones=PLAN)


def test_contact_data_in_the_name_of_a_milestone_is_told_by_its_number(bob: Person, job: Job, at: datetime) -> None:
    plan = (PLAN[0], MilestoneTerms("Contact me on WhatsApp", 60_000))
    with nothing_happens(), pytest.raises(LeadsAway) as refusal:
        bid(bob, job, at=at, milestones=plan)
    assert list(refusal.value.problems) == ["milestone_1"]


def test_the_fee_is_taken_of_each_milestone_by_itself(bob: Person, job: Job) -> None:
    sides = {"payer_id": job.client_id, "payee_id": party_of(bob).pk}
    version = current_fees().version
    parts = quote_plan([505, 505, 505], version, **sides)
    assert (parts.gross, parts.fee, parts.net) == (1_515, 153, 1_362)  # 10 % of 5.05 is 0.51, three times
    assert quote_plan([1_515], version, **sides).fee == 152


def test_highlights_are_shown_in_the_order_of_the_form(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    work, certificate, done = show_off(bob, at=at)
    proposal = bid(bob, job, at=at, highlights=[done, work, certificate])

    shown = highlights_shown(proposal, alice.actor)
    titles = [(each.kind, each.title) for each in shown]
    name = Certification.objects.get().heading
    assert titles == [("work", "Kiosk at the gate"), ("portfolio", "Timetable of Brest"), ("certification", name)]
    assert (shown[0].amount, shown[1].text) == (140_000, "Thirty stops.")


def test_what_leaves_the_profile_or_is_refused_by_staff_leaves_the_proposal(
    alice: Person, bob: Person, marc: Person, job: Job, at: datetime
) -> None:
    work, certificate, done = show_off(bob, at=at)
    proposal = bid(bob, job, at=at, highlights=[work, certificate, done])
    profile = Profile.objects.get(party=party_of(bob))
    delete_item(profile_id=profile.pk, section=Section.PORTFOLIO, item_id=work.id, by=bob.actor, at=at)
    claim = Certification.objects.get()
    refuse_certification(
        certification_id=claim.pk, reason="It cannot be read.", seen_version=claim.version, by=marc.actor, at=at
    )

    assert [each.kind for each in highlights_shown(proposal, alice.actor)] == ["work"]


def test_highlights_are_of_ones_own_profile_few_and_each_once(
    bob: Person, chloe: Person, job: Job, at: datetime, settings: object
) -> None:
    work, certificate, done = show_off(bob, at=at)
    theirs = show_off(chloe, at=at)
    wrong: list[list[Highlight]] = [
        [theirs[0]],
        [theirs[1]],
        [theirs[2]],
        [work, work],
        [Highlight("portfolio", 10**9)],
        [Highlight("letter", work.id)],
    ]
    for chosen in wrong:
        with nothing_happens(), pytest.raises(HighlightsNotPossible):
            bid(bob, job, at=at, highlights=chosen)
    settings.PRODUCT = replace(django_settings.PRODUCT, proposal_highlights_maximum=2)  # type: ignore[attr-defined]
    with nothing_happens(), pytest.raises(HighlightsNotPossible, match="Choose 2 highlights at most"):
        bid(bob, job, at=at, highlights=[work, certificate, done])


def test_the_database_keeps_a_highlight_to_one_thing(bob: Person, job: Job, at: datetime) -> None:
    work, certificate, _done = show_off(bob, at=at)
    proposal = bid(bob, job, at=at, highlights=[work])
    with pytest.raises(IntegrityError, match="proposals_highlight_one_thing"), transaction.atomic():
        proposal.highlights.update(certification_id=certificate.id)


def test_files_are_read_by_both_sides_and_nobody_else(
    alice: Person, bob: Person, chloe: Person, marc: Person, job: Job, at: datetime
) -> None:
    file = attach(bob, at=at)
    proposal = bid(bob, job, at=at, file_ids=[file.pk])

    (kept,) = files_of("proposals.proposal", proposal.pk)
    finance = make_member("Fay", party_of(alice), "finance", at=at)
    stranger_to_the_job = make_member("Meg", party_of(alice), "member", at=at)
    readers = {
        "Alice": (alice, True),
        "Fay": (finance, True),
        "Bob": (bob, True),
        "Meg": (stranger_to_the_job, False),
        "Chloé": (chloe, False),
        "Eve": (make_client("Eve", at=at), False),
        "Marc": (marc, False),
    }
    assert {name: may_read_file(who.actor, kept) for name, (who, _right) in readers.items()} == {
        name: right for name, (_who, right) in readers.items()
    }


def test_a_file_of_somebody_else_is_not_sent_along(bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    theirs = attach(chloe, at=at)
    with nothing_happens(), pytest.raises(FileGone):
        bid(bob, job, at=at, file_ids=[theirs.pk])
    mine = attach(bob, at=at)
    first = bid(bob, job, at=at, file_ids=[mine.pk])
    with nothing_happens(), pytest.raises(FileGone):
        bid(chloe, job, at=at + timedelta(minutes=1), file_ids=[mine.pk])
    assert Proposal.objects.get() == first
