from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.foundations.moves import Move


class UploadState(models.TextChoices):
    """Where the bytes of an upload are."""

    RECEIVING = "receiving", _("傳送中")
    COMPLETE = "complete", _("檢查中")  # all bytes are here; nothing is acknowledged yet
    STORED = "stored", _("已存好")
    TOO_LARGE = "too-large", _("超過上限")  # kept for a while, so that it can be fitted to the limit
    SOURCE = "source", _("等待處理")  # a photo that waits for its PDF
    REFUSED = "refused", _("沒有收下")


class PreparationState(models.TextChoices):
    """Where a version made by the server is."""

    QUEUED = "queued", _("排隊中")
    WORKING = "working", _("處理中")
    READY = "ready", _("可以看了")
    FAILED = "failed", _("做不出來")
    ACCEPTED = "accepted", _("已採用")
    DROPPED = "dropped", _("不採用")


class PreparationKind(models.TextChoices):
    """What is made."""

    REDUCE = "reduce", _("縮小檔案")
    PHOTOS = "photos", _("照片合成 PDF")


class Quality(models.TextChoices):
    """How much of the original is kept; each is an upper bound, the limit of the year is the other one."""

    HIGH = "high", _("盡量清楚")
    MEDIUM = "medium", _("中等")
    SMALL = "small", _("最小")


U, P = UploadState, PreparationState
ARRIVE = Move(_("收齊"), starts=frozenset({U.RECEIVING}), ends=U.COMPLETE)
STORE = Move(_("存好"), starts=frozenset({U.COMPLETE}), ends=U.STORED)
REFUSE = Move(_("退回"), starts=frozenset({U.COMPLETE}), ends=U.REFUSED)
FIT = Move(_("等待縮小"), starts=frozenset({U.COMPLETE}), ends=U.TOO_LARGE)
WAIT = Move(_("等待處理"), starts=frozenset({U.COMPLETE}), ends=U.SOURCE)
DISCARD = Move(_("放棄"), starts=frozenset({U.RECEIVING, U.TOO_LARGE, U.SOURCE, U.REFUSED}), ends=U.REFUSED)
REDUCE = Move(_("縮小"), starts=frozenset({U.TOO_LARGE}), ends=U.TOO_LARGE)
COMBINE = Move(_("放進 PDF"), starts=frozenset({U.SOURCE}), ends=U.SOURCE)

WORK = Move(_("開始處理"), starts=frozenset({P.QUEUED, P.WORKING}), ends=P.WORKING)
FINISH = Move(_("完成"), starts=frozenset({P.WORKING}), ends=P.READY)
FAIL = Move(_("做不出來"), starts=frozenset({P.WORKING}), ends=P.FAILED)
ACCEPT = Move(_("採用"), starts=frozenset({P.READY}), ends=P.ACCEPTED)
DROP = Move(_("不採用"), starts=frozenset({P.QUEUED, P.READY, P.FAILED}), ends=P.DROPPED)

MOVES = (ARRIVE, STORE, REFUSE, FIT, WAIT, DISCARD, REDUCE, COMBINE, WORK, FINISH, FAIL, ACCEPT, DROP)
