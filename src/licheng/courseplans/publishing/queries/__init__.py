"""What everybody may read: plans on file in their newest version; any course ever on file, by its code."""

from licheng.courseplans.publishing.queries.courses import CoursePage, course_page
from licheng.courseplans.publishing.queries.filed import (
    FiledPlan,
    filed_plan,
    filed_plans,
    filed_years,
    latest_plans,
    years_on_file,
)
from licheng.courseplans.publishing.queries.schools import GroupPage, SchoolPage, group_page, school_page
from licheng.courseplans.publishing.queries.searching import Asked, Found, counties_of, search

__all__ = [
    "Asked",
    "CoursePage",
    "FiledPlan",
    "Found",
    "GroupPage",
    "SchoolPage",
    "counties_of",
    "course_page",
    "filed_plan",
    "filed_plans",
    "filed_years",
    "group_page",
    "latest_plans",
    "school_page",
    "search",
    "years_on_file",
]
