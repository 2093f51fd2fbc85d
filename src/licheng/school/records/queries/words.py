"""Codes of the rosters in words; one that no public table names is shown as such, never guessed at.

Source: domain reference §2.1, §2.4, §3.2, §3.5, §3.9; docs/sources/ministry-rosters.md.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from licheng_exchange import find_code

from licheng.school.records.models import Sheet
from licheng.school.records.queries.rows import Mark

CADRE_LEVELS: Final[Mapping[str, Promise]] = MappingProxyType(
    {"1": gettext_lazy("校級"), "2": gettext_lazy("班級"), "3": gettext_lazy("社團")}
)
SPECIAL_STATUSES: Final[Mapping[str, Promise]] = MappingProxyType(
    {"0": gettext_lazy("一般生"), "1": gettext_lazy("原住民生")}
)
CLASS_TYPES: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "1": gettext_lazy("一般班"),
        "2": gettext_lazy("夜間部"),
        "3": gettext_lazy("實用技能學程"),
        "4": gettext_lazy("建教班"),
        "6": gettext_lazy("產學訓合作計畫班"),
        "7": gettext_lazy("雙軌訓練旗艦計畫班"),
        "8": gettext_lazy("建教僑生專班"),
        "9": gettext_lazy("實驗班"),
        "01": gettext_lazy("核定班"),
        "04": gettext_lazy("員工進修班"),
        "n": gettext_lazy("非班混齡"),
        "y": gettext_lazy("班混齡"),
    }
)
STANDINGS: Final[Mapping[str, Promise]] = MappingProxyType(
    {"1": gettext_lazy("轉學生"), "2": gettext_lazy("轉科生"), "3": gettext_lazy("跨課綱復學")}
)
REPEATS: Final[Mapping[str, Promise]] = MappingProxyType(
    {"1": gettext_lazy("列抵"), "2": gettext_lazy("再次修習")}
)
MAKE_UPS: Final[Mapping[str, Promise]] = MappingProxyType({"3": gettext_lazy("專班辦理")})
# 4 to 6 are the ways 1 to 3 outside the school; the ways themselves are named nowhere.
RETAKES: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        **dict.fromkeys("123", pgettext_lazy("重修方式", "校內")),
        **dict.fromkeys("456", pgettext_lazy("重修方式", "校外")),
    }
)
NOTHING_KNOWN: Final[Mapping[str, Promise]] = MappingProxyType({})


def word_of(code: str, words: Mapping[str, Promise] = NOTHING_KNOWN) -> str:
    """A code in words; what is no code but words already stays, an empty one is a dash."""
    if code in words:
        return str(words[code])
    if not code.isascii():
        return code
    return _("代碼 %(code)s（未知）") % {"code": code} if code else "—"


def table_word(table: str, code: str, course_type: str) -> str:
    """A code by its name in one of the tables of course codes, such as `group` and `department`."""
    row = find_code(table, code, course_type=course_type)
    return row.name_zh if row else word_of(code)


def manner_text(mark: Mark) -> str:
    """In which way a row was taken 補修方式 重修方式 身分別 重讀註記, in words; empty for other sheets."""
    if mark.sheet == Sheet.MAKE_UP:
        return word_of(mark.manner, MAKE_UPS)
    if mark.sheet == Sheet.RETAKE:
        place = RETAKES.get(mark.manner)
        unknown = word_of(mark.manner)
        return _("%(place)s，%(way)s") % {"place": place, "way": unknown} if place else unknown
    if mark.sheet == Sheet.TRANSFER:
        return word_of(mark.standing, STANDINGS)
    return word_of(mark.repeat_mark, REPEATS) if mark.sheet == Sheet.REPEAT else ""
