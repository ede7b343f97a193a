"""The function that says where the head of a large table of job documents begins: everywhere, as long as it is small."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0007_agreed")]

    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE FUNCTION jobs_jobdocument_head() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE"
            " AS $$SELECT timestamptz '-infinity'$$",
            "DROP FUNCTION jobs_jobdocument_head()",
        ),
    ]
