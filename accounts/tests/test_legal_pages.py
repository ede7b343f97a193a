"""The terms and the privacy notice, and publishing a new version."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.actions import NoSuchDocument, TextMissing, give_consent, publish_legal_document
from accounts.models import Consent, LegalDocument
from accounts.queries import current_versions
from accounts.tests.cast import make_client, make_staff
from core.actor import Actor
from core.clock import now
from core.errors import NotAllowed
from events.models import Event

pytestmark = pytest.mark.django_db
TERMS = LegalDocument.Kind.TERMS
TEXTS = {"en": "Newer terms.", "fr": "Conditions plus récentes."}


def test_anybody_reads_both_texts_in_their_language(client: Client) -> None:
    assert "This is a sample." in client.get("/terms/").content.decode()
    assert "Ceci est un exemple." in client.get("/fr/privacy/").content.decode()


def test_a_new_version_is_shown_and_the_old_one_stays_readable(client: Client) -> None:
    publish_legal_document(kind=TERMS, texts=TEXTS, by=make_staff("Ada", "administrator").actor, at=now())
    assert "Newer terms." in client.get("/terms/").content.decode()
    old = client.get("/terms/?version=1").content.decode()
    assert "This is a sample." in old
    assert "This version is no longer in force." in old


@pytest.mark.parametrize("version", ["0", "2", "-1", "x", "1e9", "9" * 50, "²", "1\x00"])
def test_a_version_that_is_not_there_answers_404(client: Client, version: str) -> None:
    assert client.get("/terms/", {"version": version}).status_code == 404


def test_without_any_text_the_page_says_so(client: Client) -> None:
    LegalDocument.objects.all().delete()
    assert "Nothing published yet" in client.get("/terms/").content.decode()


def test_a_version_is_numbered_and_published_in_every_language() -> None:
    made = publish_legal_document(kind=TERMS, texts=TEXTS, by=make_staff("Ada", "administrator").actor, at=now())
    assert [(each.version, each.language) for each in made] == [(2, "en"), (2, "fr")]
    assert current_versions(now()) == {"terms": 2, "privacy": 1}
    assert Event.objects.filter(kind="accounts.legal_document_published").count() == 1


def test_only_administrators_publish() -> None:
    for person in (make_staff("Sam", "support"), make_staff("Max", "moderator"), make_client("Alice")):
        with pytest.raises(NotAllowed):
            publish_legal_document(kind=TERMS, texts=TEXTS, by=person.actor, at=now())
    assert current_versions(now()) == {"terms": 1, "privacy": 1}


def test_a_missing_language_is_refused() -> None:
    admin = make_staff("Ada", "administrator").actor
    with pytest.raises(TextMissing, match="fr is missing"):
        publish_legal_document(kind=TERMS, texts={"en": "Only this.", "fr": "  "}, by=admin, at=now())
    assert LegalDocument.objects.count() == 6


def test_agreeing_twice_is_noted_once() -> None:
    alice = make_client("Alice")
    give_consent(kind=TERMS, version=1, by=alice.actor, at=now())
    assert Consent.objects.filter(user=alice.user, kind="terms").count() == 1
    assert Event.objects.filter(kind="accounts.consent_given", subject=f"user:{alice.user.pk}").count() == 2


def test_one_cannot_agree_to_what_is_not_published_yet() -> None:
    alice = make_client("Alice")
    at = now()
    LegalDocument.objects.create(
        kind="terms", version=2, language="en", text="Later.", published_at=at + timedelta(days=1)
    )
    for version in (2, 3):
        with pytest.raises(NoSuchDocument):
            give_consent(kind=TERMS, version=version, by=alice.actor, at=at)


def test_nobody_agrees_for_somebody_else() -> None:
    with pytest.raises(NotAllowed):
        give_consent(kind=TERMS, version=1, by=Actor.anonymous(), at=now())
    with pytest.raises(NotAllowed):
        give_consent(kind=TERMS, version=1, by=Actor(user_id=1, impersonator_id=2), at=now())
