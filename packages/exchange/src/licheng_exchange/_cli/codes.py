"""`code` and `id`: one course code or one id number."""

import argparse
from dataclasses import asdict

from licheng_exchange._cli.answers import Answer, answer_options
from licheng_exchange._cli.plain import tell
from licheng_exchange._codes import InvalidCourseCode, explain_course_code, parse_course_code
from licheng_exchange._ids import IdKind, check_id

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


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands `code` and `id`."""
    code = subparsers.add_parser(
        "code", help="解讀課程代碼 / explain a course code", parents=[answer_options()]
    )
    code.add_argument("code", metavar="CODE", help="23 碼 / 23 characters")
    code.set_defaults(run=run_code)
    identity = subparsers.add_parser(
        "id", help="檢查身分證號 / check an id number", parents=[answer_options()]
    )
    identity.add_argument("id", metavar="ID", help="10 碼 / 10 characters")
    identity.set_defaults(run=run_id)


def run_code(arguments: argparse.Namespace) -> int:
    """Explain one course code; 0 well formed, 1 not."""
    return tell(arguments, lambda: _code_answer(arguments.code))


def run_id(arguments: argparse.Namespace) -> int:
    """Check one id number; 0 valid, 1 not."""
    return tell(arguments, lambda: _id_answer(arguments.id))


def _code_answer(text: str) -> Answer:
    try:
        code = parse_course_code(text)
    except InvalidCourseCode as refusal:
        body = {"valid": False, "rule": refusal.rule, "text_zh": refusal.text_zh, "text_en": refusal.text_en}
        return Answer(
            ok=False, body=body, zh=(f"不正確：{refusal.text_zh}",), en=(f"Invalid: {refusal.text_en}",)
        )
    parts = explain_course_code(code)
    lines = tuple(
        f"{part.position:>5}  {part.value:<6}  {part.name_zh}  {part.label_zh}"
        + "（暫定）" * part.provisional
        for part in parts
    )
    body = {"valid": True, "code": text, "parts": [asdict(part) for part in parts]}
    return Answer(ok=True, body=body, zh=lines, en=lines)


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
