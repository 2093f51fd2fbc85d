from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class CodeTaken(DomainError):
    """Two courses of a plan would have one code; `name` is the course that has it."""

    code = "code-taken"
    says = _("課程代碼 {code} 已經是「{name}」，沒有存進去。")
    remedy = _("請換一個科目代碼；空著不填，系統會給下一個沒用過的。")


class GroupTaken(DomainError):
    """A plan would have the same group twice."""

    code = "group-taken"
    says = _("這個計畫已經有「{group}」，沒有存進去。")
    remedy = _("請換群別、科別或班群。")


class ChangedMeanwhile(DomainError):
    """Somebody else wrote after this page was opened."""

    code = "changed-meanwhile"
    says = _("您打開這一頁以後，別人改過這一筆，所以還沒有存您的內容。")
    remedy = _("請看現在的內容；確定要用您的，再按一次儲存。")


class GoneMeanwhile(DomainError):
    """Somebody else removed what is being written."""

    code = "gone-meanwhile"
    says = _("您打開這一頁以後，別人移除了這一筆，所以還沒有存您的內容。")
    remedy = _("還需要的話，再按一次儲存，就會以新的一筆加回來。")


class MovedMeanwhile(DomainError):
    """The plan has gone a step further or back since the page was opened."""

    code = "moved-meanwhile"
    says = _("您打開這一頁以後，這個計畫已經有新的動作，所以還沒有做。")
    remedy = _("請重新整理頁面，看過最新的內容再決定。")


class PlanExists(DomainError):
    """The year has a plan already; `year` is an ROC year."""

    code = "plan-exists"
    says = _("{year} 學年度入學的課程計畫已經有了。")
    remedy = _("還沒備查的請接著填；已備查的請從它建立新版本。")


class NotNewest(DomainError):
    """A later version of the plan is on file; `version` is its number."""

    code = "plan-not-newest"
    says = _("第 {version} 版已經備查，新版本要從最新的一版開始，才不會漏掉那一版的修改。")
    remedy = _("請從課程計畫清單打開第 {version} 版，再建立新版本。")


class NotReady(DomainError):
    """The plan has faults that must be mended first; `count` of them."""

    code = "plan-not-ready"
    says = _("還有 {count} 項要先修正，沒有送出。")
    remedy = _("請看每一列旁邊的說明，修正後再送。")


class NothingToSend(DomainError):
    """A plan without courses."""

    code = "plan-empty"
    says = _("這個計畫還沒有科目，沒有送出。")
    remedy = _("請先新增群科和科目。")


class HasBeenSent(DomainError):
    """A draft with a history is kept."""

    code = "plan-has-been-sent"
    says = _("這個版本送審過，歷程要留著，不能刪除。")
    remedy = _("請接著修改，再送一次。")


class FileRefused(DomainError):
    """A code file that was not taken; `reason` says what is wrong, line by line."""

    code = "code-file-refused"
    status = 422
    says = _("檔案沒有匯入：{reason}")
    remedy = _("請修正檔案後再選一次；計畫裡的科目都沒有變。")
