"""Pages of deputies who certify, and of what somebody is responsible for."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest
from licheng.school.people.duty_forms import TermForm
from licheng.school.people.errors import AlreadyHeld
from licheng.school.records.operations import deputise_course, end_deputy
from licheng.school.records.queries.deputies import DeputiesBoard, deputies_board, own_duties


class CourseDeputyForm(TermForm):
    """Somebody who certifies in a course."""

    offering_id = forms.IntegerField(label=gettext_lazy("課程"), widget=forms.Select)
    field_order = ("offering_id", "person_id", "since", "until", "reason")


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """One's own roles and deputyships, and until when."""
    return render(request, "records/duties.html", {"own": own_duties(request.actor)})


@require_safe
def deputies(request: PersonRequest) -> HttpResponse:
    """Deputies in the actor's courses, and the form that names one."""
    board = deputies_board(request.actor, request.GET.get("page", "1"))
    return _page(request, board, _form(board))


@require_POST
def name_deputy(request: PersonRequest) -> HttpResponse:
    """Name a deputy."""
    board = deputies_board(request.actor)
    form = _form(board, request.POST)
    if form.is_valid():
        try:
            made = deputise_course(
                actor=request.actor,
                person_id=form.cleaned_data["person_id"],
                offering_id=form.cleaned_data["offering_id"],
                term=form.term,
            )
        except (Invalid, AlreadyHeld) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("已指定 {name} 為代理認證人。").format(name=made.deputy.name))
            return redirect("records:deputies")
    return _page(request, board, form)


def _form(board: DeputiesBoard, data: object = None) -> CourseDeputyForm:
    form = CourseDeputyForm(data, colleagues=board.colleagues)
    form.offer("offering_id", board.courses)
    return form


def _page(request: PersonRequest, board: DeputiesBoard, form: CourseDeputyForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "records/deputies.html", {"board": board, "form": form}, status=status)


@require_POST
def end(request: PersonRequest, deputy_id: int) -> HttpResponse:
    """End a deputyship."""
    ended = end_deputy(actor=request.actor, deputy_id=deputy_id)
    messages.success(request, _("已結束 {name} 的代理認證，從現在起失效。").format(name=ended.deputy.name))
    return redirect("records:deputies")
