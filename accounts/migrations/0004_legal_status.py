"""Legal status and billing mandate, with the first text of the mandate: a sample that the operator replaces."""

from __future__ import annotations

from datetime import UTC, datetime

import django.db.models.deletion
import django_countries.fields
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)

MANDATE_EN = """\
*This is a sample. Whoever runs this site replaces it with a mandate of their own before anybody uses it for real work.*

## 1. What you let us do

You let the operator of this site write and send, in your name and on your behalf, the invoices and credit notes for the
work you are paid for through this site. You write none elsewhere for the same work.

## 2. What stays yours

You remain responsible for your invoices and for the VAT on them: you declare it and pay it to the state. You tell us at
once when your legal status, your address or your position on VAT changes, because invoices follow what you declared.

## 3. How invoices are written

Each invoice carries your legal name, your address and your numbers, a number of its own without gaps, and the mention
that it was written by the operator in your name. You find a copy of each one here as soon as it is written.

## 4. Objecting

You have 30 days after an invoice was written to object to what it says. A mistake is corrected by a credit note and a
new invoice.

## 5. Ending

You may end this mandate at any time by writing to the operator. After that no new offer can be accepted here; invoices
for work that is paid already are still written.
"""

MANDATE_FR = """\
*Ceci est un exemple. L’exploitant du site le remplace par son propre mandat avant tout usage réel.*

## 1. Ce que vous nous confiez

Vous donnez mandat à l’exploitant du site d’établir et d’envoyer, en votre nom et pour votre compte, les factures et les
avoirs du travail qui vous est payé par ce site. Vous n’établissez pas d’autre facture pour le même travail.

## 2. Ce qui reste de votre ressort

Vous restez responsable de vos factures et de leur TVA : vous la déclarez et la versez à l’État. Vous nous signalez
aussitôt tout changement de statut, d’adresse ou de situation de TVA, car les factures suivent ce que vous avez déclaré.

## 3. Comment les factures sont établies

Chaque facture porte votre nom légal, votre adresse et vos numéros, un numéro propre sans rupture, et la mention qu’elle
est établie par l’exploitant en votre nom. Vous trouvez ici une copie de chacune dès qu’elle est établie.

## 4. Contester

Vous avez 30 jours après l’établissement d’une facture pour en contester le contenu. Une erreur est corrigée par un
avoir et une nouvelle facture.

## 5. Mettre fin au mandat

Vous pouvez mettre fin à ce mandat à tout moment en écrivant à l’exploitant. Ensuite, aucune nouvelle offre ne peut être
acceptée ici ; les factures du travail déjà payé sont encore établies.
"""


def publish_samples(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Publish version 1 of the mandate in both languages."""
    document = apps.get_model("accounts", "LegalDocument")
    for language, text in (("en", MANDATE_EN), ("fr", MANDATE_FR)):
        narrow = text.replace(" ;", "\u202f;").replace(" :", "\u202f:") if language == "fr" else text
        document.objects.get_or_create(
            kind="mandate",
            version=1,
            language=language,
            defaults={"text": narrow.strip(), "published_at": PUBLISHED},
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sample_legal_texts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="kind",
            field=models.CharField(
                choices=[("terms", "terms of use"), ("privacy", "privacy notice"), ("mandate", "billing mandate")],
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="legaldocument",
            name="kind",
            field=models.CharField(
                choices=[("terms", "terms of use"), ("privacy", "privacy notice"), ("mandate", "billing mandate")],
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="LegalProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unregistered", "not registered as a business"),
                            ("registered", "registered business"),
                        ],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "legal_name",
                    models.CharField(help_text="As it stands on invoices.", max_length=160, verbose_name="legal name"),
                ),
                (
                    "address",
                    models.TextField(
                        help_text="Street, postal code, town; one line each.", max_length=400, verbose_name="address"
                    ),
                ),
                ("country", django_countries.fields.CountryField(max_length=2, verbose_name="country")),
                (
                    "siret",
                    models.CharField(
                        blank=True, help_text="French businesses only.", max_length=14, verbose_name="SIRET"
                    ),
                ),
                (
                    "vat_number",
                    models.CharField(
                        blank=True,
                        help_text="Of a member state; form and check digits were checked.",
                        max_length=16,
                        verbose_name="VAT number",
                    ),
                ),
                (
                    "charges_vat",
                    models.BooleanField(
                        blank=True,
                        help_text="Of its work; nothing for clients, who are not asked.",
                        null=True,
                        verbose_name="charges VAT",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="declared")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="legal_profile", to="accounts.party"
                    ),
                ),
            ],
            options={
                "verbose_name": "legal status",
                "verbose_name_plural": "legal statuses",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "registered"),
                            models.Q(("siret", ""), ("vat_number", ""), models.Q(("charges_vat", True), _negated=True)),
                            _connector="OR",
                        ),
                        name="accounts_legalprofile_only_businesses_have_numbers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country", "FR"), ("siret", ""), _connector="OR"),
                        name="accounts_legalprofile_french_siret",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("charges_vat", True), _negated=True),
                            models.Q(("vat_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="accounts_legalprofile_vat_has_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MandateAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("accepted_at", models.DateTimeField(verbose_name="accepted")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mandates", to="accounts.party"
                    ),
                ),
            ],
            options={
                "verbose_name": "accepted mandate",
                "verbose_name_plural": "accepted mandates",
                "constraints": [
                    models.UniqueConstraint(fields=("party", "version"), name="accounts_mandateacceptance_unique")
                ],
            },
        ),
        migrations.RunPython(publish_samples, migrations.RunPython.noop),
    ]
