"""Staff, classes and students out of rosters: whole files in a handful of statements.

Called by `rosters.apply_roster`, which has asked for permission, checked every row and opened the
transaction.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record, record_all
from licheng.foundations.authz import Actor, allows, require
from licheng.foundations.bulk import Written, remove_rows, unheld
from licheng.foundations.errors import Invalid
from licheng.foundations.privacy import blind_indexes, seal
from licheng.school.people.models import (
    ClassGroup,
    GrantSource,
    Person,
    Role,
    RoleGrant,
    School,
    Student,
    id_number_place,
)
from licheng.school.people.operations.codes import withdraw_code_of_administrator
from licheng.school.people.operations.leaving import record_leaving_of_others
from licheng.school.people.operations.people import Put, put_people
from licheng.school.people.permissions import IMPORT_ABOVE, IMPORT_OWN_DUTY, IMPORT_STAFF
from licheng.school.people.relations import valid_today

STUDENT_FIELDS = [
    "id_number_sealed",
    "id_number_index",
    "birth_date",
    "gender",
    "class_group",
    "seat_no",
    "pass_mark",
]


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One member of staff; without an e-mail address the known one stays."""

    account: str
    name: str
    roles: frozenset[Role]
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class; without a homeroom teacher the known one stays."""

    school_year: int
    grade: int
    name: str
    homeroom_account: str | None = None


@dataclass(frozen=True, slots=True)
class StudentRow:
    """One student, in an existing class of the current school year; without a pass mark hers stays."""

    account: str
    name: str
    national_id: str
    birth_date: date
    gender: str
    grade: int
    class_name: str
    seat_no: int
    email: str | None = None
    pass_mark: int | None = None


@transaction.atomic
def import_staff(
    *, actor: Actor, school: School, rows: Sequence[StaffRow], is_whole: bool = False
) -> Written:
    """Take over a staff roster: people it names hold exactly the roles it gives them.

    Staff whom a whole one does not name have left. The person who imports keeps her own roles, so that
    nobody locks herself out.
    Raises NotAllowed or StepUpNeeded: a staff roster changes roles. Raises Invalid for what `IMPORT_ABOVE`
    keeps for administrators: make, end or bring back one, have somebody leave, take an office upon oneself.
    """
    require(actor, IMPORT_STAFF, school)
    is_above = allows(actor, IMPORT_ABOVE, school)
    put = put_people(school=school, rows=rows, is_student=False)
    held = _held(put)
    today = timezone.localdate()
    touched: list[RoleGrant] = []
    changed = set(put.changed)
    if not is_above:
        _refuse_returning_administrators([put.people[account] for account in put.returned])
    for row in rows:
        person = put.people[row.account]
        own = held.get(person.pk, {})
        now = {role for role, grant in own.items() if grant.until is None or grant.until >= today}
        given = row.roles - now
        ended = now - row.roles if person.pk != actor.person_id else set()
        if not is_above:
            _refuse_above(actor, person, given, ended)
        withdraw_code_of_administrator(actor=actor, person=person, roles=given)
        touched += [_grant(own.get(role), person, role) for role in Role if role in given]
        touched += [_end(own[role], today) for role in ended]
        if given or ended:
            changed.add(row.account)
            record(
                actor=actor, action="roles.replaced", subject=person, given=sorted(given), ended=sorted(ended)
            )
    _record_returns(actor, put)
    _put_grants(touched)
    if is_whole:
        record_leaving_of_others(actor=actor, school=school, accounts=put.people, are_students=False)
    return Written(len(put.added), len(changed - put.added))


def _held(put: Put) -> dict[int, dict[str, RoleGrant]]:
    """What rosters gave these people, also if it is over, by person and role."""
    held: dict[int, dict[str, RoleGrant]] = {}
    for grant in RoleGrant.objects.filter(person__in=put.people.values(), source=GrantSource.ROSTER):
        held.setdefault(grant.person_id, {})[grant.role] = grant
    return held


def _refuse_above(actor: Actor, person: Person, given: AbstractSet[Role], ended: AbstractSet[str]) -> None:
    """Only an administrator makes or unmakes administrators, and nobody takes an office upon herself."""
    if Role.ADMINISTRATOR in given:
        raise Invalid(field=person.account, reason=_("只有系統管理員可以匯入新的系統管理員。"))
    if Role.ADMINISTRATOR in ended:
        raise Invalid(
            field=person.account,
            reason=_("這個人是系統管理員，名冊裡沒有這個職務；只有系統管理員可以這樣匯入。"),
        )
    if person.pk == actor.person_id and given - {Role.TEACHER, Role.HOMEROOM}:
        raise Invalid(
            field=person.account, reason=_("不能用名冊給自己加職務，請由其他註冊組人員或系統管理員匯入。")
        )


def _refuse_returning_administrators(people: Sequence[Person]) -> None:
    """Who left as an administrator holds that role until it is ended, by whichever source."""
    held = RoleGrant.objects.filter(valid_today(), person__in=people, role=Role.ADMINISTRATOR)
    account = held.values_list("person__account", flat=True).first() if people else None
    if account is not None:
        raise Invalid(field=account, reason=_("這是已離校的系統管理員，只有系統管理員可以復原。"))


def _record_returns(actor: Actor, put: Put) -> None:
    """Whoever left and stands in a roster again is let in again, which is an act by itself."""
    for account in sorted(put.returned):
        record(actor=actor, action="person.returned", subject=put.people[account])


def _grant(known: RoleGrant | None, person: Person, role: str) -> RoleGrant:
    grant = known or RoleGrant(school_id=person.school_id, person=person, role=role)
    grant.since, grant.until = min(grant.since, timezone.localdate()), None
    return grant


def _end(grant: RoleGrant, today: date) -> RoleGrant:
    grant.until = today - timedelta(days=1)
    return grant


def _put_grants(grants: Sequence[RoleGrant]) -> None:
    RoleGrant.objects.bulk_create([grant for grant in grants if grant.pk is None])
    RoleGrant.objects.bulk_update([grant for grant in grants if grant.pk is not None], ["until"])


@transaction.atomic
def import_classes(
    *, actor: Actor, school: School, rows: Sequence[ClassRow], is_whole: bool = False
) -> Written:
    """Take over a class roster; every change of a homeroom teacher is an act by itself.

    A whole one takes away classes of its years that it does not name and nothing hangs on.
    Raises StepUpNeeded when it makes the importing person a homeroom teacher.
    """
    teachers = dict(Person.objects.filter(school=school, is_student=False).values_list("account", "pk"))
    years = {row.school_year for row in rows}
    known = {
        (group.school_year, group.grade, group.name): group
        for group in ClassGroup.objects.filter(school=school, school_year__in=years)
    }
    added: list[ClassGroup] = []
    changed: list[ClassGroup] = []
    given: list[tuple[ClassGroup, int | None]] = []  # with the homeroom teacher before
    for row in rows:
        teacher_id = teachers[row.homeroom_account] if row.homeroom_account else None
        group = known.get((row.school_year, row.grade, row.name))
        is_given = teacher_id is not None and (group is None or group.homeroom_teacher_id != teacher_id)
        if group is None:
            group = ClassGroup(school=school, school_year=row.school_year, grade=row.grade, name=row.name)
            added.append(group)
        elif is_given:
            changed.append(group)
        if is_given:
            given.append((group, group.homeroom_teacher_id))
            group.homeroom_teacher_id = teacher_id
    if any(group.homeroom_teacher_id == actor.person_id for group, _before in given):
        confirm_own_duty(actor=actor, school=school)
    ClassGroup.objects.bulk_create(added)
    ClassGroup.objects.bulk_update(changed, ["homeroom_teacher"])
    acts = [(group, {"before": before, "after": group.homeroom_teacher_id}) for group, before in given]
    record_all(actor=actor, action="class.homeroom_changed", acts=acts)
    named = {(row.school_year, row.grade, row.name) for row in rows}
    others = [group for place, group in known.items() if is_whole and place not in named]
    return Written(len(added), len(changed), _take_away(others))


def _take_away(groups: Sequence[ClassGroup]) -> tuple[str, ...]:
    """Remove classes that nothing hangs on; the names of those that stay."""
    free = set(
        unheld(ClassGroup.objects.filter(pk__in=[one.pk for one in groups])).values_list("pk", flat=True)
    )
    remove_rows(ClassGroup, free)
    return tuple(f"{one.school_year} {one.name}" for one in groups if one.pk not in free)


def confirm_own_duty(*, actor: Actor, school: School) -> None:
    """Ask again who it is that gives herself a class or a course by a roster.

    Raises NotAllowed or StepUpNeeded.
    """
    require(actor, IMPORT_OWN_DUTY, school)


@transaction.atomic
def import_students(
    *, actor: Actor, school: School, rows: Sequence[StudentRow], is_whole: bool = False
) -> Written:
    """Take over a student roster: accounts opened without passwords, ID numbers sealed.

    Students whom a whole one does not name have left; their records stay.
    """
    put = put_people(school=school, rows=rows, is_student=True)
    _record_returns(actor, put)
    groups = {
        (group.grade, group.name): group.pk
        for group in ClassGroup.objects.filter(school=school, school_year=school.active_year)
    }
    known = Student.objects.in_bulk([person.pk for person in put.people.values()])
    added: list[Student] = []
    changed: list[Student] = []
    accounts = set(put.changed)
    for row in rows:
        person = put.people[row.account]
        group_id = groups[row.grade, row.class_name]
        student = known.get(person.pk)
        if student is None:
            student = Student(person=person, school=school)
            _take_over(student, row, group_id)
            added.append(student)
        elif _take_over(student, row, group_id):
            changed.append(student)
            accounts.add(row.account)
    Student.objects.bulk_create(added)
    Student.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["person"], update_fields=STUDENT_FIELDS
    )
    if is_whole:
        record_leaving_of_others(actor=actor, school=school, accounts=put.people, are_students=True)
    return Written(len(put.added), len(accounts - put.added))


def _take_over(student: Student, row: StudentRow, group_id: int) -> bool:
    """Write a row's values into a student; whether any was different.

    An unchanged ID number keeps its ciphertext.
    """
    indexes = blind_indexes(row.national_id)
    known = student.id_number_index
    values = {
        "id_number_index": known if known in indexes else indexes[0],
        "birth_date": row.birth_date,
        "gender": row.gender,
        "class_group_id": group_id,
        "seat_no": row.seat_no,
        "pass_mark": student.pass_mark if row.pass_mark is None else row.pass_mark,
    }
    if all(getattr(student, name) == value for name, value in values.items()):
        return False
    if student.id_number_index != values["id_number_index"]:
        place = id_number_place(student.school_id, student.person_id)
        student.id_number_sealed = seal(row.national_id, place=place)
    for name, value in values.items():
        setattr(student, name, value)
    return True
