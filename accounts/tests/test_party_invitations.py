"""Inviting people to a party: the verbs, the mail, and every way in which its link is followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts.actions import (
    AlreadyInvited,
    AlreadyMember,
    InvitationEnded,
    InvitationForAnother,
    InvitationTooOld,
    NoSuchInvitation,
    PartyIsClosed,
    RoleNotOffered,
    TooManyInvitations,
    accept_invitation,
    decline_invitation,
    expire_invitations,
    invite_member,
    open_agency,
    resend_invitation,
    send_invitation_mails,
    withdraw_invitation,
)
from accounts.models import Membership, Party, PartyInvitation, User
from accounts.queries import acting
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, make_user, sign_in
from accounts.tests.conftest import SIGN_UP, link_in
from core.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def alice() -> Person:
    return make_client("Alice", company_name="Verger SA")


def _party(person: Person) -> Party:
    assert person.party is not None
    return person.party


def _invite(by: Person, at: datetime, email: str = "hugo@example.com", role: str = "finance") -> PartyInvitation:
    return invite_member(party_id=_party(by).pk, email=email, role=role, language="en", by=by.actor, at=at)


def _link(at: datetime) -> str:
    """Send what is due, and return the path in the newest mail."""
    assert send_invitation_mails(at=at) == 1
    return link_in(mail.outbox[-1])


def _token(at: datetime) -> str:
    return _link(at).split("/")[2]


def _actor(user: User) -> Actor:
    return acting(user).actor


def test_the_mail_goes_to_the_address_once_in_the_inviters_language(alice: Person, at: datetime) -> None:
    invitation = _invite(alice, at, email="Hugo@Example.com")

    assert send_invitation_mails(at=at) == 1
    assert send_invitation_mails(at=at + timedelta(days=1)) == 0
    (sent,) = mail.outbox
    assert sent.to == ["hugo@example.com"]
    assert sent.subject == "Alice Martin invites you to Verger SA"
    assert "Your role: finance." in str(sent.body)
    assert (invitation.status, invitation.expires_at) == ("open", at + timedelta(days=7))


def test_who_has_an_account_gets_the_mail_in_their_language(alice: Person, at: datetime) -> None:
    make_user("Hugo", language="fr")
    _invite(alice, at)
    assert _link(at).startswith("/fr/join/")


def test_the_database_alone_makes_no_link(alice: Person, at: datetime) -> None:
    invitation, hugo = _invite(alice, at), _actor(make_user("Hugo"))
    token = _token(at)
    assert token not in {invitation.seal, invitation.token_digest}
    with nothing_happens(), pytest.raises(NoSuchInvitation):
        accept_invitation(token=invitation.seal, by=hugo, at=at)


def test_accepting_makes_a_membership_in_the_role_that_was_offered(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    hugo = make_user("Hugo")

    membership = accept_invitation(token=_token(at), by=_actor(hugo), at=at + timedelta(days=6))

    assert (membership.user, membership.party, membership.role) == (hugo, alice.party, "finance")
    actor = acting(hugo, _party(alice).pk).actor
    assert (actor.party_id, actor.role) == (_party(alice).pk, "finance")
    invitation = PartyInvitation.objects.get()
    assert (invitation.status, invitation.ended_by, invitation.ended_at) == ("accepted", hugo, at + timedelta(days=6))


def test_a_link_is_used_once(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    token, hugo = _token(at), make_user("Hugo")
    accept_invitation(token=token, by=_actor(hugo), at=at)
    Membership.objects.filter(user=hugo).update(ended_at=at)
    with nothing_happens(), pytest.raises(InvitationEnded):
        accept_invitation(token=token, by=_actor(hugo), at=at)


def test_only_who_owns_the_address_answers(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    token, eve = _token(at), make_user("Eve")
    for answer in (accept_invitation, decline_invitation):
        with nothing_happens(), pytest.raises(InvitationForAnother):
            answer(token=token, by=_actor(eve), at=at)
    with nothing_happens(), pytest.raises(InvitationForAnother):
        accept_invitation(token=token, by=Actor.anonymous(), at=at)
    assert PartyInvitation.objects.get().status == "open"


def test_whoever_holds_the_link_may_decline_without_an_account(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    declined = decline_invitation(token=_token(at), by=Actor.anonymous(), at=at)
    assert (declined.status, declined.ended_by) == ("declined", None)


def test_an_invitation_waits_seven_days(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    token, hugo = _token(at), make_user("Hugo")
    late = at + timedelta(days=7)
    with nothing_happens(), pytest.raises(InvitationTooOld):
        accept_invitation(token=token, by=_actor(hugo), at=late)
    assert expire_invitations(at=late - timedelta(seconds=1)) == 0
    assert expire_invitations(at=late) == 1
    assert PartyInvitation.objects.get().status == "expired"
    assert expire_invitations(at=late) == 0


def test_sending_again_makes_a_new_link_and_seven_more_days(alice: Person, at: datetime) -> None:
    invitation = _invite(alice, at)
    former = _token(at)
    later = at + timedelta(hours=2)
    with nothing_happens(), pytest.raises(TooManyInvitations):
        resend_invitation(invitation_id=invitation.pk, by=alice.actor, at=at + timedelta(minutes=59))

    again = resend_invitation(invitation_id=invitation.pk, by=alice.actor, at=later)

    assert (again.expires_at, again.times_sent) == (later + timedelta(days=7), 2)
    newer, hugo = _token(later), make_user("Hugo")
    with nothing_happens(), pytest.raises(NoSuchInvitation):
        accept_invitation(token=former, by=_actor(hugo), at=later)
    assert accept_invitation(token=newer, by=_actor(hugo), at=later).role == "finance"


def test_the_same_invitation_is_sent_five_times_at_most(alice: Person, at: datetime) -> None:
    invitation = _invite(alice, at)
    for hours in (1, 2, 3, 4):
        resend_invitation(invitation_id=invitation.pk, by=alice.actor, at=at + timedelta(hours=hours))
    with nothing_happens(), pytest.raises(TooManyInvitations):
        resend_invitation(invitation_id=invitation.pk, by=alice.actor, at=at + timedelta(hours=9))


def test_what_was_withdrawn_cannot_be_accepted_and_the_address_can_be_invited_anew(alice: Person, at: datetime) -> None:
    invitation = _invite(alice, at)
    token, hugo = _token(at), make_user("Hugo")
    assert withdraw_invitation(invitation_id=invitation.pk, by=alice.actor, at=at).ended_by == alice.user
    with nothing_happens(), pytest.raises(InvitationEnded):
        accept_invitation(token=token, by=_actor(hugo), at=at)
    with nothing_happens(), pytest.raises(InvitationEnded):
        withdraw_invitation(invitation_id=invitation.pk, by=alice.actor, at=at)
    assert _invite(alice, at).status == "open"


def test_one_invitation_to_an_address_is_open_at_a_time_and_an_old_one_gives_way(alice: Person, at: datetime) -> None:
    first = _invite(alice, at)
    with nothing_happens(), pytest.raises(AlreadyInvited):
        _invite(alice, at, email="HUGO@example.com", role="member")
    _invite(alice, at + timedelta(days=7))
    first.refresh_from_db()
    assert first.status == "expired"


def test_a_party_invites_twenty_people_a_day(alice: Person, at: datetime) -> None:
    for number in range(20):
        _invite(alice, at, email=f"person-{number}@example.com")
    with nothing_happens(), pytest.raises(TooManyInvitations):
        _invite(alice, at + timedelta(hours=23))
    assert _invite(alice, at + timedelta(days=1)).status == "open"


@pytest.mark.parametrize("role", ["hiring_manager", "finance", "member"])
def test_only_owners_and_administrators_invite(alice: Person, at: datetime, role: str) -> None:
    invitation = _invite(alice, at)
    gina, zoe = make_member("Gina", _party(alice), role), make_client("Zoe")
    refusals: list[Callable[[], object]] = [
        lambda: _invite(gina, at, email="new@example.com"),
        lambda: withdraw_invitation(invitation_id=invitation.pk, by=gina.actor, at=at),
        lambda: resend_invitation(invitation_id=invitation.pk, by=gina.actor, at=at + timedelta(days=1)),
        lambda: _invite(Person(zoe.user, alice.party, zoe.actor), at),
    ]
    for refused in refusals:
        with nothing_happens(), pytest.raises(NotAllowed):
            refused()


def test_only_owners_invite_owners(alice: Person, at: datetime) -> None:
    admin = make_member("Adele", _party(alice), "admin")
    with nothing_happens(), pytest.raises(NotAllowed):
        _invite(admin, at, role="owner")
    assert _invite(admin, at, role="admin").role == "admin"
    assert _invite(alice, at, email="olga@example.com", role="owner").role == "owner"


def test_roles_are_those_of_the_kind_of_party(alice: Person, at: datetime) -> None:
    agency = open_agency(name="Atelier", by=alice.actor, at=at)
    owner = Person(alice.user, agency, acting(alice.user, agency.pk).actor)
    bob = make_freelancer("Bob")
    refusals: list[Callable[[], object]] = [
        lambda: _invite(alice, at, role="named_worker"),
        lambda: _invite(owner, at, role="hiring_manager"),
        lambda: _invite(bob, at, role="member"),
        lambda: _invite(alice, at, role="emperor"),
        lambda: invite_member(
            party_id=_party(alice).pk,
            email="x@example.com",
            role="member",
            is_exclusive=True,
            language="en",
            by=alice.actor,
            at=at,
        ),
    ]
    for refused in refusals:
        with nothing_happens(), pytest.raises(RoleNotOffered):
            refused()
    invite_member(
        party_id=agency.pk,
        email="hugo@example.com",
        role="named_worker",
        is_exclusive=True,
        language="en",
        by=owner.actor,
        at=at,
    )
    joined = accept_invitation(token=_token(at), by=_actor(make_user("Hugo")), at=at)
    assert (joined.role, joined.is_exclusive) == ("named_worker", True)


def test_members_are_not_invited_and_nobody_joins_twice(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    token, hugo = _token(at), make_member("Hugo", _party(alice), "member")
    with nothing_happens(), pytest.raises(AlreadyMember):
        accept_invitation(token=token, by=hugo.actor, at=at)
    with nothing_happens(), pytest.raises(AlreadyMember):
        _invite(alice, at + timedelta(days=8))


def test_nobody_joins_a_party_that_was_closed(alice: Person, at: datetime) -> None:
    _invite(alice, at)
    token, hugo = _token(at), make_user("Hugo")
    Party.objects.filter(pk=_party(alice).pk).update(closed_at=at)
    with nothing_happens(), pytest.raises(PartyIsClosed):
        accept_invitation(token=token, by=_actor(hugo), at=at)
    with nothing_happens(), pytest.raises(DomainError):
        _invite(alice, at, email="new@example.com")


def test_a_mail_that_cannot_be_sent_is_tried_again_later(
    alice: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _invite(alice, at)
    with monkeypatch.context() as broken:
        broken.setattr("accounts.actions.invitations.compose_invitation", lambda _one: 1 / 0)
        assert send_invitation_mails(at=at) == 0
    assert send_invitation_mails(at=at + timedelta(seconds=119)) == 0
    assert send_invitation_mails(at=at + timedelta(seconds=120)) == 1


# The page behind the link


def test_a_visitor_signs_up_with_the_link_and_lands_back_on_it(client: Client, alice: Person, at: datetime) -> None:
    _invite(alice, at)
    path = _link(at)
    page = client.get(path).content.decode()
    assert "Alice Martin invites you to act for Verger SA." in page
    assert f"/accounts/signup/?next={path.replace('/', '%2F')}" in page
    form = client.get(f"/accounts/signup/?next={path}").content.decode()
    assert "I want to join Verger SA" in form
    assert 'value="hugo@example.com"' in form

    sent = {**SIGN_UP, "hat": "join", "email": "hugo@example.com", "next": path}
    answer = client.post("/accounts/signup/", sent)

    assert (answer.status_code, answer["Location"]) == (302, path)
    assert not Party.objects.exclude(pk=_party(alice).pk).exists(), "no party of their own was opened"
    page = client.get(path).content.decode()
    assert f'action="{path}accept/"' in page
    assert client.post(f"{path}accept/")["Location"] == "/settings/people/"
    hugo = User.objects.get(email="hugo@example.com")
    assert Membership.objects.get(user=hugo).role == "finance"
    assert "You joined Verger SA" in client.get("/settings/people/").content.decode()


def test_coming_to_join_takes_the_address_of_the_invitation(client: Client, alice: Person, at: datetime) -> None:
    _invite(alice, at)
    client.get(_link(at))
    with nothing_happens():
        answer = client.post("/accounts/signup/", {**SIGN_UP, "hat": "join", "email": "other@example.com"})
    assert answer.status_code == 200
    assert "The invitation was sent to another address." in answer.content.decode()


def test_signing_up_with_another_address_proves_nothing(client: Client, alice: Person, at: datetime) -> None:
    _invite(alice, at)
    client.get(_link(at))
    answer = client.post("/accounts/signup/", {**SIGN_UP, "email": "other@example.com"})
    assert answer["Location"] == "/accounts/confirm-email/"


def test_nobody_comes_to_join_without_an_invitation(client: Client) -> None:
    with nothing_happens():
        assert client.post("/accounts/signup/", {**SIGN_UP, "hat": "join"}).status_code == 200


def test_somebody_else_is_told_for_whom_it_is_and_uses_nothing_up(client: Client, alice: Person, at: datetime) -> None:
    _invite(alice, at)
    path = _link(at)
    sign_in(client, make_freelancer("Eve"))
    with nothing_happens():
        for answer in (client.get(path), client.post(f"{path}accept/"), client.post(f"{path}decline/")):
            page = answer.content.decode()
            assert answer.status_code == 403
            assert "It was sent to h•••@example.com, and you are logged in as eve@example.com." in page
            assert "hugo@example.com" not in page
    assert client.post("/accounts/logout/", {"next": path})["Location"] == path
    make_user("Hugo")
    page = client.get(path).content.decode()
    assert f"/accounts/login/?next={path.replace('/', '%2F')}" in page
    assert "/accounts/signup/" not in page.split("<main")[1].split("</main")[0]
    sent = {"login": "hugo@example.com", "password": "correct horse battery", "next": path}
    assert client.post("/accounts/login/", sent)["Location"] == path


def test_each_link_that_leads_nowhere_says_why(client: Client, alice: Person, at: datetime) -> None:
    invitation = _invite(alice, at)
    path = _link(at)
    hugo = make_client("Hugo")
    sign_in(client, hugo)

    def shown(status: int, words: str, address: str = path) -> None:
        for answer in (client.get(address), client.post(f"{address}accept/"), client.post(f"{address}decline/")):
            assert answer.status_code == status
            assert words in answer.content.decode()

    shown(404, "This link leads nowhere", "/join/abc/")
    PartyInvitation.objects.update(created_at=at - timedelta(days=8), sent_at=at - timedelta(days=8), expires_at=at)
    shown(409, "This invitation has expired")
    PartyInvitation.objects.update(expires_at=at + timedelta(days=1))
    Party.objects.filter(pk=_party(alice).pk).update(closed_at=at)
    shown(409, "This account was closed")
    Party.objects.update(closed_at=None)
    withdraw_invitation(invitation_id=invitation.pk, by=alice.actor, at=at)
    shown(409, "This invitation is no longer open")
    Membership.objects.create(user=hugo.user, party=_party(alice), role="member", created_at=at)
    shown(200, "You belong to Verger SA")
