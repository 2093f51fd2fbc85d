"""The one thing a student should do next: a pure choice among facts, the most urgent first."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licheng.school.calendar.models import WindowKind
from licheng.school.insight.queries.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, why, and the button that leads there; nothing to do has no button."""

    key: str
    title: str
    sentence: str
    icon: str
    tone: str
    url: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the choice is made from. Counts are of this school year, unless said otherwise."""

    made: int
    returned: int
    returned_url: str
    drafts: int
    certified: int
    places_left: int
    receipts_open: int
    deadlines: tuple[Deadline, ...]

    def is_open(self, kind: WindowKind) -> bool:
        """Whether a window is open now."""
        return any(each.kind == kind and each.is_open for each in self.deadlines)

    def by(self, sentence: str, kind: WindowKind) -> str:
        """The sentence, and by when and how long that is while the window is open."""
        found = next((each for each in self.deadlines if each.kind == kind and each.is_open), None)
        if found is None:
            return sentence
        return f"{sentence} " + _("期限：%(when)s，%(left)s。") % {"when": found.when, "left": found.left}


STUDENT_WINDOWS = {
    WindowKind.UPLOAD: "outcomes:list",
    WindowKind.SELECT: "selection:board",
    WindowKind.CONFIRM: "receipts:mine",
}


def next_step(facts: Facts) -> NextStep:
    """Mend what came back, send drafts, mind a closing window, select, confirm receipts; else nothing."""
    return (
        _to_mend(facts)
        or _to_send(facts)
        or _closing(facts)
        or _to_select(facts)
        or _to_confirm(facts)
        or _to_begin(facts)
        or _too_late(facts)
        or NextStep(
            "nothing",
            _("目前沒有要做的事"),
            _("有新的結果或期限時，會顯示在這裡。"),
            "circle-check",
            "success",
        )
    )


def _to_mend(facts: Facts) -> NextStep | None:
    if not facts.returned or not facts.is_open(WindowKind.UPLOAD):
        return None
    title = ngettext("老師退回了 %(n)d 件成果", "老師退回了 %(n)d 件成果", facts.returned) % {
        "n": facts.returned
    }
    sentence = facts.by(_("看看退回原因，修改之後在截止前再送一次認證。"), WindowKind.UPLOAD)
    return NextStep("mend", title, sentence, "undo-2", "error", facts.returned_url, _("看退回原因並修改"))


def _to_send(facts: Facts) -> NextStep | None:
    if not facts.drafts or not facts.is_open(WindowKind.UPLOAD):
        return None
    title = ngettext("有 %(n)d 件草稿還沒送出", "有 %(n)d 件草稿還沒送出", facts.drafts) % {"n": facts.drafts}
    sentence = facts.by(_("草稿要在截止前送老師認證，老師才看得到。"), WindowKind.UPLOAD)
    return NextStep("send", title, sentence, "send", "accent", reverse("outcomes:list"), _("去送出認證"))


def _closing(facts: Facts) -> NextStep | None:
    for each in facts.deadlines:
        is_done = each.kind == WindowKind.CONFIRM and not facts.receipts_open
        if each.is_soon and each.kind in STUDENT_WINDOWS and not is_done:
            title = _("「%(what)s」快截止了：%(left)s") % {"what": each.label, "left": each.left}
            url = reverse(STUDENT_WINDOWS[each.kind])
            return NextStep("closing", title, each.when, "alarm-clock", "error", url, _("去看看還缺什麼"))
    return None


def _to_select(facts: Facts) -> NextStep | None:
    if not facts.certified or not facts.places_left or not facts.is_open(WindowKind.SELECT):
        return None
    count = {"n": facts.certified}
    title = ngettext("有 %(n)d 件已認證的成果可以勾選", "有 %(n)d 件已認證的成果可以勾選", facts.certified)
    sentence = _("今年還可以勾選 %(n)d 件；沒有勾選的不會送到中央資料庫。") % {"n": facts.places_left}
    sentence = facts.by(sentence, WindowKind.SELECT)
    return NextStep(
        "select", title % count, sentence, "list-checks", "accent", reverse("selection:board"), _("去勾選")
    )


def _to_confirm(facts: Facts) -> NextStep | None:
    if not facts.receipts_open:
        return None
    count = {"n": facts.receipts_open}
    title = ngettext("有 %(n)d 項收訖明細等您確認", "有 %(n)d 項收訖明細等您確認", facts.receipts_open)
    sentence = facts.by(_("看看中央收到的和您送出的一不一樣；有錯可以回報。"), WindowKind.CONFIRM)
    url = reverse("receipts:mine")
    return NextStep("confirm", title % count, sentence, "receipt-text", "accent", url, _("去確認"))


def _to_begin(facts: Facts) -> NextStep | None:
    if facts.made or not facts.is_open(WindowKind.UPLOAD):
        return None
    sentence = _("選一門這學期有學分的課，上傳檔案、寫下簡述，再送老師認證。")
    return NextStep(
        "begin",
        _("從第一件課程學習成果開始"),
        sentence,
        "rocket",
        "info",
        reverse("outcomes:list"),
        _("選一門課"),
    )


def _too_late(facts: Facts) -> NextStep | None:
    stuck = facts.returned + facts.drafts
    if not stuck or facts.is_open(WindowKind.UPLOAD):
        return None
    title = ngettext("有 %(n)d 件成果沒有送出", "有 %(n)d 件成果沒有送出", stuck) % {"n": stuck}
    sentence = _("現在不在上傳與送出認證的期間。內容都還在；期間請看下面的「期限」，有困難請洽老師或註冊組。")
    return NextStep("late", title, sentence, "lock", "warning")
