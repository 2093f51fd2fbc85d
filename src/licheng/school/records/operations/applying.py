"""Checked rows of each roster into their tables, by natural key, in a handful of statements."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from licheng_exchange import parse_credits

from licheng.foundations.audit.operations import record_all
from licheng.foundations.authz import Actor
from licheng.school.people.models import Person, Role, School
from licheng.school.people.operations import (
    ClassRow,
    Counts,
    StaffRow,
    StudentRow,
    confirm_own_duty,
    import_classes,
    import_staff,
    import_students,
)
from licheng.school.records.models import Course, Enrolment, Offering

type Record = Mapping[str, Any]
type Key = tuple[str, int, int, str]  # course code, school year, semester, section

# The words of the rosters, which stay Chinese whatever language the page is in.
ROLE_OF_DUTY = {
    "任課教師": Role.TEACHER,
    "導師": Role.HOMEROOM,
    "課程諮詢教師": Role.COUNSELLOR,
    "註冊組": Role.REGISTRAR,
    "課程學習成果提交人員": Role.OUTCOME_SUBMITTER,
    "多元表現提交人員": Role.ACTIVITY_SUBMITTER,
    "收訖管理員": Role.RECEIPT_OFFICER,
    "系統管理員": Role.ADMINISTRATOR,
}
SEMESTERS_A_YEAR = 2  # the credit field has six characters: two for each grade


def put_courses(_actor: Actor, school: School, records: Sequence[Record]) -> Counts:
    known = {course.code: course for course in Course.objects.filter(school=school)}
    added: list[Course] = []
    changed: list[Course] = []
    for row in records:
        course = known.get(row["course_code"])
        if course is None:
            added.append(
                Course(school=school, code=row["course_code"], name=row["name"], credits=row["credits"])
            )
        elif (course.name, course.credits) != (row["name"], row["credits"]):
            course.name, course.credits = row["name"], row["credits"]
            changed.append(course)
    Course.objects.bulk_create(added)
    Course.objects.bulk_update(changed, ["name", "credits"], batch_size=500)
    return Counts(len(added), len(changed))


def put_staff(actor: Actor, school: School, records: Sequence[Record]) -> Counts:
    rows = [
        StaffRow(
            account=row["account"],
            name=row["name"],
            roles=frozenset(ROLE_OF_DUTY[duty] for duty in row["duties"]),
            email=row.get("email"),
        )
        for row in records
    ]
    return import_staff(actor=actor, school=school, rows=rows)


def put_classes(actor: Actor, school: School, records: Sequence[Record]) -> Counts:
    rows = [
        ClassRow(
            school_year=row["school_year"],
            grade=row["grade"],
            name=row["class_name"],
            homeroom_account=row.get("homeroom_account"),
        )
        for row in records
    ]
    return import_classes(actor=actor, school=school, rows=rows)


def put_students(actor: Actor, school: School, records: Sequence[Record]) -> Counts:
    rows = [
        StudentRow(
            account=row["student_no"],
            name=row["name"],
            national_id=row["national_id"],
            birth_date=row["birth_date"],
            gender=row["gender_code"],
            grade=row["grade"],
            class_name=row["class_name"],
            seat_no=row["seat_no"],
            email=row.get("email"),
        )
        for row in records
    ]
    return import_students(actor=actor, school=school, rows=rows)


def put_enrolments(actor: Actor, school: School, records: Sequence[Record]) -> Counts:
    offerings, teachers_changed = _put_offerings(actor, school, records)
    numbers = {row["student_no"] for row in records}
    students = {
        person.account: person
        for person in Person.objects.filter(
            school=school, is_student=True, account__in=numbers
        ).select_related("student__class_group")
    }
    known = {
        (enrolment.offering_id, enrolment.student_id): enrolment
        for enrolment in Enrolment.objects.filter(school=school, offering__in=offerings.values())
    }
    added: list[Enrolment] = []
    changed: list[Enrolment] = []
    for row in records:
        offering, student = offerings[_key(row)], students[row["student_no"]]
        grade = student.student.class_group.grade
        worth = credits_of(offering.course.credits, grade, row["semester"])
        enrolment = known.get((offering.pk, student.pk))
        if enrolment is None:
            added.append(
                Enrolment(school=school, offering=offering, student=student, grade=grade, credits=worth)
            )
        elif (enrolment.grade, enrolment.credits) != (grade, worth):
            enrolment.grade, enrolment.credits = grade, worth
            changed.append(enrolment)
    Enrolment.objects.bulk_create(added, batch_size=5_000)
    Enrolment.objects.bulk_update(changed, ["grade", "credits"], batch_size=500)
    return Counts(len(added), len(changed) + teachers_changed)


def credits_of(credits_text: str, grade: int, semester: int) -> int:
    """What a course gives in one semester of a student's own three years; 0 outside the six."""
    place = (grade - 1) * SEMESTERS_A_YEAR + semester - 1
    worth = parse_credits(credits_text)
    if semester > SEMESTERS_A_YEAR or place >= len(worth):
        return 0
    return worth[place].credits


def _key(row: Record) -> Key:
    return row["course_code"], row["school_year"], row["semester"], row["course_class"]


def _put_offerings(
    actor: Actor, school: School, records: Sequence[Record]
) -> tuple[dict[Key, Offering], int]:
    """The offerings that the rows speak of, and how many known ones got other teachers."""
    courses = {course.code: course for course in Course.objects.filter(school=school)}
    wanted: dict[Key, set[str]] = {}
    for row in records:
        wanted.setdefault(_key(row), set()).update(row["teacher_accounts"])
    known = {
        (offering.course.code, offering.school_year, offering.semester, offering.section): offering
        for offering in Offering.objects.filter(
            school=school, school_year__in={key[1] for key in wanted}
        ).select_related("course")
    }
    new = {
        key: Offering(
            school=school, course=courses[key[0]], school_year=key[1], semester=key[2], section=key[3]
        )
        for key in wanted
        if key not in known
    }
    Offering.objects.bulk_create(new.values())
    offerings = {key: new.get(key) or known[key] for key in wanted}
    by_id = {offering.pk: offering for offering in offerings.values()}
    touched = _put_teachers(
        actor, school, by_id, {offerings[key].pk: accounts for key, accounts in wanted.items()}
    )
    return offerings, len(touched - {offering.pk for offering in new.values()})


def _put_teachers(
    actor: Actor, school: School, offerings: Mapping[int, Offering], wanted: Mapping[int, set[str]]
) -> set[int]:
    """Give offerings exactly these teachers, each change an act by itself; the ids for which that was news.

    Raises StepUpNeeded when it gives the importing person a course.
    """
    staff = dict(Person.objects.filter(school=school, is_student=False).values_list("account", "pk"))
    through = Offering.teachers.through
    links = {(row.offering_id, row.person_id): row.pk for row in through.objects.filter(offering__in=wanted)}
    right = {(offering, staff[account]) for offering, accounts in wanted.items() for account in accounts}
    new, gone = right - links.keys(), links.keys() - right
    if any(person == actor.person_id for _offering, person in new):
        confirm_own_duty(actor=actor, school=school)
    through.objects.bulk_create(through(offering_id=offering, person_id=person) for offering, person in new)
    through.objects.filter(pk__in=[links[pair] for pair in gone]).delete()
    touched = {offering for offering, _person in new | gone}
    before, after = _people_of(links), _people_of(right)
    record_all(
        actor=actor,
        action="offering.teachers_changed",
        acts=(
            (offerings[pk], {"before": before.get(pk, []), "after": after.get(pk, [])})
            for pk in sorted(touched)
        ),
    )
    return touched


def _people_of(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The teachers of each offering, by key."""
    people: dict[int, list[int]] = {}
    for offering, person in sorted(pairs):
        people.setdefault(offering, []).append(person)
    return people
