from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class BatchState(TextChoices):
    """Where a submission is, from the office's point of view."""

    SEALING = "sealing", _("封裝中")
    SEALED = "sealed", _("已封裝，尚未提交")
    SENDING = "sending", _("傳送中")
    SENT = "sent", _("中央查驗中")
    ACCEPTED = "accepted", _("中央已收下")
    RECEIVED = "received", _("收訖明細已取回")
    REFUSED = "refused", _("中央退回")
    FAILED = "failed", _("封裝失敗")
    DISCARDED = "discarded", _("已取消")


S = BatchState

FINISH_SEALING = Move(_("完成封裝"), starts=frozenset({S.SEALING}), ends=S.SEALED)
FAIL = Move(_("封裝失敗"), starts=frozenset({S.SEALING}), ends=S.FAILED)
DISCARD = Move(_("取消這一批"), starts=frozenset({S.SEALED}), ends=S.DISCARDED)
SEND = Move(_("提交"), starts=frozenset({S.SEALED, S.SENDING}), ends=S.SENDING)  # again after a broken line
ARRIVE = Move(_("送達"), starts=frozenset({S.SENDING}), ends=S.SENT)
ACCEPT = Move(_("中央收下"), starts=frozenset({S.SENT}), ends=S.ACCEPTED)
REFUSE = Move(_("中央退回"), starts=frozenset({S.SENDING, S.SENT}), ends=S.REFUSED)
BRING_BACK = Move(_("取回收訖明細"), starts=frozenset({S.ACCEPTED}), ends=S.RECEIVED)

MOVES = (FINISH_SEALING, FAIL, DISCARD, SEND, ARRIVE, ACCEPT, REFUSE, BRING_BACK)
