"""The rules of every cell type but names and dates."""

import re
from typing import Final

import polars as pl

from licheng_exchange._codes import InvalidCourseCode, parse_course_code, parse_credits
from licheng_exchange._ids import LETTER_CODES, check_id
from licheng_exchange._rosters.judging import Judged, Problem, Scope, refused, repaired, whole_number
from licheng_exchange._tables import codes_of

DUTIES: Final = (
    "任課教師",
    "導師",
    "課程諮詢教師",
    "註冊組",
    "課程學習成果提交人員",
    "多元表現提交人員",
    "收訖管理員",
    "系統管理員",
)
_GENDERS: Final = {
    "男": "1",
    "女": "2",
    "1": "1",
    "2": "2",
    "男生": "1",
    "女生": "2",
    "男性": "1",
    "女性": "2",
}
_HAN_DIGITS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}
_GRADE: Final = re.compile(r"(?:第)?(?:高|職)?([0-9]{1,2}|[一二三四])(?:年級|年)?")
_SEMESTER: Final = re.compile(r"第?([0-9]{1,2}|[一二三四])(?:學期)?")
_LIST: Final = re.compile(r"[、;；,，]")
_GRADES: Final = range(1, 4)
_SEMESTERS: Final = range(1, 5)
_SEATS: Final = range(1, 100)
_SCHOOL_YEARS: Final = range(108, 200)  # ROC
_CLASS_NAME_MAX: Final = 20
_COURSE_NAME_MAX: Final = 30
_CREDITS: Final = 6
_EMAIL_MAX: Final = 254


def judge_gender(text: str, _scope: Scope) -> Judged:
    """男 or 女, or their codes 1 and 2; the value is the code."""
    if text in _GENDERS:
        return Judged(_GENDERS[text])
    return refused("gender-unknown", "性別只能填 男、女（或 1、2）。", "Gender is 男 or 女 (or 1, 2).")


def judge_grade(text: str, _scope: Scope) -> Judged:
    """1 to 3, also written 一年級 or 高一."""
    number = _numeral(_GRADE.fullmatch(text))
    if number in _GRADES:
        return Judged(number)
    return refused("grade-range", "年級只能填 1、2、3。", "The grade is 1, 2 or 3.")


def judge_semester(text: str, scope: Scope) -> Judged:
    """1 to 4, also written 第一學期 or 上學期."""
    number = {"上": 1, "下": 2, "上學期": 1, "下學期": 2}.get(text) or _numeral(_SEMESTER.fullmatch(text))
    if number not in _SEMESTERS:
        return refused("semester-range", "學期只能填 1 至 4。", "The semester is 1 to 4.")
    expected = scope.context.semester
    if expected is not None and number != expected:
        return refused(
            "semester-other",
            f"這是第 {number} 學期的資料，這次匯入的是第 {expected} 學期。",
            f"Semester {expected} was expected.",
        )
    return Judged(number)


def judge_school_year(text: str, scope: Scope) -> Judged:
    """An ROC school year such as 115."""
    year = whole_number(text.removesuffix("學年度").removesuffix("學年"))
    if year not in _SCHOOL_YEARS:
        return refused(
            "school-year-range", "學年度請填民國年，例如 115。", "The school year is an ROC year such as 115."
        )
    expected = scope.context.school_year
    if expected is not None and year != expected:
        return refused(
            "school-year-other",
            f"這是 {year} 學年度的資料，這次匯入的是 {expected} 學年度。",
            f"Year {expected} was expected.",
        )
    return Judged(year)


def judge_seat_no(text: str, _scope: Scope) -> Judged:
    """1 to 99, with or without a leading zero."""
    number = whole_number(text)
    if number in _SEATS:
        return Judged(number)
    return refused("seat-no-range", "座號只能填 1 至 99。", "The seat number is 1 to 99.")


def judge_school_code(text: str, scope: Scope) -> Judged:
    """The code of this school; 進修部 has one of its own, so there another code is only doubted."""
    judged = judge_any_school(text, scope)
    own = scope.own_code
    if judged.value is None or own is None or judged.value == own:
        return judged
    if scope.division == "evening" and scope.context.evening_school_code is None:
        problem = Problem(
            "school-code-evening",
            f"學校代碼不是 {own}；如果這是本校進修部的代碼，可以匯入。",
            f"Not {own}; right if it is the evening division's own code.",
            "warning",
        )
        return Judged(judged.value, (*judged.problems, problem))
    return refused(
        "school-code-other", f"學校代碼不是本校（{own}），這列屬於別的學校。", f"Not this school ({own})."
    )


def judge_any_school(text: str, scope: Scope) -> Judged:
    """Six characters; five digits are the same code with its zero lost."""
    code = "0" + text if re.fullmatch("[0-9]{5}", text) else text
    if not re.fullmatch("[0-9A-Z]{6}", code):
        return refused(
            "school-code-shape", "學校代碼應為 6 碼數字或大寫字母。", "A school code is 6 digits or capitals."
        )
    if code in codes_of("test_schools"):
        return refused(
            "school-code-test", f"「{code}」是測試用學校代碼，不能匯入。", f"{code} is a test school."
        )
    known = scope.context.known_schools
    if known is not None and code not in known and code != scope.own_code:
        return refused(
            "school-code-unknown", "學校代碼不在學校名錄中。", "The school code is not in the directory."
        )
    if code == text:
        return Judged(code)
    return repaired(
        code,
        "school-code-zero",
        f"學校代碼前面的 0 遺失，已補為 {code}。",
        f"A lost zero was put back: {code}.",
    )


def judge_national_id(text: str, _scope: Scope) -> Judged:
    """A valid national or resident number."""
    verdict = check_id(text)
    if verdict.valid:
        return Judged(text)
    rule = "national-id-checksum" if verdict.kind else "national-id-shape"
    return refused(
        rule, f"身分證號不正確：{verdict.reason_zh}", f"The ID number is wrong: {verdict.reason_en}"
    )


def suspect_national_id(text: pl.Expr) -> pl.Expr:
    """True where a number has not one of the three shapes or its weighted sum is no multiple of ten."""
    shaped = text.str.contains(r"^[A-Z][12A-D89][0-9]{8}$")
    letter = text.str.slice(0, 1).replace_strict(LETTER_CODES, default=0, return_dtype=pl.Int64)
    second = text.str.slice(1, 1).str.replace_many(["A", "B", "C", "D"], ["0", "1", "2", "3"])
    rest = text.str.slice(2, 8).cast(pl.Int64, strict=False).fill_null(0)
    total = letter // 10 + letter % 10 * 9 + second.cast(pl.Int64, strict=False).fill_null(0) * 8
    for place, weight in enumerate((1, 1, 2, 3, 4, 5, 6, 7)):
        total = total + rest // 10**place % 10 * weight
    return ~shaped | (total % 10 != 0)


def judge_student_no(text: str, _scope: Scope) -> Judged:
    """Letters, digits and hyphens, at most 20."""
    if re.fullmatch(r"[0-9A-Za-z_-]{1,20}", text):
        return Judged(text)
    return refused(
        "student-no-shape", "學號只能用英數字與連字號，最多 20 碼。", "Letters, digits, hyphens; at most 20."
    )


def judge_account(text: str, _scope: Scope) -> Judged:
    """One account name without spaces or separators."""
    if re.fullmatch(r"[^\s、;；,，]{1,64}", text):
        return Judged(text)
    return refused(
        "account-shape", "帳號不能有空白或分隔符號，最多 64 字。", "No spaces or separators; at most 64."
    )


def judge_account_list(text: str, scope: Scope) -> Judged:
    """Account names separated by 、 ; or ,."""
    accounts = [part.strip() for part in _LIST.split(text) if part.strip()]
    if not accounts or any(judge_account(account, scope).problems for account in accounts):
        return refused(
            "account-shape", "帳號不能有空白，多個帳號以「、」分隔。", "No spaces; separate accounts by 、."
        )
    unknown = _unknown_accounts(accounts, scope)
    if unknown:
        return refused(
            "staff-unknown",
            f"教職員名冊裡沒有帳號「{'、'.join(unknown)}」。",
            "No such account in the staff list.",
        )
    return Judged(list(dict.fromkeys(accounts)))


def judge_homeroom_account(text: str, scope: Scope) -> Judged:
    """One account, known to the staff list if the caller gave one."""
    judged = judge_account(text, scope)
    if not judged.problems and _unknown_accounts([text], scope):
        return refused(
            "staff-unknown", f"教職員名冊裡沒有帳號「{text}」。", "No such account in the staff list."
        )
    return judged


def judge_duties(text: str, _scope: Scope) -> Judged:
    """One or more of the known duties."""
    duties = [part.strip() for part in _LIST.split(text) if part.strip()]
    unknown = [duty for duty in duties if duty not in DUTIES]
    if unknown or not duties:
        return refused(
            "duty-unknown",
            f"職務只能填 {'、'.join(DUTIES)}。",
            "The duty is not one of the known ones (see the README).",
        )
    return Judged(list(dict.fromkeys(duties)))


def judge_email(text: str, _scope: Scope) -> Judged:
    """An address with one @ and a dotted domain."""
    if len(text) <= _EMAIL_MAX and re.fullmatch(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+", text):
        return Judged(text)
    return refused("email-shape", "電子郵件格式不正確。", "Not an e-mail address.")


def judge_class_name(text: str, _scope: Scope) -> Judged:
    """A class name of at most 20 characters."""
    if len(text) <= _CLASS_NAME_MAX:
        return Judged(text)
    return refused(
        "class-name-too-long",
        f"班級名稱超過 {_CLASS_NAME_MAX} 字。",
        f"Longer than {_CLASS_NAME_MAX} characters.",
    )


def judge_course_name(text: str, _scope: Scope) -> Judged:
    """A course name of at most 30 characters."""
    if len(text) <= _COURSE_NAME_MAX:
        return Judged(text)
    return refused(
        "course-name-too-long",
        f"科目名稱超過 {_COURSE_NAME_MAX} 字。",
        f"Longer than {_COURSE_NAME_MAX} characters.",
    )


def judge_any_course_code(text: str, _scope: Scope) -> Judged:
    """A well-formed course code of any school but a test school."""
    try:
        code = parse_course_code(text)
    except InvalidCourseCode as refusal:
        return refused(refusal.rule, refusal.text_zh, refusal.text_en)
    if code.school_code in codes_of("test_schools"):
        return refused(
            "school-code-test", "課程代碼的學校代碼是測試用的，不能匯入。", "A test school's course code."
        )
    return Judged(text)


def judge_course_code(text: str, scope: Scope) -> Judged:
    """A well-formed course code of this school, known if the caller gave a list."""
    judged = judge_any_course_code(text, scope)
    if judged.problems:
        return judged
    own, school = scope.own_code, text[3:9]
    known = scope.context.course_codes
    if known is not None and text in known:
        return judged
    if own is not None and school != own:
        return _course_of_another_school(text, scope, own)
    if known is not None:
        return refused(
            "course-unknown",
            "課程代碼檔裡沒有這門課程，請先匯入課程代碼檔。",
            "Not in the imported course codes.",
        )
    return judged


def _course_of_another_school(text: str, scope: Scope, own: str) -> Judged:
    doubt = scope.division == "evening" and scope.context.evening_school_code is None
    problem = Problem(
        "course-code-school",
        f"課程代碼第 4-9 碼是 {text[3:9]}，不是本校 {own}。",
        f"Characters 4-9 are {text[3:9]}, not this school ({own}).",
        "warning" if doubt else "error",
    )
    return Judged(text if doubt else None, (problem,))


def judge_credits(text: str, _scope: Scope) -> Judged:
    """Six credit characters; fewer digits are the same field with its zeros lost."""
    whole = text.zfill(_CREDITS) if re.fullmatch("[0-9]{1,5}", text) else text
    try:
        parse_credits(whole)
    except InvalidCourseCode as refusal:
        return refused(refusal.rule, refusal.text_zh, refusal.text_en)
    if whole == text:
        return Judged(whole)
    return repaired(
        whole, "credits-zero", f"學分欄前面的 0 遺失，已補為 {whole}。", f"Lost zeros were put back: {whole}."
    )


def _numeral(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    return _HAN_DIGITS.get(match[1]) or int(match[1])


def _unknown_accounts(accounts: list[str], scope: Scope) -> list[str]:
    known = scope.context.staff_accounts
    return [] if known is None else [account for account in accounts if account not in known]
