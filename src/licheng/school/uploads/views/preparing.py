from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.files.serving import HARMLESS
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.uploads import operations
from licheng.school.uploads.preparations import preparation_page, side_picture, upload_to_fit


@require_http_methods(["GET", "POST"])
@counted("uploads.prepare", times=60)
def fit(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """What is too large and by how much; choose a quality, and a smaller version is made."""
    if request.method == "POST":
        quality = request.POST.get("quality", "high")
        made = operations.start_reduction(actor=request.actor, upload_id=upload_id, quality=quality)
        return redirect("uploads:preparation", made.pk)
    chosen = request.GET.get("quality", "")
    return render(request, "uploads/fit.html", {"page": upload_to_fit(request.actor, upload_id, chosen)})


@require_GET
def preparation(request: PersonRequest, preparation_id: UUID) -> HttpResponse:
    """Progress while it is made, then before and after; htmx asks for the progress alone."""
    page = preparation_page(request.actor, preparation_id)
    if not request.headers.get("HX-Request"):
        return render(request, "uploads/preparation.html", {"page": page})
    response = render(request, "uploads/preparation.html#progress", {"page": page})
    if not page.is_working:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def accept(request: PersonRequest, preparation_id: UUID) -> HttpResponse:
    """Hand the version in; its receipt is on the item's page."""
    accepted = operations.accept_preparation(actor=request.actor, preparation_id=preparation_id)
    messages.success(request, _("已採用並存好：%(name)s") % {"name": accepted.result_name})
    return redirect("uploads:preparation", preparation_id)


@require_POST
def drop(request: PersonRequest, preparation_id: UUID) -> HttpResponse:
    """Decide against the version; back to where another one can be made."""
    page = preparation_page(request.actor, preparation_id)
    operations.drop_preparation(actor=request.actor, preparation_id=preparation_id)
    messages.success(request, _("這個版本不採用。原檔還在，可以換一種品質再做。"))
    return redirect(page.again_url)


@require_GET
def side(request: PersonRequest, preparation_id: UUID, side: str, number: int) -> HttpResponse:
    """One page, picture or frame, before or after."""
    picture = side_picture(request.actor, preparation_id, side, number)
    return HttpResponse(picture, content_type="image/jpeg", headers=HARMLESS)
