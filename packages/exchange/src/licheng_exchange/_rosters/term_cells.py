"""The rules of the cells of 學生資料, 借讀, 校內幹部經歷, guardians. Source: domain reference 2.1 to 2.3."""

import re
from collections.abc import Callable
from typing import Final

from licheng_exchange._rosters.judging import Judged, Problem, Scope, refused, repaired, whole_number
from licheng_exchange._tables import codes_of

_LIST: Final = re.compile(r"[、;；,，/]")
_GRADES: Final = range(1, 4)
_GRADES_LONGER: Final = range(4, 7)  # own bound: 進修部 and those who stay on
_STATUSES_MAX: Final = 3
# Source: domain reference 3.9; day and evening division, 5 was not seen
_CLASS_TYPES: Final = frozenset({"1", "2", "3", "4", "6", "7", "8", "9", "01", "04", "n", "y"})


def judge_group(text: str, _scope: Scope) -> Judged:
    """A group code of two characters; the table is open."""
    if re.fullmatch("[0-9A-Z]{2}", text):
        return Judged(text)
    return refused(
        "code-shape",
        "群別代碼應為 2 碼數字或大寫字母。",
        "A group code is 2 digits or capital letters.",
    )


def judge_department(text: str, _scope: Scope) -> Judged:
    """A department code of three characters; a lost zero is put back where the table knows only that code."""
    if re.fullmatch("[0-9A-Z]{3}", text):
        return Judged(text)
    whole = text.zfill(3)
    if re.fullmatch("[0-9]{1,2}", text) and whole in codes_of("department"):
        return repaired(
            whole,
            "department-zero",
            f"科別代碼前面的 0 遺失，已補為 {whole}。",
            f"A lost zero was put back: {whole}.",
        )
    return refused(
        "code-shape",
        "科班學程別代碼應為 3 碼數字或大寫字母。",
        "A department code is 3 digits or capital letters.",
    )


def judge_division(text: str, _scope: Scope) -> Judged:
    """A code of 1 to 7."""
    if text in {"1", "2", "3", "4", "5", "6", "7"}:
        return Judged(text)
    return refused("division-value", "部別代碼只能填 1 至 7。", "The division is 1 to 7.")


def judge_class_type(text: str, _scope: Scope) -> Judged:
    """A known type of class, or another code of its shape with a warning."""
    if text in _CLASS_TYPES:
        return Judged(text)
    if re.fullmatch("[0-9A-Za-z]{1,2}", text):
        problem = Problem(
            "class-type-unknown",
            "班別不在已知的代碼中，請核對。",
            "The class type is not a known one.",
            "warning",
        )
        return Judged(text, (problem,))
    return refused("class-type-shape", "班別應為 1 至 2 碼代碼。", "The class type is a code of 1 or 2.")


def judge_grade_any(text: str, _scope: Scope) -> Judged:
    """1 to 3; 4 to 6 for those who stay longer, with a warning."""
    number = whole_number(text)
    if number in _GRADES:
        return Judged(number)
    if number in _GRADES_LONGER:
        problem = Problem(
            "grade-longer",
            "年級大於 3，只有進修部或延修生可以；請核對。",
            "A grade above 3; check it.",
            "warning",
        )
        return Judged(number, (problem,))
    return refused("grade-range", "年級只能填 1、2、3（延修為 4 以上）。", "The grade is 1, 2 or 3.")


def judge_status_list(text: str, _scope: Scope) -> Judged:
    """One to three codes, kept with commas between; 0 says that there is nothing special."""
    codes = [part.strip() for part in _LIST.split(text) if part.strip()]
    if not codes or len(codes) > _STATUSES_MAX or not all(re.fullmatch("[0-9]{1,2}", code) for code in codes):
        return refused(
            "special-status",
            "特殊身分別為代碼，最多 3 個，以逗號分隔；一般生填 0。",
            "One to three codes with commas between; 0 for none.",
        )
    kept = ",".join(dict.fromkeys(codes))
    if "0" in codes and len(codes) > 1:
        problem = Problem(
            "special-status-zero",
            "0（一般生）不應與其他身分別並列。",
            "0 stands beside another code.",
            "warning",
        )
        return Judged(kept, (problem,))
    return Judged(kept)


def judge_indigenous_status(text: str, _scope: Scope) -> Judged:
    """山原 or 平原."""
    short = {"山原": "山原", "平原": "平原", "山地原住民": "山原", "平地原住民": "平原"}.get(text)
    if short is not None:
        return Judged(short)
    return refused("indigenous-status", "原住民身分別只能填 山原 或 平原。", "It is 山原 or 平原.")


def judge_cadre_level(text: str, _scope: Scope) -> Judged:
    """1 school, 2 class, 3 club: the three that the school's roster uses."""
    if text in {"1", "2", "3"}:
        return Judged(text)
    return refused(
        "cadre-level",
        "幹部等級只能填 1（校級）、2（班級）、3（社團）。",
        "The level is 1, 2 or 3 in this roster.",
    )


def judge_phone(text: str, _scope: Scope) -> Judged:
    """A telephone number; a mobile number's lost zero is put back."""
    if re.fullmatch(r"9[0-9]{8}", text):
        return repaired(
            "0" + text,
            "phone-zero",
            f"手機號碼前面的 0 遺失，已補為 0{text}。",
            f"A lost zero was put back: 0{text}.",
        )
    if re.fullmatch(r"\+?[0-9][0-9 ()#*轉分機-]{4,29}|\([0-9]{2,4}\)[0-9 #*轉分機-]{5,24}", text):
        return Judged(text)
    return refused(
        "phone-shape", "電話只能用數字、空白與 - ( ) #，至少 5 碼。", "Digits, spaces and - ( ) # only."
    )


def text_of(length: int) -> Callable[[str, Scope], Judged]:
    """A judge of words of at most that many characters."""

    def judge(text: str, _scope: Scope) -> Judged:
        if len(text) <= length:
            return Judged(text)
        return refused("text-too-long", f"最多 {length} 字。", f"At most {length} characters.")

    return judge
