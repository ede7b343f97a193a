"""Proof that a refusal changed nothing: the rows of every table, counted and summed, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection

#: Tables whose rows may change without anything having happened: sessions, sequences of the test itself.
LEFT_OUT = {"django_session", "django_migrations", "usersessions_usersession"}


def written_to() -> dict[str, int]:
    """Return how many rows the running transaction has written so far, by table, also those it took back since."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def fingerprint(only: Iterable[str] | None = None) -> dict[str, str]:
    """Return a checksum of every table's rows, or of the rows of some tables."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - LEFT_OUT)
    if only is not None:
        tables = sorted(set(tables).intersection(only))
    if not tables:
        return {}
    parts = [
        f"SELECT '{table}', count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0))::text, '') FROM \"{table}\" t"
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


@contextmanager
def nothing_happens() -> Iterator[None]:
    """Demand that no row of any table changes inside the block."""
    before = fingerprint()
    yield
    after = fingerprint()
    changed = sorted(table for table in before if before[table] != after[table])
    assert not changed, f"rows changed in {', '.join(changed)}"
