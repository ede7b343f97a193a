"""Demand of boosts and spends what their verbs keep to, and index both, without holding up who writes."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

CONSTRAINTS = [
    (
        "proposal",
        models.CheckConstraint(
            condition=Q(boost=0, boosted_at=None) | Q(boost__gt=0, boosted_at__isnull=False),
            name="proposals_proposal_boosted_at",
        ),
    ),
    (
        "connectspend",
        models.CheckConstraint(
            condition=Q(part="proposal", sequence=1) & ~Q(reason="outbid") | Q(part="boost", sequence__gte=1),
            name="proposals_connectspend_part",
        ),
    ),
    ("connectspend", models.CheckConstraint(condition=Q(amount__gt=0), name="proposals_connectspend_positive")),
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("proposals", "0008_boosts")]

    operations = [
        *(AddConstraintNotValid(model, constraint) for model, constraint in CONSTRAINTS),
        *(ValidateConstraint(model, name=constraint.name) for model, constraint in CONSTRAINTS),
        AddIndexConcurrently(
            "proposal",
            models.Index(fields=["job", "-boost"], condition=Q(boost__gt=0), name="proposals_proposal_boosted"),
        ),
        AddIndexConcurrently(
            "connectlot",
            models.Index(fields=["expires_at"], condition=Q(left__gt=0), name="proposals_connectlot_expiring"),
        ),
    ]
