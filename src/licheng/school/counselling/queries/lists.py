from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, seen
from licheng.school.counselling import permissions
from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.queries.picking import may_counsel
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import Person, Role

PER_PAGE = 30
TONES = {S.PLANNED: "waiting", S.HELD: "success", S.CANCELLED: "neutral"}


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """One consultation in a list; `who` are those of its students whom the reader may know of."""

    row: Consultation
    state: str
    tone: str
    manner: str
    who: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice above a list, with how many rows it has; an empty key stands for all."""

    key: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class ConsultationList:
    """A page of consultations; `students_named` are those whose names it shows."""

    page: Page[Consultation]
    rows: tuple[ConsultationRow, ...]
    filters: tuple[Filter, ...]
    current: str
    may_plan: bool
    is_student: bool
    students_named: frozenset[int]


def consultations_listed(actor: Actor, state: str, page: str) -> ConsultationList:
    """Every consultation in the actor's sight, the latest first, of one state or of all."""
    all_rows = seen(Consultation.objects.all(), actor, permissions.SEE)
    counts = dict(all_rows.order_by().values_list("state").annotate(n=Count("pk")))
    state = state if state in counts else ""
    rows = with_people(all_rows.filter(state=state) if state else all_rows, actor)
    rows = rows.order_by("-held_on", "-created_at", "pk")  # counting students forgets the order
    chosen = Paginator(rows, PER_PAGE).get_page(page)
    chosen.object_list = list(chosen.object_list)
    named = [person for row in chosen.object_list if is_individual(row) for person in known_students(row)]
    return ConsultationList(
        page=chosen,
        rows=tuple(row_shown(row) for row in chosen.object_list),
        filters=_filters(counts, state),
        current=state,
        may_plan=may_counsel(actor),
        is_student=Role.STUDENT in actor.roles,
        students_named=frozenset(person.pk for person in named),
    )


def with_people(rows: QuerySet[Consultation], actor: Actor) -> QuerySet[Consultation]:
    """The same rows with their counsellor, how many students, and those of them the actor may know of."""
    known = Person.objects.filter(permissions.SEE_NAMES.within(actor)).select_related("student__class_group")
    known = known.order_by("student__class_group__name", "student__seat_no", "account")
    return (
        rows.select_related("counsellor")
        .annotate(students_count=Count("students"))
        .prefetch_related(Prefetch("students", queryset=known, to_attr="known_students"))
    )


def known_students(row: Consultation) -> list[Person]:
    """Those of its students whom the actor may know of; needs `with_people`."""
    return row.known_students  # type: ignore[attr-defined,no-any-return]  # set by `with_people`


def students_count(row: Consultation) -> int:
    """How many students it is for; needs `with_people`."""
    return row.students_count  # type: ignore[attr-defined,no-any-return]  # set by `with_people`


def is_individual(row: Consultation) -> bool:
    """Whether a list names its one student."""
    return row.manner == Manner.INDIVIDUAL


def row_shown(row: Consultation) -> ConsultationRow:
    """One row in words; needs `with_people`."""
    names = _("、").join(person.name for person in known_students(row)) if is_individual(row) else ""
    return ConsultationRow(
        row=row,
        state=str(S(row.state).label),
        tone=TONES[S(row.state)],
        manner=str(Manner(row.manner).label),
        who=names or _("%(n)d 位學生") % {"n": students_count(row)},
    )


def _filters(counts: dict[str, int], current: str) -> tuple[Filter, ...]:
    if len(counts) < 2:  # noqa: PLR2004 -- one state alone is nothing to choose from
        return ()
    every = Filter("", _("全部"), sum(counts.values()), not current)
    kept = (S(value) for value in S.values if value in counts)
    return (every, *(Filter(one.value, str(one.label), counts[one], one == current) for one in kept))
