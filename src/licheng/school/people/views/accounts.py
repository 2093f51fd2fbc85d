from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.accounts import views as accounts
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.people.actors import SchoolRequest
from licheng.school.people.forms import (
    SchoolAccountForm,
    SchoolEnrolForm,
    SchoolSignInForm,
    StudentSearchForm,
)
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import (
    mail_class_codes,
    note_look,
    note_looks,
    sign_person_out,
    withdraw_person_code,
)
from licheng.school.people.queries.accounts import (
    class_page,
    classes_board,
    email_in_roster,
    mailing_page,
    person_page,
)
from licheng.school.people.queries.people import students_page
from licheng.school.people.views.chosen import AtChosenSchool
from licheng.school.people.views.codes import page_of_codes


class SignIn(AtChosenSchool, accounts.SignIn):
    """Sign-in with a school."""

    form_class = SchoolSignInForm


class Enrol(AtChosenSchool, accounts.Enrol):
    """Enrolment with a school."""

    form_class = SchoolEnrolForm


class Forgot(AtChosenSchool, accounts.Forgot):
    """A forgotten password, with a school."""

    form_class = SchoolAccountForm


class Email(accounts.Email):
    """One's address; the roster's is offered as a start."""

    def proposed(self, request: PersonRequest) -> str:
        """What the roster says."""
        return email_in_roster(request.actor)


@require_GET
def classes(request: PersonRequest) -> HttpResponse:
    """All classes and staff, with how far their sign-ins are."""
    return render(request, "people/classes.html", {"board": classes_board(request.actor)})


@require_GET
def class_sheet(request: PersonRequest, class_id: int) -> HttpResponse:
    """One class, with how far each student's sign-in is."""
    page = class_page(request.actor, class_id)
    students = (line.person_id for line in page.students)
    note_looks(actor=request.actor, student_ids=students, what=LookedAt.CLASS_LIST)
    return render(request, "people/class_sheet.html", {"page": page})


@require_http_methods(["GET", "POST"])
@counted("people.class_mail", times=120)
def class_mail(request: SchoolRequest, class_id: int) -> HttpResponse:
    """Codes by e-mail: the exact list first; posting sends to that list or to nobody."""
    if request.method == "GET":
        mailing = mailing_page(request.actor, class_id)
        named = (line.person_id for line in (*mailing.receivers, *mailing.without))
        note_looks(actor=request.actor, student_ids=named, what=LookedAt.CLASS_LIST)
        return render(request, "people/class_mail.html", {"mailing": mailing})
    mailed = mail_class_codes(
        actor=request.actor,
        class_id=class_id,
        shown=request.POST.get("shown", ""),
        address=page_of_codes(request),
    )
    if mailed.sent:
        messages.success(request, _("寄出 %(count)d 封啟用碼。") % {"count": mailed.sent})
    if mailed.failed:
        says = _("%(count)d 封沒有寄出，郵件主機沒有收下；請稍後再寄一次，或改印紙卡。")
        messages.error(request, says % {"count": mailed.failed})
    return redirect("people:class_sheet", class_id)


@require_GET
def student(request: PersonRequest, person_id: int) -> HttpResponse:
    """One student or member of staff."""
    page = person_page(request.actor, person_id)
    note_look(actor=request.actor, student_id=person_id, what=LookedAt.PERSON)
    return render(request, "people/person.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: PersonRequest) -> HttpResponse:
    """Students whom one may read; searching is posted, so that no name stands in an address."""
    form = StudentSearchForm(request.POST if request.method == "POST" else None)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    shown = students_page(request.actor, words=words, page=request.GET.get("page", "1"))
    students = (person.pk for person in shown.page.object_list)
    note_looks(actor=request.actor, student_ids=students, what=LookedAt.CLASS_LIST)
    status = 422 if form.errors else 200
    return render(request, "people/mine.html", {"shown": shown, "form": form}, status=status)


@require_POST
def withdraw_code(request: SchoolRequest, person_id: int) -> HttpResponse:
    """Make a person's open code worthless."""
    if withdraw_person_code(actor=request.actor, person_id=person_id):
        messages.success(request, _("啟用碼已作廢。"))
    else:
        messages.info(request, _("這個人沒有還能用的啟用碼。"))
    return redirect("people:student", person_id)


@require_POST
def sign_out(request: PersonRequest, person_id: int) -> HttpResponse:
    """End somebody's sessions everywhere."""
    ended = sign_person_out(actor=request.actor, person_id=person_id)
    messages.success(request, _("已結束這個人的登入，共 %(n)d 個裝置；密碼不變，可以再登入。") % {"n": ended})
    return redirect("people:student", person_id)
