"""Invoices: one of each kind for each release, numbered without gaps, printed the same for ever."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from accounts.models import LegalProfile, MandateAcceptance
from accounts.tests.cast import Person, sign_in
from conftest import Size
from core.tests.threads import race
from events.actions import deliver_due
from events.models import Delivery
from ledger.checks import run_checks
from payments import actions, handlers
from payments.models import Chargeback, GiveBack, Invoice, InvoiceSeries, Release
from payments.papers import identity_lines, invoice_pdf
from payments.queries import identity_of
from payments.tests import cards
from payments.tests.cards import make_card
from payments.tests.purposes import Told, start

pytestmark = pytest.mark.django_db
Kind = Invoice.Kind
THREADS = 8


@pytest.fixture
def declared(bob: Person, at: datetime) -> LegalProfile:
    """Let Bob be a French business without VAT that lets the operator invoice in his name."""
    assert bob.party is not None
    LegalProfile.objects.filter(party=bob.party).delete()
    MandateAcceptance.objects.get_or_create(
        party=bob.party, version=1, defaults={"accepted_by": bob.user, "accepted_at": at}
    )
    return LegalProfile.objects.create(
        party=bob.party, status="registered", legal_name="Bob Keller EI", address="3, rue du Four\n75006 Paris",
        country="FR", siret="73282932000074", charges_vat=False, created_at=at, changed_at=at,
    )  # fmt: skip


@pytest.fixture
def release(alice: Person, declared: LegalProfile, told: Told, at: datetime) -> Release:
    """Return a release of 1 000.00 with its fees of 50.00 and 100.00."""
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    return cards.release("thing:7", 100_000, at=at)[0]


def issued(release: Release, at: datetime) -> dict[str, Invoice]:
    return {invoice.kind: invoice for invoice in actions.issue_release_invoices(release_id=release.pk, at=at)}


def test_a_release_makes_three_invoices(release: Release, at: datetime, alice: Person, bob: Person) -> None:
    made = issued(release, at)
    assert set(made) == {Kind.WORK, Kind.CLIENT_FEE, Kind.FREELANCER_FEE}
    assert bob.party is not None
    assert alice.party is not None
    work, ours = made[Kind.WORK], made[Kind.FREELANCER_FEE]
    assert (work.net, work.total, work.seller_party_id, work.buyer_party_id) == (
        100_000, 100_000 + work.vat, bob.party.pk, alice.party.pk,
    )  # fmt: skip
    assert work.seller["name"] == "Bob Keller EI"
    assert (ours.net, ours.seller_party_id, ours.buyer_party_id) == (10_000, None, bob.party.pk)
    assert made[Kind.CLIENT_FEE].net == 5_000
    assert made[Kind.CLIENT_FEE].buyer_party_id == alice.party.pk
    assert work.number == f"F{bob.party.pk}-2026-00001"
    assert {made[Kind.CLIENT_FEE].number, ours.number} == {"OP-2026-00001", "OP-2026-00002"}


def test_a_second_time_makes_none(release: Release, at: datetime) -> None:
    assert len(issued(release, at)) == 3
    assert issued(release, at) == {}
    assert Invoice.objects.count() == 3
    assert sum(InvoiceSeries.objects.values_list("last", flat=True)) == 3


def test_without_a_mandate_nothing_is_issued_in_somebodys_name(release: Release, at: datetime, bob: Person) -> None:
    MandateAcceptance.objects.filter(party=bob.party).delete()
    assert set(issued(release, at)) == {Kind.CLIENT_FEE, Kind.FREELANCER_FEE}


def test_numbers_begin_anew_each_year(release: Release, alice: Person, told: Told, at: datetime) -> None:
    issued(release, at)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    actions.run_charge(charge_id=start(alice, make_card(alice, at=later), at=later, reference=8).pk, at=later)
    made = issued(cards.release("thing:8", 100_000, at=later)[0], later)
    assert {made[Kind.CLIENT_FEE].number, made[Kind.FREELANCER_FEE].number} == {"OP-2027-00001", "OP-2027-00002"}


def test_a_document_never_changes(release: Release, at: datetime) -> None:
    work = issued(release, at)[Kind.WORK]
    for change in (lambda: Invoice.objects.filter(pk=work.pk).update(net=1), work.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Invoice.objects.get(pk=work.pk).net == 100_000


def test_what_is_printed_is_what_was_true_then(release: Release, at: datetime, declared: LegalProfile) -> None:
    work = issued(release, at)[Kind.WORK]
    before = invoice_pdf(work)
    LegalProfile.objects.filter(pk=declared.pk).update(legal_name="Somebody else", siret="")
    assert invoice_pdf(Invoice.objects.get(pk=work.pk)) == before


def test_the_seller_is_printed_with_address_and_number(declared: LegalProfile, bob: Person) -> None:
    assert bob.party is not None
    with translation.override("fr"):
        lines = identity_lines(identity_of(bob.party.pk))
    assert lines == ["Bob Keller EI", "3, rue du Four", "75006 Paris", "France", "SIRET 73282932000074"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_paper_is_for_those_whom_it_concerns(
    release: Release, at: datetime, alice: Person, bob: Person, language: str
) -> None:
    made = issued(release, at)
    prefix = "" if language == "en" else "/fr"
    for person, seen in ((alice, {Kind.WORK, Kind.CLIENT_FEE}), (bob, {Kind.WORK, Kind.FREELANCER_FEE})):
        client = Client()
        sign_in(client, person)
        for kind, invoice in made.items():
            answer = client.get(f"{prefix}/invoices/{invoice.pk}.pdf")
            assert answer.status_code == (200 if kind in seen else 404)
            if kind in seen:
                assert answer.content.startswith(b"%PDF-")
                assert f"/Lang ({language})".encode() in answer.content
        page = client.get(f"{prefix}/invoices/").content.decode()
        assert [made[kind].number in page for kind in made] == [kind in seen for kind in made]


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_eight_threads_issue_at_once(
    alice: Person,
    declared: LegalProfile,
    told: Told,
    at: datetime,
    size: Size,
    figure: Callable[[str], None],
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    releases = [cards.release("thing:7", 200, at=at)[0].pk for _number in range(16 if size.name == "quick" else 400)]

    def issue(number: int) -> Callable[[], int]:
        """Return what issues the invoices of every eighth release, and of every eighth that another issues too."""
        mine = releases[number::THREADS] + releases[(number + 1) % THREADS :: THREADS]
        random.Random(number).shuffle(mine)
        return lambda: sum(len(actions.issue_release_invoices(release_id=pk, at=at)) for pk in mine)

    made = race(*[issue(number) for number in range(THREADS)])
    assert sum(each for each in made if isinstance(each, int)) == Invoice.objects.count() == 3 * len(releases), made
    for series in InvoiceSeries.objects.all():
        numbers = list(
            Invoice.objects.filter(issuer=series.issuer).order_by("sequence").values_list("number", "sequence")
        )
        assert [sequence for _number, sequence in numbers] == list(range(1, series.last + 1))
        assert len({number for number, _sequence in numbers}) == len(numbers)
    kinds = Counter(Invoice.objects.values_list("release_id", "kind"))
    assert kinds == {(pk, kind): 1 for pk in releases for kind in (Kind.WORK, Kind.CLIENT_FEE, Kind.FREELANCER_FEE)}
    figure(f"invoices: {3 * len(releases)} by {THREADS} threads, each asked for twice: no gap, none doubled")


def test_what_is_given_back_is_credited_to_the_cent(release: Release, at: datetime, bob: Person) -> None:
    made = issued(release, at)
    actions.give_back_release(release_id=release.pk, gross=20_000, reason="", by=bob.actor, at=at)
    back = GiveBack.objects.get()
    notes = {note.kind: note for note in actions.issue_credit_notes(give_back_id=back.pk, at=at)}
    assert {kind: note.net for kind, note in notes.items()} == {
        Kind.WORK: 20_000,
        Kind.CLIENT_FEE: 1_000,
        Kind.FREELANCER_FEE: 2_000,
    }
    assert {note.credits_id for note in notes.values()} == {invoice.pk for invoice in made.values()}
    assert actions.issue_credit_notes(give_back_id=back.pk, at=at) == []
    assert b"%PDF-" in invoice_pdf(notes[Kind.WORK])


def test_a_give_back_is_credited_also_when_it_is_heard_of_before_its_release(
    release: Release, at: datetime, bob: Person
) -> None:
    actions.give_back_release(release_id=release.pk, gross=20_000, by=bob.actor, at=at)
    first = Delivery.objects.filter(event__kind="payments.released", handler__startswith="payments.")
    first.update(next_at=at + timedelta(hours=1))
    deliver_due(at=at)
    assert Invoice.objects.filter(source=f"give_back:{GiveBack.objects.get().pk}").count() == 3
    deliver_due(at=at + timedelta(hours=1))
    assert Invoice.objects.count() == 6
    assert set(Invoice.objects.filter(credits=None).values_list("source", flat=True)) == {f"release:{release.pk}"}


def test_books_miss_a_credit_note_that_was_never_issued(
    release: Release, at: datetime, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.give_back_release(release_id=release.pk, gross=20_000, by=bob.actor, at=at)
    with monkeypatch.context() as patch:
        patch.setattr(handlers, "issue_credit_notes", lambda **_given: [])
        deliver_due(at=at)
    missing = [each for each in run_checks() if each.check == "payments.give_backs_are_credited"]
    assert len(missing) == 3
    actions.issue_credit_notes(give_back_id=GiveBack.objects.get().pk, at=at)


def test_fees_of_a_lost_payment_are_credited_and_the_work_stays_invoiced(release: Release, at: datetime) -> None:
    issued(release, at)
    chargeback = lose(release, 52_500, is_won=False, at=at)
    notes = {note.kind: note for note in Invoice.objects.exclude(credits=None)}
    assert {kind: note.net for kind, note in notes.items()} == {Kind.CLIENT_FEE: 2_500, Kind.FREELANCER_FEE: 5_000}
    assert actions.issue_chargeback_credit_notes(chargeback_id=chargeback.pk, at=at) == []


def test_a_payment_that_was_lost_before_its_release_was_heard_of_is_credited_too(
    release: Release, at: datetime
) -> None:
    first = Delivery.objects.filter(event__kind="payments.released", handler__startswith="payments.")
    first.update(next_at=at + timedelta(days=30))
    lose(release, 105_000, is_won=False, at=at)
    assert sorted(Invoice.objects.exclude(credits=None).values_list("kind", "net")) == [
        (Kind.CLIENT_FEE, 5_000),
        (Kind.FREELANCER_FEE, 10_000),
    ]


def test_a_payment_that_was_won_credits_nothing(release: Release, at: datetime) -> None:
    chargeback = lose(release, 105_000, is_won=True, at=at)
    assert actions.issue_chargeback_credit_notes(chargeback_id=chargeback.pk, at=at) == []
    assert not Invoice.objects.exclude(credits=None).exists()


def test_books_miss_the_credit_notes_of_a_loss(release: Release, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(handlers, "issue_chargeback_credit_notes", lambda **_given: [])
        chargeback = lose(release, 105_000, is_won=False, at=at)
    missing = [each for each in run_checks() if each.check == "payments.losses_are_credited"]
    assert len(missing) == 2
    actions.issue_chargeback_credit_notes(chargeback_id=chargeback.pk, at=at)


def lose(release: Release, amount: int, *, is_won: bool, at: datetime) -> Chargeback:
    """Let the payer of a release contest so much of it, and the bank decide."""
    assert release.charge is not None
    cards.sandbox().contest(release.charge.provider_id or "", amount, at=at)
    cards.settle_all(at + cards.SANDBOX_TIME)
    chargeback = Chargeback.objects.get()
    cards.sandbox().decide_dispute(chargeback.provider_id, is_won=is_won, at=at)
    cards.settle_all(at + cards.SANDBOX_TIME)
    chargeback.refresh_from_db()
    assert chargeback.status == ("won" if is_won else "lost")
    return chargeback


def test_work_released_before_there_was_a_mandate_is_never_invoiced_for_the_freelancer(
    release: Release, at: datetime, bob: Person
) -> None:
    MandateAcceptance.objects.update(accepted_at=at + timedelta(seconds=1))
    actions.give_back_release(release_id=release.pk, gross=20_000, by=bob.actor, at=at + timedelta(days=1))
    deliver_due(at=at + timedelta(days=1))
    assert set(Invoice.objects.values_list("kind", flat=True)) == {Kind.CLIENT_FEE, Kind.FREELANCER_FEE}
