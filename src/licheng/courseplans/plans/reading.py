"""A code file as lines and findings: text is read here, a workbook in the sandbox."""

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from licheng_exchange import CourseCode, InvalidCourseCode, parse_course_code
from pydantic import TypeAdapter, ValidationError

from licheng.courseplans.plans.errors import FileRefused
from licheng.courseplans.plans.parsing import Said, lines_of
from licheng.foundations.files.sandbox import Limits, SandboxFailed, call

log = logging.getLogger(__name__)
READ: Final = "licheng.courseplans.plans.parsing:read"
ZIP_START: Final = b"PK\x03\x04"
# Own bounds: 5,000 courses are read within 200 MB in 2 GB of addresses and 2 s.
LIMITS: Final = Limits(memory_bytes=3 * 2**30, cpu_seconds=20, wall_seconds=60, programs=False)
SAID: Final = TypeAdapter(Said)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One course of the file; `row` is the 1-based line."""

    row: int
    code: CourseCode
    name: str
    credits: str


@dataclass(frozen=True, slots=True)
class FileFinding:
    """Something about a line, or about the whole file in row 0; one that is no error lets the line stand."""

    row: int
    is_error: bool
    text_zh: str
    text_en: str


def read_code_file(data: bytes) -> tuple[list[FileLine], list[FileFinding]]:
    """The lines of a code file and what there is to say about them.

    Raises FileRefused where the parsers do not survive it or take too much, SandboxFailed where this machine
    cannot fence them in.
    """
    said = _in_sandbox(data) if data.startswith(ZIP_START) else lines_of(data)
    try:
        lines = [FileLine(row, parse_course_code(code), *rest) for row, code, *rest in said["lines"]]
    except InvalidCourseCode as strange:
        raise _unreadable() from strange
    findings = [FileFinding(row, how == "error", zh, en) for row, how, zh, en in said["findings"]]
    return lines, findings


def _in_sandbox(data: bytes) -> Said:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes.xlsx"
        path.write_bytes(data)
        try:
            answer = call(READ, arguments={"path": str(path)}, reads=[path], limits=LIMITS)
            said = SAID.validate_python(answer)
        except SandboxFailed as failure:
            if failure.reason == "refused":
                raise
            log.warning("a code file ended in the sandbox: %s", failure)
            raise _unreadable() from None
        except ValidationError as strange:
            # its message repeats cells, also below a traceback
            log.warning("the sandbox left no code file: %s", type(strange).__name__)
            raise _unreadable() from None
    if said.keys() != {"lines", "findings"}:
        raise _unreadable()
    return said


def _unreadable() -> FileRefused:
    return FileRefused(
        reason=_("讀取時用掉太多時間或記憶體，或內容不正常；請只留課程代碼的三欄，另存為 CSV。")
    )
