from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError, Invalid


class RequestUnreadable(DomainError):
    """A header of the protocol is missing or cannot be read; `what` names it."""

    code = "tus-request"
    status = 400
    says = _("續傳請求的「{what}」看不懂。")
    remedy = _("請依上傳說明文件的格式再送一次。")


class ChecksumUnknown(DomainError):
    """A checksum of another kind than this server compares."""

    code = "checksum-unknown"
    status = 400
    says = _("不認得這種檢查碼：{kind}。")
    remedy = _("請改用 sha1 或 sha256。")


class ChecksumDiffers(DomainError):
    """A part was changed on its way. 460 is the protocol's own status."""

    code = "checksum-differs"
    status = 460
    says = _("這一段在傳送途中壞了，沒有收下。")
    remedy = _("請從同一個位置再傳一次。")


class PartTooLong(DomainError):
    """More bytes than the upload still lacks, or than can be checked in one piece."""

    code = "part-too-long"
    status = 413
    says = _("這一段有 {sent} 位元組，最多只能再傳 {most} 位元組。")
    remedy = _("請查詢已收到的位元組數，再從那裡接著傳。")


class LengthMissing(DomainError):
    """A body whose length nobody announced."""

    code = "length-missing"
    status = 411
    says = _("這一段沒有說明長度。")
    remedy = _("請加上 Content-Length 標頭。")


class EmptyFile(Invalid):
    """No bytes at all."""

    code = "file-empty"
    says = _("「{name}」是空的（0 位元組）。")
    remedy = _("請確認檔案內容後再選一次。")


class TooLargeToFit(DomainError):
    """More than what comes in to be made smaller; an own bound."""

    code = "too-large-to-fit"
    status = 413
    says = _("「{name}」有 {size}，超過可以在這裡縮小的大小（{limit}）。")
    remedy = _("請先在自己的裝置上縮小或剪短，再選一次。")


class TypeNotTaken(DomainError):
    """The name alone says that it is not a kind of file that is taken here."""

    code = "type-not-taken"
    status = 415
    says = _("不接受這種檔案：「{name}」。可以上傳的是 {types}。")
    remedy = _("請另存成可以上傳的類型，再選一次。")


class TooManyUploads(DomainError):
    """More unfinished uploads than one student needs; an own bound."""

    code = "too-many-uploads"
    status = 429
    says = _("沒傳完或等待處理的檔案太多了（{n} 個，共 {size}）。")
    remedy = _("請先傳完或放棄其中幾個，再傳新的。")


class UploadGone(DomainError):
    """Its time was up and the bytes are gone."""

    code = "upload-gone"
    status = 410
    says = _("這個上傳已經過了保留期限，收到的部分不在了。")
    remedy = _("請重新選擇檔案再傳一次。")


class UploadInUse(DomainError):
    """The server is making a version of it."""

    code = "upload-in-use"
    says = _("「{name}」正在處理，現在不能放棄。")
    remedy = _("請等處理完成，或先放棄處理出來的版本。")


class UploadDamaged(Invalid):
    """All bytes are here, and they are not those that the sender hashed."""

    code = "upload-damaged"
    says = _("「{name}」收到的內容和您裝置上的不一樣，沒有收下。")
    remedy = _("檔案可能在上傳途中被改過；請再選一次同一個檔案。")


class NoPhotos(Invalid):
    """A PDF of nothing."""

    code = "no-photos"
    says = _("還沒有照片。")
    remedy = _("請先加入照片，再合成 PDF。")


class TooManyPhotos(Invalid):
    """More photos than one PDF takes; an own bound."""

    code = "too-many-photos"
    says = _("一份 PDF 最多放 {most} 張照片，現在有 {n} 張。")
    remedy = _("請移除一些照片。")


class TooManyPreparations(DomainError):
    """More versions in work than one student needs; an own bound."""

    code = "too-many-preparations"
    status = 429
    says = _("您已經有 {most} 個檔案在處理。")
    remedy = _("請等其中一個做好，再做下一個。")


class ResultGone(DomainError):
    """The version is not there any more, or not as it was made."""

    code = "result-gone"
    status = 410
    says = _("這個版本已經不在了。")
    remedy = _("請重新做一次；如果原檔也過了保留期限，請重新上傳。")
