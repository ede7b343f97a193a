from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import earn, kinds, payee, recipient

LINK: Any = {
    "type": "account_onboarding",
    "account_onboarding": {"refresh_url": "https://example.com/again", "return_url": "https://example.com/back"},
}
CONTROLLER: Any = {
    "country": "FR", "capabilities": {"transfers": {"requested": True}},
    "controller": {
        "fees": {"payer": "application"}, "losses": {"payments": "application"}, "requirement_collection": "stripe",
        "stripe_dashboard": {"type": "express"},
    },
}  # fmt: skip


class Stay(HTTPRedirectHandler):
    """Show where a redirect leads instead of going there."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def press(url: str) -> tuple[int, str | None]:
    """Send a page's form, and return the status and where it leads."""
    opener = build_opener(Stay())
    try:
        with opener.open(Request(url, data=b"", method="POST")) as answer:
            return answer.status, None
    except OSError as answer:
        found: Any = answer
        with found:
            return found.code, found.headers.get("Location")


def transfers_of(client: stripe.StripeClient, account: str) -> Any:
    found: Any = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient", "requirements"]})
    return found.configuration.recipient.capabilities.stripe_balance, [
        entry.description for entry in found.requirements.entries
    ]


def test_v2_shows_only_what_is_asked_for(stripe_client: stripe.StripeClient) -> None:
    account = recipient(stripe_client, contact_email="bob@example.com", metadata={"party": "12"})
    bare = stripe_client.v2.core.accounts.retrieve(account)
    assert (bare.configuration, bare.identity, bare.requirements, bare.defaults) == (None, None, None, None)
    assert (bare.contact_email, bare.dashboard, bare.applied_configurations) == (
        "bob@example.com",
        "express",
        ["recipient"],
    )
    assert bare.metadata is not None
    assert bare.metadata.to_dict() == {"party": "12"}
    whole = stripe_client.v2.core.accounts.retrieve(account, {"include": ["identity", "defaults"]})
    assert whole.identity is not None
    assert whole.defaults is not None
    assert (whole.identity.country, whole.defaults.responsibilities.losses_collector) == ("fr", "application")


def test_onboarding_enables_transfers_and_payouts(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    account = recipient(client)
    balance, due = transfers_of(client, account)
    assert (balance.stripe_transfers.status, balance.payouts.status, len(due)) == ("restricted", "restricted", 4)
    stripe_server.play.onboard(account=account, bank=None)
    balance, due = transfers_of(client, account)
    assert (balance.stripe_transfers.status, balance.payouts.status) == ("active", "restricted")
    assert due == ["defaults.payout_methods"]
    stripe_server.play.onboard(account=account)
    balance, due = transfers_of(client, account)
    assert (balance.stripe_transfers.status, balance.payouts.status, due) == ("active", "active", [])


def test_a_recipient_needs_responsibilities_and_a_country(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    bare: Any = {"configuration": {"recipient": {}}}
    with pytest.raises(stripe.InvalidRequestError) as without_responsibilities:
        client.v2.core.accounts.create(bare)
    both: Any = {
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}}, **bare
    }  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError) as without_country:
        client.v2.core.accounts.create(both)
    assert without_responsibilities.value.param == "defaults.responsibilities"
    assert without_country.value.param == "identity.country"
    assert stripe_server.world.every("account") == []


@pytest.mark.parametrize("generation", ["v1", "v2"])
def test_a_link_leads_through_onboarding_and_back_once(stripe_server: StripeServer, generation: str) -> None:
    client = stripe_server.client()
    if generation == "v2":
        account = recipient(client)
        url = client.v2.core.account_links.create({"account": account, "use_case": LINK}).url
    else:
        account = client.v1.accounts.create(CONTROLLER).id
        params: Any = {"account": account, "type": "account_onboarding", **LINK["account_onboarding"]}
        url = client.v1.account_links.create(params).url
    assert press(url) == (303, "https://example.com/back")
    assert press(url)[0] == 404
    found = client.v1.accounts.retrieve(account)
    assert (found.payouts_enabled, found.details_submitted) == (True, True)
    assert found.capabilities is not None
    assert found.capabilities.transfers == "active"


def test_a_link_runs_out(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    account = recipient(client)
    url = client.v2.core.account_links.create({"account": account, "use_case": LINK}).url
    stripe_server.play.advance(hours=1)
    assert press(url) == (303, "https://example.com/again")
    assert client.v1.accounts.retrieve(account).details_submitted is False


def test_events_of_both_generations(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    account = recipient(client)
    stripe_server.play.onboard(account=account)
    assert kinds(stripe_server, account) == [
        "account.external_account.created", "account.updated", "capability.updated",
    ]  # fmt: skip
    params: Any = {"object_id": account}
    thin = client.v2.core.events.list(params).data
    assert [event.type for event in thin][::-1] == [
        "v2.core.account.created", "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
    ]  # fmt: skip
    assert client.v2.core.events.retrieve(thin[0].id).type == thin[0].type
    recipient(client)
    narrow: Any = {"limit": 1, "types": [event.type for event in thin], **params}
    paged = client.v2.core.events.list(narrow)
    assert [event.id for event in paged.auto_paging_iter()] == [event.id for event in thin]
    later: Any = {"created": {"gt": thin[0].created}, "object_id": account}
    assert client.v2.core.events.list(later).data == []


def test_v1_accounts_by_controller(stripe_client: stripe.StripeClient) -> None:
    account = stripe_client.v1.accounts.create(CONTROLLER)
    assert account.requirements is not None
    assert account.controller is not None
    assert account.controller.stripe_dashboard is not None
    assert (account.payouts_enabled, account.controller.stripe_dashboard.type) == (False, "express")
    assert account.requirements.currently_due is not None
    assert "external_account" in account.requirements.currently_due
    both: Any = {**CONTROLLER, "type": "express"}
    with pytest.raises(stripe.InvalidRequestError, match="both `type` and `controller`"):
        stripe_client.v1.accounts.create(both)
    wrong: Any = {**CONTROLLER, "controller": {**CONTROLLER["controller"], "losses": {"payments": "stripe"}}}
    with pytest.raises(stripe.InvalidRequestError, match="Express Dashboard"):
        stripe_client.v1.accounts.create(wrong)


def test_external_accounts(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    (bank,) = client.v1.accounts.external_accounts.list(account, {"object": "bank_account"}).data
    assert isinstance(bank, stripe.BankAccount)
    assert (bank.last4, bank.country, bank.currency, bank.status) == ("3000", "DE", "eur", "new")
    assert client.v1.accounts.external_accounts.retrieve(account, bank.id).id == bank.id
    stripe_server.play.onboard(account=account, bank="FR1420041010050500013M02606")
    (other,) = client.v1.accounts.external_accounts.list(account).data
    assert isinstance(other, stripe.BankAccount)
    assert other.last4 == "2606"


def test_a_rejected_account_neither_receives_nor_is_paid(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    stripe_server.play.restrict(account=account, reason="rejected.fraud")
    balance, _ = transfers_of(client, account)
    assert balance.stripe_transfers.status == "rejected"
    with pytest.raises(stripe.InvalidRequestError):
        earn(stripe_server, account)


def test_an_account_with_money_cannot_be_closed(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = earn(stripe_server, account)
    with pytest.raises(stripe.InvalidRequestError):
        client.v2.core.accounts.close(account)
    client.v1.transfers.reversals.create(transfer.id)
    assert client.v2.core.accounts.close(account).closed is True


def test_access_can_be_taken_away(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    stripe_server.play.disconnect(account=account)
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve({}, {"stripe_account": account})
    assert kinds(stripe_server, account)[-1] == "account.application.deauthorized"
