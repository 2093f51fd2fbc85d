from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from licheng.foundations.accounts.queries import outbox
from licheng.foundations.requests import open_to_all


@open_to_all
@never_cache
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """What would have been sent, on a machine of one's own without mail server; not found anywhere else."""
    return render(request, "accounts/outbox.html", {"letters": outbox()})
