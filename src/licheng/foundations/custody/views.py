from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from licheng.foundations.custody.integrity import as_data, integrity_now
from licheng.foundations.requests import open_to_all


@open_to_all
@never_cache
@require_safe
def integrity(request: HttpRequest) -> HttpResponse:
    """Whether everything that was acknowledged is still there, computed for this answer; public."""
    return render(request, "custody/integrity.html", {"now": integrity_now()})


@open_to_all
@never_cache
@require_safe
def integrity_data(_request: HttpRequest) -> JsonResponse:
    """The same for programs that watch this site."""
    return JsonResponse(as_data(integrity_now()), json_dumps_params={"ensure_ascii": False})
