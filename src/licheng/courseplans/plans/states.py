from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class PlanState(TextChoices):
    """Where a plan is on its way to being on file. Source: domain reference §2.10."""

    DRAFT = "draft", _("填報中")
    IN_SCHOOL = "in-school", _("校內審")
    AT_AUTHORITY = "at-authority", _("送審")
    FILED = "filed", _("備查")


S = PlanState

WRITE = Move(_("填報"), starts=frozenset({S.DRAFT}), ends=S.DRAFT)
HAND_IN = Move(_("送校內審"), starts=frozenset({S.DRAFT}), ends=S.IN_SCHOOL)
SEND = Move(_("送審"), starts=frozenset({S.IN_SCHOOL}), ends=S.AT_AUTHORITY)
FILE = Move(_("備查"), starts=frozenset({S.AT_AUTHORITY}), ends=S.FILED)
RETURN_IN_SCHOOL = Move(_("校內退回"), starts=frozenset({S.IN_SCHOOL}), ends=S.DRAFT)
RETURN = Move(_("退回修正"), starts=frozenset({S.AT_AUTHORITY}), ends=S.DRAFT)

MOVES = (WRITE, HAND_IN, SEND, FILE, RETURN_IN_SCHOOL, RETURN)
