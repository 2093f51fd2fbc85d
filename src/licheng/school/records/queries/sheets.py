"""Course lines as rows of a file that opens in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from licheng_exchange import export_cell

from licheng.school.records.queries.transcript import CourseLine

LINE_HEADS: tuple[Promise, ...] = (
    gettext_lazy("課程代碼"),
    gettext_lazy("科目名稱"),
    gettext_lazy("學分"),
    gettext_lazy("學期成績"),
    gettext_lazy("狀態"),
    gettext_lazy("實得學分"),
    gettext_lazy("各次成績"),
)


def line_cells(line: CourseLine) -> tuple[str, ...]:
    """The cells under LINE_HEADS."""
    tried = _("；").join(
        f"{one.what}（{one.when}）{one.score}{one.passed_text}{f'（{one.manner}）' if one.manner else ''}"
        for one in line.attempts
    )
    numbers = (line.credits_text, line.score_text, str(line.state), line.earned_text)
    return (line.code, line.name, *numbers, tried)


def as_csv(heads: Sequence[str | Promise], rows: Iterable[Sequence[str]]) -> str:
    """CSV with the mark that tells spreadsheets it is UTF-8; no cell can act as a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    written = csv.writer(out)
    written.writerow([*map(str, heads), *map(str, LINE_HEADS)])
    written.writerows([export_cell(cell) for cell in row] for row in rows)
    return out.getvalue()
