"""VAT and legal status through an offer and a contract: what is shown, charged, held, released, and refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import LegalProfile, MandateAcceptance
from accounts.queries import Gap
from accounts.tests.cast import VAT_NUMBER, Person, charge_vat, declare
from contracts import actions
from contracts.actions import LegalStatusMissing, MilestoneChanged, MilestoneTerms, OfferChanged
from contracts.models import Contract, Milestone, Offer
from contracts.tests import cast
from contracts.tests.cast import Deal
from contracts.tests.test_pages import address, browser, of
from core.registers import SAMPLE_VAT_NUMBER
from payments.models import Charge, Refund, Release
from payments.queries import held


@pytest.fixture(autouse=True)
def taxed_operator(settings: Any) -> None:
    """Let the operator charge VAT in France."""
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)


@pytest.fixture
def taxed(deal: Deal) -> Deal:
    """Let Bob charge VAT in France, and Alice be a French business."""
    declare(deal.alice, vat_number=VAT_NUMBER, at=deal.at)
    charge_vat(deal.bob, at=deal.at)
    return deal


@pytest.fixture
def undeclared(deal: Deal) -> Deal:
    """Let Bob have said nothing about himself before the law."""
    MandateAcceptance.objects.filter(party=deal.freelancer).delete()
    LegalProfile.objects.filter(party=deal.freelancer).delete()
    return deal


def read(person: Person, where: str) -> str:
    """Return a page as text."""
    page: str = browser(person).get(where).content.decode()
    return page


# Legal status before the first acceptance


def test_an_offer_waits_until_status_and_mandate_are_given(undeclared: Deal) -> None:
    offer = cast.send(undeclared)
    with cast.nothing_happens(LegalStatusMissing):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=undeclared.bob.actor, at=undeclared.at)
    assert cast.fresh(offer).status == Offer.Status.PENDING

    charge_vat(undeclared.bob, at=undeclared.at)
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=undeclared.bob.actor, at=undeclared.at)
    assert cast.fresh(offer).status == Offer.Status.ACCEPTED
    cast.assert_books_clean()


def test_the_refusal_names_what_is_missing(undeclared: Deal) -> None:
    offer = cast.send(undeclared)
    with pytest.raises(LegalStatusMissing) as caught:
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=undeclared.bob.actor, at=undeclared.at)
    assert caught.value.gaps == (Gap.STATUS, Gap.MANDATE)


def test_one_who_must_register_cannot_accept_before(deal: Deal) -> None:
    offer = cast.send(deal)
    declare(deal.bob, status="unregistered", charges_vat=False, at=deal.at)
    with cast.nothing_happens(LegalStatusMissing):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=deal.at)
    page = read(deal.bob, address("offer_accept", offer_id=offer.pk))
    assert "You cannot accept paid work yet." in page
    assert "Accept and start" not in page


def test_the_page_leads_to_the_form_and_back(undeclared: Deal) -> None:
    offer = cast.send(undeclared)
    accept = address("offer_accept", offer_id=offer.pk)
    page = read(undeclared.bob, accept)
    assert f"/settings/legal-status/?next={accept}" in page
    assert "Accept and start" not in page
    refused = browser(undeclared.bob).post(accept, {"seen_version": offer.version})
    assert refused.status_code == 409
    assert "Give your legal status and accept the billing mandate first." in refused.content.decode()


# The sums


def test_an_offer_shows_and_charges_vat_on_work_and_fee(taxed: Deal) -> None:
    draft = cast.write(taxed, MilestoneTerms(title="Logo", amount=100_000))
    page = read(taxed.alice, address("offer_send", offer_id=draft.pk))
    for line in ("VAT, 20%", "€200.00", "VAT on the fee, 20%", "€10.00", "Pay €1,260.00 and send"):
        assert line in page

    offer = cast.send(taxed, MilestoneTerms(title="Logo", amount=100_000))
    charge = Charge.objects.get(purpose="contracts.offer", reference=offer.pk)
    assert (charge.gross, charge.vat, charge.client_fee, charge.client_fee_vat, charge.amount) == (
        100_000,
        20_000,
        5_000,
        1_000,
        126_000,
    )
    assert charge.fee_version == offer.fee_version
    page = read(taxed.bob, address("offer_accept", offer_id=offer.pk))
    for line in ("Your VAT, 20%", "€200.00", "−€100.00", "−€20.00", "€1,080.00"):
        assert line in page


def test_an_accepted_offer_holds_its_vat_and_an_approval_releases_it_whole(taxed: Deal) -> None:
    contract = cast.sign(taxed)
    first = cast.milestone(contract)
    assert first.amount == 100_000  # without VAT, everywhere in contracts
    assert (cast.money(f"held:{first.holder}"), cast.money(f"held_fee:{first.holder}")) == (120_000, 6_000)
    work = cast.submitted(taxed, contract)
    page = read(taxed.alice, of(work, "approve"))
    for line in ("VAT on it", "€200.00", "VAT on the fee, 20%", "−€20.00", "€1,080.00"):
        assert line in page

    actions.approve_milestone(milestone_id=work.pk, seen_version=work.version, by=taxed.alice.actor, at=taxed.at)
    assert cast.money(f"pending:party:{taxed.freelancer.pk}") == 108_000
    assert (cast.money("rev:service"), cast.money("rev:client_fee"), cast.money("tax:payable")) == (
        10_000,
        5_000,
        3_000,
    )
    cast.assert_books_clean()
    page = read(taxed.bob, address("payments", contract_id=contract.pk))
    for line in ("€1,000.00", "€200.00", "−€100.00", "−€20.00", "€1,080.00"):
        assert line in page


def test_parts_moved_money_and_returns_carry_their_vat(taxed: Deal) -> None:
    contract = cast.sign(taxed)
    first, second = cast.milestone(contract), cast.milestone(contract, 2)
    actions.release_part_and_move(
        milestone_id=first.pk,
        amount=60_000,
        target_id=second.pk,
        seen_version=first.version,
        by=taxed.alice.actor,
        at=taxed.at,
    )
    release = Release.objects.get()
    assert (release.gross, release.vat, release.fee, release.fee_vat, release.net) == (
        60_000,
        12_000,
        6_000,
        1_200,
        64_800,
    )
    assert (held(second.holder).work, held(second.holder).fee) == (48_000, 2_400)

    second = cast.fresh(second)
    page = read(taxed.bob, of(second, "give_back"))
    for line in ("VAT on it, returned with it", "€80.00", "VAT on the fee, returned with it", "€4.00", "€504.00"):
        assert line in page
    actions.give_milestone_back(milestone_id=second.pk, seen_version=second.version, by=taxed.bob.actor, at=taxed.at)
    assert Refund.objects.get().amount == 50_400
    cast.settle()
    cast.assert_books_clean()


def test_a_withdrawn_offer_says_what_goes_back(taxed: Deal) -> None:
    offer = cast.send(taxed, MilestoneTerms(title="Logo", amount=100_000))
    assert "€1,260.00" in read(taxed.alice, address("offer_withdraw", offer_id=offer.pk))
    actions.withdraw_offer(offer_id=offer.pk, by=taxed.alice.actor, at=taxed.at)
    refund = Refund.objects.get()
    assert (refund.gross, refund.vat, refund.client_fee, refund.client_fee_vat) == (100_000, 20_000, 5_000, 1_000)
    cast.settle()
    cast.assert_books_clean()


# No other sum than the one that was shown


def test_a_total_that_changed_meanwhile_is_not_charged(taxed: Deal) -> None:
    draft = cast.write(taxed)
    declare(taxed.bob, at=taxed.at)  # Bob stops charging VAT while Alice reads
    with cast.nothing_happens(OfferChanged):
        actions.send_offer(
            offer_id=draft.pk,
            method_id=taxed.card.pk,
            seen_version=draft.version,
            seen_total=126_000,
            by=taxed.alice.actor,
            at=taxed.at,
        )
    data = {"method": taxed.card.pk, "seen_version": draft.version, "seen_total": 126_000}
    page = browser(taxed.alice).post(address("offer_send", offer_id=draft.pk), data)
    assert page.status_code == 409
    assert "The VAT on this offer changed after you opened the page." in page.content.decode()
    assert 'name="seen_total" value="106000"' in page.content.decode()


def test_a_milestone_is_funded_at_the_sum_that_was_shown(taxed: Deal) -> None:
    contract = cast.sign(taxed)
    second = cast.milestone(contract, 2)
    page = read(taxed.alice, of(second, "fund"))
    assert 'name="seen_total" value="50400"' in page
    for line in ("VAT, 20%", "€80.00", "VAT on the fee, 20%", "€4.00", "€504.00"):
        assert line in page
    declare(taxed.bob, at=taxed.at)
    with cast.nothing_happens(MilestoneChanged):
        actions.fund_milestone(
            milestone_id=second.pk,
            method_id=taxed.card.pk,
            seen_version=second.version,
            seen_total=50_400,
            by=taxed.alice.actor,
            at=taxed.at,
        )
    forged = {"method": taxed.card.pk, "seen_version": second.version, "seen_total": "x"}
    assert browser(taxed.alice).post(of(second, "fund"), forged).status_code == 409
    assert cast.fresh(second).status == Milestone.Status.AGREED


# A freelancer who has not declared yet


def test_the_first_milestone_of_one_who_has_not_declared_is_final_and_says_so(undeclared: Deal) -> None:
    draft = cast.write(undeclared)
    page = read(undeclared.alice, address("offer_send", offer_id=draft.pk))
    assert "The freelancer has not said yet whether they charge VAT." in page
    offer = cast.send(undeclared)
    charge = Charge.objects.get(purpose="contracts.offer", reference=offer.pk)
    assert (charge.vat, charge.vat_reason, charge.amount) == (0, "undeclared", 106_000)

    charge_vat(undeclared.bob, at=undeclared.at)
    page = read(undeclared.bob, address("offer_accept", offer_id=offer.pk))
    assert "Paid without VAT." in page
    assert "The price of the first milestone is final" in page
    contract = actions.accept_offer(
        offer_id=offer.pk, seen_version=offer.version, by=undeclared.bob.actor, at=undeclared.at
    )
    assert held(cast.milestone(contract).holder).vat == 0
    later = _fund(undeclared, contract)
    assert (later.vat, later.vat_reason) == (8_000, "domestic")
    cast.assert_books_clean()


def _fund(deal: Deal, contract: Contract) -> Charge:
    milestone = cast.funding(deal, contract)
    cast.settle()
    charge: Charge = Charge.objects.get(purpose="contracts.milestone", reference=milestone.pk)
    return charge


def test_the_proposal_page_says_what_vat_comes_on_top(taxed: Deal) -> None:
    page = read(taxed.alice, f"/proposals/{taxed.proposal.pk}/")
    assert "VAT of 20% comes on top" in page


def test_the_proposal_page_says_that_vat_is_not_declared(undeclared: Deal) -> None:
    page = read(undeclared.alice, f"/proposals/{undeclared.proposal.pk}/")
    assert "VAT: not declared yet" in page
