"""Let proposals be in interview; indexes are built, and rows checked, while proposals are read and written."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

NEW = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS proposals_proposal_one_bound ON proposals_proposal (job_id, party_id)
WHERE status IN ('submitted', 'viewed', 'interviewing', 'offered')
"""
OLD = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS proposals_proposal_one_live ON proposals_proposal (job_id, party_id)
WHERE status IN ('submitted', 'viewed', 'offered')
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("proposals", "0009_boosts_demanded")]

    operations = [
        migrations.AddField(
            "proposal",
            "interviewing_at",
            models.DateTimeField(
                blank=True,
                help_text="The client's first message about it.",
                null=True,
                verbose_name="in interview since",
            ),
        ),
        migrations.AlterField(
            "proposal",
            "answered_at",
            models.DateTimeField(
                blank=True,
                help_text=(
                    "The client's first act on it: opened, shortlisted, written to, declined, or an offer being sent."
                ),
                null=True,
                verbose_name="answered",
            ),
        ),
        migrations.AlterField(
            "proposal",
            "status",
            models.CharField(
                choices=[
                    ("submitted", "submitted"),
                    ("viewed", "viewed"),
                    ("interviewing", "in interview"),
                    ("offered", "offer received"),
                    ("hired", "hired"),
                    ("declined", "declined"),
                    ("withdrawn", "withdrawn"),
                    ("closed", "closed"),
                ],
                default="submitted",
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(NEW, "DROP INDEX CONCURRENTLY IF EXISTS proposals_proposal_one_bound"),
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS proposals_proposal_one_live", OLD),
            ],
            state_operations=[
                migrations.RemoveConstraint("proposal", "proposals_proposal_one_live"),
                migrations.AddConstraint(
                    "proposal",
                    models.UniqueConstraint(
                        condition=Q(status__in=["submitted", "viewed", "interviewing", "offered"]),
                        fields=("job", "party"),
                        name="proposals_proposal_one_bound",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint("proposal", "proposals_proposal_before_offer"),
        AddConstraintNotValid(
            "proposal",
            models.CheckConstraint(
                condition=Q(status="offered", before_offer__in=["submitted", "viewed", "interviewing"])
                | ~Q(status="offered"),
                name="proposals_proposal_before_offer",
            ),
        ),
        ValidateConstraint("proposal", name="proposals_proposal_before_offer"),
        AddConstraintNotValid(
            "proposal",
            models.CheckConstraint(
                condition=Q(interviewing_at__isnull=False, viewed_at__isnull=False)
                | (~Q(status="interviewing") & ~Q(before_offer="interviewing") & Q(interviewing_at=None)),
                name="proposals_proposal_interviewing_at",
            ),
        ),
        ValidateConstraint("proposal", name="proposals_proposal_interviewing_at"),
    ]
