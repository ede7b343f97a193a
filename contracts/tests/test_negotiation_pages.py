"""The pages on which an offer is negotiated, as each side reads and fills them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, sign_in
from contracts.models import Offer, OfferVersion
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.clock import now
from payments.tests import cards
from profiles.models import Profile

State = OfferVersion.State


@pytest.fixture
def offer(deal: Deal) -> Offer:
    """Return an offer that was sent just now, so that its clock runs on the page."""
    return cast.send(deal, at=now())


def browser(person: Person) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def address(name: str, **kwargs: Any) -> str:
    return reverse(f"contracts:{name}", kwargs=kwargs)


def says(offer: Offer, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "title": offer.title,
        "deliverables": offer.deliverables,
        "language": "en",
        "duration": "weeks",
        "note": "Two more screens.",
        "seen_version": offer.version,
        "milestones-TOTAL_FORMS": "2",
        "milestones-INITIAL_FORMS": "0",
        "milestones-0-title": "First screens",
        "milestones-0-amount": amount,
        "milestones-1-title": "Handover",
        "milestones-1-amount": "400",
        **more,
    }


def test_the_counter_form_begins_with_the_terms_and_its_offer_page_tells_both_what_changes(
    deal: Deal, offer: Offer
) -> None:
    bob, alice = browser(deal.bob), browser(deal.alice)
    form = bob.get(address("offer_counter", offer_id=offer.pk)).content.decode()
    assert 'value="1000.00"' in form or 'value="1,000.00"' in form
    assert "You receive, after the fee of" in form

    sent = bob.post(address("offer_counter", offer_id=offer.pk), says(offer, "1300"))

    assert sent.headers["Location"] == address("offer", offer_id=offer.pk)
    version = OfferVersion.objects.get(state=State.OPEN)
    mine, theirs = (each.get(address("offer", offer_id=offer.pk)).content.decode() for each in (bob, alice))
    for page in (mine, theirs):
        assert "<del>€1,000.00</del> <ins>€1,300.00</ins>" in page
        assert "Two more screens." in page
    assert address("counter_withdraw", offer_id=offer.pk) in mine
    assert address("counter_agree", offer_id=offer.pk, version_id=version.pk) in theirs


def test_the_agree_page_shows_exactly_what_is_charged(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer, at=now())
    alice = browser(deal.alice)
    where = address("counter_agree", offer_id=offer.pk, version_id=version.pk)

    page = alice.get(where).content.decode()
    for text in ("€300.00", "€15.00", "Pay €315.00 and agree", "the version before stands"):
        assert text in page
    other_total = alice.post(where, {"method": deal.card.pk, "seen_total": "31499"})
    assert other_total.status_code == 409
    paid = alice.post(where, {"method": deal.card.pk, "seen_total": "31500"})

    assert "/payments/charges/" in paid.headers["Location"]
    cast.settle(now())
    done = cast.fresh(offer)
    assert (done.status, done.version) == (Offer.Status.PENDING, offer.version + 1)
    again = alice.post(where, {"method": deal.card.pk, "seen_total": "31500"})
    assert again.status_code == 409


def test_the_agree_page_shows_exactly_what_goes_back(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer, *cast.CHEAPER, at=now())
    alice = browser(deal.alice)
    where = address("counter_agree", offer_id=offer.pk, version_id=version.pk)

    page = alice.get(where).content.decode()
    for text in ("€300.00", "€15.00", "Goes back to you", "€315.00"):
        assert text in page
    assert alice.post(where).headers["Location"] == address("offer", offer_id=offer.pk)
    assert cast.money(f"held:{offer.holder}") == 70_000


def test_a_declined_card_leaves_a_clear_word_and_the_way_to_pay_again(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer, at=now())
    cast.agree(deal, version, card=cards.make_card(deal.alice, cards.DECLINED, at=now()), at=now())
    cast.settle(now())

    page = browser(deal.alice).get(address("offer", offer_id=offer.pk)).content.decode()

    assert "The difference was not paid. Nothing was charged." in page
    assert "The bank declined the card." in page
    assert address("counter_agree", offer_id=offer.pk, version_id=version.pk) in page
    assert "The bank declined" not in browser(deal.bob).get(address("offer", offer_id=offer.pk)).content.decode()


def test_a_client_changes_the_terms_looks_at_the_sums_and_sends(deal: Deal, offer: Offer) -> None:
    alice = browser(deal.alice)
    written = alice.post(address("offer_revise", offer_id=offer.pk), says(offer, "1300"))
    draft = OfferVersion.objects.get(state=State.DRAFT)
    where = address("revision_send", offer_id=offer.pk, version_id=draft.pk)
    assert written.headers["Location"] == where
    assert "Pay €315.00 and send" in alice.get(where).content.decode()
    assert "€1,300.00" not in browser(deal.bob).get(address("offer", offer_id=offer.pk)).content.decode()

    alice.post(where, {"method": deal.card.pk, "seen_total": "31500"})
    cast.settle(now())

    page = browser(deal.bob).get(address("offer", offer_id=offer.pk)).content.decode()
    assert "Version 2" in page
    assert "<ins>€1,300.00</ins>" in page


def test_new_terms_can_be_dropped_and_a_counter_withdrawn_and_refused(deal: Deal, offer: Offer) -> None:
    alice, bob = browser(deal.alice), browser(deal.bob)
    cast.revision(deal, offer, at=now())
    alice.post(address("revision_drop", offer_id=offer.pk))
    assert not OfferVersion.objects.filter(state=State.DRAFT).exists()
    cast.counter(deal, offer, at=now())
    bob.post(address("counter_withdraw", offer_id=offer.pk))
    version = cast.counter(deal, offer, at=now())
    alice.post(address("counter_refuse", offer_id=offer.pk, version_id=version.pk), {"note": "Too much."})

    states = list(OfferVersion.objects.order_by("number").values_list("state", flat=True))
    assert states == [State.CURRENT, State.WITHDRAWN, State.REFUSED]
    assert "Too much." in bob.get(address("offer", offer_id=offer.pk)).content.decode()


def test_both_an_end_and_a_duration_are_refused_and_neither(deal: Deal, offer: Offer) -> None:
    bob = browser(deal.bob)
    for more, text in (
        ({"ends_on": "2027-03-01"}, "Give an end or a duration, not both."),
        ({"duration": ""}, "Say when the work ends, or how long it takes."),
    ):
        page = bob.post(address("offer_counter", offer_id=offer.pk), says(offer, "1300", **more))
        assert page.status_code == 422
        assert text in page.content.decode()
    assert not OfferVersion.objects.filter(state=State.OPEN).exists()


def test_an_offer_is_written_from_a_profile_with_an_attachment_that_an_added_row_keeps(deal: Deal) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from files.queries import files_of

    profile = Profile.objects.get(party=deal.freelancer)
    alice = browser(deal.alice)
    where = address("offer_direct", slug=profile.slug)
    assert where in alice.get(reverse("profiles:public", args=[profile.slug])).content.decode()
    offer = Offer(title="Kiosk", deliverables="A kiosk.", version=1)
    data = {**says(offer, "1000"), "job": ""}
    added = alice.post(
        where, {**data, "add_row": "1", "attachments": SimpleUploadedFile("brief.txt", b"What it must do.")}
    ).content.decode()
    assert "brief.txt" in added
    token = added.split('name="attachments_kept" value="')[1].split('"')[0]

    sent = alice.post(where, {**data, "attachments_kept": token})

    made = Offer.objects.get()
    assert sent.headers["Location"] == address("offer", offer_id=made.pk)
    assert (made.proposal_id, made.job_id, made.duration) == (None, None, "weeks")
    assert [each.name for each in files_of("contracts.offer", made.pk)] == ["brief.txt"]
    page = alice.get(address("offer", offer_id=made.pk)).content.decode()
    assert "A direct offer" in page
    assert f"{where}?draft={made.pk}" in page
