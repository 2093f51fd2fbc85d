from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest
from licheng.school.frontdesk import operations
from licheng.school.frontdesk.forms import AnnouncementForm
from licheng.school.frontdesk.queries import announcement_board, desk_for


@require_GET
def desk(request: PersonRequest) -> HttpResponse:
    """The list of the help desk."""
    shown = desk_for(request.actor, request.GET.get("state", ""), request.GET.get("page", ""))
    return render(request, "frontdesk/desk.html", {"desk": shown})


@require_POST
def reopen(request: PersonRequest, question_id: UUID) -> HttpResponse:
    """Have an ended question wait again."""
    operations.reopen_question(actor=request.actor, question_id=question_id)
    return redirect("frontdesk:question", question_id)


@require_POST
def discard(request: PersonRequest, question_id: UUID) -> HttpResponse:
    """Delete what is no question."""
    operations.discard_question(actor=request.actor, question_id=question_id)
    messages.success(request, _("已刪除，稽核紀錄會留下這個動作。"))
    return redirect("frontdesk:desk")


@require_http_methods(["GET", "POST"])
def board(request: PersonRequest) -> HttpResponse:
    """Every announcement, and the form that makes one; first it is shown as it will look."""
    shown = announcement_board(request.actor, request.GET.get("page", ""))
    form = AnnouncementForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"board": shown, "form": form}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "publish":
            try:
                operations.announce(actor=request.actor, **form.cleaned_data)
            except Invalid as refusal:
                form.add_error(None, refusal.whole)
            else:
                messages.success(request, _("公告已發布。"))
                return redirect("frontdesk:board")
        else:
            context["preview"] = form.shown()
    return render(request, "frontdesk/board.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: PersonRequest, announcement_id: int) -> HttpResponse:
    """Take an announcement down."""
    operations.withdraw_announcement(actor=request.actor, announcement_id=announcement_id)
    messages.success(request, _("公告已撤下。"))
    return redirect("frontdesk:board")
