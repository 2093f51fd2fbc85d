"""What does not fit the description of an API, in words: what is wrong with which part, and what to do."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.errors import Invalid

# Where a part stands, by the names that the API's library gives the places.
PLACES: Final[Mapping[str, Promise]] = {
    "header": gettext_lazy("HTTP 標頭"),
    "query": gettext_lazy("網址的查詢參數"),
    "path": gettext_lazy("網址"),
    "form": gettext_lazy("表單欄位"),
    "file": gettext_lazy("表單的檔案欄位"),
    "body": gettext_lazy("JSON 內容"),
}
# Kinds of error with what they know. Source: https://docs.pydantic.dev/latest/errors/validation_errors/
REASONS: Final[Mapping[str, Promise]] = {
    "string_pattern_mismatch": gettext_lazy("格式不對，要符合 {pattern}。"),
    "string_too_short": gettext_lazy("太短，至少 {min_length} 個字元。"),
    "string_too_long": gettext_lazy("太長，最多 {max_length} 個字元。"),
    "greater_than_equal": gettext_lazy("不能小於 {ge}。"),
    "less_than_equal": gettext_lazy("不能大於 {le}。"),
    "enum": gettext_lazy("只能是 {expected}。"),
    "int_parsing": gettext_lazy("要是整數。"),
    "int_parsing_size": gettext_lazy("數字太大。"),
    "int_type": gettext_lazy("要是整數。"),
    "int_from_float": gettext_lazy("要是整數。"),
    "string_type": gettext_lazy("要是文字。"),
    "uuid_parsing": gettext_lazy("要是 UUID。"),
    "uuid_type": gettext_lazy("要是 UUID。"),
}
OTHER: Final = gettext_lazy("內容不符合這個 API 的說明（{kind}）。")


class Misfit(Invalid):
    """A part of a request is missing or of another form; `todo` says what to do, in the reader's language."""

    remedy = "{todo}"


def misfit(error: Mapping[str, Any]) -> Misfit:
    """The first thing that does not fit, as a refusal; nothing that was sent is repeated."""
    place, *names = map(str, error["loc"])
    if place == "body":
        names = names[1:]  # the first is what the code calls the whole; nobody sends it
    where, kind = str(PLACES.get(place, place)), str(error["type"])
    known = {**error.get("ctx", {}), "kind": kind, "where": where, "name": ".".join(names) or where}
    if kind == "missing":
        reason, todo = _("沒有這一項。"), _("請加上 {name}（{where}）再送一次。")
    else:
        reason, todo = str(REASONS.get(kind, OTHER)), _("請修改 {name}（{where}）再送一次。")
    if not names:
        todo = _("請依 API 說明送出 {where}。")
    return Misfit(field=known["name"], reason=reason.format_map(known), todo=todo.format_map(known))


def unparsed() -> Misfit:
    """A body of which no parts can be told, as a refusal."""
    return Misfit(
        field=_("請求的內容"),
        reason=_("讀不出來。"),
        todo=_("請確認內容完整，而且是 Content-Type 所說的格式，再送一次。"),
    )
