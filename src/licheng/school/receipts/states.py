from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class ReceiptState(TextChoices):
    """What the student says about one item that arrived."""

    OPEN = "open", _("待我確認")
    CONFIRMED = "confirmed", _("我已確認")
    DISPUTED = "disputed", _("有疑義")


S = ReceiptState

CONFIRM = Move(_("確認無誤"), starts=frozenset({S.OPEN, S.DISPUTED}), ends=S.CONFIRMED)
DISPUTE = Move(_("回報有誤"), starts=frozenset({S.OPEN, S.CONFIRMED}), ends=S.DISPUTED)
ANSWER = Move(_("回覆"), starts=frozenset({S.DISPUTED}), ends=S.DISPUTED)

MOVES = (CONFIRM, DISPUTE, ANSWER)
