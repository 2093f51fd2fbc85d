"""Which school, year and semester a table is about: by the caller, else its cover sheet, else its title."""

import re
from typing import Final

from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.judging import Scope
from licheng_exchange._rosters.kinds import Kind
from licheng_exchange._rosters.model import RosterContext, Table

_YEAR: Final = re.compile(r"(1[0-9]{2})\s*學年度?")
_SEMESTER: Final = re.compile(r"第\s*([1-4一二三四])\s*學期|([上下])學期")
_HAN: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}


def scope_of(kind: Kind, table: Table, context: RosterContext, findings: Findings) -> Scope:
    """The scope of a check; a cover or title that says otherwise than the caller becomes a finding.

    A cover sheet is part of the roster and refuses it; a title is a line of words and only warns.
    """
    _check_cover(table, context, findings)
    year = context.school_year or _number(table.cover.get("學年度", "")) or _only(table, _YEAR)
    semester = context.semester or _number(table.cover.get("學期", "")) or _only(table, _SEMESTER)
    told = _only(table, _YEAR)
    if told is not None and year is not None and told != year:
        findings.about_file(
            "title-other-year",
            f"標題寫 {told} 學年度，這次匯入的是 {year} 學年度；請核對。",
            f"The title says {told}, the import is for {year}.",
            table,
            severity="warning",
        )
    return Scope(context, year, semester, kind.division, table.doubtful)


def _check_cover(table: Table, context: RosterContext, findings: Findings) -> None:
    codes = {context.school_code, context.evening_school_code} - {None}
    expected = {
        "學校代碼": {str(code) for code in codes},
        "學年度": {str(context.school_year)} if context.school_year is not None else set(),
        "學期": {str(context.semester)} if context.semester is not None else set(),
    }
    for label, right in expected.items():
        said = table.cover.get(label, "")
        if said and right and said.zfill(len(next(iter(right)))) not in right:
            findings.about_file(
                "cover-differs",
                f"封面的{label}是「{said}」，這次匯入的是「{'、'.join(sorted(right))}」。",
                f"The cover sheet says {said!r} for {label}.",
                table,
                column=label,
            )


def _only(table: Table, pattern: re.Pattern[str]) -> int | None:
    """The number that the titles agree on."""
    found = {
        next(group for group in match.groups() if group)
        for title in table.titles
        if (match := pattern.search(title))
    }
    return _number(found.pop()) if len(found) == 1 else None


def _number(text: str) -> int | None:
    return _HAN.get(text) or (int(text) if re.fullmatch("[0-9]{1,3}", text) else None)
