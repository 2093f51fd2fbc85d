from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from licheng_exchange import CodeLine

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.forms import CorrectionForm, SuggestedForm
from licheng.courseplans.plans.queries import correction_page, head_of
from licheng.courseplans.plans.views.sent import UNPROCESSABLE, say
from licheng.foundations.errors import DomainError
from licheng.foundations.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Codes that changed since the version before; sent, those ticked are noted, or one more pair."""
    page = correction_page(request.actor, plan_id)
    data = request.POST if request.method == "POST" else None
    is_together = data is not None and "together" in data
    if data is not None and not (page.suggested if is_together else page.gone and page.new):
        # its form is on the page no more, so nothing there could say what is wrong: as after a second click
        messages.info(request, _("沒有可以再記的更正：剛才送出的已經記下，或代碼又改過了。"))
        return redirect("plans:corrections", plan_id)
    form = CorrectionForm(_named(page.gone), _named(page.new), None if is_together else data)
    together = SuggestedForm(page.suggested, data if is_together else None)
    sent = together if is_together else form
    status = UNPROCESSABLE if sent.errors else 200
    if sent.is_valid():
        said = sent.cleaned_data
        pairs = together.chosen() if is_together else [(said["old_code"], said["new_code"])]
        try:
            noted = operations.note_corrections(
                actor=request.actor, plan_id=plan_id, pairs=pairs, reason=said["reason"]
            )
        except DomainError as refusal:
            status = say(sent, refusal)
        else:
            messages.success(request, _("已記下 %(n)d 筆更正。") % {"n": len(noted)})
            return redirect("plans:corrections", plan_id)
    context = {"page": page, "head": head_of(request.actor, plan_id), "form": form, "together": together}
    return render(request, "plans/corrections.html", context, status=status)


@require_POST
def remove(request: PersonRequest, plan_id: int, correction_id: int) -> HttpResponse:
    """Take a correction back."""
    operations.remove_correction(actor=request.actor, plan_id=plan_id, correction_id=correction_id)
    messages.success(request, _("更正已移除。"))
    return redirect("plans:corrections", plan_id)


@require_POST
def remove_stray(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Take back all corrections that fit no more."""
    count = operations.remove_stray_corrections(actor=request.actor, plan_id=plan_id)
    messages.success(request, _("已移除 %(n)d 筆不合的更正。") % {"n": count})
    return redirect("plans:corrections", plan_id)


def _named(lines: tuple[CodeLine, ...]) -> list[tuple[str, str]]:
    return [(line.code, f"{line.code} {line.name}") for line in lines]
