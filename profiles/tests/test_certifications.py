"""Certificates: claimed with a proof that few may read, checked or refused by staff, claimed again once changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_client, make_freelancer, make_member, make_staff, sign_in
from core.errors import NotAllowed
from core.machine import sources_of
from events.actions import deliver_due
from events.models import Event
from files.actions import FileRefused, store_file
from files.models import StoredFile
from files.tests import corpus
from notifications.models import Notice
from profiles.actions import (
    CertificationChanged,
    CertificationNotWaiting,
    ItemNotPossible,
    ReasonMissing,
    change_item,
    check_certification,
    delete_item,
    refuse_certification,
)
from profiles.models import Certification, Profile, Section
from profiles.queries import CERTIFICATE
from profiles.tests.cast import add_certificate, certificate_texts, make_approved, proof
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def maya() -> Person:
    return make_staff("Maya", "moderator", at=AT)


@pytest.fixture
def bob(maya: Person) -> Person:
    return make_approved("Bob", moderator=maya, at=AT)


def _profile(bob: Person) -> Profile:
    return Profile.objects.get(party=bob.party)


def _check(item: Certification, by: Person, **changes: Any) -> Certification:
    given = {"seen_version": item.version, "reason": "The seal is right.", **changes}
    return check_certification(certification_id=item.pk, by=by.actor, at=AT + timedelta(days=1), **given)


def _refuse(item: Certification, by: Person, **changes: Any) -> Certification:
    given = {"seen_version": item.version, "reason": "The name is another one.", **changes}
    return refuse_certification(certification_id=item.pk, by=by.actor, at=AT + timedelta(days=1), **given)


def test_a_certificate_is_claimed_with_its_proof(bob: Person) -> None:
    item = add_certificate(bob, at=AT)
    file = StoredFile.objects.get(owner_kind=CERTIFICATE, owner_ref=str(item.pk))
    assert (item.status, item.claimed_at, item.version, file.name) == ("claimed", AT, 1, "certificate.pdf")


@pytest.mark.parametrize(
    "changes",
    [
        {"heading": " "},
        {"organisation": " "},
        {"proof_id": None},
        {"expires_on": date(2024, 2, 1)},
    ],
)
def test_what_bears_nothing_out_is_refused(bob: Person, changes: dict[str, Any]) -> None:
    file = proof(bob, at=AT)
    with nothing_happens(), pytest.raises(ItemNotPossible):
        add_certificate(bob, at=AT, **{"proof_id": file, **changes})


@pytest.mark.parametrize(("name", "content"), [("a.zip", corpus.zipped({"a": b"b"})), ("a.txt", b"I am certified.")])
def test_a_proof_is_a_pdf_or_a_picture(bob: Person, name: str, content: bytes) -> None:
    with pytest.raises(FileRefused) as caught:
        store_file(upload=corpus.upload(name, content), kind=CERTIFICATE, by=bob.actor, at=AT)
    assert caught.value.message == f"“{name}” is neither a PDF nor a picture. Save it as one of these."


def test_a_checked_one_says_so_with_the_day_and_its_freelancer_is_told(bob: Person, maya: Person) -> None:
    item = _check(add_certificate(bob, at=AT), maya)
    assert (item.status, item.decided_by_id, item.decided_at) == ("checked", maya.user.pk, AT + timedelta(days=1))
    event = Event.objects.get(kind="profiles.certification_checked")
    assert (event.reason, event.subject) == ("The seal is right.", f"certification:{item.pk}")
    deliver_due(at=AT + timedelta(days=2))
    assert Notice.objects.get(kind="profiles.certification_checked").user_id == bob.user.pk
    page = Client().get(f"/f/{_profile(bob).slug}/").content.decode()
    assert "Certified Django developer" in page
    assert "Checked by staff on" in page
    assert "3 March 2026" in page
    assert "certificate.pdf" not in page


def test_a_refused_one_is_seen_by_its_freelancer_alone_with_the_reason(
    bob: Person, maya: Person, client: Client
) -> None:
    item = _refuse(add_certificate(bob, at=AT), maya)
    assert (item.status, item.reason) == ("refused", "The name is another one.")
    assert "Certified Django developer" not in Client().get(f"/f/{_profile(bob).slug}/").content.decode()
    sign_in(client, bob)
    page = client.get("/profile/").content.decode()
    assert "Certified Django developer" in page
    assert "The name is another one." in page


def test_an_expired_one_says_so(bob: Person) -> None:
    item = add_certificate(bob, at=AT, expires_on=date(2025, 1, 1))
    assert "expired in January 2025" in " ".join(Client().get(f"/f/{_profile(bob).slug}/").content.decode().split())
    assert [item.has_expired(day) for day in (date(2025, 1, 31), date(2025, 2, 1))] == [False, True]


@pytest.mark.parametrize(
    "changes", [{"heading": "Certified lead"}, {"organisation": "Guild"}, {"issued_on": date(2024, 4, 1)}]
)
def test_one_that_says_something_else_is_claimed_again(bob: Person, maya: Person, changes: dict[str, Any]) -> None:
    file = proof(bob, at=AT)
    item = _check(add_certificate(bob, at=AT, proof_id=file), maya)
    texts = certificate_texts(bob, at=AT, proof_id=file, **changes)
    change_item(profile_id=item.profile_id, item_id=item.pk, texts=texts, by=bob.actor, at=AT + timedelta(days=2))
    item.refresh_from_db()
    assert (item.status, item.version, item.decided_at, item.claimed_at) == (
        "claimed",
        2,
        None,
        AT + timedelta(days=2),
    )


def test_another_proof_is_checked_anew_and_the_same_words_are_not(bob: Person, maya: Person) -> None:
    file = proof(bob, at=AT)
    item = _check(add_certificate(bob, at=AT, proof_id=file), maya)
    same, other = (certificate_texts(bob, at=AT, proof_id=each) for each in (file, proof(bob, at=AT)))
    change_item(profile_id=item.profile_id, item_id=item.pk, texts=same, by=bob.actor, at=AT)
    item.refresh_from_db()
    assert item.status == "checked"
    change_item(profile_id=item.profile_id, item_id=item.pk, texts=other, by=bob.actor, at=AT)
    item.refresh_from_db()
    assert item.status == "claimed"


@pytest.mark.parametrize(
    ("verb", "status"), list(product([_check, _refuse], Certification.Status.values)), ids=lambda each: str(each)[:12]
)
def test_each_decision_starts_from_its_states_only(bob: Person, maya: Person, verb: Any, status: str) -> None:
    item = add_certificate(bob, at=AT)
    if status == "checked":
        item = _check(item, maya)
    elif status == "refused":
        item = _refuse(item, maya)
    name = "check_certification" if verb is _check else "refuse_certification"
    if status in sources_of(Certification.TRANSITIONS, name):
        assert verb(item, maya).status in {"checked", "refused"}
    else:
        with nothing_happens(), pytest.raises(CertificationNotWaiting):
            verb(item, maya)


def test_a_decision_is_a_moderators_about_what_they_read_and_says_why(bob: Person, maya: Person) -> None:
    item = add_certificate(bob, at=AT)
    own = make_staff("Mira", "moderator", at=AT)
    assert bob.party is not None
    bob.party.memberships.create(user=own.user, role="named_worker", created_at=AT, ended_at=AT)
    for by in (bob, make_client("Alice", at=AT), make_staff("Samir", "support", at=AT), own):
        with nothing_happens(), pytest.raises(NotAllowed):
            _check(item, by)
    with nothing_happens(), pytest.raises(CertificationChanged):
        _refuse(item, maya, seen_version=2)
    with nothing_happens(), pytest.raises(ReasonMissing):
        _check(item, maya, reason=" ")


def test_only_its_freelancer_and_moderators_read_the_proof(bob: Person, maya: Person) -> None:
    item = _check(add_certificate(bob, at=AT), maya)
    file = StoredFile.objects.get(owner_ref=str(item.pk), owner_kind=CERTIFICATE)
    assert bob.party is not None
    nobody = (
        make_client("Alice", at=AT),
        make_freelancer("Chloé", at=AT),
        make_member("Nils", bob.party, "named_worker", at=AT),
        make_staff("Samir", "support", at=AT),
    )
    answers = {}
    for person in (bob, maya, *nobody):
        browser = Client()
        sign_in(browser, person)
        answers[person.user.first_name] = browser.get(f"/files/{file.pk}/").status_code
    assert answers == {"Bob": 302, "Maya": 302, "Alice": 404, "Chloé": 404, "Nils": 404, "Samir": 404}


def test_a_deleted_one_leaves_its_proof_to_the_sweep(bob: Person) -> None:
    item = add_certificate(bob, at=AT)
    delete_item(profile_id=item.profile_id, section=Section.CERTIFICATES, item_id=item.pk, by=bob.actor, at=AT)
    assert StoredFile.objects.get(owner_kind=CERTIFICATE).attached_at is None


def test_the_form_in_place_keeps_the_proof_and_claims_again(bob: Person, client: Client) -> None:
    sign_in(client, bob)
    data = {"heading": "AWS architect", "organisation": "Amazon", "issued_on": "2024-03"}
    upload = corpus.upload("proof.pdf", corpus.PDF)
    upload.__dict__["_name"] = "proof.pdf"
    wrong = client.post("/profile/certificates/add/", {**data, "issued_on": "", "proof": upload})
    assert wrong.status_code == 422
    token = wrong.content.decode().partition('name="proof_kept" value="')[2].partition('"')[0]
    assert client.post("/profile/certificates/add/", {**data, "proof_kept": token}).status_code == 302
    item = Certification.objects.get()
    assert (item.heading, item.status, item.issued_on) == ("AWS architect", "claimed", date(2024, 3, 1))
    page = client.get(f"/profile/certificates/{item.pk}/").content.decode()
    assert "proof.pdf" in page


def test_staff_decide_on_one_screen(bob: Person, maya: Person, client: Client) -> None:
    item = add_certificate(bob, at=AT)
    sign_in(client, maya)
    assert "Certified Django developer" in client.get("/admin/profiles/certification/").content.decode()
    screen = f"/admin/profiles/certification/{item.pk}/"
    page = client.get(f"{screen}change/").content.decode()
    assert "certificate.pdf" in page
    assert "Django Guild" in page
    data = {"seen_version": 1, "decision": "refuse", "reason": ""}
    assert client.post(f"{screen}decide/", data).status_code == 409
    assert client.post(f"{screen}decide/", {**data, "reason": "Cannot be read."}).status_code == 302
    item.refresh_from_db()
    assert (item.status, item.reason) == ("refused", "Cannot be read.")
    assert "Certified Django developer" not in client.get("/admin/profiles/certification/").content.decode()
