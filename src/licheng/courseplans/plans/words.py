"""Codes in words, and the codes there are to choose from, for students who enter in one year."""

from functools import cache, lru_cache

from django.utils.translation import gettext as _
from licheng_exchange import SemesterCredit, code_table, find_code, parse_credits, subject_table

from licheng.courseplans.plans.models import PlanGroup

WITHOUT_CLASS_GROUP = "0"
NATIONAL = "1"  # 課程類別 部定必修
OWN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDITS = "0123456789RSTABCDEFGHI"  # Source: domain reference §2.9

type Choices = list[tuple[str, str]]


@lru_cache(maxsize=4096)
def name_of(table: str, code: str, course_type: str = "", entry_year: int | None = None) -> str:
    """The name of a code, or the code itself where the table does not know it."""
    row = find_code(table, code, course_type=course_type, entry_year=entry_year)
    return row.name_zh if row else code


@cache
def choices(table: str, entry_year: int | None = None) -> Choices:
    """The codes of a table with their names, of a year or of all; one with several names has them all."""
    named: dict[str, list[str]] = {}
    for row in code_table(table, entry_year=entry_year):
        names = named.setdefault(row.code, [])
        if row.name_zh not in names:
            names.append(row.name_zh)
    return [(code, f"{code} {'／'.join(names)}") for code, names in named.items()]


@cache
def national_subjects(entry_year: int) -> Choices:
    """The subjects whose numbers are fixed nationally, each with domain and name."""
    rows = [row for row in subject_table() if row.from_year <= entry_year <= (row.until_year or entry_year)]
    named = {row.code: f"{row.name_zh}（{name_of('domain', row.domain)}）" for row in rows}
    return sorted(named.items())


def credit_choices() -> Choices:
    """What a semester's field takes: plain credits, then paired ones."""
    return [(one, credit_words(parse_credits(one * 6)[0])) for one in CREDITS]


def credit_words(credit: SemesterCredit) -> str:
    """The credits of one semester as people write them."""
    return _("對開 %(n)d") % {"n": credit.credits} if credit.paired else str(credit.credits)


def semesters(text: str) -> list[str]:
    """Six cells of a table; empty where nothing is taught."""
    return [credit_words(one) if one.credits else "" for one in parse_credits(text)]


def semester_names() -> tuple[str, ...]:
    """What the six semesters are called."""
    return (_("高一上"), _("高一下"), _("高二上"), _("高二下"), _("高三上"), _("高三下"))


def group_title(group: PlanGroup) -> str:
    """What people call a group: its department, and its class group where there is one."""
    department = name_of("department", group.department_code, group.course_type)
    if group.class_group_name:
        return f"{department} {group.class_group_name}"
    if group.class_group_code == WITHOUT_CLASS_GROUP:
        return department
    row = find_code("class_group", group.class_group_code)
    if row is not None:
        return f"{department} {row.name_zh}"
    return _("%(department)s %(letter)s 班群") % {"department": department, "letter": group.class_group_code}


def kind_of(group: PlanGroup) -> str:
    """課程類型 and 群別 of a group in words."""
    kind = name_of("course_type", group.course_type)
    return f"{kind}・{name_of('group', group.group_code, group.course_type)}"
