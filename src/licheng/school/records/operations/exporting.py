from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks
from licheng.school.records.permissions import EXPORT_CLASS, EXPORT_COURSE
from licheng.school.records.queries.classes import class_records, course_records
from licheng.school.records.queries.sheets import as_csv, line_cells


@transaction.atomic
def export_class(*, actor: Actor, class_id: int, semester: str) -> str:
    """A class's marks in one semester as CSV, one row a student and course; no cell can act as a formula.

    Raises NotFound, NotAllowed, or StepUpNeeded without a fresh proof of identity.
    """
    page = class_records(actor, class_id, semester)
    require(actor, EXPORT_CLASS, page.group)
    rows = [
        (
            one.person.account,
            one.person.name,
            one.place.class_text,
            one.place.seat_text,
            page.semester,
            *line_cells(line),
        )
        for one in page.students
        for line in one.lines
    ]
    _note(actor, [one.person.pk for one in page.students])
    record(
        actor=actor, action="records.class_exported", subject=page.group, rows=len(rows), term=page.semester
    )
    return as_csv([_("學號"), _("姓名"), _("班級"), _("座號"), _("學期")], rows)


@transaction.atomic
def export_course(*, actor: Actor, offering_id: int) -> str:
    """The marks of a course as CSV, one row a student; no cell can act as a formula.

    Raises NotFound, NotAllowed, or StepUpNeeded without a fresh proof of identity.
    """
    page = course_records(actor, offering_id)
    require(actor, EXPORT_COURSE, page.offering)
    rows = [
        (one.person.account, one.person.name, one.place.class_text, *line_cells(one.line))
        for one in page.students
        if one.line is not None
    ]
    _note(actor, [one.person.pk for one in page.students])
    record(actor=actor, action="records.course_exported", subject=page.offering, rows=len(rows))
    return as_csv([_("學號"), _("姓名"), _("班級")], rows)


def _note(actor: Actor, student_ids: Sequence[int]) -> None:
    note_looks(actor=actor, student_ids=student_ids, what=LookedAt.EXPORT)
