from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from licheng.foundations.accounts.queries import recovered_at
from licheng.foundations.requests import PersonRequest
from licheng.school.frontdesk.queries import announcements_for
from licheng.school.insight.queries import staff_home, student_home, ward_page
from licheng.school.people.models import LookedAt, Role, School
from licheng.school.people.operations import note_looks, note_overview
from licheng.school.people.queries.guardians import new_guardians, wards_of


class SchoolRequest(PersonRequest):
    """A request of somebody at a school; the school comes with its authority."""

    school: School


@require_GET
def home(request: SchoolRequest) -> HttpResponse:
    """What is left to do, for whoever asks."""
    told = {"announcements": announcements_for(request.actor), "recovered_at": recovered_at(request.user)}
    if Role.STUDENT in request.actor.roles:
        mine = student_home(request.actor, request.school)
        shown = {"home": mine, "guardians": new_guardians(request.actor), **told}
        return render(request, "insight/student.html", shown)
    if Role.GUARDIAN in request.actor.roles:
        wards = wards_of(request.actor)
        return render(request, "insight/guardian.html", {"wards": wards, **told})
    found = staff_home(request.actor, request.school)
    note_looks(actor=request.actor, student_ids=found.students_named, what=LookedAt.CLASS_LIST)
    return render(request, "insight/staff.html", {"home": found, **told})


@require_GET
def ward(request: SchoolRequest, person_id: int) -> HttpResponse:
    """What a guardian may see of one student."""
    page = ward_page(request.actor, person_id)
    note_overview(actor=request.actor, student_id=person_id, kinds=page.kinds_shown)
    return render(request, "insight/ward.html", {"page": page})
