"""Which enrolments can have course outcomes: pure rules, asked by lists and by operations alike."""

from licheng.foundations.errors import DomainError
from licheng.school.calendar.queries import Place
from licheng.school.outcomes.errors import CourseExcluded, NoCredits, OtherSemester
from licheng.school.records.models import Enrolment

CATEGORY, ATTRIBUTE = 16, 18  # places in the 23 characters; domain reference §3.1
GROUP_AND_FLEXIBLE = frozenset("89")  # 團體活動, 彈性學習
WITH_CREDIT = "D"


def refusal_for(enrolment: Enrolment, place: Place) -> DomainError | None:
    """Why this enrolment cannot have outcomes now; None when it can. Needs `offering.course` loaded.

    Source: domain reference §2.4 (exclusion rule, scope 有採計學分之科目).
    """
    offering = enrolment.offering
    course = offering.course
    if (offering.school_year, offering.semester) != (place.school_year, place.semester):
        return OtherSemester(course=course.name)
    if is_excluded(course.code):
        return CourseExcluded(course=course.name)
    if enrolment.credits == 0:
        return NoCredits(course=course.name)
    return None


def is_excluded(code: str) -> bool:
    """Whether a course code belongs to group activities or flexible learning that give no credit."""
    return code[CATEGORY] in GROUP_AND_FLEXIBLE and code[ATTRIBUTE] != WITH_CREDIT
