"""Findings of a check in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

SEVERITIES = {
    "error": (_("錯誤"), "error"),
    "repaired": (_("已修正"), "info"),
    "warning": (_("提醒"), "warning"),
}


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One finding in the reader's language."""

    sheet: str
    row: int
    column: str
    rule: str
    value: str
    severity: str
    severity_label: str | Promise
    tone: str
    text: str


def issue_line(issue: Mapping[str, str | int]) -> IssueLine:
    """A finding as it is kept, in the language of the page."""
    is_english = (get_language() or "").startswith("en")
    label, tone = SEVERITIES[str(issue["severity"])]
    return IssueLine(
        sheet=str(issue["sheet"]),
        row=int(issue["row"]),
        column=str(issue["column"]),
        rule=str(issue["rule"]),
        value=str(issue["value"]),
        severity=str(issue["severity"]),
        severity_label=label,
        tone=tone,
        text=str(issue["text_en" if is_english else "text_zh"]),
    )


def by_severity(lines: Sequence[IssueLine]) -> dict[str, int]:
    """How many findings there are of each severity."""
    return {name: sum(1 for line in lines if line.severity == name) for name in SEVERITIES}


def worst_first(lines: Sequence[IssueLine]) -> list[IssueLine]:
    """Errors first, each severity in the order of the file: what keeps a file out is not on its last page."""
    order = list(SEVERITIES)
    return sorted(lines, key=lambda line: order.index(line.severity))
