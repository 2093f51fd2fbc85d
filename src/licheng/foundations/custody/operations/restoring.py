"""What a site does once after it came back from a backup: its log and its copies become its own again."""

from dataclasses import dataclass

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.operations.keeping import adopt_contents
from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import sequence


@dataclass(frozen=True, slots=True)
class Settled:
    """How long the log is now, how many of its entries the database did not know, how many it now added."""

    size: int
    taught: int
    added: int


def settle_restored(*, actor: Actor) -> Settled:
    """Teach the restored database what the log holds beyond it, and write down every content it speaks of.

    Raises LedgerRolledBack when the database remembers more than the log holds.
    """
    known = LedgerEntry.objects.filter(index__isnull=False).count()
    held = store.head().size
    size = sequence()
    adopt_contents(actor=actor)
    settled = Settled(size=size, taught=held - known, added=size - held)
    newest = LedgerEntry.objects.filter(index=size - 1).first()
    if newest is not None:
        record(actor=actor, action="site.restored", subject=newest, size=size, taught=settled.taught)
    return settled
