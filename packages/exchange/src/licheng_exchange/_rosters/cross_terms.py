"""What the cells of 學生資料, 借讀 and 校內幹部經歷 say together. Source: domain reference 2.1 to 2.3."""

from typing import Final

import polars as pl

from licheng_exchange._rosters.judging import Problem
from licheng_exchange._rosters.sheets import CheckedSheet

_INDIGENOUS: Final = "1"  # of 特殊身分別
_EXPERIMENT: Final = "9"  # of 班別
_ENDS_FIRST: Final = Problem(
    "date-order", "結束日期早於開始日期，請核對。", "The end is before the beginning."
)
_NOT_INDIGENOUS: Final = Problem(
    "indigenous-without-status",
    "填了原住民族別，但特殊身分別沒有 1（原住民生）；請核對。",
    "An indigenous group without the special status 1.",
    "warning",
)
_NO_EXPERIMENT: Final = Problem(
    "experiment-class", "填了實驗班名稱，但班別不是 9（實驗班）；請核對。", "No class of type 9.", "warning"
)
_NO_EXPERIMENT_NAME: Final = Problem(
    "experiment-class", "班別是 9（實驗班），但沒有實驗班名稱；請核對。", "Type 9 without a name.", "warning"
)
_SAME_SCHOOL: Final = Problem(
    "borrowed-same-school", "借讀學校與所屬學校相同，請核對。", "The two schools are the same."
)
_NEITHER_SCHOOL: Final = Problem(
    "borrowed-other-schools",
    "所屬學校與借讀學校都不是本校，請核對。",
    "Neither school is this one.",
    "warning",
)


def check_terms(sheet: CheckedSheet) -> None:
    """Cells that only make sense beside others; the reference infers these rules, so they only warn."""
    if sheet.has("special_status"):
        codes = pl.col("special_status").str.split(",")
        for field in ("indigenous_group", "indigenous_status"):
            if sheet.has(field):
                sheet.tell_where(
                    pl.col(field).is_not_null() & ~codes.list.contains(_INDIGENOUS), field, _NOT_INDIGENOUS
                )
    if sheet.has("class_type", "experiment_class"):
        is_experiment = pl.col("class_type") == _EXPERIMENT
        named = pl.col("experiment_class").is_not_null()
        sheet.tell_where(named & ~is_experiment, "experiment_class", _NO_EXPERIMENT)
        sheet.tell_where(~named & is_experiment, "experiment_class", _NO_EXPERIMENT_NAME)


def check_borrowed(sheet: CheckedSheet) -> None:
    """Two schools, one of them this one, and an end not before the beginning."""
    _check_dates(sheet)
    if not sheet.has("home_school_code", "host_school_code"):
        return
    home, host = pl.col("home_school_code"), pl.col("host_school_code")
    sheet.tell_where(home == host, "host_school_code", _SAME_SCHOOL)
    own = [
        code for code in (sheet.scope.context.school_code, sheet.scope.context.evening_school_code) if code
    ]
    if own:
        sheet.tell_where(~home.is_in(own) & ~host.is_in(own), "host_school_code", _NEITHER_SCHOOL)


def check_cadres(sheet: CheckedSheet) -> None:
    """An end not before the beginning."""
    _check_dates(sheet)


def _check_dates(sheet: CheckedSheet) -> None:
    if sheet.has("since", "until"):
        sheet.tell_where(pl.col("until") < pl.col("since"), "until", _ENDS_FIRST)
