"""Whole classes and courses, for those who read them: one line a student, and what a file of them holds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.errors import NotAllowed
from licheng.foundations.statements import AnyOf, Later, prepared
from licheng.school.people.actors import school_of
from licheng.school.people.models import ClassGroup, Person, Role
from licheng.school.records.models import CourseMark, Enrolment, Offering
from licheng.school.records.permissions import READ_CLASS, READ_COURSE, SEE_MARK, SEE_STUDENT
from licheng.school.records.queries.members import SAYS, Place, class_lists, current_term, places_of
from licheng.school.records.queries.rows import Mark, marks_of
from licheng.school.records.queries.transcript import (
    CourseLine,
    Sums,
    Term,
    lines_in,
    semester_text,
    sums_of,
    weighted,
)
from licheng.school.records.relations import taught_or_shared

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
    """Classes and courses of a semester that the actor may read; `is_now`: it is the current school year."""

    school_year: int
    is_now: bool
    classes: tuple[ClassGroup, ...]
    semesters: tuple[SemesterChoice, ...]
    semester: str
    courses: Page[Offering]


@dataclass(frozen=True, slots=True)
class StudentLine:
    """One student of a class in one semester, and where she sat then."""

    person: Person
    place: Place
    lines: tuple[CourseLine, ...]
    sums: Sums


@dataclass(frozen=True, slots=True)
class ClassRecords:
    """A class in one semester; `says` tells by which list.

    `hidden` are so many of the list who are out of the reader's sight today. `is_own_year`: a semester of the
    class's own school year, in which it was everybody's class.
    """

    group: ClassGroup
    semesters: tuple[SemesterChoice, ...]
    semester: str
    title: str
    says: str
    students: tuple[StudentLine, ...]
    hidden: int
    has_marks: bool
    is_own_year: bool


@dataclass(frozen=True, slots=True)
class CourseStudent:
    """One student of a course, her class in that semester; `line` is None while no mark is here."""

    person: Person
    place: Place
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
    groups = seen(ClassGroup.objects.all(), actor, READ_CLASS)
    offerings = seen(Offering.objects.all(), actor, READ_COURSE)
    current = current_term(school)
    terms = {*offerings.order_by().values_list("school_year", "semester").distinct()}
    years = {*groups.order_by().values_list("school_year", flat=True).distinct()}
    terms |= {(year, 1) for year in years - {year for year, _semester in terms} if year < school.active_year}
    if not years and not terms and not actor.roles & WELCOME:
        raise NotAllowed(rule=READ_COURSE.says)
    chosen = _asked(semester, terms | {current}, current)
    students = Count("students", filter=Q(students__person__left_on=None))
    classes = groups.filter(school_year=chosen[0]).select_related("homeroom_teacher").annotate(n=students)
    rows = offerings.filter(school_year=chosen[0], semester=chosen[1]).select_related("course")
    rows = rows.annotate(n=Count("enrolments")).prefetch_related("teachers")
    rows = rows.order_by("course__name", "section", "pk")
    return RecordsBoard(
        school_year=chosen[0],
        is_now=chosen[0] == school.active_year,
        classes=tuple(classes.order_by("grade", "name")),
        semesters=_choices(terms | {current}, chosen),
        semester=key_of(*chosen),
        courses=Paginator(rows, PER_PAGE).get_page(page),  # type: ignore[arg-type]  # with a count
    )


def class_records(actor: Actor, class_id: int, semester: str) -> ClassRecords:
    """A class in one semester with the students of that semester. Raises NotFound when it is out of sight.

    In its own school year a class is who was in it then. In years before, which knew another class of most of
    them, it is today's students, each with her class of that time.
    """
    groups = ClassGroup.objects.select_related("homeroom_teacher", "school")
    group = found(groups, actor, READ_CLASS, class_id)
    lists = class_lists(group)
    terms = _terms_of(group, _marked_terms(school=group.school_id, students=list(lists.everybody)))
    chosen = _asked(semester, terms, max(terms, default=_last_term(group)))
    listed = lists.students_in(chosen)
    people = _people(seen(Person.objects.filter(pk__in=listed), actor, SEE_STUDENT))
    source = lists.source_of(chosen)
    places = places_of(people, chosen, group.school, None if source == "now" else group)
    # Whoever reads a student's records reads her marks: SEE_MARK says so itself, and costs as much again.
    known = {"school": group.school_id, "students": [one.pk for one in people]}
    of_year = _by_student(map(Mark._make, _marks_of_year(**known, year=chosen[0])))
    lines = {pk: lines_in(chosen, rows) for pk, rows in of_year.items()}
    students = [
        StudentLine(one, places[one.pk], lines.get(one.pk, ()), sums_of(lines.get(one.pk, ())))
        for one in people
    ]
    return ClassRecords(
        group=group,
        semesters=_choices(terms, chosen),
        semester=key_of(*chosen),
        title=semester_text(*chosen),
        says=str(SAYS[source]),
        students=tuple(sorted(students, key=_by_place)),
        hidden=len(listed) - len(people),
        has_marks=any(lines.values()),
        is_own_year=chosen[0] == group.school_year,
    )


def course_records(actor: Actor, offering_id: int) -> CourseRecords:
    """An offering's students with their marks in it. Raises NotFound when it is out of sight."""
    offering = found(Offering.objects.select_related("course", "school"), actor, READ_COURSE, offering_id)
    term = (offering.school_year, offering.semester)
    enrolled = Enrolment.objects.filter(offering=offering).values("student")
    people = _people(Person.objects.filter(pk__in=enrolled))
    places = places_of(people, term, offering.school)
    marks = CourseMark.objects.filter(
        student__in=[one.pk for one in people],
        course_code=offering.course.code,
        taken_year=offering.school_year,
    )
    by_student = _by_student(marks_of(seen(marks, actor, SEE_MARK)))
    found_lines = {pk: lines[0] for pk, rows in by_student.items() if (lines := lines_in(term, rows))}
    scores = [line.score for line in found_lines.values() if line.score is not None]
    average = weighted((score, Decimal(1)) for score in scores)
    students = [CourseStudent(one, places[one.pk], found_lines.get(one.pk)) for one in people]
    return CourseRecords(
        offering=offering,
        title=semester_text(*term),
        students=tuple(sorted(students, key=_by_place)),
        marked=len(scores),
        passed=sum(line.tone == "success" for line in found_lines.values()),
        average="—" if average is None else f"{average:.2f}",
        is_teaching=Offering.objects.filter(taught_or_shared(actor, ""), pk=offering.pk).exists(),
    )


def key_of(school_year: int, semester: int) -> str:
    """How addresses name a semester."""
    return f"{school_year}-{semester}"


@prepared
def _marked_terms(school: Later, students: Later) -> QuerySet[CourseMark, Term]:
    marks = CourseMark.objects.filter(AnyOf("student", students, "bigint"), school=school)
    return marks.order_by().values_list("taken_year", "taken_semester").distinct()


@prepared
def _marks_of_year(school: Later, students: Later, year: Later) -> QuerySet[CourseMark, Any]:
    marks = CourseMark.objects.filter(AnyOf("student", students, "bigint"), school=school, taken_year=year)
    return marks.values_list(*Mark._fields)


def _terms_of(group: ClassGroup, marked: Iterable[Term]) -> set[Term]:
    """The semesters to look at: those with marks, and for a class that is over only those of its own year."""
    is_over = group.school_year != group.school.active_year
    return {
        term
        for term in marked
        if term[0] == group.school_year or (term[0] < group.school_year and not is_over)
    }


def _last_term(group: ClassGroup) -> Term:
    current = current_term(group.school)
    return current if group.school_year == current[0] else (group.school_year, 1)


def _people(rows: QuerySet[Person]) -> list[Person]:
    return list(rows.select_related("student__class_group"))


def _by_place(one: StudentLine | CourseStudent) -> tuple[tuple[int, str, int], str]:
    return one.place.order, one.person.account


def _by_student(marks: Iterable[Mark]) -> dict[int, list[Mark]]:
    found_marks: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        found_marks[mark.student_id].append(mark)
    return found_marks


def _asked(key: str, known: Iterable[Term], otherwise: Term) -> Term:
    return next((term for term in known if key_of(*term) == key), otherwise)


def _choices(terms: Iterable[Term], chosen: Term) -> tuple[SemesterChoice, ...]:
    return tuple(
        SemesterChoice(key_of(*term), semester_text(*term), term == chosen)
        for term in sorted(terms, reverse=True)
    )
