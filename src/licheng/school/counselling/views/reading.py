from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from licheng.foundations.requests import PersonRequest
from licheng.school import giving
from licheng.school.counselling.ics import calendar_text
from licheng.school.counselling.queries import (
    consultation_readers,
    consultation_shown,
    consultations_listed,
    events_of,
    month_shown,
)
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks
from licheng.school.people.who import who_page


@require_GET
def consultations(request: PersonRequest) -> HttpResponse:
    """Every consultation in sight: one's own, or those of one's students."""
    listed = consultations_listed(request.actor, request.GET.get("state", ""), request.GET.get("page", ""))
    note_looks(actor=request.actor, student_ids=listed.students_named, what=LookedAt.CONSULTATION)
    return render(request, "counselling/list.html", {"listed": listed})


@require_GET
def month(request: PersonRequest) -> HttpResponse:
    """The counsellor's month."""
    page = month_shown(request.actor, request.GET.get("month", ""))
    note_looks(actor=request.actor, student_ids=page.students_named, what=LookedAt.CONSULTATION)
    return render(request, "counselling/month.html", {"month": page})


@require_GET
def ics(request: PersonRequest) -> HttpResponse:
    """The counsellor's appointments for the calendar of her phone: no student, no content."""
    text = calendar_text(events_of(request.actor), urlsplit(settings.PUBLIC_URL).hostname or "licheng")
    headers = {"Content-Disposition": 'attachment; filename="consultations.ics"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


@require_GET
def detail(request: PersonRequest, consultation_id: UUID) -> HttpResponse:
    """One consultation."""
    shown = consultation_shown(request.actor, consultation_id)
    if shown.file:
        giving.ask_for_lost(request.actor, [shown.file])
    note_looks(
        actor=request.actor,
        student_ids=shown.student_ids,
        what=LookedAt.CONSULTATION,
        item_id=consultation_id,
        relation=shown.relation,
    )
    return render(request, "counselling/detail.html", {"shown": shown})


@require_GET
def who(request: PersonRequest, consultation_id: UUID) -> HttpResponse:
    """Who may read this consultation."""
    return who_page(
        request,
        consultation_readers(request.actor, consultation_id),
        what=_("這一次課程諮詢"),
        back=reverse("counselling:detail", args=[consultation_id]),
    )
