from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from licheng_exchange import CodeLine

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.forms import CorrectionForm
from licheng.courseplans.plans.queries import correction_page, head_of
from licheng.courseplans.plans.views.sent import UNPROCESSABLE, say
from licheng.foundations.errors import DomainError
from licheng.foundations.requests import PersonRequest


@require_http_methods(["GET", "POST"])
def corrections(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Codes that changed since the version before; sent, one more pair is noted."""
    page = correction_page(request.actor, plan_id)
    data = request.POST if request.method == "POST" else None
    form = CorrectionForm(_named(page.gone), _named(page.new), data)
    status = UNPROCESSABLE if form.errors else 200
    if form.is_valid():
        try:
            operations.note_correction(actor=request.actor, plan_id=plan_id, **form.cleaned_data)
        except DomainError as refusal:
            status = say(form, refusal)
        else:
            messages.success(request, _("已記下更正。"))
            return redirect("plans:corrections", plan_id)
    context = {"page": page, "head": head_of(request.actor, plan_id), "form": form}
    return render(request, "plans/corrections.html", context, status=status)


@require_POST
def remove(request: PersonRequest, plan_id: int, correction_id: int) -> HttpResponse:
    """Take a correction back."""
    operations.remove_correction(actor=request.actor, plan_id=plan_id, correction_id=correction_id)
    messages.success(request, _("更正已移除。"))
    return redirect("plans:corrections", plan_id)


def _named(lines: tuple[CodeLine, ...]) -> list[tuple[str, str]]:
    return [(line.code, f"{line.code} {line.name}") for line in lines]
