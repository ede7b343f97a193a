"""Fill in when earlier proposals were answered, some rows at a time, and demand it from then on."""

from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

BATCH = 5_000
FILL = """
UPDATE proposals_proposal
SET answered_at = least(viewed_at, shortlisted_at, CASE WHEN status = 'declined' THEN ended_at END)
WHERE id > %s AND id <= %s AND answered_at IS NULL
    AND (viewed_at IS NOT NULL OR shortlisted_at IS NOT NULL OR status = 'declined')
"""


def fill(_apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM proposals_proposal")
        (last,) = cursor.fetchone()
        for start in range(0, last, BATCH):
            cursor.execute(FILL, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("proposals", "0006_answered_at")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddConstraintNotValid(
            "proposal",
            models.CheckConstraint(
                condition=Q(answered_at__isnull=False) | Q(viewed_at=None, shortlisted_at=None),
                name="proposals_proposal_answered_at",
            ),
        ),
        ValidateConstraint("proposal", name="proposals_proposal_answered_at"),
    ]
