"""The function that says where the head of a large table of profile documents begins: everywhere while it is small."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("profiles", "0004_profile_document")]

    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE FUNCTION profiles_profiledocument_head() RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE"
            " AS $$SELECT float8 '-infinity'$$",
            "DROP FUNCTION profiles_profiledocument_head()",
        ),
    ]
