"""What a person types of a group or a course, judged before it becomes a row, and told from what is there."""

import unicodedata
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Protocol

from django.db.models import Model
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from licheng_exchange import CodeLine, Refusal, check_course, compose_course_code

from licheng.courseplans.plans.models import Plan, PlanGroup
from licheng.foundations.errors import Invalid

NAME_LENGTH = 30  # as the columns
PREFIX = 16  # characters of a code that tell plan and group; the rest tells the subject
MOST_UNITS, MOST_TITLE, MOST_HOURS, MOST_WORDS = 60, 60, 999, 4_000  # own bounds of a syllabus
FIELDS = {"name": gettext_lazy("科目名稱"), "credits": gettext_lazy("授課學期學分")}
ANY_COURSE = {"category": "1", "delivery": "0", "attribute": "1", "domain": "00", "subject": "01"}


@dataclass(frozen=True, slots=True)
class GroupTyped:
    """A group as it was typed."""

    course_type: str
    group_code: str
    department_code: str
    class_group_code: str
    class_group_name: str = ""


@dataclass(frozen=True, slots=True)
class CourseTyped:
    """A course as it was typed; an empty `subject` asks for the next free number."""

    name: str
    category: str
    delivery: str
    attribute: str
    domain: str
    subject: str
    credits: str


@dataclass(frozen=True, slots=True)
class SyllabusTyped:
    """A syllabus as it was typed; a unit is title, hours and content."""

    goals: str
    units: tuple[tuple[str, str, str], ...]
    assessment: str
    resources: str
    notes: str


def in_order(typed: CourseTyped) -> CourseTyped:
    """The course with its name in the usual composition and its number in capitals, without spaces around."""
    name = unicodedata.normalize("NFC", typed.name).strip()
    return replace(typed, name=name, subject=typed.subject.strip().upper())


def seen_of(row: Model | None) -> str:
    """A short digest of a row's columns: what a page showed, so that a later change by others is noticed.

    Its place is not among them: who moves a row stands in nobody's way.
    """
    if row is None:
        return ""
    columns = [one for one in row._meta.concrete_fields if one.name != "position"]  # noqa: SLF001 -- Django's documented name
    values = [str(getattr(row, column.attname)) for column in columns]
    return blake2b("\x1f".join(values).encode(), digest_size=8).hexdigest()


class Told(Protocol):
    """What the library says, in both languages."""

    @property
    def text_zh(self) -> str:
        """In Chinese."""

    @property
    def text_en(self) -> str:
        """In English."""


def said(finding: Told) -> str:
    """What the library says, in the reader's language."""
    return finding.text_en if (get_language() or "").startswith("en") else finding.text_zh


def code_of(plan: Plan, group: GroupTyped | PlanGroup, **subject: str) -> str:
    """The 23 characters of a course of this group. Raises Invalid."""
    try:
        return compose_course_code(
            {
                "entry_year": plan.entry_year,
                "school_code": plan.plan_school.code,
                "course_type": group.course_type,
                "group": group.group_code,
                "department": group.department_code,
                "class_group": group.class_group_code,
                **subject,
            }
        )
    except Refusal as refusal:
        raise Invalid(field=_("課程代碼"), reason=said(refusal)) from refusal


def group_checked(plan: Plan, typed: GroupTyped) -> GroupTyped:
    """The group with its name in order. Raises Invalid for codes that cannot stand in a course code."""
    code_of(plan, typed, **ANY_COURSE)
    name = words_checked(_("班群名稱"), typed.class_group_name)
    if typed.class_group_code.isalpha() and not name:
        raise Invalid(field=_("班群名稱"), reason=_("學校自訂的班群要寫名稱，例如：人文社會班群。"))
    return replace(typed, class_group_name=name)


def course_line(plan: Plan, group: PlanGroup, typed: CourseTyped) -> CodeLine:
    """The course as the code file carries it. Raises Invalid with the first thing it could not carry."""
    line = CodeLine(code_of(plan, group, **subject_parts(typed)), typed.name, typed.credits)
    for finding in check_course(line, plan.entry_year, group.course_type):
        if finding.severity == "error":
            raise Invalid(field=FIELDS.get(finding.field, _("課程代碼")), reason=said(finding))
    return line


def words_checked(field: str, text: str, most: int = NAME_LENGTH) -> str:
    """One line of words in the usual composition, without spaces around it. Raises Invalid."""
    text = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in text):
        raise Invalid(field=field, reason=_("裡面有看不見的控制字元，請刪掉後重新輸入。"))
    if len(text) > most:
        reason = _("最多 %(most)d 個字，這裡有 %(n)d 個字。") % {"most": most, "n": len(text)}
        raise Invalid(field=field, reason=reason)
    return text


def subject_parts(typed: CourseTyped) -> dict[str, str]:
    """The parts of the code that tell the subject."""
    names = ("category", "delivery", "attribute", "domain", "subject")
    return {name: getattr(typed, name) for name in names}


def prefix_of(plan: Plan, group: PlanGroup) -> str:
    """What the codes of all courses of a group begin with."""
    place = f"{plan.entry_year:03d}{plan.plan_school.code}{group.course_type}"
    return f"{place}{group.group_code}{group.department_code}{group.class_group_code}"


def syllabus_checked(typed: SyllabusTyped) -> SyllabusTyped:
    """The syllabus without empty units. Raises Invalid for what is too long, or hours that are no number."""
    for field, text in (
        (_("教學目標"), typed.goals),
        (_("評量方式"), typed.assessment),
        (_("教學資源"), typed.resources),
        (_("教學注意事項"), typed.notes),
    ):
        _paragraphs_checked(field, text)
    units = tuple(unit for unit in typed.units if any(part.strip() for part in unit))
    if len(units) > MOST_UNITS:
        raise Invalid(field=_("教學內容"), reason=_("最多 %(most)d 個單元。") % {"most": MOST_UNITS})
    return replace(typed, units=tuple(_unit_checked(n, *unit) for n, unit in enumerate(units, 1)))


def _unit_checked(number: int, title: str, hours: str, content: str) -> tuple[str, str, str]:
    field = _("教學內容第 %(n)d 個單元") % {"n": number}
    title = words_checked(field, title, MOST_TITLE)
    if not title:
        raise Invalid(field=field, reason=_("請填單元名稱。"))
    hours = unicodedata.normalize("NFKC", hours).strip()
    if hours and not (hours.isascii() and hours.isdecimal() and 0 < int(hours) <= MOST_HOURS):
        raise Invalid(field=field, reason=_("節數請填 1 到 %(most)d 的整數。") % {"most": MOST_HOURS})
    _paragraphs_checked(field, content)
    return title, hours, content


def _paragraphs_checked(field: str, text: str) -> None:
    if "\0" in text:
        raise Invalid(field=field, reason=_("裡面有看不見的控制字元，請刪掉後重新輸入。"))
    if len(text) > MOST_WORDS:
        reason = _("最多 %(most)d 個字，這裡有 %(n)d 個字。") % {"most": MOST_WORDS, "n": len(text)}
        raise Invalid(field=field, reason=reason)
