"""Notes and counts of an import as people read them."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.ui.templatetags.licheng_ui import roc_date
from licheng.school.people.models import Role
from licheng.school.rosters.watched import model_of

ITEMS: dict[str, str | Promise] = {
    "person": gettext_lazy("人員"),
    "class": gettext_lazy("班級"),
    "contact": gettext_lazy("家長聯絡資料"),
    "course": gettext_lazy("課程"),
    "offering": gettext_lazy("開課"),
    "enrolment": gettext_lazy("修課"),
    "mark": gettext_lazy("修課紀錄"),
    "term": gettext_lazy("學期學生資料"),
    "borrowed": gettext_lazy("借讀"),
    "cadre": gettext_lazy("校內幹部經歷"),
}
TABLES: dict[str, str | Promise] = {
    "people_rolegrant": gettext_lazy("職務"),
    "records_offering_teachers": gettext_lazy("任課教師"),
    "records_offering_co_teachers": gettext_lazy("協同教師"),
    "people_rolegrant_students": gettext_lazy("職務"),
    "counselling_consultation_students": gettext_lazy("課程諮詢紀錄"),
    "mfa_authenticator": gettext_lazy("第二道驗證"),
    "usersessions_usersession": gettext_lazy("登入中的裝置"),
}
LEFT = ("people_person", "left_on")
DAY = re.compile(r"\d{4}-\d\d-\d\d")  # of JSON: a date of the common calendar
FIELDS: dict[tuple[str, str], str | Promise] = {
    ("people_student", "id_number_index"): gettext_lazy("身分證號"),
}


def told(detail: Mapping[str, Any]) -> str:
    """One line of the preview: what is new, what goes, or which field becomes what."""
    table, label = str(detail["what"]), str(detail["label"])
    thing = _thing(table, label)
    if detail["act"] == "added":
        return _("新增%(thing)s") % {"thing": thing}
    if detail["act"] == "removed":
        return _("移除%(thing)s") % {"thing": thing}
    column = str(detail["field"])
    if (table, column) == LEFT:
        return _left(detail)
    facts = {"field": _field(table, column)}
    if detail["before"] == detail["after"] == "":
        return _("%(field)s：更正（不顯示內容）") % facts
    facts |= {side: _value(table, column, detail[side]) for side in ("before", "after")}
    return _("%(field)s：%(before)s → %(after)s") % facts


def _left(detail: Mapping[str, Any]) -> str:
    """Whether somebody leaves the school or is back."""
    table, column = LEFT
    if detail["after"]:
        return _("記為離校：%(day)s") % {"day": _value(table, column, detail["after"])}
    return _("回到學校（原來記為 %(day)s 離校）") % {"day": _value(table, column, detail["before"])}


def table_text(table: str) -> str:
    """What people call the rows of a table; tables that join others have no name of their own."""
    return str(TABLES.get(table) or model_of(table)._meta.verbose_name)  # noqa: SLF001 -- Django's documented name


def _thing(table: str, label: str) -> str:
    name = table_text(table)
    if table == "people_rolegrant" and label in Role.values:
        label = str(Role(label).label)
    return _("%(name)s「%(label)s」") % {"name": name, "label": label} if label else name


def _field(table: str, column: str) -> str:
    known = FIELDS.get((table, column))
    if known is not None:
        return str(known)
    try:
        field = model_of(table)._meta.get_field(column.removesuffix("_id"))  # noqa: SLF001 -- as above
    except FieldDoesNotExist:
        field = model_of(table)._meta.get_field(column)  # noqa: SLF001 -- as above
    return str(getattr(field, "verbose_name", column))


def _value(table: str, column: str, value: Any) -> str:
    if value is None or value == "":
        return _("（空白）")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, str) and DAY.fullmatch(value):
        return roc_date(date.fromisoformat(value))
    field = next((one for one in model_of(table)._meta.fields if one.column == column), None)  # noqa: SLF001 -- as above
    choices = dict(getattr(field, "flatchoices", ()))
    return str(choices.get(value, value))


def counted(item: str, acts: Mapping[str, int]) -> dict[str, Any]:
    """A row of the summary: a thing, and how many of it are added, changed and removed."""
    counts = {act: acts.get(act, 0) for act in ("added", "changed", "removed")}
    return {"what": ITEMS[item], **counts}
