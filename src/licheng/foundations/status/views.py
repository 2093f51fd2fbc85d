from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from licheng.foundations.requests import open_to_all
from licheng.foundations.status.queries import readiness_now, status_now


@open_to_all
@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """What works right now, checked for this answer; public."""
    return render(request, "status/status.html", {"status": status_now()})


@open_to_all
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Where anyone checks a receipt, and gets the page that does it without this site."""
    return render(request, "status/verify.html")


@open_to_all
@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Whether the process answers at all; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@open_to_all
@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Whether requests may come: 200 when database, log and volumes are good, else 503 and which is not."""
    ready = readiness_now()
    lines = "".join(f"{finding.verdict} {finding.name}\n" for finding in (*ready.needed, *ready.told))
    return HttpResponse(
        lines, status=200 if ready.is_ready else 503, content_type="text/plain; charset=utf-8"
    )
