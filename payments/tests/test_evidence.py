"""What speaks for a contested payment: gathered for staff with a reason, sent to the bank once."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_staff, sign_in
from core.errors import NotAllowed
from events.models import Event
from payments import actions
from payments.actions.cases import ReasonMissing
from payments.gateway import GatewayRefused, GatewayUnreachable
from payments.models import Chargeback, MoneyCase, SandboxObject
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_card, sandbox, settle_all
from payments.tests.purposes import Told, start
from tests.nothing import nothing_happens


@pytest.fixture
def fanny(db: None) -> Person:
    return make_staff("Fanny", "finance")


@pytest.fixture
def chargeback(alice: Person, told: Told, at: datetime) -> Chargeback:
    actions.run_charge(charge_id=start(alice, make_card(alice, cards.CHARGED_BACK, at=at), at=at).pk, at=at)
    cards.release("thing:7", 40_000, at=at)
    settle_all(at + SANDBOX_TIME)
    return Chargeback.objects.get()


def send(chargeback: Chargeback, by: Person, at: datetime, *, reason: str = "It was approved.") -> Chargeback:
    return actions.send_evidence(
        chargeback_id=chargeback.pk, words="They approved the work.", reason=reason, by=by.actor, at=at
    )


def test_staff_read_all_of_it_and_that_is_kept_with_the_reason(
    chargeback: Chargeback, fanny: Person, at: datetime
) -> None:
    given = {"chargeback_id": chargeback.pk, "reason": "The bank asks.", "by": fanny.actor, "at": at}
    with zipfile.ZipFile(io.BytesIO(actions.download_evidence(**given))) as bundle:  # type: ignore[arg-type]
        names = set(bundle.namelist())
        assert bundle.read("product.txt").decode() == "Logo"
        assert bundle.read("receipt/receipt.pdf").startswith(b"%PDF")
    assert names == {"product.txt", "service_date.txt", "customer_name.txt", "receipt/receipt.pdf"}
    event = Event.objects.get(kind="payments.chargeback_evidence_read")
    assert (event.reason, event.actor_user_id, event.scope) == ("The bank asks.", fanny.user.pk, "contract:5")


def test_the_bank_gets_it_once_and_the_case_about_it_is_settled(
    chargeback: Chargeback, fanny: Person, at: datetime
) -> None:
    assert MoneyCase.objects.get(subject=chargeback.holder).due_at == chargeback.evidence_due_at
    answered = send(chargeback, fanny, at)
    assert (answered.status, answered.evidence_at) == ("answered", at)
    assert answered.evidence["texts"]["other"] == "They approved the work."
    assert set(answered.evidence["files"]) == {"receipt"}
    assert MoneyCase.objects.get(subject=chargeback.holder).status == "closed"
    assert SandboxObject.objects.get(pk=chargeback.provider_id).data["files"] == ["receipt.pdf"]
    with nothing_happens(), pytest.raises(actions.ChargebackNotOpen):
        send(chargeback, fanny, at)


def test_evidence_that_wins_at_once_gives_the_money_back(chargeback: Chargeback, fanny: Person, at: datetime) -> None:
    actions.send_evidence(chargeback_id=chargeback.pk, words="winning_evidence", reason="Sure.", by=fanny.actor, at=at)
    settle_all(at + SANDBOX_TIME)
    chargeback.refresh_from_db()
    assert chargeback.status == "won"


def test_without_an_answer_it_can_be_sent_again(
    chargeback: Chargeback, fanny: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(sandbox()).submit_evidence
    keys: list[str] = []

    def lost(self: object, provider_id: str, **given: object) -> object:
        keys.append(str(given["key"]))
        answer = real(self, provider_id, **given)  # type: ignore[arg-type]
        if len(keys) == 1:
            raise GatewayUnreachable("the reply was lost")
        return answer

    monkeypatch.setattr(type(sandbox()), "submit_evidence", lost)
    with pytest.raises(GatewayUnreachable):
        send(chargeback, fanny, at)
    assert Chargeback.objects.get().status == "open"
    assert send(chargeback, fanny, at).status == "answered"
    assert keys == [f"sandbox:evidence:chargeback-{chargeback.pk}:{number}" for number in (1, 2)]


def test_only_finance_staff_with_a_reason_touch_it(
    chargeback: Chargeback, fanny: Person, alice: Person, at: datetime
) -> None:
    mediator = make_staff("Dora", "mediator")
    for person in (alice, make_client("Eve", at=at), mediator):
        with nothing_happens(), pytest.raises(NotAllowed):
            send(chargeback, person, at)
        with nothing_happens(), pytest.raises(NotAllowed):
            actions.download_evidence(chargeback_id=chargeback.pk, reason="Curious.", by=person.actor, at=at)
    with nothing_happens(), pytest.raises(ReasonMissing):
        send(chargeback, fanny, at, reason=" ")
    with nothing_happens(), pytest.raises(ReasonMissing):
        actions.download_evidence(chargeback_id=chargeback.pk, reason="", by=fanny.actor, at=at)


def test_a_provider_that_refuses_it_is_told_in_its_words_and_it_can_be_sent_again(
    chargeback: Chargeback, fanny: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object, provider_id: str, **given: object) -> object:
        raise GatewayRefused("InvalidRequestError 400 file_too_large req_1")

    client = Client()
    sign_in(client, fanny)
    send_it = reverse("admin:payments_chargeback_send", args=[chargeback.pk])
    with monkeypatch.context() as patched:
        patched.setattr(type(sandbox()), "submit_evidence", refuse)
        with pytest.raises(actions.EvidenceNotTaken, match="file_too_large"):
            send(chargeback, fanny, at)
        page = client.post(send_it, {"reason": "The bank asks.", "words": "They approved it."})
    assert page.status_code == 409
    assert "file_too_large" in page.content.decode()
    assert "They approved it." in page.content.decode()
    assert Chargeback.objects.get().status == "open"
    assert send(chargeback, fanny, at).status == "answered"


@pytest.mark.parametrize("side", ["payer", "payee"])
def test_staff_who_belonged_to_a_side_leave_it_to_a_colleague(
    side: str, chargeback: Chargeback, fanny: Person, alice: Person, bob: Person, at: datetime
) -> None:
    client, party = Client(), (alice if side == "payer" else bob).party
    sign_in(client, fanny)
    pages = [reverse(f"admin:payments_chargeback_{act}", args=[chargeback.pk]) for act in ("evidence", "send")]
    page = reverse("admin:payments_chargeback_change", args=[chargeback.pk])
    Chargeback.objects.update(evidence={"texts": {"other": "They approved it."}, "files": {}})
    assert [client.get(page).content.decode().count(each) for each in (*pages, "They approved it.")] == [1, 1, 1]

    assert party is not None
    Membership.objects.create(user=fanny.user, party=party, role="owner", created_at=at, ended_at=at)
    with nothing_happens(), pytest.raises(NotAllowed):
        send(chargeback, fanny, at)
    with nothing_happens(), pytest.raises(NotAllowed):
        actions.download_evidence(chargeback_id=chargeback.pk, reason="Curious.", by=fanny.actor, at=at)
    shown = client.get(page)
    assert shown.status_code == 200
    assert [shown.content.decode().count(each) for each in (*pages, "They approved it.")] == [0, 0, 0]
    for each in pages:
        assert client.post(each, {"reason": "Mine", "words": ""}).status_code == 403
    assert Chargeback.objects.get().status == "open"
