"""Course codes of the sample schools, rewritten from real ones to their entry years."""

from collections.abc import Iterator
from dataclasses import dataclass

from samples.maker.plan import GRADES, SCHOOL_YEAR, SEMESTER, Programme, School, rows_of

MODEL_SCHOOL = "070406"
MODEL_DEPARTMENTS = {"401": "401", "402": "402", "F13": "401"}
WITHOUT_CREDIT = frozenset("89")
COURSES_PER_CLASS = 10

# The samples hold half of a real plan. These tails (the last 7 characters of real codes) complete it,
# with credits spread so that every semester has at least eight courses.
ACADEMIC_TAILS = {
    "1010101": "444442",
    "1010102": "444422",
    "1010207": "444422",
    "1010309": "222200",
    "101030B": "222200",
    "101041C": "222222",
    "101050U": "110000",
    "101050V": "001100",
    "101050W": "000011",
    "101060Y": "000011",
    "1010712": "110011",
    "1010713": "220022",
    "1010814": "110000",
    "1010815": "222222",
    "1010916": "110000",
    "8D00001": "333333",
    "9D00001": "222222",
}
VOCATIONAL_TAILS = {
    "1010309": "001100",
    "101030B": "110000",
    "101041C": "111100",
    "101050U": "110000",
    "101050W": "000011",
    "101060Y": "000011",
    "1010814": "110000",
    "1010916": "110000",
    "2010003": "003322",
    "2010090": "112222",
}


@dataclass(frozen=True, slots=True)
class Course:
    """One line of a course-code file; `credits` has one character per semester."""

    code: str
    name: str
    credits: str

    @property
    def entry_year(self) -> int:
        """The school year in which the students of this course entered."""
        return int(self.code[:3])

    def bears_credit(self, semester_index: int) -> bool:
        """Whether the course is taught for credit in that semester, 1 to 6."""
        return self.credits[semester_index - 1] != "0" and self.code[16] not in WITHOUT_CREDIT


def semester_index(grade: int) -> int:
    """Which of the six semesters a grade is in now."""
    return 2 * (grade - 1) + SEMESTER


def entry_year(grade: int) -> int:
    """When the students now in `grade` entered."""
    return SCHOOL_YEAR - grade + 1


def _model_tails(department: str) -> dict[str, str]:
    return {
        row["course_code"][16:]: row["credits_6sem"]
        for row in rows_of("course_code_samples.csv")
        if row["school_code"] == MODEL_SCHOOL and row["department"] == department and row["credits_6sem"]
    }


def _names(department: str) -> dict[str, str]:
    """Subject names by tail; the department's own names win over the other departments' ones."""
    rows = [row for row in rows_of("course_code_samples.csv") if row["subject_name"]]
    rows.sort(key=lambda row: (row["department"] == department, row["course_code"]))
    return {row["course_code"][16:]: row["subject_name"] for row in rows}


def _tails(programme: Programme) -> dict[str, str]:
    if not programme.vocational:
        return ACADEMIC_TAILS
    return _model_tails(MODEL_DEPARTMENTS[programme.department]) | VOCATIONAL_TAILS


def courses_of(school: School) -> Iterator[Course]:
    """All courses of the three entry years now at the school, in order of their codes."""
    found = []
    for programme in school.programmes:
        names = _names(MODEL_DEPARTMENTS.get(programme.department, ""))
        for grade in GRADES:
            head = f"{entry_year(grade)}{school.code}{school.course_type}"
            head += f"{programme.group}{programme.department}{programme.class_group}"
            found += [Course(head + tail, names[tail], plan) for tail, plan in _tails(programme).items()]
    yield from sorted(found, key=lambda course: course.code)


def courses_of_class(school: School, programme: Programme, grade: int) -> list[Course]:
    """What one class takes this semester: credit-bearing courses, required ones first."""
    middle = f"{programme.group}{programme.department}{programme.class_group}"
    fitting = [
        course
        for course in courses_of(school)
        if course.entry_year == entry_year(grade)
        and course.code[10:16] == middle
        and course.bears_credit(semester_index(grade))
    ]
    return fitting[:COURSES_PER_CLASS]


def code_file(school: School) -> str:
    """The text of the school's course-code file: code of 23, name of at most 30, credits of 6."""
    return "".join(f"{course.code}, {course.name}, {course.credits}\r\n" for course in courses_of(school))
