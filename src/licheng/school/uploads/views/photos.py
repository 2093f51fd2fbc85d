from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.errors import Invalid, NotFound
from licheng.foundations.files.models import FileRole
from licheng.foundations.files.serving import HARMLESS
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.uploads import operations
from licheng.school.uploads.album import album, quality_or_best, thumbnail

MOST_NAMED = 200  # ids in one order that is sent; more is no order of sixty photos


@require_http_methods(["GET", "POST"])
def photos(request: PersonRequest, item_kind: str, item_id: UUID) -> HttpResponse:
    """The item's photos; make one PDF of them."""
    if request.method != "POST":
        return _page(request, item_kind, item_id, request.GET.get("quality", ""))
    quality = quality_or_best(request.POST.get("quality", ""))
    try:
        made = operations.start_photos(
            actor=request.actor,
            item_kind=item_kind,
            item_id=item_id,
            role=FileRole.DOCUMENT.value,
            quality=quality,
        )
    except Invalid as refusal:
        return _page(request, item_kind, item_id, quality, refusal)
    return redirect("uploads:preparation", made.pk)


def _page(
    request: PersonRequest, item_kind: str, item_id: UUID, quality: str, refusal: Invalid | None = None
) -> HttpResponse:
    context: dict[str, object] = {"album": album(request.actor, item_kind, item_id, quality)}
    if refusal is not None:
        context["errors"] = [{"id": "", "text": refusal.whole}]
    template = "uploads/photos.html#photos" if request.headers.get("HX-Request") else "uploads/photos.html"
    return render(request, template, context, status=refusal.status if refusal else 200)


@require_POST
@counted("uploads.prepare", times=120)
def order(request: PersonRequest, item_kind: str, item_id: UUID) -> HttpResponse:
    """The order that was dragged together; `photo` is repeated, one id each."""
    try:
        ids = [UUID(text) for text in request.POST.getlist("photo")[:MOST_NAMED]]
    except ValueError as unreadable:
        raise NotFound from unreadable
    operations.order_photos(actor=request.actor, item_kind=item_kind, item_id=item_id, upload_ids=ids)
    return _after(request, item_kind, item_id)


@require_POST
def arrange(request: PersonRequest, upload_id: UUID, step: str) -> HttpResponse:
    """Move a photo one place, or turn it."""
    photo = operations.arrange_photo(actor=request.actor, upload_id=upload_id, step=step)
    return _after(request, photo.item_kind, photo.item_id)


@require_POST
def remove(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """Take a photo away."""
    photo = operations.remove_photo(actor=request.actor, upload_id=upload_id)
    if not request.headers.get("HX-Request"):
        messages.success(request, _("已移除照片：%(name)s") % {"name": photo.name})
    return _after(request, photo.item_kind, photo.item_id)


def _after(request: PersonRequest, item_kind: str, item_id: UUID) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _page(request, item_kind, item_id, "")
    return redirect("uploads:photos", item_kind, item_id)


@require_GET
def photo(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """A photo, small."""
    return HttpResponse(thumbnail(request.actor, upload_id), content_type="image/jpeg", headers=HARMLESS)
