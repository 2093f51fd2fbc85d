"""Marks as the rosters bring them."""

from licheng.school.records.models import Counting, CourseMark, Sheet
from tests.factories import SEMESTER, YEAR

CODE = "115{school}H11101A1010101"


def mark(student, sheet=Sheet.SEMESTER, name="國語文", **more):
    """One row of a mark roster: two credits, 80, passed, unless said otherwise."""
    place = {"school_year": YEAR, "semester": SEMESTER}
    values = {
        "course_code": CODE.format(school=student.school.code),
        "course_name": name,
        "grade": 1,
        "credits": 2,
        "score": 80,
        "passed": True,
        "counting": Counting.COUNTED,
        "taken_year": YEAR,
        "taken_semester": SEMESTER,
    }
    return CourseMark(school=student.school, student=student, sheet=sheet, **(place | values | more))


def code_of(student, number):
    """A course's code of the student's school, by a number."""
    return f"115{student.school.code}H11101A10101{number:02d}"
