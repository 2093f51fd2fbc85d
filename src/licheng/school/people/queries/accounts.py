"""People as pages and other apps read them: schools to sign in to, classes, one person."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.models import EnrolmentCode, User
from licheng.foundations.authz import Actor, allows, found, require
from licheng.foundations.errors import NotFound
from licheng.foundations.privacy import blind_indexes, masked
from licheng.school.people.models import ClassGroup, Person, Role, School, Student
from licheng.school.people.permissions import (
    IMPORT_ROSTERS,
    ISSUE_CODE,
    LINK_GUARDIAN,
    PRINT_GUARDIAN_CODES,
    RECORD_LEAVING,
    RECOVER,
    REVEAL_ID,
    SEE_ACCOUNTS,
    SEE_PERSON,
    SEE_SCHOOL,
    SIGN_OUT,
)
from licheng.school.people.queries.duties import when_of

UNUSABLE = "!"  # how Django marks a password that opens nothing
HERE = Q(students__person__left_on=None)


class AccountState(TextChoices):
    """How far somebody's sign-in is."""

    CLOSED = "closed", _("尚未發啟用碼")
    CODE = "code", _("已發啟用碼")
    OWN = "own", _("已啟用")

    @property
    def tone(self) -> str:
        """The chip's tone."""
        return {self.CLOSED: "neutral", self.CODE: "waiting", self.OWN: "success"}[self]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of a list; `place` is the seat number of students and the roles of staff."""

    person_id: int
    account: str
    name: str
    place: str
    account_state: AccountState


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class of the list; `waiting` counts students who have not enrolled."""

    class_id: int
    name: str
    grade: int
    homeroom: str
    students: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ClassesBoard:
    """All classes of the current school year, and the staff."""

    school_year: int
    classes: list[ClassLine]
    staff: list[PersonLine]


@dataclass(frozen=True, slots=True)
class ClassPage:
    """One class and its students; the counts tell what issuing codes would do."""

    class_id: int
    name: str
    school_year: int
    grade: int
    homeroom: str
    students: list[PersonLine]
    closed: int
    with_code: int
    own: int
    prints_guardian_codes: bool

    @property
    def waiting(self) -> int:
        """How many students a new sheet would be for."""
        return self.closed + self.with_code


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody whose code can be sent, and where to."""

    person_id: int
    name: str
    place: str
    email: str


@dataclass(frozen=True, slots=True)
class Mailing:
    """Who of a class would get a letter with a code, and who has no address."""

    class_id: int
    name: str
    receivers: list[Receiver]
    without: list[Receiver]

    @property
    def fingerprint(self) -> str:
        """What tells this list from any other: 64 hexadecimal digits."""
        told = json.dumps([(line.person_id, line.email) for line in self.receivers])
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person, as far as the office and herself see her; the ID number is masked."""

    line: PersonLine
    email: str
    roles: list[str]
    is_student: bool
    is_guardian: bool
    class_id: int | None
    class_name: str
    masked_id: str
    sees_accounts: bool
    may_issue_code: bool
    may_recover: bool
    may_sign_out: bool
    has_open_code: bool
    may_link_guardian: bool
    may_reveal_id: bool
    may_record_leaving: bool


def schools_to_sign_in() -> QuerySet[School]:
    """Every school of this site by code; a public list."""
    return School.objects.order_by("code")


CHOSEN_SCHOOL_COOKIE = "school"  # remembers the school chosen last in this browser; its public code alone


def as_offered(school: School) -> str:
    """A school as the list of schools names it."""
    return f"{school.code} {school.name}"


def school_named(text: str) -> School | None:
    """The school that somebody means: by code, by full name, or by both as the list offers them."""
    words = text.strip()
    code = words.split(maxsplit=1)[0].upper() if words else ""
    return School.objects.filter(Q(code=code) | Q(name=words)).first()


def email_in_roster(actor: Actor) -> str:
    """The address that the school's roster holds for the actor herself; nothing for others."""
    if actor.person_id is None or actor.school_id is None:
        return ""
    rows = Person.objects.filter(pk=actor.person_id, school_id=actor.school_id)
    return rows.values_list("email", flat=True).first() or ""


def school_for_imports(actor: Actor) -> School:
    """The actor's school with its authority, for those who bring rosters in.

    Raises NotFound or NotAllowed for everybody else.
    """
    school = found(School.objects.select_related("authority"), actor, SEE_SCHOOL, actor.school_id)
    require(actor, IMPORT_ROSTERS, school)
    return school


def students_by_id_number(school: School, numbers: Iterable[str]) -> dict[str, int]:
    """The students, also former ones, behind ID numbers; those of nobody here are left out."""
    students = Student.objects.filter(school=school).exclude(id_number_index="")
    known = dict(students.values_list("id_number_index", "person_id"))
    return {number: known[index] for number in numbers for index in blind_indexes(number) if index in known}


def students_by_number(school: School, numbers: Iterable[str]) -> dict[str, int]:
    """The students, also former ones, behind student numbers; those of nobody here are left out."""
    people = Person.objects.filter(school=school, is_student=True, account__in=list(numbers))
    return dict(people.values_list("account", "pk"))


def class_for_codes(actor: Actor, class_id: int) -> ClassGroup:
    """A class of the actor's school.

    Raises NotFound for other schools' classes, NotAllowed for those who do not hand out codes.
    """
    group = ClassGroup.objects.filter(pk=class_id).select_related("homeroom_teacher", "school").first()
    if group is None or group.school_id != actor.school_id:
        raise NotFound
    require(actor, SEE_ACCOUNTS, group)
    return group


def students_of(group: ClassGroup) -> QuerySet[Person]:
    """The students of a class who are still at the school, by seat."""
    rows = Person.objects.filter(school_id=group.school_id, student__class_group=group, left_on=None)
    rows = rows.annotate(has_code=open_code())
    return rows.select_related("user", "student").order_by("student__seat_no", "account")


def without_own_password() -> Q:
    """People whose account waits for its first code to be redeemed."""
    return Q(user=None) | Q(user__password__startswith=UNUSABLE)


def open_code() -> Exists:
    """Whether a person's account has a code that can be redeemed now."""
    codes = EnrolmentCode.objects.filter(user=OuterRef("user_id"), used_at=None, withdrawn_at=None)
    return Exists(codes.filter(expires_at__gt=timezone.now()))


def account_state(user: User | None, *, has_code: bool) -> AccountState:
    """How far a sign-in is."""
    if user is not None and not user.password.startswith(UNUSABLE):
        return AccountState.OWN
    return AccountState.CODE if has_code else AccountState.CLOSED


def classes_board(actor: Actor) -> ClassesBoard:
    """The classes and staff of the actor's school.

    Raises NotAllowed for those who do not hand out codes.
    """
    oneself = found(Person.objects.select_related("school"), actor, SEE_PERSON, actor.person_id)
    require(actor, SEE_ACCOUNTS, oneself)
    year = oneself.school.active_year
    waiting = Q(students__person__user__password__startswith=UNUSABLE)
    groups = (
        ClassGroup.objects.filter(school=oneself.school, school_year=year)
        .select_related("homeroom_teacher")
        .annotate(present=Count("students", filter=HERE), waiting=Count("students", filter=HERE & waiting))
        .order_by("grade", "name")
    )
    staff = Person.objects.filter(school=oneself.school, is_student=False, is_guardian=False, left_on=None)
    staff = staff.annotate(has_code=open_code())
    return ClassesBoard(
        school_year=year,
        classes=[
            ClassLine(group.pk, group.name, group.grade, _homeroom(group), group.present, group.waiting)
            for group in groups
        ],
        staff=[
            _line(person, _("、").join(_held(person)))
            for person in staff.select_related("user").prefetch_related("roles").order_by("account")
        ],
    )


def class_page(actor: Actor, class_id: int) -> ClassPage:
    """One class with its students and how far their sign-ins are.

    Raises NotFound or NotAllowed as `class_for_codes` does.
    """
    group = class_for_codes(actor, class_id)
    lines = [_line(person, str(person.student.seat_no)) for person in students_of(group)]
    states = [line.account_state for line in lines]
    return ClassPage(
        class_id=group.pk,
        name=group.name,
        school_year=group.school_year,
        grade=group.grade,
        homeroom=_homeroom(group),
        students=lines,
        closed=states.count(AccountState.CLOSED),
        with_code=states.count(AccountState.CODE),
        own=states.count(AccountState.OWN),
        prints_guardian_codes=allows(actor, PRINT_GUARDIAN_CODES, group),
    )


def mailing_page(actor: Actor, class_id: int) -> Mailing:
    """The exact list of letters that would go out to a class.

    Raises NotFound or NotAllowed as `class_for_codes` does.
    """
    return mailing_of(class_for_codes(actor, class_id))


def mailing_of(group: ClassGroup) -> Mailing:
    """Students of a class who have chosen no password yet, by whether the roster has an address for them."""
    lines = [
        Receiver(person.pk, person.name, str(person.student.seat_no), person.email)
        for person in students_of(group).filter(without_own_password()).exclude(user=None)
    ]
    return Mailing(
        class_id=group.pk,
        name=group.name,
        receivers=[line for line in lines if line.email],
        without=[line for line in lines if not line.email],
    )


def person_page(actor: Actor, person_id: int) -> PersonPage:
    """One person.

    Raises NotFound when the actor may not see her.
    """
    rows = Person.objects.select_related("user", "student__class_group").prefetch_related("roles")
    rows = rows.annotate(has_code=open_code())
    person = found(rows, actor, SEE_PERSON, person_id)
    student = person.student if person.is_student else None
    is_here = person.left_on is None and person.user is not None
    return PersonPage(
        line=_line(person, str(student.seat_no) if student else ""),
        email=person.email,
        roles=_held(person),
        is_student=person.is_student,
        is_guardian=person.is_guardian,
        class_id=student.class_group_id if student else None,
        class_name=student.class_group.name if student else "",
        masked_id=masked(student.id_number) if student else "",
        sees_accounts=allows(actor, SEE_ACCOUNTS, person),
        may_issue_code=is_here and allows(actor, ISSUE_CODE, person),
        may_recover=is_here and allows(actor, RECOVER, person),
        may_sign_out=is_here and allows(actor, SIGN_OUT, person),
        has_open_code=_has_code(person),
        may_link_guardian=allows(actor, LINK_GUARDIAN, person),
        may_reveal_id=allows(actor, REVEAL_ID, person),
        may_record_leaving=allows(actor, RECORD_LEAVING, person),
    )


def person_to_recover(actor: Actor, person_id: int) -> Person:
    """Somebody whose identity is to be seen, so that she is let in again.

    Raises NotFound, NotAllowed, StepUpNeeded: who fills in the form has shown first who he is.
    """
    rows = Person.objects.filter(left_on=None).exclude(user=None).select_related("student__class_group")
    person = found(rows, actor, SEE_PERSON, person_id)
    require(actor, RECOVER, person)
    return person


def _homeroom(group: ClassGroup) -> str:
    return group.homeroom_teacher.name if group.homeroom_teacher else ""


def _held(person: Person) -> list[str]:
    """The roles a person holds today, in any scope."""
    held = {grant.role for grant in person.roles.all() if when_of(grant.since, grant.until) == "now"}
    return [str(role.label) for role in Role if role in held]


def _line(person: Person, place: str) -> PersonLine:
    state = account_state(person.user, has_code=_has_code(person))
    return PersonLine(person.pk, person.account, person.name, place, state)


def _has_code(person: Person) -> bool:
    return bool(person.has_code)  # type: ignore[attr-defined]  # annotated by `open_code`
