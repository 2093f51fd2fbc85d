"""What each category asks for, as data: a category is a list of fields and nothing else.

Source: domain reference §2.6 (2) and (5), §3.5. `provisional` marks what no official document seen so far
confirms; such a limit or code may change without a migration, because values are kept as text.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from licheng.school.activities.models import Category


class FieldKind(StrEnum):
    """How a value is read: see `values.read_value`."""

    TEXT = "text"
    DATE = "date"
    CODE = "code"
    DECIMAL = "decimal"
    WHOLE = "whole"
    SCHOOL_YEAR = "school_year"


@dataclass(frozen=True, slots=True)
class Choice:
    """One code of a code table and its word."""

    code: str
    label: str | Promise


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a category.

    `key` names the value in form and row, `label` is the roster's column, `exchange_key` its key in the
    exchange format between schools.

    Units: `length` is in code points; bounds are in the value's own unit; `above` is exclusive.
    """

    key: str
    label: str | Promise
    exchange_key: str
    kind: FieldKind
    source: str
    length: int | None = None
    choices: tuple[Choice, ...] = ()
    above: int | None = None
    lowest: int | None = None
    highest: int | None = None
    is_required: bool = True
    provisional: bool = False
    help: str | Promise = ""

    def word_of(self, code: str) -> str:
        """The word of a code; an unknown code stands for itself."""
        return next((str(choice.label) for choice in self.choices if choice.code == code), code)


@dataclass(frozen=True, slots=True)
class CategoryFields:
    """A category: what it is for, its fields in the roster's order, and which of them names the record."""

    category: Category
    hint: str | Promise
    icon: str
    title_key: str
    fields: tuple[Field, ...]


DATE_HELP = _("民國或西元都可以，例如 115/03/02、2026-03-02、1150302。")

COMPETITION = CategoryFields(
    Category.COMPETITION,
    _("校內外比賽、科展、技能競賽的參與與得獎。"),
    "trophy",
    "name",
    (
        Field("name", _("競賽名稱"), "競賽名稱", FieldKind.TEXT, "JSP", length=40),
        Field("event", pgettext_lazy("競賽", "項目"), "競賽項目組別", FieldKind.TEXT, "JSP", length=20),
        Field(
            "level",
            _("競賽等級代碼"),
            "競賽等級代碼",
            FieldKind.CODE,
            "UNI",
            choices=(
                Choice("1", _("校級")),
                Choice("2", _("縣市級")),
                Choice("3", _("全國")),
                Choice("4", _("國際")),
            ),
        ),
        Field("award", _("獎項"), "競賽獎項", FieldKind.TEXT, "JSP", length=20),
        Field("announced_on", _("結果公布日期"), "結果公布日期", FieldKind.DATE, "SKY", help=DATE_HELP),
        Field(
            "entered_as",
            _("團體參與代碼"),
            "團體或個人參與代碼",
            FieldKind.CODE,
            "SKY",
            choices=(Choice("0", _("個人")), Choice("1", _("團體"))),
            provisional=True,
        ),
    ),
)

FLEXIBLE_LEARNING = CategoryFields(
    Category.FLEXIBLE_LEARNING,
    _("自主學習、選手培訓、充實或補強性課程、學校特色活動。"),
    "library",
    "content",
    (
        Field(
            "type",
            _("類別(種類)代碼"),
            "彈性學習時間類別(種類)代碼",
            FieldKind.CODE,
            "UNI",
            choices=(
                Choice("1", _("自主學習")),
                Choice("2", _("選手培訓")),
                Choice("3", _("充實(增廣)課程")),
                Choice("4", _("補強性課程")),
                Choice("5", _("學校特色活動")),
            ),
        ),
        Field(
            "content",
            _("內容(開設名稱)"),
            "內容(開設名稱)",
            FieldKind.TEXT,
            "SKY",
            length=60,
            provisional=True,
        ),
        Field("unit", _("開設單位"), "開設單位", FieldKind.TEXT, "SKY", length=60, provisional=True),
        Field(
            "school_year", _("開設學年度"), "學年度", FieldKind.SCHOOL_YEAR, "SKY", help=_("民國，例如 115。")
        ),
        Field(
            "semester", _("開設學期"), "學期", FieldKind.WHOLE, "SKY", lowest=1, highest=4, help=_("1 或 2。")
        ),
        Field(
            "sections_per_week",
            _("每週節數"),
            "每週節數",
            FieldKind.DECIMAL,
            "SKY",
            above=0,
            length=5,
            provisional=True,
        ),
        Field(
            "weeks",
            _("開設週數"),
            "開設週數",
            FieldKind.DECIMAL,
            "SKY",
            lowest=1,
            highest=22,
            length=5,
            provisional=True,
            help=_("1 到 22 週。"),
        ),
    ),
)

CATEGORIES: dict[str, CategoryFields] = {
    each.category.value: each for each in (COMPETITION, FLEXIBLE_LEARNING)
}
