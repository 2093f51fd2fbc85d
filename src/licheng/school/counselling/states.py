from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class ConsultationState(TextChoices):
    """Where a consultation stands between an entry in the calendar and a record."""

    PLANNED = "planned", _("已約定")
    HELD = "held", _("已完成")
    CANCELLED = "cancelled", _("已取消")


S = ConsultationState

CHANGE = Move(_("修改約定"), starts=frozenset({S.PLANNED}), ends=S.PLANNED)
HOLD = Move(_("完成紀錄"), starts=frozenset({S.PLANNED, S.HELD}), ends=S.HELD)
CANCEL = Move(_("取消"), starts=frozenset({S.PLANNED}), ends=S.CANCELLED)
PLAN_AGAIN = Move(_("恢復"), starts=frozenset({S.CANCELLED}), ends=S.PLANNED)

MOVES = (CHANGE, HOLD, CANCEL, PLAN_AGAIN)
