"""What many tests begin with, made once in a process and copied from then on: its rows, and what it returned.

Most of the time of a test that needs a contract would go into the sign-up, posts and payments before it. The copy is
taken and used only where nothing else was written in the test's transaction, so that it is what the calls would make.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connection
from django.utils.translation import get_language

Given = ParamSpec("Given")
Made = TypeVar("Made")

#: The transaction, which has a number once it has written anything, and a count that grows with each row that it writes
#: (it begins at what was written shortly before); `TABLES` are those written to, or shortly before.
WRITTEN = """
SELECT pg_current_xact_id_if_assigned()::text, coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
FROM pg_stat_xact_user_tables
"""
TABLES = """
SELECT c.table_name, c.names FROM kept.columns_of c JOIN pg_stat_xact_user_tables s ON s.relname = c.table_name
WHERE s.schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0
"""
SKIP_TRIGGERS, HEED_TRIGGERS = (
    "SET LOCAL session_replication_role = replica",
    "SET LOCAL session_replication_role = origin",
)

Written = tuple[str | None, int]
Key = tuple[bytes, ...]
Rows = dict[str, tuple[str, bytes]]


class _Memory:
    """The copies of this process, and which of them the present transaction consists of."""

    def __init__(self) -> None:
        self.copies: dict[Key, tuple[Rows, bytes]] = {}
        self.key: Key = ()
        self.written: Written = (None, 0)
        self.is_making = False

    def base(self) -> Key | None:
        """Return which copy all rows of this transaction come from, () for none yet; None if others were written."""
        written = _written()
        if written[0] is None:
            return ()
        return self.key if written == self.written else None

    def stands_at(self, key: Key) -> None:
        self.key, self.written = key, _written()


_memory = _Memory()


def remembered(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Let a function of a test's cast be copied from its second call with the same arguments on.

    Its result must be plain rows and dataclasses, and must depend on nothing but arguments, rows, settings and
    language. An `at` that is left out is that of the deal among the arguments; where there is none it is the clock's,
    and the call is made anew each time, as are those at Stripe, which keeps rows of its own.
    """
    default = signature(make).parameters["at"].default if "at" in signature(make).parameters else None

    @wraps(make)
    def made(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        is_timed = kwargs.get("at") or default or any(hasattr(each, "at") for each in args)
        key = _key(make, args, kwargs) if is_timed and not _memory.is_making else None
        base = _memory.base() if key else None
        if key is None or base is None:
            return make(*args, **kwargs)
        whole = (*base, key)
        if whole in _memory.copies:
            rows, result = _memory.copies[whole]
            _put(rows)
        else:
            _memory.is_making = True
            try:
                result = pickle.dumps(make(*args, **kwargs))
            finally:
                _memory.is_making = False
            _memory.copies[whole] = _copy(), result
        _memory.stands_at(whole)
        again: Made = pickle.loads(result)
        return again

    return made


def _key(make: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> bytes | None:
    """Return what a call depends on beside the rows; None where it cannot be told."""
    if settings.PAYMENT_GATEWAY != "sandbox" or not connection.in_atomic_block:
        return None
    try:
        return pickle.dumps((make.__qualname__, args, sorted(kwargs.items()), settings.PRODUCT, get_language()))
    except (pickle.PicklingError, AttributeError, TypeError):
        return None


def _written() -> Written:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        transaction, count = cursor.fetchone()
    return transaction, int(count)


def _copy() -> Rows:
    """Return all rows of the tables that this transaction has written to."""
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for table, names in cursor.fetchall():
            with cursor.cursor.copy(f'COPY public."{table}" ({names}) TO STDOUT') as copy:
                rows[table] = (names, b"".join(bytes(part) for part in copy))
    return rows


def _put(rows: Rows) -> None:
    """Let the tables have these rows and no others."""
    with connection.cursor() as cursor:
        cursor.execute(SKIP_TRIGGERS)
        cursor.execute(";".join(f'DELETE FROM public."{table}"' for table in rows))
        for table, (names, lines) in rows.items():
            if lines:
                with cursor.cursor.copy(f'COPY public."{table}" ({names}) FROM STDIN') as copy:
                    copy.write(lines)
        cursor.execute(HEED_TRIGGERS)
