"""Whole classes and courses, for those who read them: one line a student, and what a file of them holds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.errors import NotAllowed
from licheng.school.people.actors import school_of
from licheng.school.people.models import ClassGroup, Person, Role
from licheng.school.records.models import CourseMark, Enrolment, Offering
from licheng.school.records.permissions import READ_CLASS, READ_COURSE, SEE_MARK
from licheng.school.records.queries.transcript import (
    CourseLine,
    Sums,
    course_lines,
    semester_text,
    sums_of,
    weighted,
)

PER_PAGE = 50
# Who finds the board empty, and not closed, while there is nothing to read yet: their menu leads here.
WELCOME = {Role.TEACHER, Role.HOMEROOM, Role.COUNSELLOR, Role.REGISTRAR, Role.ADMINISTRATOR}


@dataclass(frozen=True, slots=True)
class SemesterChoice:
    """One semester to look at; `key` is how addresses name it (`115-1`)."""

    key: str
    text: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class RecordsBoard:
    """Classes of the year and courses of a semester that the actor may read."""

    school_year: int
    classes: tuple[ClassGroup, ...]
    semesters: tuple[SemesterChoice, ...]
    semester: str
    courses: Page[Offering]


@dataclass(frozen=True, slots=True)
class StudentLine:
    """One student of a class in one semester."""

    person: Person
    lines: tuple[CourseLine, ...]
    sums: Sums


@dataclass(frozen=True, slots=True)
class ClassRecords:
    """A class in one semester."""

    group: ClassGroup
    semesters: tuple[SemesterChoice, ...]
    semester: str
    title: str
    students: tuple[StudentLine, ...]
    has_marks: bool


@dataclass(frozen=True, slots=True)
class CourseStudent:
    """One student of a course; `line` is None while no mark is here."""

    person: Person
    line: CourseLine | None


@dataclass(frozen=True, slots=True)
class CourseRecords:
    """An offering with its students' marks; the average is that of the marks, unweighted."""

    offering: Offering
    title: str
    students: tuple[CourseStudent, ...]
    marked: int
    passed: int
    average: str
    is_teaching: bool


def records_board(actor: Actor, semester: str, page: str) -> RecordsBoard:
    """What the actor may read; the current semester unless another one with courses is asked for.

    Raises NotAllowed for those who may read nothing of the kind.
    """
    school = school_of(actor)
    groups = seen(ClassGroup.objects.filter(school_year=school.active_year), actor, READ_CLASS)
    classes = tuple(
        groups.select_related("homeroom_teacher")
        .annotate(n=Count("students", filter=Q(students__person__left_on=None)))
        .order_by("grade", "name")
    )
    offerings = seen(Offering.objects.all(), actor, READ_COURSE)
    terms = {*offerings.order_by().values_list("school_year", "semester").distinct()}
    if not classes and not terms and not actor.roles & WELCOME:
        raise NotAllowed(rule=READ_COURSE.says)
    current = (school.active_year, school.active_semester)
    chosen = _asked(semester, terms | {current}, current)
    rows = offerings.filter(school_year=chosen[0], semester=chosen[1]).select_related("course")
    rows = rows.annotate(n=Count("enrolments")).prefetch_related("teachers")
    rows = rows.order_by("course__name", "section", "pk")
    return RecordsBoard(
        school_year=school.active_year,
        classes=classes,
        semesters=_choices(terms | {current}, chosen),
        semester=key_of(*chosen),
        courses=Paginator(rows, PER_PAGE).get_page(page),  # type: ignore[arg-type]  # with a count
    )


def class_records(actor: Actor, class_id: int, semester: str) -> ClassRecords:
    """A class's students in one semester. Raises NotFound when it is out of sight."""
    group = found(ClassGroup.objects.select_related("homeroom_teacher"), actor, READ_CLASS, class_id)
    students = _students(Person.objects.filter(student__class_group=group, left_on=None))
    marks = seen(CourseMark.objects.filter(student__in=[one.pk for one in students]), actor, SEE_MARK)
    school = school_of(actor)
    current = (school.active_year, school.active_semester)
    terms = {*marks.order_by().values_list("taken_year", "taken_semester").distinct()}
    chosen = _asked(semester, terms, max(terms, default=current))
    of_student = _by_student(marks.filter(taken_year=chosen[0], taken_semester=chosen[1]))
    lines = {pk: tuple(course_lines(rows)) for pk, rows in of_student.items()}
    return ClassRecords(
        group=group,
        semesters=_choices(terms, chosen),
        semester=key_of(*chosen),
        title=semester_text(*chosen),
        students=tuple(
            StudentLine(one, lines.get(one.pk, ()), sums_of(lines.get(one.pk, ()))) for one in students
        ),
        has_marks=bool(lines),
    )


def course_records(actor: Actor, offering_id: int) -> CourseRecords:
    """An offering's students with their marks in it. Raises NotFound when it is out of sight."""
    rows = Offering.objects.select_related("course").prefetch_related("teachers", "co_teachers")
    offering = found(rows, actor, READ_COURSE, offering_id)
    enrolled = Enrolment.objects.filter(offering=offering).values("student")
    students = _students(Person.objects.filter(pk__in=enrolled))
    marks = CourseMark.objects.filter(
        student__in=[one.pk for one in students],
        course_code=offering.course.code,
        taken_year=offering.school_year,
        taken_semester=offering.semester,
    )
    found_lines = {
        pk: course_lines(rows)[0] for pk, rows in _by_student(seen(marks, actor, SEE_MARK)).items()
    }
    scores = [line.score for line in found_lines.values() if line.score is not None]
    average = weighted((score, Decimal(1)) for score in scores)
    return CourseRecords(
        offering=offering,
        title=semester_text(offering.school_year, offering.semester),
        students=tuple(CourseStudent(one, found_lines.get(one.pk)) for one in students),
        marked=len(scores),
        passed=sum(line.tone == "success" for line in found_lines.values()),
        average="—" if average is None else f"{average:.2f}",
        is_teaching=any(
            one.pk == actor.person_id for one in (*offering.teachers.all(), *offering.co_teachers.all())
        ),
    )


def key_of(school_year: int, semester: int) -> str:
    """How addresses name a semester."""
    return f"{school_year}-{semester}"


def _students(rows: QuerySet[Person]) -> list[Person]:
    by_seat = ("student__class_group__grade", "student__class_group__name", "student__seat_no", "account")
    return list(rows.select_related("student__class_group").order_by(*by_seat))


def _by_student(marks: Iterable[CourseMark]) -> dict[int, list[CourseMark]]:
    found_marks: defaultdict[int, list[CourseMark]] = defaultdict(list)
    for mark in marks:
        found_marks[mark.student_id].append(mark)
    return found_marks


def _asked(key: str, known: Iterable[tuple[int, int]], otherwise: tuple[int, int]) -> tuple[int, int]:
    return next((term for term in known if key_of(*term) == key), otherwise)


def _choices(terms: Iterable[tuple[int, int]], chosen: tuple[int, int]) -> tuple[SemesterChoice, ...]:
    return tuple(
        SemesterChoice(key_of(*term), semester_text(*term), term == chosen)
        for term in sorted(terms, reverse=True)
    )
