"""The signed head of the log: its signature checked for this answer, its content against the database."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from licheng_exchange import NoteError

from licheng.foundations.keys import KeyMissing
from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.queries import leaves_beyond
from licheng.foundations.ledger.store import LedgerRolledBack


@dataclass(frozen=True, slots=True)
class Head:
    """What the log says now; `size` is None when its signature does not verify or it cannot be read."""

    size: int | None
    root: str
    known: int
    at: datetime | None
    is_continued: bool  # false: shorter than the database remembers, or another log of the same key

    @property
    def is_good(self) -> bool:
        """Whether it verifies and holds what the database remembers."""
        return self.size is not None and self.is_continued


def head_now() -> Head:
    """The head as it stands on the disk now, beside what the database remembers of it."""
    newest = LedgerEntry.objects.filter(index__isnull=False).order_by("-index").first()
    known, at = (0, None) if newest is None else ((newest.index or 0) + 1, newest.created_at)
    try:
        head = store.head()
    except (NoteError, OSError, KeyMissing, ValueError):
        return Head(None, "", known, at, is_continued=False)
    return Head(head.size, b64encode(head.root).decode(), known, at, _is_continued())


def _is_continued() -> bool:
    try:
        leaves_beyond()
    except LedgerRolledBack:
        return False
    return True
