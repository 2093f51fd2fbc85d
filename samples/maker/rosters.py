"""The four rosters of a school as rows, and the three ways schools save them."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from samples.maker.courses import Course, courses_of_class
from samples.maker.people import Staff, classes_of, staff_of, students_of
from samples.maker.plan import GRADES, SCHOOL_YEAR, SEMESTER, School

type Row = tuple[str, ...]

PRINTED = datetime(2026, 9, 1, tzinfo=UTC).replace(tzinfo=None)  # XlsxWriter takes naive times only
OLDEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
ROLE_SEPARATOR = "、"


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster before it is written: file stem, Chinese title, header and rows."""

    stem: str
    title: str
    header: Row
    rows: tuple[Row, ...]


STUDENT_HEADER = (
    "身分證號",
    "出生日期",
    "學號",
    "姓名",
    "性別",
    "年級",
    "班級",
    "座號",
    "學校代碼",
    "電子郵件",
)
STAFF_HEADER = ("帳號", "姓名", "職務", "電子郵件", "學校代碼")
CLASS_HEADER = ("學年度", "年級", "班級", "導師帳號", "學校代碼")
ENROLMENT_HEADER = (
    "學年度",
    "學期",
    "課程代碼",
    "科目名稱",
    "開課班級",
    "學號",
    "任課教師帳號",
    "學校代碼",
)


def students_roster(school: School) -> Roster:
    """學生資料名冊."""
    rows = tuple(
        (
            student.id_no,
            student.born,
            student.number,
            student.name,
            student.sex,
            str(student.grade),
            student.class_name,
            f"{student.seat:02d}",
            school.code,
            student.email,
        )
        for student in students_of(school)
    )
    return Roster("students", "學生資料名冊", STUDENT_HEADER, rows)


def staff_roster(school: School) -> Roster:
    """教職員名冊."""
    rows = tuple(
        (person.account, person.name, ROLE_SEPARATOR.join(person.roles), person.email, school.code)
        for person in staff_of(school)
    )
    return Roster("staff", "教職員名冊", STAFF_HEADER, rows)


def classes_roster(school: School) -> Roster:
    """班級名冊, each class with its own 導師."""
    tutors = [person for person in staff_of(school) if "導師" in person.roles]
    rows = tuple(
        (str(SCHOOL_YEAR), str(grade), class_name, tutor.account, school.code)
        for (grade, class_name), tutor in zip(classes_of(school), tutors, strict=True)
    )
    return Roster("classes", "班級名冊", CLASS_HEADER, rows)


def teacher_of(school: School, course: Course) -> Staff:
    """The teacher of a course: one person teaches a subject in all classes."""
    names = sorted(
        {
            taught.name
            for programme in school.programmes
            for grade in GRADES
            for taught in courses_of_class(school, programme, grade)
        }
    )
    teachers = [person for person in staff_of(school) if person.teaches]
    return teachers[names.index(course.name) % len(teachers)]


def enrolments_roster(school: School) -> Roster:
    """修課名冊: every student takes all courses of the class."""
    numbers: dict[str, list[str]] = {}
    for student in students_of(school):
        numbers.setdefault(student.class_name, []).append(student.number)
    rows: list[Row] = []
    for grade in GRADES:
        for programme in school.programmes:
            class_name = programme.class_names[grade - 1]
            for course in courses_of_class(school, programme, grade):
                account = teacher_of(school, course).account
                head = (str(SCHOOL_YEAR), str(SEMESTER), course.code, course.name, class_name)
                rows += [(*head, number, account, school.code) for number in numbers[class_name]]
    return Roster("enrolments", "修課名冊", ENROLMENT_HEADER, tuple(rows))


def rosters_of(school: School) -> tuple[Roster, ...]:
    """All four rosters."""
    return (
        students_roster(school),
        staff_roster(school),
        classes_roster(school),
        enrolments_roster(school),
    )


def csv_text(rows: Sequence[Row]) -> str:
    """CSV as spreadsheet programmes write it: CRLF, quotes only where needed."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _stored(archive: bytes) -> bytes:
    """The same ZIP without compression, so that no compressor's version shows in the bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target,
    ):
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, OLDEST_ZIP_DATE), source.read(name))
    return out.getvalue()


def xlsx_bytes(roster: Roster) -> bytes:
    """A workbook with one sheet of text cells."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": roster.title, "created": PRINTED})
    sheet = book.add_worksheet(roster.title)
    for place, row in enumerate((roster.header, *roster.rows)):
        for column, cell in enumerate(row):
            sheet.write_string(place, column, cell)
    book.close()
    return _stored(out.getvalue())


def title_rows(roster: Roster) -> list[Row]:
    """What some school systems print above the header."""
    width = len(roster.header)
    titles = (f"{SCHOOL_YEAR}學年度第{SEMESTER}學期 {roster.title}", f"列印日期：{SCHOOL_YEAR}/09/01")
    return [(title, *("",) * (width - 1)) for title in titles]


def write_roster(folder: Path, school: School, roster: Roster) -> None:
    """One roster in the way the school saves its files."""
    if school.style == "xlsx":
        (folder / f"{roster.stem}.xlsx").write_bytes(xlsx_bytes(roster))
        return
    path = folder / f"{roster.stem}.csv"
    if school.style == "cp950":
        path.write_bytes(csv_text((roster.header, *roster.rows)).encode("cp950"))
        return
    rows = (*title_rows(roster), roster.header, *roster.rows)
    path.write_bytes(csv_text(rows).encode("utf-8-sig"))
