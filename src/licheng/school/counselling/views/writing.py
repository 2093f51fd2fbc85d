"""Planning and recording; without scripts too: a button lists a class's students and keeps what was typed."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest
from licheng.school.calendar.queries import limits
from licheng.school.counselling import operations
from licheng.school.counselling.forms import ConsultationForm, kept_values, typed
from licheng.school.counselling.models import Consultation
from licheng.school.counselling.queries import Picks, consultation_shown, consultation_to_write, picks
from licheng.school.filing import shown_terms
from licheng.school.people.actors import school_of
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks

ANOTHER_CLASS, WHOLE_CLASS, HELD = "list_class", "add_class", "held"  # buttons of the form


@require_http_methods(["GET", "POST"])
def plan(request: PersonRequest) -> HttpResponse:
    """A new appointment, or a record of what took place."""
    form = _form(request, {"held_on": timezone.localdate()}, frozenset())
    if form.is_bound and form.is_valid():
        is_held = HELD in request.POST
        try:
            made = operations.plan_consultation(actor=request.actor, entry=form.entry(), is_held=is_held)
        except Invalid as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("已完成紀錄。") if is_held else _("已儲存約定。"))
            return redirect("counselling:detail", made.pk)
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, consultation_id: UUID) -> HttpResponse:
    """One's own consultation; its file goes to the uploads by a form of its own."""
    row = consultation_to_write(request.actor, consultation_id)
    named = frozenset(row.students.values_list("pk", flat=True))
    form = _form(request, kept_values(row), named)
    if form.is_bound and form.is_valid():
        try:
            operations.write_consultation(
                actor=request.actor,
                consultation_id=consultation_id,
                entry=form.entry(),
                is_held=HELD in request.POST,
            )
        except Invalid as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("已儲存。"))
            return redirect("counselling:detail", consultation_id)
    return _page(request, form, row)


@require_POST
def cancel(request: PersonRequest, consultation_id: UUID) -> HttpResponse:
    """Call an appointment off."""
    operations.cancel_consultation(actor=request.actor, consultation_id=consultation_id)
    messages.success(request, _("已取消這次約定，可以隨時恢復。"))
    return redirect("counselling:detail", consultation_id)


@require_POST
def restore(request: PersonRequest, consultation_id: UUID) -> HttpResponse:
    """Put a cancelled appointment back."""
    operations.plan_again(actor=request.actor, consultation_id=consultation_id)
    messages.success(request, _("已恢復這次約定。"))
    return redirect("counselling:detail", consultation_id)


def _form(request: PersonRequest, initial: dict[str, object], named: frozenset[int]) -> ConsultationForm:
    """The form: bound when it is to be kept; filled in but not judged when a class is to be listed."""
    if request.method != "POST":
        return _filled(request, initial, set(named), None)
    chosen = {int(value) for value in request.POST.getlist("students") if _is_key(value)}
    class_id = request.POST.get("class_id", "")
    listed = int(class_id) if _is_key(class_id) else None
    if ANOTHER_CLASS in request.POST or WHOLE_CLASS in request.POST:
        return _filled(request, typed(request.POST), chosen, listed, whole=WHOLE_CLASS in request.POST)
    offered = _picks(request, listed, chosen | named)  # else who is unticked would count as out of reach
    return ConsultationForm(request.POST, picks=offered, named=named)


def _filled(
    request: PersonRequest,
    initial: dict[str, object],
    chosen: set[int],
    class_id: int | None,
    *,
    whole: bool = False,
) -> ConsultationForm:
    offered = _picks(request, class_id, chosen)
    ticked = chosen | offered.of_class if whole else chosen
    return ConsultationForm(initial={**initial, "students": sorted(ticked)}, picks=offered)


def _picks(request: PersonRequest, class_id: int | None, chosen: Iterable[int]) -> Picks:
    offered = picks(request.actor, class_id=class_id, chosen=chosen)
    students = (pick.person_id for pick in offered.students)
    note_looks(actor=request.actor, student_ids=students, what=LookedAt.CLASS_LIST)
    return offered


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16  # noqa: PLR2004 -- fits a key of the database


def _page(request: PersonRequest, form: ConsultationForm, row: Consultation | None) -> HttpResponse:
    context: dict[str, object] = {"form": form}
    if row is not None:
        terms = shown_terms(limits(school_of(request.actor).place), "document")
        context |= {"shown": consultation_shown(request.actor, row.pk), "terms": terms}
    status = 422 if form.errors else 200
    return render(request, "counselling/edit.html", context, status=status)
