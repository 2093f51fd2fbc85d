"""What checking and writing a roster share: who stands behind it, how far it is, why it does not come in."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils import translation
from licheng_exchange import RowIssue

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError, NotAllowed
from licheng.foundations.moves import Move
from licheng.school.people.actors import actor_for
from licheng.school.people.models import School
from licheng.school.rosters import permissions, states
from licheng.school.rosters.errors import FileGone, WorkerDied
from licheng.school.rosters.models import RosterEffect, RosterImport
from licheng.school.rosters.operations.applying import write_rows
from licheng.school.rosters.operations.noting import (
    EFFECTS_AT_ONCE,
    effects_of,
    notes_for,
    notes_read,
    summary_of,
)
from licheng.school.rosters.queries.checks import RosterCheck
from licheng.school.rosters.sealed import file_of
from licheng.school.rosters.stages import STAGES
from licheng.school.rosters.tables import RosterFile, read_file

ATTEMPTS = 3
ISSUES_KEPT = 2_000
UNFIT = (IntegrityError, DataError)  # what no check foresaw; everything else is worth another attempt
WRITES = "rosters:write"


def sender_of(roster: RosterImport, *, is_fresh: bool) -> Actor:
    """Who brings the file in: whoever confirmed it, or else whoever sent it.

    Raises NotAllowed when that person has left the school.
    """
    person = roster.applied_by or roster.imported_by
    if person is None:
        return Actor(None, roster.school_id, roster.sender, scopes=frozenset({WRITES}))
    if person.left_on is not None:
        raise NotAllowed(rule=permissions.APPLY.says)
    return replace(actor_for(person), is_fresh=is_fresh)


@transaction.atomic
def take_up(actor: Actor, import_id: UUID, move: Move, stage: str) -> RosterImport | None:
    """Say how far the work is, so that a page that waits can tell; None when there is nothing to do any more.

    A file whose worker died at the same stage three times is refused: it is not tried again.
    """
    roster = locked(import_id, actor.school_id)
    if roster is None or not move.starts_from(roster.state):
        return None
    attempts = roster.summary.get("attempts", 0) + 1 if roster.stage == stage else 1
    roster.state = move.apply(roster.state)
    if attempts > ATTEMPTS:
        refuse(roster, actor, [*roster.issues, as_issue(WorkerDied())])
        return None
    roster.stage, roster.stages_done = stage, STAGES.index(stage)
    roster.summary = {**roster.summary, "attempts": attempts}
    roster.save(update_fields=["state", "stage", "stages_done", "summary"])
    return roster


def locked(import_id: UUID, school_id: int | None) -> RosterImport | None:
    """The import without its file, held until the transaction ends."""
    rows = RosterImport.objects.defer("content_sealed").select_for_update(of=("self",))
    rows = rows.select_related("applied_by", "imported_by")
    return rows.filter(Q(school_id=school_id), pk=import_id).first()


def alone_at(roster: RosterImport) -> None:
    """Hold the school: imports of one school write one after the other.

    Rows that only point at the school are written meanwhile: uploads, and who looked at what.
    """
    School.objects.select_for_update(no_key=True).get(pk=roster.school_id)


def read(roster: RosterImport, *, with_hidden: bool = False) -> RosterFile:
    """The import's file as tables.

    Raises FileGone, or Unreadable.
    """
    data = file_of(roster)
    if data is None:
        raise FileGone
    return read_file(data, roster.file_name, roster.kind, with_hidden=with_hidden)


def put_check(roster: RosterImport, check: RosterCheck) -> None:
    """What the file is and how many rows it has; the caller saves the import."""
    roster.kind, roster.rows, roster.accepted = check.kind, check.rows, check.accepted


@dataclass(frozen=True, slots=True)
class Written:
    """What writing did: things by what they are and by act, and the lines of the preview where asked for.

    `kept` names what the file does not and what stays all the same, because something hangs on it.
    """

    summary: dict[str, dict[str, int]]
    effects: list[RosterEffect]
    kept: tuple[str, ...] = ()

    def total(self, act: str) -> int:
        """How many things were added, changed or removed in all."""
        return sum(counts.get(act, 0) for counts in self.summary.values())


def write_noted(roster: RosterImport, check: RosterCheck, actor: Actor, *, with_effects: bool) -> Written:
    """Write the rows, inside the caller's transaction, and read from the notes what that did.

    Raises what writing raises: NotAllowed, StepUpNeeded, Invalid.
    """
    with notes_for(roster):
        kept = write_rows(actor, roster, check.reports).kept
    with notes_read(roster) as are_there:
        if not are_there:
            return Written({}, [], kept)
        return Written(summary_of(), effects_of(roster) if with_effects else [], kept)


def keep_preview(roster: RosterImport, written: Written) -> None:
    """Put counts and lines of the preview in place of earlier ones; the caller saves the import."""
    roster.effects.all().delete()
    for effect in written.effects:
        effect.roster_import = roster
    RosterEffect.objects.bulk_create(written.effects, batch_size=EFFECTS_AT_ONCE)
    put_counts(roster, written)


def put_counts(roster: RosterImport, written: Written) -> None:
    """The figures of an import, as previewed or as done."""
    roster.added, roster.changed, roster.removed = map(written.total, ("added", "changed", "removed"))


COUNTED = ["kind", "rows", "accepted", "added", "changed", "removed", "issues", "summary", "state", "stage"]


def refuse(roster: RosterImport, actor: Actor, issues: list[dict[str, Any]]) -> None:
    """Leave the school as it is and keep the reasons; the file stays for the sheet of errors."""
    roster.state = states.REFUSE.apply(roster.state)
    roster.stage, roster.issues = "", issues
    roster.added = roster.changed = roster.removed = 0
    roster.save(update_fields=COUNTED)
    roster.effects.all().delete()
    facts = {"kind": roster.kind, "rows": roster.rows}
    record(actor=actor, action="roster.refused", subject=roster, **facts)


def as_issue(refusal: DomainError) -> dict[str, Any]:
    """A refusal of the whole file, as a finding."""
    with translation.override("zh-hant"):
        chinese = refusal.whole
    with translation.override("en"):
        english = refusal.whole
    return RowIssue("", 0, "", refusal.code, "", "error", chinese, english).as_json()
