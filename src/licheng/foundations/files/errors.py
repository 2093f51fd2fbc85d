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


class MalwareFound(FileRefused):
    """The scanner knows the file as malware; nothing of it stays, an audit entry does."""

    code = "malware"
    says = _("「{name}」沒有收下：掃毒程式認出惡意程式（{signature}）。")
    remedy = _("請先為您的電腦或手機掃毒，再從原始作品重新匯出一個乾淨的檔案上傳。先前已存的內容都還在。")

    def __init__(self, **data: object) -> None:
        super().__init__(**data, reason_code="malware")


class TooLargeToScan(FileRefused):
    """The scanner's own bounds are below those of the uploads; it would pass over what it did not read."""

    code = "too-large-to-scan"
    says = _("「{name}」沒有收下：掃毒程式目前不接受這麼大的檔案。")
    remedy = _(
        "這是系統設定的問題，不是您的檔案有錯；請保留檔案並告訴學校的系統管理員，也可以先上傳較小的版本。"
    )

    def __init__(self, **data: object) -> None:
        super().__init__(**data, reason_code="too-large-to-scan")


class ScannerSilent(DomainError):
    """The scanner gave no answer; the file stays as it was."""

    code = "scanner-silent"
    status = 503
    says = _("掃毒程式目前沒有回應。")
    remedy = _("檔案已經存好，系統會自動再問；請過幾分鐘再看。")


class FileWithheld(DomainError):
    """The bytes are kept but given to nobody: the scanner has not answered yet."""

    code = "file-scanning"
    says = _("這個檔案還在掃毒，暫時不能下載或播放。")
    remedy = _("檔案已經存好，不必重新上傳；請過幾分鐘再試。")


class FileInfected(DomainError):
    """The bytes are kept, sealed, and never given out again: malware was found in them."""

    code = "file-infected"
    says = _("這個檔案裡發現惡意程式，已經封存，不再提供給任何人。")
    remedy = _("請由上傳的學生從原始作品重新匯出乾淨的檔案，再上傳一次。")


class CleanedCopyMissing(DomainError):
    """The version for readers is not made yet, or could not be made."""

    code = "cleaned-copy-missing"
    says = _("供老師與審查者閱讀的版本還沒準備好。")
    remedy = _("請過幾分鐘再試；如果一直沒有好，請告訴學校的系統管理員。")


class PreviewNotReady(DomainError):
    """The page is in the file and not drawn yet, or cannot be drawn."""

    code = "preview-not-ready"
    says = _("預覽準備中，或這一頁無法預覽。")
    remedy = _("請過一會兒再看；也可以直接下載檔案。")
