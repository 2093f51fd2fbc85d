"""What a roster is held against: what the school already knows."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Q
from licheng_exchange import KINDS, RosterContext, RosterReport, RowIssue, mask_id

from licheng.school.people.models import PASS_MARK, ClassGroup, Person, School, Student
from licheng.school.people.queries import students_by_id_number
from licheng.school.records.models import Course, Offering
from licheng.school.rosters.models import RosterKind

K = RosterKind
MARKS: Final = frozenset(
    {
        K.MARKS,
        K.MAKE_UP,
        K.TRANSFER,
        K.RETAKE,
        K.REPEAT,
        K.EVENING_MARKS,
        K.EVENING_EXAMS,
        K.EVENING_TRANSFER,
        K.WORKBOOK,
    }
)
OF_SEMESTER: Final = MARKS | {K.ENROLMENTS, K.TERMS, K.BORROWED, K.CADRES}
BY_ID_NUMBER: Final = OF_SEMESTER - {K.ENROLMENTS}  # rows name students by ID number alone


def context_for(school: School, kind: RosterKind, school_year: int, semester: int) -> RosterContext:
    """What each kind of row is held against; no check where the roster itself brings the fact in.

    Students named by ID number are looked for afterwards, by `unknown_students`: no number is unsealed.
    """
    term = {"school_year": school_year, "semester": semester}
    return RosterContext(
        school_code=school.code,
        # Only the school's own list is held to the schools of this platform: others name schools elsewhere,
        # and 進修部 may have a code of its own.
        known_schools=frozenset(School.objects.values_list("code", flat=True))
        if kind == K.STUDENTS
        else None,
        school_year=school_year,
        semester=semester if kind in OF_SEMESTER else None,
        course_codes=_courses(school) if kind in MARKS | {K.ENROLMENTS} else None,
        student_nos=_student_numbers(school, kind, term),
        staff_accounts=_staff_accounts(school, kind, term),
        class_names=_class_names(school) if kind == K.STUDENTS else None,
        pass_marks=_pass_marks(school) if kind in MARKS else None,
    )


def unknown_students(school: School, report: RosterReport) -> Iterator[RowIssue]:
    """A finding for every row whose ID number is nobody's at this school."""
    if RosterKind(report.kind) not in BY_ID_NUMBER or report.frame.is_empty():
        return
    numbers = report.frame["national_id"]
    known = students_by_id_number(school, numbers.unique().to_list())
    header = next(column.header for column in KINDS[report.kind].columns if column.field == "national_id")
    strangers = report.frame.filter(~numbers.is_in(list(known)))
    for sheet, row, number in strangers.select("_sheet", "_row", "national_id").iter_rows():
        yield RowIssue(
            sheet,
            row,
            header,
            "student-unknown",
            mask_id(number),
            "error",
            "本校學生名冊裡沒有這個身分證號，請先匯入學生名冊，或核對號碼。",
            "No student of this school has this ID number; bring the list of students in first.",
        )


def _courses(school: School) -> dict[str, tuple[str, str]]:
    rows = Course.objects.filter(school=school).values_list("code", "name", "credits")
    return {code: (name, credit_text) for code, name, credit_text in rows}


def _student_numbers(school: School, kind: RosterKind, term: dict[str, int]) -> frozenset[str] | None:
    """Students who are here, and who take courses in that semester already, also if they left since."""
    if kind not in {K.ENROLMENTS, K.GUARDIANS}:
        return None
    already = Q()
    if kind == K.ENROLMENTS:
        courses = Offering.objects.filter(school=school, **term)
        already = Q(pk__in=courses.values("enrolments__student"))
    return _accounts(school, already, are_students=True)


def _staff_accounts(school: School, kind: RosterKind, term: dict[str, int]) -> frozenset[str] | None:
    """Staff who are here, and who have the class or course already, also if they left since."""
    if kind == K.CLASSES:
        classes = ClassGroup.objects.filter(school=school, school_year=term["school_year"])
        return _accounts(school, Q(pk__in=classes.values("homeroom_teacher")), are_students=False)
    if kind == K.ENROLMENTS:
        courses = Offering.objects.filter(school=school, **term)
        already = Q(pk__in=courses.values("teachers")) | Q(pk__in=courses.values("co_teachers"))
        return _accounts(school, already, are_students=False)
    return None


def _accounts(school: School, already: Q, *, are_students: bool) -> frozenset[str]:
    here = Q(left_on=None) | already if already else Q(left_on=None)
    people = Person.objects.filter(here, school=school, is_student=are_students, is_guardian=False)
    return frozenset(people.values_list("account", flat=True))


def _class_names(school: School) -> frozenset[tuple[int, str]]:
    groups = ClassGroup.objects.filter(school=school, school_year=school.active_year)
    return frozenset(groups.values_list("grade", "name"))


def _pass_marks(school: School) -> dict[str, int]:
    """The few who pass at another mark than most, by ID number."""
    students = Student.objects.filter(school=school).exclude(pass_mark=PASS_MARK)
    return {student.id_number: student.pass_mark for student in students if student.id_number_index}
