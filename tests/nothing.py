"""Proof that a refusal changed nothing: the rows of every table, counted and marked, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection

#: Tables whose rows may change without anything having happened: sessions, sequences of the test itself.
LEFT_OUT = {"django_session", "django_migrations", "usersessions_usersession"}
#: Rows written by the running transaction, by table.
WRITTEN = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE schemaname = 'public'
"""


def written_to() -> dict[str, int]:
    """Return how many rows the running transaction has written so far, by table, also those it took back since."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return dict(cursor.fetchall())


def fingerprint(only: Iterable[str] | None = None) -> dict[str, str]:
    """Return a checksum of every table's rows, or of the rows of some tables.

    It is of where the rows lie: whatever is inserted, deleted or changed, even to the same, makes it another one.
    """
    tables = _tables() if only is None else sorted(set(_tables()).intersection(only))
    if not tables:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kept.fingerprint()" if only is None else _checksums(tables))
        return dict(cursor.fetchall())


def lay_down_fingerprint() -> None:
    """Make the function of the test database that `fingerprint` calls: its plan is made once in each session."""
    body = _checksums(_tables())
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA IF NOT EXISTS kept; CREATE OR REPLACE FUNCTION kept.fingerprint() "
            f"RETURNS TABLE (name text, rows text) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY {body}; END $$"
        )


def _tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - LEFT_OUT)


def _checksums(tables: list[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*) || ':' || coalesce(sum(hashtid(t.ctid)), 0) FROM \"{table}\" t" for table in tables
    )


@contextmanager
def nothing_happens() -> Iterator[None]:
    """Demand that no row of any table changes inside the block."""
    before, written = fingerprint(), written_to()
    yield
    touched = {table for table, count in written_to().items() if count != written.get(table, 0)}
    after = fingerprint(touched if connection.in_atomic_block else None)
    changed = sorted(table for table in after if before[table] != after[table])
    assert not changed, f"rows changed in {', '.join(changed)}"
