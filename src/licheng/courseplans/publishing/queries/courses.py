"""One course by its code: what the code says part by part, when the course is taught, what it is about."""

from dataclasses import dataclass

from licheng_exchange import CodePart, CourseCode, InvalidCourseCode, explain_course_code, parse_course_code

from licheng.courseplans.offices.models import PlanSchool
from licheng.courseplans.plans.models import Correction, PlanCourse, Syllabus
from licheng.courseplans.plans.states import PlanState
from licheng.courseplans.publishing import words
from licheng.courseplans.publishing.errors import NotOnFile
from licheng.courseplans.publishing.queries.filed import filed_plan


@dataclass(frozen=True, slots=True)
class CoursePage:
    """What is known of a code; without `course` no plan on file has it, and only its parts are explained.

    `is_current`: the plan that counts now has it. `replaced_by` and `replaces`: corrections of the code.
    """

    code: str
    parts: list[CodePart]
    school: PlanSchool | None
    course: PlanCourse | None = None
    syllabus: Syllabus | None = None
    is_current: bool = False
    replaced_by: Correction | None = None
    replaces: Correction | None = None
    group_title: str = ""
    semesters: tuple[words.Taught, ...] = ()
    total: int = 0
    is_in_periods: bool = False
    category: str = ""
    meaning: str = ""
    domain: str = ""


def course_page(text: str) -> CoursePage:
    """The course with this code, from the newest plan on file that has it; at most five queries.

    Raises NotOnFile for a text that cannot be a course code.
    """
    try:
        code = parse_course_code(text)
    except InvalidCourseCode as wrong:
        raise NotOnFile from wrong
    parts = explain_course_code(code)
    filed = PlanCourse.objects.filter(code=text, plan__state=PlanState.FILED).order_by("-plan__version")
    course = filed.select_related("plan__plan_school", "group", "syllabus").first()
    replaced_by, replaces = _corrections(text)
    if course is None:
        school = PlanSchool.objects.filter(code=code.school_code).first()
        return CoursePage(text, parts, school, replaced_by=replaced_by, replaces=replaces)
    is_current = _counts_now(course, code)
    return CoursePage(
        code=text,
        parts=parts,
        school=course.plan.plan_school,
        course=course,
        syllabus=getattr(course, "syllabus", None),
        is_current=is_current,
        replaced_by=None if is_current else replaced_by,  # a code may come back in a later version
        replaces=replaces,
        group_title=words.group_title(course.group),
        semesters=tuple(words.semesters(course.credits)),
        total=words.credits_total(course.credits),
        is_in_periods=words.is_in_periods(course.category, course.attribute),
        category=words.category_name(course.category),
        meaning=str(words.MEANINGS.get(course.category, "")),
        domain=words.domain_name(course.domain),
    )


def _counts_now(course: PlanCourse, code: CourseCode) -> bool:
    return filed_plan(course.plan.plan_school.code, code.entry_year).pk == course.plan_id


def _corrections(text: str) -> tuple[Correction | None, Correction | None]:
    """The filed correction that replaced this code, and the one that brought it."""
    filed = Correction.objects.filter(plan__state=PlanState.FILED).order_by("-plan__version")
    return filed.filter(old_code=text).first(), filed.filter(new_code=text).first()
