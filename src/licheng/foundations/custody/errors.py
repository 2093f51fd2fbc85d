from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class CopyLost(DomainError):
    """No copy gives back the bytes that were acknowledged."""

    code = "copy-lost"
    status = 500
    says = _("檔案的內容暫時讀不到。")
    remedy = _("收據仍然有效，請通知學校；系統會從另一份副本修復。")


class CopyReductionRefused(DomainError):
    """A copy may not lose a file: fewer than two others gave the bytes back just now."""

    code = "copy-reduction-refused"
    status = 409
    says = _("不能從副本 {copy} 移除 {sha256}：剛才讀回相符的其他副本只有 {good} 份，至少要 2 份。")
    remedy = _("請先修復其他副本，再移除。")


class StillKept(DomainError):
    """A content is removed only after two checks, a week apart, found nobody who speaks of it."""

    code = "still-kept"
    status = 409
    says = _("不能移除 {sha256}：還沒有經過相隔七天的兩次檢查，或仍有資料使用它。")


class RunUnderWay(DomainError):
    """The same clock is running already."""

    code = "run-under-way"
    status = 409
    says = _("「{job}」正在進行，這次沒有開始。")
    remedy = _("請等它做完再試。")


class UnknownCopy(DomainError):
    """No copy of this site has that name."""

    code = "unknown-copy"
    status = 404
    says = _("沒有名為 {copy} 的副本；有：{names}。")
