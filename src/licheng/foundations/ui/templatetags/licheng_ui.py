import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.templatetags.static import static
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()

ROC_OFFSET = 1911  # 民國 1 is 1912
COURSE_CODE = re.compile(r"[0-9]{3}[0-9A-Z]{20}")
KB = 2**10
MB = 2**20

TONE_ICONS = {
    "draft": "file-pen",
    "waiting": "clock",
    "certified": "badge-check",
    "returned": "undo-2",
    "selected": "list-checks",
    "submitted": "send",
    "received": "inbox",
    "confirmed": "user-check",
    "disputed": "flag",
    "error": "circle-alert",
    "warning": "triangle-alert",
    "success": "circle-check",
    "info": "info",
}


@register.simple_tag
@lru_cache(maxsize=1024)  # names, classes and labels are words of templates, the same on every page
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """One icon of the sprite; without a label it is decoration and hidden from screen readers."""
    href = f"{static('licheng/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}" focusable="false"><use href="{}"></use></svg>',
            css,
            label,
            href,
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', css, href
    )


@register.simple_tag
def course_code(code: str) -> SafeString:
    """A course code that leads to its page at the course-plan platform; plain text where none is named."""
    if not settings.COURSEPLANS_URL or not COURSE_CODE.fullmatch(code):
        return format_html("{}", code)
    return format_html('<a class="link" href="{}/courses/{}/">{}</a>', settings.COURSEPLANS_URL, code, code)


@register.simple_tag
def chip(tone: str, text: str) -> SafeString:
    """A state's chip, as `<c-chip>` draws it, for rows of tables: the component costs ten times as much."""
    return format_html('<span class="chip tone-{}">{}{}</span>', tone, icon(tone_icon(tone)), text)


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that stands beside a state's word, so that colour never stands alone."""
    return TONE_ICONS.get(tone, "circle-dot")


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _is_chinese() -> bool:
    return (get_language() or "zh-hant").startswith("zh")


@register.filter
def roc_date(value: date | datetime | None) -> str:
    """A day as it is written in Taiwan: 民國115年11月22日（日）; in English the common calendar."""
    if value is None:
        return ""
    day = _local(value).date() if isinstance(value, datetime) else value
    if not _is_chinese():
        return f"{day:%a} {day.day} {day:%b} {day.year}"
    weekday = "一二三四五六日"[day.weekday()]
    return f"民國{day.year - ROC_OFFSET}年{day.month}月{day.day}日（{weekday}）"


def roc_month(day: date) -> str:
    """The month of a day, written as `roc_date` writes the day."""
    return f"民國{day.year - ROC_OFFSET}年{day.month}月" if _is_chinese() else f"{day:%b} {day.year}"


@register.filter
def roc_datetime(value: datetime | None) -> str:
    """Day and minute in local time, the day as `roc_date` writes it."""
    if value is None:
        return ""
    return f"{roc_date(value)} {_local(value):%H:%M}"


def _in_units(size_bytes: int) -> str:
    if size_bytes < KB:
        return _("%(n)s 位元組") % {"n": size_bytes}
    unit, name = (KB, "KB") if size_bytes < MB else (MB, "MB")
    return f"{size_bytes / unit:.1f}".removesuffix(".0") + f" {name}"


@register.filter
def bytes_text(size_bytes: int | None, limit_bytes: int | None = None) -> str:
    """A size for people; beside a limit that it exceeds unseen, the exact bytes.

    Units: 1 MB is 2**20 bytes, as the limits of the school-year policy count.
    """
    if size_bytes is None:
        return ""
    shown = _in_units(size_bytes)
    if limit_bytes is not None and size_bytes > limit_bytes and shown == _in_units(limit_bytes):
        return _("%(size)s（%(n)s 位元組）") % {"size": shown, "n": f"{size_bytes:,}"}
    return shown


@register.filter
def time_left(deadline: datetime | None) -> str:
    """How long until a deadline, in the one unit that helps: days, hours or minutes."""
    if deadline is None:
        return ""
    left = deadline - timezone.now()
    if left <= timedelta(0):
        return _("已截止")
    if left >= timedelta(days=1):
        return ngettext("還有 %(n)d 天", "還有 %(n)d 天", left.days) % {"n": left.days}
    hours, rest = divmod(int(left.total_seconds()), 3600)
    if hours:
        return ngettext("還有 %(n)d 小時", "還有 %(n)d 小時", hours) % {"n": hours}
    minutes = max(1, rest // 60)
    return ngettext("還有 %(n)d 分鐘", "還有 %(n)d 分鐘", minutes) % {"n": minutes}


@register.filter
def deadline_tone(deadline: datetime | None) -> str:
    """`closed` after the deadline, `soon` within three days of it, else `open`."""
    if deadline is None or deadline - timezone.now() > timedelta(days=3):
        return "open"
    return "soon" if deadline > timezone.now() else "closed"


def _widget_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return ""
    for kinds, css in (
        (CheckboxInput, "checkbox"),
        (FileInput, "file-input"),
        (Textarea, "textarea"),
        (Select, "select"),
    ):
        if isinstance(widget, kinds):
            return css
    return "input"


@register.filter
def is_choice_group(field: BoundField) -> bool:
    """Whether the field is drawn as a fieldset of radio buttons or checkboxes."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_multiple(field: BoundField) -> bool:
    """Whether several choices of the group may be ticked."""
    return isinstance(field.field.widget, CheckboxSelectMultiple)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label stands behind the control."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_settled(field: BoundField) -> bool:
    """Whether one of the choices is always sent, so that there is nothing to leave out or to forget."""
    widget = field.field.widget
    if not isinstance(widget, Select | RadioSelect) or getattr(widget, "allow_multiple_selected", False):
        return False
    choices: list[tuple[Any, Any]] = list(flatten_choices(widget.choices))
    values = {"" if value is None else str(value) for value, _label in choices}
    is_chosen = not isinstance(widget, RadioSelect) or str(field.value()) in values
    return bool(values) and "" not in values and is_chosen


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The form control with the class of its kind, keeping classes that the form gave it."""
    own: dict[str, Any] = field.field.widget.attrs
    css = f"{_widget_class(field)} {own.get('class', '')}".strip()
    return field.as_widget(attrs={"class": css} if css else {})


@register.simple_tag
def steps(index: int | str, special: str = "") -> list[dict[str, Any]]:
    """The seven words of an item's way, each with how it stands when the item has reached `index` (0 to 6).

    `special` is `returned` (back with the student) or `disputed` (the student reported a mistake).
    """
    words = [
        ("draft", _("草稿")),
        ("waiting", _("已送老師")),
        ("certified", _("已認證")),
        ("selected", _("已勾選")),
        ("submitted", _("學校已提交")),
        ("received", _("中央已收訖")),
        ("confirmed", _("我已確認")),
    ]
    if special == "returned":
        words[1] = ("returned", _("退回補正"))
    if special == "disputed":
        words[6] = ("disputed", _("已提出疑義"))
    here = int(index)
    return [
        {
            "tone": tone,
            "text": text,
            "icon": TONE_ICONS[tone],
            "is_done": place < here,
            "is_current": place == here,
        }
        for place, (tone, text) in enumerate(words)
    ]
