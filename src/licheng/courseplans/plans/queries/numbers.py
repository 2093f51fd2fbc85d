"""Subject numbers: which one a course of the school's own gets."""

from django.utils.translation import gettext as _
from licheng_exchange import Refusal, next_subject_no

from licheng.courseplans.plans.models import Plan, PlanCourse
from licheng.courseplans.plans.typed import CourseTyped, said
from licheng.foundations.errors import Invalid


def free_subject(plan: Plan, typed: CourseTyped, *, but: int | None = None) -> str:
    """The number offered for a course: that of its name elsewhere in the plan, else the next that is free.

    `but` is the course itself while it is changed. Raises Invalid when no number is left.
    """
    rows = PlanCourse.objects.filter(plan=plan)
    if but is not None:
        rows = rows.exclude(pk=but)
    taken = list(rows.values_list("name", "category", "domain", "subject"))
    same = {
        subject
        for name, category, domain, subject in taken
        if (name, category, domain) == (typed.name, typed.category, typed.domain)
    }
    if len(same) == 1:
        return str(same.pop())
    try:
        return next_subject_no({subject for *_parts, subject in taken})
    except Refusal as refusal:
        raise Invalid(field=_("科目名稱代碼"), reason=said(refusal)) from refusal
