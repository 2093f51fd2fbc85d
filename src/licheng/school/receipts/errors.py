from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class ReceiptRefused(DomainError):
    """What the archive sent as receipts does not verify, or is not about what this batch sent."""

    code = "receipt-refused"
    status = 502
    says = _("中央送來的收訖明細沒有通過驗證（{reason}），所以沒有匯入。")
    remedy = _("請通知中央資料庫管理人員；學生的資料不受影響。")
