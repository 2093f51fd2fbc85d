"""Schools with classes of chosen sizes, everybody's marks, and outcomes that wait: what pages are read from.

Imported once Django is set up.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.ledger.models import LedgerEntry
from licheng.school.activities.models import Activity, Category
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.models import ClassGroup, Person, Role, RoleGrant, School, Student
from licheng.school.records.models import Counting, Course, CourseMark, Enrolment, Offering, Sheet
from licheng.school.rosters.models import RosterImport
from tests.factories import SEMESTER, YEAR, SchoolFactory

COURSES = 10
TERMS = ((YEAR, SEMESTER), (YEAR - 1, 2))
EVERY_RETAKES = 20  # one mark of so many was taken again
IMPORTS = 6
USUAL_CLASS = 30
TEACHERS_ROLES = (Role.TEACHER, Role.HOMEROOM)
STATES = (OutcomeState.CERTIFIED, OutcomeState.RETURNED)
BUSY = (3, 30, 300)  # things of one student


@dataclass(frozen=True)
class Class:
    """A class, the teacher who leads it and teaches all of it, and its students."""

    group: ClassGroup
    teacher: Person
    students: list[Person]
    offerings: list[Offering] = field(default_factory=list)


def make_school(code: str, sizes: Iterable[int]) -> None:
    """A school with classes of these sizes.

    Every student has marks in all courses and one outcome that waits. In the first class of USUAL_CLASS the
    first students have as many things besides as BUSY says, in the order of their seats. The teacher of the
    last class brings rosters in.
    """
    school = SchoolFactory(code=code, name=f"第{code}高中")
    courses = Course.objects.bulk_create(
        Course(school=school, code=f"115{code}H11101A10101{n:02d}", name=f"科目{n}", credits="222222")
        for n in range(COURSES)
    )
    classes = [_class(school, number, size) for number, size in enumerate(sizes)]
    for one in classes:
        _teach(one, courses)
    for start in range(0, len(classes), 10):
        CourseMark.objects.bulk_create(_marks(classes[start : start + 10], courses), batch_size=2_000)
        _hand_in(classes[start : start + 10])
    usual = next(one for one in classes if len(one.students) == USUAL_CLASS)
    for student, count in zip(usual.students, BUSY, strict=False):
        _busy(usual, student, count)
    _office(classes[-1].teacher)


def _class(school: School, number: int, size: int) -> Class:
    user = User.objects.create(login=f"{school.code}:t{number:04d}")
    teacher = Person.objects.create(
        school=school, user=user, account=f"t{number:04d}", name=f"教師{number}", is_student=False
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(school=school, person=teacher, role=role) for role in TEACHERS_ROLES
    )
    group = ClassGroup.objects.create(
        school=school, school_year=YEAR, grade=1, name=f"{number}班", homeroom_teacher=teacher
    )
    logins = [f"{school.code}:{number:03d}{seat:03d}" for seat in range(1, size + 1)]
    users = User.objects.bulk_create(User(login=login) for login in logins)
    people = Person.objects.bulk_create(
        Person(
            school=school,
            user=user,
            account=user.login.partition(":")[2],
            name=f"學生{user.login}",
            is_student=True,
        )
        for user in users
    )
    Student.objects.bulk_create(
        Student(
            person=one,
            school=school,
            class_group=group,
            id_number_sealed=b"",
            id_number_index=hashlib.sha256(one.account.encode()).hexdigest(),
            birth_date=date(2010, 3, 15),
            gender="2",
            seat_no=seat,
        )
        for seat, one in enumerate(people, start=1)
    )
    return Class(group, teacher, people)


def _teach(one: Class, courses: list[Course]) -> None:
    """Every course for this class, by its teacher."""
    school = one.group.school
    one.offerings.extend(
        Offering.objects.bulk_create(
            Offering(
                school=school, course=course, school_year=YEAR, semester=SEMESTER, section=one.group.name
            )
            for course in courses
        )
    )
    taught = Offering.teachers.through
    taught.objects.bulk_create(taught(offering=each, person=one.teacher) for each in one.offerings)
    Enrolment.objects.bulk_create(
        Enrolment(school=school, offering=offering, student=student, grade=1, credits=2)
        for offering in one.offerings
        for student in one.students
    )


def _marks(classes: Iterable[Class], courses: list[Course]) -> Iterator[CourseMark]:
    number = 0
    for one in classes:
        for student in one.students:
            for course in courses:
                for term in TERMS:
                    number += 1
                    score = 40 + number * 7 % 61
                    yield _mark(student, course, term, score, Sheet.SEMESTER)
                    if number % EVERY_RETAKES == 0:
                        yield _mark(student, course, term, 60, Sheet.RETAKE)


def _mark(student: Person, course: Course, term: tuple[int, int], score: int, sheet: Sheet) -> CourseMark:
    year, semester = term
    return CourseMark(
        school_id=student.school_id,
        student=student,
        sheet=sheet,
        school_year=year,
        semester=semester,
        taken_year=year,
        taken_semester=semester,
        course_code=course.code,
        course_name=course.name,
        grade=1,
        credits=2,
        score=score,
        passed=score >= 60,  # noqa: PLR2004 -- the usual pass mark
        counting=Counting.COUNTED,
    )


def _hand_in(classes: Iterable[Class]) -> None:
    """One outcome of every student, with its document, in the first course; it waits for the teacher."""
    for one in classes:
        enrolled = Enrolment.objects.filter(offering=one.offerings[0]).order_by("pk")
        _outcomes(list(enrolled.select_related("school", "student")), OutcomeState.WAITING)


def _outcomes(enrolments: list[Enrolment], state: OutcomeState) -> None:
    entries = LedgerEntry.objects.bulk_create(
        LedgerEntry(leaf=b"leaf", leaf_hash=hashlib.sha256(str(one.pk).encode()).hexdigest())
        for one in enrolments
    )
    files = StoredFile.objects.bulk_create(
        StoredFile(
            scope=one.school.code,
            role=FileRole.DOCUMENT,
            original_name=f"閱讀心得{one.pk}.pdf",
            sha256=entry.leaf_hash,
            md5="0" * 32,
            size_bytes=1_500_000,
            media_type="application/pdf",
            facts={"pages": 2},
            entry=entry,
        )
        for one, entry in zip(enrolments, entries, strict=True)
    )
    now = timezone.now()
    is_waiting = state == OutcomeState.WAITING
    Outcome.objects.bulk_create(
        Outcome(
            school=one.school,
            student=one.student,
            enrolment=one,
            school_year=YEAR,
            semester=SEMESTER,
            note="讀完之後，我和同學討論書裡的選擇，並且寫下三個還想再問的問題。",
            document=stored,
            state=state,
            sent_at=now - timedelta(days=3),
            decided_by=None if is_waiting else one.student,
            decided_at=None if is_waiting else now - timedelta(days=2),
            published_at=None if is_waiting else now - timedelta(days=1),
            return_reason="請補上實驗數據。" if state == OutcomeState.RETURNED else "",
            certified_document_sha256="" if is_waiting else stored.sha256,
        )
        for one, stored in zip(enrolments, files, strict=True)
    )


def _busy(one: Class, student: Person, count: int) -> None:
    """So many things of one student: a third activities, the others outcomes in STATES."""
    enrolled = list(
        Enrolment.objects.filter(student=student, offering__in=one.offerings[1:]).select_related(
            "school", "student"
        )
    )
    third = [enrolled[n % len(enrolled)] for n in range(count // 3)]
    for state in STATES:
        _outcomes(third, state)
    Activity.objects.bulk_create(
        Activity(
            school=student.school,
            student=student,
            category=Category.COMPETITION,
            school_year=YEAR,
            semester=SEMESTER,
            title=f"科展{n}",
            fields={"name": f"科展{n}", "event": "物理組"},
            note="和兩位同學做了三個月的實驗。",
        )
        for n in range(count // 3)
    )


def _office(teacher: Person) -> None:
    """The teacher brings rosters in too, and has done so."""
    school = teacher.school
    RoleGrant.objects.create(school=school, person=teacher, role=Role.REGISTRAR)
    now = timezone.now()
    RosterImport.objects.bulk_create(
        RosterImport(
            school=school,
            kind="staff",
            school_year=YEAR,
            semester=SEMESTER,
            file_name=f"教職員{n}.csv",
            sha256="0" * 64,
            size_bytes=1,
            state="applied",
            imported_by=teacher,
            applied_at=now,
            keeps_until=now,
            rows=1,
            accepted=1,
        )
        for n in range(IMPORTS)
    )
