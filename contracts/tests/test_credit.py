"""Work paid for from the client's credit, and released money given back, as the two sides of a contract see it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, sign_in
from contracts import actions
from contracts.models import Milestone, Offer
from contracts.tests import cast
from contracts.tests.cast import Deal
from payments.actions import CreditNotEnough, give_back_release
from payments.models import Charge, CreditPayment, Release
from payments.queries import credit_total
from payments.tests import cards

pytestmark = pytest.mark.django_db


def browser(person: Person) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def agreed(deal: Deal) -> Milestone:
    """Return the milestone of a new contract that is not funded, worth 400.00, so that it costs 420.00."""
    contract = cast.sign(deal)
    return Milestone.objects.get(contract=contract, status=Milestone.Status.AGREED)


def party(person: Person) -> int:
    assert person.party is not None
    return person.party.pk


def test_a_milestone_is_funded_from_credit_at_once(deal: Deal) -> None:
    milestone = agreed(deal)
    cards.make_credit(deal.alice, deal.bob, 50_000, at=cast.AT)
    charges = Charge.objects.count()
    actions.fund_milestone_from_credit(
        milestone_id=milestone.pk, seen_version=milestone.version, seen_total=42_000, by=deal.alice.actor, at=cast.AT
    )
    milestone.refresh_from_db()
    assert (milestone.status, milestone.funded_at) == (Milestone.Status.FUNDED, cast.AT)
    assert cast.money(f"held:{milestone.holder}") == 40_000
    assert cast.money(f"held_fee:{milestone.holder}") == 2_000
    assert credit_total(party(deal.alice)) == 8_000
    assert Charge.objects.count() == charges
    cast.assert_books_clean()


def test_a_milestone_paid_from_credit_goes_back_to_credit(deal: Deal) -> None:
    milestone = agreed(deal)
    cards.make_credit(deal.alice, deal.bob, 50_000, at=cast.AT)
    actions.fund_milestone_from_credit(
        milestone_id=milestone.pk, seen_version=milestone.version, by=deal.alice.actor, at=cast.AT
    )
    milestone.refresh_from_db()
    actions.give_milestone_back(
        milestone_id=milestone.pk, seen_version=milestone.version, by=deal.bob.actor, at=cast.AT
    )
    assert credit_total(party(deal.alice)) == 50_000
    cast.assert_books_clean()


def test_credit_that_does_not_cover_all_funds_nothing(deal: Deal) -> None:
    milestone = agreed(deal)
    cards.make_credit(deal.alice, deal.bob, 41_999, at=cast.AT)
    with cast.nothing_happens(CreditNotEnough):
        actions.fund_milestone_from_credit(
            milestone_id=milestone.pk, seen_version=milestone.version, by=deal.alice.actor, at=cast.AT
        )
    page = browser(deal.alice).get(reverse("contracts:milestone_fund", args=[milestone.contract_id, milestone.pk]))
    assert "Your credit" not in page.content.decode()


def test_a_sum_that_changed_since_the_page_is_not_taken(deal: Deal) -> None:
    milestone = agreed(deal)
    cards.make_credit(deal.alice, deal.bob, 50_000, at=cast.AT)
    with cast.nothing_happens(actions.MilestoneChanged):
        actions.fund_milestone_from_credit(
            milestone_id=milestone.pk,
            seen_version=milestone.version,
            seen_total=41_000,
            by=deal.alice.actor,
            at=cast.AT,
        )


def test_the_page_of_a_payment_offers_credit_where_it_covers_all(deal: Deal) -> None:
    milestone = agreed(deal)
    cards.make_credit(deal.alice, deal.bob, 50_000, at=cast.AT)
    url = reverse("contracts:milestone_fund", args=[milestone.contract_id, milestone.pk])
    client = browser(deal.alice)
    assert "Your credit, €500.00" in client.get(url).content.decode()
    sent = {"method": "0", "seen_version": str(milestone.version), "seen_total": "42000"}
    answer = client.post(url, sent)
    assert answer.headers["Location"] == reverse("contracts:room", args=[milestone.contract_id])
    assert client.post(url, sent).status_code == 409
    milestone.refresh_from_db()
    assert milestone.status == Milestone.Status.FUNDED
    assert CreditPayment.objects.count() == 1


def test_an_offer_is_sent_from_credit_and_comes_back_to_it(deal: Deal) -> None:
    offer = cast.write(deal)
    cards.make_credit(deal.alice, deal.bob, 200_000, at=cast.AT)
    client = browser(deal.alice)
    url = reverse("contracts:offer_send", args=[offer.pk])
    assert "Your credit, €2,000.00" in client.get(url).content.decode()
    total = 105_000
    answer = client.post(url, {"method": "0", "seen_version": str(offer.version), "seen_total": str(total)})
    assert answer.headers["Location"] == reverse("contracts:offer", args=[offer.pk])
    offer = cast.fresh(offer)
    assert offer.status == Offer.Status.PENDING
    assert credit_total(party(deal.alice)) == 200_000 - total
    actions.decline_offer(offer_id=offer.pk, note="", by=deal.bob.actor, at=offer.sent_at or cast.AT)
    assert credit_total(party(deal.alice)) == 200_000
    cast.assert_books_clean()


def test_the_room_leads_to_giving_back_and_tells_of_it(deal: Deal) -> None:
    contract = cast.sign(deal)
    milestone = cast.milestone(contract)
    actions.release_milestone(
        milestone_id=milestone.pk, seen_version=milestone.version, by=deal.alice.actor, at=cast.AT
    )
    release = Release.objects.get()
    room = reverse("contracts:room", args=[contract.pk])
    link = reverse("payments:release_give_back", args=[release.pk])
    assert link in browser(deal.bob).get(room).content.decode()
    assert link not in browser(deal.alice).get(room).content.decode()
    give_back_release(release_id=release.pk, gross=20_000, by=deal.bob.actor, at=cast.AT)
    text = browser(deal.alice).get(room).content.decode()
    assert "€200.00 of what was released was given back." in text
    assert "€210.00 of released money given back to the client, fees included" in text
    assert cast.fresh(milestone).status == Milestone.Status.RELEASED
    cast.assert_books_clean()
