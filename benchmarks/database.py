"""An empty database of a benchmark's own, with tables and the taxonomy. Import it after the servers are named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks.figures import tell


def make_database(name: str) -> None:
    """Make a database anew, whatever was in it, and let the connection use it."""
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  (Django's own way)
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    tell("migrating ...")
    call_command("migrate", verbosity=0)
    call_command("load_taxonomy", stdout=sys.stderr)


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """Make a database, and drop it at the end."""
    try:
        make_database(name)
        yield
    finally:
        connection.close()
        with connection._nodb_cursor() as cursor:  # noqa: SLF001  (Django's own way)
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
