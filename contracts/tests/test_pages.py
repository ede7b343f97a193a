"""The pages of offers and contracts: what they show, keep, refuse and lead to."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.tests.cast import Person, make_client, sign_in
from contracts import actions
from contracts.actions import MilestoneTerms
from contracts.models import Contract, Milestone, Offer
from contracts.queries import contract_for, room_page
from contracts.tests import cast
from contracts.tests.cast import Deal
from payments.tests import cards


def browser(person: Person) -> Client:
    """Return a browser in which the person is signed in."""
    client = Client()
    sign_in(client, person)
    return client


def address(name: str, **kwargs: Any) -> str:
    """Return the English address of a page."""
    with translation.override("en"):
        return reverse(f"contracts:{name}", kwargs=kwargs)


def of(milestone: Milestone, name: str) -> str:
    """Return the address of a page of a milestone."""
    return address(f"milestone_{name}", contract_id=milestone.contract_id, milestone_id=milestone.pk)


def rows(*filled: dict[str, str], total: int = 3, **more: str) -> dict[str, str]:
    """Return the input of an offer form."""
    data = {
        "title": "Checkout",
        "deliverables": "All the screens.",
        "language": "en",
        "duration": "weeks",
        "milestones-TOTAL_FORMS": str(total),
        "milestones-INITIAL_FORMS": "0",
        **more,
    }
    for number, row in enumerate(filled):
        data |= {f"milestones-{number}-{name}": value for name, value in row.items()}
    return data


def test_an_offer_is_written_from_a_proposal_and_shows_every_sum_before_it_costs_anything(deal: Deal) -> None:
    alice = browser(deal.alice)
    form = alice.get(address("offer_new", proposal_id=deal.proposal.pk))
    assert form.status_code == 200
    assert deal.job.title in form.content.decode()

    sent = alice.post(
        address("offer_new", proposal_id=deal.proposal.pk),
        rows({"title": "Screens", "amount": "1,000"}, {}, {"title": "Handover", "amount": "400.50"}),
    )

    offer = Offer.objects.get()
    assert sent.headers["Location"] == address("offer", offer_id=offer.pk)
    assert [row.amount for row in offer.milestones.all()] == [100_000, 40_050]
    page = alice.get(address("offer_send", offer_id=offer.pk)).content.decode()
    for text in ("€1,000.00", "€50.00", "€1,050.00", "€1,470.53", "Pay €1,050.00 and send"):
        assert text in page


def test_adding_a_row_keeps_what_was_typed_and_saves_nothing(deal: Deal) -> None:
    typed = rows({"title": "Screens", "amount": "not yet"}, add_row="1", deliverables="Half a sentence")

    page = browser(deal.alice).post(address("offer_new", proposal_id=deal.proposal.pk), typed)

    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="not yet"' in text
    assert "Half a sentence" in text
    assert 'name="milestones-3-title"' in text
    assert 'role="alert"' not in text
    assert not Offer.objects.exists()


def test_an_amount_that_cannot_be_is_named_and_kept(deal: Deal, subtests: pytest.Subtests) -> None:
    alice = browser(deal.alice)
    for amount in ("0", "-5", "4.99", "10000001", "10.0055", "ten", "9" * 40, ""):
        with subtests.test(amount=amount):
            page = alice.post(
                address("offer_new", proposal_id=deal.proposal.pk), rows({"title": "Screens", "amount": amount})
            )

            assert page.status_code == 422
            assert "There is a problem" in page.content.decode()
            assert "Screens" in page.content.decode()
            assert not Offer.objects.exists()


@pytest.mark.parametrize("field", ["starts_on", "ends_on", "milestones-0-due_on"])
def test_a_day_in_another_age_is_named_beside_its_field(deal: Deal, field: str) -> None:
    typed = rows({"title": "Screens", "amount": "1000"}) | {field: "9999-12-31"}

    answer = browser(deal.alice).post(address("offer_new", proposal_id=deal.proposal.pk), typed)

    assert answer.status_code == 422
    assert "Choose a day within the last year or the next ten years." in answer.content.decode()
    assert not Offer.objects.exists()


def test_an_offer_without_milestones_is_refused(deal: Deal) -> None:
    page = browser(deal.alice).post(address("offer_new", proposal_id=deal.proposal.pk), rows())

    assert page.status_code == 422
    assert "Add at least one milestone" in page.content.decode()


def test_an_offer_worth_more_than_can_be_paid_is_refused_beside_its_rows(deal: Deal) -> None:
    half = {"title": "Screens", "amount": "5000000.01"}

    page = browser(deal.alice).post(address("offer_new", proposal_id=deal.proposal.pk), rows(half, half))

    assert page.status_code == 422
    assert "The milestones together are worth more than €10,000,000.00." in page.content.decode()
    assert not Offer.objects.exists()


def test_forged_row_counts_are_survived(deal: Deal) -> None:
    for total in ("-1", "99999999", "many", ""):
        data = rows({"title": "Screens", "amount": "100"})
        data["milestones-TOTAL_FORMS"] = total
        for button in ({}, {"add_row": "1"}):
            page = browser(deal.alice).post(address("offer_new", proposal_id=deal.proposal.pk), data | button)
            assert page.status_code in {200, 302, 422}


def test_the_sums_are_worked_out_as_a_fragment(deal: Deal) -> None:
    page = browser(deal.alice).post(
        address("offer_sums", proposal_id=deal.proposal.pk),
        rows({"title": "Screens", "amount": "1000"}, {"title": "More", "amount": "x"}),
    )

    text = page.content.decode()
    assert "<html" not in text
    assert "€1,050.00" in text
    assert "€900.00" in text


def test_an_hourly_post_says_that_offers_are_fixed_price(db: None) -> None:
    deal = cast.make_deal(kind="hourly", budget=None, rate_low=4_000, rate_high=6_000, weekly_load=20)

    page = browser(deal.alice).get(address("offer_new", proposal_id=deal.proposal.pk)).content.decode()

    assert "Offers are made at a fixed price for now" in page


def test_sending_pays_and_leads_to_the_payment(deal: Deal) -> None:
    draft = cast.write(deal)
    sent = browser(deal.alice).post(
        address("offer_send", offer_id=draft.pk), {"method": deal.card.pk, "seen_version": draft.version}
    )

    assert sent.status_code == 302
    assert "/payments/charges/" in sent.headers["Location"]
    assert cast.fresh(draft).status in {Offer.Status.PAYING, Offer.Status.PENDING}


def test_a_second_click_on_send_says_so_and_charges_nothing_more(deal: Deal) -> None:
    draft = cast.write(deal)
    alice, data = browser(deal.alice), {"method": deal.card.pk, "seen_version": draft.version}
    alice.post(address("offer_send", offer_id=draft.pk), data)

    again = alice.post(address("offer_send", offer_id=draft.pk), data)

    assert again.status_code == 409
    assert "Nothing more was charged" in again.content.decode()


@pytest.mark.parametrize("deal", [cards.DECLINED], indirect=True)
def test_a_declined_card_leads_back_to_the_offer_with_the_reason(deal: Deal) -> None:
    offer = cast.send(deal)

    page = browser(deal.alice).get(address("offer", offer_id=offer.pk)).content.decode()

    assert "Nothing was charged" in page
    assert address("offer_send", offer_id=offer.pk) in page


def test_a_client_without_a_card_is_led_to_add_one(deal: Deal) -> None:
    from payments.actions import remove_payment_method

    draft = cast.write(deal)
    remove_payment_method(method_id=deal.card.pk, by=deal.alice.actor, at=cast.AT)

    page = browser(deal.alice).get(address("offer_send", offer_id=draft.pk)).content.decode()

    assert reverse("payments:method_new") in page


def test_the_freelancer_sees_the_net_sum_and_accepts_the_version_shown(deal: Deal, offer: Offer) -> None:
    bob = browser(deal.bob)
    page = bob.get(address("offer_accept", offer_id=offer.pk)).content.decode()
    assert "€1,260.00" in page

    stale = bob.post(address("offer_accept", offer_id=offer.pk), {"seen_version": offer.version + 1})
    assert stale.status_code == 409
    assert not Contract.objects.exists()
    for version in ("", "x", "9" * 30):
        assert bob.post(address("offer_accept", offer_id=offer.pk), {"seen_version": version}).status_code == 409


def test_an_offer_accepted_twice_leads_to_one_contract(deal: Deal) -> None:
    from core.clock import now

    offer = cast.send(deal, at=now())
    bob, data = browser(deal.bob), {"seen_version": offer.version}
    first = bob.post(address("offer_accept", offer_id=offer.pk), data)
    second = bob.post(address("offer_accept", offer_id=offer.pk), data)

    contract = Contract.objects.get()
    assert first.headers["Location"] == address("room", contract_id=contract.pk)
    assert second.status_code == 409
    assert "answered" in second.content.decode()


def test_the_room_shows_where_the_money_is_and_one_thing_to_do(deal: Deal, contract: Contract) -> None:
    cast.submitted(deal, contract)

    page = browser(deal.alice).get(address("room", contract_id=contract.pk)).content.decode()

    assert page.count("btn--primary") == 2  # in the rail, and the same in the bar of phones
    assert page.count("is-review") == 1
    assert "Approve and release €1,000.00" in page
    assert 'data-live-scope="contract:' in page
    assert "If you do nothing, it is approved and released on" in page


def test_what_silence_does_is_shown_to_both(deal: Deal, contract: Contract) -> None:
    cast.asked_back(deal, contract)

    for person in (deal.alice, deal.bob):
        page = browser(person).get(address("room", contract_id=contract.pk)).content.decode()
        assert "Nothing was submitted: without an answer the money goes back." in page


def test_the_number_of_queries_of_the_room_does_not_grow_with_the_contract(
    deal: Deal, django_assert_num_queries: Any
) -> None:
    small = cast.sign(deal)
    large_deal = cast.another_bid_on_new_job(deal)
    large = cast.sign(large_deal, *[MilestoneTerms(f"Part {number}", 1_000) for number in range(30)])
    cast.submitted(deal, small)
    cast.submitted(large_deal, large)

    for contract in (small, large):
        found = contract_for(deal.alice.actor, contract.pk)
        with django_assert_num_queries(11):
            room_page(found, deal.alice.actor)


def test_a_tab_left_open_over_an_approval_says_what_happened(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)
    alice, data = browser(deal.alice), {"seen_version": work.version}
    assert alice.post(of(work, "approve"), data).headers["Location"] == address("room", contract_id=contract.pk)

    again = alice.post(of(work, "approve"), data)

    assert again.status_code == 409
    assert "nothing was changed" in again.content.decode()
    old_link = alice.get(of(work, "request_changes"), follow=True)
    assert "nothing was changed" in old_link.content.decode()


def test_work_submitted_again_meanwhile_is_shown_before_it_is_approved(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)
    back = actions.request_milestone_changes(
        milestone_id=work.pk, note="Fares.", seen_version=work.version, by=deal.alice.actor, at=cast.AT
    )
    again = actions.submit_milestone(
        milestone_id=work.pk, note="Now.", file_ids=[], seen_version=back.version, by=deal.bob.actor, at=cast.AT
    )

    page = browser(deal.alice).post(of(work, "approve"), {"seen_version": work.version})

    assert page.status_code == 409
    assert "changed after you opened the page" in page.content.decode()
    assert f'name="seen_version" value="{again.version}"' in page.content.decode()
    assert cast.fresh(work).status == Milestone.Status.SUBMITTED


def test_a_part_is_released_after_its_exact_sums_were_shown(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    alice = browser(deal.alice)
    typed = {"amount": "600", "rest": "keep", "seen_version": str(first.version)}

    review = alice.post(of(first, "release_part"), typed).content.decode()
    for text in ("€600.00", "€60.00", "€540.00", "Release €600.00", "€400.00 stays held"):
        assert text in review
    assert cast.milestone(contract).released == 0
    assert 'value="600"' in alice.post(of(first, "release_part"), typed | {"edit": "1"}).content.decode()
    done = alice.post(of(first, "release_part"), typed | {"confirmed": "1"})

    assert done.status_code == 302
    assert cast.milestone(contract).released == 60_000


def test_the_rest_of_a_part_is_asked_back_with_a_reason(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    alice = browser(deal.alice)
    typed = {"amount": "600", "rest": "ask_back", "seen_version": str(first.version), "confirmed": "1"}

    without = alice.post(of(first, "release_part"), typed)
    assert without.status_code == 422
    assert "Say why you ask the money back." in without.content.decode()
    assert cast.milestone(contract).released == 0
    done = alice.post(of(first, "release_part"), typed | {"note": "The rest is late."})

    assert done.status_code == 302
    asked = cast.milestone(contract)
    assert (asked.asked_back, asked.asked_back_note) == (40_000, "The rest is late.")


def test_a_part_that_cannot_be_is_named(deal: Deal, contract: Contract, subtests: pytest.Subtests) -> None:
    first = cast.milestone(contract)
    alice = browser(deal.alice)

    for amount in ("0", "-1", "1000.001", "1000", "100000", "x", ""):
        with subtests.test(amount=amount):
            page = alice.post(
                of(first, "release_part"),
                {"amount": amount, "rest": "keep", "confirmed": "1", "seen_version": first.version},
            )

            assert page.status_code == 422
            assert cast.milestone(contract).released == 0


def test_work_is_handed_in_with_files_and_kept_when_refused(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    bob = browser(deal.bob)
    empty = bob.post(of(first, "submit"), {"note": " ", "seen_version": first.version})
    assert empty.status_code == 422
    assert "needs something to look at" in empty.content.decode()

    file = SimpleUploadedFile("notes.txt", b"Both test rounds in short.\n")
    stale = bob.post(of(first, "submit"), {"note": "Mine", "attachments": file, "seen_version": first.version + 7})
    assert stale.status_code == 409
    assert "Mine" in stale.content.decode()
    assert "notes.txt" in stale.content.decode()

    file = SimpleUploadedFile("notes.txt", b"Both test rounds in short.\n")
    done = bob.post(of(first, "submit"), {"note": "", "attachments": file, "seen_version": first.version})
    assert done.status_code == 302
    files = browser(deal.alice).get(address("files", contract_id=contract.pk)).content.decode()
    assert "notes.txt" in files


def test_a_contract_is_ended_with_a_decision_on_each_milestone(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    alice = browser(deal.alice)
    missing = alice.post(address("end", contract_id=contract.pk), {"reason": "done"})
    assert missing.status_code == 422
    assert cast.fresh(contract).status == Contract.Status.ACTIVE

    data = {"reason": "done", f"choice_{first.pk}": "release", f"seen_{first.pk}": first.version}
    assert alice.post(address("end", contract_id=contract.pk), data).status_code == 302
    assert cast.fresh(contract).status == Contract.Status.ENDED
    assert alice.post(address("end", contract_id=contract.pk), data).status_code == 409


def test_the_end_of_a_contract_can_be_sent_again_after_a_milestone_changed(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    alice, url = browser(deal.alice), address("end", contract_id=contract.pk)
    data = {"reason": "done", f"choice_{first.pk}": "release", f"seen_{first.pk}": first.version}
    changed = cast.submitted(deal, contract)

    refused = alice.post(url, data)

    assert refused.status_code == 409
    shown = {field.html_name: field.value() for field in refused.context["form"]}
    assert shown[f"seen_{first.pk}"] == changed.version
    assert alice.post(url, {name: value for name, value in shown.items() if value}).status_code == 302
    assert cast.fresh(contract).status == Contract.Status.ENDED


def test_a_second_click_proposes_no_second_milestone(deal: Deal, contract: Contract) -> None:
    alice, url = browser(deal.alice), address("milestone_new", contract_id=contract.pk)
    before = contract.milestones.count()
    data = {"title": "More screens", "amount": "250", "form_token": alice.get(url).context["form_token"]}

    answers = [alice.post(url, data), alice.post(url, data)]

    assert [answer["Location"] for answer in answers] == [address("room", contract_id=contract.pk)] * 2
    assert contract.milestones.count() == before + 1


def test_another_milestone_in_a_form_that_was_sent_is_not_lost(deal: Deal, contract: Contract) -> None:
    alice, url = browser(deal.alice), address("milestone_new", contract_id=contract.pk)
    before = contract.milestones.count()
    data = {"title": "More screens", "amount": "250", "form_token": alice.get(url).context["form_token"]}
    alice.post(url, data)

    changed = alice.post(url, data | {"amount": "300"})

    assert changed.status_code == 409
    assert 'value="300"' in changed.content.decode()
    assert contract.milestones.count() == before + 1
    assert alice.post(url, data | {"amount": "300", "form_token": changed.context["form_token"]}).status_code == 302
    assert contract.milestones.count() == before + 2


def test_a_refused_form_may_be_sent_again(deal: Deal, contract: Contract) -> None:
    alice, url = browser(deal.alice), address("milestone_new", contract_id=contract.pk)
    token = alice.get(url).context["form_token"]
    before = contract.milestones.count()
    assert alice.post(url, {"title": "More", "amount": "1", "form_token": token}).status_code == 422
    assert alice.post(url, {"title": "More", "amount": "250", "form_token": token}).status_code == 302
    assert contract.milestones.count() == before + 1


def test_strangers_find_nothing(deal: Deal, contract: Contract) -> None:
    chloe = browser(make_client("Chloe"))
    first = cast.milestone(contract)
    other = cast.sign(cast.another_bid_on_new_job(deal))
    pages = [
        address(name, contract_id=contract.pk) for name in ("room", "messages", "files", "terms", "payments", "end")
    ]
    pages += [of(first, name) for name in ("approve", "fund", "submit", "give_back")]
    pages += [address("offer", offer_id=contract.offer_id), address("offer_new", proposal_id=deal.proposal.pk)]

    for page in pages:
        assert chloe.get(page).status_code == 404, page
    mixed = address("milestone_approve", contract_id=other.pk, milestone_id=first.pk)
    assert browser(deal.alice).get(mixed).status_code == 404
    huge = address("room", contract_id=10**30)
    assert browser(deal.alice).get(huge).status_code == 404


def button(href: str, words: str) -> str:
    """Return a primary button of a card as the page has it."""
    return f'<a href="{href}" class="btn btn--primary btn--block" >{words}</a>'


def test_a_proposal_leads_each_side_to_its_offer_and_then_to_the_contract(deal: Deal) -> None:
    page = f"/proposals/{deal.proposal.pk}/"
    alice, bob = browser(deal.alice), browser(deal.bob)

    offer = cast.send(deal)
    to_client, to_freelancer = alice.get(page).content.decode(), bob.get(page).content.decode()
    assert "Offer sent</span>" in to_client
    assert "Offer received" not in to_client
    assert button(address("offer", offer_id=offer.pk), "Read the offer") in to_freelancer

    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)
    room = button(address("room", contract_id=contract.pk), "Open the contract")
    assert room in alice.get(page).content.decode()
    assert room in bob.get(page).content.decode()


def test_each_tab_of_a_contract_has_a_title_of_its_own(deal: Deal, contract: Contract) -> None:
    alice = browser(deal.alice)
    titles = {
        name: alice.get(address(name, contract_id=contract.pk)).content.decode().partition("<title>")[2].split(" | ")[0]
        for name in ("room", "messages", "files", "terms", "payments")
    }

    assert titles == {
        "room": contract.title,
        "messages": f"Messages: {contract.title}",
        "files": f"Files: {contract.title}",
        "terms": f"Terms: {contract.title}",
        "payments": f"Payments: {contract.title}",
    }


def test_the_list_tells_the_client_and_nobody_else_what_to_look_at(deal: Deal, contract: Contract) -> None:
    cast.submitted(deal, contract)

    assert ">Your review</span>" in browser(deal.alice).get(address("list")).content.decode()
    assert "Your review" not in browser(deal.bob).get(address("list")).content.decode()


@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_every_list_has_a_first_use_and_an_empty_result(deal: Deal, prefix: str) -> None:
    newcomer = browser(make_client("Nadia"))
    first = newcomer.get(prefix + address("list"))
    assert first.status_code == 200
    assert ("No contracts yet" in first.content.decode()) == (prefix == "")

    cast.sign(deal)
    ended = browser(deal.alice).get(prefix + address("list") + "?show=ended&page=900")
    assert ended.status_code == 200
    assert ("No contract has ended yet" in ended.content.decode()) == (prefix == "")


def test_a_contract_shows_its_charges_releases_and_refunds(deal: Deal, contract: Contract) -> None:
    cast.released(deal, contract)

    client = browser(deal.alice).get(address("payments", contract_id=contract.pk)).content.decode()
    freelancer = browser(deal.bob).get(address("payments", contract_id=contract.pk)).content.decode()

    assert "€1,050.00" in client
    assert "€900.00" in freelancer
    assert "€1,050.00" not in freelancer


def test_opening_the_messages_reads_them(deal: Deal, contract: Contract) -> None:
    from messaging.actions import post_message
    from messaging.queries import room_of, unread_count

    room = room_of(contract.scope)
    assert room is not None
    post_message(room_id=room.pk, text="Shall we start?", token="one", by=deal.bob.actor, at=cast.AT)
    alice = browser(deal.alice)
    assert 'class="count"' in alice.get(address("room", contract_id=contract.pk)).content.decode()

    page = alice.get(address("messages", contract_id=contract.pk)).content.decode()

    assert "Shall we start?" in page
    assert 'class="count"' not in page
    assert unread_count(room, deal.alice.user.pk) == 0


def test_the_timeline_keeps_what_was_agreed_among_the_payments(deal: Deal, contract: Contract) -> None:
    cast.funding(deal, contract)
    cast.settle()
    cast.released(deal, contract)

    page = browser(deal.alice).get(address("room", contract_id=contract.pk)).content.decode()

    for line in ("Contract started", "“Handover” funded, €400.00", "“First screens” released, €1,000.00"):
        assert line in page
