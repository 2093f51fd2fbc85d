from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class ImportState(TextChoices):
    """Where a roster file is on its way in."""

    RECEIVED = "received", _("已收到，等待檢查")
    CHECKING = "checking", _("檢查中")
    REFUSED = "refused", _("有錯誤，未匯入")
    READY = "ready", _("檢查完成，等待確認")
    APPLYING = "applying", _("匯入中")
    APPLIED = "applied", _("已匯入")
    UNDONE = "undone", _("已復原")
    DROPPED = "dropped", _("已放棄")


S = ImportState

CHECK = Move(_("檢查"), starts=frozenset({S.RECEIVED, S.CHECKING}), ends=S.CHECKING)
REFUSE = Move(_("退回"), starts=frozenset({S.CHECKING, S.APPLYING}), ends=S.REFUSED)
OFFER = Move(_("等待確認"), starts=frozenset({S.CHECKING, S.APPLYING}), ends=S.READY)
CONFIRM = Move(_("確認匯入"), starts=frozenset({S.READY}), ends=S.APPLYING)
START = Move(_("開始寫入"), starts=frozenset({S.APPLYING}), ends=S.APPLYING)
APPLY = Move(_("匯入"), starts=frozenset({S.APPLYING}), ends=S.APPLIED)
UNDO = Move(_("復原"), starts=frozenset({S.APPLIED}), ends=S.UNDONE)
DROP = Move(_("放棄"), starts=frozenset({S.RECEIVED, S.READY, S.REFUSED}), ends=S.DROPPED)

MOVES = (CHECK, REFUSE, OFFER, CONFIRM, START, APPLY, UNDO, DROP)
