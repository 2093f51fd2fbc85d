import json
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.authz import require
from licheng.foundations.errors import DomainError, NotAllowed, NotFound, StepUpNeeded
from licheng.foundations.requests import PersonRequest
from licheng.school.calendar.models import WindowKind
from licheng.school.governance import operations, permissions
from licheng.school.governance.errors import BadValue
from licheng.school.governance.forms import ExtensionForm, MinutesForm, SettingsForm
from licheng.school.governance.queries import extensions_page, history_page, settings_page
from licheng.school.governance.queries.proposals import proposal, read_moment
from licheng.school.governance.values import Value, label_of
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks

ANSWERED_ELSEWHERE = (NotFound, NotAllowed, StepUpNeeded)  # pages of their own, not a sentence in the form


@require_http_methods(["GET", "POST"])
def settings(request: PersonRequest) -> HttpResponse:
    """The settings of the year; sent back, they become a preview that changes nothing."""
    shown = settings_page(request.actor)
    is_sent = request.method == "POST"
    form = SettingsForm((*shown.caps, *shown.windows), request.POST if is_sent else None)
    if is_sent:
        require(request.actor, permissions.SET, shown.school)
        if form.is_valid():
            try:
                changes = proposal(shown.school.place, form.wanted())
            except DomainError as refusal:
                form.add_error(None, refusal.whole)
            else:
                seen = json.dumps({one.setting: one.old for one in changes})
                wanted = json.dumps({one.setting: one.new for one in changes})
                context = {"changes": changes, "minutes": form.cleaned_data["minutes"]}
                return render(request, "governance/preview.html", {**context, "seen": seen, "wanted": wanted})
    status = 422 if form.errors else 200
    context = {"shown": shown, "form": form}
    return render(request, "governance/settings.html", context, status=status)


@require_POST
def apply(request: PersonRequest) -> HttpResponse:
    """Apply what the preview showed."""
    changed = operations.change_settings(
        actor=request.actor,
        minutes=request.POST.get("minutes", ""),
        wanted=_values(request.POST.get("wanted", "")),
        seen=_values(request.POST.get("seen", "")),
    )
    messages.success(request, _("已套用 %(n)d 項設定。") % {"n": len(changed)})
    return redirect("governance:history")


def _values(text: str) -> Mapping[str, Value]:
    """Settings as the preview wrote them. Raises BadValue for anything else."""
    try:
        values = json.loads(text)
    except ValueError as wrong:
        raise BadValue(setting=_("預覽")) from wrong
    if not isinstance(values, dict):
        raise BadValue(setting=_("預覽"))
    return values


@require_GET
def history(request: PersonRequest) -> HttpResponse:
    """Who decided what, when, by which minutes."""
    shown = history_page(request.actor, request.GET.get("page", ""))
    return render(request, "governance/history.html", {"shown": shown, "form": MinutesForm()})


@require_POST
def undo(request: PersonRequest, change_id: int) -> HttpResponse:
    """Set one setting back."""
    change = operations.undo_change(
        actor=request.actor, change_id=change_id, minutes=request.POST.get("minutes", "")
    )
    messages.success(request, _("「%(setting)s」已改回。") % {"setting": label_of(change.setting)})
    return redirect("governance:history")


@require_http_methods(["GET", "POST"])
def extensions(request: PersonRequest) -> HttpResponse:
    """Who got a later end, and the form that gives one."""
    shown = extensions_page(request.actor, request.GET.get("page", ""))
    form = ExtensionForm(shown.classes, request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            operations.extend_window(
                actor=request.actor,
                kind=WindowKind(given["kind"]),
                closes_at=read_moment(_("延長到"), given["closes_at"]),
                reason=given["reason"],
                class_id=given["class_id"],
                account=given["account"],
            )
        except ANSWERED_ELSEWHERE:
            raise
        except DomainError as refusal:
            form.add_error(None, refusal.whole)
        else:
            messages.success(request, _("已延長。"))
            return redirect("governance:extensions")
    note_looks(actor=request.actor, student_ids=shown.people_named, what=LookedAt.PERSON)
    status = 422 if form.errors else 200
    context = {"shown": shown, "form": form}
    return render(request, "governance/extensions.html", context, status=status)


@require_POST
def withdraw(request: PersonRequest, extension_id: int) -> HttpResponse:
    """Take an extension back."""
    operations.withdraw_extension(actor=request.actor, extension_id=extension_id)
    messages.success(request, _("已取消延長。"))
    return redirect("governance:extensions")
