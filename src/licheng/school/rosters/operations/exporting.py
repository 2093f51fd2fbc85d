"""Rosters on their way out: who took them is written down, and whose data they hold."""

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters import permissions
from licheng.school.rosters.models import RosterKind
from licheng.school.rosters.queries.exports import MARKS, Exported, Scope, exported


@transaction.atomic
def export_roster(*, actor: Actor, kind: RosterKind, school_year: int, semester: int) -> list[Exported]:
    """Everything of one kind that the school has, for a file; of all sheets of marks for the whole workbook.

    Raises NotFound, NotAllowed or StepUpNeeded: rosters hold ID numbers.
    """
    school = school_for_imports(actor)
    require(actor, permissions.EXPORT, school)
    scope = Scope(school, school_year, semester)
    kinds = MARKS if kind == RosterKind.WORKBOOK else (kind,)
    rosters = [exported(scope, one) for one in kinds]
    filled = [roster for roster in rosters if roster.rows] or rosters[:1]
    people = {person for roster in filled for person in roster.student_ids}
    note_looks(actor=actor, student_ids=people, what=LookedAt.EXPORT, item_id=kind.value)
    rows = sum(len(roster.rows) for roster in filled)
    record(actor=actor, action="roster.exported", subject=school, kind=kind.value, rows=rows)
    return filled
