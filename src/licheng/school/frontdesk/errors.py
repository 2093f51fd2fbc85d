from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError, Invalid


class TextMissing(Invalid):
    """An empty text, or one that is too long."""

    code = "text-missing"
    says = _("「{field}」要填，最多 {limit} 字。")
    remedy = _("請寫清楚之後再送出。")


class HoldsIdNumber(Invalid):
    """Somebody's ID number stands in a text that has no need of it."""

    code = "holds-id-number"
    says = _("內容裡好像有身分證或居留證號碼，沒有送出。")
    remedy = _("服務臺不需要證號。請刪掉號碼，改寫學校、班級或學號。")


class HoldsPassword(Invalid):
    """A password or code stands in a text."""

    code = "holds-password"
    says = _("內容裡好像寫了密碼或啟用碼，沒有送出。")
    remedy = _("任何人都不需要您的密碼。請刪掉它；如果已經給過別人，請馬上更換。")


class TakesNoFiles(Invalid):
    """The desk takes words only."""

    code = "takes-no-files"
    says = _("服務臺不收檔案，這一次沒有送出。")
    remedy = _("請用文字描述問題；作品請在登入後由上傳的頁面交出。")


class EndsTooEarly(Invalid):
    """An announcement whose end is not after its beginning, or is past."""

    code = "announcement-ends-too-early"
    says = _("公告的結束時間要晚於開始，也要晚於現在。")
    remedy = _("請改結束時間；不設結束就留白。")


class AlreadyWithdrawn(DomainError):
    """Taken down before."""

    code = "announcement-withdrawn"
    says = _("這則公告已經撤下了。")
    remedy = _("要再公布，請重新發布一則。")
