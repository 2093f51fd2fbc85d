from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class ActivityState(TextChoices):
    """Where an activity record is; there is no certification."""

    DRAFT = "draft", _("草稿")
    SELECTED = "selected", _("已勾選")
    SEALED = "sealed", _("已勾選")  # inside a package that is being prepared
    SUBMITTED = "submitted", _("學校已提交")
    RECEIVED = "received", _("中央已收訖")
    CONFIRMED = "confirmed", _("我已確認")
    DISPUTED = "disputed", _("有疑義")


S = ActivityState

EDIT = Move(_("修改"), starts=frozenset({S.DRAFT}), ends=S.DRAFT)
DELETE = Move(_("刪除"), starts=frozenset({S.DRAFT}), ends=S.DRAFT)
SELECT = Move(_("勾選"), starts=frozenset({S.DRAFT}), ends=S.SELECTED)
UNSELECT = Move(_("取消勾選"), starts=frozenset({S.SELECTED}), ends=S.DRAFT)
SEAL = Move(_("封裝"), starts=frozenset({S.SELECTED}), ends=S.SEALED)
UNSEAL = Move(_("取消封裝"), starts=frozenset({S.SEALED, S.SUBMITTED}), ends=S.SELECTED)
SUBMIT = Move(_("提交"), starts=frozenset({S.SEALED}), ends=S.SUBMITTED)
RECEIVE = Move(_("收訖"), starts=frozenset({S.SUBMITTED}), ends=S.RECEIVED)
CONFIRM = Move(_("確認無誤"), starts=frozenset({S.RECEIVED, S.DISPUTED}), ends=S.CONFIRMED)
DISPUTE = Move(_("回報有誤"), starts=frozenset({S.RECEIVED, S.CONFIRMED}), ends=S.DISPUTED)

MOVES = (EDIT, DELETE, SELECT, UNSELECT, SEAL, UNSEAL, SUBMIT, RECEIVE, CONFIRM, DISPUTE)
