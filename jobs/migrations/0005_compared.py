from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built while jobs are read and written

    dependencies: ClassVar = [("jobs", "0004_risks")]

    operations: ClassVar = [
        AddIndexConcurrently(
            "job",
            models.Index(
                fields=["category", "-posted_at"],
                condition=models.Q(posted_at__isnull=False),
                name="jobs_job_compared",
            ),
        ),
    ]
