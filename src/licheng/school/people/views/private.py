"""Pages about personal data: who looked, who guards, the ID number, and leaving."""

from django.contrib import messages
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations import fence
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError, Invalid
from licheng.foundations.limits.queries import address_of
from licheng.foundations.requests import PersonRequest, open_to_all
from licheng.school.people.errors import AlreadyLinked, GuardianCodeRefused
from licheng.school.people.models import LookedAt, Person
from licheng.school.people.operations import (
    add_ward,
    end_guardian_link,
    note_look,
    open_guardian_account,
    record_class_leaving,
    record_leaving,
    reveal_id_number,
    undo_leaving,
    withdraw_guardian_code,
)
from licheng.school.people.private_forms import EndLinkForm, GuardianForm, LeavingForm, RevealForm, WardForm
from licheng.school.people.queries.accounts import class_page
from licheng.school.people.queries.guardians import guardians_page, link_to_end, refuse_to_add_ward
from licheng.school.people.queries.looks import looks_as_csv, looks_page
from licheng.school.people.queries.people import leaving_page, person_to_reveal
from licheng.school.people.views.chosen import chosen_school


@require_GET
def looks(request: PersonRequest) -> HttpResponse:
    """Who looked at the student's own data, day by day."""
    asked = request.GET
    page = looks_page(request.actor, what=asked.get("what", ""), page=asked.get("page", "1"))
    return render(request, "people/looks.html", {"looks": page})


@require_GET
def looks_csv(request: PersonRequest) -> HttpResponse:
    """The same as a file."""
    text = looks_as_csv(request.actor, what=request.GET.get("what", ""))
    headers = {"Content-Disposition": 'attachment; filename="looks.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_GET
def own_guardians(request: PersonRequest) -> HttpResponse:
    """The student's own guardians."""
    page = guardians_page(request.actor, request.actor.person_id)
    return render(request, "people/guardians.html", {"page": page})


@require_GET
def guardians(request: PersonRequest, person_id: int) -> HttpResponse:
    """A student's guardians, for the registrar."""
    page = guardians_page(request.actor, person_id)
    note_look(actor=request.actor, student_id=person_id, what=LookedAt.PERSON)
    return render(request, "people/guardians.html", {"page": page})


@require_POST
def withdraw_code(request: PersonRequest, guardian_code_id: int) -> HttpResponse:
    """Make an unused code worthless."""
    code = withdraw_guardian_code(actor=request.actor, code_id=guardian_code_id)
    messages.success(request, _("已作廢這組家長連結碼。"))
    return _to_guardians(request.actor, code.student_id)


@require_http_methods(["GET", "POST"])
def end_link(request: PersonRequest, guardian_link_id: int) -> HttpResponse:
    """Say what ending the link means; end it when sent."""
    line, student, needs_reason = link_to_end(request.actor, guardian_link_id)
    form = EndLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            link = end_guardian_link(actor=request.actor, link_id=guardian_link_id, reason=reason)
        except Invalid as refusal:
            form.add_error("reason", str(refusal.data["reason"]))
        else:
            messages.success(request, _("家長連結已經結束。"))
            if link.guardian_id == request.actor.person_id:
                return redirect("home")
            return _to_guardians(request.actor, link.student_id)
    context = {"line": line, "student": student, "needs_reason": needs_reason, "form": form}
    return render(request, "people/end_link.html", context, status=422 if form.errors else 200)


def _to_guardians(actor: Actor, student_id: int) -> HttpResponse:
    if student_id == actor.person_id:
        return redirect("people:own_guardians")
    return redirect("people:guardians", student_id)


@open_to_all
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Somebody with a code becomes a guardian with an account; its name is shown here."""
    form = GuardianForm(request.POST or None, initial={"school": chosen_school(request)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                guardian = _join(request, form)
            except Invalid as refusal:
                form.add_error("new", str(refusal.data["reason"]))
            except DomainError as refusal:
                form.add_error(None, refusal.whole)
                status = refusal.status
            else:
                return render(request, "people/joined.html", {"guardian": guardian})
    context = {"form": form, "rules": password_validators_help_texts()}
    return render(request, "people/join.html", context, status=status)


def _join(request: HttpRequest, form: GuardianForm) -> Person:
    given = form.cleaned_data
    school = given["school"]
    with fence.inside(school.pk):
        return open_guardian_account(
            actor=Actor.system("guardian", school.pk),
            school=school,
            code=given["code"],
            relation=given["relation"],
            name=given["name"],
            email=given["email"],
            password=given["new"],
            address=address_of(request),
        )


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("code")
def ward(request: PersonRequest) -> HttpResponse:
    """A guardian with an account is linked to one more student."""
    refuse_to_add_ward(request.actor)
    form = WardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_ward(actor=request.actor, address=address_of(request), **form.cleaned_data)
        except (GuardianCodeRefused, AlreadyLinked) as refusal:
            form.add_error("code", refusal.whole)
        else:
            messages.success(request, _("已連結這位學生。"))
            return redirect("home")
    return render(request, "people/add_ward.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("number", "context")
def id_number(request: PersonRequest, person_id: int) -> HttpResponse:
    """Ask why; then show one student's ID number in this answer only."""
    person = person_to_reveal(request.actor, person_id)
    form = RevealForm(request.POST or None)
    context: dict[str, object] = {"person": person, "form": form}
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        context["number"] = reveal_id_number(actor=request.actor, person_id=person_id, reason=reason)
    return render(request, "people/id_number.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def leaving(request: PersonRequest, person_id: int) -> HttpResponse:
    """Write down since when somebody has left."""
    person = leaving_page(request.actor, person_id)
    note_look(actor=request.actor, student_id=person_id, what=LookedAt.PERSON)
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_leaving(actor=request.actor, person_id=person_id, left_on=form.day())
        except Invalid as refusal:
            form.add_error("left_on", str(refusal.data["reason"]))
        else:
            messages.success(request, _("已記錄離校；帳號現在不能登入。"))
            return redirect("people:leaving", person_id)
    status = 422 if form.errors else 200
    return render(request, "people/leaving.html", {"person": person, "form": form}, status=status)


@require_POST
def class_leaving(request: PersonRequest, class_id: int) -> HttpResponse:
    """Write down that a whole class has left."""
    class_page(request.actor, class_id)  # a class that is not there is said first
    form = LeavingForm(request.POST)
    if not form.is_valid():
        raise Invalid(field=_("離校日"), reason=_("請填日期，例如 2027-06-30。"))
    left = record_class_leaving(actor=request.actor, class_id=class_id, left_on=form.day())
    messages.success(request, _("已記錄 %(n)d 位學生離校；帳號現在不能登入。") % {"n": left})
    return redirect("people:class_sheet", class_id)


@require_POST
def return_(request: PersonRequest, person_id: int) -> HttpResponse:
    """Take a leaving back."""
    undo_leaving(actor=request.actor, person_id=person_id)
    messages.success(request, _("已復原：這個人仍在校，可以登入。"))
    return redirect("people:leaving", person_id)
