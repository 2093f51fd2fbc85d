"""What a counsellor fills in, and what of it is possible at all; asked by the form and by the operations."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.errors import Invalid
from licheng.school.counselling.models import (
    CONTENT_CHARACTERS,
    NOTE_CHARACTERS,
    PLACE_CHARACTERS,
    TOPIC_CHARACTERS,
    Manner,
)

MOST_STUDENTS = 600  # own bound: a whole grade of a large school
DAYS_BACK, DAYS_AHEAD = 4 * 366, 366  # own bounds
FIELDS = {  # words, and code points at most
    "place": (gettext_lazy("地點"), PLACE_CHARACTERS),
    "topic": (gettext_lazy("諮詢主題"), TOPIC_CHARACTERS),
    "content": (gettext_lazy("諮詢內容"), CONTENT_CHARACTERS),
    "note": (gettext_lazy("附件簡述"), NOTE_CHARACTERS),
}
NEEDED = ("place", "topic")


@dataclass(frozen=True, slots=True)
class Entry:
    """One consultation as it was filled in; texts are kept as `clean_text` gives them."""

    held_on: date
    starts_at: time | None
    place: str
    manner: str
    topic: str
    student_ids: frozenset[int]
    content: str = ""
    note: str = ""

    def checked(self, *, is_held: bool) -> dict[str, object]:
        """The columns to keep.

        Raises Invalid with the first field that breaks a rule.
        """
        texts = {name: clean_text(name, getattr(self, name)) for name in FIELDS}
        for name in (*NEEDED, *(["content"] if is_held else [])):
            if not texts[name]:
                raise Invalid(field=FIELDS[name][0], reason=_("請填寫這一欄。"))
        _require_day(self.held_on, is_held=is_held)
        _require_students(self.manner, len(self.student_ids))
        return {"held_on": self.held_on, "starts_at": self.starts_at, "manner": self.manner, **texts}


def clean_text(name: str, text: str) -> str:
    """A text as it is kept; a browser's line end counts as one character.

    Units: code points. Raises Invalid above the field's limit, or for characters no database takes.
    """
    label, most = FIELDS[name]
    kept = text.replace("\r\n", "\n").strip()
    if "\x00" in kept:
        raise Invalid(field=label, reason=_("含有不能儲存的字元，請刪掉再存。"))
    if len(kept) > most:
        over = {"n": most, "over": len(kept) - most}
        raise Invalid(field=label, reason=_("最多 %(n)d 字，請刪去 %(over)d 字。") % over)
    return kept


def _require_day(day: date, *, is_held: bool) -> None:
    today = timezone.localdate()
    if is_held and day > today:
        raise Invalid(field=_("日期"), reason=_("這一天還沒到，請先儲存約定，諮詢後再完成紀錄。"))
    if not today - timedelta(DAYS_BACK) <= day <= today + timedelta(DAYS_AHEAD):
        raise Invalid(field=_("日期"), reason=_("請用西元年，而且在四年前到一年後之間。"))


def _require_students(manner: str, count: int) -> None:
    if manner not in Manner.values:
        raise Invalid(field=_("諮詢方式"), reason=_("請選團體或個別。"))
    if count == 0:
        raise Invalid(field=_("諮詢對象"), reason=_("請至少選一位學生。"))
    if manner == Manner.INDIVIDUAL and count > 1:
        raise Invalid(field=_("諮詢對象"), reason=_("個別諮詢只能選一位學生；超過一位請改選團體。"))
    if count > MOST_STUDENTS:
        raise Invalid(field=_("諮詢對象"), reason=_("一次最多 %(n)d 位學生。") % {"n": MOST_STUDENTS})
