from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class FileRefused(DomainError):
    """The inspection found a reason not to keep the file; nothing of it stays."""

    code = "file-refused"
    status = 422
    says = _("「{name}」沒有收下：{reason}")
    remedy = _("請修正後再選一次檔案；先前已存的內容都還在。")


class FileTooLarge(DomainError):
    """More bytes than the policy of the school year allows."""

    code = "file-too-large"
    status = 413
    says = _("「{name}」有 {size} 位元組，超過上限 {limit} 位元組（{limit_text}）。")
    remedy = _("請縮小檔案（降低圖片或影片品質、刪減頁數）後再選一次。")


class StorageFailed(DomainError):
    """A copy could not be written durably; the file was not acknowledged."""

    code = "storage-failed"
    status = 507
    says = _("檔案目前無法安全存放，所以沒有收下。")
    remedy = _("這不是您的問題，請保留檔案並稍後再試；系統人員已收到通知。")
