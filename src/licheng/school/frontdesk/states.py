from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class HelpState(models.TextChoices):
    """Where a question to the help desk stands."""

    OPEN = "open", _("等待回覆")
    ANSWERED = "answered", _("已回覆")
    CLOSED = "closed", _("已結束")


S = HelpState
ANSWER = Move(_("服務臺回覆"), frozenset({S.OPEN, S.ANSWERED}), S.ANSWERED)
FOLLOW = Move(_("補充"), frozenset({S.OPEN, S.ANSWERED}), S.OPEN)
CLOSE = Move(_("結束詢問"), frozenset({S.OPEN, S.ANSWERED}), S.CLOSED)
REOPEN = Move(_("重新打開"), frozenset({S.CLOSED}), S.OPEN)

MOVES = (ANSWER, FOLLOW, CLOSE, REOPEN)
