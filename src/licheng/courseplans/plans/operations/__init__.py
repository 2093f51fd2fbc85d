from licheng.courseplans.plans.operations.corrections import (
    note_corrections,
    remove_correction,
    remove_stray_corrections,
)
from licheng.courseplans.plans.operations.courses import (
    add_course,
    change_course,
    copy_courses,
    remove_course,
    write_syllabus,
)
from licheng.courseplans.plans.operations.files import take_code_file
from licheng.courseplans.plans.operations.groups import add_group, change_group, remove_group
from licheng.courseplans.plans.operations.moves import (
    file_plan,
    hand_in_plan,
    return_in_school,
    return_plan,
    send_plan,
)
from licheng.courseplans.plans.operations.ordering import order_courses, order_groups
from licheng.courseplans.plans.operations.plans import begin_plan, begin_version, drop_plan
from licheng.courseplans.plans.operations.telling import tell_next

__all__ = [
    "add_course",
    "add_group",
    "begin_plan",
    "begin_version",
    "change_course",
    "change_group",
    "copy_courses",
    "drop_plan",
    "file_plan",
    "hand_in_plan",
    "note_corrections",
    "order_courses",
    "order_groups",
    "remove_correction",
    "remove_course",
    "remove_group",
    "remove_stray_corrections",
    "return_in_school",
    "return_plan",
    "send_plan",
    "take_code_file",
    "tell_next",
    "write_syllabus",
]
