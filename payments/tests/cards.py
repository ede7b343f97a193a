"""Cards, banks and a provider at work, for the tests of every app."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from allauth.account.internal.flows.login import record_authentication
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.test import Client

from accounts.models import User
from accounts.tests.cast import Person
from core.clock import now
from core.product import rules
from events.actions import deliver_due
from payments import actions
from payments.gateways import sandbox_gateway
from payments.gateways.sandbox import WORKING_IBAN, SandboxGateway
from payments.models import (
    Credit,
    GatewayAccount,
    MoneyMove,
    PaymentMethod,
    PayoutMethod,
    Refund,
    Release,
    SandboxEvent,
)
from payments.queries import current_fees, lasting_differences
from payments.tests.purposes import purpose_for, start

SUCCEEDS = "4242424242424242"
DECLINED = "4000000000000002"
SECOND_STEP = "4000002500003155"
LATER = "4000000000000077"
FAILS_LATER = "4000000000000085"
REFUND_FAILS = "4000000000005126"
CHARGED_BACK = "4000000000000259"
REFUND_COMES_BACK = "4000000000005134"

#: Longer than the sandbox takes for anything it does later.
SANDBOX_TIME = timedelta(seconds=10)
ROUNDS = 40


def make_card(person: Person, number: str = SUCCEEDS, *, at: datetime | None = None) -> PaymentMethod:
    """Return a card of the person's party, added through the product's own verb."""
    assert person.party is not None
    return actions.add_payment_method(party_id=person.party.pk, number=number, by=person.actor, at=at or now())


def make_bank(person: Person, at: datetime | None = None, *, iban: str = WORKING_IBAN) -> PayoutMethod:
    """Return a bank account of the person's party that may be used at `at`, with the provider's account enabled."""
    at = at or now()
    assert person.party is not None
    before = at - timedelta(days=4)
    method = actions.add_payout_method(party_id=person.party.pk, iban=iban, by=person.actor, at=before)
    settle_all(before + SANDBOX_TIME)
    assert GatewayAccount.objects.get(party=person.party).status == GatewayAccount.Status.ENABLED
    return method


def sandbox() -> SandboxGateway:
    """Return the sandbox provider itself, for its faults and its bank."""
    return sandbox_gateway()


def settle_all(at: datetime | None = None) -> int:
    """Run moves, sandbox announcements, inbox and events until all is quiet at `at`; return how many things happened.

    Deadlines are left alone: `mature_releases`, `plan_transfers` and the clocks of other apps are called by name.
    """
    at = at or now()
    total = 0
    for _round in range(ROUNDS):
        done = (
            actions.run_due_moves(at=at)
            + actions.deliver_sandbox_events(at=at)
            + actions.process_inbox(at=at)
            + deliver_due(at=at)
        )
        total += done
        if not done:
            return total
    raise AssertionError("the provider never came to rest")


def prove_password(client: Client) -> None:
    """Let a signed-in test client have typed its password a moment ago, as money pages ask."""
    request = HttpRequest()
    request.session = client.session
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    record_authentication(request, request.user, method="password", reauthenticated=True)
    request.session.save()


@transaction.atomic
def release(holder: str, gross: int, *, at: datetime) -> list[Release]:
    """Release held money as a purpose's verb would."""
    return actions.release_holding(
        holder=holder, gross=gross, fee_version=current_fees().version, title="Logo", scope="contract:5", at=at
    )


@transaction.atomic
def refund(holder: str, gross: int, *, at: datetime) -> list[Refund]:
    """Send held money back to its cards as a purpose's verb would."""
    return [each for each in back(holder, gross, at=at) if isinstance(each, Refund)]


@transaction.atomic
def back(holder: str, gross: int, *, at: datetime) -> list[Refund | Credit]:
    """Send held money back, to its cards or to the credit that paid it, as a purpose's verb would."""
    return actions.refund_holding(holder=holder, gross=gross, title="Logo", scope="contract:5", at=at)


def make_credit(payer: Person, payee: Person, amount: int, *, at: datetime) -> PaymentMethod:
    """Let the payer have credit, as one whose card refused a refund; return that card.

    The work it was charged for is the tests' own, and nothing of it is held any more.
    """
    card = make_card(payer, REFUND_FAILS, at=at)
    with purpose_for(payee):
        charge = start(payer, card, at=at, reference=900, gross=amount, client_fee=0)
        actions.run_charge(charge_id=charge.pk, at=at)
        refund("thing:900", amount, at=at)
        settle_all(at)
        settle_all(at + SANDBOX_TIME)
    return card


def earn(*, holder: str, gross: int, at: datetime) -> datetime:
    """Release held money and let it arrive at the payee's account; return the moment at which it can leave."""
    release(holder, gross, at=at)
    later = at + timedelta(days=rules().security_days)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    settle_all(later)
    return later


def differences() -> list[str]:
    """Return how our books and the provider in use differ, as of the last thing that a move did."""
    last = MoneyMove.objects.aggregate(sent=Max("sent_at"), settled=Max("settled_at"))
    moments = [moment for moment in last.values() if moment is not None]
    if not moments:
        return []
    done = actions.reconcile(since=min(moments) - timedelta(days=400), at=max(moments))
    return [*map(str, lasting_differences()), *([] if done.has_balances else ["balances were not compared"])]


def deliver(event: SandboxEvent, *, at: datetime) -> None:
    """Hand one event of the sandbox to the inbox, signed."""
    body = json.dumps(event.body).encode()
    actions.receive_webhook(gateway="sandbox", body=body, headers=sandbox().signed(body), at=at)
    sandbox().mark_delivered(event.pk, at=at)
