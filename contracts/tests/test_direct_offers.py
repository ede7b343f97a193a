"""Offers made without a proposal: to whom, on which job, and that the machine is the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.cast import make_client, make_member, make_staff
from contracts import actions
from contracts.models import Contract, Offer
from contracts.queries import offers_for
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotAllowed, NotFound
from files.actions import store_file
from files.queries import file_for, files_of
from jobs.models import Job
from messaging.guard import LeadsAway
from payments.models import Refund
from profiles.models import Profile, WorkHistory
from profiles.tests.cast import make_approved, make_studio
from proposals.actions import withdraw_proposal
from proposals.models import Proposal
from proposals.tests.cast import bid, make_job

Status = Offer.Status


@pytest.fixture
def other(deal: Deal) -> Deal:
    """Return another open job of Alice's, on which Bob has not bid."""
    return Deal(
        deal.alice, deal.bob, make_job(deal.alice, at=cast.AT, title="Kiosk"), deal.proposal, deal.card, cast.AT
    )


def write(deal: Deal, *, on_job: bool = True, **changes: Any) -> Offer:
    """Return a draft of Alice's to Bob, on her job or on none."""
    says: dict[str, Any] = {
        "client_id": deal.client.pk,
        "freelancer_id": deal.freelancer.pk,
        "job_id": deal.job.pk if on_job else None,
        "worker_id": None,
        "terms": cast.terms(),
        "by": deal.alice.actor,
        "at": cast.AT,
        **changes,
    }
    return actions.write_direct_offer(**says)


def send(deal: Deal, draft: Offer) -> Offer:
    actions.send_offer(
        offer_id=draft.pk, method_id=deal.card.pk, seen_version=draft.version, by=deal.alice.actor, at=cast.AT
    )
    cast.settle()
    return cast.fresh(draft)


@pytest.mark.parametrize("on_job", [True, False], ids=["on a job", "on none"])
def test_a_direct_offer_is_paid_shown_negotiated_and_accepted(other: Deal, on_job: bool) -> None:
    draft = write(other, on_job=on_job)
    assert not offers_for(other.bob.actor).exists()
    offer = send(other, draft)
    assert (offer.status, offer.proposal_id, cast.money(f"held:{offer.holder}")) == (Status.PENDING, None, 100_000)
    assert list(offers_for(other.bob.actor)) == [offer]

    cast.agree(other, cast.counter(other, offer))
    cast.settle()
    offer = cast.fresh(offer)
    contract = actions.accept_offer(
        offer_id=offer.pk, seen_version=offer.version, by=other.bob.actor, at=cast.AT + timedelta(hours=1)
    )
    cast.settle(cast.AT + timedelta(hours=1))

    assert contract.job_id == (other.job.pk if on_job else None)
    assert cast.money(f"held:{cast.milestone(contract).holder}") == 130_000
    if on_job:
        assert (cast.fresh(other.job).status, cast.fresh(other.job).hires_made) == (Job.Status.FILLED, 1)
    row = WorkHistory.objects.get(contract_id=contract.pk)
    assert (row.title, row.is_title_public) == ((contract.title, True) if on_job else ("", False))
    cast.assert_books_clean()


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired"])
def test_an_ended_one_returns_its_money(other: Deal, end: str) -> None:
    offer = send(other, write(other, on_job=False))
    at = cast.AT + timedelta(days=8)
    if end == "declined":
        actions.decline_offer(offer_id=offer.pk, note="", by=other.bob.actor, at=cast.AT)
    elif end == "withdrawn":
        actions.withdraw_offer(offer_id=offer.pk, by=other.alice.actor, at=cast.AT)
    else:
        actions.expire_offers(at=at)

    assert (cast.fresh(offer).status, Refund.objects.get(source=offer.holder).gross) == (end, 100_000)
    cast.settle(at)
    cast.assert_books_clean()


def test_only_a_draft_is_written_again(other: Deal) -> None:
    draft = write(other)
    again = write(other, terms=cast.terms(*cast.CHEAPER))
    assert (again.pk, again.version) == (draft.pk, draft.version + 1)

    actions.send_offer(
        offer_id=draft.pk, method_id=other.card.pk, seen_version=again.version, by=other.alice.actor, at=cast.AT
    )
    with cast.nothing_happens(actions.OfferNotDraft):
        write(other)
    cast.settle()
    with cast.nothing_happens(actions.OfferNotDraft):
        write(other)


def test_who_sent_a_proposal_gets_the_offer_on_it(deal: Deal) -> None:
    with cast.nothing_happens(actions.HasProposed):
        write(deal)


@pytest.mark.parametrize("is_credit", [False, True], ids=["card", "credit"])
def test_who_sent_a_proposal_meanwhile_gets_the_offer_on_it(other: Deal, is_credit: bool) -> None:
    draft = write(other)
    proposal = bid(other.bob, other.job, at=cast.AT)
    with cast.nothing_happens(actions.HasProposed):
        if is_credit:
            actions.send_offer_from_credit(
                offer_id=draft.pk, seen_version=draft.version, by=other.alice.actor, at=cast.AT
            )
        else:
            send(other, draft)

    withdraw_proposal(proposal_id=proposal.pk, by=other.bob.actor, at=cast.AT)
    assert send(other, draft).status == Status.PENDING


def test_nobody_else_writes_in_the_clients_name(other: Deal) -> None:
    finance = make_member("Farid", other.client, "finance", at=cast.AT)
    for actor in (other.bob.actor, make_client("Eve", at=cast.AT).actor, finance.actor, cast.SYSTEM):
        with cast.nothing_happens(NotAllowed):
            write(other, by=actor)


def test_the_job_is_an_open_one_of_the_client(other: Deal) -> None:
    eve = make_client("Eve", at=cast.AT)
    foreign = make_job(eve, at=cast.AT, title="Another's")
    with cast.nothing_happens(actions.JobNotLive):
        write(other, job_id=foreign.pk)
    from jobs.actions import close_job

    close_job(job_id=other.job.pk, by=other.alice.actor, at=cast.AT)
    with cast.nothing_happens(actions.JobNotLive):
        write(other)


def test_a_hidden_profile_a_client_and_ones_own_people_get_none(other: Deal) -> None:
    eve = make_client("Eve", at=cast.AT)
    assert eve.party is not None
    with cast.nothing_happens(actions.NotReachable):
        write(other, freelancer_id=eve.party.pk)
    make_member("Bob2", other.client, "member", at=cast.AT)
    Profile.objects.filter(party=other.freelancer).update(visibility=Profile.Visibility.PRIVATE)
    with cast.nothing_happens(actions.NotReachable):
        write(other)


def test_contact_data_is_refused_in_it(other: Deal) -> None:
    with cast.nothing_happens(LeadsAway):
        write(other, terms=cast.terms(deliverables="Write to alice@rivage.fr and we agree there."))


def test_an_agency_is_told_who_does_the_work(other: Deal) -> None:
    studio = make_studio(moderator=make_staff("Maya", "moderator", at=cast.AT), at=cast.AT)
    cast.settle()
    agency = studio.olga.party
    assert agency is not None
    with cast.nothing_happens(actions.WorkerMissing):
        write(other, freelancer_id=agency.pk)
    with cast.nothing_happens(actions.WorkerMissing):
        write(other, freelancer_id=agency.pk, worker_id=other.bob.user.pk)
    with cast.nothing_happens(actions.WorkerMissing):
        write(other, worker_id=other.bob.user.pk)

    offer = send(other, write(other, freelancer_id=agency.pk, worker_id=studio.nina.user.pk))

    assert (offer.status, offer.worker_id) == (Status.PENDING, studio.nina.user.pk)


def test_what_is_attached_goes_along_to_the_contract_and_to_nobody_else(other: Deal) -> None:
    upload = SimpleUploadedFile("brief.txt", b"What the kiosk must do.")
    file = store_file(upload=upload, kind="contracts.offer", by=other.alice.actor, at=cast.AT)
    draft = write(other, file_ids=[file.pk])
    with pytest.raises(NotFound):
        file_for(other.bob.actor, file.pk)
    offer = send(other, draft)

    assert [each.name for each in files_of("contracts.offer", offer.pk)] == ["brief.txt"]
    assert file_for(other.bob.actor, file.pk).pk == file.pk
    with pytest.raises(NotFound):
        file_for(make_approved("Chloe", at=cast.AT).actor, file.pk)
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=other.bob.actor, at=cast.AT)
    assert file_for(other.bob.actor, file.pk).pk == file.pk
    assert Contract.objects.get(offer=offer).duration == "weeks"


def test_the_others_are_told_when_a_direct_hire_fills_the_job(deal: Deal) -> None:
    chloe = make_approved("Chloe", at=cast.AT)
    cast.settle()
    direct = Deal(deal.alice, chloe, deal.job, deal.proposal, deal.card, cast.AT)
    offer = send(direct, write(direct))
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=chloe.actor, at=cast.AT)
    cast.settle()

    from notifications.models import Notice

    assert cast.fresh(deal.proposal).status == Proposal.Status.CLOSED
    assert Notice.objects.filter(user=deal.bob.user, kind="proposals.proposal_closed").count() == 1
