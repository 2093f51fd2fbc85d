"""Groups and courses carried over: into another group, another version, or the plan of another year."""

from collections.abc import Iterable, Mapping

from django.db.models import Model

from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup, Syllabus
from licheng.courseplans.plans.typed import PREFIX, prefix_of


def copy_plan(source: Plan, plan: Plan) -> None:
    """Carry everything of one plan over into another, new one; codes get the other's year."""
    groups = list(source.groups.all())
    made = PlanGroup.objects.bulk_create(_anew(one, plan=plan) for one in groups)
    over = {old.pk: new for old, new in zip(groups, made, strict=True)}
    copy_into(plan, list(source.courses.select_related("syllabus")), over)


def copy_into(
    plan: Plan, originals: Iterable[PlanCourse], groups: Mapping[int, PlanGroup], start: int | None = None
) -> None:
    """Copies of courses in the groups that stand for theirs, each with its syllabus.

    `start` is the place of the first; without one they keep the places they have.
    """
    originals = list(originals)
    courses = []
    for n, one in enumerate(originals):
        group = groups[one.group_id]
        course = _anew(one, plan=plan, group=group, code=prefix_of(plan, group) + one.code[PREFIX:])
        course.position = one.position if start is None else start + n
        courses.append(course)
    PlanCourse.objects.bulk_create(courses)
    Syllabus.objects.bulk_create(
        _anew(one.syllabus, course=course)
        for one, course in zip(originals, courses, strict=True)
        if hasattr(one, "syllabus")
    )


def _anew[M: Model](row: M, **other: object) -> M:
    """A new row with the columns of this one, except its key and what is given."""
    columns = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields  # noqa: SLF001 -- Django's documented name
        if not field.primary_key and field.name not in other
    }
    return type(row)(**columns, **other)
