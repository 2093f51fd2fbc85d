"""Pages of roles by hand and of staff sessions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest
from licheng.school.people.duty_forms import ClassDeputyForm, GrantForm, SessionForm
from licheng.school.people.errors import AlreadyHeld
from licheng.school.people.models import Role
from licheng.school.people.operations import (
    close_staff_session,
    deputise_class,
    end_grant,
    grant_role,
    open_staff_session,
)
from licheng.school.people.queries.duties import (
    GrantsBoard,
    grants_board,
    session_page,
    sessions_board,
    students_named,
)
from licheng.school.people.queries.readers import person_readers, session_readers
from licheng.school.people.who import who_page


@require_safe
def grants(request: PersonRequest) -> HttpResponse:
    """Roles and deputies given by hand, and forms for what the actor may give."""
    return _grants_page(request, grants_board(request.actor, request.GET.get("page", "1")))


def _grants_page(
    request: PersonRequest,
    board: GrantsBoard,
    *,
    grant_form: GrantForm | None = None,
    deputy_form: ClassDeputyForm | None = None,
) -> HttpResponse:
    offered = {"colleagues": board.colleagues, "classes": board.classes}
    context = {
        "board": board,
        "grant_form": grant_form or GrantForm(auto_id="grant_%s", **offered),
        "deputy_form": deputy_form or ClassDeputyForm(auto_id="deputy_%s", **offered),
    }
    is_refused = any(form is not None and form.errors for form in (grant_form, deputy_form))
    return render(request, "people/grants.html", context, status=422 if is_refused else 200)


@require_POST
def grant(request: PersonRequest) -> HttpResponse:
    """Give a role."""
    board = grants_board(request.actor)
    form = GrantForm(request.POST, auto_id="grant_%s", colleagues=board.colleagues, classes=board.classes)
    if form.is_valid():
        try:
            made = grant_role(
                actor=request.actor,
                person_id=form.cleaned_data["person_id"],
                role=Role(form.cleaned_data["role"]),
                reach=form.reach(students_named(request.actor, form.cleaned_data["students"])),
                term=form.term,
            )
        except (Invalid, AlreadyHeld) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("已授予 {name} 職務。").format(name=made.person.name))
            return redirect("people:grants")
    return _grants_page(request, board, grant_form=form)


@require_POST
def grant_deputy(request: PersonRequest) -> HttpResponse:
    """Name a class's deputy homeroom teacher."""
    board = grants_board(request.actor)
    form = ClassDeputyForm(
        request.POST, auto_id="deputy_%s", colleagues=board.colleagues, classes=board.classes
    )
    if form.is_valid():
        try:
            made = deputise_class(
                actor=request.actor,
                person_id=form.cleaned_data["person_id"],
                class_id=form.cleaned_data["class_id"],
                term=form.term,
            )
        except (Invalid, AlreadyHeld) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("已指定 {name} 為代理導師。").format(name=made.person.name))
            return redirect("people:grants")
    return _grants_page(request, board, deputy_form=form)


@require_POST
def end(request: PersonRequest, grant_id: int) -> HttpResponse:
    """End a role given by hand."""
    ended = end_grant(actor=request.actor, grant_id=grant_id)
    messages.success(request, _("已結束 {name} 的職務，從現在起失效。").format(name=ended.person.name))
    return redirect("people:grants")


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: PersonRequest) -> HttpResponse:
    """Staff sessions of the school; posting a reason opens one."""
    form = SessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            open_staff_session(actor=request.actor, reason=form.cleaned_data["reason"])
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("管理工作階段開始了，您看的每一筆都會記下來。"))
            return redirect("people:sessions")
    board = sessions_board(request.actor, request.GET.get("page", "1"))
    status = 422 if form.errors else 200
    return render(request, "people/sessions.html", {"board": board, "form": form}, status=status)


@require_safe
def session(request: PersonRequest, session_id: int) -> HttpResponse:
    """One staff session and what was looked at."""
    line, looks = session_page(request.actor, session_id, request.GET.get("page", "1"))
    return render(request, "people/session.html", {"line": line, "looks": looks})


@require_POST
def close_session(request: PersonRequest, session_id: int) -> HttpResponse:
    """End one's own staff session."""
    close_staff_session(actor=request.actor, session_id=session_id)
    messages.success(request, _("管理工作階段結束了。"))
    return redirect("people:sessions")


@require_safe
def who(request: PersonRequest, person_id: int) -> HttpResponse:
    """Who may see a person's data."""
    person, told = person_readers(request.actor, person_id)
    return who_page(request, told, what=person.name, back=reverse("people:student", args=[person_id]))


@require_safe
def session_who(request: PersonRequest, session_id: int) -> HttpResponse:
    """Who may see a staff session."""
    return who_page(
        request,
        session_readers(request.actor, session_id),
        what=_("管理工作階段"),
        back=reverse("people:session", args=[session_id]),
    )
