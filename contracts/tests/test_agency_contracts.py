"""Contracts of agencies: the worker is named, delivers and writes; the money is the agency's and its sums its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.actions import leave_party, save_agency_rules
from accounts.models import Membership, Party
from accounts.queries import acting, leaver_of, reader_of
from accounts.tests.cast import Person, leave_agency, make_client, make_staff
from contracts import actions
from contracts import privacy as contracts_privacy
from contracts.models import Contract, Offer
from contracts.queries import contracts_for, contracts_without_worker, contracts_worked_on, offers_for
from contracts.tests import cast
from contracts.tests.cast import Deal, nothing_happens
from core.errors import NotAllowed
from messaging import privacy as messaging_privacy
from messaging.actions import post_message
from messaging.models import Room
from messaging.permissions import can_read_room
from messaging.queries import belongs_to_room
from notifications import privacy as notifications_privacy
from notifications.models import Notice
from payments.models import Release
from payments.tests import cards
from profiles.models import PartyFacts
from profiles.tests.cast import Studio, make_approved, make_studio
from proposals import privacy as proposals_privacy
from proposals.actions import ExclusiveToAgency
from proposals.tests.cast import bid, browser, make_job
from tests.remembered import remembered

Team = tuple[Studio, Deal]


@remembered
def make_team() -> Team:
    """Return Olga's agency and its deal with Alice: a proposal that names Nina."""
    alice = make_client("Alice", at=cast.AT)
    studio = make_studio(moderator=make_staff("Marc", "moderator", at=cast.AT), at=cast.AT)
    cards.settle_all(cast.AT)
    job = make_job(alice, at=cast.AT, hires_wanted=3)
    proposal = bid(studio.olga, job, at=cast.AT, worker_id=studio.nina.user.pk)
    return studio, Deal(alice, studio.olga, job, proposal, cards.make_card(alice, at=cast.AT), cast.AT)


@pytest.fixture
def team(db: None) -> Team:
    """Return the agency and its deal."""
    return make_team()


@pytest.fixture
def studio(team: Team) -> Studio:
    """Return Olga's agency."""
    return team[0]


@pytest.fixture
def deal(team: Team) -> Deal:
    """Return the agency's deal with Alice."""
    return team[1]


@pytest.fixture
def contract(deal: Deal) -> Contract:
    """Return the agency's contract, on which Nina works."""
    return cast.sign(deal)


def _submit(person: Person, contract: Contract) -> Any:
    first = cast.milestone(contract)
    return actions.submit_milestone(
        milestone_id=first.pk,
        note="The first screens.",
        file_ids=[],
        seen_version=first.version,
        by=person.actor,
        at=cast.AT,
    )


def test_offer_and_contract_name_the_worker_and_are_the_agencys(deal: Deal, studio: Studio) -> None:
    offer = cast.send(deal)
    assert (offer.freelancer, offer.worker) == (studio.party, studio.nina.user)
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=studio.olga.actor, at=cast.AT)
    assert (contract.freelancer, contract.worker) == (studio.party, studio.nina.user)


def test_the_named_worker_does_not_bind_the_agency(deal: Deal, studio: Studio) -> None:
    offer = cast.send(deal)
    with nothing_happens(NotAllowed):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=studio.nina.actor, at=cast.AT)


def test_the_named_worker_delivers_and_another_does_not(contract: Contract, studio: Studio) -> None:
    with nothing_happens(NotAllowed):
        _submit(studio.emil, contract)
    with nothing_happens(NotAllowed):
        _submit(studio.own["nina"], contract)
    assert _submit(studio.nina, contract).status == "submitted"


def test_owner_and_administrator_deliver_too(contract: Contract, studio: Studio) -> None:
    Membership.objects.filter(user=studio.emil.user, party=studio.party).update(role="admin")
    admin = Person(studio.emil.user, studio.party, acting(studio.emil.user, studio.party.pk).actor)
    assert _submit(admin, contract).status == "submitted"


def test_the_money_is_the_agencys_and_counts_for_it(deal: Deal, contract: Contract, studio: Studio) -> None:
    cast.released(deal, contract)
    cast.settle()
    release = Release.objects.get(scope=contract.scope)
    assert (release.payee, release.net) == (studio.party, 90_000)
    facts = PartyFacts.objects.get(party=studio.party)
    assert (facts.earned, facts.hires) == (90_000, 1)
    assert not PartyFacts.objects.filter(party=studio.own["nina"].party, earned__gt=0).exists()


def test_named_workers_see_what_they_work_on_and_nothing_else(contract: Contract, studio: Studio) -> None:
    seen = {name: list(contracts_for(getattr(studio, name).actor)) for name in ("olga", "nina", "emil")}
    assert seen == {"olga": [contract], "nina": [contract], "emil": []}
    offers = {name: list(offers_for(getattr(studio, name).actor)) for name in ("olga", "nina", "emil")}
    offer = Offer.objects.get()
    assert offers == {"olga": [offer], "nina": [offer], "emil": []}
    for person, status in ((studio.olga, 200), (studio.nina, 200), (studio.emil, 404), (studio.own["nina"], 404)):
        for name in ("room", "messages", "files", "terms", "payments"):
            assert browser(person).get(reverse(f"contracts:{name}", args=[contract.pk])).status_code == status


def test_the_room_is_open_to_the_worker_and_shut_to_another(contract: Contract, studio: Studio) -> None:
    room = Room.objects.get(owner=contract.scope)
    seen = {name: can_read_room(getattr(studio, name).actor, room) for name in ("olga", "nina", "emil")}
    assert seen == {"olga": True, "nina": True, "emil": False}
    heard = {name: belongs_to_room(getattr(studio, name).user.pk, room.owner) for name in ("olga", "nina", "emil")}
    assert heard == seen
    post_message(room_id=room.pk, text="I start today.", token="a", by=studio.nina.actor, at=cast.AT)
    with nothing_happens(NotAllowed):
        post_message(room_id=room.pk, text="So do I.", token="b", by=studio.emil.actor, at=cast.AT)
    post = browser(studio.emil).post(reverse("messaging:message_post", args=[room.pk]), {"text": "Hello", "token": "c"})
    assert post.status_code == 404


def test_the_worker_reads_no_sums_until_the_agency_shows_them(contract: Contract, studio: Studio, deal: Deal) -> None:
    pages = [reverse(f"contracts:{name}", args=[contract.pk]) for name in ("room", "terms", "payments")]
    pages += [reverse("contracts:list"), reverse("contracts:offer", args=[contract.offer_id])]
    pages += [reverse("proposals:mine"), reverse("notifications:list")]
    worker = browser(studio.nina)
    assert [path for path in pages if "€" in worker.get(path).content.decode().replace("€0", "")] == []
    assert "€1,400.00" in browser(studio.olga).get(pages[0]).content.decode()
    assert worker.get(reverse("payments:wallet")).status_code == 403
    save_agency_rules(party_id=studio.party.pk, workers_see_sums=True, by=studio.olga.actor, at=cast.AT)
    assert "€1,400.00" in worker.get(pages[0]).content.decode()


def test_notices_of_a_contract_reach_its_worker_and_those_who_lead(contract: Contract, studio: Studio) -> None:
    Notice.objects.all().delete()
    first = cast.milestone(contract)
    actions.submit_milestone(
        milestone_id=first.pk, note="Done.", file_ids=[], seen_version=first.version, by=studio.olga.actor, at=cast.AT
    )
    first.refresh_from_db()
    alice = Party.objects.get(pk=contract.client_id).memberships.get().user
    by = acting(alice, contract.client_id).actor
    actions.approve_milestone(milestone_id=first.pk, seen_version=first.version, by=by, at=cast.AT)
    cast.settle()
    told = Notice.objects.filter(party=studio.party)
    about = {
        kind: set(told.filter(kind=kind).values_list("user__first_name", flat=True))
        for kind in set(told.values_list("kind", flat=True))
    }
    assert about["contracts.milestone_approved"] == {"Olga", "Nina"}
    assert [kind for kind, names in about.items() if kind.startswith("payments.") and names != {"Olga"}] == []


def test_no_offer_is_made_to_who_is_exclusive_by_now(studio: Studio, deal: Deal) -> None:
    own = studio.own["emil"]
    Membership.objects.filter(user=own.user, party=studio.party).update(is_exclusive=False)
    proposal = bid(own, deal.job, at=cast.AT)
    theirs = Deal(deal.alice, own, deal.job, proposal, deal.card, cast.AT)
    sent = cast.send(theirs)
    Membership.objects.filter(user=own.user, party=studio.party).update(is_exclusive=True)
    with nothing_happens(ExclusiveToAgency):
        actions.accept_offer(offer_id=sent.pk, seen_version=sent.version, by=own.actor, at=cast.AT)
    actions.withdraw_offer(offer_id=sent.pk, by=deal.alice.actor, at=cast.AT)
    with nothing_happens(ExclusiveToAgency):
        cast.write(theirs)


def test_own_contracts_of_who_becomes_exclusive_go_on(studio: Studio, deal: Deal) -> None:
    own = studio.own["emil"]
    Membership.objects.filter(user=own.user, party=studio.party).update(is_exclusive=False)
    running = cast.sign(Deal(deal.alice, own, deal.job, bid(own, deal.job, at=cast.AT), deal.card, cast.AT))
    Membership.objects.filter(user=own.user, party=studio.party).update(is_exclusive=True)
    assert _submit(own, running).status == "submitted"


def test_an_offer_whose_worker_left_is_not_accepted(deal: Deal, studio: Studio) -> None:
    offer = cast.send(deal)
    leave_agency(studio.nina, at=cast.AT)
    with nothing_happens(actions.WorkerGone):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=studio.olga.actor, at=cast.AT)


def test_contracts_whose_worker_left_are_listed_for_another(contract: Contract, studio: Studio) -> None:
    assert contracts_without_worker(studio.olga.actor) == []
    leave_agency(studio.nina, at=cast.AT)
    assert contracts_without_worker(studio.olga.actor) == [contract]
    assert contracts_without_worker(studio.emil.actor) == []
    page = browser(studio.olga)
    assert reverse("contracts:worker", args=[contract.pk]) in page.get(reverse("contracts:list")).content.decode()
    assert "has left the agency" in page.get(reverse("contracts:room", args=[contract.pk])).content.decode()
    assert _submit(studio.olga, contract).status == "submitted"


def test_both_sides_are_told_when_the_worker_leaves(contract: Contract, studio: Studio) -> None:
    assert [each.title for each in contracts_worked_on(studio.party.pk, studio.nina.user.pk)] == [contract.title]
    assert contracts_worked_on(studio.party.pk, studio.emil.user.pk) == []
    Notice.objects.all().delete()
    leave_party(party_id=studio.party.pk, successor_id=studio.emil.user.pk, by=studio.nina.actor, at=cast.AT)
    cast.settle()
    told = Notice.objects.filter(kind="contracts.worker_left").values_list("user__first_name", flat=True)
    assert sorted(told) == ["Alice", "Olga"]
    assert cast.fresh(contract).worker == studio.nina.user
    assert contracts_without_worker(studio.olga.actor) == [contract]


def test_the_pages_of_both_sides_name_the_worker(contract: Contract, studio: Studio, deal: Deal) -> None:
    for person in (deal.alice, studio.olga):
        text = browser(person).get(reverse("contracts:room", args=[contract.pk])).content.decode()
        assert "Does the work" in text
        assert "Nina Durand" in text
    assert "Nina D., with Studio Nord" not in browser(deal.alice).get(reverse("contracts:list")).content.decode()
    other = cast.send(cast.Deal(deal.alice, studio.olga, deal.job, _second(studio, deal), deal.card, cast.AT))
    assert "Emil D., with Studio Nord" in browser(deal.alice).get(reverse("contracts:list")).content.decode()
    page = browser(studio.olga).get(reverse("contracts:offer", args=[other.pk])).content.decode()
    assert "Emil D. does the work" in page


def _second(studio: Studio, deal: Deal) -> Any:
    return bid(studio.olga, deal.job, at=cast.AT, worker_id=studio.emil.user.pk)


def test_a_freelancers_room_says_nothing_of_workers(deal: Deal) -> None:
    bob = make_approved("Bob", at=cast.AT)
    cards.settle_all(cast.AT)
    own = cast.sign(Deal(deal.alice, bob, deal.job, bid(bob, deal.job, at=cast.AT), deal.card, cast.AT))
    assert own.worker is None
    assert "Does the work" not in browser(bob).get(reverse("contracts:room", args=[own.pk])).content.decode()
    assert browser(bob).get(reverse("contracts:worker", args=[own.pk])).status_code == 404


def _archive(export: Any, person: Person) -> dict[str, list[dict[str, Any]]]:
    return {sheet.name: [dict(row) for row in sheet.rows] for sheet in export(reader_of(person.user))}


def test_the_archive_has_the_messages_of_the_worker_and_not_of_another(contract: Contract, studio: Studio) -> None:
    room = Room.objects.get(owner=contract.scope)
    post_message(room_id=room.pk, text="I start today.", token="a", by=studio.nina.actor, at=cast.AT)
    for person, texts in ((studio.olga, ["I start today."]), (studio.nina, ["I start today."]), (studio.emil, [])):
        archive = _archive(messaging_privacy.export, person)
        assert [row["text"] for row in archive["messages"] if row["room_id"] == room.pk] == texts
        assert [row["room"] for row in archive["rooms"]].count(room.pk) == len(texts)


def test_the_archive_hides_the_sums_that_the_agency_hides(contract: Contract, studio: Studio) -> None:
    for shown in (False, True):
        save_agency_rules(party_id=studio.party.pk, workers_see_sums=shown, by=studio.olga.actor, at=cast.AT)
        for person, sees in ((studio.olga, True), (studio.nina, shown)):
            parts = _archive(contracts_privacy.export, person)["milestones"]
            sheets = _archive(proposals_privacy.export, person)
            [proposal] = [row for row in sheets["proposals"] if row["job_id"] == contract.job_id]
            assert len(parts) == contract.milestones.count()
            assert ({"amount" in part for part in parts}, "amount" in proposal) == ({sees}, sees)


def test_the_archive_of_a_member_has_no_proposals_and_connects_of_the_agency(
    contract: Contract, studio: Studio
) -> None:
    Membership.objects.filter(user=studio.olga.user, party=studio.party).update(role="member")
    sheets = _archive(proposals_privacy.export, studio.olga)
    assert sheets["proposals"] == []
    assert [row for row in sheets["connects"] if row["job"] == contract.title] == []


def test_notices_forget_the_name_and_the_address_of_who_left(contract: Contract, studio: Studio) -> None:
    nina = studio.nina.user
    words = {"worker": nina.get_full_name(), "name": nina.get_full_name(), "email": nina.email, "party": "Studio Nord"}
    told = Notice.objects.create(
        user=studio.olga.user,
        party=studio.party,
        event_id=0,
        kind="accounts.member_left",
        data=words,
        path="/",
        created_at=cast.AT,
    )
    leaver = leaver_of(nina, former_name="Former member", by=studio.nina.actor)
    notifications_privacy.erase(leaver, at=cast.AT)
    told.refresh_from_db()
    assert told.data == dict.fromkeys(("worker", "name", "email"), "Former member") | {"party": "Studio Nord"}
