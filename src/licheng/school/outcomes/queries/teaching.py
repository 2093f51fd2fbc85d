from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor, found, require, seen
from licheng.foundations.files.models import FileRole
from licheng.foundations.statements import AnyOf, Later, prepared
from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Opening
from licheng.school.filing import ShownFile
from licheng.school.governance.queries import openings_for
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.models import STANDS_CERTIFIED, Outcome
from licheng.school.outcomes.queries.detail import with_everything
from licheng.school.outcomes.queries.shown import (
    Choice,
    FileFacts,
    ShownState,
    file_line,
    files_shown,
    semester_text,
    state_for_teacher,
)
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import School

PER_PAGE = 50
KEY_DIGITS = 18  # more do not fit a bigint
BUCKETS: dict[str, tuple[Promise, frozenset[str]]] = {
    "waiting": (gettext_lazy("待認證"), frozenset({S.WAITING})),
    "decided": (gettext_lazy("已決定、未發佈"), frozenset({S.PASSED, S.HELD_BACK})),
    "returned": (gettext_lazy("已退回"), frozenset({S.RETURNED})),
    "certified": (gettext_lazy("已認證"), frozenset(STANDS_CERTIFIED)),
}


# Where the columns of `Facts` stand, in their order.
FACTS = (
    "pk",
    "student",
    "student__name",
    "student__account",
    "student__student__class_group__name",
    "student__student__seat_no",
    "enrolment__offering__course__name",
    "enrolment__offering__section",
    "note",
    "state",
    "sent_at",
    "return_reason",
    "decided_by__name",
    "document__original_name",
    "document__media_type",
    "document__size_bytes",
    "media__original_name",
    "media__media_type",
    "media__size_bytes",
)


class Facts(NamedTuple):
    """What a list shows of an outcome; `FACTS` says where."""

    id: UUID
    student_id: int
    student: str
    account: str
    class_name: str
    seat_no: int
    course: str
    section: str
    note: str
    state: str
    sent_at: datetime | None
    reason: str
    decided_by: str | None
    document: str
    document_type: str
    document_bytes: int
    media: str
    media_type: str
    media_bytes: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One outcome as those who certify see it in a list."""

    id: UUID
    student_id: int
    student: str
    class_text: str
    course: str
    note: str
    files: str
    sent: str
    waited: str
    state: ShownState
    is_pass: bool
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The teacher's page of outcomes: one bucket, perhaps of one course."""

    page: Page[QueueRow]
    bucket: str
    buckets: tuple[Choice, ...]
    course: str
    courses: tuple[Choice, ...]
    certify: Opening
    decided: int
    first: UUID | None


@dataclass(frozen=True, slots=True)
class Review:
    """One outcome beside its statement, with its place in the queue."""

    row: QueueRow
    semester: str
    note: str
    files: tuple[ShownFile, ...]
    seen_document: str
    seen_media: str
    certify: Opening
    may_decide: bool
    may_undo: bool
    previous: UUID | None
    next: UUID | None
    position: int
    waiting: int
    course: str


def _taught(actor: Actor) -> QuerySet[Outcome]:
    return seen(Outcome.objects.exclude(state=S.DRAFT), actor, permissions.CERTIFY)


def _rows_of(rows: QuerySet[Outcome]) -> tuple[QueueRow, ...]:
    """These outcomes in words, in their order, which is by age: which ones, and then what is shown of them.

    Two short statements. As one, it joins more tables than PostgreSQL orders by itself, and reads the school.
    """
    return _rows_with(list(rows.values_list("pk", flat=True)))


def _rows_with(ids: list[UUID]) -> tuple[QueueRow, ...]:
    return tuple(_row(Facts._make(row)) for row in _shown_of(ids=ids))


@prepared
def _shown_of(ids: Later) -> QuerySet[Outcome, Any]:
    rows = Outcome.objects.filter(AnyOf("pk", ids, "uuid")).order_by("sent_at", "pk")
    return rows.values_list(*FACTS)


def _course_key(text: str) -> str:
    """An offering's key as it stands in an address; anything else is no filter."""
    return text if text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS else ""


def _in_course(rows: QuerySet[Outcome], course: str) -> QuerySet[Outcome]:
    return rows.filter(enrolment__offering=int(course)) if course else rows


def queue_for(actor: Actor, school: School, *, bucket: str, course: str, page: str) -> Queue:
    """The outcomes of the actor's courses in one bucket, oldest first; a constant number of queries."""
    bucket = bucket if bucket in BUCKETS else "waiting"
    course = _course_key(course)
    counts = list(
        _taught(actor)
        .order_by()
        .values_list(
            "enrolment__offering",
            "enrolment__offering__course__name",
            "enrolment__offering__section",
            "state",
        )
        .annotate(count=Count("pk"))
    )
    by_state: Counter[str] = Counter()
    for offering, _name, _section, state, count in counts:
        if not course or str(offering) == course:
            by_state[state] += count
    rows = _in_course(_taught(actor).filter(state__in=BUCKETS[bucket][1]), course)
    paginator = Paginator(rows.order_by("sent_at", "pk"), PER_PAGE)
    paginator.count = sum(by_state[state] for state in BUCKETS[bucket][1])
    found_page = paginator.get_page(page)
    shown = _rows_of(found_page.object_list)  # type: ignore[arg-type]  # a slice of the rows
    return Queue(
        page=Page(shown, found_page.number, found_page.paginator),  # type: ignore[arg-type]  # rows in words
        bucket=bucket,
        buckets=tuple(
            Choice(key, str(label), sum(by_state[state] for state in members), key == bucket)
            for key, (label, members) in BUCKETS.items()
        ),
        course=course,
        courses=_courses(counts, bucket, course),
        certify=openings_for(school.place, actor.person_id)[WindowKind.CERTIFY],
        decided=sum(row[4] for row in counts if row[3] in BUCKETS["decided"][1]),
        first=shown[0].id if shown else None,
    )


def _courses(
    counts: Iterable[tuple[int, str, str, str, int]], bucket: str, course: str
) -> tuple[Choice, ...]:
    names: dict[int, str] = {}
    sums: Counter[int] = Counter()
    for offering, name, section, state, count in counts:
        names[offering] = _("%(course)s（%(section)s）") % {"course": name, "section": section}
        sums[offering] += count if state in BUCKETS[bucket][1] else 0
    ordered = sorted(names, key=lambda offering: names[offering])
    return tuple(Choice(str(one), names[one], sums[one], str(one) == course) for one in ordered)


def _row(facts: Facts) -> QueueRow:
    seat = {"class": facts.class_name, "seat": facts.seat_no, "account": facts.account}
    files = (
        FileFacts(FileRole.DOCUMENT, facts.document, facts.document_type, facts.document_bytes),
        FileFacts(FileRole.MEDIA, facts.media, facts.media_type, facts.media_bytes),
    )
    return QueueRow(
        id=facts.id,
        student_id=facts.student_id,
        student=facts.student,
        class_text=_("%(class)s %(seat)d 號・%(account)s") % seat,
        course=_("%(course)s（%(section)s）") % {"course": facts.course, "section": facts.section},
        note=facts.note,
        files=_("；").join(file_line(one) for one in files if one.media_type),
        sent=roc_datetime(facts.sent_at),
        waited=_waited(facts),
        state=state_for_teacher(facts.state),
        is_pass=facts.state == S.PASSED,
        reason=facts.reason,
        decided_by=facts.decided_by or "",
    )


def _waited(facts: Facts) -> str:
    if facts.state != S.WAITING or facts.sent_at is None:
        return ""
    days = (timezone.now() - facts.sent_at).days
    return _("等了 %(n)d 天") % {"n": days} if days else _("今天送出")


def review_of(actor: Actor, outcome_id: UUID, *, course: str) -> Review:
    """One outcome with its files, and its neighbours among those that wait.

    Raises NotFound, or NotAllowed for those who see it without teaching its course.
    """
    outcome = found(with_everything(), actor, permissions.SEE, outcome_id)
    require(actor, permissions.CERTIFY, outcome)
    course = _course_key(course)
    waiting = _waiting_ids(actor, course)
    position = waiting.index(outcome.pk) if outcome.pk in waiting else None
    people = (outcome.student_id, actor.person_id)
    certify = openings_for(outcome.school.place, *people)[WindowKind.CERTIFY]
    previous_id, next_id = _neighbours(waiting, position)
    return Review(
        row=_rows_with([outcome.pk])[0],
        semester=semester_text(outcome.school_year, outcome.semester),
        note=outcome.note,
        files=files_shown(outcome, is_own=False),
        seen_document=outcome.document.sha256 if outcome.document else "",
        seen_media=outcome.media.sha256 if outcome.media else "",
        certify=certify,
        may_decide=certify.is_open and states.PASS.starts_from(outcome.state),
        may_undo=certify.is_open and states.UNDO.starts_from(outcome.state),
        previous=previous_id,
        next=next_id,
        position=0 if position is None else position + 1,
        waiting=len(waiting),
        course=course,
    )


def _waiting_ids(actor: Actor, course: str) -> list[UUID]:
    rows = _in_course(_taught(actor).filter(state=S.WAITING), course)
    return list(rows.order_by("sent_at", "pk").values_list("pk", flat=True))


def _neighbours(waiting: list[UUID], position: int | None) -> tuple[UUID | None, UUID | None]:
    if position is None:
        return None, waiting[0] if waiting else None
    before = waiting[position - 1] if position else None
    return before, waiting[position + 1] if position + 1 < len(waiting) else None


def next_waiting(actor: Actor, outcome: Outcome, *, course: str) -> UUID | None:
    """The outcome to look at after this one was decided: the next in the queue, else the first."""
    course = _course_key(course)
    rows = _in_course(_taught(actor).filter(state=S.WAITING), course).order_by("sent_at", "pk")
    later = rows.filter(sent_at__gte=outcome.sent_at) if outcome.sent_at else rows
    first = later.first() or rows.first()
    return first.pk if first else None


def decisions_to_publish(actor: Actor) -> tuple[QueueRow, ...]:
    """Every decision in the actor's courses that no student has been told of, oldest first."""
    rows = _taught(actor).filter(state__in=BUCKETS["decided"][1])
    return _rows_of(rows.order_by("sent_at", "pk"))
