"""Legal texts and who agreed to them; what a party is before the law."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models.people import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet


class LegalDocument(models.Model):
    """One version of a legal text in one language; published versions never change."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("terms of use")
        PRIVACY = "privacy", _("privacy notice")
        MANDATE = "mandate", _("billing mandate")

    #: What every user agrees to; the mandate is accepted for a party that earns.
    ASKED_OF_USERS: ClassVar = (Kind.TERMS, Kind.PRIVACY)

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    version = models.PositiveIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=2, choices=User.Language.choices)
    text = models.TextField(_("text"), help_text="Markdown.")
    published_at = models.DateTimeField(_("published"))

    class Meta:
        verbose_name = _("legal document")
        verbose_name_plural = _("legal documents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "version", "language"],
                name="accounts_legaldocument_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} ({self.language})"


class Consent(models.Model):
    """That a user agreed to one version of a document, and when."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(_("kind"), max_length=8, choices=LegalDocument.Kind.choices)
    version = models.PositiveIntegerField(_("version"))
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "version"], name="accounts_consent_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.version}"


class LegalProfile(models.Model):
    """What a party is before the law and the tax office: printed on its invoices, and what VAT follows from.

    Only a registered business has numbers or charges VAT. Sums that were charged keep what they were worked out with.
    """

    class Status(models.TextChoices):
        UNREGISTERED = "unregistered", _("not registered as a business")
        REGISTERED = "registered", _("registered business")

    TRANSITIONS = table(
        transition(None, "save_legal_profile", "client, freelancer", Status.UNREGISTERED),
        transition(None, "save_legal_profile", "client, freelancer", Status.REGISTERED),
        transition(Status.UNREGISTERED, "save_legal_profile", "client, freelancer", Status.UNREGISTERED),
        transition(Status.UNREGISTERED, "save_legal_profile", "client, freelancer", Status.REGISTERED),
        transition(Status.REGISTERED, "save_legal_profile", "client, freelancer", Status.REGISTERED),
        transition(Status.REGISTERED, "save_legal_profile", "client, freelancer", Status.UNREGISTERED),
    )

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="legal_profile")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    legal_name = models.CharField(_("legal name"), max_length=160, help_text="As it stands on invoices.")
    address = models.TextField(_("address"), max_length=400, help_text="Street, postal code, town; one line each.")
    country = CountryField(_("country"))
    siret = models.CharField(_("SIRET"), max_length=14, blank=True, help_text="French businesses only.")
    vat_number = models.CharField(
        _("VAT number"), max_length=16, blank=True, help_text="Of a member state; form and check digits were checked."
    )
    charges_vat = models.BooleanField(
        _("charges VAT"), null=True, blank=True, help_text="Of its work; nothing for clients, who are not asked."
    )
    created_at = models.DateTimeField(_("declared"))
    changed_at = models.DateTimeField(_("changed"))

    objects: ClassVar = LockedQuerySet["LegalProfile"].as_manager()

    class Meta:
        verbose_name = _("legal status")
        verbose_name_plural = _("legal statuses")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="registered") | (Q(siret="", vat_number="") & ~Q(charges_vat=True)),
                name="accounts_legalprofile_only_businesses_have_numbers",
            ),
            models.CheckConstraint(condition=Q(country="FR") | Q(siret=""), name="accounts_legalprofile_french_siret"),
            models.CheckConstraint(
                condition=~Q(charges_vat=True) | ~Q(vat_number=""), name="accounts_legalprofile_vat_has_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_name} ({self.status})"


class MandateAcceptance(models.Model):
    """That a party lets the operator invoice in its name, by one version of the mandate, who agreed, and when."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="mandates")
    version = models.PositiveIntegerField(_("version"))
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(_("accepted"))

    class Meta:
        verbose_name = _("accepted mandate")
        verbose_name_plural = _("accepted mandates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "version"], name="accounts_mandateacceptance_unique")
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.version}"
