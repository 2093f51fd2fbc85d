from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.forms import OrderForm
from licheng.courseplans.plans.queries import course_rows, group_rows, group_written, plan_written
from licheng.courseplans.plans.views.numbers import number
from licheng.courseplans.plans.views.sent import UNPROCESSABLE
from licheng.courseplans.plans.words import group_title
from licheng.foundations.requests import PersonRequest

STEPS = {"up": -1, "down": 1}


@require_http_methods(["GET", "POST"])
def groups(request: PersonRequest, plan_id: int) -> HttpResponse:
    """The order of a plan's groups: places as numbers, and buttons that move one of them by one place."""
    plan = plan_written(request.actor, plan_id, is_sent=request.method == "POST")

    def write(ids: list[int]) -> None:
        operations.order_groups(actor=request.actor, plan_id=plan_id, group_ids=ids)

    context = {"plan": plan, "back_url": reverse("plans:plan", args=[plan_id])}
    return _ordered(request, group_rows(plan), write, context)


@require_http_methods(["GET", "POST"])
def courses(request: PersonRequest, plan_id: int, group_id: int) -> HttpResponse:
    """The order of a group's courses, as that of groups."""
    group = group_written(request.actor, plan_id, group_id, is_sent=request.method == "POST")

    def write(ids: list[int]) -> None:
        operations.order_courses(actor=request.actor, plan_id=plan_id, group_id=group_id, course_ids=ids)

    context = {"plan": group.plan, "back_url": reverse("plans:group", args=[plan_id, group_id])}
    return _ordered(request, course_rows(group), write, context | {"group_title": group_title(group)})


def _ordered(
    request: PersonRequest,
    rows: list[tuple[int, str, str]],
    write: Callable[[list[int]], None],
    context: dict[str, object],
) -> HttpResponse:
    """The page with its form; sent, the order is written, and a button that moved a row keeps the focus."""
    form = OrderForm(rows, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context |= {"form": form, "moved": number(request.GET.get("moved", "")), "by": request.GET.get("by")}
        return render(request, "plans/order.html", context, status=UNPROCESSABLE if form.errors else 200)
    order = form.order()
    moved = _stepped(order, request.POST)
    write(order)
    if moved is None:
        messages.success(request, _("順序已儲存。"))
        return redirect(str(context["back_url"]))
    pk, by = moved
    name = next(name for key, name, _code in rows if key == pk)
    messages.success(request, _("「%(name)s」現在排第 %(n)d。") % {"name": name, "n": order.index(pk) + 1})
    return redirect(f"{request.path}?moved={pk}&by={by}")


def _stepped(order: list[int], sent: QueryDict) -> tuple[int, str] | None:
    """Move the row whose button was pressed by one place, if it can; which row and button it was."""
    for by, step in STEPS.items():
        pk = number(sent.get(by, ""))
        if pk in order:
            here = order.index(pk)
            there = min(max(here + step, 0), len(order) - 1)
            order[here], order[there] = order[there], order[here]
            return pk, by
    return None
