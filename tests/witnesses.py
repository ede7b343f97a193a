"""What the proofs by kills ask of a provider in tests: people's cards and banks, time, one failure, and what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol

from django.test import Client

from accounts.tests.cast import Person
from contracts.tests import cast
from core.clock import real_now
from core.product import rules
from events.actions import deliver_due
from payments import actions
from payments.gateways.sandbox import Fault
from payments.models import GatewayAccount, MoneyMove, PaymentMethod, PayoutMethod, SandboxEvent, SandboxObject
from payments.tests import cards
from payments.tests.cards import sandbox
from tests import providers
from tests.stripe_server import StripeServer

CardName = Literal["succeeds", "later", "second_step"]
#: No fault; the answer lost on its way; a stored 500 after the effect; a stored 500 before it.
FAULTS = ("", "reply_lost", "broken_after", "broken_before")


@dataclass(frozen=True, slots=True)
class Done:
    """The objects that a verb makes at a provider, and the states in which its money has moved."""

    kind: str
    states: frozenset[str]


def named_after(verb: str, moves: Iterable[MoneyMove]) -> set[str]:
    """Return the numbers of moves as the provider keeps them; a cancel is done to the object of the charge."""
    if verb != "cancel":
        return {str(move.pk) for move in moves}
    charges = MoneyMove.objects.filter(verb="charge", source__in=[move.source for move in moves])
    return {str(pk) for pk in charges.values_list("pk", flat=True)}


class Provider(Protocol):
    """One provider as the tests see it from outside of the product."""

    name: str
    #: The settings of an installation that uses it.
    settings: Mapping[str, Any]
    #: The moment at which a scene begins.
    at: datetime
    #: How long whatever it does later takes at most.
    takes: timedelta
    #: The verbs about which it announces nothing.
    silent: frozenset[str]

    def begin(self) -> None:
        """Forget everything: another scene begins."""

    def card(self, person: Person, name: CardName) -> PaymentMethod:
        """Return a card of the person's party, or an account whose bank takes its time (`later`)."""

    def bank(self, person: Person) -> PayoutMethod:
        """Return a bank account of the person's party that may be used, with the provider's account enabled."""

    def pass_time(self, at: datetime) -> None:
        """Let everything happen that happens until then."""

    def announce(self, at: datetime) -> int:
        """Let the announcements arrive at the product's inbox, and return how many there were."""

    def rest(self, at: datetime) -> None:
        """Let the workers, the announcements and the handlers come to rest."""

    def arm(self, verb: str, fault: str) -> None:
        """Let the next call of this verb go wrong."""

    def arm_elsewhere(self, faults: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Let calls of another process go wrong, and return the faults that this process must bring itself."""

    def calm(self) -> None:
        """Let nothing go wrong any more."""

    def effects(self, verb: str, moves: Iterable[MoneyMove]) -> int:
        """Return how often the provider really did what these moves asked for."""

    def problems(self) -> list[str]:
        """Return what the provider has to complain about, announcements that nobody took included."""


class SandboxProvider:
    """The sandbox: its rows are its memory, and it lives in each process."""

    name: str = "sandbox"
    settings: Mapping[str, Any] = {"PAYMENT_GATEWAY": "sandbox"}
    at: datetime = cast.AT
    takes: timedelta = cards.SANDBOX_TIME
    silent: frozenset[str] = frozenset({"transfer", "reversal"})
    CARDS: ClassVar[Mapping[CardName, str]] = {
        "succeeds": cards.SUCCEEDS,
        "later": cards.LATER,
        "second_step": cards.SECOND_STEP,
    }
    DONE: ClassVar[Mapping[str, Done]] = {
        "charge": Done("payment", frozenset({"succeeded"})),
        "cancel": Done("payment", frozenset({"canceled"})),
        "refund": Done("refund", frozenset({"succeeded"})),
        "transfer": Done("transfer", frozenset({"succeeded"})),
        "payout": Done("payout", frozenset({"paid"})),
        "reversal": Done("reversal", frozenset({"succeeded"})),
        "topup": Done("topup", frozenset({"succeeded"})),
        "cashout": Done("cashout", frozenset({"paid"})),
    }

    def begin(self) -> None:
        """Do nothing: its rows went with the others."""

    def card(self, person: Person, name: CardName) -> PaymentMethod:
        """Add a test card."""
        return cards.make_card(person, self.CARDS[name], at=self.at)

    def bank(self, person: Person) -> PayoutMethod:
        """Add a test account."""
        return cards.make_bank(person, self.at)

    def pass_time(self, at: datetime) -> None:
        """Do nothing: it goes by the product's clock."""

    def announce(self, at: datetime) -> int:
        """Run its post."""
        return actions.deliver_sandbox_events(at=at)

    def rest(self, at: datetime) -> None:
        """Settle what there is."""
        cards.settle_all(at)

    def arm(self, verb: str, fault: str) -> None:
        """Put the fault before the next call by this process."""
        sandbox().faults.append(Fault(verb, fault))  # type: ignore[arg-type]

    def arm_elsewhere(self, faults: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Leave all of them to that process."""
        return faults

    def calm(self) -> None:
        """Forget the faults that nobody met."""
        sandbox().faults.clear()
        sandbox().calls.clear()

    def effects(self, verb: str, moves: Iterable[MoneyMove]) -> int:
        """Count its objects."""
        done = self.DONE[verb]
        rows = SandboxObject.objects.filter(kind=done.kind, move__in=named_after(verb, moves))
        return rows.filter(data__status__in=done.states).count()

    def problems(self) -> list[str]:
        """Look for events that wait."""
        return [f"{event.kind} was never taken" for event in SandboxEvent.objects.filter(delivered_at=None)]


class StripeProvider:
    """A Stripe of the tests' own, on a port of this machine; its webhooks wait until they are announced."""

    name: str = "stripe"
    takes: timedelta = timedelta(days=6)
    silent: frozenset[str] = frozenset()
    SITE: ClassVar[str] = "http://localhost"
    CARDS: ClassVar[Mapping[CardName, str]] = {
        "succeeds": "4242424242424242",
        "later": "AT611904300234573201",
        "second_step": "4000002760003184",
    }
    DONE: ClassVar[Mapping[str, Done]] = {
        "charge": Done("payment_intent", frozenset({"succeeded"})),
        "cancel": Done("payment_intent", frozenset({"canceled"})),
        "refund": Done("refund", frozenset({"succeeded"})),
        "transfer": Done("transfer", frozenset()),
        "payout": Done("payout", frozenset({"paid"})),
        "reversal": Done("transfer_reversal", frozenset()),
        "topup": Done("topup", frozenset({"succeeded"})),
        "cashout": Done("payout", frozenset({"paid"})),
    }

    def __init__(self, server: StripeServer) -> None:
        self.server = server
        self.settings: Mapping[str, Any] = providers.stripe_settings(server)
        self.post = Client()  # one for all: each loads the middleware of the site anew
        server.webhooks.hold()
        providers.listen(server, self.SITE)
        self.begin()

    def begin(self) -> None:
        """Forget everything, the time included."""
        self.server.begin_anew()
        self.at: datetime = real_now()

    def card(self, person: Person, name: CardName) -> PaymentMethod:
        """Type a card or an IBAN into the provider's fields, and take the second step where the bank asks for one."""
        assert person.party is not None
        setup, begun = actions.begin_setup(party_id=person.party.pk, by=person.actor, at=self.at)
        play, number = self.server.play, self.CARDS[name]
        typed = play.collect_card(number=number) if number.isdecimal() else play.collect_debit(iban=number)
        play.confirm(client_secret=begun.client_secret, payment_method=typed["id"])
        if self.server.world.objects[begun.provider_id]["status"] == "requires_action":
            play.authenticate(intent=begun.provider_id)
        method = actions.finish_setup(setup_id=setup.pk, by=person.actor, at=self.at).method
        assert method is not None
        return method

    def bank(self, person: Person) -> PayoutMethod:
        """Tell the provider all about the person, on its own pages, as long ago as a bank account must be known."""
        assert person.party is not None
        before = self.at - timedelta(days=rules().payout_method_wait_days)
        pages = {"return_url": f"{self.SITE}/wallet/", "refresh_url": f"{self.SITE}/wallet/account/"}
        actions.begin_onboarding(party_id=person.party.pk, by=person.actor, at=before, **pages)
        account = str(GatewayAccount.objects.get(party=person.party).provider_id)
        self.server.play.onboard(account=account)
        actions.refresh_account(provider_id=account, at=before)
        return PayoutMethod.objects.get(party=person.party)

    def pass_time(self, at: datetime) -> None:
        """Move its clock on."""
        self.server.play.advance(hours=max(at.timestamp() - self.server.world.time(), 0) / 3600)

    def announce(self, at: datetime) -> int:
        """Send the webhooks that wait to the site."""
        waiting = list(self.server.webhooks.held)
        self.server.webhooks.held.clear()
        for delivery in waiting:
            path = delivery.endpoint.url.removeprefix(self.SITE)
            answer = self.post.post(path, delivery.body, "application/json", headers=delivery.headers())
            assert answer.status_code == 200, delivery.event["type"]
        return len(waiting)

    def rest(self, at: datetime) -> None:
        """Let time pass, and settle what there is."""
        self.pass_time(at)
        for _round in range(cards.ROUNDS):
            done = actions.run_due_moves(at=at) + self.announce(at) + actions.process_inbox(at=at) + deliver_due(at=at)
            if not done:
                return
        raise AssertionError("the provider never came to rest")

    def arm(self, verb: str, fault: str) -> None:
        """Put the fault before the next call by whomever."""
        kind = providers.StripeProvider.FAULTS[fault]
        self.server.faults.add(kind, "POST", providers.StripeProvider.PATHS[verb])

    def arm_elsewhere(self, faults: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Put them before the next calls: it is one server for all."""
        for verb, fault in faults:
            self.arm(verb, fault)
        return ()

    def calm(self) -> None:
        """Forget the faults that nobody met."""
        self.server.faults.clear()

    def effects(self, verb: str, moves: Iterable[MoneyMove]) -> int:
        """Count its objects, on whichever account they are."""
        done, names, found = self.DONE[verb], named_after(verb, moves), 0
        for (kind, _account), ids in self.server.world.by_kind.items():
            for thing in (self.server.world.objects[each] for each in ids if kind == done.kind):
                is_theirs = thing.get("metadata", {}).get("move_id") in names
                found += is_theirs and (not done.states or thing["status"] in done.states)
        return found

    def problems(self) -> list[str]:
        """Look for webhooks that wait, books that do not add up, bugs of the server, and keys used wrongly."""
        wrong = [f"{delivery.event['type']} was never taken" for delivery in self.server.webhooks.held]
        for check in (self.server.check, self.server.calls.assert_one_body_per_key):
            try:
                check()
            except AssertionError as error:
                wrong.append(str(error))
        return wrong


PROVIDERS = ("sandbox", "stripe")
