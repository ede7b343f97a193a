"""What a freelancer's profile shows of contracts: written from their events, in any order; amounts hidden at will."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.tests.cast import Person, sign_in
from contracts import actions
from contracts.models import Contract, Milestone
from contracts.tests import cast
from contracts.tests.cast import AT, Deal
from core.errors import NotAllowed, NotFound
from events.actions import deliver_due
from jobs.models import Job
from payments.actions import give_back_release
from payments.models import Release
from profiles.actions import (
    ItemNotPossible,
    PortfolioTexts,
    add_item,
    hide_work_amount,
    show_work_amount,
)
from profiles.models import PortfolioItem, Profile, WorkHistory
from profiles.tests.cast import make_approved
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal() -> Deal:
    return cast.make_deal()


def _profile(deal: Deal) -> Profile:
    return Profile.objects.get(party=deal.freelancer)


def _ended(deal: Deal, **terms: object) -> Contract:
    """Return a contract of one milestone, paid and ended."""
    contract = cast.sign(deal, actions.MilestoneTerms(title="All of it", amount=100_000), at=AT)
    milestone = Milestone.objects.get(contract=contract)
    actions.release_milestone(
        milestone_id=milestone.pk, seen_version=milestone.version, by=deal.alice.actor, at=AT + timedelta(days=2)
    )
    contract.refresh_from_db()
    actions.end_contract(
        contract_id=contract.pk,
        decisions={},
        reason="done",
        note="",
        by=deal.alice.actor,
        at=AT + timedelta(days=3),
    )
    deliver_due(at=AT + timedelta(days=3))
    contract.refresh_from_db()
    assert contract.status == "ended"
    return contract


def test_a_contract_stands_in_the_history_from_its_start_to_its_end(deal: Deal) -> None:
    contract = _ended(deal)
    work = WorkHistory.objects.get(contract_id=contract.pk)
    assert (work.party_id, work.title, work.amount) == (deal.freelancer.pk, contract.title, 100_000)
    assert (work.started_at, work.ended_at) == (contract.started_at, AT + timedelta(days=3))
    page = Client().get(f"/f/{_profile(deal).slug}/").content.decode()
    assert contract.title in page
    assert "€1,000" in page


def test_what_went_back_counts_no_more(deal: Deal) -> None:
    contract = _ended(deal)
    release = Release.objects.get(scope=contract.scope)
    give_back_release(release_id=release.pk, gross=50_000, by=deal.bob.actor, at=AT + timedelta(days=4))
    deliver_due(at=AT + timedelta(days=4))
    assert WorkHistory.objects.get(contract_id=contract.pk).amount == 50_000


def test_a_running_contract_is_on_no_public_page(deal: Deal) -> None:
    contract = cast.sign(deal, at=AT)
    deliver_due(at=AT)
    assert WorkHistory.objects.get(contract_id=contract.pk).ended_at is None
    assert contract.title not in Client().get(f"/f/{_profile(deal).slug}/").content.decode()


def test_contracts_from_before_are_written_by_the_clock(deal: Deal) -> None:
    contract = _ended(deal)
    WorkHistory.objects.all().delete()
    assert [actions.write_missing_work_history(at=AT) for _time in range(2)] == [1, 0]
    assert WorkHistory.objects.get(contract_id=contract.pk).amount == 100_000


def test_a_hidden_amount_is_for_its_freelancer_alone_and_stays_hidden(deal: Deal, client: Client) -> None:
    contract = _ended(deal)
    profile, work = _profile(deal), WorkHistory.objects.get(contract_id=contract.pk)
    sign_in(client, deal.bob)
    assert client.post(f"/profile/history/{work.pk}/hide/").status_code == 302
    actions.write_work_history(contract_id=contract.pk, at=AT)
    address = f"/f/{profile.slug}/"
    assert ">€1,000<" not in _history(Client(), address)
    assert ">€1,000<" in _history(client, address)
    show_work_amount(profile_id=profile.pk, work_id=work.pk, by=deal.bob.actor, at=AT)
    assert ">€1,000<" in _history(Client(), address)


def _history(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition('id="history"')[2]


def test_only_the_freelancer_hides_it(deal: Deal) -> None:
    contract = _ended(deal)
    profile, work = _profile(deal), WorkHistory.objects.get(contract_id=contract.pk)
    with nothing_happens(), pytest.raises(NotAllowed):
        hide_work_amount(profile_id=profile.pk, work_id=work.pk, by=deal.alice.actor, at=AT)
    chloe = make_approved("Chloé", at=AT)
    with nothing_happens(), pytest.raises(NotFound):
        hide_work_amount(profile_id=_profile_of(chloe).pk, work_id=work.pk, by=chloe.actor, at=AT)


def _profile_of(person: Person) -> Profile:
    return Profile.objects.get(party=person.party)


def test_the_title_of_a_job_that_was_not_public_is_kept_from_visitors(deal: Deal, client: Client) -> None:
    Job.objects.filter(pk=deal.job.pk).update(visibility="signed_in")
    contract = _ended(deal)
    address = f"/f/{_profile(deal).slug}/"
    page = Client().get(address).content.decode()
    assert (contract.title in page, "A job that was not public" in page) == (False, True)
    sign_in(client, deal.alice)
    assert contract.title in client.get(address).content.decode()


def test_a_work_names_the_contract_that_it_came_from(deal: Deal, client: Client) -> None:
    contract = _ended(deal)
    sign_in(client, deal.bob)
    work = WorkHistory.objects.get(contract_id=contract.pk)
    assert contract.title in client.get("/profile/portfolio/add/").content.decode()
    assert client.post("/profile/portfolio/add/", {"heading": "A kiosk", "work": work.pk}).status_code == 302
    assert PortfolioItem.objects.get(heading="A kiosk").work_id == work.pk
    page = Client().get(f"/f/{_profile(deal).slug}/").content.decode()
    assert "Done on Jalon" in page


def test_a_contract_of_somebody_else_is_refused(deal: Deal, client: Client) -> None:
    contract = _ended(deal)
    work = WorkHistory.objects.get(contract_id=contract.pk)
    chloe = make_approved("Chloé", at=AT)
    texts = PortfolioTexts(heading="Mine", work_id=work.pk)
    with nothing_happens(), pytest.raises(ItemNotPossible):
        add_item(profile_id=_profile_of(chloe).pk, texts=texts, by=chloe.actor, at=AT)
    sign_in(client, chloe)
    assert 'name="work"' not in client.get("/profile/portfolio/add/").content.decode()
