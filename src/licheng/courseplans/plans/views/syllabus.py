from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.errors import ChangedMeanwhile
from licheng.courseplans.plans.forms import SyllabusForm
from licheng.courseplans.plans.queries import course_page, plan_written
from licheng.courseplans.plans.views.sent import UNPROCESSABLE, say, show_new
from licheng.foundations.errors import DomainError
from licheng.foundations.requests import PersonRequest


@require_http_methods(["GET", "POST"])
def syllabus(request: PersonRequest, plan_id: int, course_id: int) -> HttpResponse:
    """A form for a course's syllabus; sent, it is written unless somebody else wrote it meanwhile.

    A button asks for more units: the form comes back with all that was typed, and nothing is written.
    """
    data = request.POST if request.method == "POST" else None
    plan_written(request.actor, plan_id, is_sent=data is not None)
    page = course_page(request.actor, plan_id, course_id)
    form = SyllabusForm(data, syllabus=page.syllabus, seen=page.seen)
    status = UNPROCESSABLE if form.errors else 200
    now = None
    if form.is_valid() and not form.asks_for_more:
        try:
            operations.write_syllabus(
                actor=request.actor,
                plan_id=plan_id,
                course_id=course_id,
                typed=form.typed(),
                seen=form.cleaned_data["seen"],
            )
        except DomainError as refusal:
            status = say(form, refusal)
            if isinstance(refusal, ChangedMeanwhile):
                now = page.syllabus
                show_new(form, seen=page.seen)
        else:
            messages.success(request, _("教學大綱已儲存。"))
            return redirect("plans:course", plan_id, course_id)
    context = {"page": page, "head": page.head, "form": form, "now": now}
    return render(request, "plans/syllabus.html", context, status=status)
