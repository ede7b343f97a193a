"""Reconciliation with each provider: nothing after an honest journey, and each kind of difference when it is seeded."""

from __future__ import annotations

import copy
import html
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff, sign_in
from core.clock import now, real_now
from core.errors import NotAllowed
from events.models import Event
from ledger.actions import Leg, post
from payments import actions
from payments.gateway import GatewayUnreachable, ProviderRecord
from payments.gateways import current_gateway
from payments.gateways.sandbox import SandboxGateway
from payments.gateways.sandbox.store import make
from payments.models import (
    Charge,
    Chargeback,
    Difference,
    GatewayAccount,
    MoneyMove,
    PayoutMethod,
    Reconciliation,
    SandboxObject,
)
from payments.queries import explain, lasting_differences
from payments.tests import cards
from payments.tests.purposes import purpose_for, start
from tests.providers import listen, stripe_settings
from tests.stripe_server import StripeServer
from tests.test_stripe_flow import add_method, deliver, onboarded

pytestmark = pytest.mark.django_db
Kind, Status = Difference.Kind, Difference.Status
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: Sums follow from objects: they are asked for by name where a seed is about them.
SUMS = {Kind.PLATFORM_BALANCE, Kind.ACCOUNT_BALANCE, Kind.WITHHELD, Kind.EQUATION}
UNKNOWN_MOVE = 987_654_321


class Books(ABC):
    """The product at work with one provider, and ways to make that provider's records say something else."""

    at: datetime
    bob: Person

    # An honest journey

    @abstractmethod
    def method(self, alice: Person) -> Any:
        """Return a card."""

    @abstractmethod
    def bank(self, bob: Person) -> PayoutMethod:
        """Return a bank account that may be used."""

    @abstractmethod
    def settle(self, *, days: int = 0) -> None:
        """Let days pass, and all come to rest."""

    # Another story

    @abstractmethod
    def change(self, name: str, **fields: Any) -> None:
        """Change amount, currency, account, parent, state or move of an object."""

    @abstractmethod
    def copy(self, name: str) -> str:
        """Make a second object like it."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Forget an object."""

    @abstractmethod
    def dispute(self, payment: str) -> str:
        """Let the payer contest a payment."""

    @abstractmethod
    def drift(self, account: str) -> None:
        """Let an account have a cent more."""

    @abstractmethod
    def close(self, account: str) -> None:
        """Take an account out of the platform's reach."""

    @abstractmethod
    def keep(self) -> Callable[[], None]:
        """Remember everything, and return what brings it back."""

    def id(self, verb: str, number: int = 0) -> str:
        return str(MoneyMove.objects.filter(verb=verb, status="confirmed").order_by("pk")[number].provider_id)

    def move(self, verb: str) -> MoneyMove:
        return MoneyMove.objects.filter(verb=verb).order_by("pk")[0]

    def journey(self, alice: Person, bob: Person) -> None:
        """Pay twice, refund, release, transfer, take back, withdraw, put cash in and take some out."""
        assert bob.party is not None
        self.bob = bob
        fanny = make_staff("Fanny", "finance")
        with purpose_for(bob):
            method = self.method(alice)
            for number in (7, 8):
                actions.run_charge(charge_id=start(alice, method, at=self.at, reference=number).pk, at=self.at)
            bank = self.bank(bob)
            cards.refund("thing:8", 20_000, at=self.at)
            self.settle()
            (release,) = cards.release("thing:7", 60_000, at=self.at)
            actions.top_up(amount=50_000, reason="First cash", by=fanny.actor, at=self.at)
            self.settle(days=8)
            actions.mature_releases(at=self.at)
            actions.plan_transfers(at=self.at)
            self.settle(days=1)
            actions.give_back_release(release_id=release.pk, gross=10_000, by=bob.actor, at=self.at)
            self.settle()
            actions.request_withdrawal(
                party_id=bob.party.pk, method_id=bank.pk, amount=20_000, by=bob.actor, at=self.at
            )
            actions.cash_out(amount=5_000, reason="Earned", by=fanny.actor, at=self.at)
            self.settle()
            self.settle(days=8)
        assert set(MoneyMove.objects.values_list("status", flat=True)) == {"confirmed"}
        self.at += DAY


class SandboxBooks(Books):
    FIELDS = {"parent": "payment", "state": "status"}
    STATES = {"denied": "failed", "waiting": "pending", "confirmed": "succeeded"}

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def method(self, alice: Person) -> Any:
        return cards.make_card(alice, at=self.at)

    def bank(self, bob: Person) -> PayoutMethod:
        return cards.make_bank(bob, self.at)

    def settle(self, *, days: int = 0) -> None:
        self.at += days * DAY
        cards.settle_all(self.at)

    def change(self, name: str, **fields: Any) -> None:
        thing = SandboxObject.objects.get(pk=name)
        if "move" in fields:
            thing.move = str(fields.pop("move") or "")
        if "state" in fields:
            fields["state"] = self.STATES[fields["state"]]
        if thing.kind == "reversal" and "parent" in fields:
            fields["transfer"] = fields.pop("parent")
        thing.data |= {self.FIELDS.get(field, field): value for field, value in fields.items()}
        thing.save()

    def copy(self, name: str) -> str:
        thing = SandboxObject.objects.get(pk=name)
        return make(thing.kind, thing.data, thing.created_at, move=thing.move).pk

    def remove(self, name: str) -> None:
        SandboxObject.objects.filter(pk=name).update(kind="forgotten")

    def dispute(self, payment: str) -> str:
        data = {"payment": payment, "amount": 105_000, "currency": "EUR", "fee": 1_500, "reason": "fraudulent"}
        return make("dispute", {**data, "status": "needs_response", "due": self.at.isoformat()}, self.at - HOUR).pk

    def drift(self, account: str) -> None:
        thing = SandboxObject.objects.get(pk=account)
        thing.data["balance"] += 1
        thing.save()

    def close(self, account: str) -> None:
        self.remove(account)

    def keep(self) -> Callable[[], None]:
        return lambda: None  # its rows go with the savepoint


class StripeBooks(Books):
    PARENTS = {"refund": "payment_intent", "transfer_reversal": "transfer", "dispute": "payment_intent"}
    STATES = {"denied": "failed", "waiting": "pending"}

    def __init__(self, server: StripeServer) -> None:
        self.server, self.world = server, server.world
        self.at = real_now().replace(microsecond=0) + timedelta(minutes=2)

    def method(self, alice: Person) -> Any:
        return add_method(self.server, alice, self.at)

    def bank(self, bob: Person) -> PayoutMethod:
        onboarded(self.server, bob, self.at)
        return PayoutMethod.objects.get()

    def settle(self, *, days: int = 0) -> None:
        for _round in range(3):
            cards.settle_all(self.at)
            if days:
                self.server.play.advance(days=days)
                self.at, days = self.at + days * DAY, 0
            deliver(self.server, self.at)

    def change(self, name: str, **fields: Any) -> None:
        thing = self.world.objects[name]
        for field, value in fields.items():
            match field:
                case "parent":
                    thing[self.PARENTS[thing["object"]]] = value
                case "account":
                    thing["destination"] = value
                case "state":
                    thing["status"] = self.STATES[value]
                case "move":
                    thing["metadata"] = {"move_id": str(value)} if value else {}
                case "currency":
                    thing["currency"] = value.lower()
                case _:
                    thing[field] = value

    def copy(self, name: str) -> str:
        thing = copy.deepcopy(self.world.objects[name])
        thing["id"] = f"{name.split('_', maxsplit=1)[0]}_{uuid.uuid4().hex[:24]}"
        self.world.add(thing, account=self.world.owner[name], **self.world.private[name])
        return str(thing["id"])

    def remove(self, name: str) -> None:
        kinds = self.world.by_kind[self.world.objects[name]["object"], self.world.owner[name]]
        kinds.remove(name)
        if self.world.objects[name]["object"] == "transfer_reversal":  # listed by the entries that they made
            entries = self.world.by_kind["balance_transaction", None]
            entries[:] = [each for each in entries if self.world.objects[each]["source"] != name]

    def dispute(self, payment: str) -> str:
        return str(self.server.play.open_dispute(charge=payment)["id"])

    def drift(self, account: str) -> None:
        self.world.balances[account, "eur"]["available"] += 1

    def close(self, account: str) -> None:
        self.server.play.disconnect(account=account)

    def keep(self) -> Callable[[], None]:
        names = ("objects", "private", "by_kind", "owner", "balances")
        kept = {name: copy.deepcopy(dict(getattr(self.world, name))) for name in names}

        def back() -> None:
            for name in names:
                store = getattr(self.world, name)
                store.clear()
                store.update(copy.deepcopy(kept[name]))

        return back


@pytest.fixture(params=["sandbox", "stripe"])
def books(request: pytest.FixtureRequest, settings: Any) -> Iterator[Books]:
    """Return the product at work with each provider in turn, after a journey through every kind of payment."""
    with translation.override("en"):
        if request.param == "sandbox":
            begun: Books = SandboxBooks()
            _live(begun)
            yield begun
            return
        with StripeServer() as server:
            for name, value in stripe_settings(server).items():
                setattr(settings, name, value)
            server.webhooks.hold()
            listen(server, "http://localhost")
            begun = StripeBooks(server)
            _live(begun)
            yield begun


def _live(books: Books) -> None:
    books.journey(make_client("Alice", at=books.at), make_freelancer("Bob", at=books.at))


# Seeds


@dataclass(frozen=True, slots=True)
class Seed:
    """One thing that is put wrong, and the kinds of difference that have to be found."""

    name: str
    sow: Callable[[Books], object]
    kinds: frozenset[str]


def seed(name: str, sow: Callable[[Books], object], *kinds: str) -> Seed:
    return Seed(name, sow, frozenset(str(kind) for kind in kinds))


def _orphan(books: Books, verb: str, **fields: Any) -> None:
    books.change(books.copy(books.id(verb)), move=None, **fields)


def _move(books: Books, verb: str, **fields: Any) -> None:
    MoneyMove.objects.filter(pk=books.move(verb).pk).update(**fields)


def _lose(books: Books) -> None:
    books.remove(books.id("topup"))
    _move(books, "topup", status="unknown", provider_id=None, settled_at=None, next_at=books.at - HOUR)


def _not_sent(books: Books) -> None:
    _move(books, "topup", status="planned", provider_id=None, settled_at=None, sent_at=None, next_at=books.at + HOUR)


def _post(books: Books, **legs: int) -> None:
    names = {"fees": "exp:gateway"}
    made = [Leg(names.get(name, name), amount) for name, amount in legs.items()]
    with transaction.atomic():
        post(key=f"seed:{uuid.uuid4()}", kind="seed", at=books.at, currency="EUR", legs=made)


def _fee(**change: Any) -> Callable[[Books], object]:
    return lambda books: Charge.objects.filter(pk=books.move("charge").intent_id).update(**change)


def _contested(books: Books) -> str:
    """Let a payer contest a payment, and book it; return the provider's dispute."""
    name, gateway = books.dispute(books.id("charge")), current_gateway()
    with purpose_for(books.bob):
        actions.see_dispute(gateway.name, gateway.dispute(name, at=books.at), books.at)
    return name


def _decided(books: Books) -> None:
    name = _contested(books)
    assert Chargeback.objects.filter(provider_id=name).update(status="won", settled_at=books.at) == 1


def _account() -> str:
    return str(GatewayAccount.objects.get().provider_id)


MADE = ("charge", "refund", "transfer", "payout", "topup", "cashout")


def of_each(words: str, sow: Callable[[Books, str], object], kind: str, *more: str) -> list[Seed]:
    """Return a seed for each verb that makes an object."""

    def sown(verb: str) -> Callable[[Books], object]:
        return lambda books: sow(books, verb)

    return [seed(f"{words} {verb}", sown(verb), kind) for verb in (*MADE, *more)]


SEEDS = [
    *of_each("missing", lambda b, verb: b.remove(b.id(verb)), Kind.MISSING, "reversal"),
    *of_each("double", lambda b, verb: b.copy(b.id(verb)), Kind.DOUBLE),
    *of_each("orphan", _orphan, Kind.ORPHAN),
    *of_each("wrong amount of", lambda b, verb: b.change(b.id(verb), amount=4_321), Kind.WRONG_AMOUNT),
    *of_each("wrong currency of", lambda b, verb: b.change(b.id(verb), currency="USD"), Kind.WRONG_CURRENCY),
    seed("lost", _lose, Kind.LOST),
    seed("foreign charge", lambda b: b.change(b.copy(b.id("charge")), move=UNKNOWN_MOVE), Kind.FOREIGN),
    seed("foreign transfer", lambda b: b.change(b.copy(b.id("transfer")), move=UNKNOWN_MOVE), Kind.FOREIGN),
    seed("wrong verb", lambda b: b.change(b.copy(b.id("topup")), move=b.move("charge").pk), Kind.WRONG_VERB),
    seed("wrong object", lambda b: _move(b, "charge", provider_id="pi_other"), Kind.WRONG_OBJECT),
    seed("wrong account", lambda b: b.change(b.id("transfer"), account="acct_other"), Kind.WRONG_ACCOUNT),
    seed("refund of another payment", lambda b: b.change(b.id("refund"), parent="pi_other"), Kind.WRONG_PARENT),
    seed("reversal of another transfer", lambda b: b.change(b.id("reversal"), parent="tr_other"), Kind.WRONG_PARENT),
    seed("not sent", _not_sent, Kind.NOT_SENT),
    seed("denied, but moved", lambda b: _move(b, "topup", status="denied"), Kind.DENIED_BUT_MOVED),
    seed("a refund that failed later", lambda b: b.change(b.id("refund"), state="denied"), Kind.CONFIRMED_BUT_FAILED),
    seed("a payout that came back", lambda b: b.change(b.id("payout"), state="denied"), Kind.CONFIRMED_BUT_FAILED),
    seed("too early", lambda b: b.change(b.id("cashout"), state="waiting"), Kind.CONFIRMED_TOO_EARLY),
    seed(
        "unsettled",
        lambda b: _move(b, "topup", status="waiting", settled_at=None, next_at=b.at - HOUR),
        Kind.UNSETTLED,
    ),
    seed("fee not booked", _fee(provider_fee=None), Kind.FEE_MISSING, Kind.EQUATION),
    seed("wrong fee", _fee(provider_fee=1), Kind.WRONG_FEE, Kind.EQUATION),
    seed("over refunded", lambda b: _orphan(b, "refund", amount=900_000), Kind.ORPHAN, Kind.OVER_REFUNDED),
    seed(
        "over reversed",
        lambda b: b.change(b.id("reversal"), amount=900_000),
        Kind.WRONG_AMOUNT,
        Kind.OVER_REVERSED,
    ),
    seed("chargeback", lambda b: b.dispute(b.id("charge")), Kind.DISPUTE_NOT_BOOKED, Kind.WITHHELD),
    seed("chargeback decided otherwise", _decided, Kind.DISPUTE_DIFFERS),
    seed(
        "chargeback of an unknown payment",
        lambda b: b.change(b.dispute(b.id("charge")), parent="pi_other"),
        Kind.DISPUTE_ORPHAN,
        Kind.WITHHELD,
    ),
    seed("platform balance", lambda b: _post(b, gateway=-1, fees=1), Kind.PLATFORM_BALANCE, Kind.EQUATION),
    seed("account balance", lambda b: b.drift(_account()), Kind.ACCOUNT_BALANCE),
    seed("account gone", lambda b: b.close(_account()), Kind.ACCOUNT_GONE),
    seed("withheld", lambda b: _post(b, withheld=-1, gateway=1), Kind.WITHHELD, Kind.PLATFORM_BALANCE),
]


def test_a_chargeback_that_is_booked_differs_in_nothing(books: Books) -> None:
    _contested(books)
    actions.reconcile(at=books.at)
    assert [str(row) for row in lasting_differences()] == []


def test_every_kind_is_seeded() -> None:
    assert {kind for each in SEEDS for kind in each.kinds} == set(Kind.values)
    assert len(Kind.values) >= 25


def test_nothing_differs_after_an_honest_journey_and_each_seed_is_found(books: Books, capsys: Any) -> None:
    done = actions.reconcile(at=books.at)
    assert [str(row) for row in lasting_differences()] == []
    verbs = [*MADE, "charge", "refund", "reversal"]
    assert (done.records, done.found, done.has_balances) == (len(verbs), 0, True)
    call_command("reconcile", "--since", "2026-01-01")
    assert "reconciliation exact" in capsys.readouterr().out

    back, found, expected = books.keep(), {}, {}
    for each in SEEDS:
        point = transaction.savepoint()
        each.sow(books)
        actions.reconcile(at=books.at)
        rows = list(lasting_differences())
        kinds = {row.kind for row in rows}
        found[each.name] = sorted((kinds - SUMS) | (kinds & each.kinds))
        expected[each.name] = sorted(each.kinds)
        for row in rows:
            for language in ("en", "fr"):
                with translation.override(language):
                    said = explain(row)
                assert "%(" not in said.meaning, row
                assert said.advice, row
        transaction.savepoint_rollback(point)
        back()
    assert found == expected
    actions.reconcile(at=books.at)
    assert not lasting_differences().exists()


# What staff do about them, and who hears of them


def test_what_is_found_lasts_is_explained_and_goes(settings: Any) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    fanny, dora = make_staff("Fanny", "finance"), make_staff("Dora", "mediator")
    stray = make("payout", {"amount": 2_500, "currency": "EUR", "status": "paid", "account": "x"}, at)
    topup = make("topup", {"amount": 700, "currency": "EUR", "status": "pending"}, at)
    assert actions.watch_differences(at=at) == 1  # the payout is of an account that is not ours
    (row,) = lasting_differences()
    assert (row.kind, row.subject, row.first_seen_at, stray.pk in row.subject) == (
        "orphan",
        f"object:{topup.pk}",
        at,
        False,
    )
    assert actions.watch_differences(at=at + HOUR) == 0
    assert [event.data["left"] for event in Event.objects.filter(kind="payments.differences_found")] == [1]

    for verb in (actions.explain_difference, actions.take_difference_to_case):
        with pytest.raises(NotAllowed), transaction.atomic():
            verb(difference_id=row.pk, reason="Mine", by=dora.actor, at=at)
        with pytest.raises(actions.ReasonMissing), transaction.atomic():
            verb(difference_id=row.pk, reason=" ", by=fanny.actor, at=at)
    case = actions.take_difference_to_case(difference_id=row.pk, reason="Ask", by=fanny.actor, at=at)
    assert (case.kind, case.subject, case.amount) == ("difference", f"difference:{row.pk}", 700)
    assert actions.take_difference_to_case(difference_id=row.pk, reason="Again", by=fanny.actor, at=at).pk == case.pk
    actions.explain_difference(difference_id=row.pk, reason="A test", by=fanny.actor, at=at)
    case.refresh_from_db()
    assert (case.status, actions.reconcile(at=at + HOUR).found) == ("closed", 0)

    topup.data["amount"] = 701
    topup.save()
    assert actions.reconcile(at=at + 2 * HOUR).found == 1  # explained was another sum
    case = actions.take_difference_to_case(difference_id=row.pk, reason="Ask", by=fanny.actor, at=at)
    actions.close_money_case(case_id=case.pk, reason="Nobody answers", by=fanny.actor, at=at)
    actions.reconcile(at=at + 3 * HOUR)
    row.refresh_from_db()
    assert row.status == "open"  # its case was closed, and it is still there

    topup.data["status"] = "failed"
    topup.save()
    assert actions.reconcile(at=at + 4 * HOUR).found == 0
    row.refresh_from_db()
    assert (row.status, row.gone_at) == ("gone", at + 4 * HOUR)
    with pytest.raises(actions.DifferenceGone), transaction.atomic():
        actions.explain_difference(difference_id=row.pk, reason="Late", by=fanny.actor, at=at)
    assert Event.objects.filter(kind="payments.differences_gone").count() == 1


def test_an_old_difference_is_not_gone_because_nobody_looked_so_far_back(db: None) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    make("topup", {"amount": 700, "currency": "EUR", "status": "pending"}, at - 100 * DAY)
    assert actions.reconcile(at=at).found == 0
    assert actions.reconcile(since=at - 101 * DAY, at=at).found == 1
    assert actions.reconcile(at=at + HOUR).found == 1
    SandboxObject.objects.all().delete()
    assert actions.reconcile(at=at + HOUR).found == 1
    assert actions.reconcile(since=at - 101 * DAY, at=at + HOUR).found == 0


def test_a_sum_that_is_explained_is_told_again_only_when_it_is_off_by_more(db: None) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    fanny = make_staff("Fanny", "finance")
    _off(at, 100)
    assert actions.reconcile(at=at).found == 2
    for row in lasting_differences():
        actions.explain_difference(difference_id=row.pk, reason="Fee of the month", by=fanny.actor, at=at)
    actions.top_up(amount=5_000, reason="Cash", by=fanny.actor, at=at)
    cards.settle_all(at)
    cards.settle_all(at + DAY)
    assert actions.reconcile(at=at + DAY).found == 0
    row = Difference.objects.get(kind=Kind.PLATFORM_BALANCE)
    assert (row.status, row.our_amount, row.their_amount) == ("explained", 5_100, 5_000)
    _off(at, 1)
    assert actions.reconcile(at=at + DAY).found == 2


def _off(at: datetime, amount: int) -> None:
    legs = [Leg("gateway", -amount), Leg("exp:gateway", amount)]
    with transaction.atomic():
        post(key=f"seed:{uuid.uuid4()}", kind="seed", at=at, currency="EUR", legs=legs)


def test_the_command_says_what_each_difference_means_and_fails(db: None, capsys: Any) -> None:
    make("topup", {"amount": 700, "currency": "EUR", "status": "succeeded"}, now() - HOUR)
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile")
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "The provider lists “operator's cash in” of €7.00 that names no move of ours." in said.out
    assert "€7.00 are on the platform's balance; by our books €0.00 should be." in said.out
    assert said.err == "Not explained: 2 differences.\n"


def test_a_provider_that_does_not_answer_leaves_everything_as_it_was(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def nobody(self: SandboxGateway, *args: Any, **kwargs: Any) -> Iterator[ProviderRecord]:
        raise GatewayUnreachable("nobody answers")

    monkeypatch.setattr(SandboxGateway, "listing", nobody)
    assert actions.watch_differences(at=now()) == 0
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile")
    assert ended.value.code == 2
    assert Reconciliation.objects.count() == Difference.objects.count() == 0


def test_balances_that_never_come_to_rest_are_not_compared(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make("topup", {"amount": 700, "currency": "EUR", "status": "failed"}, now() - HOUR)
    marks = iter(range(100))
    monkeypatch.setattr("payments.actions.differences.rest_mark", lambda gateway: (next(marks),))
    done = actions.reconcile(at=now())
    assert (done.has_balances, done.records, done.found) == (False, 1, 0)


def test_finance_staff_read_a_difference_and_take_it_to_a_case(db: None) -> None:
    make("topup", {"amount": 700, "currency": "EUR", "status": "pending"}, now() - HOUR)
    actions.reconcile(at=now())
    row = Difference.objects.get()
    client, stranger = Client(), Client()
    sign_in(client, make_staff("Fanny", "finance"))
    sign_in(stranger, make_staff("Dora", "mediator"))
    page = reverse("admin:payments_difference_change", args=[row.pk])
    case, say = (reverse(f"admin:payments_difference_{act}", args=[row.pk]) for act in ("case", "explain"))
    assert explain(row).meaning in html.unescape(
        client.get(reverse("admin:payments_difference_changelist")).content.decode()
    )
    assert explain(row).advice in html.unescape(client.get(page).content.decode())
    assert [stranger.get(page).status_code, stranger.post(case, {"reason": "x"}).status_code] == [403, 403]
    assert [client.post(case).status_code, client.post(say).status_code] == [409, 409]
    assert client.post(case, {"reason": "Ask"}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.case_id is not None) == ("in_case", True)
    assert client.post(say, {"reason": "Known"}).status_code == 302
    assert client.get(reverse("admin:payments_reconciliation_changelist")).status_code == 200
