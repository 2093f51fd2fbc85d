"""Pages of course records: the student's own; a class, a course, a student for those who read them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import LookedAt, Role
from licheng.school.people.operations import note_looks
from licheng.school.people.who import who_page
from licheng.school.records.operations import export_class, export_course
from licheng.school.records.queries.classes import class_records, course_records, records_board
from licheng.school.records.queries.readers import class_readers, course_readers, records_readers
from licheng.school.records.queries.students import own_records, own_records_as_csv, student_records


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """The student's own courses by semester, and the offices she held."""
    return render(request, "records/student.html", {"records": own_records(request.actor)})


@require_safe
def mine_csv(request: PersonRequest) -> HttpResponse:
    """The same marks as a file."""
    return _file(own_records_as_csv(request.actor))


@require_safe
def student(request: PersonRequest, person_id: int) -> HttpResponse:
    """One student, read-only."""
    records = student_records(request.actor, person_id)
    note_looks(actor=request.actor, student_ids=[person_id], what=LookedAt.RECORDS)
    return render(request, "records/student.html", {"records": records})


@require_safe
def who(request: PersonRequest, person_id: int) -> HttpResponse:
    """Who may see one student's course records."""
    is_own = person_id == request.actor.person_id
    return who_page(
        request,
        records_readers(request.actor, person_id),
        what=_("整份修課紀錄"),
        back=reverse("records:mine") if is_own else reverse("records:student", args=[person_id]),
    )


@require_safe
def board(request: PersonRequest) -> HttpResponse:
    """Classes and courses whose records one may read."""
    asked = request.GET
    page = records_board(request.actor, asked.get("semester", ""), asked.get("page", "1"))
    return render(request, "records/board.html", {"board": page})


@require_safe
def class_(request: PersonRequest, class_id: int) -> HttpResponse:
    """One class in one semester."""
    page = class_records(request.actor, class_id, request.GET.get("semester", ""))
    students = (one.person.pk for one in page.students)
    note_looks(actor=request.actor, student_ids=students, what=LookedAt.RECORDS)
    return render(request, "records/class.html", {"page": page})


@require_safe
def course(request: PersonRequest, offering_id: int) -> HttpResponse:
    """One course with its students' marks."""
    page = course_records(request.actor, offering_id)
    students = (one.person.pk for one in page.students)
    note_looks(
        actor=request.actor,
        student_ids=students,
        what=LookedAt.RECORDS,
        item_id=f"course/{offering_id}",
        relation=str(Role.TEACHER.value) if page.is_teaching else "",
    )
    return render(request, "records/course.html", {"page": page})


@require_safe
def class_who(request: PersonRequest, class_id: int) -> HttpResponse:
    """Who may see a class's records."""
    return who_page(
        request,
        class_readers(request.actor, class_id),
        what=_("全班的修課紀錄"),
        back=reverse("records:class", args=[class_id]),
    )


@require_safe
def course_who(request: PersonRequest, offering_id: int) -> HttpResponse:
    """Who may see the marks of a course."""
    return who_page(
        request,
        course_readers(request.actor, offering_id),
        what=_("這門課的成績"),
        back=reverse("records:course", args=[offering_id]),
    )


@require_POST
def class_csv(request: PersonRequest, class_id: int) -> HttpResponse:
    """A class's semester as a file; wants a fresh proof of identity."""
    semester = request.POST.get("semester", "")
    return _file(export_class(actor=request.actor, class_id=class_id, semester=semester))


@require_POST
def course_csv(request: PersonRequest, offering_id: int) -> HttpResponse:
    """A course as a file; wants a fresh proof of identity."""
    return _file(export_course(actor=request.actor, offering_id=offering_id))


def _file(text: str) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="records.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
