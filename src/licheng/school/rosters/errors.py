from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class FileGone(DomainError):
    """The file was kept for its time and is no longer here."""

    code = "roster-file-gone"
    status = 410
    says = _("這份名冊的檔案已經過了保留期限，不在系統裡了。")
    remedy = _("請重新上傳檔案。")


class Unreadable(DomainError):
    """Reading the file took too much time or memory, or the parsers did not survive it."""

    code = "roster-unreadable"
    says = _("這份檔案讀不出來：讀取時用掉太多時間或記憶體，或檔案的內容不正常。資料沒有任何變動。")
    remedy = _("請用試算表開啟，只留名冊的資料另存為 CSV；還是太大就分成幾個檔案。")


class CannotUndo(DomainError):
    """Something was built on what the import brought; `why` says what."""

    code = "roster-cannot-be-undone"
    says = _("這次匯入不能復原：{why}")
    remedy = _("資料沒有任何變動。請改用新的名冊更正，或先處理擋住的資料。")


class DatabaseRefused(DomainError):
    """The database does not take the rows, and no check foresaw it; the log of the site has the reason."""

    code = "roster-database-refused"
    says = _("資料庫沒有接受這份檔案的內容，沒有任何變動。請把檔案與時間告訴系統管理員。")


class WorkerDied(DomainError):
    """The work on the file was interrupted every time it was tried."""

    code = "roster-worker-died"
    says = _("處理這份檔案時中斷了三次，已經停止，沒有任何變動。請把檔案分成幾份再試，或通知系統管理員。")


class PlansNotConnected(DomainError):
    """No course-plan platform is configured here."""

    code = "plans-not-connected"
    says = _("這個系統還沒有接上課程計畫平臺。")
    remedy = _("請從平臺下載課程代碼檔，再到名冊匯入頁上傳。")


class PlansUnreachable(DomainError):
    """The course-plan platform did not answer; `reason` is for whoever looks after the system."""

    code = "plans-unreachable"
    status = 502
    says = _("目前連不上課程計畫平臺（{reason}）。")
    remedy = _("學校的資料沒有任何變動。請稍後再試，或從平臺下載課程代碼檔上傳。")


class NoPlanOnFile(DomainError):
    """The platform has no plan on file of this school for that entry year."""

    code = "no-plan-on-file"
    status = 404
    says = _("課程計畫平臺上沒有本校 {year} 學年度入學、已備查的課程計畫。")
    remedy = _("請確認學年度；計畫備查之後才能取得課程代碼。")


class PlansStrange(DomainError):
    """What the platform answered is not this school's courses of that year, or not courses at all."""

    code = "plans-strange"
    status = 502
    says = _("課程計畫平臺傳回的課程代碼不能用（{reason}），沒有匯入任何內容。")
    remedy = _("請通知課程計畫平臺，或改為上傳課程代碼檔。")


class KeyReused(DomainError):
    """An Idempotency-Key that came before with something else."""

    code = "idempotency-key-reused"
    says = _("這個 Idempotency-Key 已經用在另一份名冊。")
    remedy = _("每一份名冊用一個新的鍵；重送同一份名冊時，內容與參數要完全相同。")


class NoTable(DomainError):
    """The file holds no rows that reasons could be written beside."""

    code = "roster-no-table"
    says = _("這個檔案裡讀不出表格，沒有可以加註原因的列。")
    remedy = _("請照頁面上的說明重新準備檔案。")
