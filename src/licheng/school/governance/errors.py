from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError, Invalid


class LooserThanAllowed(Invalid):
    """The school may be stricter than those above it, never looser."""

    code = "looser-than-allowed"
    says = _("「{setting}」不能訂成 {wanted}：{level}訂的是 {bound}。")
    remedy = _("學校只能訂得和上級一樣或更嚴。請改成上級允許的範圍，或留白不另訂。")


class EndsBeforeItBegins(Invalid):
    """A window whose end is not after its beginning."""

    code = "ends-before-it-begins"
    says = _("「{setting}」的結束要晚於開始。")
    remedy = _("請檢查日期與時間，年份是西元年。")


class BadValue(Invalid):
    """Not a number of items, or not a time."""

    code = "bad-value"
    says = _("「{setting}」的內容看不懂。")
    remedy = _("件數請填 1 到 999 的整數；期間的開始與結束要一起填，或一起留白。")


class MinutesMissing(Invalid):
    """A decision of the working group stands in the minutes of a meeting."""

    code = "minutes-missing"
    says = _("請寫會議日期與紀錄文號。")
    remedy = _("設定由工作小組開會決定；日後查得到是哪一次會議。最多 200 字。")


class NothingChanges(Invalid):
    """Every value is the one that stands already."""

    code = "nothing-changes"
    says = _("沒有任何設定和現在不同。")
    remedy = _("請先修改要變更的設定，再預覽。")


class SettingMoved(DomainError):
    """Somebody else changed the setting after it was looked at."""

    code = "setting-moved"
    says = _("「{setting}」剛才已經被別人改過，這次沒有套用任何變更。")
    remedy = _("請回到工作小組的頁面看現在的設定，再決定一次。")


class ReasonMissing(Invalid):
    """An extension says why."""

    code = "extension-reason-missing"
    says = _("請寫延長的事由。")
    remedy = _("事由會記在延長名單上，最多 200 字。")


class NotForThem(Invalid):
    """A window that this class or person has nothing to do in."""

    code = "extension-not-for-them"
    says = _("「{window}」不能為這個對象延長。")
    remedy = _("學生的期間只能為班級或學生延長；教師認證可以為班級、學生或教師延長；學校提交不能個別延長。")


class NobodyNamed(Invalid):
    """Neither a class nor a person, or both."""

    code = "extension-for-nobody"
    says = _("請選一個班級，或填一個人的學號（帳號），只選其中一種。")
    remedy = _("班級要是本學年的班級；學號或帳號要是本校在校的人。")


class LaterThanAllowed(Invalid):
    """Ministry and authority close their windows for everybody."""

    code = "extension-later-than-allowed"
    says = _("不能延長到 {wanted}：{level}的期間到 {bound} 為止。")
    remedy = _("請選更早的時間；上級的期間學校不能延長。")


class NotLater(Invalid):
    """The wanted end changes nothing."""

    code = "extension-not-later"
    says = _("延長到 {wanted} 沒有作用：要晚於現在，也要晚於目前的截止 {now}。")
    remedy = _("請選更晚的時間；學校沒有另訂較早的截止時，沒有可以延長的空間。")


class AlreadyWithdrawn(DomainError):
    """Taken back before."""

    code = "extension-withdrawn"
    says = _("這一筆延長已經取消過了。")
    remedy = _("請重新整理頁面；需要時可以再延長一次。")
