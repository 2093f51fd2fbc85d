"""Who may see an import."""

from uuid import UUID

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, found
from licheng.school.people.queries.readers import readers_of
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.permissions import APPLY, SEE, UNDO
from licheng.school.rosters.queries.sent import senders_in_words


def import_readers(actor: Actor, import_id: UUID) -> tuple[RuleReaders, ...]:
    """Who may see an import, confirm it, and undo it; of machines the one that sent it.

    Whose hand undoing a staff roster takes, no rule says alone. Raises NotFound when it is out of sight.
    """
    rows = RosterImport.objects.select_related("school").defer("content_sealed")
    roster = found(rows, actor, SEE, import_id)
    rules = [SEE, APPLY] if roster.kind == RosterKind.STAFF else [SEE, APPLY, UNDO]
    machine = senders_in_words(roster.school, [roster.sender]).get(roster.sender, "")
    return readers_of(actor, roster, rules, machine=machine)
