"""Synthetic students and staff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from samples.maker.plan import CLASS_SIZE, GRADES, SCHOOL_YEAR, School, chance, rows_of, schools

# Both characters' second CP950 byte is 0x5C, a backslash to programmes that split bytes.
BACKSLASH_NAME = "許功蓋"
ROC_OFFSET = 1911


@dataclass(frozen=True, slots=True)
class Student:
    """One student; birth dates are seven-digit ROC dates."""

    id_no: str
    born: str
    number: str
    name: str
    sex: str
    grade: int
    class_name: str
    seat: int
    email: str


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff with all offices held."""

    account: str
    name: str
    roles: tuple[str, ...]
    email: str

    @property
    def teaches(self) -> bool:
        """Whether the person teaches courses."""
        return "任課教師" in self.roles


ROLES: tuple[tuple[str, ...], ...] = (
    ("註冊組",),
    ("課程學習成果提交人員", "多元表現提交人員"),
    ("收訖管理員",),
    ("任課教師", "課程諮詢教師"),
    ("系統管理員",),
    *((("任課教師", "導師"),) * 6),
    *((("任課教師",),) * 3),
)


def check_digit(body: str) -> str:
    """The tenth character that makes a national id or UI number of nine characters valid.

    Source: samples/reference/NOTICE.md, table national_id_letters.csv.
    """
    letters = {row["letter"]: row["code"] for row in rows_of("national_id_letters.csv")}
    second = body[1] if body[1].isdigit() else letters[body[1]][1]
    digits = [int(digit) for digit in letters[body[0]] + second + body[2:]]
    total = sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1), strict=True))
    return str(-total % 10)


def synthetic_id(school: School, serial: int, sex: str) -> str:
    """A made-up id whose check digit is right; unusually low serials set it apart from people's own.

    Two of every thirty-four are new UI numbers and one is an old one.
    """
    kinds = {3: ("8", "9"), 9: ("C", "D"), 20: ("8", "9")}
    male, female = kinds.get(serial % 34, ("1", "2"))
    letter = school.id_letters[serial % len(school.id_letters)]
    body = f"{letter}{male if sex == '男' else female}{serial:07d}"
    return body + check_digit(body)


def _born(grade: int, key: str) -> str:
    first = date(SCHOOL_YEAR + ROC_OFFSET - 15 - grade, 9, 2)
    day = first + timedelta(days=int(chance(f"born:{key}") * 364))
    return f"{day.year - ROC_OFFSET:03d}{day:%m%d}"


def _weighted(part: str, key: str) -> str:
    rows = [row for row in rows_of("names_common.csv") if row["part"] == part]
    weights = [float(row["weight"] or 1) for row in rows]
    mark = chance(key) * sum(weights)
    for row, weight in zip(rows, weights, strict=True):
        mark -= weight
        if mark < 0:
            return row["text"]
    return rows[-1]["text"]


def common_name(key: str, sex: str) -> str:
    """A usual name, drawn by how common its parts are."""
    given = "given_male" if sex == "男" else "given_female"
    return _weighted("surname", f"surname:{key}") + _weighted(given, f"given:{key}")


def fits_cp950(text: str) -> bool:
    """Whether the text comes back unchanged from CP950."""
    return text.encode("cp950", "ignore").decode("cp950") == text


def edge_names() -> dict[str, list[str]]:
    """The unusual but right names, by school code; a CP950 school gets those it can write."""
    homes: dict[str, list[str]] = {school.code: [] for school in schools()}
    for row in rows_of("names_edge_cases.csv"):
        if row["expected"] != "accept":
            continue
        name = row["escaped"].encode("ascii").decode("unicode_escape")
        able = [school.code for school in schools() if school.style != "cp950" or fits_cp950(name)]
        homes[min(able, key=lambda code: len(homes[code]))].append(name)
    for school in schools():
        if school.style == "cp950":
            homes[school.code].append(BACKSLASH_NAME)
    return homes


def classes_of(school: School) -> list[tuple[int, str]]:
    """Grade and name of each class."""
    return [(grade, programme.class_names[grade - 1]) for grade in GRADES for programme in school.programmes]


def students_of(school: School) -> Iterator[Student]:
    """The school's students by class and seat; unusual names sit on the first seats."""
    unusual = edge_names()[school.code]
    classes = classes_of(school)
    for place, (grade, class_name) in enumerate(classes):
        names = unusual[place :: len(classes)]
        for seat in range(1, CLASS_SIZE + 1):
            serial = school.number * 1000 + place * CLASS_SIZE + seat
            sex = "男" if chance(f"sex:{serial}") < 1 / 2 else "女"
            number = f"{SCHOOL_YEAR - grade + 1}{serial:04d}"
            if school.style == "utf8":
                number = f"0{number}"
            name = names[seat - 1] if seat <= len(names) else common_name(str(serial), sex)
            yield Student(
                id_no=synthetic_id(school, serial, sex),
                born=_born(grade, str(serial)),
                number=number,
                name=name,
                sex=sex,
                grade=grade,
                class_name=class_name,
                seat=seat,
                email=f"s{number}@example.invalid",
            )


def staff_of(school: School) -> Sequence[Staff]:
    """The school's staff; names are common ones."""
    found = []
    for place, roles in enumerate(ROLES, start=1):
        account = f"t{school.number}{place:02d}"
        sex = "男" if chance(f"sex:{account}") < 1 / 2 else "女"
        found.append(Staff(account, common_name(account, sex), roles, f"{account}@example.invalid"))
    return found
