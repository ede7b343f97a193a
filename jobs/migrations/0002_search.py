"""The text search configurations of posts: English and French stems, without accents."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION {name} (COPY = {language});
ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR hword, hword_part, word WITH unaccent, {language}_stem;
"""


def configuration(name: str, language: str) -> migrations.RunSQL:
    """Return the operation that makes one configuration."""
    return migrations.RunSQL(
        CONFIGURATION.format(name=name, language=language), f"DROP TEXT SEARCH CONFIGURATION {name};"
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0001_initial"), ("profiles", "0001_initial")]

    operations: ClassVar = [
        UnaccentExtension(),
        TrigramExtension(),
        configuration("en_u", "english"),
        configuration("fr_u", "french"),
        migrations.RunSQL(
            "ALTER TABLE jobs_jobdocument ALTER text SET STATISTICS 300;"
            "ALTER TABLE jobs_jobdocument SET (autovacuum_vacuum_insert_scale_factor = 0.02);",
            migrations.RunSQL.noop,
        ),
    ]
