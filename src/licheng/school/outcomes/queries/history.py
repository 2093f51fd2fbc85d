"""What happened to an outcome, in plain words: from the audit rows, without what is not published."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.files.models import FileRole
from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Person

# A decision that is not published has no words here: nobody reads of it before the student may.
WORDS: dict[str, tuple[Promise, str]] = {
    "outcome.started": (gettext_lazy("建立草稿"), "file-pen"),
    "outcome.note_written": (gettext_lazy("修改成果簡述"), "pencil"),
    "outcome.file_attached": (gettext_lazy("上傳{role}檔案"), "upload"),
    "outcome.file_removed": (gettext_lazy("移除{role}檔案"), "trash-2"),
    "outcome.certification_lost": (gettext_lazy("內容換過了，原來的認證不再有效"), "triangle-alert"),
    "outcome.sent": (gettext_lazy("送出認證"), "send"),
    "outcome.taken_back": (gettext_lazy("收回修改"), "rotate-ccw"),
    "outcome.certified": (gettext_lazy("發佈結果：認證通過"), "badge-check"),
    "outcome.returned": (gettext_lazy("發佈結果：退回補正"), "undo-2"),
}
MOVED: dict[tuple[str, str], tuple[Promise, str]] = {
    (S.CERTIFIED, S.SELECTED): (gettext_lazy("勾選"), "list-checks"),
    (S.SELECTED, S.CERTIFIED): (gettext_lazy("取消勾選"), "rotate-ccw"),
    (S.SEALED, S.SUBMITTED): (gettext_lazy("學校提交到中央資料庫"), "send"),
    (S.SUBMITTED, S.SELECTED): (gettext_lazy("學校撤回這次提交"), "rotate-ccw"),
    (S.SUBMITTED, S.RECEIVED): (gettext_lazy("中央資料庫收訖"), "inbox"),
    (S.RECEIVED, S.CONFIRMED): (gettext_lazy("確認收訖內容無誤"), "user-check"),
    (S.DISPUTED, S.CONFIRMED): (gettext_lazy("確認收訖內容無誤"), "user-check"),
    (S.RECEIVED, S.DISPUTED): (gettext_lazy("回報收訖內容有誤"), "flag"),
    (S.CONFIRMED, S.DISPUTED): (gettext_lazy("回報收訖內容有誤"), "flag"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, and who did it."""

    at: str
    text: str
    icon: str
    who: str


def history_of(outcome: Outcome, actor: Actor) -> tuple[Event, ...]:
    """Everything that happened to an outcome, newest first; two queries."""
    rows = AuditEntry.objects.filter(
        school_id=outcome.school_id, subject_type="outcomes.outcome", subject_id=str(outcome.pk)
    ).order_by("-at", "-pk")
    told = [(row, words) for row in rows if (words := _words(row)) is not None]
    people = {row.person_id for row, _found in told if row.person_id is not None}
    names = dict(Person.objects.filter(school_id=outcome.school_id, pk__in=people).values_list("pk", "name"))
    return tuple(
        Event(roc_datetime(row.at), _text(row, words[0]), words[1], _who(row, actor, names))
        for row, words in told
    )


def _words(row: AuditEntry) -> tuple[Promise, str] | None:
    if row.action == "outcome.moved":
        return MOVED.get((row.data.get("before", ""), row.data.get("after", "")))
    return WORDS.get(row.action)


def _text(row: AuditEntry, words: Promise) -> str:
    role = row.data.get("role")
    return str(words).format(role=FileRole(role).label if role else "")


def _who(row: AuditEntry, actor: Actor, names: dict[int, str]) -> str:
    if row.person_id is None:
        return _("系統")
    return _("您") if row.person_id == actor.person_id else names.get(row.person_id, _("學校人員"))
