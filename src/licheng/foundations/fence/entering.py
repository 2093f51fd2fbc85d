"""Where this connection stands: one statement, outside Django's cursor, as it is no question of a page.

The setting belongs to the connection: a pool that shares one connection between transactions breaks it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import Error, OperationalError, connection
from psycopg.pq import TransactionStatus

NOWHERE, EVERYWHERE = "", "everywhere"
STAND = "SELECT current_setting('licheng.school', true), set_config('licheng.school', %s, false)"
STAND_BY_CODE = """
    SELECT current_setting('licheng.school', true), set_config('licheng.school', coalesce(
        (SELECT id::text FROM people_school WHERE code = %s), ''), false)
"""


def enter(school_id: int) -> None:
    """Stand at this school until the next request, or until somebody enters elsewhere."""
    _stand(STAND, str(school_id))


def enter_by_code(code: str) -> None:
    """Stand at the school with this code; nowhere when there is none."""
    _stand(STAND_BY_CODE, code)


def leave() -> None:
    """Stand nowhere. A connection that is not open, or has died, stands nowhere already and is left alone."""
    if connection.connection is None:
        return
    try:
        _ask(STAND, [NOWHERE])
    except OperationalError:
        connection.close()


@contextmanager
def everywhere() -> Iterator[None]:
    """See every school meanwhile: for figures of the whole site and for work that belongs to no request."""
    with _standing(EVERYWHERE):
        yield


@contextmanager
def inside(school_id: int) -> Iterator[None]:
    """Stand at this school meanwhile."""
    with _standing(str(school_id)):
        yield


@contextmanager
def _standing(where: str) -> Iterator[None]:
    before = _stand(STAND, where)
    try:
        yield
    finally:
        _return_to(before)


def _return_to(before: str) -> None:
    """Stand where one stood; a broken transaction takes the setting back by itself when it is rolled back."""
    line = connection.connection
    if line is None or line.closed or line.info.transaction_status == TransactionStatus.INERROR:
        return
    _ask(STAND, [before])


def _stand(statement: str, where: str) -> str:
    """Take a place; where the connection stood before.

    The statement shows as well whether a kept connection still lives, so that Django need not ask that too.
    """
    connection.ensure_connection()
    line: Any = connection  # the stubs do not know what Django keeps of health checks
    if line.health_check_done or not line.health_check_enabled:
        return _ask(statement, [where])
    try:
        before = _ask(statement, [where])
    except Error:
        connection.close()
        connection.connect()
        return _ask(statement, [where])
    line.health_check_done = True
    return before


def _ask(statement: str, values: Sequence[str]) -> str:
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        before: str | None = cursor.execute(statement, values).fetchone()[0]
    return before or NOWHERE
