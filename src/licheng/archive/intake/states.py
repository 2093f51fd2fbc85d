from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class DepositState(TextChoices):
    """Where a package is at the archive."""

    ANNOUNCED = "announced", _("已登記，等待傳送")
    ARRIVED = "arrived", _("已送達，等待查驗")
    CHECKING = "checking", _("查驗中")
    ACCEPTED = "accepted", _("已收下")
    REFUSED = "refused", _("已退回")


S = DepositState

ARRIVE = Move(_("送達"), starts=frozenset({S.ANNOUNCED}), ends=S.ARRIVED)
CHECK = Move(_("查驗"), starts=frozenset({S.ARRIVED, S.CHECKING}), ends=S.CHECKING)
ACCEPT = Move(_("收下"), starts=frozenset({S.CHECKING}), ends=S.ACCEPTED)
REFUSE = Move(_("退回"), starts=frozenset({S.CHECKING}), ends=S.REFUSED)

MOVES = (ARRIVE, CHECK, ACCEPT, REFUSE)
