"""What a certification says, and the reasons teachers give most often when they return an outcome."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

REASON_CHARACTERS = 300


class Statement(TextChoices):
    """A pass states all three; nothing is said about quality."""

    OWN_WORK = "own_work", _("是這位學生自己的作品")
    OF_COURSE = "of_course", _("是這門課的產出")
    OPENS = "opens", _("檔案打得開")


class ReadyReason(TextChoices):
    """Reasons to choose from; each says what to do."""

    NOT_OPENING = "not_opening", _("檔案打不開或內容不完整，請重新匯出後再上傳。")
    OTHER_COURSE = "other_course", _("內容不是這門課的產出，請換成這門課的作品。")
    WHOSE_WORK = "whose_work", _("看不出哪些部分是自己完成的，請在文件或簡述中說明。")
