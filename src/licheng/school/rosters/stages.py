"""How far the work on a file is, in the words of the page that waits for it."""

from django.utils.translation import gettext_lazy as _

READING, COMPARING, WRITING = "reading", "comparing", "writing"
WORDS = {
    "": _("排隊中"),
    READING: _("讀取檔案並逐列檢查"),
    COMPARING: _("試算會改變哪些資料"),
    WRITING: _("寫入資料"),
}
STAGES = (READING, COMPARING, WRITING)
