from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor, allows, found, require, seen
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Opening, Place, limits
from licheng.school.filing import SeenFile, ShownFile, ShownTerms, role_of, shown_file, shown_terms
from licheng.school.governance.queries import openings_for, require_open_for
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.queries.history import Event, history_of
from licheng.school.outcomes.queries.shown import (
    ShownState,
    files_shown,
    item_of,
    reason_shown,
    relation_to,
    semester_text,
    state_shown,
    teachers_text,
    urls_of,
)
from licheng.school.outcomes.states import OutcomeState as S

NEXT: dict[str, Promise] = {
    S.DRAFT: gettext_lazy("下一步：檔案與簡述都準備好之後，送出給老師認證。"),
    S.WAITING: gettext_lazy("老師看過之後會發佈結果；在老師處理之前，您可以收回修改。"),
    S.RETURNED: gettext_lazy("請依老師的說明修改，再重新送出。"),
    S.CERTIFIED: gettext_lazy("下一步：到「勾選」選擇要提交的成果。換檔案或改簡述會失去認證，需要重新送出。"),
    S.SELECTED: gettext_lazy("您已勾選這件成果，等學校提交；要修改請先取消勾選。"),
    S.SUBMITTED: gettext_lazy("學校已經提交，等中央資料庫回覆收訖。"),
    S.RECEIVED: gettext_lazy("請到「收訖明細」核對內容，並確認或回報。"),
    S.CONFIRMED: gettext_lazy("您已確認收訖內容無誤，這件成果完成了。"),
    S.DISPUTED: gettext_lazy("學校會處理您回報的問題，結果會出現在「收訖明細」。"),
}
NEXT |= {S.PASSED: NEXT[S.WAITING], S.HELD_BACK: NEXT[S.WAITING], S.SEALED: NEXT[S.SELECTED]}
SENT = (S.WAITING, S.PASSED, S.HELD_BACK)


@dataclass(frozen=True, slots=True)
class OutcomeDetail:
    """One outcome with everything its page shows."""

    id: UUID
    course: str
    section: str
    semester: str
    teachers: str
    student_id: int
    student: str
    state: ShownState
    next_step: str
    note: str
    reason: str
    decided_by: str
    published: str
    sent: str
    files: tuple[ShownFile, ...]
    history: tuple[Event, ...]
    upload: Opening
    is_mine: bool
    is_certified: bool
    may_edit: bool
    may_send: bool
    may_take_back: bool
    may_delete: bool
    may_certify: bool

    def file(self, role: str) -> ShownFile | None:
        """The document or media, if it is there."""
        return next((one for one in self.files if one.role == role), None)

    @property
    def document(self) -> ShownFile | None:
        """The document, if it is there."""
        return self.file(FileRole.DOCUMENT)

    @property
    def media(self) -> ShownFile | None:
        """The sound or film, if it is there."""
        return self.file(FileRole.MEDIA)


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form's page: the outcome and the limits that are said before anything is chosen."""

    outcome: OutcomeDetail
    document: ShownTerms
    media: ShownTerms
    note_characters: int


def with_everything() -> QuerySet[Outcome]:
    """Outcomes with what a page of one shows, in one query."""
    return Outcome.objects.select_related(
        "school__authority",
        "student",
        "enrolment__offering__course",
        "document__entry",
        "media__entry",
        "decided_by",
    )


def outcome_detail(actor: Actor, outcome_id: UUID) -> OutcomeDetail:
    """One outcome that the actor may see.

    Raises NotFound.
    """
    return _detail(found(with_everything(), actor, permissions.SEE, outcome_id), actor)


def _place(outcome: Outcome) -> Place:
    school = outcome.school
    return Place(school.code, school.authority.code, outcome.school_year, outcome.semester)


def _detail(outcome: Outcome, actor: Actor) -> OutcomeDetail:
    offering = outcome.enrolment.offering
    upload = openings_for(_place(outcome), outcome.student_id)[WindowKind.UPLOAD]
    is_mine = allows(actor, permissions.WRITE, outcome)
    writes = is_mine and upload.is_open
    files = files_shown(outcome, is_own=is_mine)
    return OutcomeDetail(
        id=outcome.pk,
        course=offering.course.name,
        section=offering.section,
        semester=semester_text(outcome.school_year, outcome.semester),
        teachers=teachers_text(offering),
        student_id=outcome.student_id,
        student=f"{outcome.student.account} {outcome.student.name}",
        state=state_shown(outcome.state),
        next_step=str(NEXT[outcome.state]),
        note=outcome.note,
        reason=reason_shown(outcome),
        decided_by=outcome.decided_by.name if outcome.decided_by and outcome.published_at else "",
        published=roc_datetime(outcome.published_at),
        sent=roc_datetime(outcome.sent_at),
        files=files,
        history=history_of(outcome, actor),
        upload=upload,
        is_mine=is_mine,
        is_certified=outcome.state == S.CERTIFIED,
        may_edit=writes and states.EDIT.starts_from(outcome.state),
        may_send=writes and states.SEND.starts_from(outcome.state) and bool(files),
        may_take_back=writes
        and outcome.state in SENT,  # the same button before and after an unpublished decision
        may_delete=writes and states.DELETE.starts_from(outcome.state),
        may_certify=allows(actor, permissions.CERTIFY, outcome),
    )


def own_outcome(actor: Actor, outcome_id: UUID) -> Outcome:
    """An outcome that the actor may write, whatever its state.

    Raises NotFound or NotAllowed.
    """
    outcome = found(Outcome.objects.all(), actor, permissions.SEE, outcome_id)
    require(actor, permissions.WRITE, outcome)
    return outcome


def outcome_to_edit(actor: Actor, outcome_id: UUID) -> EditPage:
    """The outcome on the student's form.

    Raises NotFound, NotAllowed, WindowClosed or WrongState, so that nobody fills in a form in vain.
    """
    outcome = found(with_everything(), actor, permissions.SEE, outcome_id)
    require(actor, permissions.WRITE, outcome)
    require_open_for(_place(outcome), WindowKind.UPLOAD, outcome.student_id)
    states.EDIT.apply(outcome.state)
    allowed = limits(_place(outcome))
    return EditPage(
        outcome=_detail(outcome, actor),
        document=shown_terms(allowed, FileRole.DOCUMENT),
        media=shown_terms(allowed, FileRole.MEDIA),
        note_characters=allowed.note_characters,
    )


def file_seen(actor: Actor, outcome_id: UUID, role: str) -> SeenFile:
    """The document or media of an outcome that the actor may see, with its ledger entry.

    Raises NotFound, also when there is no such file.
    """
    role = role_of(role)
    rows = Outcome.objects.select_related("document__entry", "media__entry")
    outcome = found(rows, actor, permissions.SEE, outcome_id)
    stored = outcome.document if role == FileRole.DOCUMENT else outcome.media
    if stored is None:
        raise NotFound
    is_own = allows(actor, permissions.WRITE, outcome)
    return SeenFile(stored, is_own, outcome.student_id, item_of(outcome), relation_to(actor, outcome))


def file_shown(actor: Actor, outcome_id: UUID, role: str) -> ShownFile:
    """The same file in words, for the pages about it alone.

    Raises NotFound.
    """
    return shown_file(file_seen(actor, outcome_id, role), urls_of(outcome_id, role))


def names_of_same_bytes(actor: Actor, outcome_id: UUID, stored: StoredFile) -> list[str]:
    """Courses whose outcomes of the same student already hold these very bytes."""
    mine = seen(Outcome.objects.all(), actor, permissions.WRITE).exclude(pk=outcome_id)
    same = Q(document__sha256=stored.sha256) | Q(media__sha256=stored.sha256)
    names = (
        mine.filter(same).order_by("created_at").values_list("enrolment__offering__course__name", flat=True)
    )
    return list(dict.fromkeys(names))
