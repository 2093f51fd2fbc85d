from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations import fence
from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import address_of
from licheng.foundations.requests import PersonRequest, open_to_all
from licheng.school.frontdesk import operations
from licheng.school.frontdesk.addresses import secret_of
from licheng.school.frontdesk.errors import TakesNoFiles
from licheng.school.frontdesk.forms import MessageForm, QuestionForm, StrangersQuestionForm
from licheng.school.frontdesk.models import HelpRequest
from licheng.school.frontdesk.operations.asking import NAME_CHARACTERS
from licheng.school.frontdesk.queries import (
    own_questions,
    question_by_secret,
    question_readers,
    readers_by_secret,
    school_of_code,
    thread_by_secret,
    thread_seen_by,
)
from licheng.school.people.actors import school_of
from licheng.school.people.models import School
from licheng.school.people.who import who_page

# Own bounds: a school stands behind one address, a person does not ask all day.
FROM_ADDRESS = Limit(times=30, seconds=3600)
FROM_PERSON = Limit(times=10, seconds=3600)


@open_to_all
@never_cache
@sensitive_post_parameters("body", "name", "email")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, school_code: str) -> HttpResponse:
    """The form of a school's desk: for its own people by name, for everybody else with a proof of work."""
    school = school_of_code(school_code)
    person: Actor | None = getattr(request, "actor", None)
    actor = person if person is not None and person.school_id == school.pk else None
    kind = QuestionForm if actor else StrangersQuestionForm
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            question = _asked(request, actor, school, form)
        except Invalid as refusal:
            form.add_error(None, refusal.whole)
        else:
            messages.success(request, _("已送出。請把這個網址存起來，回覆會出現在這一頁。"))
            if actor:
                return redirect("frontdesk:question", question.pk)
            return redirect("frontdesk:thread", secret_of(question.pk))
    status = 422 if form.errors else 200
    return render(request, "frontdesk/ask.html", {"school": school, "form": form}, status=status)


def _asked(request: HttpRequest, actor: Actor | None, school: School, form: QuestionForm) -> HelpRequest:
    if request.FILES:
        raise TakesNoFiles
    _count(request, actor)
    given = form.cleaned_data
    with fence.inside(school.pk):
        return operations.ask_question(
            actor=actor or _stranger(school.pk),
            school_id=school.pk,
            name=actor.name[:NAME_CHARACTERS] if actor else given["name"],
            email="" if actor else given["email"],
            subject=given["subject"],
            body=given["body"],
        )


def _stranger(school_id: int) -> Actor:
    return Actor.system("stranger:help", school_id)


def _count(request: HttpRequest, actor: Actor | None) -> None:
    """Raises TooMany."""
    if actor is None:
        consume(action="help.write", who=address_of(request), limit=FROM_ADDRESS)
    else:
        consume(action="help.write", who=f"person:{actor.person_id}", limit=FROM_PERSON)


@open_to_all
@never_cache
@sensitive_post_parameters("body")
@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, secret: str) -> HttpResponse:
    """A thread for whoever holds its secret address; a button says more, or that it is settled."""
    form = MessageForm(request.POST if request.POST.get("act") == "follow" else None)
    if request.method == "POST":
        question = question_by_secret(secret)
        stranger = _stranger(question.school_id)
        with fence.inside(question.school_id):
            if request.POST.get("act") == "close":
                operations.close_own_question(actor=stranger, question_id=question.pk, secret=secret)
                return redirect("frontdesk:thread", secret)
            if _followed(request, form, stranger, question.pk, secret):
                return redirect("frontdesk:thread", secret)
    context = {"thread": thread_by_secret(secret), "form": form, "secret": secret}
    return render(request, "frontdesk/thread.html", context, status=422 if form.errors else 200)


def _followed(
    request: HttpRequest, form: MessageForm, actor: Actor, question_id: UUID, secret: str = ""
) -> bool:
    """Whether the message was taken; otherwise the form says why not."""
    if not form.is_valid():
        return False
    try:
        if request.FILES:
            raise TakesNoFiles
        _count(request, None if actor.is_system else actor)
        operations.follow_question(
            actor=actor, question_id=question_id, body=form.cleaned_data["body"], secret=secret
        )
    except Invalid as refusal:
        form.add_error(None, refusal.whole)
        return False
    return True


@open_to_all
@never_cache
@require_GET
def thread_who(request: HttpRequest, secret: str) -> HttpResponse:
    """Who may see a thread, for whoever holds its secret address."""
    return _who(request, readers_by_secret(secret), reverse("frontdesk:thread", args=[secret]))


def _who(request: HttpRequest, told: tuple[RuleReaders, ...], back: str) -> HttpResponse:
    return who_page(request, told, what=_("這一則詢問"), back=back)


@require_GET
def mine(request: PersonRequest) -> HttpResponse:
    """What I asked, and where to ask."""
    context = {
        "questions": own_questions(request.actor),
        "school": school_of(request.actor),
    }
    return render(request, "frontdesk/mine.html", context)


@sensitive_post_parameters("body")
@require_http_methods(["GET", "POST"])
def question(request: PersonRequest, question_id: UUID) -> HttpResponse:
    """A thread for its asker or the desk; sent back, it is what one of them says."""
    shown = thread_seen_by(request.actor, question_id)
    form = MessageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if shown.is_desk:
            taken = _answered(request, form, question_id)
        else:
            taken = _followed(request, form, request.actor, question_id)
        if taken:
            return redirect("frontdesk:question", question_id)
    context = {"thread": shown, "form": form}
    return render(request, "frontdesk/thread.html", context, status=422 if form.errors else 200)


@require_GET
def question_who(request: PersonRequest, question_id: UUID) -> HttpResponse:
    """Who may see a thread, for its asker or the desk."""
    told = question_readers(request.actor, question_id)
    return _who(request, told, reverse("frontdesk:question", args=[question_id]))


def _answered(request: PersonRequest, form: MessageForm, question_id: UUID) -> bool:
    if not form.is_valid():
        return False
    try:
        operations.answer_question(
            actor=request.actor, question_id=question_id, body=form.cleaned_data["body"]
        )
    except Invalid as refusal:
        form.add_error(None, refusal.whole)
        return False
    messages.success(request, _("已回覆。留了電子郵件的提問者會收到一封只含網址的信。"))
    return True


@require_POST
def close(request: PersonRequest, question_id: UUID) -> HttpResponse:
    """End a thread, as its asker or as the desk."""
    if thread_seen_by(request.actor, question_id).is_desk:
        operations.close_question(actor=request.actor, question_id=question_id)
    else:
        operations.close_own_question(actor=request.actor, question_id=question_id)
    return redirect("frontdesk:question", question_id)
