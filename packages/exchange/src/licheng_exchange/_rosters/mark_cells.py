"""The rules of the cells that only sheets of marks have. Source of all: domain reference 2.4."""

import re
from decimal import Decimal
from typing import Final

from licheng_exchange._rosters.judging import Judged, Scope, refused, repaired, whole_number

_NUMBER: Final = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,18})?")
_NO_MARK: Final = Decimal(-1)
_SCORE_STEP: Final = Decimal("0.01")  # own bound: what a record keeps
_CREDIT_STEP: Final = Decimal("0.1")
_CREDITS_MAX: Final = Decimal("99.9")  # own bound: what a record keeps
_BINARY_NOISE: Final = Decimal("0.000001")  # a spreadsheet's 79.6 may be stored as 79.59999999999999
_SCORES: Final = (Decimal(0), Decimal(100))
_FLAGS: Final = {"1": True, "0": False, "-1": None}
_PAST_YEARS: Final = range(100, 200)  # own bound, ROC
_SEMESTERS: Final = range(1, 5)
_PASS_MARKS: Final = range(1, 101)
_REMARK_MAX: Final = 1_000  # own bound
# Source: domain reference 2.4, the codes of changes 異動代碼 behind 身分別
_STANDING_OF_CHANGE: Final = {
    **dict.fromkeys(("111", "112", "113", "114", "115", "121", "122", "123", "124", "131"), "1"),
    **dict.fromkeys(("141", "142", "143", "144"), "1"),
    **dict.fromkeys(("211", "222", "231", "232", "233", "234"), "2"),
    **dict.fromkeys(("237", "238", "239", "240", "241", "301"), "2"),
    **dict.fromkeys(("221", "223"), "3"),
}


def judge_score(text: str, _scope: Scope) -> Judged:
    """0 to 100 with at most two decimals; -1 says that there is no mark and is None."""
    if not _NUMBER.fullmatch(text):
        return refused(
            "score-shape",
            "成績只能填 0 至 100 的數字；沒有成績請填 -1。",
            "A mark is a number of 0 to 100; -1 where there is none.",
        )
    exact = Decimal(text)
    if exact == _NO_MARK:
        return Judged(None)
    score = exact.quantize(_SCORE_STEP)
    if not _SCORES[0] <= exact <= _SCORES[1]:
        return refused(
            "score-range",
            "成績只能填 0 至 100；沒有成績請填 -1。",
            "A mark is 0 to 100; -1 where there is none.",
        )
    if score == exact:
        return Judged(score)
    if abs(score - exact) < _BINARY_NOISE:
        return repaired(
            score,
            "score-noise",
            f"試算表的尾數已去除：{score}。",
            f"Noise of the spreadsheet removed: {score}.",
        )
    return refused("score-decimals", "成績最多兩位小數。", "A mark has at most two decimals.")


def judge_flag(text: str, _scope: Scope) -> Judged:
    """1 passed, 0 not, -1 not judged."""
    if text in _FLAGS:
        return Judged(_FLAGS[text])
    return refused("flag-value", "及格只能填 1（及格）、0（不及格）、-1（無）。", "The flag is 1, 0 or -1.")


def judge_credit_count(text: str, _scope: Scope) -> Judged:
    """Credits or periods: 0 to 99.9 with at most one decimal."""
    count = Decimal(text) if _NUMBER.fullmatch(text) else _NO_MARK
    if not 0 <= count <= _CREDITS_MAX or count != count.quantize(_CREDIT_STEP):
        return refused(
            "credit-count",
            "學分（節數）只能填 0 至 99.9 的數字，最多一位小數。",
            "Credits (periods) are 0 to 99.9 with at most one decimal.",
        )
    return Judged(count.quantize(_CREDIT_STEP))


def judge_counting(text: str, _scope: Scope) -> Judged:
    """1 counted, 2 not, 3 granted or not graded."""
    if text in {"1", "2", "3"}:
        return Judged(int(text))
    return refused(
        "counting-value",
        "是否採計只能填 1（採計）、2（不採計）、3（授予學分或不需評分）。",
        "Whether it counts is 1, 2 or 3.",
    )


def judge_make_up_manner(text: str, _scope: Scope) -> Judged:
    """A code of one or two digits; only 3 (專班辦理) is known, so the others are not judged."""
    if re.fullmatch("[0-9]{1,2}", text):
        return Judged(text)
    return refused(
        "make-up-manner", "補修方式應為代碼，例如 3（專班辦理）。", "The manner is a code such as 3."
    )


def judge_retake_manner(text: str, _scope: Scope) -> Judged:
    """1 to 3 at school, 4 to 6 the same outside it."""
    if text in {"1", "2", "3", "4", "5", "6"}:
        return Judged(text)
    return refused(
        "retake-manner",
        "重修方式只能填 1 至 3（校外辦理為 4 至 6）。",
        "The manner is 1 to 3, or 4 to 6 outside.",
    )


def judge_standing(text: str, _scope: Scope) -> Judged:
    """1 from another school, 2 from another department, 3 from another curriculum."""
    if text in {"1", "2", "3"}:
        return Judged(text)
    if text in _STANDING_OF_CHANGE:
        standing = _STANDING_OF_CHANGE[text]
        return repaired(
            standing,
            "standing-from-change",
            f"填的是異動代碼 {text}，已改為身分別 {standing}。",
            f"{text} is a code of changes; read as {standing}.",
        )
    return refused(
        "standing-value",
        "身分別只能填 1（轉學生）、2（轉科生）、3（跨課綱復學）。",
        "The standing is 1, 2 or 3.",
    )


def judge_repeat_mark(text: str, _scope: Scope) -> Judged:
    """1 credited from before, 2 studied again."""
    if text in {"1", "2"}:
        return Judged(text)
    return refused("repeat-mark", "重讀註記只能填 1（列抵）、2（再次修習）。", "The mark is 1 or 2.")


def judge_taken_semester(text: str, _scope: Scope) -> Judged:
    """1 to 4: the semester for which a course stands, which need not be the roster's."""
    number = whole_number(text)
    if number in _SEMESTERS:
        return Judged(number)
    return refused("semester-range", "學期只能填 1 至 4。", "The semester is 1 to 4.")


def judge_past_year(text: str, _scope: Scope) -> Judged:
    """An ROC year that need not be the roster's."""
    number = whole_number(text.removesuffix("學年度"))
    if number in _PAST_YEARS:
        return Judged(number)
    return refused(
        "school-year-range", "學年度請填民國年，例如 113。", "The school year is an ROC year such as 113."
    )


def judge_pass_mark(text: str, _scope: Scope) -> Judged:
    """The whole mark from which this student passes."""
    number = whole_number(text)
    if number in _PASS_MARKS:
        return Judged(number)
    return refused("pass-mark-range", "及格標準只能填 1 至 100 的整數。", "The pass mark is 1 to 100.")


def judge_remark(text: str, _scope: Scope) -> Judged:
    """Free words, lines included."""
    if len(text) <= _REMARK_MAX:
        return Judged(text)
    return refused(
        "remark-too-long", f"描述超過 {_REMARK_MAX} 字。", f"Longer than {_REMARK_MAX} characters."
    )
