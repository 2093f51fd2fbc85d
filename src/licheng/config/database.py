"""How a process speaks with PostgreSQL: values apart from statements, and plans kept of what is asked again.

Planning a rule's question, which joins ten tables, costs more than answering it (ADR 0030).
"""

from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.errors import FeatureNotSupported

ASKED_BEFORE: Final = 5  # times until a connection keeps the plan of a statement: psycopg's own number
MOST_VALUES: Final = 2**16 - 1  # beside one statement. Source: PostgreSQL, "Message Formats", Bind


class Cursor(psycopg.Cursor[Any]):
    """Keeps plans of what is asked outside transactions.

    PostgreSQL refuses a kept plan when a column got another type meanwhile. Outside a transaction the
    question is asked again; inside, the refusal would end the transaction, so no plan is kept there.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Ask; options as psycopg's. More values than travel beside a statement are written into it."""
        if params is not None and len(params) > MOST_VALUES:
            query, params = psycopg.ClientCursor(self.connection).mogrify(query, params), None
        if not self.connection.autocommit:
            return super().execute(query, params, **{"prepare": False, **options})
        try:
            return super().execute(query, params, **options)
        except FeatureNotSupported:
            self.connection.execute("DEALLOCATE ALL")
            return super().execute(query, params, **{**options, "prepare": False})


def database(url: str, stands: str) -> dict[str, object]:
    """DATABASE_URL as Django wants it; a socket folder may stand in `?host=`.

    `stands`: where a new connection stands behind the fence between schools.
    """
    parts = urlsplit(url)
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.get("host", parts.hostname or "")),
        "PORT": options.get("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": f"-c licheng.school={stands}",
            "server_side_binding": True,
            "prepare_threshold": ASKED_BEFORE,
            "cursor_factory": Cursor,
        },
        "TEST": {"TEMPLATE": "template0"},
    }
