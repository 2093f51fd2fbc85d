"""What a token may be for: a closed list, each with the sentence people read before they hand one out."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Scope(TextChoices):
    """One thing that a machine may do; a token names at least one."""

    DEPOSIT = "deposit", _("向中央資料庫送出學校的封包，並取回收訖明細。")
    CLASSES_READ = "classes:read", _("讀取本校今年的班級與導師。")
    STUDENTS_READ = "students:read", _("讀取本校學生的學號、姓名、班級與座號；不含身分證號。")
    ROSTERS_WRITE = (
        "rosters:write",
        _(
            "送入名冊、看檢查結果與會改變的資料、確認匯入與復原自己送的名冊；不含教職員名冊，職務只能由人確認。"
        ),
    )
    PROGRESS_READ = "progress:read", _("讀取各班課程學習成果與多元表現的件數；不含內容。")
