from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class NothingSelected(DomainError):
    """No item of the school year is selected, so there is nothing to seal."""

    code = "nothing-selected"
    says = _("這個學年度還沒有任何已勾選的項目。")
    remedy = _("請先提醒學生在勾選期間內完成勾選。")


class Blocked(DomainError):
    """The pre-check found items that the archive would refuse."""

    code = "blocked"
    says = _("預檢有 {count} 個必須先處理的問題，不能封裝。")
    remedy = _("請到預檢頁，依班級逐項處理後再封裝。")


class Unacknowledged(DomainError):
    """Open matters were not looked at; the submitter must say that they are known."""

    code = "unacknowledged"
    says = _("還有 {count} 件待老師處理的成果，這次不會送出。")
    remedy = _("請先看過預檢清單，勾選「我已知道」後再封裝。")


class BatchUnderWay(DomainError):
    """Only one batch of a year and round can be under way."""

    code = "batch-under-way"
    says = _("已有一批正在進行中。")
    remedy = _("請先完成或取消那一批，再封裝新的一批。")


class ArchiveUnreachable(DomainError):
    """The archive did not answer, or not in the way its API says."""

    code = "archive-unreachable"
    status = 502
    says = _("目前連不上中央資料庫（{reason}）。")
    remedy = _("封包完好地留在學校，系統會自動再試；您也可以稍後再按一次。")
