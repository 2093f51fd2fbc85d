from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count
from django.utils.translation import gettext as _
from licheng_exchange import InvalidCourseCode, parse_course_code

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, allows, found, require, seen
from licheng.foundations.custody.models import CopyState, KeptCopy
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Opening, openings
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.models import Person, School
from licheng.school.people.queries.readers import readers_of
from licheng.school.submission import permissions
from licheng.school.submission.models import UNDER_WAY, Batch
from licheng.school.submission.states import DISCARD, SEND, BatchState

TONES = {
    BatchState.REFUSED: "error",
    BatchState.FAILED: "error",
    BatchState.DISCARDED: "neutral",
    BatchState.RECEIVED: "success",
    BatchState.ACCEPTED: "success",
}
COPIES_PROMISED = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the pre-check found: whose, what, what to do. `must` ones keep a batch from being sealed."""

    must: bool
    rule: str
    student_id: int
    student: str
    item: str
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class ClassFindings:
    """Everything found in one class."""

    class_name: str
    findings: tuple[Finding, ...]

    @property
    def blockers(self) -> int:
        """How many of them must be mended first."""
        return sum(finding.must for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Precheck:
    """What would go into a batch now, and what stands in its way."""

    school_year: int
    students: int
    outcomes: int
    activities: int
    items: tuple[Outcome | Activity, ...]  # what was looked at; sealing freezes exactly these
    size_bytes: int
    classes: tuple[ClassFindings, ...]
    idle_students: int
    window: Opening

    @property
    def blockers(self) -> int:
        """Findings that must be mended first."""
        return sum(one.blockers for one in self.classes)

    @property
    def students_named(self) -> set[int]:
        """Whose data the findings tell."""
        return {finding.student_id for one in self.classes for finding in one.findings}

    @property
    def open_matters(self) -> int:
        """Findings that only need to be known."""
        return sum(len(one.findings) - one.blockers for one in self.classes)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to seal."""
        return self.outcomes + self.activities == 0


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch as the console lists it."""

    batch: Batch
    tone: str
    items: int
    may_submit: bool
    may_discard: bool
    is_moving: bool


def _outcomes_to_send(school: School) -> list[Outcome]:
    """The selected outcomes of the school year with all that their records need."""
    related = (
        "student__student__class_group",
        "enrolment__offering__course",
        "decided_by",
        "document",
        "media",
    )
    rows = Outcome.objects.filter(school=school, school_year=school.active_year, state=OutcomeState.SELECTED)
    return list(rows.select_related(*related).order_by("student__account", "created_at"))


def _activities_to_send(school: School) -> list[Activity]:
    """The selected activities of the school year with all that their records need."""
    related = ("student__student__class_group", "document", "media")
    rows = Activity.objects.filter(
        school=school, school_year=school.active_year, state=ActivityState.SELECTED
    )
    return list(rows.select_related(*related).order_by("student__account", "created_at"))


def precheck(actor: Actor, school: School) -> Precheck:
    """What a batch would hold now, and the findings by class.

    Raises NotFound for a school that the actor may not check.
    """
    found(School.objects.all(), actor, permissions.PRECHECK, school.pk)
    outcomes, activities = _outcomes_to_send(school), _activities_to_send(school)
    by_class: dict[tuple[int, str], list[Finding]] = {}
    items: list[Outcome | Activity] = [*outcomes, *activities]
    short = _short_of_copies(items)
    for item in items:
        for finding in _faults(school, item, short):
            by_class.setdefault(_class_key(item.student), []).append(finding)
    for outcome in _undecided(school):
        by_class.setdefault(_class_key(outcome.student), []).append(_undecided_finding(outcome))
    stored = {file.sha256: file.size_bytes for item in items for file in files_of(item)}
    senders = {item.student_id for item in items}
    students = Person.objects.filter(school=school, is_student=True, left_on=None)
    return Precheck(
        school_year=school.active_year,
        students=len(senders),
        outcomes=len(outcomes),
        activities=len(activities),
        items=tuple(items),
        size_bytes=sum(stored.values()),
        classes=tuple(ClassFindings(name, tuple(rows)) for (_grade, name), rows in sorted(by_class.items())),
        idle_students=students.exclude(pk__in=senders).count(),
        window=openings(school.place)[WindowKind.SUBMIT],
    )


def files_of(item: Outcome | Activity) -> Iterable[StoredFile]:
    """The files of an item that are there."""
    return (stored for stored in (item.document, item.media) if stored is not None)


def _class_of(person: Person) -> str:
    return person.student.class_group.name


def _class_key(person: Person) -> tuple[int, str]:
    """By grade first: as plain text 三年 would come before 二年."""
    return person.student.class_group.grade, person.student.class_group.name


def _undecided(school: School) -> Iterable[Outcome]:
    waiting = (OutcomeState.WAITING, OutcomeState.PASSED, OutcomeState.HELD_BACK)
    rows = Outcome.objects.filter(school=school, school_year=school.active_year, state__in=waiting)
    related = rows.select_related("student__student__class_group", "enrolment__offering__course")
    names = ArrayAgg(
        "enrolment__offering__teachers__name", default=[], order_by="enrolment__offering__teachers"
    )
    return related.annotate(teacher_names=names).order_by("student__account", "sent_at")


def _undecided_finding(outcome: Outcome) -> Finding:
    teachers = _("、").join(filter(None, outcome.teacher_names))  # type: ignore[attr-defined]
    is_decided = outcome.state != OutcomeState.WAITING
    return Finding(
        must=False,
        rule="unpublished" if is_decided else "undecided",
        student_id=outcome.student_id,
        student=f"{outcome.student.account} {outcome.student.name}",
        item=outcome.enrolment.offering.course.name,
        text=_("老師已決定，但還沒有發佈。") if is_decided else _("已送老師，老師還沒有認證。"),
        fix=_("請提醒 {teachers}；這一件不會包含在這次的封包裡。").format(teachers=teachers or _("任課教師")),
    )


def _short_of_copies(items: Iterable[Outcome | Activity]) -> set[str]:
    """Hashes that fewer than two copies gave back when they were last read."""
    hashes = {stored.sha256 for item in items for stored in files_of(item)}
    good = KeptCopy.objects.filter(content_id__in=hashes, state=CopyState.GOOD).values("content_id")
    kept = good.annotate(number=Count("copy")).filter(number__gte=COPIES_PROMISED)
    return hashes.difference(kept.values_list("content_id", flat=True))


def _scan_text(stored: StoredFile) -> tuple[str, str]:
    """Why the scanner's answer keeps a file from being sent, and what to do; empty when it does not."""
    texts = {
        ScanState.INFECTED: (_("檔案含有惡意程式。"), _("請學生換成乾淨的檔案。")),
        ScanState.SCANNING: (_("檔案還在掃毒。"), _("請等掃毒完成再封裝；超過一小時請通知系統管理員。")),
    }
    return texts.get(ScanState(stored.scan), ("", ""))


def _faults(school: School, item: Outcome | Activity, short: set[str]) -> Iterable[Finding]:
    """What the archive would refuse about a selected item; `short` are hashes short of a copy."""

    def finding(rule: str, text: str, fix: str) -> Finding:
        title = item.enrolment.offering.course.name if isinstance(item, Outcome) else item.title
        student = f"{item.student.account} {item.student.name}"
        return Finding(True, rule, item.student_id, student, title, text, fix)

    for stored in files_of(item):
        if stored.sha256 in short:
            yield finding("file-missing-copy", _("檔案少了副本。"), _("請系統管理員先修復副本。"))
        text, fix = _scan_text(stored)
        if text:
            yield finding(f"file-{stored.scan}", text, fix)
    if isinstance(item, Outcome):
        pairs = ((item.document, item.certified_document_sha256), (item.media, item.certified_media_sha256))
        if any((stored.sha256 if stored else "") != certified for stored, certified in pairs):
            yield finding("certified-other-bytes", _("檔案和老師認證的不同。"), _("請學生重新送出認證。"))
        code = item.enrolment.offering.course.code
        if not _belongs(code, school):
            yield finding("course-code-school", _("課程代碼不屬於本校。"), _("請註冊組檢查課程代碼檔。"))


def _belongs(code: str, school: School) -> bool:
    try:
        return parse_course_code(code).school_code == school.code
    except InvalidCourseCode:
        return False


def batches_seen_by(actor: Actor) -> list[BatchLine]:
    """The school's batches, newest first, as the console lists them."""
    rows = seen(Batch.objects.all(), actor, permissions.SEE).select_related("school", "sealed_by")
    return [line_of(batch, batch.item_count) for batch in rows.annotate(item_count=Count("items"))]


def batch_seen_by(actor: Actor, batch_id: UUID | str) -> Batch:
    """One batch.

    Raises NotFound when it is not of the actor's school or not theirs to see.
    """
    return found(
        Batch.objects.select_related("school__authority", "sealed_by"), actor, permissions.SEE, batch_id
    )


def batch_readers(actor: Actor, batch_id: UUID | str) -> tuple[RuleReaders, ...]:
    """Who may see a batch, send it, and take its package along. Raises NotFound as `batch_seen_by` does."""
    batch = batch_seen_by(actor, batch_id)
    return readers_of(actor, batch, [permissions.SEE, permissions.SUBMIT, permissions.PACKAGE])


def batch_to_keep(actor: Actor, batch_id: UUID | str) -> Batch:
    """A batch whose package the actor takes along, with everybody's data in it.

    Raises NotFound as `batch_seen_by` does, NotAllowed for all but submitters, StepUpNeeded.
    """
    batch = batch_seen_by(actor, batch_id)
    require(actor, permissions.PACKAGE, batch)
    return batch


def may_keep(actor: Actor, batch: Batch) -> bool:
    """Whether the actor is somebody who may take the package along."""
    return allows(actor, permissions.PACKAGE, batch)


def line_of(batch: Batch, items: int) -> BatchLine:
    """A batch with what may be done with it now."""
    return BatchLine(
        batch=batch,
        tone=TONES.get(BatchState(batch.state), "info"),
        items=items,
        may_submit=SEND.starts_from(batch.state),
        may_discard=DISCARD.starts_from(batch.state),
        is_moving=batch.state in {*UNDER_WAY} - {BatchState.SEALED},
    )


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of a batch as its page lists it."""

    student_id: int
    student: str
    class_name: str
    kind: str
    title: str
    files: int


def items_of(batch: Batch) -> list[ItemLine]:
    """What a batch holds, in the order of its package; the batch was looked up for the actor before.

    The record of a student whose data were taken away is empty.
    """
    rows = batch.items.select_related("student__student__class_group").order_by("student__account", "pk")
    return [
        ItemLine(
            student_id=row.student_id,
            student=f"{row.student.account} {row.student.name}",
            class_name=_class_of(row.student),
            kind=row.get_kind_display(),
            title=str(row.record.get("course_name") or row.record.get("title") or ""),
            files=len(row.record.get("files", ())),
        )
        for row in rows
    ]
