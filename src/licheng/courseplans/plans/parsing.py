"""Bytes of a code file to lines and findings. Runs in the sandbox for workbooks, without Django."""

from pathlib import Path

import licheng_exchange

type Said = dict[str, list[tuple[int, str, str, str]]]


def read(path: str) -> Said:
    """Read a file; see `lines_of`."""
    return lines_of(Path(path).read_bytes())


def lines_of(data: bytes) -> Said:
    """`lines`: row, code, name, credits of each; `findings`: row, severity, Chinese, English of each."""
    rows, findings = licheng_exchange.parse_course_code_file(data)  # loads polars: for who reads a file
    return {
        "lines": [(row.row, row.code.text, row.name, row.credits) for row in rows],
        "findings": [(one.row, one.severity, one.text_zh, one.text_en) for one in findings],
    }
