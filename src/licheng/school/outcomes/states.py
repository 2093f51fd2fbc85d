from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class OutcomeState(TextChoices):
    """Where a course outcome is, in the words the student reads."""

    DRAFT = "draft", _("草稿")
    WAITING = "waiting", _("已送老師")
    PASSED = "passed", _("已送老師")  # decided, not yet published: the student is told nothing before
    HELD_BACK = "held_back", _("已送老師")
    CERTIFIED = "certified", _("已認證")
    RETURNED = "returned", _("老師退回")
    SELECTED = "selected", _("已勾選")
    SEALED = "sealed", _("已勾選")  # inside a package that is being prepared
    SUBMITTED = "submitted", _("學校已提交")
    RECEIVED = "received", _("中央已收訖")
    CONFIRMED = "confirmed", _("我已確認")
    DISPUTED = "disputed", _("有疑義")


S = OutcomeState
EDITABLE = frozenset({S.DRAFT, S.RETURNED})

EDIT = Move(_("修改"), starts=frozenset({S.DRAFT, S.RETURNED, S.CERTIFIED}), ends=S.DRAFT)
DELETE = Move(_("刪除"), starts=EDITABLE, ends=S.DRAFT)
SEND = Move(_("送出認證"), starts=EDITABLE, ends=S.WAITING)
TAKE_BACK = Move(_("收回"), starts=frozenset({S.WAITING}), ends=S.DRAFT)
PASS = Move(_("認證通過"), starts=frozenset({S.WAITING}), ends=S.PASSED)
HOLD_BACK = Move(_("退回"), starts=frozenset({S.WAITING}), ends=S.HELD_BACK)
UNDO = Move(_("復原"), starts=frozenset({S.PASSED, S.HELD_BACK}), ends=S.WAITING)
PUBLISH_PASS = Move(_("發佈"), starts=frozenset({S.PASSED}), ends=S.CERTIFIED)
PUBLISH_RETURN = Move(_("發佈"), starts=frozenset({S.HELD_BACK}), ends=S.RETURNED)
SELECT = Move(_("勾選"), starts=frozenset({S.CERTIFIED}), ends=S.SELECTED)
UNSELECT = Move(_("取消勾選"), starts=frozenset({S.SELECTED}), ends=S.CERTIFIED)
SEAL = Move(_("封裝"), starts=frozenset({S.SELECTED}), ends=S.SEALED)
UNSEAL = Move(_("取消封裝"), starts=frozenset({S.SEALED, S.SUBMITTED}), ends=S.SELECTED)
SUBMIT = Move(_("提交"), starts=frozenset({S.SEALED}), ends=S.SUBMITTED)
RECEIVE = Move(_("收訖"), starts=frozenset({S.SUBMITTED}), ends=S.RECEIVED)
CONFIRM = Move(_("確認無誤"), starts=frozenset({S.RECEIVED, S.DISPUTED}), ends=S.CONFIRMED)
DISPUTE = Move(_("回報有誤"), starts=frozenset({S.RECEIVED, S.CONFIRMED}), ends=S.DISPUTED)

MOVES = (
    EDIT, DELETE, SEND, TAKE_BACK, PASS, HOLD_BACK, UNDO, PUBLISH_PASS, PUBLISH_RETURN,
    SELECT, UNSELECT, SEAL, UNSEAL, SUBMIT, RECEIVE, CONFIRM, DISPUTE,
)  # fmt: skip
