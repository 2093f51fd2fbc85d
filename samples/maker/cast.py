"""Who plays the walk-through: for each school its offices, one teacher and some of the teacher's students."""

from samples.maker.courses import Course, courses_of_class
from samples.maker.people import Staff, Student, staff_of, students_of
from samples.maker.plan import GRADES, School, schools
from samples.maker.rosters import teacher_of

STUDENTS = {1: 8}
USUAL_STUDENTS = 6


def _holder(school: School, role: str) -> dict[str, str]:
    holder = next(person for person in staff_of(school) if role in person.roles)
    return {"account": holder.account, "name": holder.name}


def _courses_of_subject(school: School) -> dict[str, Course]:
    """By class name, the course of the cast's subject."""
    found = {}
    for grade in GRADES:
        for programme in school.programmes:
            for course in courses_of_class(school, programme, grade):
                if course.name == school.cast_subject:
                    found[programme.class_names[grade - 1]] = course
    return found


def _actors(school: School, courses: dict[str, Course]) -> list[Student]:
    """The students on the first seats of every class, where the unusual names are."""
    by_seat = sorted(students_of(school), key=lambda student: student.seat)
    wanted = STUDENTS.get(school.number, USUAL_STUDENTS)
    return [student for student in by_seat if student.class_name in courses][:wanted]


def cast_of(school: School) -> dict[str, object]:
    """The cast of one school."""
    courses = _courses_of_subject(school)
    teacher: Staff = teacher_of(school, next(iter(courses.values())))
    students = [
        {
            "student_no": student.number,
            "name": student.name,
            "grade": student.grade,
            "class_name": student.class_name,
            "course_code": courses[student.class_name].code,
            "subject_name": courses[student.class_name].name,
        }
        for student in _actors(school, courses)
    ]
    return {
        "school_code": school.code,
        "registrar": _holder(school, "註冊組"),
        "submitter": _holder(school, "課程學習成果提交人員"),
        "receipt_manager": _holder(school, "收訖管理員"),
        "administrator": _holder(school, "系統管理員"),
        "teacher": {"account": teacher.account, "name": teacher.name},
        "students": students,
    }


def cast() -> dict[str, object]:
    """The cast of all schools."""
    return {"schools": [cast_of(school) for school in schools()]}
