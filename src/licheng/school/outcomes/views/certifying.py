from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.errors import Invalid, NotFound
from licheng.school.giving import ask_for_lost
from licheng.school.outcomes import operations, queries
from licheng.school.outcomes.forms import PassForm, ReturnForm
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.queries.teaching import QueueRow
from licheng.school.people.actors import SchoolRequest
from licheng.school.people.models import LookedAt, Role
from licheng.school.people.operations import note_look, note_looks


@require_safe
def queue(request: SchoolRequest) -> HttpResponse:
    """What waits for the actor's certification, what was decided, and what came of it."""
    asked = request.GET
    found = queries.queue_for(
        request.actor,
        request.school,
        bucket=asked.get("state", ""),
        course=asked.get("course", ""),
        page=asked.get("page", "1"),
    )
    _note_list(request, found.page.object_list)
    return render(request, "outcomes/queue.html", {"queue": found})


def _note_list(request: SchoolRequest, rows: Iterable[QueueRow]) -> None:
    note_looks(
        actor=request.actor,
        student_ids=(row.student_id for row in rows),
        what=LookedAt.OUTCOME,
        relation=Role.TEACHER,
    )


@require_safe
def review(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """The document beside the statement."""
    return _review_page(request, outcome_id, None, None)


def _course(request: SchoolRequest) -> str:
    return request.POST.get("course") or request.GET.get("course", "")


def _review_page(
    request: SchoolRequest, outcome_id: UUID, passing: PassForm | None, returning: ReturnForm | None
) -> HttpResponse:
    found = queries.review_of(request.actor, outcome_id, course=_course(request))
    ask_for_lost(request.actor, found.files)
    note_look(
        actor=request.actor,
        student_id=found.row.student_id,
        what=LookedAt.OUTCOME,
        item_id=outcome_id,
        relation=Role.TEACHER,
    )
    seen = {"seen_document": found.seen_document, "seen_media": found.seen_media}
    context = {
        "review": found,
        "passing": passing or PassForm(initial=seen),
        "returning": returning or ReturnForm(),
        "failed": passing or returning,
    }
    return render(request, "outcomes/review.html", context, status=422 if passing or returning else 200)


@require_POST
def pass_(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Record a pass; all three statements must be ticked."""
    form = PassForm(request.POST)
    if not form.is_valid():
        return _review_page(request, outcome_id, form, None)
    try:
        outcome = operations.pass_outcome(actor=request.actor, outcome_id=outcome_id, **form.cleaned_data)
    except Invalid as refusal:
        form.add_error("statements", refusal.whole)
        return _review_page(request, outcome_id, form, None)
    return _on(request, outcome, _("已記錄：通過。發佈之前學生看不到，也可以復原。"))


@require_POST
def hold_back(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Record a return with its reason."""
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _review_page(request, outcome_id, None, form)
    try:
        outcome = operations.hold_back_outcome(
            actor=request.actor, outcome_id=outcome_id, reason=form.reason()
        )
    except Invalid as refusal:
        form.add_error("words", refusal.whole)
        return _review_page(request, outcome_id, None, form)
    return _on(request, outcome, _("已記錄：退回。發佈之前學生看不到，也可以復原。"))


def _on(request: SchoolRequest, outcome: Outcome, text: str) -> HttpResponse:
    """To the next outcome that waits, or to what can be published when none does."""
    messages.success(request, text)
    course = _course(request)
    following = queries.next_waiting(request.actor, outcome, course=course)
    if following is None:
        messages.info(request, _("都看完了。發佈之後，學生才會看到結果。"))
        return redirect("outcomes:publish")
    address = reverse("outcomes:review", args=[following])
    return redirect(f"{address}?course={course}" if course.isdigit() else address)


@require_POST
def undo(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Take an unpublished decision back."""
    operations.undo_decision(actor=request.actor, outcome_id=outcome_id)
    messages.success(request, _("已復原，這件成果回到待認證。"))
    return redirect("outcomes:review", outcome_id)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: SchoolRequest) -> HttpResponse:
    """Show exactly what would be published; publish what was named."""
    if request.method != "POST":
        return _publish_page(request, "", 200)
    try:
        ids = [UUID(text) for text in request.POST.getlist("outcome")]
    except ValueError as unreadable:
        raise NotFound from unreadable
    try:
        told = operations.publish_decisions(actor=request.actor, outcome_ids=ids)
    except Invalid as refusal:
        return _publish_page(request, refusal.whole, refusal.status)
    messages.success(request, _("已發佈 %(n)d 件結果，學生現在看得到了。") % {"n": len(told)})
    return redirect("outcomes:queue")


def _publish_page(request: SchoolRequest, refused: str, status: int) -> HttpResponse:
    rows = queries.decisions_to_publish(request.actor)
    _note_list(request, rows)
    passed = sum(row.is_pass for row in rows)
    context = {"rows": rows, "passed": passed, "returned": len(rows) - passed, "refused": refused}
    return render(request, "outcomes/publish.html", context, status=status)
