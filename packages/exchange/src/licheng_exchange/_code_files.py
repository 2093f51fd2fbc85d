"""The file of course codes, written in every layout people ask for.

Source: docs/sources/course-code-files.md.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from licheng_exchange._codes import (
    CODE_LENGTH,
    SEMESTERS,
    InvalidCourseCode,
    parse_course_code,
    parse_credits,
)
from licheng_exchange._rosters.exporting import export_cell

type CodeLayout = Literal["txt", "fixed", "json", "csv", "xlsx"]

NAME_LENGTH: Final = 30
LAYOUTS: Final[tuple[CodeLayout, ...]] = ("txt", "fixed", "json", "csv", "xlsx")
_HEADER: Final = ("課程代碼", "科目名稱", "授課學期學分")
_CORRECTION_HEADER: Final = ("新課程代碼", "新科目名稱", "授課學期學分", "原課程代碼", "原科目名稱")
_CORRECTION_FIELDS: Final = ("course_code", "name", "credits", "old_course_code", "old_name")
_SEPARATORS: Final = frozenset(',"')
_LINE_END: Final = "\r\n"
# Written into every workbook, so that the same courses are the same bytes on every day.
_NO_TIME: Final = datetime(2019, 8, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One course as the file carries it: 23 characters, a name of at most 30, six credit characters."""

    code: str
    name: str
    credits: str


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One course that changed: what it is now and what it was.

    No new code and name: the course is gone. No old code and name: the course is new.
    """

    code: str
    name: str
    credits: str
    old_code: str
    old_name: str


def write_code_file(rows: Iterable[CodeLine], layout: CodeLayout) -> bytes:
    """Write the courses, in the order given, as one of LAYOUTS.

    `txt` is a line a course, `code,name,credits`, as the plan platform's own file; `fixed` pads the name to
    30 characters instead, so that every line has 59. Both are UTF-8 without a header and end with CR LF.
    `csv` has a header and the mark that spreadsheets know UTF-8 by; in `xlsx` every cell is text.
    Raises InvalidCourseCode for a course that the file could not carry.
    """
    lines = list(rows)
    for line in lines:
        check_code_line(line)
    cells = [(line.code, line.name, line.credits) for line in lines]
    if layout == "json":
        return _as_json("course-codes", [_course(line) for line in lines])
    if layout == "fixed":
        return _joined(f"{code}{name:<{NAME_LENGTH}}{credits_text}" for code, name, credits_text in cells)
    return _table(_HEADER, cells, layout)


def write_correction_file(rows: Iterable[CorrectionLine], layout: CodeLayout = "txt") -> bytes:
    """Write the courses that changed, five fields each: new code, new name, credits, old code, old name.

    There is no `fixed` layout of it. Raises InvalidCourseCode for a line that the file could not carry.
    """
    lines = list(rows)
    for line in lines:
        _check_correction(line)
    cells = [(line.code, line.name, line.credits, line.old_code, line.old_name) for line in lines]
    if layout == "json":
        return _as_json(
            "course-code-corrections", [dict(zip(_CORRECTION_FIELDS, one, strict=True)) for one in cells]
        )
    if layout == "fixed":
        raise InvalidCourseCode(
            "layout-unknown",
            "更正檔沒有固定欄寬的格式，請用 txt、csv、json 或 xlsx。",
            "The correction file has no fixed layout; use txt, csv, json or xlsx.",
        )
    return _table(_CORRECTION_HEADER, cells, layout)


def corrections_between(
    before: Sequence[CodeLine], after: Sequence[CodeLine], replaced: Iterable[tuple[str, str]] = ()
) -> list[CorrectionLine]:
    """What changed between two versions of a plan; `replaced` pairs old codes with the new ones.

    Courses of the new version come first, in its order, then those that are gone. A pair whose codes are not
    in the versions says nothing.
    """
    old = {line.code: line for line in before}
    new = {line.code: line for line in after}
    came_from = {after_code: before_code for before_code, after_code in replaced}
    lines = []
    for line in after:
        was = old.get(line.code) or old.get(came_from.get(line.code, ""))
        if was is None:
            lines.append(CorrectionLine(line.code, line.name, line.credits, "", ""))
        elif was != line:
            lines.append(CorrectionLine(line.code, line.name, line.credits, was.code, was.name))
    moved = {came_from[code] for code in came_from.keys() & new.keys()}
    lines += [
        CorrectionLine("", "", "", line.code, line.name)
        for line in before
        if line.code not in new and line.code not in moved
    ]
    return lines


def check_code_line(line: CodeLine) -> None:
    """Raise InvalidCourseCode with the first reason why the file could not carry this course."""
    parse_course_code(line.code)
    check_course_name(line.name)
    parse_credits(line.credits)


def check_course_name(name: str) -> None:
    """Raise InvalidCourseCode for a name that is empty, over 30 characters, or would break a line apart."""
    if not name.strip():
        raise InvalidCourseCode("name-blank", "科目名稱空白，請填寫。", "The subject has no name.")
    if len(name) > NAME_LENGTH:
        raise InvalidCourseCode(
            "name-length",
            f"科目名稱最多 {NAME_LENGTH} 個字，「{name[:NAME_LENGTH]}…」有 {len(name)} 個字。",
            f"A subject name has at most {NAME_LENGTH} characters; this one has {len(name)}.",
        )
    is_one_line = name.replace("\u3000", " ").isprintable()  # a full-width blank is part of some names
    if not is_one_line or set(name) & _SEPARATORS or name != name.strip():
        raise InvalidCourseCode(
            "name-character",
            f"科目名稱「{name}」不能有半形逗號、半形雙引號、換行、定位字元或前後空白；請改用全形。",
            f"The subject name {name!r} must have no comma, quotation mark, line break, tab or outer blanks.",
        )


def _check_correction(line: CorrectionLine) -> None:
    if line.code or line.name:
        check_code_line(CodeLine(line.code, line.name, line.credits))
    if line.old_code or line.old_name:
        parse_course_code(line.old_code)
        check_course_name(line.old_name)
    if not line.code and not line.old_code:
        raise InvalidCourseCode(
            "correction-empty",
            "更正資料沒有新課程代碼，也沒有原課程代碼。",
            "The correction names neither a new nor an old course code.",
        )


def _course(line: CodeLine) -> dict[str, object]:
    semesters = [{"credits": one.credits, "paired": one.paired} for one in parse_credits(line.credits)]
    return {"course_code": line.code, "name": line.name, "credits": line.credits, "semesters": semesters}


def _table(header: Sequence[str], cells: Sequence[Sequence[str]], layout: CodeLayout) -> bytes:
    if layout == "txt":
        return _joined(",".join(row) for row in cells)
    if layout == "csv":
        return _as_csv(header, cells)
    if layout == "xlsx":
        return _as_workbook(header, cells)
    raise InvalidCourseCode(
        "layout-unknown",
        f"沒有「{layout}」這種格式，可用：{'、'.join(LAYOUTS)}。",
        f"There is no layout {layout!r}; there are {', '.join(LAYOUTS)}.",
    )


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(line + _LINE_END for line in lines).encode()


def _as_json(kind: str, courses: Sequence[object]) -> bytes:
    body = {"format": kind, "version": 1, "courses": courses}
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def _as_csv(header: Sequence[str], cells: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=_LINE_END)
    writer.writerow(header)
    writer.writerows([export_cell(cell) for cell in row] for row in cells)
    return text.getvalue().encode("utf-8-sig")


def _as_workbook(header: Sequence[str], cells: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter  # noqa: PLC0415 -- large, and one layout of five asks for it

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    book.set_properties({"created": _NO_TIME})
    as_text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    sheet = book.add_worksheet(header[0])
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.set_column(column, column, CODE_LENGTH + SEMESTERS if "名稱" in name or "代碼" in name else 14)
        sheet.write_string(0, column, name, bold)
    for row, values in enumerate(cells, start=1):
        for column, value in enumerate(values):
            sheet.write_string(row, column, value, as_text)
    book.close()
    return data.getvalue()
