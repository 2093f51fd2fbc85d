from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor, seen
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_datetime
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Limits, Opening, limits
from licheng.school.filing import ShownUse
from licheng.school.governance.queries import openings_for
from licheng.school.outcomes import permissions
from licheng.school.outcomes.courses import refusal_for
from licheng.school.outcomes.errors import TooManyForCourse
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.queries.shown import (
    Choice,
    ShownState,
    file_line,
    files_of,
    reason_shown,
    semester_text,
    state_shown,
    teachers_text,
)
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import School
from licheng.school.records.models import Enrolment

PER_PAGE = 24
GROUPS: dict[str, tuple[Promise, frozenset[str]]] = {
    "draft": (gettext_lazy("草稿"), frozenset({S.DRAFT})),
    "waiting": (gettext_lazy("已送老師"), frozenset({S.WAITING, S.PASSED, S.HELD_BACK})),
    "returned": (gettext_lazy("老師退回"), frozenset({S.RETURNED})),
    "certified": (gettext_lazy("已認證"), frozenset({S.CERTIFIED})),
    "selected": (gettext_lazy("已勾選"), frozenset({S.SELECTED, S.SEALED})),
    "submitted": (gettext_lazy("已提交"), frozenset({S.SUBMITTED, S.RECEIVED, S.CONFIRMED, S.DISPUTED})),
}


@dataclass(frozen=True, slots=True)
class OutcomeCard:
    """One outcome in the student's list."""

    id: UUID
    course: str
    semester: str
    teachers: str
    state: ShownState
    note: str
    files: tuple[str, ...]
    reason: str
    changed: str
    may_edit: bool


@dataclass(frozen=True, slots=True)
class CourseChoice:
    """A course of this semester, with how many outcomes it has, or why it cannot have any."""

    enrolment_id: int
    name: str
    section: str
    credits: int
    teachers: str
    count: int
    refusal: str
    remedy: str


@dataclass(frozen=True, slots=True)
class MyOutcomes:
    """The student's page of outcomes."""

    page: Page[OutcomeCard]
    choices: tuple[Choice, ...]
    total: int
    group: str
    search: str
    courses: tuple[CourseChoice, ...]
    upload: Opening
    semester: str
    use: ShownUse

    @property
    def is_filtered(self) -> bool:
        """Whether an empty page means nothing was found rather than nothing was made."""
        return bool(self.group or self.search)

    @property
    def is_full(self) -> bool:
        """Whether the policy lets no more outcomes be made this semester."""
        return self.use.most is not None and self.use.made >= self.use.most


def my_outcomes(actor: Actor, school: School, *, group: str, search: str, page: str) -> MyOutcomes:
    """Everything the student's list shows; a constant number of queries."""
    rows = list(
        seen(Outcome.objects.all(), actor, permissions.WRITE)
        .select_related("enrolment__offering__course", "document", "media")
        .prefetch_related("enrolment__offering__teachers")
    )
    group = group if group in GROUPS else ""
    shown = [row for row in rows if _matches(row, group, search)]
    upload = openings_for(school.place, actor.person_id)[WindowKind.UPLOAD]
    place = school.place
    allowed = limits(place)
    this_semester = [
        row for row in rows if (row.school_year, row.semester) == (place.school_year, place.semester)
    ]
    return MyOutcomes(
        page=_cards(shown, page, may_edit=upload.is_open, is_whole=bool(search)),
        choices=_choices(rows, group),
        total=len(rows),
        group=group,
        search=search,
        courses=_courses(actor, school, rows, allowed),
        upload=upload,
        semester=semester_text(place.school_year, place.semester),
        use=_use(this_semester, allowed),
    )


def use_of_semester(actor: Actor, school: School) -> ShownUse:
    """How many outcomes the student has made this semester, and what their files weigh; one query."""
    place = school.place
    mine = seen(Outcome.objects.all(), actor, permissions.WRITE).select_related("document", "media")
    rows = mine.filter(school_year=place.school_year, semester=place.semester)
    return _use(list(rows), limits(place))


def _use(rows: Sequence[Outcome], allowed: Limits) -> ShownUse:
    size = sum(stored.size_bytes for row in rows for stored in files_of(row))
    return ShownUse(len(rows), allowed.outcomes_per_semester, bytes_text(size))


def _matches(outcome: Outcome, group: str, search: str) -> bool:
    if group and outcome.state not in GROUPS[group][1]:
        return False
    names = [stored.original_name for stored in files_of(outcome)]
    text = "\n".join([outcome.enrolment.offering.course.name, outcome.note, *names]).casefold()
    return search.casefold() in text


def _cards(rows: Sequence[Outcome], page: str, *, may_edit: bool, is_whole: bool) -> Page[OutcomeCard]:
    """One page of them, or all: words stand in no address, so a second page would lose them."""
    found = Paginator(rows, max(len(rows), 1) if is_whole else PER_PAGE).get_page(page)
    cards = [_card(row, may_edit=may_edit) for row in found.object_list]
    return Page(cards, found.number, found.paginator)  # type: ignore[arg-type]  # the same pages, rows in words


def _card(outcome: Outcome, *, may_edit: bool) -> OutcomeCard:
    offering = outcome.enrolment.offering
    return OutcomeCard(
        id=outcome.pk,
        course=offering.course.name,
        semester=semester_text(outcome.school_year, outcome.semester),
        teachers=teachers_text(offering),
        state=state_shown(outcome.state),
        note=outcome.note,
        files=tuple(file_line(stored) for stored in files_of(outcome)),
        reason=reason_shown(outcome),
        changed=roc_datetime(outcome.changed_at),
        may_edit=may_edit and outcome.state in (S.DRAFT, S.RETURNED),
    )


def _choices(rows: Sequence[Outcome], group: str) -> tuple[Choice, ...]:
    states = Counter(row.state for row in rows)
    counts = {key: sum(states[state] for state in members) for key, (_label, members) in GROUPS.items()}
    return (
        Choice("", _("全部"), len(rows), not group),
        *(
            Choice(key, str(label), counts[key], key == group)
            for key, (label, _members) in GROUPS.items()
            if counts[key] or key == group
        ),
    )


def _courses(
    actor: Actor, school: School, rows: Sequence[Outcome], allowed: Limits
) -> tuple[CourseChoice, ...]:
    made = Counter(row.enrolment_id for row in rows)
    place = school.place
    enrolments = (
        seen(Enrolment.objects.all(), actor, permissions.START)
        .filter(offering__school_year=place.school_year, offering__semester=place.semester)
        .select_related("offering__course")
        .prefetch_related("offering__teachers")
        .order_by("offering__course__name", "offering__section", "pk")
    )
    return tuple(_course(enrolment, school, made[enrolment.pk], allowed) for enrolment in enrolments)


def _course(enrolment: Enrolment, school: School, count: int, allowed: Limits) -> CourseChoice:
    refusal = refusal_for(enrolment, school.place)
    most = allowed.outcomes_per_course
    if refusal is None and most is not None and count >= most:
        refusal = TooManyForCourse(course=enrolment.offering.course.name, limit=most)
    return CourseChoice(
        enrolment_id=enrolment.pk,
        name=enrolment.offering.course.name,
        section=enrolment.offering.section,
        credits=enrolment.credits,
        teachers=teachers_text(enrolment.offering),
        count=count,
        refusal=refusal.sentence if refusal else "",
        remedy=refusal.what_to_do if refusal else "",
    )
