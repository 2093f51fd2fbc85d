from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class ActivityIncomplete(DomainError):
    """A record without all its fields or without evidence cannot go to the central archive."""

    code = "activity-incomplete"
    says = _("「{title}」還不能勾選，還缺：{missing}。")
    remedy = _("請到這筆多元表現補齊之後再勾選。")
