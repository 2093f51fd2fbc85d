from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class WindowClosed(DomainError):
    """Not within the window that ministry, authority and school all allow."""

    code = "window-closed"
    says = _("現在不在「{window}」的期間內（{when}）。")
    remedy = _("如有特殊情形，請洽學校註冊組申請延長。")


class QuotaFull(DomainError):
    """The policy of the year allows no more."""

    code = "quota-full"
    says = _("{what}最多 {limit} 件，已經滿了。")
    remedy = _("要換成這一件，請先取消另一件。")
