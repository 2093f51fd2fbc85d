"""Lines of the 23/30/6 course-code file, which has no header."""

import re
from typing import Final

from licheng_exchange._rosters.delimited import Grid, columns_frame, guard_extent

CODE_LENGTH: Final = 23
CREDITS_LENGTH: Final = 6
_HEADER: Final = ("課程代碼", "科目名稱", "授課學期學分")
_SEPARATORS: Final = (",", "\t", "，")
_FIRST_MAX: Final = 200_000  # characters searched for the first line
_CODE_START: Final = re.compile(r'\s*"?[0-9]{3}[0-9A-Za-z]{6}[A-Za-z][0-9]{2}')


def read_code_lines(text: str) -> Grid | None:
    """The file as a table of three columns, or None when its first line does not start like a course code.

    Raises RosterFileError for more lines than a roster has.
    """
    first = next((line for line in text[:_FIRST_MAX].splitlines() if line.strip()), "")
    if not _CODE_START.match(first):
        return None
    lines = text.splitlines()
    guard_extent(len(lines), len(_HEADER))
    rows = [split_code_line(line) if line.strip() else ("", "", "") for line in lines]
    return Grid("", 0, _HEADER, len(_HEADER), (), columns_frame(rows, len(_HEADER)))


def split_code_line(line: str) -> tuple[str, str, str]:
    """The three fields of a line: by the first and the last separator, else by fixed columns 23/30/6."""
    for separator in _SEPARATORS:
        if line.count(separator) > 1:
            code, rest = line.split(separator, 1)
            name, credits_text = rest.rsplit(separator, 1)
            return _bare(code), _bare(name), _bare(credits_text)
    body = line.strip()
    if len(body) < CODE_LENGTH + CREDITS_LENGTH:
        return body[:CODE_LENGTH], body[CODE_LENGTH:].strip(), ""
    return body[:CODE_LENGTH], body[CODE_LENGTH:-CREDITS_LENGTH].strip(), body[-CREDITS_LENGTH:]


def _bare(cell: str) -> str:
    return cell.strip().strip('"').strip()
