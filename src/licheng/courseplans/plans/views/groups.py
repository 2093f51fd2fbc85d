from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.errors import ChangedMeanwhile
from licheng.courseplans.plans.forms import CourseForm, GroupForm
from licheng.courseplans.plans.queries import group_page, group_written, plan_written
from licheng.courseplans.plans.typed import seen_of
from licheng.courseplans.plans.views.numbers import number
from licheng.courseplans.plans.views.sent import say, show_new
from licheng.foundations.errors import DomainError
from licheng.foundations.requests import PersonRequest


@require_safe
def group(request: PersonRequest, plan_id: int, group_id: int) -> HttpResponse:
    """The courses of one group."""
    page = group_page(request.actor, plan_id, group_id)
    form = CourseForm(page.head.plan, prefix_id="new-") if page.head.may.write else None
    return render(request, "plans/group.html", {"page": page, "head": page.head, "form": form})


@require_http_methods(["GET", "POST"])
def add(request: PersonRequest, plan_id: int) -> HttpResponse:
    """A form for a new group; sent, the group is added."""
    data = request.POST if request.method == "POST" else None
    plan = plan_written(request.actor, plan_id, is_sent=data is not None)
    form = GroupForm(plan, data)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            made = operations.add_group(actor=request.actor, plan_id=plan_id, typed=form.typed())
        except DomainError as refusal:
            status = say(form, refusal)
        else:
            return redirect("plans:group", plan_id, made.pk)
    context = {"form": form, "plan": plan, "group": None}
    return render(request, "plans/group_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, plan_id: int, group_id: int) -> HttpResponse:
    """A form for a group; sent, the codes of all its courses follow."""
    data = request.POST if request.method == "POST" else None
    here = group_written(request.actor, plan_id, group_id, is_sent=data is not None)
    form = GroupForm(here.plan, data, group=here, seen=seen_of(here))
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            operations.change_group(
                actor=request.actor,
                plan_id=plan_id,
                group_id=group_id,
                typed=form.typed(),
                seen=form.cleaned_data["seen"],
            )
        except DomainError as refusal:
            status = say(form, refusal)
            if isinstance(refusal, ChangedMeanwhile):
                show_new(form, seen=seen_of(here))
        else:
            messages.success(request, _("已儲存，科目的課程代碼也一起改了。"))
            return redirect("plans:group", plan_id, group_id)
    context = {"form": form, "plan": here.plan, "group": here}
    return render(request, "plans/group_form.html", context, status=status)


@require_POST
def remove(request: PersonRequest, plan_id: int, group_id: int) -> HttpResponse:
    """Take a group out of the plan, with its courses."""
    operations.remove_group(
        actor=request.actor,
        plan_id=plan_id,
        group_id=group_id,
        courses=number(request.POST.get("courses", "")),
    )
    messages.success(request, _("群科和它的科目已移除。"))
    return redirect("plans:plan", plan_id)


@require_POST
def copy(request: PersonRequest, plan_id: int, group_id: int) -> HttpResponse:
    """Copy the courses of another group of the plan."""
    added = operations.copy_courses(
        actor=request.actor,
        plan_id=plan_id,
        from_group_id=number(request.POST.get("from_group", "")),
        to_group_id=group_id,
    )
    messages.success(
        request, ngettext("已複製 %(n)d 個科目。", "已複製 %(n)d 個科目。", added) % {"n": added}
    )
    return redirect("plans:group", plan_id, group_id)
