from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

MAKERS, ACCEPTERS = (
    0x707270,
    0x616370,
)  # classes of PostgreSQL advisory locks; each app of the site has its own


@contextmanager
def alone(space: int, row_id: UUID, *, waits: bool = False) -> Iterator[bool]:
    """Whether this connection alone works on the row now; with `waits` it is once the other one is done.

    Outside any transaction: the lock ends with its holder, also when that one is killed.
    """
    key = [space, row_id.int % 2**31]
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT true FROM pg_advisory_lock(%s, %s)", key)
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        is_alone = bool(cursor.fetchone()[0])
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
