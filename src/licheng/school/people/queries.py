"""People as pages and other apps read them: schools to sign in to, classes, one person."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor, allows, found, require
from licheng.foundations.errors import NotFound
from licheng.foundations.privacy import masked
from licheng.school.people.models import ClassGroup, Person, Role, School
from licheng.school.people.permissions import IMPORT_ROSTERS, ISSUE_PASSWORD, SEE_PERSON, SEE_SCHOOL

UNUSABLE = "!"  # how Django marks a password that opens nothing
HERE = Q(students__person__left_on=None)


class AccountState(TextChoices):
    """How far somebody's sign-in is."""

    CLOSED = "closed", _("尚未發密碼")
    FIRST = "first", _("已發初始密碼")
    OWN = "own", _("已自訂密碼")

    @property
    def tone(self) -> str:
        """The chip's tone."""
        return {self.CLOSED: "neutral", self.FIRST: "waiting", self.OWN: "success"}[self]


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
    """One class of the list; `waiting` counts students who have not chosen a password of their own."""

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
    """One class and its students; the three counts tell what issuing passwords would do."""

    class_id: int
    name: str
    school_year: int
    grade: int
    homeroom: str
    students: list[PersonLine]
    closed: int
    first: int
    own: int

    @property
    def waiting(self) -> int:
        """How many students a new sheet would be for."""
        return self.closed + self.first


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person, as far as the office and herself see her; the ID number is masked."""

    line: PersonLine
    email: str
    roles: list[str]
    is_student: bool
    class_id: int | None
    class_name: str
    masked_id: str
    may_issue_password: bool


def schools_to_sign_in() -> QuerySet[School]:
    """Every school of this site by code; a public list."""
    return School.objects.order_by("code")


def school_named(text: str) -> School | None:
    """The school that somebody means: by code, by full name, or by both as the list offers them."""
    words = text.strip()
    code = words.split(maxsplit=1)[0].upper() if words else ""
    return School.objects.filter(Q(code=code) | Q(name=words)).first()


def school_for_imports(actor: Actor) -> School:
    """The actor's school with its authority, for those who bring rosters in.

    Raises NotFound or NotAllowed for everybody else.
    """
    school = found(School.objects.select_related("authority"), actor, SEE_SCHOOL, actor.school_id)
    require(actor, IMPORT_ROSTERS, school)
    return school


def class_for_passwords(actor: Actor, class_id: int) -> ClassGroup:
    """A class of the actor's school.

    Raises NotFound for other schools' classes, NotAllowed for those who do not hand out passwords.
    """
    group = ClassGroup.objects.filter(pk=class_id).select_related("homeroom_teacher").first()
    if group is None or group.school_id != actor.school_id:
        raise NotFound
    require(actor, ISSUE_PASSWORD, group)
    return group


def students_of(group: ClassGroup) -> QuerySet[Person]:
    """The students of a class who are still at the school, by seat."""
    rows = Person.objects.filter(school_id=group.school_id, student__class_group=group, left_on=None)
    return rows.select_related("user", "student").order_by("student__seat_no", "account")


def without_own_password() -> Q:
    """People whose sign-in waits for its first password, or for that to be replaced."""
    return Q(user=None) | Q(user__password__startswith=UNUSABLE) | Q(user__must_change_password=True)


def account_state(user: User | None) -> AccountState:
    """How far a sign-in is."""
    if user is None or user.password.startswith(UNUSABLE):
        return AccountState.CLOSED
    return AccountState.FIRST if user.must_change_password else AccountState.OWN


def classes_board(actor: Actor) -> ClassesBoard:
    """The classes and staff of the actor's school.

    Raises NotAllowed for those who do not hand out passwords.
    """
    oneself = found(Person.objects.select_related("school"), actor, SEE_PERSON, actor.person_id)
    require(actor, ISSUE_PASSWORD, oneself)
    year = oneself.school.active_year
    waiting = Q(students__person__user__password__startswith=UNUSABLE) | Q(
        students__person__user__must_change_password=True
    )
    groups = (
        ClassGroup.objects.filter(school=oneself.school, school_year=year)
        .select_related("homeroom_teacher")
        .annotate(present=Count("students", filter=HERE), waiting=Count("students", filter=HERE & waiting))
        .order_by("grade", "name")
    )
    staff = Person.objects.filter(school=oneself.school, is_student=False, left_on=None)
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

    Raises NotFound or NotAllowed as `class_for_passwords` does.
    """
    group = class_for_passwords(actor, class_id)
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
        first=states.count(AccountState.FIRST),
        own=states.count(AccountState.OWN),
    )


def person_page(actor: Actor, person_id: int) -> PersonPage:
    """One person.

    Raises NotFound when the actor may not see her.
    """
    rows = Person.objects.select_related("user", "student__class_group").prefetch_related("roles")
    person = found(rows, actor, SEE_PERSON, person_id)
    student = person.student if person.is_student else None
    return PersonPage(
        line=_line(person, str(student.seat_no) if student else ""),
        email=person.email,
        roles=_held(person),
        is_student=person.is_student,
        class_id=student.class_group_id if student else None,
        class_name=student.class_group.name if student else "",
        masked_id=masked(student.id_number) if student else "",
        may_issue_password=allows(actor, ISSUE_PASSWORD, person),
    )


def _homeroom(group: ClassGroup) -> str:
    return group.homeroom_teacher.name if group.homeroom_teacher else ""


def _held(person: Person) -> list[str]:
    today = timezone.localdate()
    held = [grant.role for grant in person.roles.all() if grant.until is None or grant.until >= today]
    return [str(Role(role).label) for role in Role.values if role in held]


def _line(person: Person, place: str) -> PersonLine:
    return PersonLine(person.pk, person.account, person.name, place, account_state(person.user))
