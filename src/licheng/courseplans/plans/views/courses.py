from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.errors import ChangedMeanwhile, GoneMeanwhile
from licheng.courseplans.plans.forms import CourseForm
from licheng.courseplans.plans.models import PlanCourse, PlanGroup
from licheng.courseplans.plans.queries import (
    Checked,
    check_typed,
    course_page,
    course_written,
    group_page,
    group_written,
)
from licheng.courseplans.plans.typed import seen_of
from licheng.courseplans.plans.views.numbers import number
from licheng.courseplans.plans.views.sent import UNPROCESSABLE, say, show_new
from licheng.foundations.errors import DomainError
from licheng.foundations.requests import PersonRequest


@dataclass(slots=True)
class Writing:
    """One course being written: where, what is there now, what was typed, and what is to be said about it."""

    group: PlanGroup
    form: CourseForm
    course: PlanCourse | None = None
    checked: Checked | None = None
    now: PlanCourse | None = None
    status: int = 200

    def check(self) -> None:
        """Look at what was typed, without writing it."""
        if not self.form.is_valid():
            self.status = UNPROCESSABLE
            return
        try:
            course_id = self.course.pk if self.course else None
            self.checked = check_typed(self.group, self.form.typed(), course_id=course_id)
        except DomainError as refusal:
            self.status = say(self.form, refusal)


@require_safe
def course(request: PersonRequest, plan_id: int, course_id: int) -> HttpResponse:
    """One course: its code explained, its syllabus; as its row alone where the table asks for it."""
    page = course_page(request.actor, plan_id, course_id)
    is_part = getattr(request, "htmx", False)
    context = {"page": page, "head": page.head, "line": page.line, "is_back": is_part}
    return render(request, "plans/group.html#row" if is_part else "plans/course.html", context)


@require_http_methods(["GET", "POST"])
def add(request: PersonRequest, plan_id: int, group_id: int) -> HttpResponse:
    """A form for a new course; sent, the course is added."""
    is_sent = request.method == "POST"
    group = group_written(request.actor, plan_id, group_id, is_sent=is_sent)
    writing = Writing(group, CourseForm(group.plan, request.POST if is_sent else None, prefix_id="new-"))
    if not is_sent or "check" in request.POST:
        return _checked(request, writing, is_sent=is_sent)
    made = _written(
        writing,
        lambda typed: operations.add_course(
            actor=request.actor, plan_id=plan_id, group_id=group_id, typed=typed
        ),
    )
    if made is None:
        return _form(request, writing)
    if getattr(request, "htmx", False):
        kept = writing.form.kept()
        fresh = Writing(group, CourseForm(group.plan, initial=kept, prefix_id="new-"))
        return _form(request, fresh, added=made.pk)
    messages.success(request, _("已新增「%(name)s」（%(code)s）。") % {"name": made.name, "code": made.code})
    return redirect("plans:group", plan_id, group_id)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, plan_id: int, course_id: int) -> HttpResponse:
    """A form for a course; sent, the course is written anew unless somebody else wrote it meanwhile."""
    data = request.POST if request.method == "POST" else None
    group, here = course_written(
        request.actor,
        plan_id,
        course_id,
        group_id=number(data.get("group", "")) if data is not None else None,
    )
    form = CourseForm(group.plan, data, course=here, seen=seen_of(here), prefix_id=f"c{course_id}-")
    writing = Writing(group, form, course=here)
    if data is None or "check" in data:
        return _checked(request, writing, is_sent=data is not None)
    made = _written(
        writing,
        lambda typed: operations.change_course(
            actor=request.actor,
            plan_id=plan_id,
            course_id=course_id,
            typed=typed,
            seen=form.cleaned_data["seen"],
        ),
    )
    if made is None:
        return _form(request, writing)
    if getattr(request, "htmx", False):
        return _row(request, plan_id, made)
    messages.success(request, _("已儲存「%(name)s」（%(code)s）。") % {"name": made.name, "code": made.code})
    return redirect("plans:group", plan_id, group.pk)


@require_POST
def remove(request: PersonRequest, plan_id: int, course_id: int) -> HttpResponse:
    """Take a course out of the plan."""
    gone = operations.remove_course(
        actor=request.actor, plan_id=plan_id, course_id=course_id, seen=request.POST.get("seen", "")
    )
    messages.success(request, _("已移除「%(name)s」（%(code)s）。") % {"name": gone.name, "code": gone.code})
    return redirect("plans:group", plan_id, gone.group_id)


def _written(writing: Writing, write: Any) -> PlanCourse | None:
    """The written course; None when it was refused, which the form says."""
    form = writing.form
    if not form.is_valid():
        writing.status = UNPROCESSABLE
        return None
    try:
        made: PlanCourse = write(form.typed())
    except DomainError as refusal:
        writing.status = say(form, refusal)
        if isinstance(refusal, ChangedMeanwhile):
            writing.now = writing.course
            show_new(form, seen=seen_of(writing.course))
        elif isinstance(refusal, GoneMeanwhile):
            writing.course = None
        return None
    return made


def _checked(request: PersonRequest, writing: Writing, *, is_sent: bool) -> HttpResponse:
    """The form with what is to be said about it; while somebody types only the latter."""
    if is_sent:
        writing.check()
        if getattr(request, "htmx", False):
            return render(request, "plans/_course_form.html#said", {"writing": writing, "form": writing.form})
    return _form(request, writing)


def _form(request: PersonRequest, writing: Writing, *, added: int | None = None) -> HttpResponse:
    """The form, as a row of the table where the table asked for it."""
    context: dict[str, Any] = {"writing": writing, "form": writing.form, "group": writing.group}
    context["plan"] = writing.group.plan
    if not getattr(request, "htmx", False):
        return render(request, "plans/course_form.html", context, status=writing.status)
    writing.form.fields["name"].widget.attrs["autofocus"] = not writing.form.errors
    if writing.form.auto_id == "id_new-%s":
        if added is not None:
            page = group_page(request.actor, writing.group.plan_id, writing.group.pk)
            line = next((one for one in page.lines if one.course.pk == added), None)
            context |= {"page": page, "head": page.head, "line": line}
        return render(request, "plans/group.html#added", context, status=writing.status)
    return render(request, "plans/group.html#editing", context, status=writing.status)


def _row(request: PersonRequest, plan_id: int, made: PlanCourse) -> HttpResponse:
    """The row of a written course, and the sums of its group anew."""
    page = group_page(request.actor, plan_id, made.group_id)
    line = next((one for one in page.lines if one.course.pk == made.pk), None)
    context = {"page": page, "head": page.head, "line": line, "is_back": True}
    return render(request, "plans/group.html#written", context)
