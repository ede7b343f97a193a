"""What makes messages be found: a search without accents, an index of changes; the newest message of earlier rooms."""

from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    UnaccentExtension,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.models import Q

BATCH = 5_000
#: Words as they are written, without accents: a room has no one language, and names have no stems.
CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION messages_u (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION messages_u ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""
#: What the other side reads: nobody finds a message by what is masked in it.
INDEX = """
CREATE INDEX CONCURRENTLY messaging_message_words ON messaging_message
USING gin (to_tsvector('messages_u', COALESCE(NULLIF(masked_text, ''), text)))
"""
FILL = """
UPDATE messaging_room SET last_message_id = (
    SELECT max(id) FROM messaging_message WHERE room_id = messaging_room.id
)
WHERE id > %s AND id <= %s AND last_message_id IS NULL
"""


def fill(_apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM messaging_room")
        (last,) = cursor.fetchone()
        for start in range(0, last, BATCH):
            cursor.execute(FILL, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while people write

    dependencies = [("messaging", "0003_whole_rooms")]

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION messages_u"),
        migrations.RunSQL(INDEX, "DROP INDEX CONCURRENTLY messaging_message_words"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently("message", models.Index(fields=["room", "revision"], name="messaging_message_revision")),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(text="", masked_text="", quoted=None),
                name="messaging_message_deleted_is_empty",
            ),
        ),
        ValidateConstraint("message", name="messaging_message_deleted_is_empty"),
    ]
