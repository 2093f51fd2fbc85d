from licheng.courseplans.plans.queries.boards import PlanBoard, begin_choices, plan_board
from licheng.courseplans.plans.queries.checking import (
    Checked,
    check_typed,
    course_written,
    group_written,
    plan_written,
)
from licheng.courseplans.plans.queries.pages import (
    course_page,
    course_rows,
    group_page,
    group_rows,
    head_of,
    plan_page,
)
from licheng.courseplans.plans.queries.readers import plan_readers
from licheng.courseplans.plans.queries.versions import compare_versions, correction_page

__all__ = [
    "Checked",
    "PlanBoard",
    "begin_choices",
    "check_typed",
    "compare_versions",
    "correction_page",
    "course_page",
    "course_rows",
    "course_written",
    "group_page",
    "group_rows",
    "group_written",
    "head_of",
    "plan_board",
    "plan_page",
    "plan_readers",
    "plan_written",
]
