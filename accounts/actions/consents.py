"""Publishing the terms and the privacy notice, and agreeing to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Consent, LegalDocument, User
from accounts.permissions import is_administrator
from accounts.queries import VERSIONS_KEY
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record


class NoSuchDocument(DomainError):
    """One can only agree to a version that has been published."""


class TextMissing(DomainError):
    """A legal text is published in every language of the site at once."""


@transaction.atomic
def give_consent(*, kind: LegalDocument.Kind, version: int, by: Actor, at: datetime) -> Consent:
    """Note that a person agreed to one version of a text; agreeing again changes nothing.

    Event: accounts.consent_given, the first time.

    Raises NotAllowed for visitors and for staff in somebody's place, NoSuchDocument for a version not yet published.
    """
    person = User.objects.select_for_update(no_key=True).filter(pk=by.user_id or 0).first()
    if person is None or by.impersonator_id is not None:
        raise NotAllowed(_("Log in to do this."))
    if kind not in LegalDocument.ASKED_OF_USERS:
        raise NoSuchDocument(_("This text is not agreed to by a person."))
    if not LegalDocument.objects.filter(kind=kind, version=version, published_at__lte=at).exists():
        raise NoSuchDocument(_("This text has not been published."))
    consent, is_new = Consent.objects.get_or_create(user=person, kind=kind, version=version, defaults={"given_at": at})
    if is_new:
        record(
            kind="accounts.consent_given",
            actor=by,
            subject=f"user:{person.pk}",
            at=at,
            document=str(kind),
            version=version,
        )
    return consent


@transaction.atomic
def publish_legal_document(
    *, kind: LegalDocument.Kind, texts: Mapping[str, str], by: Actor, at: datetime
) -> list[LegalDocument]:
    """Publish the next version of a legal text in every language; those it binds are asked again.

    Event: accounts.legal_document_published.

    Raises NotAllowed unless `by` is an administrator, TextMissing when a language has no text.
    """
    # Locking the versions there are makes a second administrator wait, and count the first one's version.
    list(LegalDocument.objects.filter(kind=kind).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    if not is_administrator(by):
        raise NotAllowed(_("Only administrators may publish legal texts."))
    missing = [code for code in User.Language.values if not texts.get(code, "").strip()]
    if missing:
        raise TextMissing(_("Write the text in every language: %(codes)s is missing.") % {"codes": ", ".join(missing)})
    latest = LegalDocument.objects.filter(kind=kind).aggregate(latest=Max("version"))["latest"] or 0
    documents = [
        LegalDocument.objects.create(
            kind=kind,
            version=latest + 1,
            language=code,
            text=texts[code].strip(),
            published_at=at,
        )
        for code in User.Language.values
    ]
    record(
        kind="accounts.legal_document_published",
        actor=by,
        subject=f"document:{kind}",
        at=at,
        document=str(kind),
        version=latest + 1,
    )
    transaction.on_commit(lambda: cache.delete(VERSIONS_KEY))
    return documents
