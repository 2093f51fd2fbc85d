"""What administrators see of their school's tokens, and what machines read of the school."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor, Rule, found, require_reach, seen
from licheng.foundations.machines.models import MachineToken, TokenUse
from licheng.foundations.machines.queries import TokenLine, TokenState, line_of, token_of, tokens_of, uses_of
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState
from licheng.school.integration.permissions import MANAGE, READ_CLASSES, READ_PROGRESS, READ_STUDENTS
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.actors import school_of
from licheng.school.people.models import ClassGroup, School, Student

ENDS_SOON = timedelta(days=30)
HERE = Q(students__person__left_on=None)
# What is decided but not published, and what is inside a package under way, is nobody's business yet.
TOLD_AS = {
    OutcomeState.PASSED.value: OutcomeState.WAITING.value,
    OutcomeState.HELD_BACK.value: OutcomeState.WAITING.value,
    OutcomeState.SEALED.value: OutcomeState.SELECTED.value,
}
OUTCOME_STATES = tuple(state for state in OutcomeState.values if state not in TOLD_AS)
ACTIVITY_STATES = tuple(state for state in ActivityState.values if state not in TOLD_AS)


@dataclass(frozen=True, slots=True)
class TokenPage:
    """One token and what it was used for."""

    line: TokenLine
    uses: Page[TokenUse]
    is_active: bool


@dataclass(frozen=True, slots=True)
class TokensBoard:
    """Every token the school ever handed out; `ending` are the names of those that end within 30 days."""

    lines: list[TokenLine]
    ending: list[str]


def school_that_hands_out(actor: Actor) -> School:
    """The actor's school, for those who hand out its tokens. Raises NotFound or NotAllowed."""
    school = school_of(actor)
    require_reach(actor, MANAGE, school)
    return school


def tokens_board(actor: Actor) -> TokensBoard:
    """The tokens of the actor's school. Raises NotAllowed for everybody but administrators."""
    lines = [line_of(token) for token in tokens_of(school_that_hands_out(actor).code)]
    soon = timezone.now() + ENDS_SOON
    ending = [line.name for line in lines if line.state == TokenState.ACTIVE and line.expires_at < soon]
    return TokensBoard(lines, ending)


def own_token(actor: Actor, token_id: int) -> MachineToken:
    """A token of the actor's school.

    Raises NotFound for another school's, NotAllowed for everybody but administrators.
    """
    token = token_of(school_of(actor).code, token_id)
    school_that_hands_out(actor)
    return token


def token_page(actor: Actor, token_id: int, page: str = "1") -> TokenPage:
    """One token of the actor's school and what it was used for. Raises as `own_token` does."""
    token = own_token(actor, token_id)
    line = line_of(token)
    return TokenPage(line, uses_of(token, page), is_active=line.state == TokenState.ACTIVE)


def school_named_by(token: MachineToken) -> School | None:
    """The school that holds a token."""
    return School.objects.filter(code=token.holder).first()


def _classes(actor: Actor, rule: Rule) -> QuerySet[ClassGroup]:
    rows = ClassGroup.objects.filter(school_year=school_of(actor).active_year)
    return seen(rows, actor, rule).order_by("grade", "name", "pk")


@dataclass(frozen=True, slots=True)
class ClassRead:
    """One class as a machine reads it; `students` counts who is at the school."""

    id: int
    school_year: int
    grade: int
    name: str
    homeroom_teacher: str | None
    students: int


def classes_for(actor: Actor) -> list[ClassRead]:
    """This year's classes of the machine's school, by grade and name."""
    rows = _classes(actor, READ_CLASSES).select_related("homeroom_teacher")
    return [
        ClassRead(
            id=group.pk,
            school_year=group.school_year,
            grade=group.grade,
            name=group.name,
            homeroom_teacher=group.homeroom_teacher.name if group.homeroom_teacher else None,
            students=group.present,
        )
        for group in rows.annotate(present=Count("students", filter=HERE))
    ]


@dataclass(frozen=True, slots=True)
class StudentRead:
    """One student as a machine reads her: no ID number, no birthday."""

    account: str
    name: str
    class_id: int
    class_name: str
    seat_no: int


@dataclass(frozen=True, slots=True)
class StudentsPage:
    """A part of the students; a page after the last is empty."""

    count: int
    page: int
    pages: int
    items: list[StudentRead]
    people: tuple[int, ...]  # whose data it is, for their list of looks


def students_for(actor: Actor, *, class_id: int | None, page: int, size: int) -> StudentsPage:
    """The students who are at the school, by class and seat; of one class when asked.

    Raises NotFound for a class that is not this school's.
    """
    rows = seen(Student.objects.filter(person__left_on=None), actor, READ_STUDENTS)
    if class_id is not None:
        rows = rows.filter(class_group=found(ClassGroup.objects.all(), actor, READ_STUDENTS, class_id))
    rows = rows.select_related("person", "class_group")
    rows = rows.order_by("class_group__grade", "class_group__name", "class_group_id", "seat_no", "person_id")
    count, start = rows.count(), (page - 1) * size
    shown = list(rows[start : start + size])
    items = [
        StudentRead(
            account=student.person.account,
            name=student.person.name,
            class_id=student.class_group_id,
            class_name=student.class_group.name,
            seat_no=student.seat_no,
        )
        for student in shown
    ]
    people = tuple(student.person_id for student in shown)
    return StudentsPage(count, page, max(1, -(-count // size)), items, people)


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """How many items of a class are in which state; every state is named, also with none."""

    class_id: int
    class_name: str
    outcomes: Mapping[str, int]
    activities: Mapping[str, int]


def progress_for(actor: Actor, *, class_id: int | None = None) -> list[ClassProgress]:
    """Each class's items of the current school year by state; of one class when asked. Raises NotFound."""
    school, groups = school_of(actor), _classes(actor, READ_PROGRESS)
    if class_id is not None:
        groups = groups.filter(pk=found(groups, actor, READ_PROGRESS, class_id).pk)
    outcomes = _counted(Outcome.objects.filter(school=school, school_year=school.active_year))
    activities = _counted(Activity.objects.filter(school=school, school_year=school.active_year))
    return [
        ClassProgress(
            class_id=group.pk,
            class_name=group.name,
            outcomes=_states(outcomes.get(group.pk, {}), OUTCOME_STATES),
            activities=_states(activities.get(group.pk, {}), ACTIVITY_STATES),
        )
        for group in groups
    ]


def _counted(rows: QuerySet[Outcome] | QuerySet[Activity]) -> dict[int, dict[str, int]]:
    """How many rows there are by class and state, in one query."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    grouped = rows.filter(student__left_on=None).order_by()
    lines = grouped.values_list("student__student__class_group", "state").annotate(times=Count("pk"))
    for class_id, state, times in lines:
        told = TOLD_AS.get(state, state)
        counts[class_id][told] = counts[class_id].get(told, 0) + times
    return counts


def _states(counts: Mapping[str, int], states: Iterable[str]) -> dict[str, int]:
    return {state: counts.get(state, 0) for state in states}
