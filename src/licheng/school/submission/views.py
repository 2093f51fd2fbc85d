from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licheng.foundations.errors import NotFound
from licheng.foundations.limits.counted import counted
from licheng.school.people.actors import SchoolRequest
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks
from licheng.school.people.who import who_page
from licheng.school.submission.forms import SealForm
from licheng.school.submission.operations import discard_batch, seal_batch, submit_batch
from licheng.school.submission.operations.sealing import package_path
from licheng.school.submission.queries import (
    Precheck,
    batch_readers,
    batch_seen_by,
    batch_to_keep,
    batches_seen_by,
    items_of,
    line_of,
    may_keep,
    precheck,
)


def _crumbs(*last: str) -> list[dict[str, str]]:
    return [
        {"url": reverse("submission:console"), "label": _("提交")},
        *({"url": "", "label": one} for one in last),
    ]


@require_safe
def console(request: SchoolRequest) -> HttpResponse:
    """What would be sent now, what stands in its way, and every batch so far."""
    report = _report(request)
    form = SealForm()
    form.fields["open_matters_known"].required = bool(report.open_matters)
    context = {"report": report, "lines": batches_seen_by(request.actor), "form": form}
    return render(request, "submission/console.html", context)


def _report(request: SchoolRequest) -> Precheck:
    report = precheck(request.actor, request.school)
    note_looks(actor=request.actor, student_ids=report.students_named, what=LookedAt.SELECTION)
    return report


@require_safe
def precheck_page(request: SchoolRequest) -> HttpResponse:
    """The pre-check by class."""
    report = _report(request)
    return render(request, "submission/precheck.html", {"report": report, "breadcrumbs": _crumbs(_("預檢"))})


@require_POST
@counted("submission.seal", times=60)
def seal(request: SchoolRequest) -> HttpResponse:
    """Seal what is selected now."""
    form = SealForm(request.POST)
    form.full_clean()
    batch = seal_batch(actor=request.actor, open_matters_known=form.cleaned_data["open_matters_known"])
    messages.success(request, _("已開始封裝；完成後就可以提交。"))
    return redirect("submission:batch", batch.pk)


@require_safe
def batch(request: SchoolRequest, batch_id: str) -> HttpResponse:
    """One batch: where it is, what it holds, what the archive said. Polled while it moves."""
    found = batch_seen_by(request.actor, batch_id)
    items = items_of(found)
    context = {"line": line_of(found, len(items)), "items": items, "breadcrumbs": _crumbs(_("批次"))}
    context["may_keep"] = found.sealed_at is not None and may_keep(request.actor, found)
    if not request.headers.get("HX-Request"):  # the polled part names nobody
        students = (item.student_id for item in items)
        note_looks(actor=request.actor, student_ids=students, what=LookedAt.SELECTION)
    template = "submission/batch.html#state" if request.headers.get("HX-Request") else "submission/batch.html"
    return render(request, template, context)


@require_POST
def submit(request: SchoolRequest, batch_id: str) -> HttpResponse:
    """Send a sealed batch to the archive."""
    submit_batch(actor=request.actor, batch_id=batch_id)
    messages.success(request, _("已交給系統傳送；這一頁會自動更新進度。"))
    return redirect("submission:batch", batch_id)


@require_POST
def discard(request: SchoolRequest, batch_id: str) -> HttpResponse:
    """Take a sealed batch back."""
    discard_batch(actor=request.actor, batch_id=batch_id)
    messages.success(request, _("這一批已取消，學生可以重新勾選。"))
    return redirect("submission:console")


@require_safe
@counted("submission.package", times=60, methods=frozenset({"GET"}))
def package(request: SchoolRequest, batch_id: str) -> FileResponse:
    """The sealed package, for the school's own keeping; it opens with the password only."""
    found = batch_to_keep(request.actor, batch_id)
    path = package_path(found)
    if not path.is_file():
        raise NotFound
    students = (item.student_id for item in items_of(found))
    note_looks(actor=request.actor, student_ids=students, what=LookedAt.EXPORT)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{found.school.code}-{found.pk}.zip")


@require_safe
def who(request: SchoolRequest, batch_id: str) -> HttpResponse:
    """Who may see this batch."""
    return who_page(
        request,
        batch_readers(request.actor, batch_id),
        what=_("這一批提交"),
        back=reverse("submission:batch", args=[batch_id]),
    )
