from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from licheng.foundations.requests import PersonRequest
from licheng.school.insight.queries import staff_home, student_home
from licheng.school.people.models import Role, School


class SchoolRequest(PersonRequest):
    """A request of somebody at a school; the school comes with its authority."""

    school: School


@require_GET
def home(request: SchoolRequest) -> HttpResponse:
    """What is left to do, for whoever asks."""
    if Role.STUDENT in request.actor.roles:
        return render(request, "insight/student.html", {"home": student_home(request.actor, request.school)})
    return render(request, "insight/staff.html", {"home": staff_home(request.actor, request.school)})
