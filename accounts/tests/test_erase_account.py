"""Deleting an account: what goes, what stays, and what has to end first."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import (
    AccountGone,
    AccountNotDeletable,
    AddressMistyped,
    erase_account,
    reactivate_user,
    request_export,
    send_farewells,
)
from accounts.models import DataExport, Farewell, LegalProfile, Membership, Party, User
from accounts.queries import reader_of
from accounts.tests.cast import Person, declare, make_client, make_freelancer, make_member, make_staff, sign_in
from accounts.tests.departures import Past, make_paid, make_past
from contracts.actions import MilestoneTerms
from contracts.tests import cast
from core.errors import NotAllowed
from core.product import rules
from core.sweeps import run_sweep
from events.models import Event
from files.actions import delete_orphans, store_file
from files.models import StoredFile
from jobs.actions import save_job, start_draft
from jobs.models import Job, JobMark
from messaging.actions import post_message
from messaging.models import AuthorName
from messaging.queries import messages_of, room_of
from notifications.models import Notice
from payments.actions import request_withdrawal
from payments.actions.withdrawals import settle_payout
from payments.gateway import GatewayAnswer
from payments.models import Invoice, MoneyCase, MoneyMove, PaymentMethod, PayoutMethod, Withdrawal
from payments.papers import invoice_pdf
from profiles.models import Profile
from proposals.models import Proposal
from proposals.tests.cast import bid, make_job, make_terms

pytestmark = pytest.mark.django_db
FORMER = r"Former member [BCDFGHJKMNPQRSTVWXZ]{4}"


@pytest.fixture
def past() -> Past:
    return make_past()


def erase(person: Person, at: Any, **changes: Any) -> None:
    given = {"typed_email": person.user.email, "by": person.actor, **changes}
    erase_account(user_id=person.user.pk, at=at, **given)


def refusals(person: Person, at: Any) -> list[str]:
    """Return what keeps an account, and prove that nothing was deleted."""
    found: list[str] = []
    with cast.nothing_happens(AccountNotDeletable):
        try:
            erase(person, at)
        except AccountNotDeletable as error:
            found = [blocker.text for blocker in error.blockers]
            raise
    return found


def test_a_former_member_is_known_by_four_letters_and_cannot_log_in(past: Past, client: Client) -> None:
    email = past.bob.user.email
    erase(past.bob, past.at)
    gone = User.objects.get(pk=past.bob.user.pk)
    party = Party.objects.get(pk=past.deal.freelancer.pk)

    assert gone.get_full_name() == party.name == party.public_name
    assert re.fullmatch(FORMER, party.name)
    assert (gone.email, gone.country, gone.last_login) == (f"user-{gone.pk}@vacated.invalid", "", None)
    assert (gone.is_active, gone.has_usable_password(), gone.erased_at) == (False, False, past.at)
    assert (party.closed_at, party.place, party.about) == (past.at, "", "")
    assert not Membership.objects.filter(user=gone, ended_at=None).exists()
    answer = client.post(reverse("account_login"), {"login": email, "password": "correct horse battery"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_nothing_of_the_person_is_left_outside_of_the_books(past: Past) -> None:
    bob = past.bob
    Authenticator.objects.create(user=bob.user, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=bob.user, type="webauthn", data={})
    browser = Client()
    sign_in(browser, bob)
    other = make_job(make_client("Nora", at=past.at), at=past.at, title="Another site")
    save_job(job_id=other.pk, by=bob.actor, at=past.at)
    store_file(
        upload=SimpleUploadedFile("draft.txt", b"never sent"), kind="contracts.submission", by=bob.actor, at=past.at
    )
    erase(bob, past.at)

    models: tuple[Any, ...] = (EmailAddress, Authenticator, UserSession, Notice)
    for model in models:
        assert not model.objects.filter(user_id=bob.user.pk).exists(), model
    assert not Profile.objects.filter(party=past.deal.freelancer).exists()
    assert not JobMark.objects.filter(party=past.deal.freelancer).exists()
    assert set(PayoutMethod.objects.values_list("status", flat=True)) == {"removed"}
    assert delete_orphans(at=past.at) == 1
    assert not StoredFile.objects.filter(name="draft.txt").exists()
    assert browser.get(reverse("start")).status_code == 302
    event = Event.objects.get(kind="accounts.user_erased")
    assert (event.subject, event.actor_user_id, event.data) == (f"user:{bob.user.pk}", None, {})


def test_no_row_of_other_people_holds_the_name_but_messages_and_books(past: Past) -> None:
    erase(past.bob, past.at)
    cast.settle(past.at)

    names = {"Bob Durand", "Bob D."}
    for notice in Notice.objects.all():
        assert names.isdisjoint(map(str, notice.data.values())), notice.data
    assert not Party.objects.filter(name__in=names).exists()
    assert list(AuthorName.objects.values_list("name", flat=True)) == ["Bob Durand"]


def test_messages_lose_the_name_some_months_after_the_contract(past: Past) -> None:
    erase(past.bob, past.at)
    ended = past.contract.ended_at
    assert ended is not None

    day = ended + timedelta(days=rules().former_name_days)
    assert [each.author_name for each in messages_of(past.room)] == ["Alice Martin", "Bob Durand"]
    assert run_sweep("messaging.forget_author_names", at=day - timedelta(seconds=1)) == 0
    assert run_sweep("messaging.forget_author_names", at=day) == 1
    former = User.objects.get(pk=past.bob.user.pk).get_full_name()
    assert [each.author_name for each in messages_of(past.room)] == ["Alice Martin", former]
    assert [each.text for each in messages_of(past.room)] == ["When do the fares change?", "In spring, as always."]


def test_a_member_who_leaves_a_company_is_named_until_months_after_its_contract() -> None:
    deal = cast.make_deal()
    adrien = make_member("Adrien", deal.client, "admin", at=cast.AT)
    contract = cast.sign(deal)
    room = room_of(contract.scope)
    assert room is not None
    post_message(room_id=room.pk, text="Hello", token="c" * 20, by=adrien.actor, at=cast.AT)
    erase(adrien, cast.AT)

    assert Party.objects.get(pk=deal.client.pk).closed_at is None
    assert AuthorName.objects.get().until is None
    assert [each.author_name for each in messages_of(room)] == ["Adrien Martin"]


def test_the_other_side_still_reads_contract_room_proposal_and_invoice(past: Past) -> None:
    release = cast.milestone(past.contract)
    erase(past.bob, past.at)
    cast.settle(past.at)
    browser = Client()
    sign_in(browser, past.alice)
    former = Party.objects.get(pk=past.deal.freelancer.pk).name

    room = browser.get(reverse("contracts:room", kwargs={"contract_id": past.contract.pk}))
    proposal = browser.get(reverse("proposals:detail", kwargs={"proposal_id": past.deal.proposal.pk}))
    inbox = browser.get(reverse("proposals:inbox", kwargs={"job_id": past.deal.job.pk}))
    for page in (room, proposal, inbox):
        assert page.status_code == 200
        assert former in page.content.decode()
    assert "Bob Durand" in room.content.decode()  # above the latest message, until its day
    assert "Bob D" not in (proposal.content + inbox.content).decode()
    for invoice in Invoice.objects.filter(kind="work"):
        assert invoice.seller["name"] == "Bob Durand SARL"
        assert invoice_pdf(invoice).startswith(b"%PDF")
    assert release.status == "released"
    cast.assert_books_clean()


def test_the_profile_leaves_its_address_and_search(past: Past, client: Client) -> None:
    slug = Profile.objects.get(party=past.deal.freelancer).slug
    address = reverse("profiles:public", kwargs={"slug": slug})
    assert client.get(address).status_code == 200
    erase(past.bob, past.at)

    assert client.get(address).status_code == 404
    assert "Bob D." not in client.get(reverse("profiles:talent")).content.decode()


def test_the_address_is_free_for_a_new_account_with_a_profile_of_its_own(past: Past) -> None:
    email = past.bob.user.email
    erase(past.bob, past.at)
    again = make_freelancer("Bob", email=email, at=past.at)

    assert again.user.pk != past.bob.user.pk
    assert again.party is not None
    assert again.party.pk != past.deal.freelancer.pk
    assert [each.party_id for each in reader_of(again.user).actors] == [again.party.pk]


def test_a_last_mail_goes_to_the_old_address_which_is_then_forgotten(past: Past) -> None:
    erase(past.bob, past.at)
    mail.outbox.clear()

    assert send_farewells(at=past.at) == 1
    assert [(each.to, each.subject) for each in mail.outbox] == [
        (["bob@example.com"], "Your account at Jalon is deleted")
    ]
    assert "Former member" in str(mail.outbox[0].body)
    assert not Farewell.objects.exists()
    assert send_farewells(at=past.at) == 0


def test_a_client_leaves_and_posts_that_nobody_bid_on_go(past: Past) -> None:
    draft = start_draft(
        client_id=past.deal.client.pk, terms=make_terms(title="A draft"), by=past.alice.actor, at=past.at
    )
    quiet = make_job(past.alice, at=past.at, title="Six labels")
    erase(past.alice, past.at)
    cast.settle(past.at)

    assert not Job.objects.filter(pk__in=[draft.pk, quiet.pk]).exists()
    assert Job.objects.get(pk=past.deal.job.pk).status == "filled"
    assert set(PaymentMethod.objects.filter(party=past.deal.client).values_list("status", flat=True)) == {"removed"}
    assert Party.objects.get(pk=past.deal.client.pk).name.startswith("Former member ")


def test_open_proposals_are_withdrawn_and_their_letters_deleted(past: Past) -> None:
    nora = make_client("Nora", at=past.at)
    waiting = bid(past.bob, make_job(nora, at=past.at, title="Another site"), at=past.at)
    erase(past.bob, past.at)
    cast.settle(past.at)
    gone, hired = Proposal.objects.get(pk=waiting.pk), Proposal.objects.get(pk=past.deal.proposal.pk)

    assert (gone.status, gone.letter, gone.answers) == ("withdrawn", "", [])
    assert hired.letter != ""
    browser = Client()
    sign_in(browser, nora)
    assert browser.get(reverse("proposals:detail", kwargs={"proposal_id": waiting.pk})).status_code == 200


def test_what_was_declared_stays_where_an_invoice_needs_it_for_its_years(past: Past) -> None:
    profile = LegalProfile.objects.get(party=past.deal.freelancer)
    assert Invoice.objects.filter(seller_party=past.deal.freelancer).exists()
    erase(past.bob, past.at)
    erase(past.alice, past.at)

    assert LegalProfile.objects.filter(pk=profile.pk).exists()
    years = timedelta(days=366 * rules().invoice_name_years)
    assert run_sweep("payments.forget_legal_profiles", at=past.at + timedelta(days=3000)) == 0
    assert run_sweep("payments.forget_legal_profiles", at=past.at + years) == 1
    assert not LegalProfile.objects.filter(pk=profile.pk).exists()


def test_without_invoices_nothing_declared_stays() -> None:
    bob = make_freelancer("Bob", at=cast.AT)
    declare(bob, at=cast.AT)
    erase(bob, cast.AT)

    assert not LegalProfile.objects.exists()


# What has to end first


def test_money_keeps_an_account() -> None:
    paid = make_paid()

    assert refusals(paid.bob, paid.at) == ["€900.00 is available: withdraw it"]


def test_a_withdrawal_under_way_keeps_an_account() -> None:
    paid = make_paid()
    request_withdrawal(
        party_id=paid.deal.freelancer.pk, method_id=paid.bank.pk, amount=90_000, by=paid.bob.actor, at=paid.at
    )
    assert refusals(paid.bob, paid.at) == ["€900.00 is on its way to your bank: wait until it has arrived"]


def test_contracts_keep_both_sides() -> None:
    deal = cast.make_deal()
    cast.sign(deal, MilestoneTerms("First screens", 100_000))

    running = ["Money is held for work", "The contract “Checkout of the ferry site” has not ended"]
    assert refusals(deal.bob, cast.AT) == running
    assert refusals(deal.alice, cast.AT) == running


def test_pending_money_keeps_an_account() -> None:
    deal = cast.make_deal()
    contract = cast.sign(deal, MilestoneTerms("First screens", 100_000))
    cast.released(deal, contract)

    assert refusals(deal.bob, cast.AT) == [
        "€900.00 is in its security period: wait for it, then withdraw it",
        "The contract “Checkout of the ferry site” has not ended",
    ]


def test_offers_and_posts_with_proposals_keep_an_account() -> None:
    deal = cast.make_deal()
    assert refusals(deal.alice, cast.AT) == [
        "“Rework the checkout of a ferry site” has a proposal: close the job, and its connects go back"
    ]
    cast.send(deal, MilestoneTerms("First screens", 100_000))
    open_offer = ["Money is held for work", "The offer “Checkout of the ferry site” is open"]
    assert refusals(deal.bob, cast.AT) == open_offer
    assert refusals(deal.alice, cast.AT) == [
        open_offer[0],
        "“Rework the checkout of a ferry site” has a proposal: close the job, and its connects go back",
        open_offer[1],
    ]


def test_a_payment_under_way_keeps_an_account() -> None:
    deal = cast.make_deal()
    cast.start_sending(deal, MilestoneTerms("First screens", 100_000))

    assert refusals(deal.alice, cast.AT) == [
        "The payment for “Offer: Checkout of the ferry site” is under way",
        "“Rework the checkout of a ferry site” has a proposal: close the job, and its connects go back",
        "The offer “Checkout of the ferry site” is open",
    ]


def test_the_last_owner_of_a_company_with_others_stays_until_somebody_else_owns_it() -> None:
    alice = make_client("Alice", company_name="Rivage SARL", at=cast.AT)
    assert alice.party is not None
    maud = make_member("Maud", alice.party, "member", at=cast.AT)

    assert refusals(alice, cast.AT) == [
        "You are the last owner of Rivage SARL, which has other people: somebody else must own it first."
    ]
    Membership.objects.filter(user=maud.user).update(role="owner")
    erase(alice, cast.AT)
    party = Party.objects.get(pk=alice.party.pk)
    assert (party.name, party.closed_at) == ("Rivage SARL", None)


def test_staff_stay_until_they_are_none() -> None:
    dora = make_staff("Dora", "mediator", at=cast.AT)

    assert refusals(dora, cast.AT) == ["You are staff here: ask an administrator to take you out of your groups."]


def test_only_the_person_deletes_and_only_with_the_address_typed(past: Past) -> None:
    support = make_staff("Samir", "support", at=past.at)
    with cast.nothing_happens(NotAllowed):
        erase(past.bob, past.at, by=support.actor)
    with cast.nothing_happens(AddressMistyped):
        erase(past.bob, past.at, typed_email="alice@example.com")
    erase(past.bob, past.at, typed_email=" BOB@example.com ")
    with cast.nothing_happens(AccountGone):
        erase(past.bob, past.at)
    with cast.nothing_happens(AccountGone):
        reactivate_user(user_id=past.bob.user.pk, reason="Asked by phone.", by=support.actor, at=past.at)


def test_an_archive_that_is_being_built_is_dropped(past: Past) -> None:
    request_export(user_id=past.bob.user.pk, by=past.bob.actor, at=past.at)
    erase(past.bob, past.at)

    assert DataExport.objects.get().status == "failed"


def test_a_payout_that_a_bank_sends_back_later_is_a_case_for_finance(past: Past) -> None:
    erase(past.bob, past.at)
    assert past.withdrawal is not None
    move = MoneyMove.objects.get(source=f"payout-{past.withdrawal.pk}")
    answer = GatewayAnswer(state="denied", provider_id=past.withdrawal.provider_id or "", code="account_closed")
    settle_payout(move_id=move.pk, answer=answer, at=past.at + timedelta(days=3))

    assert Withdrawal.objects.get().status == "returned"
    case = MoneyCase.objects.get()
    assert (case.kind, case.amount, case.party_id) == ("former_member", 90_000, past.deal.freelancer.pk)
    cast.assert_books_clean()
