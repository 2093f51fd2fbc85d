"""The home of everybody who works at the school: one block for each role, and nothing of any other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, seen
from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.governance.queries import openings_for
from licheng.school.insight import permissions
from licheng.school.insight.queries.deadlines import Deadline, deadlines_of
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role, School, Student
from licheng.school.receipts.models import ReceiptItem
from licheng.school.receipts.queries import ANSWER_WITHIN
from licheng.school.receipts.states import ReceiptState
from licheng.school.records.queries.deputies import new_duties
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.queries.boards import TONES
from licheng.school.rosters.states import ImportState
from licheng.school.selection.models import SelectionTally
from licheng.school.submission.models import Batch
from licheng.school.submission.states import BatchState

LAST_IMPORTS = 5
NAMES_SHOWN = 10
DECIDED = (S.PASSED, S.HELD_BACK)
LAST_BATCH = {"last_batch": "pk", "last_state": "state", "last_at": "created_at"}
BATCH_TONES = {
    BatchState.REFUSED: "error",
    BatchState.FAILED: "error",
    BatchState.RECEIVED: "success",
    BatchState.ACCEPTED: "success",
    BatchState.DISCARDED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block: a chip's word, a sentence, and where it leads."""

    word: str
    tone: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a block."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Block:
    """What waits for one role. `empty` is said when no line is there."""

    key: str
    title: str
    icon: str
    lines: tuple[Line, ...]
    empty: str
    actions: tuple[Action, ...] = field(default=())
    students: tuple[int, ...] = ()  # whose names stand in the lines


class Pupil(NamedTuple):
    """A student of the teacher's class, and what has happened to her things."""

    pk: int
    name: str
    seat_no: int
    class_name: str
    has_returned: bool
    has_selected: bool


@dataclass(frozen=True, slots=True)
class StaffHome:
    """Everything on the home page of a member of staff."""

    over: str
    name: str
    deadlines: tuple[Deadline, ...]
    blocks: tuple[Block, ...]

    @property
    def students_named(self) -> set[int]:
        """Whose data the blocks tell."""
        return {student for block in self.blocks for student in block.students}


def staff_home(actor: Actor, school: School) -> StaffHome:
    """The home of the member of staff who asks; needs `school.authority`.

    One or two queries a block, one for the windows and one for new duties.
    """
    term = {"year": school.active_year, "semester": school.active_semester}
    blocks = (*_new_duties(actor), *(make(actor, school) for roles, make in MAKERS if actor.roles & roles))
    return StaffHome(
        over=f"{_('%(year)d 學年度第 %(semester)d 學期') % term}　{school.name}",
        name=actor.name,
        deadlines=deadlines_of(openings_for(school.place, actor.person_id)),
        blocks=blocks,
    )


def _new_duties(actor: Actor) -> tuple[Block, ...]:
    count, url = new_duties(actor), reverse("records:duties")
    if not count:
        return ()
    line = Line(_("新"), "info", _("您有 %(n)d 項新的職務或代理，請看期間與範圍") % {"n": count}, url)
    return (Block("duties", _("我的職務"), "user-check", (line,), ""),)


def _teaching(actor: Actor, _school: School) -> Block:
    counts = seen(Outcome.objects.all(), actor, permissions.TAUGHT).aggregate(
        waiting=Count("pk", filter=Q(state=S.WAITING)), decided=Count("pk", filter=Q(state__in=DECIDED))
    )
    queue, lines = reverse("outcomes:queue"), []
    if counts["waiting"]:
        text = _("%(n)d 件成果等您認證") % {"n": counts["waiting"]}
        lines.append(Line(_("待認證"), "waiting", text, queue))
    if counts["decided"]:
        text = _("%(n)d 件已決定但還沒發佈，學生還看不到結果") % {"n": counts["decided"]}
        lines.append(Line(_("未發佈"), "warning", text, queue))
    return Block(
        "teaching",
        _("課程學習成果認證"),
        "badge-check",
        tuple(lines),
        _("目前沒有等您認證的成果。學生送出後會出現在這裡。"),
        (Action(_("去認證"), "badge-check", queue),),
    )


def _homeroom(actor: Actor, school: School) -> Block:
    of_year = Outcome.objects.filter(student=OuterRef("person"), school_year=school.active_year)
    tally = SelectionTally.objects.filter(student=OuterRef("person"), school_year=school.active_year)
    rows = (
        seen(Student.objects.filter(person__left_on=None), actor, permissions.CLASS)
        .annotate(
            has_returned=Exists(of_year.filter(state=S.RETURNED)),
            has_selected=Exists(tally.filter(Q(outcomes__gt=0) | Q(activities__gt=0))),
        )
        .order_by("class_group__name", "seat_no")
    )
    columns = ("person", "person__name", "seat_no", "class_group__name", "has_returned", "has_selected")
    students = [Pupil._make(row) for row in rows.values_list(*columns)]
    returned = [each for each in students if each.has_returned]
    unselected = [each for each in students if not each.has_selected]
    lines, classes = [], sorted({each.class_name for each in students})
    if students:
        total = {"n": len(students), "classes": _("、").join(classes)}
        lines.append(Line(_("本班"), "info", _("%(classes)s，共 %(n)d 人") % total))
    if returned:
        text = _named(_("%(n)d 人有被退回的成果：%(who)s"), returned, of_several=len(classes) > 1)
        lines.append(Line(_("被退回"), "returned", text))
    if unselected:
        text = _named(_("%(n)d 人還沒勾選任何項目：%(who)s"), unselected, of_several=len(classes) > 1)
        lines.append(Line(_("未勾選"), "warning", text))
    named = {each.pk for each in (*returned[:NAMES_SHOWN], *unselected[:NAMES_SHOWN])}
    empty = _("這學年還沒有指派給您的班級，請洽註冊組。")
    return Block("homeroom", _("我的班級"), "users-round", tuple(lines), empty, students=tuple(sorted(named)))


def _named(sentence: str, students: Sequence[Pupil], *, of_several: bool) -> str:
    """The first of them by seat; with the class where the teacher has several, as seats repeat there."""
    shown = students[:NAMES_SHOWN]
    seats = (f"{each.class_name} {each.seat_no}" if of_several else f"{each.seat_no}" for each in shown)
    names = _("、").join(f"{seat} {each.name}" for seat, each in zip(seats, shown, strict=True))
    return sentence % {"n": len(students), "who": names + ("…" if len(students) > NAMES_SHOWN else "")}


def _imports(actor: Actor, _school: School) -> Block:
    rows = RosterImport.objects.filter(permissions.IMPORTS.within(actor))
    last = rows.defer("content_sealed", "issues", "summary")[:LAST_IMPORTS]
    lines = tuple(
        Line(
            str(ImportState(each.state).label),
            TONES[ImportState(each.state)],
            f"{each.kind_label}　{each.file_name}　{roc_datetime(each.imported_at)}",
            reverse("rosters:import_detail", args=[each.pk]),
        )
        for each in last
    )
    actions = (
        Action(_("匯入名冊"), "file-spreadsheet", reverse("rosters:imports")),
        Action(_("班級與帳號"), "users", reverse("people:classes")),
    )
    empty = _("還沒有匯入過名冊。請依序匯入課程代碼檔、教職員、班級、學生、修課名冊。")
    return Block("imports", _("最近的名冊匯入"), "file-spreadsheet", lines, empty, actions)


def _batches(actor: Actor, school: School) -> Block:
    lines, now = [], _batches_now(actor, school)
    if now["outcomes"] or now["activities"]:
        text = _("全校已勾選成果 %(outcomes)d 件、多元表現 %(activities)d 件") % now
        lines.append(Line(_("已勾選"), "selected", text))
    if now["last_batch"]:
        state = BatchState(now["last_state"])
        text = _("最近一批，%(when)s 建立") % {"when": roc_datetime(now["last_at"])}
        url = reverse("submission:batch", args=[now["last_batch"]])
        lines.append(Line(str(state.label), BATCH_TONES.get(state, "info"), text, url))
    actions = (
        Action(_("預檢"), "clipboard-check", reverse("submission:precheck")),
        Action(_("提交"), "package-check", reverse("submission:console")),
    )
    empty = _("這學年還沒有學生勾選，也還沒有提交批次。可以先做預檢。")
    return Block("batches", _("提交"), "package-check", tuple(lines), empty, actions)


def _batches_now(actor: Actor, school: School) -> dict[str, Any]:
    """What is selected this year, and the last batch, if there is one; one query."""
    of_year = {"school_year": school.active_year, "school": OuterRef("pk")}
    tallies = SelectionTally.objects.filter(permissions.BATCHES.within(actor), **of_year).order_by()
    by_school = tallies.values("school")
    last = Batch.objects.filter(permissions.BATCHES.within(actor), **of_year)
    row = School.objects.filter(pk=school.pk).values(
        outcomes=Subquery(by_school.values(n=Sum("outcomes", default=0))),
        activities=Subquery(by_school.values(n=Sum("activities", default=0))),
        **{name: Subquery(last.values(column)[:1]) for name, column in LAST_BATCH.items()},
    )
    return {**row.get()}


def _disputes(actor: Actor, _school: School) -> Block:
    counts = ReceiptItem.objects.filter(
        permissions.DISPUTES.within(actor), state=ReceiptState.DISPUTED, answered_at=None
    ).aggregate(
        waiting=Count("pk"), late=Count("pk", filter=Q(decided_at__lt=timezone.now() - ANSWER_WITHIN))
    )
    lines, url = [], reverse("receipts:office")
    if counts["waiting"]:
        text = _("%(n)d 項學生回報有誤，還沒回覆") % {"n": counts["waiting"]}
        lines.append(Line(_("待回覆"), "disputed", text, url))
    if counts["late"]:
        text = _("其中 %(n)d 項已超過 3 天") % {"n": counts["late"]}
        lines.append(Line(_("逾期"), "error", text, url))
    actions = (Action(_("收訖回報"), "inbox", url),)
    return Block("disputes", _("收訖回報"), "inbox", tuple(lines), _("沒有等待回覆的回報。"), actions)


def _desk(_actor: Actor, _school: School) -> Block:
    """The way to the help desk; how much waits is counted there, not at every home page."""
    says = _("學生、家長與訪客寫來的問題；等最久的排在最前面。")
    actions = (Action(_("看等待回覆的問題"), "message-square", reverse("frontdesk:desk")),)
    return Block("desk", _("服務臺"), "message-square", (), says, actions)


def _counselling(_actor: Actor, _school: School) -> Block:
    actions = (
        Action(_("行事曆"), "calendar-days", reverse("counselling:calendar")),
        Action(_("新增約定或紀錄"), "plus", reverse("counselling:plan")),
    )
    says = _("約好時間與地點，諮詢之後補上內容，學生就讀得到。")
    return Block("counselling", _("課程諮詢"), "calendar-days", (), says, actions)


def _standing_in(_actor: Actor, _school: School) -> Block:
    says = _("任課教師請假或離職時，在這裡指定誰代他認證。")
    actions = (Action(_("指定代理認證人"), "user-plus", reverse("records:deputies")),)
    return Block("standing-in", _("代理認證"), "users-round", (), says, actions)


def _looking_up(_actor: Actor, _school: School) -> Block:
    says = _("您的職務讓您查得到的學生。看了誰，那位學生會知道。")
    actions = (Action(_("找學生"), "search", reverse("people:mine")),)
    return Block("looking-up", _("我可以看的學生"), "users-round", (), says, actions)


def _deciding(_actor: Actor, _school: School) -> Block:
    actions = (
        Action(_("設定"), "scale", reverse("governance:settings")),
        Action(_("延長期限"), "calendar-check", reverse("governance:extensions")),
    )
    says = _("本校的上限與期間，依會議決定修改；每一次都有紀錄。")
    return Block("deciding", _("工作小組"), "scale", (), says, actions)


MAKERS: tuple[tuple[frozenset[str], Callable[[Actor, School], Block]], ...] = (
    (frozenset({Role.TEACHER}), _teaching),
    (frozenset({Role.HOMEROOM}), _homeroom),
    (frozenset({Role.REGISTRAR, Role.ADMINISTRATOR}), _imports),
    (frozenset({Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER}), _batches),
    (frozenset({Role.RECEIPT_OFFICER}), _disputes),
    (frozenset({Role.REGISTRAR, Role.ADMINISTRATOR}), _desk),
    (frozenset({Role.COUNSELLOR}), _counselling),
    (frozenset({Role.CURRICULUM}), _standing_in),
    (frozenset({Role.DATA_QUERY}), _looking_up),
    (frozenset({Role.WORKING_GROUP}), _deciding),
)
