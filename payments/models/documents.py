"""Invoices and credit notes: what was sold, by whom to whom, under a number without gaps."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.models import LockedQuerySet
from payments.models.holdings import Release
from payments.models.moves import Charge


class InvoiceSeries(models.Model):
    """The numbers of one issuer in one year; the row is locked while the next one is given."""

    issuer = models.CharField(max_length=60, help_text="operator, or the party in whose name they are issued: party:7.")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    objects: ClassVar = LockedQuerySet["InvoiceSeries"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "year"], name="payments_invoiceseries_one_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.year}"


class Invoice(models.Model):
    """A document of one sale, or of a part of one that was taken back (`credits`); it never changes.

    Seller, buyer and sums are copied when it is made, so that it prints the same for ever.
    """

    class Kind(models.TextChoices):
        WORK = "work", _("work of the freelancer")
        CLIENT_FEE = "client_fee", _("client fee")
        FREELANCER_FEE = "freelancer_fee", _("freelancer fee")
        SALE = "sale", _("sale of the operator")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    credits = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes",
        help_text="The invoice that this credit note takes back, in part or whole.",
    )  # fmt: skip
    issuer = models.CharField(max_length=60, help_text="Whose series the number is of: operator, or party:7.")
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=40)
    source = models.CharField(max_length=60, help_text="What it is for, such as release:7; one of each kind.")
    scope = models.CharField(max_length=60, blank=True, help_text="What a line about it links to, such as contract:5.")
    seller_party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices_out",
        help_text="The freelancer or agency in whose name it is; none for the operator's own.",
    )  # fmt: skip
    buyer_party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="invoices_in")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices")
    seller = models.JSONField(help_text="Name, address, country and numbers as they were.")
    buyer = models.JSONField(help_text="Name, address, country and numbers as they were.")
    title = models.CharField(_("what for"), max_length=240)
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField(_("without VAT"), help_text="Minor units; above zero on credit notes too.")
    vat_bps = models.PositiveIntegerField(_("rate of VAT"), help_text="Basis points.")
    vat_reason = models.CharField(max_length=12)
    vat = models.BigIntegerField(_("VAT"), help_text="Minor units.")
    total = models.BigIntegerField(_("total"), help_text="Minor units.")
    mandate_version = models.PositiveIntegerField(
        default=0, help_text="Version of the billing mandate under which it was issued in the seller's name."
    )
    issued_at = models.DateTimeField(_("issued"))

    objects: ClassVar = LockedQuerySet["Invoice"].as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "year", "sequence"], name="payments_invoice_number_once"),
            models.UniqueConstraint(fields=["kind", "source"], name="payments_invoice_one_of_each"),
            models.CheckConstraint(
                condition=Q(total=F("net") + F("vat"), net__gte=0, vat__gte=0, total__gt=0),
                name="payments_invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(kind="work", seller_party__isnull=False) | (~Q(kind="work") & Q(seller_party=None)),
                name="payments_invoice_seller",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["buyer_party", "-issued_at"], name="payments_invoice_buyer"),
            models.Index(fields=["seller_party", "-issued_at"], name="payments_invoice_seller"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        """Test whether the document takes a sale back."""
        return self.credits_id is not None
