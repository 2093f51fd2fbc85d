from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from licheng.foundations.statements import Later, prepared

SHORTEST_KEY = 8  # as the library has it


@prepared
def _session(key: Later, now: Later) -> QuerySet[Session, tuple[str]]:
    return Session.objects.filter(session_key=key, expire_date__gt=now).values_list("session_data")


class SessionStore(DatabaseStore):
    """Sessions in the database; what cannot be a session's key is none, before the database is asked.

    A cookie may spell any character, a NUL too, which PostgreSQL takes for an error and not for a stranger.
    """

    def load(self) -> dict[str, Any]:
        """What the session holds; one that is over, or that nobody knows, holds nothing and loses its key."""
        found = _session(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(found[0][0])
        return held

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and len(key) >= SHORTEST_KEY and set(key) <= set(VALID_KEY_CHARS)
