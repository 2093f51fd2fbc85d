from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class AnnouncedOtherwise(DomainError):
    """The same package id was announced before with other values."""

    code = "announced-otherwise"
    says = _("封包 {package} 先前登記的內容與這次不同。")
    remedy = _("內容改變的封包要用新的封包編號重新登記；沒有改變時，請送出與第一次完全相同的資料。")


class PackageTooLarge(DomainError):
    """The announced package is larger than any package may be."""

    code = "package-too-large"
    status = 413
    says = _("封包有 {size} 位元組，超過上限 {limit} 位元組。")
    remedy = _("請分成幾個批次提交。")


class PackageDiffers(DomainError):
    """The bytes that arrived are not the announced ones; nothing of them is kept."""

    code = "package-differs"
    status = 422
    says = _("收到的封包與登記的不同：登記 {announced}，收到 {received}。")
    remedy = _("傳送可能中斷或檔案已更動。請重新傳送登記時的那一個檔案。")


class PackageNotKept(DomainError):
    """The device did not take the package durably; it was not acknowledged."""

    code = "storage-failed"
    status = 507
    says = _("中央資料庫目前無法安全存放封包，所以沒有收下。")
    remedy = _("這不是您的問題，請保留檔案並稍後再傳送一次。")


class NotAcceptedYet(DomainError):
    """Receipts exist only for deposits that were taken in."""

    code = "not-accepted"
    says = _("這個封包目前是「{state}」，還沒有收訖明細。")
    remedy = _("請稍後再查詢；若已退回，請依退回原因修正後重新提交。")


class KeysUnreadable(DomainError):
    """The published keys of a school are not one C2SP verifier key a line."""

    code = "keys-unreadable"
    status = 422
    says = _("學校的公開金鑰檔無法讀取：{reason}")
    remedy = _("請使用學校系統「公開金鑰」頁下載的 keys.txt，不要用文書軟體改存。")
