"""A semester's marks of a made-up school: student after student, course after course."""

from collections.abc import Iterator

CODE = "070406"
STUDENTS = 3_000
MARK_HEAD = (
    "學校代碼,學年度,學期,身分證號,學號,課程代碼,科目名稱,開課年級,修課學分,學期學業成績,成績及格,補考成績,"
    "補考及格,是否採計學分,質性文字描述"
)


def course_code(number: int) -> str:
    """The code of the n-th course of the school."""
    return f"115{CODE}V26401010101{number:02d}"


def national_id(number: int) -> str:
    """A valid number for a serial."""
    digits = f"{1 + number % 2}{number:07d}"
    total = 1 + sum(int(d) * w for d, w in zip(digits, (8, 7, 6, 5, 4, 3, 2, 1), strict=True))
    return f"A{digits}{-total % 10}"


def mark_lines(rows: int, *, wrong: int = 0) -> Iterator[str]:
    """The header and so many marks; the first `wrong` ones are no marks."""
    yield MARK_HEAD
    for number in range(rows):
        student, course = number % STUDENTS, number // STUDENTS
        score = 3000 + number * 7 % 7000 if number >= wrong else 10_100
        yield (
            f"{CODE},115,1,{national_id(student)},{1_000_000 + student},{course_code(course)},科目{course},"
            f"1,3,{score / 100},{int(score >= 60 * 100)},-1,-1,1,"
        )
