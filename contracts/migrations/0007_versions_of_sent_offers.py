from __future__ import annotations

from typing import Any

from django.db import migrations, models


def note_ends(apps: Any, schema_editor: Any) -> None:
    """Say what offers become that were being withdrawn while their payment ran: until now nothing else was possible."""
    offers = apps.get_model("contracts", "Offer").objects.using(schema_editor.connection.alias)
    offers.filter(end_requested_at__isnull=False).update(end_requested_as="withdrawn")


def write_versions(apps: Any, schema_editor: Any) -> None:
    """Write down the terms of every offer that was sent as its first version."""
    alias = schema_editor.connection.alias
    version_model = apps.get_model("contracts", "OfferVersion")
    sent = apps.get_model("contracts", "Offer").objects.using(alias).filter(sent_at__isnull=False)
    versions = []
    for offer in sent.prefetch_related("milestones").order_by("pk").iterator(chunk_size=500):
        plan = sorted(offer.milestones.all(), key=lambda each: each.position)
        versions.append(
            version_model(
                offer=offer,
                number=1,
                party_id=offer.client_id,
                author_id=offer.author_id,
                state="current",
                title=offer.title,
                deliverables=offer.deliverables,
                language=offer.language,
                starts_on=offer.starts_on,
                ends_on=offer.ends_on,
                milestones=[
                    {
                        "title": each.title,
                        "amount": each.amount,
                        "description": each.description,
                        "due_on": each.due_on.isoformat() if each.due_on else None,
                    }
                    for each in plan
                ],
                created_at=offer.sent_at,
            )
        )
    version_model.objects.using(alias).bulk_create(versions, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0006_negotiated_offers")]

    operations = [
        migrations.RunPython(note_ends, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_requested_as", ""), ("end_requested_at", None)),
                    models.Q(
                        ("end_requested_as__in", ["declined", "withdrawn", "expired"]),
                        ("end_requested_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="contracts_offer_end_requested",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["draft", "pending"]), _negated=True),
                    ("end_requested_at", None),
                    _connector="OR",
                ),
                name="contracts_offer_waits_to_end",
            ),
        ),
        migrations.RunPython(write_versions, migrations.RunPython.noop),
    ]
