"""What stands in the school's tables, as rows of the roster that would bring it in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Model, QuerySet
from licheng_exchange import KINDS

from licheng.school.people.models import (
    ClassGroup,
    GrantSource,
    GuardianContact,
    Person,
    RoleGrant,
    School,
    Student,
)
from licheng.school.people.relations import valid_today
from licheng.school.records.models import (
    BorrowedStudy,
    CadreRecord,
    Course,
    CourseMark,
    Offering,
    StudentTerm,
)
from licheng.school.records.operations.applying import ROLE_OF_DUTY
from licheng.school.records.operations.marks import SHEETS
from licheng.school.rosters.models import RosterKind as K

type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows, and of which semester where the roster is of one."""

    school: School
    school_year: int
    semester: int

    @property
    def term(self) -> dict[str, Any]:
        """The semester as columns say it."""
        return {"school": self.school, "school_year": self.school_year, "semester": self.semester}


@dataclass(frozen=True, slots=True)
class Exported:
    """One roster: the columns that the school's tables can fill, by header, and the rows by field."""

    kind: K
    columns: Mapping[str, str]
    rows: list[Row]
    student_ids: frozenset[int]


def exported(scope: Scope, kind: K) -> Exported:
    """Everything of one kind that is there."""
    rows = list(ROWS[kind](scope))
    present = {field for row in rows for field in row}
    columns = {
        column.field: column.header
        for column in KINDS[kind.value].columns
        if column.required or column.field in present
    }
    people = frozenset(row["student_id"] for row in rows if row.get("student_id"))
    return Exported(kind, columns, rows, people)


def _courses(scope: Scope) -> Iterator[Row]:
    for course in Course.objects.filter(school=scope.school).order_by("code"):
        yield {"course_code": course.code, "name": course.name, "credits": course.credits}


def _staff(scope: Scope) -> Iterator[Row]:
    """Staff with the duties that a roster gave them; duties granted by hand are nobody's roster's."""
    words = {role: duty for duty, role in ROLE_OF_DUTY.items()}
    held: dict[int, set[str]] = {}
    grants = RoleGrant.objects.filter(valid_today(), school=scope.school, source=GrantSource.ROSTER)
    for person_id, role in grants.values_list("person_id", "role"):
        held.setdefault(person_id, set()).add(role)
    people = Person.objects.filter(school=scope.school, is_student=False, is_guardian=False, left_on=None)
    for person in people.order_by("account"):
        duties = [words[role] for role in words if role in held.get(person.pk, ())]
        if duties:
            own = {"account": person.account, "name": person.name, "email": person.email}
            yield own | {"duties": duties, "school_code": scope.school.code}


def _classes(scope: Scope) -> Iterator[Row]:
    groups = ClassGroup.objects.filter(school=scope.school, school_year=scope.school_year)
    for group in groups.select_related("homeroom_teacher").order_by("grade", "name"):
        yield {
            "school_year": group.school_year,
            "grade": group.grade,
            "class_name": group.name,
            "homeroom_account": group.homeroom_teacher.account if group.homeroom_teacher else None,
            "school_code": scope.school.code,
        }


def _students(scope: Scope) -> Iterator[Row]:
    students = Student.objects.filter(
        school=scope.school, person__left_on=None, class_group__school_year=scope.school.active_year
    ).select_related("person", "class_group")
    for student in students.order_by("class_group__grade", "class_group__name", "seat_no", "person_id"):
        yield {
            "student_id": student.person_id,
            "national_id": student.id_number,
            "birth_date": student.birth_date,
            "student_no": student.person.account,
            "name": student.person.name,
            "gender_code": student.gender,
            "grade": student.class_group.grade,
            "class_name": student.class_group.name,
            "seat_no": student.seat_no,
            "school_code": scope.school.code,
            "email": student.person.email,
            "pass_mark": student.pass_mark,
        }


def _guardians(scope: Scope) -> Iterator[Row]:
    contacts = GuardianContact.objects.filter(school=scope.school, student__left_on=None)
    for contact in contacts.select_related("student").order_by("student__account", "name"):
        yield {
            "student_id": contact.student_id,
            "student_no": contact.student.account,
            "name": contact.name,
            "relation": contact.relation,
            "email": contact.email,
            "phone": contact.phone,
            "school_code": scope.school.code,
        }


def _enrolments(scope: Scope) -> Iterator[Row]:
    offerings = Offering.objects.filter(**scope.term).select_related("course")
    offerings = offerings.prefetch_related("teachers", "co_teachers", "enrolments__student")
    for offering in offerings.order_by("course__code", "section"):
        own = {
            "school_year": offering.school_year,
            "semester": offering.semester,
            "course_code": offering.course.code,
            "course_name": offering.course.name,
            "course_class": offering.section,
            "teacher_accounts": sorted(teacher.account for teacher in offering.teachers.all()),
            "co_teacher_accounts": sorted(teacher.account for teacher in offering.co_teachers.all()),
            "school_code": scope.school.code,
        }
        for enrolment in sorted(offering.enrolments.all(), key=lambda row: row.student.account):
            yield own | {"student_id": enrolment.student_id, "student_no": enrolment.student.account}


def _of_students(rows: "QuerySet[Any]", scope: Scope) -> Iterator[Row]:
    """Rows of a table whose columns a ministry's sheet has too, with the student's ID number."""
    names = [field.column for field in rows.model._meta.concrete_fields]  # noqa: SLF001 -- Django's documented name
    people = Student.objects.filter(school=scope.school, person__in=rows.values("student"))
    numbers = {student.person_id: student.id_number for student in people}
    for values in rows.order_by("student__account", "pk").values_list(*names).iterator(chunk_size=5_000):
        row = dict(zip(names, values, strict=True))
        if numbers[row["student_id"]]:  # the number of somebody who left long ago is gone
            yield row | {"national_id": numbers[row["student_id"]], "school_code": scope.school.code}


def _term_rows(model: type[Model]) -> Callable[[Scope], Iterable[Row]]:
    return lambda scope: _of_students(model._default_manager.filter(**scope.term), scope)  # noqa: SLF001 -- as above


def _mark_rows(kind: K) -> Callable[[Scope], Iterable[Row]]:
    sheet, is_evening = SHEETS[kind.value]
    return lambda scope: _of_students(
        CourseMark.objects.filter(**scope.term, sheet=sheet, is_evening=is_evening), scope
    )


MARKS: Final = tuple(K(name) for name in SHEETS)
ROWS: Final = MappingProxyType[K, Callable[[Scope], Iterable[Row]]](
    {
        K.COURSE_CODES: _courses,
        K.STAFF: _staff,
        K.CLASSES: _classes,
        K.STUDENTS: _students,
        K.GUARDIANS: _guardians,
        K.ENROLMENTS: _enrolments,
        K.TERMS: _term_rows(StudentTerm),
        K.BORROWED: _term_rows(BorrowedStudy),
        K.CADRES: _term_rows(CadreRecord),
        **{kind: _mark_rows(kind) for kind in MARKS},
    }
)
