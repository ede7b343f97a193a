"""The test database: made from a migrated template, and brought back to it after each test that commits."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from django.db import Error, connection
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "SELECT 1 FROM pg_database WHERE datname = %s"
#: Copies every row of the migrations into the schema `kept`, and lays down the function that brings them back.
KEEP = """
DROP SCHEMA IF EXISTS kept CASCADE;
CREATE SCHEMA kept;
CREATE TABLE kept.columns_of AS
    SELECT table_name, string_agg(quote_ident(column_name), ', ') AS names
    FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
    GROUP BY table_name;
DO $$
DECLARE it record;
BEGIN
    FOR it IN SELECT * FROM kept.columns_of LOOP
        EXECUTE format('CREATE TABLE kept.%I AS SELECT %s FROM public.%I', it.table_name, it.names, it.table_name);
    END LOOP;
END $$;
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE it record; is_filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica; -- no trigger, no foreign key: the copy satisfied them
    FOR it IN SELECT * FROM kept.columns_of LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', it.table_name) INTO is_filled;
        IF is_filled THEN
            EXECUTE format('DELETE FROM public.%I', it.table_name);
        END IF;
        EXECUTE format('INSERT INTO public.%I (%s) SELECT * FROM kept.%I', it.table_name, it.names, it.table_name);
    END LOOP;
END $$;
"""


def template_name() -> str:
    """Return the name of the template database that today's migrations make."""
    state = hashlib.sha256()
    for file in (*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements" / "base.txt"):
        state.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return f"migrated_{state.hexdigest()[:16]}"


def has_database(name: str) -> bool:
    """Test whether the server has a database of this name."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(DATABASE, [name])
        return cursor.fetchone() is not None


def keep_as_template(name: str) -> None:
    """Copy the migrated test database to a template of this name, and drop those of other migrations."""
    source = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor, suppress(Error):  # another run may be doing the same
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'migrated_%'")
        for (old,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def restore_after_commits() -> None:
    """Bring the rows of the migrations back after each test that commits, instead of emptying every table.

    Emptying takes a second and leaves later tests without what migrations wrote. A server that does not let us skip
    triggers keeps Django's own way.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(KEEP)

    def restore(_case: TransactionTestCase) -> None:
        restore_rows()

    TransactionTestCase._fixture_teardown = restore  # type: ignore[attr-defined]  # not in the stubs


def restore_rows() -> None:
    """Bring back the rows of the migrations and nothing else, also between the trials of one test that commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept.restore()")
