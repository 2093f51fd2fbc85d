from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.accounts import views as accounts
from licheng.foundations.requests import PersonRequest
from licheng.school.people.forms import SchoolSignInForm
from licheng.school.people.operations import issue_class_passwords, issue_person_password
from licheng.school.people.queries import class_page, classes_board, person_page


class SignIn(accounts.SignIn):
    """Sign-in with a school."""

    form_class = SchoolSignInForm


@require_GET
def classes(request: PersonRequest) -> HttpResponse:
    """All classes and staff, with how far their sign-ins are."""
    return render(request, "people/classes.html", {"board": classes_board(request.actor)})


@require_http_methods(["GET", "POST"])
@sensitive_variables("cards")
def class_sheet(request: PersonRequest, class_id: int) -> HttpResponse:
    """One class; posting issues first passwords and shows them once, as cards to print and cut."""
    if request.method == "GET":
        return render(request, "people/class_sheet.html", {"page": class_page(request.actor, class_id)})
    cards = issue_class_passwords(actor=request.actor, class_id=class_id)
    if not cards:
        messages.info(request, _("這一班的學生都已自訂密碼，沒有產生新的密碼。"))
        return redirect("people:class_sheet", class_id)
    page = class_page(request.actor, class_id)
    return render(
        request, "people/password_cards.html", {"cards": cards, "title": page.name, "class_id": class_id}
    )


@require_GET
def student(request: PersonRequest, person_id: int) -> HttpResponse:
    """One student or member of staff."""
    return render(request, "people/person.html", {"page": person_page(request.actor, person_id)})


@require_POST
@sensitive_variables("password", "cards")
def person_password(request: PersonRequest, person_id: int) -> HttpResponse:
    """A new first password for one person, shown once."""
    cards = [issue_person_password(actor=request.actor, person_id=person_id)]
    page = person_page(request.actor, person_id)
    context = {"cards": cards, "title": page.class_name, "person_id": person_id}
    return render(request, "people/password_cards.html", context)
