from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

SHORTEST_KEY = 8  # as the library has it


class SessionStore(DatabaseStore):
    """Sessions in the database; what cannot be a session's key is none, before the database is asked.

    A cookie may spell any character, a NUL too, which PostgreSQL takes for an error and not for a stranger.
    """

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and len(key) >= SHORTEST_KEY and set(key) <= set(VALID_KEY_CHARS)
