"""The test database: made from a template with the words of the product, brought back to it after each commit."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import Error, connection
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "SELECT 1 FROM pg_database WHERE datname = %s"
#: Copies every row that a new database has into the schema `kept`, and lays down the function that brings them back. A
#: table whose rows are the ones that were put there, by number and by the transactions that wrote them, is left alone.
KEEP = """
DROP SCHEMA IF EXISTS kept CASCADE;
CREATE SCHEMA kept;
CREATE FUNCTION kept.mark_of(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE mark text;
BEGIN
    EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(xmin::text::bigint), 0) FROM public.%I', name) INTO mark;
    RETURN mark;
END $$;
CREATE TABLE kept.columns_of AS
    SELECT table_name, string_agg(quote_ident(column_name), ', ') AS names, '' AS mark
    FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
    GROUP BY table_name;
DO $$
DECLARE it record;
BEGIN
    FOR it IN SELECT * FROM kept.columns_of LOOP
        EXECUTE format('CREATE TABLE kept.%I AS SELECT %s FROM public.%I', it.table_name, it.names, it.table_name);
        UPDATE kept.columns_of SET mark = kept.mark_of(it.table_name) WHERE table_name = it.table_name;
    END LOOP;
END $$;
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE it record;
BEGIN
    SET LOCAL session_replication_role = replica; -- no trigger, no foreign key: the copy satisfied them
    FOR it IN SELECT * FROM kept.columns_of LOOP
        IF kept.mark_of(it.table_name) <> it.mark THEN
            EXECUTE format('DELETE FROM public.%I', it.table_name);
            EXECUTE format('INSERT INTO public.%I (%s) SELECT * FROM kept.%I', it.table_name, it.names, it.table_name);
            UPDATE kept.columns_of SET mark = kept.mark_of(it.table_name) WHERE table_name = it.table_name;
        END IF;
    END LOOP;
END $$;
"""


def template_name() -> str:
    """Return the name of the template database that today's migrations and words make."""
    state = hashlib.sha256()
    words = (*ROOT.glob("taxonomy/*.py"), *ROOT.glob("taxonomy/data/**/*.*"))
    for file in sorted({*ROOT.glob("*/migrations/*.py"), *words, ROOT / "requirements" / "base.txt"}):
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
    """Bring the rows of a new database back after each test that commits, instead of emptying every table.

    Emptying takes a second and leaves later tests without what migrations wrote and without words.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.exit("The tests skip triggers when they put rows back: give DATABASE_URL a superuser.", returncode=4)
        cursor.execute(KEEP)

    def restore(_case: TransactionTestCase) -> None:
        restore_rows()

    TransactionTestCase._fixture_teardown = restore  # type: ignore[attr-defined]  # not in the stubs


def restore_rows() -> None:
    """Bring back the rows of a new database and nothing else, also between the trials of one test that commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept.restore()")
