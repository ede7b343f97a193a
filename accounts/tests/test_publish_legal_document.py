"""Publishing legal texts and agreeing to them: one at a time, and who may is asked under the lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actions import add_hat, give_consent, publish_legal_document, sign_up
from accounts.models import LegalDocument
from accounts.tests.cast import make_client, make_staff
from core.actor import Actor
from core.errors import NotAllowed
from core.tests.threads import together

AT = datetime(2026, 3, 2, tzinfo=UTC)
TERMS = LegalDocument.Kind.TERMS
TEXTS = {"en": "New terms.", "fr": "Nouvelles conditions."}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_publish_one_after_the_other() -> None:
    ada, alan = make_staff("Ada", "administrator"), make_staff("Alan", "administrator")
    first = LegalDocument.objects.filter(kind=TERMS).latest("version").version

    def publish(by: Actor) -> Callable[[], object]:
        return lambda: publish_legal_document(kind=TERMS, texts=TEXTS, by=by, at=AT)

    for round_ in range(5):
        results = together(publish(ada.actor), publish(alan.actor))
        assert [each for each in results if isinstance(each, Exception)] == []
        latest = LegalDocument.objects.filter(kind=TERMS).latest("version").version
        assert latest == first + 2 * (round_ + 1)


@pytest.mark.django_db
def test_who_may_is_asked_under_the_lock() -> None:
    alice, eve = make_client("Alice"), make_client("Eve")
    stand_in = Actor(user_id=alice.user.pk, impersonator_id=eve.user.pk)
    refused: list[Callable[[], object]] = [
        lambda: sign_up(user=alice.user, hat="freelancer", by=eve.actor, at=AT),
        lambda: add_hat(kind="freelancer", by=stand_in, at=AT),
        lambda: give_consent(kind=TERMS, version=1, by=stand_in, at=AT),
        lambda: publish_legal_document(kind=TERMS, texts=TEXTS, by=alice.actor, at=AT),
    ]
    for call in refused:
        with CaptureQueriesContext(connection) as queries, pytest.raises(NotAllowed), transaction.atomic():
            call()
        assert any("FOR UPDATE" in each["sql"] or "FOR NO KEY UPDATE" in each["sql"] for each in queries)
