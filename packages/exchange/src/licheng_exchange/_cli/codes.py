"""`code` and `id`: course codes, their tables, a plan's courses; one id number."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

import licheng_exchange
from licheng_exchange._cli.answers import Answer, Unusable, answer_options
from licheng_exchange._cli.plain import read_input, tell
from licheng_exchange._code_files import CodeLine
from licheng_exchange._code_words import explain_course_code
from licheng_exchange._codes import InvalidCourseCode, parse_course_code
from licheng_exchange._ids import IdKind, check_id
from licheng_exchange._plan_checks import PlanFinding, check_plan
from licheng_exchange._tables import TABLES, code_table, subject_table

_KINDS_ZH: dict[IdKind, str] = {
    "national_id": "國民身分證統一編號",
    "ui_old": "舊式統一證號",
    "ui_new": "新式統一證號",
    "": "",
}
_KINDS_EN: dict[IdKind, str] = {
    "national_id": "national ID number",
    "ui_old": "old resident number",
    "ui_new": "new resident number",
    "": "",
}
_SUBJECTS: Final = "subject"


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands `code` and `id`."""
    code = subparsers.add_parser(
        "code",
        help="解讀課程代碼、列出代碼表、檢查課程計畫 / explain a course code, list a table, check a plan",
        parents=[answer_options()],
        usage="%(prog)s [explain] CODE | list [TABLE] | check-plan FILE [--entry-year N] [--course-type T]",
    )
    code.add_argument(
        "words", metavar="WORD", nargs="+", help="[explain] CODE ｜ list [TABLE] ｜ check-plan FILE"
    )
    code.add_argument("--entry-year", type=int, default=None, help="入學學年度 / entry year, such as 115")
    code.add_argument("--course-type", default=None, help="課程類型 / course type, such as V")
    code.set_defaults(run=run_code)
    identity = subparsers.add_parser(
        "id", help="檢查身分證號 / check an id number", parents=[answer_options()]
    )
    identity.add_argument("id", metavar="ID", help="10 碼 / 10 characters")
    identity.set_defaults(run=run_id)


def run_code(arguments: argparse.Namespace) -> int:
    """Explain a code, list a table or check a plan; 0 good, 1 not, 2 when the call says neither."""
    return tell(arguments, _code_question(arguments))


def run_id(arguments: argparse.Namespace) -> int:
    """Check one id number; 0 valid, 1 not."""
    return tell(arguments, lambda: _id_answer(arguments.id))


def _code_question(arguments: argparse.Namespace) -> Callable[[], Answer]:
    match arguments.words:
        case ["list"]:
            return _tables_answer
        case ["list", name]:
            return lambda: _table_answer(name, arguments.entry_year)
        case ["check-plan", path]:
            return lambda: _plan_answer(path, arguments.entry_year, arguments.course_type)
        case ["explain" | "check-plan"]:
            return _not_understood
        case ["explain", code] | [code]:
            return lambda: _code_answer(code)
        case _:
            return _not_understood


def _not_understood() -> Answer:
    raise Unusable(
        "用法：code [explain] CODE、code list [TABLE]、code check-plan FILE。",
        "Use: code [explain] CODE, code list [TABLE] or code check-plan FILE.",
    )


def _code_answer(text: str) -> Answer:
    try:
        code = parse_course_code(text)
    except InvalidCourseCode as refusal:
        body = {"valid": False, "rule": refusal.rule, "text_zh": refusal.text_zh, "text_en": refusal.text_en}
        return Answer(
            ok=False, body=body, zh=(f"不正確：{refusal.text_zh}",), en=(f"Invalid: {refusal.text_en}",)
        )
    parts = explain_course_code(code)
    body = {"valid": True, "code": text, "parts": [asdict(part) for part in parts]}
    return Answer(
        ok=True,
        body=body,
        zh=tuple(
            f"{part.position:>5}  {part.value:<6}  {part.name_zh}  {part.label_zh}"
            + "（暫定）" * part.provisional
            + f"（{part.note_zh}）" * bool(part.note_zh)
            for part in parts
        ),
        en=tuple(
            f"{part.position:>5}  {part.value:<6}  {part.name_en}: {part.label_en}"
            + " (provisional)" * part.provisional
            + f" ({part.note_en})" * bool(part.note_en)
            for part in parts
        ),
    )


def _tables_answer() -> Answer:
    names = [*TABLES, _SUBJECTS]
    return Answer(ok=True, body={"tables": names}, zh=tuple(names), en=tuple(names))


def _table_answer(name: str, entry_year: int | None) -> Answer:
    if name not in {*TABLES, _SUBJECTS}:
        raise Unusable(
            f"沒有「{name}」代碼表，可用：{'、'.join([*TABLES, _SUBJECTS])}。",
            f"There is no table {name!r}; there are {', '.join([*TABLES, _SUBJECTS])}.",
        )
    found = subject_table() if name == _SUBJECTS else code_table(name, entry_year=entry_year)
    rows = [row for row in found if entry_year is None or row.holds(entry_year)]
    listed = [{**asdict(row), "applies_to": sorted(getattr(row, "applies_to", ()))} for row in rows]
    return Answer(
        ok=True,
        body={"table": name, "rows": listed},
        zh=tuple(f"{row.code:<6}  {row.name_zh}" + "（暫定）" * row.provisional for row in rows),
        en=tuple(f"{row.code:<6}  {row.name_zh}" + " (provisional)" * row.provisional for row in rows),
    )


def _plan_answer(path: str, entry_year: int | None, course_type: str | None) -> Answer:
    rows, issues = licheng_exchange.parse_course_code_file(read_input(path))
    lines = [CodeLine(row.code.text, row.name, row.credits) for row in rows]
    year = entry_year or (rows[0].code.entry_year if rows else 0)
    findings = check_plan(lines, year, course_type)
    body = {
        "courses": len(lines),
        "entry_year": year,
        "errors": [asdict(issue) for issue in issues],
        "findings": [asdict(finding) for finding in findings],
    }
    wrong = [one.severity for one in issues].count("error")
    wrong += [one.severity for one in findings].count("error")
    doubts = len(issues) + len(findings) - wrong
    unread_zh = [f"{_place(issue, '第 {} 列')}[{issue.rule}]  {issue.text_zh}" for issue in issues]
    unread_en = [f"{_place(issue, 'row {}')}[{issue.rule}]  {issue.text_en}" for issue in issues]
    return Answer(
        ok=not wrong,
        body=body,
        zh=(
            f"{len(lines)} 個科目，錯誤 {wrong}，提醒 {doubts}。",
            *unread_zh,
            *_lines(findings, "zh"),
        ),
        en=(
            f"{len(lines)} courses, {wrong} errors, {doubts} warnings.",
            *unread_en,
            *_lines(findings, "en"),
        ),
    )


def _place(issue: "licheng_exchange.RowIssue", words: str) -> str:
    """The row and column of a finding; nothing when it is about the whole file."""
    return f"{words.format(issue.row)}  {issue.column}  " if issue.row else ""


def _lines(findings: Sequence[PlanFinding], lang: str) -> list[str]:
    words = {"zh": ("錯誤", "提醒", "（暫定）"), "en": ("error", "warning", " (provisional)")}[lang]
    return [
        f"{words[finding.severity == 'warning']}  {finding.code}  [{finding.rule}]  "
        + (finding.text_zh if lang == "zh" else finding.text_en)
        + words[2] * finding.provisional
        for finding in findings
    ]


def _id_answer(text: str) -> Answer:
    verdict = check_id(text)
    body = {"valid": verdict.valid, "kind": verdict.kind}
    if verdict.valid:
        return Answer(
            ok=True,
            body=body,
            zh=(f"正確：{_KINDS_ZH[verdict.kind]}",),
            en=(f"Valid: {_KINDS_EN[verdict.kind]}",),
        )
    reasons = {"reason_zh": verdict.reason_zh, "reason_en": verdict.reason_en}
    return Answer(
        ok=False,
        body={**body, **reasons},
        zh=(f"不正確：{verdict.reason_zh}",),
        en=(f"Invalid: {verdict.reason_en}",),
    )
