"""Events are facts: the database refuses to change or delete them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# Tests empty all tables between them, and only they set jalon.may_truncate (see the top conftest.py).
APPEND_ONLY = """
CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('jalon.may_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of %: events are only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'events_append_only';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();
"""

DROP = """
DROP TRIGGER events_append_only ON events_event;
DROP FUNCTION events_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("events", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(APPEND_ONLY, DROP)]
