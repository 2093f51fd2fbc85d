"""Reading what a student typed into a category's fields, and showing it again.

Values are kept as text in the roster's own form: dates as seven ROC digits, codes as their code, numbers
without trailing zeros. Source: domain reference §2.0.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.errors import Invalid
from licheng.foundations.ui.templatetags.licheng_ui import roc_date
from licheng.school.activities.categories import CategoryFields, Field, FieldKind

ROC_OFFSET = 1911
FIRST_YEAR = 108  # the first students with portfolios; an earlier year is a slip of the pen
SCHOOL_YEAR_STARTS = 8  # 1 August
SPLIT_DATE = re.compile(r"(\d{2,4})\s*[/.\-年]\s*(\d{1,2})\s*[/.\-月]\s*(\d{1,2})\s*日?")
DIGITS = re.compile(r"(\d{3,4})(\d{2})(\d{2})")
FOUR_DIGITS = 4
MOST_DIGITS = 12  # own bound, before or behind the point: `1E+9999999` is a number that no column asks for


def read_value(field: Field, text: str) -> str:
    """The value as it is kept; reading a kept value gives it back unchanged. Empty stays empty.

    Raises Invalid with the field's label and the reason.
    """
    typed = text.strip()
    if not typed:
        return ""
    if not typed.isprintable():
        raise _wrong(field, _("含有看不見的控制字元，請重新輸入。"))
    match field.kind:
        case FieldKind.TEXT:
            return _text(field, typed)
        case FieldKind.CODE:
            return _code(field, typed)
        case FieldKind.DATE:
            return _date(field, typed)
        case FieldKind.DECIMAL:
            return _decimal(field, typed)
        case FieldKind.WHOLE | FieldKind.SCHOOL_YEAR:
            return _whole(field, typed)


def _wrong(field: Field, reason: str) -> Invalid:
    return Invalid(field=field.label, reason=reason)


def _text(field: Field, typed: str) -> str:
    if field.length is not None and len(typed) > field.length:
        over = len(typed) - field.length
        raise _wrong(field, _("最多 %(n)d 字，請刪去 %(over)d 字。") % {"n": field.length, "over": over})
    return typed


def _code(field: Field, typed: str) -> str:
    if typed not in {choice.code for choice in field.choices}:
        raise _wrong(field, _("請從選項中選一個。"))
    return typed


def _date(field: Field, typed: str) -> str:
    plain = unicodedata.normalize("NFKC", typed).removeprefix("民國").strip()
    parts = SPLIT_DATE.fullmatch(plain) or DIGITS.fullmatch(plain)
    if parts is None:
        raise _wrong(field, _("看不懂這個日期，請寫成 115/03/02 或 2026-03-02。"))
    year = int(parts[1]) if len(parts[1]) == FOUR_DIGITS else int(parts[1]) + ROC_OFFSET
    try:
        day = date(year, int(parts[2]), int(parts[3]))
    except ValueError as impossible:
        raise _wrong(field, _("沒有這一天，請再看一次年、月、日。")) from impossible
    if day > timezone.localdate():
        raise _wrong(field, _("不能晚於今天。"))
    if day.year < FIRST_YEAR + ROC_OFFSET - 1:
        raise _wrong(field, _("早於新課綱開始的年份，請再看一次年份。"))
    return f"{day.year - ROC_OFFSET:03d}{day:%m%d}"


def _number(field: Field, typed: str) -> Decimal:
    try:
        number = Decimal(unicodedata.normalize("NFKC", typed))
    except InvalidOperation as not_a_number:
        raise _wrong(field, _("請只填數字。")) from not_a_number
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise _wrong(field, _("請只填數字。"))
    return number


def _decimal(field: Field, typed: str) -> str:
    number = _number(field, typed)
    _within(field, number)
    kept = f"{number.normalize():f}"
    if field.length is not None and len(kept) > field.length:
        raise _wrong(field, _("最多 %(n)d 個字元。") % {"n": field.length})
    return kept


def _within(field: Field, number: Decimal) -> None:
    if field.above is not None and number <= field.above:
        raise _wrong(field, _("要大於 %(n)d。") % {"n": field.above})
    if field.lowest is not None and number < field.lowest:
        raise _wrong(field, _("不能小於 %(n)d。") % {"n": field.lowest})
    if field.highest is not None and number > field.highest:
        raise _wrong(field, _("不能大於 %(n)d。") % {"n": field.highest})


def _whole(field: Field, typed: str) -> str:
    number = _number(field, typed)
    if number != number.to_integral_value():
        raise _wrong(field, _("請填整數。"))
    _within(field, number)
    if field.kind is FieldKind.SCHOOL_YEAR and not FIRST_YEAR <= number <= school_year_now():
        bounds = {"first": FIRST_YEAR, "last": school_year_now()}
        raise _wrong(field, _("請填 %(first)d 到 %(last)d 之間的學年度（民國）。") % bounds)
    return str(int(number))


def school_year_now() -> int:
    """The school year (民國) that today lies in."""
    today = timezone.localdate()
    return today.year - ROC_OFFSET - (today.month < SCHOOL_YEAR_STARTS)


def empty_fields(about: CategoryFields, values: Mapping[str, str]) -> list[Field]:
    """The fields that a complete record needs and that are still empty."""
    return [field for field in about.fields if field.is_required and not values.get(field.key)]


def missing_of(about: CategoryFields, values: Mapping[str, str], *, has_evidence: bool) -> tuple[str, ...]:
    """The labels of what is still missing before the record is complete; nothing means complete."""
    empty = empty_fields(about, values)
    evidence = [] if has_evidence else [_("證明（文件、影音或連結其中一項）")]
    return (*(str(field.label) for field in empty), *evidence)


def shown_value(field: Field, kept: str) -> str:
    """A kept value as people read it."""
    if not kept:
        return "—"
    if field.kind is FieldKind.DATE:
        return roc_date(date(int(kept[:3]) + ROC_OFFSET, int(kept[3:5]), int(kept[5:])))
    return field.word_of(kept)


def typed_value(field: Field, kept: str) -> str:
    """A kept value as somebody would type it, for the form."""
    return f"{kept[:3]}/{kept[3:5]}/{kept[5:]}" if field.kind is FieldKind.DATE and kept else kept
