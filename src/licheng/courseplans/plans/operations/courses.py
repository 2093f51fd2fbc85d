from dataclasses import replace

from django.db import transaction

from licheng.courseplans.plans.errors import ChangedMeanwhile, CodeTaken, GoneMeanwhile
from licheng.courseplans.plans.models import Plan, PlanCourse, Syllabus
from licheng.courseplans.plans.operations.copying import copy_into
from licheng.courseplans.plans.operations.drafts import group_of, locked_draft, next_position, same_code
from licheng.courseplans.plans.queries.numbers import free_subject
from licheng.courseplans.plans.typed import (
    PREFIX,
    CourseTyped,
    SyllabusTyped,
    course_line,
    in_order,
    seen_of,
    subject_parts,
    syllabus_checked,
)
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound


@transaction.atomic
def add_course(*, actor: Actor, plan_id: int, group_id: int, typed: CourseTyped) -> PlanCourse:
    """Add a course to a group; without subject number it gets the next free one.

    Raises NotFound, NotAllowed, WrongState, Invalid, CodeTaken.
    """
    plan = locked_draft(actor, plan_id)
    group = group_of(plan, group_id)
    course = PlanCourse(plan=plan, group=group, position=next_position(group.courses.all()))
    _take(plan, course, typed)
    course.save(force_insert=True)
    record(actor=actor, action="plan_course.added", subject=course, plan=plan.pk, code=course.code)
    return course


@transaction.atomic
def change_course(*, actor: Actor, plan_id: int, course_id: int, typed: CourseTyped, seen: str) -> PlanCourse:
    """Write a course anew; `seen` is the digest of what the editor had before her.

    Raises NotFound, NotAllowed, WrongState, GoneMeanwhile, ChangedMeanwhile, Invalid, CodeTaken.
    """
    plan = locked_draft(actor, plan_id)
    course = _as_seen(plan, course_id, seen)
    before = course.code
    _take(plan, course, typed)
    course.save()
    facts = {"plan": plan.pk, "code": course.code} | ({"before": before} if before != course.code else {})
    record(actor=actor, action="plan_course.changed", subject=course, **facts)
    return course


@transaction.atomic
def remove_course(*, actor: Actor, plan_id: int, course_id: int, seen: str) -> PlanCourse:
    """Take a course out of a plan, with its syllabus.

    Raises NotFound, also when somebody else has done it, NotAllowed, WrongState, ChangedMeanwhile.
    """
    plan = locked_draft(actor, plan_id)
    try:
        course = _as_seen(plan, course_id, seen)
    except GoneMeanwhile as gone:
        raise NotFound from gone
    record(actor=actor, action="plan_course.removed", subject=course, plan=plan.pk, code=course.code)
    course.delete()
    return course


@transaction.atomic
def copy_courses(*, actor: Actor, plan_id: int, from_group_id: int, to_group_id: int) -> int:
    """Copy what another group of the plan has, with syllabi, except courses that are there already; how many.

    Raises NotFound, NotAllowed, WrongState.
    """
    plan = locked_draft(actor, plan_id)
    source, group = group_of(plan, from_group_id), group_of(plan, to_group_id)
    here = {code[PREFIX:] for code in group.courses.values_list("code", flat=True)}
    wanted = [one for one in source.courses.select_related("syllabus") if one.code[PREFIX:] not in here]
    copy_into(plan, wanted, {source.pk: group}, start=next_position(group.courses.all()))
    facts = {"plan": plan.pk, "source": source.pk, "n": len(wanted)}
    record(actor=actor, action="plan_course.copied", subject=group, **facts)
    return len(wanted)


@transaction.atomic
def write_syllabus(
    *, actor: Actor, plan_id: int, course_id: int, typed: SyllabusTyped, seen: str
) -> Syllabus:
    """Write a course's syllabus anew; `seen` is the digest of the one the editor had, empty for none.

    Raises NotFound, NotAllowed, WrongState, ChangedMeanwhile, Invalid.
    """
    plan = locked_draft(actor, plan_id)
    course = PlanCourse.objects.filter(plan=plan, pk=course_id).select_related("syllabus").first()
    if course is None:
        raise NotFound
    here: Syllabus | None = getattr(course, "syllabus", None)
    if seen_of(here) != seen:
        raise ChangedMeanwhile
    typed = syllabus_checked(typed)
    syllabus = here or Syllabus(course=course)
    syllabus.goals, syllabus.assessment = typed.goals, typed.assessment
    syllabus.resources, syllabus.notes = typed.resources, typed.notes
    syllabus.units = [{"title": t, "hours": h, "content": c} for t, h, c in typed.units]
    syllabus.save()
    record(actor=actor, action="plan_course.syllabus_written", subject=course, plan=plan.pk)
    return syllabus


def _as_seen(plan: Plan, course_id: int, seen: str) -> PlanCourse:
    course = PlanCourse.objects.filter(plan=plan, pk=course_id).select_related("group").first()
    if course is None:
        raise GoneMeanwhile
    if seen_of(course) != seen:
        raise ChangedMeanwhile
    return course


def _take(plan: Plan, course: PlanCourse, typed: CourseTyped) -> None:
    """Fill the row from what was typed. Raises Invalid, CodeTaken."""
    typed = in_order(typed)
    if not typed.subject:
        typed = replace(typed, subject=free_subject(plan, typed, but=course.pk))
    line = course_line(plan, course.group, typed)
    other = same_code(plan, line.code, course.pk)
    if other is not None:
        raise CodeTaken(code=line.code, name=other.name)
    course.code, course.name, course.credits = line.code, line.name, line.credits
    for name, value in subject_parts(typed).items():
        setattr(course, name, value)
