"""`roster check`: a roster file against every rule of its kind."""

import argparse
import re

from licheng_exchange._cli.answers import Answer, Unusable, answer_options
from licheng_exchange._cli.plain import read_input, tell
from licheng_exchange._rosters.checking import check_book, check_table
from licheng_exchange._rosters.kinds import KINDS, guess_kind, kinds_named
from licheng_exchange._rosters.model import (
    BOOK,
    BOOK_NAMES,
    RosterBook,
    RosterContext,
    RosterFileError,
    RosterReport,
    RowIssue,
    Severity,
)
from licheng_exchange._rosters.reading import read_table

_SEVERITY_ZH: dict[Severity, str] = {"error": "錯誤", "repaired": "已修正", "warning": "提醒"}


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command `roster`."""
    commands = subparsers.add_parser("roster", help="檢查名冊 / check a roster").add_subparsers(
        required=True, metavar="COMMAND"
    )
    check = commands.add_parser("check", help="檢查名冊檔 / check a roster file", parents=[answer_options()])
    check.add_argument(
        "file", metavar="FILE", help="CSV、XLSX、ODS、TXT；- 為標準輸入 / or - for standard input"
    )
    check.add_argument(
        "--kind",
        metavar="KIND",
        help=f"{', '.join((*KINDS, BOOK))}；省略時由標題列判斷 / guessed when absent",
    )
    check.add_argument(
        "--school", type=_school_code, metavar="CODE", help="本校 6 碼代碼 / this school's code"
    )
    check.add_argument(
        "--evening-school",
        type=_school_code,
        metavar="CODE",
        help="本校進修部的代碼 / of its evening division",
    )
    check.add_argument("--year", type=_roc_year, metavar="Y", help="學年度（民國） / ROC school year")
    check.add_argument("--semester", type=int, choices=range(1, 5), metavar="S", help="學期 / semester")
    check.set_defaults(run=run_check)


def _school_code(text: str) -> str:
    if not re.fullmatch("[0-9A-Z]{6}", text):
        raise argparse.ArgumentTypeError("學校代碼應為 6 碼數字或大寫字母 / 6 digits or capitals")
    return text


def _roc_year(text: str) -> int:
    if not re.fullmatch("1[0-9]{2}", text):
        raise argparse.ArgumentTypeError("學年度請填民國年，例如 115 / an ROC year such as 115")
    return int(text)


def run_check(arguments: argparse.Namespace) -> int:
    """Check one file; 0 nothing rejects a row, 1 something does, 2 unusable call."""
    return tell(arguments, lambda: _answer(arguments))


def _answer(arguments: argparse.Namespace) -> Answer:
    kind = arguments.kind
    if kind is not None and kind not in BOOK_NAMES and not kinds_named(kind):
        raise Unusable(
            f"沒有「{kind}」這種名冊；可用的有 {'、'.join((*KINDS, BOOK))}。",
            f"No kind {kind!r}; there are {', '.join((*KINDS, BOOK))}.",
        )
    context = RosterContext(
        school_code=arguments.school,
        evening_school_code=arguments.evening_school,
        school_year=arguments.year,
        semester=arguments.semester,
    )
    data = read_input(arguments.file)
    report = (
        check_book(data, arguments.file, context)
        if kind in BOOK_NAMES
        else _report(kind, data, arguments.file, context)
    )
    return Answer(ok=report.good, body=report.as_json(), zh=_lines(report, "zh"), en=_lines(report, "en"))


def _report(kind: str | None, data: bytes, name: str, context: RosterContext) -> RosterReport:
    try:
        table = read_table(data, name, kind)
    except RosterFileError as refusal:
        issue = RowIssue("", 0, "", refusal.rule, "", "error", refusal.text_zh, refusal.text_en)
        return RosterReport(kinds_named(kind)[0].name if kind else "", 0, 0, (issue,))
    guessed = kind or guess_kind(table.columns) or "students"
    return check_table(guessed, table, context)


def _lines(report: RosterReport | RosterBook, lang: str) -> tuple[str, ...]:
    rosters = report.reports if isinstance(report, RosterBook) else (report,)
    return (*(_line(issue, lang) for issue in report.errors), *(_summary(one, lang) for one in rosters))


def _summary(report: RosterReport, lang: str) -> str:
    summary = (
        f"{report.kind or '名冊'}：{report.rows} 列，接受 {report.accepted} 列，{len(report.errors)} 則訊息。"
    )
    if lang == "en":
        summary += f" {report.rows} rows, {report.accepted} accepted, {len(report.errors)} messages."
    return summary


def _line(issue: RowIssue, lang: str) -> str:
    place = f"第 {issue.row} 列" if issue.row else "整個檔案"
    sheet = f"{issue.sheet} " if issue.sheet else ""
    column = f"「{issue.column}」" if issue.column else ""
    value = f"（{issue.value}）" if issue.value else ""
    line = f"{_SEVERITY_ZH[issue.severity]} {sheet}{place}{column}{value} [{issue.rule}] {issue.text_zh}"
    return f"{line} {issue.text_en}" if lang == "en" else line
