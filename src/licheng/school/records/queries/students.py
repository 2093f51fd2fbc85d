"""One student's records: marks by semester, offices held at school, and what the semesters' rosters say."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, found, seen
from licheng.school.people.models import Person, Role
from licheng.school.records.models import CadreRecord, CourseMark, StudentTerm
from licheng.school.records.permissions import SEE_CADRE, SEE_MARK, SEE_STUDENT, SEE_TERM
from licheng.school.records.queries.rows import marks_of
from licheng.school.records.queries.sheets import as_csv, line_cells
from licheng.school.records.queries.transcript import SemesterBlock, Sums, sums_of, transcript
from licheng.school.records.queries.words import CLASS_TYPES, SPECIAL_STATUSES, table_word, word_of


@dataclass(frozen=True, slots=True)
class TermLine:
    """What one semester's roster says of a student, its codes in words."""

    row: StudentTerm
    group: str
    department: str
    division: str
    class_type: str
    admission_way: str
    special_status: str
    indigenous_group: str
    enrol_status: str


@dataclass(frozen=True, slots=True)
class StudentRecords:
    """One student with everything on the page; `is_own`: she reads it herself."""

    student: Person
    is_own: bool
    is_guardian: bool
    blocks: tuple[SemesterBlock, ...]
    sums: Sums
    cadres: tuple[CadreRecord, ...]
    terms: tuple[TermLine, ...]


def own_records(actor: Actor) -> StudentRecords:
    """The records of the student who asks. Raises NotFound for everybody else."""
    return student_records(actor, actor.person_id)


def student_records(actor: Actor, person_id: int | None) -> StudentRecords:
    """One student's records. Raises NotFound when she is out of the actor's sight."""
    rows = Person.objects.select_related("student__class_group")
    student = found(rows, actor, SEE_STUDENT, person_id)
    blocks = tuple(transcript(marks_of(seen(CourseMark.objects.filter(student=student), actor, SEE_MARK))))
    cadres = seen(CadreRecord.objects.filter(student=student), actor, SEE_CADRE)
    terms = seen(StudentTerm.objects.filter(student=student), actor, SEE_TERM)
    return StudentRecords(
        student=student,
        is_own=student.pk == actor.person_id,
        is_guardian=Role.GUARDIAN in actor.roles,
        blocks=blocks,
        sums=sums_of(line for block in blocks for line in block.lines),
        cadres=tuple(cadres.order_by("-school_year", "-semester", "-since", "pk")),
        terms=tuple(
            _term_line(row) for row in terms.select_related("school").order_by("-school_year", "-semester")
        ),
    )


def is_readable(actor: Actor, person_id: int) -> bool:
    """Whether the actor reads this student's records; for links on pages of apps below."""
    return seen(Person.objects.filter(pk=person_id), actor, SEE_STUDENT).exists()


def own_records_as_csv(actor: Actor) -> str:
    """The student's own marks as a file that opens in a spreadsheet; no cell can act as a formula.

    Raises NotFound for everybody else.
    """
    rows = [
        (str(block.school_year), str(block.semester), *line_cells(line))
        for block in own_records(actor).blocks
        for line in block.lines
    ]
    return as_csv([_("學年度"), _("學期")], rows)


def _term_line(row: StudentTerm) -> TermLine:
    statuses = (word_of(code, SPECIAL_STATUSES) for code in row.special_status.split(","))
    return TermLine(
        row=row,
        group=table_word("group", row.group_code, row.school.kind),
        department=table_word("department", row.department_code, row.school.kind),
        division=word_of(row.division_code),
        class_type=word_of(row.class_type, CLASS_TYPES),
        admission_way=word_of(row.admission_way),
        special_status=_("、").join(statuses),
        indigenous_group=word_of(row.indigenous_group),
        enrol_status=word_of(row.enrol_status),
    )
