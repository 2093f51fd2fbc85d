from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class CopyLost(DomainError):
    """No copy gives back the bytes that were acknowledged."""

    code = "copy-lost"
    status = 500
    says = _("檔案的內容暫時讀不到。")
    remedy = _("收據仍然有效，請通知學校；系統會從另一份副本修復。")
