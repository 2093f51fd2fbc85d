from licheng.school.insight.queries.deadlines import Deadline, deadlines_of
from licheng.school.insight.queries.guardian import WardPage, ward_page
from licheng.school.insight.queries.staff import Block, StaffHome, staff_home
from licheng.school.insight.queries.student import StudentHome, student_home

__all__ = [
    "Block",
    "Deadline",
    "StaffHome",
    "StudentHome",
    "WardPage",
    "deadlines_of",
    "staff_home",
    "student_home",
    "ward_page",
]
